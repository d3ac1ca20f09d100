package dev.systole.emulator.kernel;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.number.Functions;
import dev.systole.trainium.isa.AluOp;

/** Elementwise functions of rows of fp32 values. */
public final class ElementKernel {
    private ElementKernel() {}

    /**
     * {@code d[i] = a[i] op b[i]} for arithmetic, comparisons and logical operators.
     *
     * @throws IllegalArgumentException for operators on bits, which have no fp32 operands
     */
    public static void binary(AluOp op, float[] a, float[] b, float[] d, int n) {
        switch (op) {
            case BYPASS -> System.arraycopy(a, 0, d, 0, n);
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    d[i] = a[i] + b[i];
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < n; i++) {
                    d[i] = a[i] - b[i];
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < n; i++) {
                    d[i] = a[i] * b[i];
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    d[i] = apply(op, a[i], b[i]);
                }
            }
        }
    }

    /** As {@link #binary}, with one value for all elements on the right, or on the left if {@code reverse}. */
    public static void scalar(AluOp op, float[] a, float s, boolean reverse, float[] d, int n) {
        switch (op) {
            case BYPASS -> System.arraycopy(a, 0, d, 0, n);
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    d[i] = a[i] + s;
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < n; i++) {
                    d[i] = a[i] * s;
                }
            }
            default -> {
                if (reverse) {
                    for (int i = 0; i < n; i++) {
                        d[i] = apply(op, s, a[i]);
                    }
                } else {
                    for (int i = 0; i < n; i++) {
                        d[i] = apply(op, a[i], s);
                    }
                }
            }
        }
    }

    /** One element. */
    public static float apply(AluOp op, float a, float b) {
        return switch (op) {
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
        };
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
            case POWER -> (long) Functions.pow(a, b);
            case RSQRT -> throw new IllegalArgumentException(op + " takes floats");
        };
    }

    /** {@code d[i] = f(fma(a[i], scale, bias))}. */
    public static void activation(ActivationFunction f, float[] a, float scale, float bias, float[] d, int n) {
        if (scale != 1 || bias != 0) {
            for (int i = 0; i < n; i++) {
                d[i] = Math.fma(a[i], scale, bias);
            }
            a = d;
        }
        switch (f) {
            case COPY -> {
                if (a != d) {
                    System.arraycopy(a, 0, d, 0, n);
                }
            }
            case EXP -> {
                for (int i = 0; i < n; i++) {
                    d[i] = (float) Functions.exp(a[i]);
                }
            }
            case GELU -> {
                for (int i = 0; i < n; i++) {
                    d[i] = (float) Functions.gelu(a[i]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    d[i] = f.apply(a[i]);
                }
            }
        }
    }
}
