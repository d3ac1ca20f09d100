package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What VectorE does; a few of these run on GpSimd or ScalarE, too, and name their engine. */
public sealed interface VectorInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.VECTOR;
    }

    /** VectorE or GpSimd: {@code d[p][i] = a[p][i] op b[p][i]}. On GpSimd int32 and uint32 are exact. */
    record TensorTensor(Engine engine, Access to, Access a, AluOp op, Access b) implements VectorInstruction {
        @Override
        public TensorTensor through(Fields f) {
            return new TensorTensor(
                    f.engine(engine), f.to("dst", to), f.from("data1", a), f.op("op", op), f.from("data2", b));
        }
    }

    /**
     * VectorE or GpSimd (ScalarE from v3 for multiply and add): {@code d = (data op0 operand0) op1 operand1}; a reversed
     * operator takes its scalar on the left. {@code op1} may be {@link AluOp#BYPASS}.
     */
    record TensorScalar(
            Engine engine,
            Access to,
            Access data,
            AluOp op0,
            Scalar operand0,
            boolean reverse0,
            AluOp op1,
            Scalar operand1,
            boolean reverse1)
            implements VectorInstruction {
        @Override
        public TensorScalar through(Fields f) {
            return new TensorScalar(
                    f.engine(engine),
                    f.to("dst", to),
                    f.from("data", data),
                    f.op("op0", op0),
                    f.scalar("operand0", operand0),
                    f.flag("reverse0", reverse0),
                    f.op("op1", op1, AluOp.BYPASS),
                    f.scalar("operand1", operand1, Scalar.ZERO),
                    f.flag("reverse1", reverse1));
        }
    }

    /** {@code d = (data op0 operand0) op1 tensor}. */
    record ScalarTensorTensor(Access to, Access data, AluOp op0, Scalar operand0, AluOp op1, Access tensor)
            implements VectorInstruction {
        @Override
        public ScalarTensorTensor through(Fields f) {
            return new ScalarTensorTensor(
                    f.to("dst", to),
                    f.from("data", data),
                    f.op("op0", op0),
                    f.scalar("operand0", operand0),
                    f.op("op1", op1),
                    f.from("operand1", tensor));
        }
    }

    /**
     * Reduces the last {@code axes} free dimensions in element order, starting from the first element.
     *
     * @param to one element for each element of the remaining dimensions
     * @param negate the result is negated
     */
    record TensorReduce(Access to, AluOp op, Access data, int axes, boolean negate) implements VectorInstruction {
        @Override
        public TensorReduce through(Fields f) {
            return new TensorReduce(
                    f.to("dst", to),
                    f.op("op", op),
                    f.from("data", data),
                    f.word("axes", axes),
                    f.flag("negate", negate));
        }
    }

    /** {@code d[0] = (a[0] op0 initial) op1 b[0]; d[i] = (a[i] op0 d[i-1]) op1 b[i]}, the running value in fp32. */
    record TensorTensorScan(Access to, Access a, Access b, Scalar initial, AluOp op0, AluOp op1)
            implements VectorInstruction {
        @Override
        public TensorTensorScan through(Fields f) {
            return new TensorTensorScan(
                    f.to("dst", to),
                    f.from("data0", a),
                    f.from("data1", b),
                    f.scalar("initial", initial),
                    f.op("op0", op0),
                    f.op("op1", op1));
        }
    }

    /** VectorE, GpSimd or (from v3) ScalarE: {@code d = s}: the raw bits if the types are equal, else through fp32. */
    record TensorCopy(Engine engine, Access to, Access from) implements VectorInstruction {
        @Override
        public TensorCopy through(Fields f) {
            return new TensorCopy(f.engine(engine), f.to("dst", to), f.from("src", from));
        }
    }

    /** Where the predicate (an unsigned integer) is nonzero {@code d = s}, else d stays. Types of d and s are equal. */
    record TensorCopyPredicated(Access to, Access from, Access predicate) implements VectorInstruction {
        @Override
        public TensorCopyPredicated through(Fields f) {
            return new TensorCopyPredicated(f.update("dst", to), f.from("src", from), f.from("predicate", predicate));
        }
    }

    /** VectorE or GpSimd: {@code d = value}, rounded to the type of d. */
    record Memset(Engine engine, Access to, float value) implements VectorInstruction {
        @Override
        public Memset through(Fields f) {
            return new Memset(f.engine(engine), f.to("dst", to), f.real("value", value));
        }
    }

    /** {@code d = 1 / data}. */
    record Reciprocal(Access to, Access data) implements VectorInstruction {
        @Override
        public Reciprocal through(Fields f) {
            return new Reciprocal(f.to("dst", to), f.from("data", data));
        }
    }

    /** For every 32 x 32 block {@code d[f][p] = s[p][f]}, raw bits; at most one block in each direction. */
    record NcTranspose(Access to, Access from) implements VectorInstruction {
        @Override
        public NcTranspose through(Fields f) {
            return new NcTranspose(f.to("dst", to), f.from("data", from));
        }
    }

    /**
     * {@code d = data op0 operand0}, and the results of a row, before they are rounded, reduced in element order.
     *
     * @param reduceTo [P, 1]
     */
    record TensorScalarReduce(
            Access to, Access data, AluOp op0, Scalar operand0, boolean reverse0, AluOp reduce, Access reduceTo)
            implements VectorInstruction {
        @Override
        public TensorScalarReduce through(Fields f) {
            return new TensorScalarReduce(
                    f.to("dst", to),
                    f.from("data", data),
                    f.op("op0", op0),
                    f.scalar("operand0", operand0),
                    f.flag("reverse0", reverse0),
                    f.op("reduce_op", reduce),
                    f.to("reduce_res", reduceTo));
        }
    }

    /**
     * {@code d[i] = r = (data[i] op0 operand0) op1 r}, r being the partition's accumulator, which starts as {@code command} says.
     *
     * @param operand1 what {@link ReduceCommand#LOAD_REDUCE} loads
     */
    record TensorScalarCumulative(
            Access to, Access data, AluOp op0, Scalar operand0, AluOp op1, ReduceCommand command, Scalar operand1)
            implements VectorInstruction {
        @Override
        public TensorScalarCumulative through(Fields f) {
            return new TensorScalarCumulative(
                    f.to("dst", to),
                    f.from("src", data),
                    f.op("op0", op0),
                    f.scalar("imm0", operand0),
                    f.op("op1", op1),
                    f.command("reduce_cmd", command, ReduceCommand.RESET_REDUCE),
                    f.scalar("imm1", operand1, Scalar.ZERO));
        }
    }

    /**
     * {@code d = exp(data - maximum)} (v4), and with a command the sum of a row in its accumulator.
     *
     * @param reduceTo [P, 1], where the accumulator is stored if it is given
     */
    record Exponential(Access to, Access data, Scalar maximum, ReduceCommand command, Optional<Access> reduceTo)
            implements VectorInstruction {
        @Override
        public Exponential through(Fields f) {
            return new Exponential(
                    f.to("dst", to),
                    f.from("src", data),
                    f.scalar("max_value", maximum, Scalar.ZERO),
                    f.command("reduce_cmd", command, ReduceCommand.IDLE),
                    f.to("reduce_res", reduceTo));
        }
    }

    /**
     * Within each quadrant of 32 partitions {@code d[p] = s[mask[p]]}, raw bits; where the mask is 255 d stays.
     *
     * @param mask 32 partitions of a quadrant, or 255
     */
    record NcStreamShuffle(Access to, Access from, List<Integer> mask) implements VectorInstruction {
        public NcStreamShuffle {
            mask = List.copyOf(mask);
        }

        @Override
        public NcStreamShuffle through(Fields f) {
            boolean keeps = mask.contains(255);
            return new NcStreamShuffle(
                    keeps ? f.update("dst", to) : f.to("dst", to),
                    f.from("src", from),
                    f.integers("shuffle_mask", mask));
        }
    }

    /**
     * Six values of a row: number, mean and sum of squared distances from the mean of the elements at even places, then of those at
     * odd ones; two passes in fp32, in element order.
     */
    record BnStats(Access to, Access data) implements VectorInstruction {
        @Override
        public BnStats through(Fields f) {
            return new BnStats(f.to("dst", to), f.from("data", data));
        }
    }

    /**
     * Mean and population variance of triples (n, mean, M2) as {@link BnStats} gives them: {@code mean = sum(n * mean) / sum n; var =
     * (sum M2 + sum n * (mean_i - mean)^2) / sum n}.
     */
    record BnAggr(Access to, Access data) implements VectorInstruction {
        @Override
        public BnAggr through(Fields f) {
            return new BnAggr(f.to("dst", to), f.from("data", data));
        }
    }

    /**
     * Microscaling (v4): of each block of 8 partitions by 4 elements the scale {@code X = 2^(floor(log2 max|v|) - (Emax - 1))}, 2^-127 of
     * a block of zeros, and the elements {@code v / X} rounded to the packed type's; Emax is 8 of e4m3fn and 15 of e5m2.
     *
     * @param to [P, F / 4] of a packed type
     * @param scale rows of scales, as {@link TensorInstruction.NcMatmulMx} reads them
     */
    record QuantizeMx(Access to, Access data, Access scale) implements VectorInstruction {
        @Override
        public QuantizeMx through(Fields f) {
            return new QuantizeMx(f.to("dst", to), f.from("src", data), f.to("dst_scale", scale));
        }

        /** Of the scales only the rows of blocks. */
        @Override
        public List<Access> writes() {
            var list = new ArrayList<Access>();
            list.add(to);
            list.addAll(Scales.rows(scale));
            return list;
        }
    }
}
