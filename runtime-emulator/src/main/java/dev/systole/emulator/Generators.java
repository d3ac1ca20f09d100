package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.RandomInstruction;
import java.util.Arrays;

/** The random generators of VectorE and GpSimd, and what the instructions that draw from them do to memory. Mutable. */
final class Generators {
    private static final float UNIT = 0x1p-24f;
    private static final int XORWOW_WORDS = 6;

    private final Rows r;
    private final Generator vector;
    private final Generator gpSimd;

    /** The generators of one engine: words of state by partition. */
    private abstract static class Generator {
        final int[][] words;
        private final boolean[] seeded;

        Generator(int partitions, int count) {
            words = new int[partitions][count];
            seeded = new boolean[partitions];
        }

        void set(int partition, long[] state) {
            for (int i = 0; i < state.length; i++) {
                words[partition][i] = (int) state[i];
            }
            seeded[partition] = true;
        }

        /** The next 32 bits for element {@code i} of an instruction. */
        int next(int partition, int i) {
            return draw(state(partition), i);
        }

        /** The words of a partition's state. */
        int[] state(int partition) {
            if (!seeded[partition]) {
                throw new EmulatorException(
                        "SYS5015", "the random generator of partition " + partition + " was not seeded");
            }
            return words[partition];
        }

        abstract int draw(int[] state, int i);

        void clear() {
            Arrays.fill(seeded, false);
        }
    }

    /** x^32 + x^22 + x^2 + x + 1, moved on by 32 places for each element. */
    private static final class ShiftRegister extends Generator {
        private static final int TAPS = 0x80200003;

        ShiftRegister(int partitions) {
            super(partitions, 1);
        }

        @Override
        int draw(int[] state, int i) {
            int x = state[0];
            for (int k = 0; k < Integer.SIZE; k++) {
                x = x >>> 1 ^ -(x & 1) & TAPS;
            }
            state[0] = x;
            return x;
        }
    }

    /** Marsaglia's xorwow, several a partition that take turns. */
    private static final class Xorwow extends Generator {
        private final int count;

        Xorwow(int partitions, int count) {
            super(partitions, count * XORWOW_WORDS);
            this.count = count;
        }

        @Override
        int draw(int[] state, int i) {
            int at = i % count * XORWOW_WORDS;
            int t = state[at] ^ state[at] >>> 2;
            System.arraycopy(state, at + 1, state, at, 4);
            int v = state[at + 3];
            state[at + 4] = v ^ v << 4 ^ t ^ t << 1;
            state[at + 5] += 362437;
            return state[at + 4] + state[at + 5];
        }
    }

    Generators(Rows r, Target target) {
        int partitions = target.memory().partitions();
        this.r = r;
        this.vector = target.generation() >= 4 ? new Xorwow(partitions, 4) : new ShiftRegister(partitions);
        this.gpSimd = new Xorwow(partitions, 1);
    }

    /** Forgets all states, as before a run. */
    void clear() {
        vector.clear();
        gpSimd.clear();
    }

    private Generator of(Engine engine) {
        return engine == Engine.GPSIMD ? gpSimd : vector;
    }

    Runnable decode(RandomInstruction instruction) {
        return switch (instruction) {
            case RandomInstruction.Rng i -> {
                var to = r.operand(i.to());
                var generator = of(i.engine());
                yield r.rows(to, (s, p) -> {
                    var bits = new long[to.free];
                    for (int k = 0; k < bits.length; k++) {
                        bits[k] = generator.next(to.partition(p), k);
                    }
                    to.writeIntegers(p, bits);
                });
            }
            case RandomInstruction.Rand2 i -> {
                var to = r.operand(i.to());
                var minimum = r.scalar(i.minimum());
                var maximum = r.scalar(i.maximum());
                yield r.rows(to, (s, p) -> {
                    float low = minimum.at(p);
                    float range = maximum.at(p) - low;
                    for (int k = 0; k < to.free; k++) {
                        s.row[k] = low + uniform(vector.next(to.partition(p), k)) * range;
                    }
                    to.writeFloats(p, s.row, 0);
                });
            }
            case RandomInstruction.Dropout i -> {
                var to = r.operand(i.to());
                var data = r.operand(i.data());
                var probability = r.scalar(i.probability());
                yield r.rows(data, (s, p) -> {
                    data.readFloats(p, s.row, 0);
                    for (int k = 0; k < data.free; k++) {
                        boolean drops = uniform(vector.next(data.partition(p), k)) < probability.at(p);
                        s.row[k] = drops ? 0 : s.row[k];
                    }
                    to.writeFloats(p, s.row, 0);
                });
            }
            case RandomInstruction.SetRngSeed i -> {
                var from = r.operand(i.from());
                yield () -> {
                    var seed = new long[1];
                    from.readIntegers(0, seed);
                    for (int p = 0; p < vector.words.length; p++) {
                        vector.set(p, seeds(seed[0] & 0xFFFFFFFFL, p, vector.words[p].length));
                    }
                };
            }
            case RandomInstruction.RandSetState i -> {
                var from = r.operand(i.from());
                var generator = of(i.engine());
                yield () -> {
                    var state = new long[from.free];
                    for (int p = 0; p < from.partitions; p++) {
                        from.readIntegers(p, state);
                        generator.set(from.partition(p), state);
                    }
                };
            }
            case RandomInstruction.RandGetState i -> {
                var to = r.operand(i.to());
                var generator = of(i.engine());
                yield () -> {
                    for (int p = 0; p < to.partitions; p++) {
                        to.writeIntegers(
                                p,
                                Arrays.stream(generator.state(to.partition(p)))
                                        .asLongStream()
                                        .toArray());
                    }
                };
            }
        };
    }

    private static float uniform(int bits) {
        return (bits >>> 8) * UNIT;
    }

    /** The upper halves of splitmix64's outputs from {@code seed * 2^32 + partition}; 1 instead of 0. */
    private static long[] seeds(long seed, int partition, int words) {
        long x = seed << 32 | partition;
        var state = new long[words];
        for (int i = 0; i < words; i++) {
            x += 0x9E3779B97F4A7C15L;
            long z = x;
            z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            state[i] = z >>> 32 == 0 ? 1 : z >>> 32;
        }
        return state;
    }
}
