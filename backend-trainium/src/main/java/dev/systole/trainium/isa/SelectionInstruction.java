package dev.systole.trainium.isa;

import java.util.Optional;

/** What VectorE does to find, keep and replace elements. Comparisons are of fp32 values; NaN equals nothing. */
public sealed interface SelectionInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.VECTOR;
    }

    /** The 8 largest elements of a row, largest first; NaN counts as larger than every number. */
    record Max8(Access to, Access data) implements SelectionInstruction {
        @Override
        public Max8 through(Fields f) {
            return new Max8(f.to("dst", to), f.from("src", data));
        }
    }

    /**
     * For each of 8 values the place of an element that equals it: the first one that no earlier of equal values has; all bits set where
     * there is none.
     *
     * @param to [P, 8] of uint16 or uint32
     * @param values [P, 8]
     */
    record NcFindIndex8(Access to, Access data, Access values) implements SelectionInstruction {
        @Override
        public NcFindIndex8 through(Fields f) {
            return new NcFindIndex8(f.to("dst", to), f.from("data", data), f.from("vals", values));
        }
    }

    /**
     * A copy of a row with up to 8 elements replaced: for each of 8 values, last one first, the first element that equals it and was not
     * replaced yet.
     *
     * @param values [P, 8]
     * @param index [P, 8] of uint16 or uint32: the places, all bits set where there is none
     */
    record NcMatchReplace8(Access to, Access data, Access values, float replacement, Optional<Access> index)
            implements SelectionInstruction {
        @Override
        public NcMatchReplace8 through(Fields f) {
            return new NcMatchReplace8(
                    f.to("dst", to),
                    f.from("data", data),
                    f.from("vals", values),
                    f.real("imm", replacement),
                    f.to("dst_idx", index));
        }
    }

    /**
     * {@code d = predicate != 0 ? onTrue : onFalse}, and with a command the maximum of a row in its accumulator.
     *
     * @param predicate 8- or 16-bit integers
     * @param reduceTo [P, 1], where the accumulator is stored if it is given
     */
    record SelectReduce(
            Access to,
            Access predicate,
            Access onTrue,
            Scalar onFalse,
            ReduceCommand command,
            Optional<Access> reduceTo)
            implements SelectionInstruction {
        @Override
        public SelectReduce through(Fields f) {
            return new SelectReduce(
                    f.to("dst", to),
                    f.from("predicate", predicate),
                    f.from("on_true", onTrue),
                    f.scalar("on_false", onFalse),
                    f.command("reduce_cmd", command, ReduceCommand.IDLE),
                    f.to("reduce_res", reduceTo));
        }
    }

    /**
     * {@code d[i] = ((start + i) compare0 bound0) and ((start + i) compare1 bound1) ? onTrue[i] : -3.4028235e38} (v3 on), and with a command
     * the maximum of a row in its accumulator.
     *
     * @param bound0 [P, 1] of f32
     * @param bound1 [P, 1] of f32
     * @param reduceTo [P, 1], where the accumulator is stored if it is given
     */
    record RangeSelect(
            Access to,
            Access onTrue,
            AluOp compare0,
            Access bound0,
            AluOp compare1,
            Access bound1,
            long start,
            ReduceCommand command,
            Optional<Access> reduceTo)
            implements SelectionInstruction {
        /** What stands where the range is left. */
        public static final float ON_FALSE = -Float.MAX_VALUE;

        @Override
        public RangeSelect through(Fields f) {
            return new RangeSelect(
                    f.to("dst", to),
                    f.from("on_true_tile", onTrue),
                    f.op("comp_op0", compare0),
                    f.from("bound0", bound0),
                    f.op("comp_op1", compare1),
                    f.from("bound1", bound1),
                    f.integer("range_start", start, 0),
                    f.command("reduce_cmd", command, ReduceCommand.IDLE),
                    f.to("reduce_res", reduceTo));
        }
    }
}
