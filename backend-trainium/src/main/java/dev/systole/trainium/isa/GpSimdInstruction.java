package dev.systole.trainium.isa;

import java.util.List;

/** What GpSimd alone does. */
public sealed interface GpSimdInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.GPSIMD;
    }

    /**
     * {@code d[p][i] = base + p * channelMultiplier + sum of steps[j] * index[j]} in int32, then converted; the indices run over
     * the dimensions of {@code to}.
     */
    record Iota(Access to, int base, int channelMultiplier, List<Integer> steps) implements GpSimdInstruction {
        public Iota {
            steps = List.copyOf(steps);
        }

        @Override
        public Iota through(Fields f) {
            return new Iota(
                    f.to("dst", to),
                    (int) f.integer("offset", base),
                    (int) f.integer("channel_multiplier", channelMultiplier),
                    f.integers("pattern", steps));
        }
    }

    /** {@code d = compare(v, 0) ? data : otherwise}, v as in {@link Iota} over the dimensions of {@code data}. */
    record AffineSelect(
            Access to,
            Access data,
            int base,
            int channelMultiplier,
            List<Integer> steps,
            AluOp compare,
            float otherwise)
            implements GpSimdInstruction {
        public AffineSelect {
            steps = List.copyOf(steps);
        }

        @Override
        public AffineSelect through(Fields f) {
            return new AffineSelect(
                    f.to("dst", to),
                    f.from("on_true", data),
                    (int) f.integer("offset", base),
                    (int) f.integer("channel_multiplier", channelMultiplier),
                    f.integers("pattern", steps),
                    f.op("cmp_op", compare),
                    f.real("on_false", otherwise));
        }
    }
}
