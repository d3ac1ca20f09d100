package dev.systole.emulator.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code out[m][n] = sum over k of stationary[k][m] * moving[k][n]}, k in ascending order, fused multiply-adds from 0.
 *
 * <p>Four rows by two vectors of sums stay in registers while k runs; wider blocks spill on 16-register machines.
 */
public final class ProductKernel {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Rows of a block; the stationary operand is packed in strips of as many columns. */
    public static final int ROWS = 4;

    private ProductKernel() {}

    /**
     * Four rows of the product.
     *
     * @param strip [K, 4]: four columns of the stationary operand, packed
     * @param moving [K, N], rows at a stride of {@code n}
     * @param out rows at a stride of {@code n} from {@code outAt}, overwritten
     */
    public static void fourRows(float[] strip, int stripAt, float[] moving, int k, int n, float[] out, int outAt) {
        int j = 0;
        for (; j + 2 * LANES <= n; j += 2 * LANES) {
            var c00 = FloatVector.zero(SPECIES);
            var c01 = c00;
            var c10 = c00;
            var c11 = c00;
            var c20 = c00;
            var c21 = c00;
            var c30 = c00;
            var c31 = c00;
            int a = stripAt;
            int b = j;
            for (int i = 0; i < k; i++) {
                var b0 = FloatVector.fromArray(SPECIES, moving, b);
                var b1 = FloatVector.fromArray(SPECIES, moving, b + LANES);
                var a0 = FloatVector.broadcast(SPECIES, strip[a]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                var a1 = FloatVector.broadcast(SPECIES, strip[a + 1]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                var a2 = FloatVector.broadcast(SPECIES, strip[a + 2]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                var a3 = FloatVector.broadcast(SPECIES, strip[a + 3]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                a += ROWS;
                b += n;
            }
            int o = outAt + j;
            c00.intoArray(out, o);
            c01.intoArray(out, o + LANES);
            c10.intoArray(out, o + n);
            c11.intoArray(out, o + n + LANES);
            c20.intoArray(out, o + 2 * n);
            c21.intoArray(out, o + 2 * n + LANES);
            c30.intoArray(out, o + 3 * n);
            c31.intoArray(out, o + 3 * n + LANES);
        }
        if (j < n) {
            plain(strip, stripAt, moving, k, j, n, out, outAt);
        }
    }

    /** The plain twin of {@link #fourRows} for columns {@code from} up to, not including, {@code n}. */
    public static void plain(
            float[] strip, int stripAt, float[] moving, int k, int from, int n, float[] out, int outAt) {
        for (int r = 0; r < ROWS; r++) {
            for (int j = from; j < n; j++) {
                float sum = 0;
                for (int i = 0; i < k; i++) {
                    sum = Math.fma(strip[stripAt + i * ROWS + r], moving[i * n + j], sum);
                }
                out[outAt + r * n + j] = sum;
            }
        }
    }
}
