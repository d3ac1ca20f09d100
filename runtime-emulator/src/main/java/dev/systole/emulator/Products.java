package dev.systole.emulator;

import dev.systole.emulator.kernel.ProductKernel;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.TensorInstruction;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What TensorE does to memory. A product is cut into parts of at most the kernel's columns; threads share the partitions of the
 * result, read what they need of the operands, and compute block after block. Mutable: holds the operands in work, one set a host thread.
 */
final class Products {
    private static final int ROWS = ProductKernel.ROWS;
    private static final int COLUMNS = ProductKernel.COLUMNS;

    /** Multiply-adds from which a product is worth splitting over threads. */
    private static final long SPLIT = 200_000;

    /** Elements from which a transpose is. */
    private static final int SPLIT_TRANSPOSE = 4_096;

    private final Memories memories;
    private final Workers workers;
    private final Scratch[] scratch;

    private static final class Scratch {
        private float[] stationary = new float[0];
        private float[] moving = new float[0];
        private float[] row = new float[0];
        private final float[] block = new float[ROWS * COLUMNS];

        void fit(int k, int n, int m) {
            stationary = longer(stationary, k * ProductKernel.STATIONARY_STRIDE);
            moving = longer(moving, k * ProductKernel.MOVING_STRIDE);
            row = longer(row, Math.max(n, m));
        }

        /** Room for the rows of a transpose, at a stride of {@code k + 16}. */
        float[] turned(int k, int rows) {
            moving = longer(moving, rows * (k + 16));
            return moving;
        }

        private static float[] longer(float[] a, int n) {
            return a.length < n ? new float[n] : a;
        }
    }

    /** Where results go: rows of fp32. */
    private record Destination(MemorySegment memory, long start, long rowBytes) {}

    /** Columns of the stationary operand from {@code m} up to {@code mEnd} against columns of the moving one. */
    private record Part(int m, int mEnd, int n, int nEnd) {}

    Products(Memories memories, Workers workers) {
        this.memories = memories;
        this.workers = workers;
        this.scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    Runnable decode(TensorInstruction.NcMatmul i) {
        var to = memories.operand(i.to());
        var stationary = memories.operand(i.stationary());
        var moving = memories.operand(i.moving());
        if (i.transpose()) {
            return transpose(to, stationary, moving);
        }
        if (i.doubleRow()) {
            return () -> doubleRow(to, stationary, moving, i.accumulate());
        }
        int k = moving.partitions;
        int n = moving.free;
        int m = stationary.free;
        for (var s : scratch) {
            s.fit(k, n, m);
        }
        var promises = promises(i, stationary, moving);
        boolean split = (long) k * n * m >= SPLIT;
        boolean direct = to.isContiguous() && to.dtype == DType.F32;
        if (!direct) {
            return () -> {
                promises.run();
                rounded(scratch[0], to, stationary, moving, i.accumulate());
            };
        }
        var destination = new Destination(to.memory.bytes, to.row(0), to.rowStride());
        int strips = Math.ceilDiv(m, ROWS);
        return () -> {
            promises.run();
            workers.split(strips, split ? 1 : strips, (worker, from, until) -> {
                var part = new Part(from * ROWS, Math.min(m, until * ROWS), 0, n);
                multiply(scratch[worker], stationary, moving, part, destination, i.accumulate());
            });
        };
    }

    private Runnable promises(TensorInstruction.NcMatmul i, Operand stationary, Operand moving) {
        return () -> {
            if (i.stationaryIsOneZero()) {
                requireOneZero(stationary);
            }
            if (i.movingIsOneZero()) {
                requireOneZero(moving);
            }
        };
    }

    private static void requireOneZero(Operand o) {
        var row = new float[o.free];
        for (int p = 0; p < o.partitions; p++) {
            o.readFloats(p, row, 0);
            for (float x : row) {
                if (x != 0 && x != 1) {
                    throw new EmulatorException("SYS5007", "an operand of zeros and ones holds " + x);
                }
            }
        }
    }

    /** Each partition of an operand holds two rows, one behind the other, of which the first is added first. */
    private void doubleRow(Operand to, Operand stationary, Operand moving, boolean accumulate) {
        int m = stationary.free / 2;
        int n = moving.free / 2;
        var left = new float[2 * m];
        var right = new float[2 * n];
        var sums = new float[m * n];
        for (int k = 0; k < moving.partitions; k++) {
            stationary.readFloats(k, left, 0);
            moving.readFloats(k, right, 0);
            for (int j = 0; j < 2; j++) {
                for (int a = 0; a < m; a++) {
                    for (int b = 0; b < n; b++) {
                        sums[a * n + b] = Math.fma(left[j * m + a], right[j * n + b], sums[a * n + b]);
                    }
                }
            }
        }
        var row = new float[n];
        for (int a = 0; a < m; a++) {
            if (accumulate) {
                to.readFloats(a, row, 0);
                for (int b = 0; b < n; b++) {
                    sums[a * n + b] = row[b] + sums[a * n + b];
                }
            }
            to.writeFloats(a, sums, a * n);
        }
    }

    /** Through rows of fp32 beside PSUM, for results that do not lie in one run or are narrower. */
    private static void rounded(Scratch s, Operand to, Operand stationary, Operand moving, boolean accumulate) {
        int n = moving.free;
        int m = stationary.free;
        var results = new float[m * n];
        for (int p = 0; accumulate && p < m; p++) {
            to.readFloats(p, results, p * n);
        }
        var destination = new Destination(MemorySegment.ofArray(results), 0, 4L * n);
        multiply(s, stationary, moving, new Part(0, m, 0, n), destination, accumulate);
        for (int p = 0; p < m; p++) {
            to.writeFloats(p, results, p * n);
        }
    }

    private static void multiply(
            Scratch s, Operand stationary, Operand moving, Part part, Destination to, boolean accumulate) {
        for (int m = part.m; m < part.mEnd; m += ProductKernel.STATIONARY_COLUMNS) {
            int mEnd = Math.min(part.mEnd, m + ProductKernel.STATIONARY_COLUMNS);
            read(stationary, m, mEnd, s.stationary, ProductKernel.STATIONARY_STRIDE, s.row);
            for (int n = part.n; n < part.nEnd; n += ProductKernel.MOVING_COLUMNS) {
                int nEnd = Math.min(part.nEnd, n + ProductKernel.MOVING_COLUMNS);
                read(moving, n, nEnd, s.moving, ProductKernel.MOVING_STRIDE, s.row);
                blocks(s, moving.partitions, new Part(m, mEnd, n, nEnd), to, accumulate);
            }
        }
    }

    private static void read(Operand o, int from, int until, float[] out, int stride, float[] row) {
        for (int p = 0; p < o.partitions; p++) {
            if (o.isEven()) {
                o.readFloats(p, from, until, out, p * stride);
            } else {
                o.readFloats(p, row, 0);
                System.arraycopy(row, from, out, p * stride, until - from);
            }
        }
    }

    /** Blocks that reach beyond a part's columns compute with what is left there, and drop it. */
    private static void blocks(Scratch s, int k, Part part, Destination to, boolean accumulate) {
        for (int n = part.n; n < part.nEnd; n += COLUMNS) {
            for (int m = part.m; m < part.mEnd; m += ROWS) {
                boolean numbers = ProductKernel.block(s.stationary, m - part.m, s.moving, n - part.n, k, s.block);
                ProductKernel.store(
                        s.block,
                        to.memory,
                        to.start + m * to.rowBytes + 4L * n,
                        to.rowBytes,
                        Math.min(ROWS, part.mEnd - m),
                        Math.min(COLUMNS, part.nEnd - n),
                        accumulate,
                        numbers);
            }
        }
    }

    /** The stationary's bits, transposed; the moving operand has to be the identity. */
    private Runnable transpose(Operand to, Operand stationary, Operand moving) {
        int k = moving.partitions;
        int m = stationary.free;
        for (var s : scratch) {
            s.fit(k, moving.free, m);
        }
        boolean floats = stationary.dtype == DType.F32;
        return () -> {
            workers.split(k, k * m < SPLIT_TRANSPOSE ? k : 1, (worker, from, until) -> {
                for (int p = from; p < until; p++) {
                    requireIdentity(scratch[worker], moving, p);
                }
            });
            workers.split(m, k * m < SPLIT_TRANSPOSE ? m : 1, (worker, from, until) -> {
                if (floats) {
                    transposeFloats(scratch[worker], to, stationary, from, until);
                } else {
                    transposeBits(to, stationary, from, until);
                }
            });
        };
    }

    private static void requireIdentity(Scratch s, Operand moving, int p) {
        moving.readFloats(p, s.row, 0);
        float others = 0;
        for (int j = 0; j < moving.free; j++) {
            others += Math.abs(s.row[j]);
        }
        if (moving.free != moving.partitions || s.row[p] != 1 || others != 1) {
            throw new EmulatorException("SYS5007", "a transpose needs an identity as its moving operand");
        }
    }

    private static void transposeFloats(Scratch s, Operand to, Operand stationary, int from, int until) {
        int k = stationary.partitions;
        var columns = s.turned(k, until - from);
        int stride = k + 16;
        for (int p = 0; p < k; p++) {
            if (stationary.isEven()) {
                stationary.readFloats(p, from, until, s.row, 0);
            } else {
                stationary.readFloats(p, s.row, 0);
                System.arraycopy(s.row, from, s.row, 0, until - from);
            }
            for (int f = 0; f < until - from; f++) {
                columns[f * stride + p] = s.row[f];
            }
        }
        for (int f = from; f < until; f++) {
            to.writeFloats(f, columns, (f - from) * stride);
        }
    }

    private static void transposeBits(Operand to, Operand stationary, int from, int until) {
        int k = stationary.partitions;
        var row = new long[stationary.free];
        var columns = new long[until - from][k];
        for (int p = 0; p < k; p++) {
            stationary.readIntegers(p, row);
            for (int f = from; f < until; f++) {
                columns[f - from][p] = row[f];
            }
        }
        for (int f = from; f < until; f++) {
            to.writeIntegers(f, columns[f - from]);
        }
    }
}
