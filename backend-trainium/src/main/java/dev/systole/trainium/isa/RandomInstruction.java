package dev.systole.trainium.isa;

/**
 * Random numbers. Every partition of VectorE and GpSimd has a generator of its own (assumed, as the documentation does not give them): VectorE
 * before v4 a linear feedback shift register of 32 bits, x^32 + x^22 + x^2 + x + 1, that moves 32 places an element; GpSimd, and VectorE
 * four times from v4 on (element i takes generator i mod 4), Marsaglia's xorwow. Elements are drawn in access order.
 */
public sealed interface RandomInstruction extends Instruction {

    /** {@code d} = the low bits of 32 random ones, in an integer type. VectorE; GpSimd from v3 on. */
    record Rng(Engine engine, Access to) implements RandomInstruction {
        @Override
        public Rng through(Fields f) {
            return new Rng(f.engine(engine), f.to("dst", to));
        }
    }

    /** Uniform numbers (v4): {@code d = minimum + u * (maximum - minimum)}, u = the upper 24 of 32 random bits times 2^-24. */
    record Rand2(Access to, Scalar minimum, Scalar maximum) implements RandomInstruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public Rand2 through(Fields f) {
            return new Rand2(f.to("dst", to), f.scalar("min", minimum), f.scalar("max", maximum));
        }
    }

    /** {@code d = data}, or 0 where the upper 24 of 32 random bits times 2^-24 are below the probability. */
    record Dropout(Access to, Access data, Scalar probability) implements RandomInstruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public Dropout through(Fields f) {
            return new Dropout(f.to("dst", to), f.from("data", data), f.scalar("prob", probability));
        }
    }

    /** Seeds the generators of all partitions of VectorE from one 32-bit word: word w of partition p is the (w + 1)-th output of splitmix64
     * from {@code seed * 2^32 + p}, its upper half; 1 instead of 0. */
    record SetRngSeed(Access from) implements RandomInstruction {
        @Override
        public Engine engine() {
            return Engine.VECTOR;
        }

        @Override
        public SetRngSeed through(Fields f) {
            return new SetRngSeed(f.from("src", from));
        }
    }

    /** Loads the xorwow generators: six words a generator, x y z w v d; GpSimd from v3 on has one, VectorE from v4 on has four. */
    record RandSetState(Engine engine, Access from) implements RandomInstruction {
        @Override
        public RandSetState through(Fields f) {
            return new RandSetState(f.engine(engine), f.from("src_seeds", from));
        }
    }

    /** Stores what {@link RandSetState} loads. */
    record RandGetState(Engine engine, Access to) implements RandomInstruction {
        @Override
        public RandGetState through(Fields f) {
            return new RandGetState(f.engine(engine), f.to("dst", to));
        }
    }
}
