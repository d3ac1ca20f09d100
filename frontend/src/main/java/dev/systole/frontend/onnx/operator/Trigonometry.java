package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * Circular and hyperbolic functions and their inverses. The formulas lose no digits to cancellation and overflow only where their result
 * does.
 */
final class Trigonometry {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.ofEntries(
            Map.entry("Sin", n -> List.of(n.unary(UnaryOp.SIN, n.input(0)))),
            Map.entry("Cos", n -> List.of(n.unary(UnaryOp.COS, n.input(0)))),
            Map.entry("Atan", n -> List.of(n.unary(UnaryOp.ARCTAN, n.input(0)))),
            Map.entry("Tan", Formula.rule(Trigonometry::tan)),
            Map.entry("Asin", Formula.rule(Trigonometry::arcSine)),
            Map.entry("Acos", Formula.rule(Trigonometry::arcCosine)),
            Map.entry("Sinh", Formula.rule(Trigonometry::sinh)),
            Map.entry("Cosh", Formula.rule(Trigonometry::cosh)),
            Map.entry("Asinh", Formula.rule(Trigonometry::areaSine)),
            Map.entry("Acosh", Formula.rule(Trigonometry::areaCosine)),
            Map.entry("Atanh", Formula.rule(Trigonometry::areaTangent)));

    /** From here on sqrt(1 + x²) is x. */
    private static final double STRAIGHT = 0x1p27;

    private Trigonometry() {}

    private static Value tan(OnnxNode n, Value x) {
        return n.binary(BinaryOp.DIV, n.unary(UnaryOp.SIN, x), n.unary(UnaryOp.COS, x));
    }

    /** 2 arctan(x / (1 + sqrt((1 - x)(1 + x)))). */
    private static Value arcSine(OnnxNode n, Value x) {
        var cosine = n.unary(UnaryOp.SQRT, n.binary(BinaryOp.MUL, oneLess(n, x), onePlus(n, x)));
        return twice(n, n.unary(UnaryOp.ARCTAN, n.binary(BinaryOp.DIV, x, onePlus(n, cosine))));
    }

    /** 2 arctan(sqrt((1 - x) / (1 + x))). */
    private static Value arcCosine(OnnxNode n, Value x) {
        var ratio = n.binary(BinaryOp.DIV, oneLess(n, x), onePlus(n, x));
        return twice(n, n.unary(UnaryOp.ARCTAN, n.unary(UnaryOp.SQRT, ratio)));
    }

    private static Value sinh(OnnxNode n, Value x) {
        return n.binary(BinaryOp.MUL, n.unary(UnaryOp.TANH, x), cosh(n, x));
    }

    /** (e^x + e^-x) / 2; each power is half the square of that of x / 2, which does not overflow before the result. */
    private static Value cosh(OnnxNode n, Value x) {
        var half = n.binary(BinaryOp.MUL, x, 0.5);
        return n.binary(BinaryOp.ADD, halfSquare(n, half), halfSquare(n, n.unary(UnaryOp.NEG, half)));
    }

    private static Value halfSquare(OnnxNode n, Value exponent) {
        var power = n.unary(UnaryOp.EXP, exponent);
        return n.binary(BinaryOp.MUL, n.binary(BinaryOp.MUL, power, 0.5), power);
    }

    private static Value areaSine(OnnxNode n, Value x) {
        return n.binary(BinaryOp.MUL, n.unary(UnaryOp.SIGN, x), areaSineOfMagnitude(n, n.unary(UnaryOp.ABS, x)));
    }

    /** log(a + sqrt(1 + a²)) as log(1 + a + a² / (1 + sqrt(1 + a²))), and log(2a) for large a. */
    private static Value areaSineOfMagnitude(OnnxNode n, Value a) {
        var square = n.unary(UnaryOp.SQUARE, a);
        var root = n.unary(UnaryOp.SQRT, onePlus(n, square));
        var curved = n.binary(BinaryOp.ADD, a, n.binary(BinaryOp.DIV, square, onePlus(n, root)));
        var straight = n.binary(BinaryOp.ADD, n.unary(UnaryOp.LOG, a), Math.log(2));
        return n.select(n.binary(BinaryOp.GT, a, STRAIGHT), straight, logOnePlus(n, curved));
    }

    /** 2 asinh(sqrt((x - 1) / 2)). */
    private static Value areaCosine(OnnxNode n, Value x) {
        var half = n.binary(BinaryOp.MUL, n.binary(BinaryOp.SUB, x, 1), 0.5);
        return twice(n, areaSineOfMagnitude(n, n.unary(UnaryOp.SQRT, half)));
    }

    /** (log(1 + x) - log(1 - x)) / 2. */
    private static Value areaTangent(OnnxNode n, Value x) {
        var difference = n.binary(BinaryOp.SUB, logOnePlus(n, x), logOnePlus(n, n.unary(UnaryOp.NEG, x)));
        return n.binary(BinaryOp.MUL, difference, 0.5);
    }

    /**
     * log(1 + y) for -1 ≤ y below infinity. The sum u = 1 + y is rounded; what it lost, relative to u, is the logarithm of what the
     * quotient (1 + y) / u differs from 1.
     */
    private static Value logOnePlus(OnnxNode n, Value y) {
        var u = onePlus(n, y);
        var lost = n.binary(BinaryOp.SUB, y, n.binary(BinaryOp.SUB, u, 1));
        var divisor = n.binary(BinaryOp.MAX, u, 0x1p-60);
        return n.binary(BinaryOp.ADD, n.unary(UnaryOp.LOG, u), n.binary(BinaryOp.DIV, lost, divisor));
    }

    private static Value onePlus(OnnxNode n, Value x) {
        return n.binary(BinaryOp.ADD, x, 1);
    }

    private static Value oneLess(OnnxNode n, Value x) {
        return n.binary(BinaryOp.ADD, n.unary(UnaryOp.NEG, x), 1);
    }

    private static Value twice(OnnxNode n, Value x) {
        return n.binary(BinaryOp.MUL, x, 2);
    }
}
