package dev.systole.frontend.onnx.operator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;

/**
 * MT19937, with which the reference implementation draws random numbers for a given seed (M. Matsumoto and T. Nishimura, 1998; seeded as in
 * their code of 2002). Mutable.
 */
final class MersenneTwister {
    private static final int WORDS = 624;
    private static final int DISTANCE = 397;

    private final int[] state = new int[WORDS];
    private int next = WORDS;

    /** @param seed of which the low 32 bits count */
    MersenneTwister(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < WORDS; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /** Uniform numbers in [0, 1], made of 53 random bits each and rounded to fp32. */
    Tensor uniform(Shape shape) {
        var result = Tensor.allocate(new TensorType(DType.F32, shape));
        for (long i = 0; i < shape.elements(); i++) {
            long high = word() >>> 5;
            long low = word() >>> 6;
            Elements.writeDouble(result.bytes(), i, DType.F32, (high << 26 | low) * 0x1p-53);
        }
        return result;
    }

    private long word() {
        if (next == WORDS) {
            advance();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        return Integer.toUnsignedLong(y ^ y >>> 18);
    }

    private void advance() {
        for (int i = 0; i < WORDS; i++) {
            int y = state[i] & 0x80000000 | state[(i + 1) % WORDS] & 0x7FFFFFFF;
            state[i] = state[(i + DISTANCE) % WORDS] ^ y >>> 1 ^ ((y & 1) != 0 ? 0x9908B0DF : 0);
        }
        next = 0;
    }
}
