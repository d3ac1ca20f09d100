package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Losses of a classification. Classes are dimension 1 of the scores; the labels have the other dimensions. */
final class Losses {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "NegativeLogLikelihoodLoss",
            n -> List.of(loss(n, scores(n))),
            "SoftmaxCrossEntropyLoss",
            Losses::crossEntropy);

    private Losses() {}

    private static List<Value> crossEntropy(OnnxNode n) {
        var logarithms = logSoftmax(n, scores(n));
        return List.of(
                loss(n, logarithms), n.reshape(logarithms, n.input(0).type().shape()));
    }

    /** [batch, classes] or [batch, classes, places]: all dimensions behind the classes are one. */
    private static Value scores(OnnxNode n) {
        var shape = n.input(0).type().shape();
        if (shape.rank() < 2) {
            throw n.fault(
                    "scores are " + n.input(0).type() + "; their first two dimensions are the batch and the classes");
        }
        n.shaped(1, labelled(shape).toArray());
        if (shape.rank() == 2) {
            return n.input(0);
        }
        long places = Shape.of(shape.dims().asList().subList(2, shape.rank())).elements();
        return n.reshape(n.input(0), Shape.of(shape.dim(0), shape.dim(1), places));
    }

    /** The shape of what there is for each label. */
    private static Shape labelled(Shape scores) {
        var dims = new ArrayList<>(scores.dims().asList());
        dims.remove(1);
        return Shape.of(dims);
    }

    private static Value logSoftmax(OnnxNode n, Value x) {
        var classes = List.of(1);
        var shifted = n.binary(BinaryOp.SUB, x, n.add(new Op.Reduce(ReduceOp.MAX, classes), x));
        var sum = n.add(new Op.Reduce(ReduceOp.SUM, classes), n.unary(UnaryOp.EXP, shifted));
        return n.binary(BinaryOp.SUB, shifted, n.unary(UnaryOp.LOG, sum));
    }

    /** Minus the score of each label's class, times the class's weight. A mean is over the weights that count. */
    private static Value loss(OnnxNode n, Value scores) {
        var shape = scores.type().shape();
        var labels = n.reshape(n.input(1), labelled(shape));
        var chosen = chosen(n, labels, shape);
        var losses = n.unary(UnaryOp.NEG, picked(n, chosen, scores));
        var weights = weights(n, chosen, shape.dim(1));
        if (n.attributes().has("ignore_index")) {
            var ignored = n.binary(BinaryOp.EQ, labels, index(n, labels.type().dtype()));
            var zero = n.scalar(scores.type().dtype(), 0);
            var counted = weights.orElseGet(
                    () -> n.splat(scores.type().dtype(), labels.type().shape(), 1));
            losses = n.select(ignored, zero, losses);
            weights = Optional.of(n.select(ignored, zero, counted));
        }
        var unweighted = losses;
        var weighted = weights.map(w -> n.binary(BinaryOp.MUL, unweighted, w)).orElse(losses);
        var reduction = n.attributes().text("reduction");
        return switch (reduction) {
            case "none" -> n.reshape(weighted, n.input(1).type().shape());
            case "sum" -> total(n, weighted);
            case "mean" ->
                weights.map(w -> n.binary(BinaryOp.DIV, total(n, weighted), total(n, w)))
                        .orElseGet(() -> n.binary(
                                BinaryOp.DIV,
                                total(n, weighted),
                                labels.type().shape().elements()));
            default -> throw n.fault("reduction is \"" + reduction + "\", not none, sum or mean");
        };
    }

    private static Value index(OnnxNode n, DType labels) {
        long index = n.attributes().integer("ignore_index");
        if (labels == DType.I32 && index != (int) index) {
            throw n.fault("ignore_index " + index + " is no label of type i32");
        }
        return n.cast(n.constant(Tensor.ofLongs(Shape.SCALAR, index)), labels);
    }

    /** [batch, classes, ...]: whether a class is the label. */
    private static Value chosen(OnnxNode n, Value labels, Shape scores) {
        var wide = n.reshape(labels, scores.with(1, 1));
        return n.binary(
                BinaryOp.EQ,
                wide,
                alongClasses(n, n.cast(n.iota(scores.dim(1)), labels.type().dtype()), scores));
    }

    private static Value alongClasses(OnnxNode n, Value x, Shape scores) {
        var dims = new long[scores.rank()];
        Arrays.fill(dims, 1);
        dims[1] = scores.dim(1);
        return n.reshape(x, Shape.of(dims));
    }

    private static Value picked(OnnxNode n, Value chosen, Value x) {
        var zero = n.scalar(x.type().dtype(), 0);
        var only = n.add(new Op.Reduce(ReduceOp.SUM, List.of(1)), n.select(chosen, x, zero));
        return n.reshape(only, labelled(chosen.type().shape()));
    }

    private static Optional<Value> weights(OnnxNode n, Value chosen, long classes) {
        return n.has(2)
                ? Optional.of(picked(
                        n,
                        chosen,
                        alongClasses(n, n.shaped(2, classes), chosen.type().shape())))
                : Optional.empty();
    }

    private static Value total(OnnxNode n, Value x) {
        var all = IntStream.range(0, x.type().shape().rank()).boxed().toList();
        return n.reshape(n.add(new Op.Reduce(ReduceOp.SUM, all), x), Shape.SCALAR);
    }
}
