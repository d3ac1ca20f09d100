package dev.systole.ir.graph;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The loops that most elements of models go through: fp32 and int32, of the functions that a processor has an instruction for. Each
 * gives the bits that {@link ElementFunctions} gives, which knows every function and type. They go over arrays, which Java makes
 * fast code for soonest.
 */
final class WordLoops {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHUNK = 1 << 12;

    private WordLoops() {}

    /** Computes n fp32 elements; false if the function is none of these, or not for these elements. */
    static boolean floats(BinaryOp f, MemorySegment a, MemorySegment b, MemorySegment result, long n) {
        var x = new float[(int) Math.min(n, CHUNK)];
        var y = new float[x.length];
        for (long at = 0; at < n; at += CHUNK) {
            int count = (int) Math.min(n - at, CHUNK);
            MemorySegment.copy(a, F32, 4 * at, x, 0, count);
            MemorySegment.copy(b, F32, 4 * at, y, 0, count);
            if (!floats(f, x, y, count)) {
                return false;
            }
            MemorySegment.copy(x, 0, result, F32, 4 * at, count);
        }
        return true;
    }

    /** As {@link #floats}, of int32. */
    static boolean integers(BinaryOp f, MemorySegment a, MemorySegment b, MemorySegment result, long n) {
        var x = new int[(int) Math.min(n, CHUNK)];
        var y = new int[x.length];
        for (long at = 0; at < n; at += CHUNK) {
            int count = (int) Math.min(n - at, CHUNK);
            MemorySegment.copy(a, I32, 4 * at, x, 0, count);
            MemorySegment.copy(b, I32, 4 * at, y, 0, count);
            if (!integers(f, x, y, count)) {
                return false;
            }
            MemorySegment.copy(x, 0, result, I32, 4 * at, count);
        }
        return true;
    }

    private static boolean floats(BinaryOp f, float[] x, float[] y, int count) {
        switch (f) {
            case ADD -> {
                for (int i = 0; i < count; i++) {
                    x[i] += y[i];
                }
            }
            case SUB -> {
                for (int i = 0; i < count; i++) {
                    x[i] -= y[i];
                }
            }
            case MUL -> {
                for (int i = 0; i < count; i++) {
                    x[i] *= y[i];
                }
            }
            case DIV -> {
                for (int i = 0; i < count; i++) {
                    x[i] /= y[i];
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean integers(BinaryOp f, int[] x, int[] y, int count) {
        switch (f) {
            case ADD -> {
                for (int i = 0; i < count; i++) {
                    x[i] += y[i];
                }
            }
            case SUB -> {
                for (int i = 0; i < count; i++) {
                    x[i] -= y[i];
                }
            }
            case MUL -> {
                for (int i = 0; i < count; i++) {
                    x[i] *= y[i];
                }
            }
            case BIT_XOR -> {
                for (int i = 0; i < count; i++) {
                    x[i] ^= y[i];
                }
            }
            case REM -> {
                for (int i = 0; i < count; i++) {
                    if (y[i] == 0) {
                        return false;
                    }
                    x[i] %= y[i];
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
