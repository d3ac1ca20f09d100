package dev.systole.emulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.number.ActivationFunction;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The functions, several elements at once, give the bits of {@link ActivationFunction#apply}. */
class FunctionKernelTest {
    private static final int ROUNDS = 4_000;
    private static final int LONG = 4_096;
    private static final int ROOM = 3 * AwkwardFloats.LONGEST;

    private static int[] plain(ActivationFunction f, MemorySegment a, long at, int n) {
        var bits = new int[n];
        for (int i = 0; i < n; i++) {
            bits[i] = Float.floatToIntBits(f.apply(Floats.get(a, at + 4L * i)));
        }
        return bits;
    }

    @ParameterizedTest
    @EnumSource
    void rowsOfEveryLength(ActivationFunction f) {
        var values = new AwkwardFloats(f.ordinal());
        var to = AwkwardFloats.ones(ROOM);
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + round % AwkwardFloats.LONGEST;
            long a = values.row(n);
            int first = 1 + values.random.nextInt(AwkwardFloats.LONGEST);
            FunctionKernel.apply(f, values.memory, a, to, 4L * first, n);
            assertThat(AwkwardFloats.bits(to, 4L * first, n)).isEqualTo(plain(f, values.memory, a, n));
            assertThat(Floats.get(to, 4L * (first - 1))).as("before the row").isEqualTo(1);
            assertThat(Floats.get(to, 4L * (first + n))).as("behind the row").isEqualTo(1);
            for (int i = 0; i < n; i++) {
                Floats.set(to, 4L * (first + i), 1);
            }
        }
    }

    /** In place, over all exponents, and densely where most values of models lie. */
    @ParameterizedTest
    @EnumSource
    void manyValues(ActivationFunction f) {
        var random = new SplittableRandom(f.ordinal());
        var row = AwkwardFloats.ones(LONG);
        for (int round = 0; round < 150; round++) {
            for (int i = 0; i < LONG; i++) {
                float any = Float.intBitsToFloat(random.nextInt());
                Floats.set(row, 4L * i, round % 2 == 0 ? (float) (random.nextDouble() * 40 - 20) : any);
            }
            var expected = plain(f, row, 0, LONG);
            FunctionKernel.apply(f, row, 0, row, 0, LONG);
            assertThat(AwkwardFloats.bits(row, 0, LONG)).isEqualTo(expected);
        }
    }
}
