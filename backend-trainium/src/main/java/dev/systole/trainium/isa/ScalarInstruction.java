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
     * {@code d[p][i] = f(data[p][i] * scale + bias[p])}, one fused multiply-add before the function.
     *
     * @param bias [P, 1], 0 without it
     */
    record Activation(Access to, ActivationFunction function, Access data, Scalar scale, Optional<Access> bias)
            implements ScalarInstruction {
        @Override
        public Activation through(Fields f) {
            return new Activation(
                    f.to("dst", to),
                    f.function("op", function),
                    f.from("data", data),
                    f.scalar("scale", scale, Scalar.ONE),
                    f.from("bias", bias));
        }
    }

    /**
     * An {@link Activation} whose results are also summed in element order, before they are rounded to the destination's type:
     * {@code reduceTo[p] = sum of d[p][i]}.
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
}
