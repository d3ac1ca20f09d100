package dev.systole.emulator.kernel;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.number.Functions;
import dev.systole.trainium.isa.AluOp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Elementwise functions of rows of fp32 values in native memory. A row is a memory and the address of its first byte; a source row and
 * the destination row are the same or do not touch.
 */
public final class ElementKernel {
    private static final int LANES = Floats.LANES;

    private ElementKernel() {}

    /**
     * {@code d[i] = a[i] op b[i]} for arithmetic, comparisons and logical operators.
     *
     * @throws IllegalArgumentException for operators on bits, which have no fp32 operands
     */
    public static void binary(
            AluOp op, MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment d, long dAt, int n) {
        int done = switch (op) {
            case BYPASS -> copy(a, aAt, d, dAt, n);
            case ADD -> add(a, aAt, b, bAt, d, dAt, n);
            case SUBTRACT -> subtract(a, aAt, b, bAt, d, dAt, n);
            case MULTIPLY -> multiply(a, aAt, b, bAt, d, dAt, n);
            case MAXIMUM -> maximum(a, aAt, b, bAt, d, dAt, n);
            default -> 0;
        };
        for (int i = done; i < n; i++) {
            float value = apply(op, Floats.get(a, aAt + 4L * i), Floats.get(b, bAt + 4L * i));
            Floats.set(d, dAt + 4L * i, value);
        }
    }

    private static int copy(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        MemorySegment.copy(a, aAt, d, dAt, 4L * n);
        return n;
    }

    private static int add(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            var x = Floats.load(a, aAt + 4L * i).add(Floats.load(b, bAt + 4L * i));
            Floats.store(x, d, dAt + 4L * i);
        }
        return i;
    }

    private static int subtract(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            var x = Floats.load(a, aAt + 4L * i).sub(Floats.load(b, bAt + 4L * i));
            Floats.store(x, d, dAt + 4L * i);
        }
        return i;
    }

    private static int multiply(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            var x = Floats.load(a, aAt + 4L * i).mul(Floats.load(b, bAt + 4L * i));
            Floats.store(x, d, dAt + 4L * i);
        }
        return i;
    }

    private static int maximum(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            var x = Floats.load(a, aAt + 4L * i).max(Floats.load(b, bAt + 4L * i));
            Floats.store(x, d, dAt + 4L * i);
        }
        return i;
    }

    /** As {@link #binary}, with one value for all elements on the right, or on the left if {@code reverse}. */
    public static void scalar(
            AluOp op, MemorySegment a, long aAt, float s, boolean reverse, MemorySegment d, long dAt, int n) {
        int done = switch (op) {
            case BYPASS -> reverse ? 0 : copy(a, aAt, d, dAt, n);
            case ADD -> fma(a, aAt, 1, s, d, dAt, n);
            case SUBTRACT -> reverse ? 0 : subtract(a, aAt, s, d, dAt, n);
            case MULTIPLY -> multiply(a, aAt, s, d, dAt, n);
            default -> 0;
        };
        for (int i = done; i < n; i++) {
            float x = Floats.get(a, aAt + 4L * i);
            Floats.set(d, dAt + 4L * i, reverse ? apply(op, s, x) : apply(op, x, s));
        }
    }

    private static int multiply(MemorySegment a, long aAt, float s, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            Floats.store(Floats.load(a, aAt + 4L * i).mul(s), d, dAt + 4L * i);
        }
        return i;
    }

    private static int subtract(MemorySegment a, long aAt, float s, MemorySegment d, long dAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            Floats.store(Floats.load(a, aAt + 4L * i).sub(s), d, dAt + 4L * i);
        }
        return i;
    }

    /** {@code a[i] * scale + bias} in one rounding, for as many elements as fill vectors; with a scale of 1 it is a sum. */
    private static int fma(MemorySegment a, long aAt, float scale, float bias, MemorySegment d, long dAt, int n) {
        var factor = FloatVector.broadcast(Floats.SPECIES, scale);
        var addend = FloatVector.broadcast(Floats.SPECIES, bias);
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            Floats.store(Floats.load(a, aAt + 4L * i).fma(factor, addend), d, dAt + 4L * i);
        }
        return i;
    }

    /** What an activation adds where it has no bias: nothing, not even to the sign of a zero. */
    public static final float NO_BIAS = -0f;

    /** {@code d[i] = f(fma(a[i], scale, bias))}. */
    public static void activation(
            ActivationFunction f,
            MemorySegment a,
            long aAt,
            float scale,
            float bias,
            MemorySegment d,
            long dAt,
            int n) {
        if (scale == 1 && Float.floatToRawIntBits(bias) == Float.floatToRawIntBits(NO_BIAS)) {
            FunctionKernel.apply(f, a, aAt, d, dAt, n);
            return;
        }
        for (int i = fma(a, aAt, scale, bias, d, dAt, n); i < n; i++) {
            Floats.set(d, dAt + 4L * i, Math.fma(Floats.get(a, aAt + 4L * i), scale, bias));
        }
        if (f != ActivationFunction.COPY) {
            FunctionKernel.apply(f, d, dAt, d, dAt, n);
        }
    }

    /** {@code d[i] = 1 / a[i]}. */
    public static void reciprocal(MemorySegment a, long aAt, MemorySegment d, long dAt, int n) {
        for (int i = 0; i < n; i++) {
            Floats.set(d, dAt + 4L * i, 1 / Floats.get(a, aAt + 4L * i));
        }
    }

    /** What a reduction of one element is: the element, or whether it is true. */
    public static float first(AluOp op, float x) {
        return switch (op) {
            case LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR -> x != 0 ? 1 : 0;
            case ABS_MAX, ABS_MIN -> Math.abs(x);
            default -> x;
        };
    }

    /** One element. */
    public static float apply(AluOp op, float a, float b) {
        return Floats.canonical(
                switch (op) {
                    case BYPASS -> a;
                    case ADD -> a + b;
                    case SUBTRACT -> a - b;
                    case MULTIPLY -> a * b;
                    case MAXIMUM -> Functions.maximum(a, b);
                    case MINIMUM -> Functions.minimum(a, b);
                    case EQUAL -> a == b ? 1 : 0;
                    case NOT_EQUAL -> a != b ? 1 : 0;
                    case GREATER_EQUAL -> a >= b ? 1 : 0;
                    case GREATER -> a > b ? 1 : 0;
                    case LESS_EQUAL -> a <= b ? 1 : 0;
                    case LESS -> a < b ? 1 : 0;
                    case LOGICAL_AND -> a != 0 && b != 0 ? 1 : 0;
                    case LOGICAL_OR -> a != 0 || b != 0 ? 1 : 0;
                    case LOGICAL_XOR -> a != 0 ^ b != 0 ? 1 : 0;
                    case POWER -> (float) Functions.pow(a, b);
                    case ABS_MAX -> Functions.maximum(Math.abs(a), Math.abs(b));
                    case ABS_MIN -> Functions.minimum(Math.abs(a), Math.abs(b));
                    case RSQRT -> (float) (1 / Math.sqrt(a));
                    case BITWISE_AND, BITWISE_OR, BITWISE_XOR, BITWISE_INVERT, LEFT_SHIFT, RIGHT_SHIFT ->
                        throw new IllegalArgumentException(op + " takes integers");
                });
    }

    /** Modulo 2^64; with a negative exponent 1, -1 or 0, the quotient truncated. */
    private static long power(long a, long b) {
        if (b < 0) {
            return a == 1 || a == -1 ? power(a, -b) : 0;
        }
        long result = 1;
        for (long square = a, left = b; left > 0; left >>= 1, square *= square) {
            result *= (left & 1) != 0 ? square : 1;
        }
        return result;
    }

    /** Integers of 32 bits, exactly; the caller keeps the low 32 bits. Unsigned operands come zero-extended. */
    public static long apply(AluOp op, long a, long b) {
        return switch (op) {
            case BYPASS -> a;
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
            case EQUAL -> a == b ? 1 : 0;
            case NOT_EQUAL -> a != b ? 1 : 0;
            case GREATER_EQUAL -> a >= b ? 1 : 0;
            case GREATER -> a > b ? 1 : 0;
            case LESS_EQUAL -> a <= b ? 1 : 0;
            case LESS -> a < b ? 1 : 0;
            case LOGICAL_AND -> a != 0 && b != 0 ? 1 : 0;
            case LOGICAL_OR -> a != 0 || b != 0 ? 1 : 0;
            case LOGICAL_XOR -> a != 0 ^ b != 0 ? 1 : 0;
            case BITWISE_AND -> a & b;
            case BITWISE_OR -> a | b;
            case BITWISE_XOR -> a ^ b;
            case BITWISE_INVERT -> ~a;
            case LEFT_SHIFT -> b < 0 || b > 31 ? 0 : a << b;
            case RIGHT_SHIFT -> b < 0 || b > 31 ? 0 : (a & 0xFFFFFFFFL) >>> b;
            case ABS_MAX -> Math.max(Math.abs(a), Math.abs(b));
            case ABS_MIN -> Math.min(Math.abs(a), Math.abs(b));
            case POWER -> power(a, b);
            case RSQRT -> throw new IllegalArgumentException(op + " takes floats");
        };
    }
}
