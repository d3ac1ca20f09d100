package dev.systole.ir.tile;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.number.Functions;
import dev.systole.ir.type.DType;

/** What elementwise statements compute: fp32 as the machine's engines do, 32-bit integers exactly. */
final class TileFunctions {
    private TileFunctions() {}

    static float unary(UnaryOp f, float x) {
        return switch (f) {
            case NEG -> x * -1;
            case FLOOR -> (float) Math.floor(x);
            case CEIL -> (float) Math.ceil(x);
            case ROUND -> (float) Math.rint(x);
            case COS -> (float) StrictMath.cos(x);
            case RECIPROCAL -> 1 / x;
            case SQUARE -> x * x;
            case RELU -> Functions.maximum(x, 0);
            case NOT -> x == 0 ? 1 : 0;
            case BIT_NOT -> ~(long) x;
            case ABS -> ActivationFunction.ABS.apply(x);
            case SIGN -> ActivationFunction.SIGN.apply(x);
            case EXP -> ActivationFunction.EXP.apply(x);
            case LOG -> ActivationFunction.LOG.apply(x);
            case SQRT -> ActivationFunction.SQRT.apply(x);
            case RSQRT -> ActivationFunction.RSQRT.apply(x);
            case SIN -> ActivationFunction.SIN.apply(x);
            case ARCTAN -> ActivationFunction.ARCTAN.apply(x);
            case TANH -> ActivationFunction.TANH.apply(x);
            case SIGMOID -> ActivationFunction.SIGMOID.apply(x);
            case ERF -> ActivationFunction.ERF.apply(x);
            case GELU -> ActivationFunction.GELU.apply(x);
            case GELU_TANH -> ActivationFunction.GELU_APPRX_TANH.apply(x);
            case SILU -> ActivationFunction.SILU.apply(x);
            case SOFTPLUS -> ActivationFunction.SOFTPLUS.apply(x);
            case MISH -> ActivationFunction.MISH.apply(x);
        };
    }

    static long unary(UnaryOp f, long x) {
        return switch (f) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Long.signum(x);
            case SQUARE -> x * x;
            case RELU -> Math.max(0, x);
            case NOT -> x == 0 ? 1 : 0;
            case BIT_NOT -> ~x;
            case FLOOR, CEIL, ROUND -> x;
            default -> throw new TileException(f.mnemonic() + " does not take 32-bit integers");
        };
    }

    static float binary(BinaryOp f, float a, float b) {
        return switch (f) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            // The machine has no division.
            case DIV -> a * (1 / b);
            case POW -> (float) Functions.pow(a, b);
            case REM -> a % b;
            case MAX -> Functions.maximum(a, b);
            case MIN -> Functions.minimum(a, b);
            case EQ -> a == b ? 1 : 0;
            case NE -> a != b ? 1 : 0;
            case LT -> a < b ? 1 : 0;
            case LE -> a <= b ? 1 : 0;
            case GT -> a > b ? 1 : 0;
            case GE -> a >= b ? 1 : 0;
            case AND -> a != 0 && b != 0 ? 1 : 0;
            case OR -> a != 0 || b != 0 ? 1 : 0;
            case XOR -> a != 0 ^ b != 0 ? 1 : 0;
            case BIT_AND, BIT_OR, BIT_XOR, SHIFT_LEFT, SHIFT_RIGHT ->
                throw new TileException(f.mnemonic() + " takes integers");
        };
    }

    static long binary(BinaryOp f, long a, long b, DType dtype) {
        int bits = dtype.bits();
        return switch (f) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case EQ -> a == b ? 1 : 0;
            case NE -> a != b ? 1 : 0;
            case LT -> a < b ? 1 : 0;
            case LE -> a <= b ? 1 : 0;
            case GT -> a > b ? 1 : 0;
            case GE -> a >= b ? 1 : 0;
            case AND -> a != 0 && b != 0 ? 1 : 0;
            case OR -> a != 0 || b != 0 ? 1 : 0;
            case XOR -> a != 0 ^ b != 0 ? 1 : 0;
            case BIT_AND -> a & b;
            case BIT_OR -> a | b;
            case BIT_XOR -> a ^ b;
            case SHIFT_LEFT -> b < 0 || b >= bits ? 0 : a << b;
            case SHIFT_RIGHT -> b < 0 || b >= bits ? 0 : (a & (-1L >>> (64 - bits))) >>> b;
            case POW -> (long) Functions.pow(a, b);
            case DIV, REM -> throw new TileException(f.mnemonic() + " does not take 32-bit integers");
        };
    }

    static float reduce(ReduceOp f, float a, float b) {
        return switch (f) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Functions.maximum(a, b);
            case MIN -> Functions.minimum(a, b);
        };
    }

    static long reduce(ReduceOp f, long a, long b) {
        return switch (f) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }
}
