package dev.systole.ir.graph;

import dev.systole.ir.number.Elements;
import dev.systole.ir.number.FloatFormat;
import dev.systole.ir.number.Functions;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Functions of elements, and their application and folding over tensors.
 *
 * <p>An element is held as a word: for a float the bits of its value as f64, otherwise the sign- or zero-extended
 * integer, 0 or 1 for a boolean. Floats other than f64 are rounded to fp32 after every operation; one f64 addition,
 * multiplication, division or square root of fp32 operands, rounded to fp32, is that operation in fp32.
 */
final class ElementFunctions {
    private ElementFunctions() {}

    static long read(Tensor tensor, long index) {
        var dtype = tensor.type().dtype();
        if (dtype.isFloat()) {
            return word(Elements.readDouble(tensor.bytes(), index, dtype));
        }
        long value = Elements.readInteger(tensor.bytes(), index, dtype);
        return dtype == DType.BOOL && value != 0 ? 1 : value;
    }

    /** Writes a word rounded to the element type, or wrapped to it. */
    static void write(Tensor tensor, long index, long word) {
        var dtype = tensor.type().dtype();
        if (dtype.isFloat()) {
            Elements.writeDouble(tensor.bytes(), index, dtype, value(word));
        } else {
            Elements.writeInteger(tensor.bytes(), index, dtype, dtype == DType.BOOL && word != 0 ? 1 : word);
        }
    }

    static double value(long word) {
        return Double.longBitsToDouble(word);
    }

    static long word(double value) {
        return Double.doubleToRawLongBits(value);
    }

    /** The whole number as a word of the type. */
    static long wholeNumber(long number, DType dtype) {
        return dtype.isFloat() ? word((double) number) : number;
    }

    /** Computes an elementwise operation; the tensors have as many elements each, in whatever shape. */
    static void apply(Op op, List<Tensor> inputs, Tensor result) {
        switch (op) {
            case Op.Unary(var f) -> unary(f, inputs.getFirst(), result);
            case Op.Binary(var f) -> binary(f, inputs.get(0), inputs.get(1), result);
            case Op.Select() -> select(inputs.get(0), inputs.get(1), inputs.get(2), result);
            case Op.Cast(var to, var saturate) -> cast(inputs.getFirst(), saturate, result);
            case Op.Bitcast(var to) -> result.bytes().copyFrom(inputs.getFirst().bytes());
            default -> throw new IllegalArgumentException(op.mnemonic() + " is not elementwise");
        }
    }

    private static void unary(UnaryOp f, Tensor x, Tensor result) {
        var dtype = x.type().dtype();
        long n = x.type().shape().elements();
        for (long i = 0; i < n; i++) {
            long a = read(x, i);
            write(result, i, dtype.isFloat() ? word(unary(f, value(a))) : unary(f, a, dtype));
        }
    }

    private static void binary(BinaryOp f, Tensor a, Tensor b, Tensor result) {
        var dtype = a.type().dtype();
        long n = a.type().shape().elements();
        boolean done = switch (dtype) {
            case F32 -> WordLoops.floats(f, a.bytes(), b.bytes(), result.bytes(), n);
            case I32 -> WordLoops.integers(f, a.bytes(), b.bytes(), result.bytes(), n);
            default -> false;
        };
        for (long i = 0; i < n && !done; i++) {
            long left = read(a, i);
            long right = read(b, i);
            write(result, i, f.isComparison() ? compare(f, left, right, dtype) : binary(f, left, right, dtype));
        }
    }

    private static void select(Tensor condition, Tensor a, Tensor b, Tensor result) {
        var dtype = result.type().dtype();
        long n = result.type().shape().elements();
        for (long i = 0; i < n; i++) {
            var from = read(condition, i) != 0 ? a : b;
            Elements.writeBits(result.bytes(), i, dtype, Elements.readBits(from.bytes(), i, dtype));
        }
    }

    private static void cast(Tensor x, boolean saturate, Tensor result) {
        var from = x.type().dtype();
        var to = result.type().dtype();
        var out = result.bytes();
        boolean clamp = saturate && to.bits() <= 8 && to != DType.F8E8M0;
        long n = x.type().shape().elements();
        for (long i = 0; i < n; i++) {
            if (to == DType.F64) {
                Elements.writeDouble(out, i, to, Elements.readDouble(x.bytes(), i, from));
            } else if (to.isFloat()) {
                float value = Elements.readFloat(x.bytes(), i, from);
                if (clamp) {
                    Elements.writeBits(out, i, to, FloatFormat.of(to).encodeSaturating(value));
                } else {
                    Elements.writeFloat(out, i, to, value);
                }
            } else if (!from.isFloat()) {
                write(result, i, read(x, i));
            } else {
                double value = Elements.readDouble(x.bytes(), i, from);
                write(result, i, to == DType.BOOL ? (value != 0 ? 1 : 0) : Elements.truncate(value, to));
            }
        }
    }

    /** The word that changes nothing when folded in. */
    static long identity(ReduceOp f, DType dtype) {
        if (dtype.isFloat()) {
            return word(
                    switch (f) {
                        case SUM -> 0.0;
                        case PROD -> 1.0;
                        case MAX -> Double.NEGATIVE_INFINITY;
                        case MIN -> Double.POSITIVE_INFINITY;
                    });
        }
        int unused = dtype == DType.BOOL ? 63 : 64 - dtype.bits();
        return switch (f) {
            case SUM -> 0;
            case PROD -> 1;
            case MAX -> dtype.isSigned() ? Long.MIN_VALUE >> unused : 0;
            case MIN -> dtype.isSigned() ? Long.MAX_VALUE >> unused : -1L >>> unused;
        };
    }

    static void reduce(ReduceOp f, Tensor x, Tensor result) {
        var dtype = x.type().dtype();
        var combine = f.combination();
        var dims = x.type().shape().toArray();
        var strides = result.type().shape().strides();
        for (int d = 0; d < dims.length; d++) {
            strides[d] = result.type().shape().dim(d) == 1 ? 0 : strides[d];
        }
        var running = new long[Math.toIntExact(result.type().shape().elements())];
        var started = new boolean[running.length];
        Arrays.fill(running, identity(f, dtype));
        MovementEvaluation.walk(dims, x.type().shape().strides(), strides, (from, to) -> {
            int r = (int) to;
            running[r] = started[r] ? binary(combine, running[r], read(x, from), dtype) : read(x, from);
            started[r] = true;
        });
        for (int r = 0; r < running.length; r++) {
            write(result, r, running[r]);
        }
    }

    static void scan(Op.Scan scan, Tensor x, Tensor result) {
        var dtype = x.type().dtype();
        var combine = scan.function().combination();
        MovementEvaluation.lines(x.type().shape(), scan.axis(), (first, stride, extent) -> {
            long running = identity(scan.function(), dtype);
            for (long i = 0; i < extent; i++) {
                long at = first + (scan.reverse() ? extent - 1 - i : i) * stride;
                if (scan.exclusive()) {
                    write(result, at, running);
                }
                running = i == 0 ? read(x, at) : binary(combine, running, read(x, at), dtype);
                if (!scan.exclusive()) {
                    write(result, at, running);
                }
            }
        });
    }

    /** Each element is its factor times the one before it, plus its summand. What goes on is not rounded to a narrow type. */
    static void recurrence(int axis, Tensor factor, Tensor summand, Tensor first, Tensor result) {
        var dtype = factor.type().dtype();
        var line = new long[1];
        MovementEvaluation.lines(factor.type().shape(), axis, (start, stride, extent) -> {
            double running = Elements.readDouble(first.bytes(), line[0]++, dtype);
            for (long i = 0; i < extent; i++) {
                long at = start + i * stride;
                double a = Elements.readDouble(factor.bytes(), at, dtype);
                double b = Elements.readDouble(summand.bytes(), at, dtype);
                running = dtype == DType.F64 ? a * running + b : (float) a * (float) running + (float) b;
                Elements.writeDouble(result.bytes(), at, dtype, running);
            }
        });
    }

    /** Folds every window row-major, its padding counting as the identity. */
    static void windows(Op.WindowReduce op, Tensor x, Tensor result) {
        var dtype = x.type().dtype();
        var combine = op.function().combination();
        long identity = identity(op.function(), dtype);
        int spatial = op.window().size();
        var in = x.type().shape().toArray();
        var strides = x.type().shape().strides();
        var window = op.window().stream().mapToLong(Long::longValue).toArray();
        long size = Arrays.stream(window).reduce(1, Math::multiplyExact);
        var out = result.type().shape();
        long n = out.elements();
        var place = new long[out.rank()];
        for (long r = 0; r < n; r++) {
            coordinates(r, out.toArray(), place);
            long plane = place[0] * strides[0] + place[1] * strides[1];
            long running = identity;
            var offset = new long[spatial];
            for (long t = 0; t < size; t++) {
                coordinates(t, window, offset);
                long at = plane;
                boolean inside = true;
                for (int d = 0; d < spatial; d++) {
                    long p = place[d + 2] * op.strides().get(d)
                            - op.low().get(d)
                            + offset[d] * op.dilations().get(d);
                    inside &= p >= 0 && p < in[d + 2];
                    at += p * strides[d + 2];
                }
                long element = inside ? read(x, at) : identity;
                running = t == 0 ? element : binary(combine, running, element, dtype);
            }
            write(result, r, running);
        }
    }

    private static void coordinates(long index, long[] dims, long[] place) {
        for (int d = dims.length - 1; d >= 0; d--) {
            place[d] = index % dims[d];
            index /= dims[d];
        }
    }

    private static double unary(UnaryOp f, double x) {
        return switch (f) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Math.signum(x);
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case ROUND -> Math.rint(x);
            case EXP -> Functions.exp(x);
            case LOG -> Functions.log(x);
            case SQRT -> Math.sqrt(x);
            case RSQRT -> 1 / Math.sqrt(x);
            case RECIPROCAL -> 1 / x;
            case SQUARE -> x * x;
            case SIN -> Math.abs(x) <= Math.PI ? Functions.sin(x) : StrictMath.sin(x);
            case COS -> StrictMath.cos(x);
            case ARCTAN -> Functions.arctan(x);
            case TANH -> Functions.tanh(x);
            case SIGMOID -> Functions.sigmoid(x);
            case ERF -> Functions.erf(x);
            case RELU -> Math.max(x, 0);
            case GELU -> Functions.gelu(x);
            case GELU_TANH -> Functions.geluTanh(x);
            case SILU -> Functions.silu(x);
            case SOFTPLUS -> Functions.softplus(x);
            case MISH -> Functions.mish(x);
            case NOT, BIT_NOT -> throw new GraphException(f.mnemonic() + " does not take floats");
        };
    }

    private static long unary(UnaryOp f, long x, DType dtype) {
        boolean negative = dtype.isSigned() && x < 0;
        return switch (f) {
            case NEG -> -x;
            case ABS -> negative ? -x : x;
            case SIGN -> negative ? -1 : x == 0 ? 0 : 1;
            case FLOOR, CEIL, ROUND -> x;
            case SQUARE -> x * x;
            case RELU -> negative ? 0 : x;
            case NOT -> x == 0 ? 1 : 0;
            case BIT_NOT -> ~x;
            case EXP, LOG, SQRT, RSQRT, RECIPROCAL, SIN, COS, ARCTAN -> throw onlyFloats(f, dtype);
            case TANH, SIGMOID, ERF, GELU, GELU_TANH, SILU, SOFTPLUS, MISH -> throw onlyFloats(f, dtype);
        };
    }

    private static GraphException onlyFloats(UnaryOp f, DType dtype) {
        return new GraphException(f.mnemonic() + " takes floats, not " + dtype + ": cast the operand first");
    }

    /** f(a, b) for everything but comparisons. */
    static long binary(BinaryOp f, long a, long b, DType dtype) {
        if (!dtype.isFloat()) {
            return integers(f, a, b, dtype);
        }
        double result = floats(f, value(a), value(b));
        return word(dtype == DType.F64 ? result : (float) result);
    }

    private static double floats(BinaryOp f, double a, double b) {
        return switch (f) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case POW -> Functions.pow(a, b);
            case REM -> a % b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case EQ, NE, LT, LE, GT, GE, AND, OR, XOR, BIT_AND, BIT_OR, BIT_XOR, SHIFT_LEFT, SHIFT_RIGHT ->
                throw new GraphException(f.mnemonic() + " does not give floats");
        };
    }

    private static long integers(BinaryOp f, long a, long b, DType dtype) {
        boolean unsigned = dtype == DType.U64;
        return switch (f) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> unsigned ? Long.divideUnsigned(a, divisor(f, b)) : a / divisor(f, b);
            case REM -> unsigned ? Long.remainderUnsigned(a, divisor(f, b)) : a % divisor(f, b);
            case POW -> power(a, b, dtype);
            case MAX -> order(a, b, dtype) >= 0 ? a : b;
            case MIN -> order(a, b, dtype) <= 0 ? a : b;
            case AND, BIT_AND -> a & b;
            case OR, BIT_OR -> a | b;
            case XOR, BIT_XOR -> a ^ b;
            case SHIFT_LEFT -> shiftsOut(b, dtype) ? 0 : a << b;
            case SHIFT_RIGHT ->
                dtype.isSigned() ? a >> (shiftsOut(b, dtype) ? 63 : b) : shiftsOut(b, dtype) ? 0 : a >>> b;
            case EQ, NE, LT, LE, GT, GE -> throw new GraphException(f.mnemonic() + " gives booleans, not " + dtype);
        };
    }

    private static long divisor(BinaryOp f, long b) {
        if (b == 0) {
            throw new GraphException(f.mnemonic() + " divides an integer by zero");
        }
        return b;
    }

    private static boolean shiftsOut(long count, DType dtype) {
        return Long.compareUnsigned(count, dtype.bits()) >= 0;
    }

    /** Wrapping power; a negative exponent gives the reciprocal truncated toward zero. */
    private static long power(long base, long exponent, DType dtype) {
        if (dtype.isSigned() && exponent < 0) {
            return switch ((int) Math.clamp(divisor(BinaryOp.POW, base), -2L, 2L)) {
                case 1 -> 1;
                case -1 -> (exponent & 1) == 0 ? 1 : -1;
                default -> 0;
            };
        }
        long result = 1;
        for (long e = exponent, square = base; e != 0; e >>>= 1, square *= square) {
            result *= (e & 1) != 0 ? square : 1;
        }
        return result;
    }

    private static long compare(BinaryOp f, long a, long b, DType dtype) {
        boolean unordered = dtype.isFloat() && (Double.isNaN(value(a)) || Double.isNaN(value(b)));
        int order = unordered ? 0 : order(a, b, dtype);
        boolean holds = switch (f) {
            case EQ -> !unordered && order == 0;
            case NE -> unordered || order != 0;
            case LT -> !unordered && order < 0;
            case LE -> !unordered && order <= 0;
            case GT -> !unordered && order > 0;
            case GE -> !unordered && order >= 0;
            case ADD,
                    SUB,
                    MUL,
                    DIV,
                    POW,
                    REM,
                    MAX,
                    MIN,
                    AND,
                    OR,
                    XOR,
                    BIT_AND,
                    BIT_OR,
                    BIT_XOR,
                    SHIFT_LEFT,
                    SHIFT_RIGHT -> throw new GraphException(f.mnemonic() + " is no comparison");
        };
        return holds ? 1 : 0;
    }

    /** Sign of a - b; 0 for zeros of either sign and where one is NaN. */
    static int order(long a, long b, DType dtype) {
        if (dtype.isFloat()) {
            return value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0;
        }
        return dtype == DType.U64 ? Long.compareUnsigned(a, b) : Long.compare(a, b);
    }
}
