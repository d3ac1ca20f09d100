package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;

/** Derivatives of the functions of one number. */
final class Slopes {
    private Slopes() {}

    /** f'(x), with y = f(x). */
    static Value of(OnnxNode n, UnaryOp f, Value x, Value y) {
        return switch (f) {
            case NEG -> n.scalar(x.type().dtype(), -1);
            case ABS -> n.unary(UnaryOp.SIGN, x);
            case EXP -> y;
            case LOG -> n.unary(UnaryOp.RECIPROCAL, x);
            case SQRT -> mul(n, n.unary(UnaryOp.RECIPROCAL, y), 0.5);
            case RSQRT -> mul(n, mul(n, n.unary(UnaryOp.SQUARE, y), y), -0.5);
            case RECIPROCAL -> n.unary(UnaryOp.NEG, n.unary(UnaryOp.SQUARE, y));
            case SQUARE -> mul(n, x, 2);
            case SIN -> n.unary(UnaryOp.COS, x);
            case COS -> n.unary(UnaryOp.NEG, n.unary(UnaryOp.SIN, x));
            case ARCTAN -> n.unary(UnaryOp.RECIPROCAL, n.binary(BinaryOp.ADD, n.unary(UnaryOp.SQUARE, x), 1));
            case TANH -> oneLess(n, n.unary(UnaryOp.SQUARE, y));
            case SIGMOID -> mul(n, y, oneLess(n, y));
            case ERF -> mul(n, bell(n, x, 1), 2 / Math.sqrt(Math.PI));
            case SOFTPLUS -> n.unary(UnaryOp.SIGMOID, x);
            case GELU -> {
                var half = mul(n, n.binary(BinaryOp.ADD, n.unary(UnaryOp.ERF, mul(n, x, Math.sqrt(0.5))), 1), 0.5);
                yield add(n, half, mul(n, x, mul(n, bell(n, x, 0.5), 1 / Math.sqrt(2 * Math.PI))));
            }
            case GELU_TANH -> tanhGelu(n, x);
            case SILU -> {
                var s = n.unary(UnaryOp.SIGMOID, x);
                yield mul(n, s, n.binary(BinaryOp.ADD, mul(n, x, oneLess(n, s)), 1));
            }
            case MISH -> {
                var t = n.unary(UnaryOp.TANH, n.unary(UnaryOp.SOFTPLUS, x));
                var rest = mul(n, oneLess(n, n.unary(UnaryOp.SQUARE, t)), n.unary(UnaryOp.SIGMOID, x));
                yield add(n, t, mul(n, x, rest));
            }
            case RELU, SIGN, FLOOR, CEIL, ROUND, NOT, BIT_NOT -> throw new IllegalArgumentException(f.mnemonic());
        };
    }

    /** Of x (1 + tanh(u)) / 2 with u = √(2/π) (x + 0.044715 x³). */
    private static Value tanhGelu(OnnxNode n, Value x) {
        double c = Math.sqrt(2 / Math.PI);
        var squared = n.unary(UnaryOp.SQUARE, x);
        var u = mul(n, x, n.binary(BinaryOp.ADD, mul(n, squared, c * 0.044715), c));
        var slope = n.binary(BinaryOp.ADD, mul(n, squared, 3 * c * 0.044715), c);
        var t = n.unary(UnaryOp.TANH, u);
        var rest = mul(n, x, mul(n, oneLess(n, n.unary(UnaryOp.SQUARE, t)), slope));
        return mul(n, add(n, n.binary(BinaryOp.ADD, t, 1), rest), 0.5);
    }

    /** exp(-width x²). */
    private static Value bell(OnnxNode n, Value x, double width) {
        return n.unary(UnaryOp.EXP, mul(n, n.unary(UnaryOp.SQUARE, x), -width));
    }

    private static Value add(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.ADD, a, b);
    }

    private static Value mul(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.MUL, a, b);
    }

    private static Value mul(OnnxNode n, Value a, double b) {
        return n.binary(BinaryOp.MUL, a, b);
    }

    private static Value oneLess(OnnxNode n, Value x) {
        return n.binary(BinaryOp.SUB, n.scalar(x.type().dtype(), 1), x);
    }
}
