package dev.systole.emulator.kernel;

import dev.systole.trainium.isa.AluOp;
import java.lang.foreign.MemorySegment;

/** Reductions of rows of fp32 values in native memory, in element order from the first element. */
public final class ReduceKernel {
    /** Rows that {@link #fourRows} reduces at once: each sum waits for itself alone, so four keep the adder busy. */
    public static final int ROWS = 4;

    private ReduceKernel() {}

    /** Reduces four rows of {@code n} elements, which are {@code rowBytes} apart. */
    public static void fourRows(AluOp op, MemorySegment a, long at, long rowBytes, int n, float[] out) {
        switch (op) {
            case ADD -> sums(a, at, rowBytes, n, out);
            case MAXIMUM -> maxima(a, at, rowBytes, n, out);
            default -> {
                for (int r = 0; r < ROWS; r++) {
                    out[r] = plain(op, a, at + r * rowBytes, n);
                }
            }
        }
    }

    private static void sums(MemorySegment a, long at, long rowBytes, int n, float[] out) {
        float r0 = Floats.get(a, at);
        float r1 = Floats.get(a, at + rowBytes);
        float r2 = Floats.get(a, at + 2 * rowBytes);
        float r3 = Floats.get(a, at + 3 * rowBytes);
        for (int i = 1; i < n; i++) {
            long from = at + 4L * i;
            r0 += Floats.get(a, from);
            r1 += Floats.get(a, from + rowBytes);
            r2 += Floats.get(a, from + 2 * rowBytes);
            r3 += Floats.get(a, from + 3 * rowBytes);
        }
        out[0] = Floats.canonical(r0);
        out[1] = Floats.canonical(r1);
        out[2] = Floats.canonical(r2);
        out[3] = Floats.canonical(r3);
    }

    private static void maxima(MemorySegment a, long at, long rowBytes, int n, float[] out) {
        float r0 = Floats.get(a, at);
        float r1 = Floats.get(a, at + rowBytes);
        float r2 = Floats.get(a, at + 2 * rowBytes);
        float r3 = Floats.get(a, at + 3 * rowBytes);
        for (int i = 1; i < n; i++) {
            long from = at + 4L * i;
            r0 = Math.max(r0, Floats.get(a, from));
            r1 = Math.max(r1, Floats.get(a, from + rowBytes));
            r2 = Math.max(r2, Floats.get(a, from + 2 * rowBytes));
            r3 = Math.max(r3, Floats.get(a, from + 3 * rowBytes));
        }
        out[0] = Floats.canonical(r0);
        out[1] = Floats.canonical(r1);
        out[2] = Floats.canonical(r2);
        out[3] = Floats.canonical(r3);
    }

    /** One row; the plain twin of {@link #fourRows}. */
    public static float plain(AluOp op, MemorySegment a, long at, int n) {
        float running = ElementKernel.first(op, Floats.get(a, at));
        for (int i = 1; i < n; i++) {
            running = ElementKernel.apply(op, running, Floats.get(a, at + 4L * i));
        }
        return running;
    }
}
