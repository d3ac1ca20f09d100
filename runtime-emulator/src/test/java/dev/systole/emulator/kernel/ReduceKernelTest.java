package dev.systole.emulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.trainium.isa.AluOp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Four rows at once give the bits of one after the other, and one row those of a loop over its elements. */
class ReduceKernelTest {
    private static final int ROUNDS = 12_000;

    @ParameterizedTest
    @EnumSource(
            value = AluOp.class,
            mode = Mode.INCLUDE,
            names = {"ADD", "SUBTRACT", "MULTIPLY", "MAXIMUM", "MINIMUM", "LOGICAL_AND", "LOGICAL_OR", "LOGICAL_XOR"})
    void rowsOfEveryLength(AluOp op) {
        var values = new AwkwardFloats(op.ordinal());
        var actual = new float[ReduceKernel.ROWS];
        var expected = new float[ReduceKernel.ROWS];
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + round % AwkwardFloats.LONGEST;
            long rowBytes = 4L * (n + values.random.nextInt(AwkwardFloats.LONGEST));
            long at = values.row(ReduceKernel.ROWS * 2 * AwkwardFloats.LONGEST);
            ReduceKernel.fourRows(op, values.memory, at, rowBytes, n, actual);
            for (int r = 0; r < ReduceKernel.ROWS; r++) {
                float running = ElementKernel.first(op, Floats.get(values.memory, at + r * rowBytes));
                for (int i = 1; i < n; i++) {
                    float next = Floats.get(values.memory, at + r * rowBytes + 4L * i);
                    running = ElementKernel.apply(op, running, next);
                }
                expected[r] = running;
                float plain = ReduceKernel.plain(op, values.memory, at + r * rowBytes, n);
                assertThat(Float.floatToIntBits(plain)).isEqualTo(Float.floatToIntBits(running));
            }
            // Arrays are equal if their floats have the same bits, any NaN being the same.
            assertThat(actual).as("%d elements", n).isEqualTo(expected);
        }
    }
}
