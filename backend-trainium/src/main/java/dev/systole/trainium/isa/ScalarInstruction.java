package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import java.util.Optional;

/** What ScalarE alone does. */
public sealed interface ScalarInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.SCALAR;
    }

    /**
     * {@code d[p][i] = f(data[p][i] * scale + bias[p])}, one fused multiply-add before the function, and with a command the sum of a row,
     * before it is rounded, in its accumulator.
     *
     * @param bias [P, 1], 0 without it
     */
    record Activation(
            Access to,
            ActivationFunction function,
            Access data,
            Scalar scale,
            Optional<Access> bias,
            ReduceCommand command)
            implements ScalarInstruction {
        /** An activation that leaves the accumulators alone. */
        public static Activation of(
                Access to, ActivationFunction function, Access data, Scalar scale, Optional<Access> bias) {
            return new Activation(to, function, data, scale, bias, ReduceCommand.IDLE);
        }

        @Override
        public Activation through(Fields f) {
            return new Activation(
                    f.to("dst", to),
                    f.function("op", function),
                    f.from("data", data),
                    f.scalar("scale", scale, Scalar.ONE),
                    f.from("bias", bias),
                    f.command("reduce_cmd", command, ReduceCommand.IDLE));
        }
    }

    /**
     * An {@link Activation} whose results are also summed in element order, before they are rounded to the destination's type:
     * {@code reduceTo[p] = sum of d[p][i]}, which the accumulators hold afterwards.
     */
    record ActivationReduce(
            Access to, ActivationFunction function, Access data, Scalar scale, Optional<Access> bias, Access reduceTo)
            implements ScalarInstruction {
        @Override
        public ActivationReduce through(Fields f) {
            return new ActivationReduce(
                    f.to("dst", to),
                    f.function("op", function),
                    f.from("data", data),
                    f.scalar("scale", scale, Scalar.ONE),
                    f.from("bias", bias),
                    f.to("reduce_res", reduceTo));
        }
    }

    /** Stores the accumulators: {@code d[p] = r[p]}. */
    record ActReadAccumulator(Access to) implements ScalarInstruction {
        @Override
        public ActReadAccumulator through(Fields f) {
            return new ActReadAccumulator(f.to("dst", to));
        }
    }

    /**
     * {@code d = f((data op0 operand0) op1 operand1)} (v4); a reversed operator takes its operand on the left. With a command the results of a
     * row, before they are rounded, are reduced into its accumulator.
     *
     * @param op0 multiply, add, subtract or bypass
     * @param op1 add or subtract behind multiply, else bypass
     * @param reduce add, maximum, minimum, abs_max or abs_min
     * @param reduceTo [P, 1], where the accumulator is stored if it is given
     */
    record Activate2(
            Access to,
            ActivationFunction function,
            Access data,
            AluOp op0,
            Scalar operand0,
            boolean reverse0,
            AluOp op1,
            Scalar operand1,
            boolean reverse1,
            AluOp reduce,
            ReduceCommand command,
            Optional<Access> reduceTo)
            implements ScalarInstruction {
        @Override
        public Activate2 through(Fields f) {
            return new Activate2(
                    f.to("dst", to),
                    f.function("op", function),
                    f.from("data", data),
                    f.op("op0", op0, AluOp.BYPASS),
                    f.scalar("imm0", operand0, Scalar.ZERO),
                    f.flag("reverse0", reverse0),
                    f.op("op1", op1, AluOp.BYPASS),
                    f.scalar("imm1", operand1, Scalar.ZERO),
                    f.flag("reverse1", reverse1),
                    f.op("reduce_op", reduce, AluOp.ADD),
                    f.command("reduce_cmd", command, ReduceCommand.IDLE),
                    f.to("reduce_res", reduceTo));
        }
    }
}
