package dev.systole.emulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProductKernelTest {
    private static final int ROWS = ProductKernel.ROWS;
    private static final int COLUMNS = ProductKernel.COLUMNS;
    private static final int MOST_K = 128;
    private static final int ROUNDS = 3_000;

    private static float[] array(AwkwardFloats values, int n) {
        var array = new float[n];
        for (int i = 0; i < n; i++) {
            array[i] = values.next();
        }
        return array;
    }

    /** Awkward numbers soon add up to NaN, so there are rounds of ordinary ones. */
    private static float[] ordinary(AwkwardFloats values, int n) {
        var array = new float[n];
        for (int i = 0; i < n; i++) {
            array[i] = (float) (values.random.nextDouble() * 2 - 1);
        }
        return array;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBlockIsThatOfItsPlainTwin(boolean awkward) {
        var values = new AwkwardFloats(7);
        int stationarySize = MOST_K * ProductKernel.STATIONARY_STRIDE;
        int movingSize = MOST_K * ProductKernel.MOVING_STRIDE;
        var stationary = awkward ? array(values, stationarySize) : ordinary(values, stationarySize);
        var moving = awkward ? array(values, movingSize) : ordinary(values, movingSize);
        var actual = new float[ROWS * COLUMNS];
        var expected = new float[ROWS * COLUMNS];
        for (int round = 0; round < ROUNDS; round++) {
            int k = awkward ? 1 + round % 4 : 1 + round % MOST_K;
            int a = values.random.nextInt(ProductKernel.STATIONARY_STRIDE - ROWS + 1);
            int b = values.random.nextInt(ProductKernel.MOVING_STRIDE - COLUMNS + 1);
            boolean numbers = ProductKernel.block(stationary, a, moving, b, k, actual);
            ProductKernel.plain(stationary, a, moving, b, k, expected);
            // Arrays are equal if their floats have the same bits, any NaN being the same.
            assertThat(actual).as("k %d, columns from %d and %d", k, a, b).isEqualTo(expected);
            assertThat(numbers).isEqualTo(areNumbers(expected));
        }
    }

    private static boolean areNumbers(float[] values) {
        for (float v : values) {
            if (!Float.isFinite(v)) {
                return false;
            }
        }
        return true;
    }

    @Test
    void storesTheColumnsThatCount() {
        var values = new AwkwardFloats(7);
        int rowFloats = COLUMNS + 5;
        int size = ROWS * rowFloats + AwkwardFloats.LONGEST;
        for (int round = 0; round < ROUNDS; round++) {
            int rows = 1 + round % ROWS;
            int columns = round % 3 == 0 ? COLUMNS : 1 + values.random.nextInt(COLUMNS);
            boolean accumulate = values.random.nextBoolean();
            int first = values.random.nextInt(AwkwardFloats.LONGEST);
            var block = round % 2 == 0 ? array(values, ROWS * COLUMNS) : ordinary(values, ROWS * COLUMNS);
            var before = values.row(size);
            var to = AwkwardFloats.ones(size);
            MemorySegment.copy(values.memory, before, to, 0, 4L * size);
            var expected = AwkwardFloats.bits(to, 0, size);
            for (int r = 0; r < rows; r++) {
                for (int j = 0; j < columns; j++) {
                    int at = first + r * rowFloats + j;
                    float old = accumulate ? Floats.get(to, 4L * at) : -0f;
                    expected[at] = Float.floatToIntBits(block[r * COLUMNS + j] + old);
                }
            }
            ProductKernel.store(block, to, 4L * first, 4L * rowFloats, rows, columns, accumulate, areNumbers(block));
            assertThat(AwkwardFloats.bits(to, 0, size)).isEqualTo(expected);
        }
    }

    @Test
    void rowsAreAddedInOrder() {
        var stationary = new float[5 * ProductKernel.STATIONARY_STRIDE];
        var moving = new float[5 * ProductKernel.MOVING_STRIDE];
        float[] column = {3, 0x1p27f, 1, -0x1p27f, 2};
        for (int k = 0; k < column.length; k++) {
            int row = k * ProductKernel.STATIONARY_STRIDE;
            Arrays.fill(stationary, row, row + ROWS, column[k]);
        }
        Arrays.fill(moving, 1);
        var out = new float[ROWS * COLUMNS];
        ProductKernel.block(stationary, 0, moving, 0, column.length, out);
        assertThat(out).containsOnly(2);
    }
}
