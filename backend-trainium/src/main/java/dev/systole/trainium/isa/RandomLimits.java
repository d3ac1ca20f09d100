package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

import dev.systole.ir.type.DType;

/** The limits of random numbers. */
final class RandomLimits {
    private final Checks c;

    RandomLimits(Checks c) {
        this.c = c;
    }

    void check(RandomInstruction instruction) {
        switch (instruction) {
            case RandomInstruction.Rng i -> {
                require(
                        i.engine() == Engine.VECTOR || i.engine() == Engine.GPSIMD && c.target.generation() >= 3,
                        "rng runs on vector, from v3 on also on gpsimd [ISA]",
                        i.engine() + " of v" + c.target.generation());
                c.write(i.to(), i.engine());
                require(i.to().dtype().isInteger(), "rng writes integers [ISA]", i.to().dtype());
            }
            case RandomInstruction.Rand2 i -> {
                c.since(4, "rand2");
                c.write(i.to(), Engine.VECTOR);
                c.scalar(i.minimum(), i.to(), Engine.VECTOR);
                c.scalar(i.maximum(), i.to(), Engine.VECTOR);
                require(i.to().dtype().isFloat(), "rand2 writes floats [ISA]", i.to().dtype());
            }
            case RandomInstruction.Dropout i -> {
                c.read(i.data(), Engine.VECTOR);
                c.write(i.to(), Engine.VECTOR);
                Checks.elementwise(i.to(), i.data());
                c.scalar(i.probability(), i.data(), Engine.VECTOR);
                require(
                        i.to().dtype() == i.data().dtype(),
                        "dropout keeps the type [ISA]",
                        i.data().dtype() + " to " + i.to().dtype());
            }
            case RandomInstruction.SetRngSeed i -> {
                c.read(i.from(), Engine.VECTOR);
                require(
                        i.from().elements() == 1 && Checks.isWord(i.from()),
                        "a seed is one 32-bit word [ISA]",
                        i.from());
            }
            case RandomInstruction.RandSetState i -> {
                c.read(i.from(), i.engine());
                state(i.engine(), i.from());
            }
            case RandomInstruction.RandGetState i -> {
                c.write(i.to(), i.engine());
                state(i.engine(), i.to());
            }
        }
    }

    private void state(Engine engine, Access a) {
        boolean has = engine == Engine.GPSIMD && c.target.generation() >= 3
                || engine == Engine.VECTOR && c.target.generation() >= 4;
        require(
                has,
                "states are gpsimd's from v3 on and vector's from v4 on [ISA]",
                engine + " of v" + c.target.generation());
        long words = engine == Engine.GPSIMD ? 6 : 24;
        require(
                a.free() == words && a.dtype() == DType.U32,
                "the state of " + engine + " is " + words + " u32 a partition [ISA]",
                a.dtype() + " by " + a.free());
    }
}
