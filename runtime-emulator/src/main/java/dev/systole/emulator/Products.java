package dev.systole.emulator;

import dev.systole.emulator.kernel.ProductKernel;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Instruction;

/** What TensorE does to memory. Mutable: holds the packed operands of the product in work. */
final class Products {
    /** Multiply-adds from which a product is worth splitting over threads. */
    private static final long SPLIT = 200_000;

    private final Memories memories;
    private final Workers workers;
    private float[] moving = new float[128 * 512];
    private float[] strips = new float[128 * 128];
    private final float[][] rows;
    private final float[][] results;

    Products(Memories memories, Workers workers) {
        this.memories = memories;
        this.workers = workers;
        this.rows = new float[workers.count()][512];
        this.results = new float[workers.count()][ProductKernel.ROWS * 512];
    }

    void execute(Instruction.NcMatmul i) {
        if (i.transpose()) {
            transpose(i);
            return;
        }
        int k = i.moving().partitions();
        int n = (int) i.moving().free();
        int m = (int) i.stationary().free();
        fit(k, n, m);
        int grain = (long) k * n * m < SPLIT ? Integer.MAX_VALUE : 1;
        workers.split(k, Math.min(grain, k), (worker, from, to) -> {
            for (int p = from; p < to; p++) {
                memories.readFloats(i.moving(), p, moving, p * n);
                memories.readFloats(i.stationary(), p, rows[worker], 0);
                pack(rows[worker], p, k, m);
            }
        });
        int blocks = Math.ceilDiv(m, ProductKernel.ROWS);
        workers.split(blocks, Math.min(grain, blocks), (worker, from, to) -> {
            for (int block = from; block < to; block++) {
                int at = block * ProductKernel.ROWS * k;
                ProductKernel.fourRows(strips, at, moving, k, n, results[worker], 0);
                for (int r = 0; r < Math.min(ProductKernel.ROWS, m - block * ProductKernel.ROWS); r++) {
                    store(i, block * ProductKernel.ROWS + r, results[worker], r * n, rows[worker], n);
                }
            }
        });
    }

    private void fit(int k, int n, int m) {
        if (moving.length < k * n) {
            moving = new float[k * n];
        }
        int padded = Math.ceilDiv(m, ProductKernel.ROWS) * ProductKernel.ROWS;
        if (strips.length < k * padded) {
            strips = new float[k * padded];
        }
        int longest = Math.max(n, m);
        for (int w = 0; w < rows.length; w++) {
            if (rows[w].length < longest) {
                rows[w] = new float[longest];
            }
            if (results[w].length < ProductKernel.ROWS * n) {
                results[w] = new float[ProductKernel.ROWS * n];
            }
        }
    }

    /** Row {@code p} of the stationary operand into strips of four columns. */
    private void pack(float[] row, int p, int k, int m) {
        int block = 0;
        for (; block + ProductKernel.ROWS <= m; block += ProductKernel.ROWS) {
            System.arraycopy(row, block, strips, block * k + p * ProductKernel.ROWS, ProductKernel.ROWS);
        }
        for (int c = block; c < block + ProductKernel.ROWS && block < m; c++) {
            strips[block * k + p * ProductKernel.ROWS + c - block] = c < m ? row[c] : 0;
        }
    }

    /** One fp32 addition into PSUM, or none for the first product of a sum. */
    private void store(Instruction.NcMatmul i, int m, float[] result, int at, float[] before, int n) {
        if (i.accumulate()) {
            memories.requireStarted(i.to(), m);
            memories.readFloats(i.to(), m, before, 0);
            for (int j = 0; j < n; j++) {
                result[at + j] += before[j];
            }
        }
        memories.writeSum(i.to(), m, result, at);
    }

    /** The stationary's bits, transposed; the moving operand has to be the identity. */
    private void transpose(Instruction.NcMatmul i) {
        int k = i.moving().partitions();
        int n = (int) i.moving().free();
        int m = (int) i.stationary().free();
        fit(k, n, m);
        for (int p = 0; p < k; p++) {
            memories.readFloats(i.moving(), p, rows[0], 0);
            for (int j = 0; j < n; j++) {
                if (rows[0][j] != (j == p ? 1 : 0)) {
                    throw new EmulatorException("SYS5007", "a transpose needs an identity as its moving operand");
                }
            }
        }
        if (i.stationary().dtype() == DType.F32) {
            for (int p = 0; p < k; p++) {
                memories.readFloats(i.stationary(), p, moving, p * m);
            }
            for (int f = 0; f < m; f++) {
                for (int p = 0; p < k; p++) {
                    rows[0][p] = moving[p * m + f];
                }
                memories.writeFloats(i.to(), f, rows[0], 0);
            }
            return;
        }
        var bits = new long[k][m];
        for (int p = 0; p < k; p++) {
            memories.readIntegers(i.stationary(), p, bits[p]);
        }
        var column = new long[k];
        for (int f = 0; f < m; f++) {
            for (int p = 0; p < k; p++) {
                column[p] = bits[p][f];
            }
            memories.writeIntegers(i.to(), f, column);
        }
    }
}
