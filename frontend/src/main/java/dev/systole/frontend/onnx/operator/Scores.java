package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;

/** What classical models make of their scores. */
final class Scores {
    /** Two constants of the approximation of the inverse error function that ONNX Runtime uses (S. Winitzki, 2008). */
    private static final double WINITZKI = 0.147;

    private static final double PI = 3.14159;

    /** Scores closer to zero than this count as none. */
    private static final double NONE = 1e-7;

    private Scores() {}

    /** Scores [N, outputs] after the transformation that the attribute names. */
    static Value transformed(OnnxNode n, String transformation, Value scores) {
        return switch (transformation) {
            case "NONE" -> scores;
            case "LOGISTIC" -> n.unary(UnaryOp.SIGMOID, scores);
            case "SOFTMAX" -> softmax(n, scores);
            case "SOFTMAX_ZERO" -> softmaxZero(n, scores);
            case "PROBIT" -> probit(n, scores);
            default ->
                throw n.fault("attribute \"post_transform\" is \"" + transformation
                        + "\"; there are NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO and PROBIT");
        };
    }

    private static Value largest(OnnxNode n, Value scores) {
        return n.add(new Op.Reduce(ReduceOp.MAX, List.of(1)), scores);
    }

    private static Value softmax(OnnxNode n, Value scores) {
        var powers = n.unary(UnaryOp.EXP, n.binary(BinaryOp.SUB, scores, largest(n, scores)));
        return n.binary(BinaryOp.DIV, powers, n.add(new Op.Reduce(ReduceOp.SUM, List.of(1)), powers));
    }

    /** A softmax in which scores of zero stay zero. */
    private static Value softmaxZero(OnnxNode n, Value scores) {
        var largest = largest(n, scores);
        var powers = n.unary(UnaryOp.EXP, n.binary(BinaryOp.SUB, scores, largest));
        var isZero = n.binary(BinaryOp.LE, n.unary(UnaryOp.ABS, scores), NONE);
        var small = n.binary(BinaryOp.MUL, scores, n.unary(UnaryOp.EXP, n.unary(UnaryOp.NEG, largest)));
        var counted = n.select(isZero, n.scalar(scores.type().dtype(), 0), powers);
        var sum = n.add(new Op.Reduce(ReduceOp.SUM, List.of(1)), counted);
        return n.binary(BinaryOp.DIV, n.select(isZero, small, powers), sum);
    }

    /** √2 erf⁻¹(2x − 1). */
    private static Value probit(OnnxNode n, Value scores) {
        var x = n.binary(BinaryOp.SUB, n.binary(BinaryOp.MUL, scores, 2), 1);
        var one = n.scalar(x.type().dtype(), 1);
        var log = n.unary(
                UnaryOp.LOG, n.binary(BinaryOp.MUL, n.binary(BinaryOp.SUB, one, x), n.binary(BinaryOp.ADD, x, one)));
        var v = n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, log, 0.5), 2 / (PI * WINITZKI));
        var root = n.unary(
                UnaryOp.SQRT,
                n.binary(BinaryOp.SUB, n.unary(UnaryOp.SQUARE, v), n.binary(BinaryOp.MUL, log, 1 / WINITZKI)));
        var size = n.unary(UnaryOp.SQRT, n.binary(BinaryOp.SUB, root, v));
        var signed = n.select(n.binary(BinaryOp.LT, x, 0), n.unary(UnaryOp.NEG, size), size);
        return n.binary(BinaryOp.MUL, signed, Math.sqrt(2));
    }

    /** The labels of classes, unless they are text, which only the scores can do without. */
    static Value labels(OnnxNode n, String name) {
        var labels = n.attributes().integers(name).filter(l -> !l.isEmpty());
        if (labels.isPresent()) {
            return n.longs(labels.get());
        }
        throw n.fault("has no \"" + name + "\"; labels of text are not supported");
    }

    /** The label of the largest score of each row, the first one of equals. */
    static Value best(OnnxNode n, Value labels, Value scores) {
        var at = n.add(new Op.ArgReduce(true, 1, false), scores);
        return n.add(
                new Op.Gather(),
                labels,
                n.reshape(at, Shape.of(scores.type().shape().dim(0))));
    }

    /** Labels by whether a score [N, 1] is above a bound: of two, the second one is. */
    static Value above(OnnxNode n, Value labels, Value score, double bound) {
        var second = n.cast(n.binary(BinaryOp.GT, score, bound), DType.I64);
        return n.add(
                new Op.Gather(),
                labels,
                n.reshape(second, Shape.of(score.type().shape().dim(0))));
    }

    /** The scores of two classes from that of the second one. */
    static Value both(OnnxNode n, Value first, Value second) {
        return n.concat(1, List.of(first, second));
    }
}
