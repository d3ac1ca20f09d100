package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One step of an optimiser: new values of tensors and of what is remembered of their gradients. */
final class Training {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "ai.onnx.preview.training.Adagrad", n -> step(n, 3, Training::adagrad),
            "ai.onnx.preview.training.Adam", n -> step(n, 4, Training::adam),
            "ai.onnx.preview.training.Momentum", n -> step(n, 3, Training::momentum));

    private Training() {}

    /** What an optimiser makes of one tensor. */
    private interface Optimiser {
        /**
         * @param rate R
         * @param count T, in the tensor's type
         * @param x the tensor, its gradient, and what is remembered
         * @return the tensor, and what to remember
         */
        List<Value> update(OnnxNode n, Value rate, Value count, List<Value> x);
    }

    /** Operands are the rate, the count, all tensors, all gradients, and all that is remembered, kind by kind. */
    private static List<Value> step(OnnxNode n, int kinds, Optimiser optimiser) {
        int tensors = (n.inputs() - 2) / kinds;
        if (tensors < 1 || n.inputs() != 2 + tensors * kinds) {
            throw n.fault("has " + n.inputs() + " inputs; it takes a rate, a count and " + kinds + " for each tensor");
        }
        one(n, 0);
        one(n, 1);
        var results = new ArrayList<List<Value>>();
        for (int i = 0; i < tensors; i++) {
            var type = n.input(2 + i).type();
            var operands = new ArrayList<Value>();
            for (int kind = 0; kind < kinds; kind++) {
                operands.add(
                        n.cast(n.shaped(2 + kind * tensors + i, type.shape().toArray()), type.dtype()));
            }
            var rate = n.cast(one(n, 0), type.dtype());
            results.add(optimiser.update(n, rate, n.cast(one(n, 1), type.dtype()), operands));
        }
        var outputs = new ArrayList<Value>();
        for (int kind = 0; kind < kinds - 1; kind++) {
            for (var result : results) {
                outputs.add(result.get(kind));
            }
        }
        return outputs;
    }

    private static Value one(OnnxNode n, int i) {
        if (n.input(i).type().shape().elements() != 1) {
            throw n.fault("input " + i + " is " + n.input(i).type() + ", not one number");
        }
        return n.reshape(n.input(i), Shape.SCALAR);
    }

    private static Value add(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.ADD, a, b);
    }

    private static Value sub(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.SUB, a, b);
    }

    private static Value mul(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.MUL, a, b);
    }

    private static Value div(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.DIV, a, b);
    }

    private static Value scaled(OnnxNode n, Value x, double factor) {
        return n.binary(BinaryOp.MUL, x, factor);
    }

    /** The gradient of the regularised function. */
    private static Value regularised(OnnxNode n, Value x, Value gradient) {
        double coefficient = n.attributes().real("norm_coefficient");
        return coefficient == 0 ? gradient : add(n, scaled(n, x, coefficient), gradient);
    }

    private static List<Value> adagrad(OnnxNode n, Value rate, Value count, List<Value> x) {
        var gradient = regularised(n, x.get(0), x.get(1));
        var squares = add(n, x.get(2), n.unary(UnaryOp.SQUARE, gradient));
        var decay = n.binary(BinaryOp.ADD, scaled(n, count, n.attributes().real("decay_factor")), 1);
        var root = n.binary(
                BinaryOp.ADD, n.unary(UnaryOp.SQRT, squares), n.attributes().real("epsilon"));
        return List.of(sub(n, x.get(0), div(n, mul(n, div(n, rate, decay), gradient), root)), squares);
    }

    private static List<Value> adam(OnnxNode n, Value rate, Value count, List<Value> x) {
        double alpha = n.attributes().real("alpha");
        double beta = n.attributes().real("beta");
        var gradient = regularised(n, x.get(0), x.get(1));
        var mean = add(n, scaled(n, x.get(2), alpha), scaled(n, gradient, 1 - alpha));
        var squares = add(n, scaled(n, x.get(3), beta), scaled(n, n.unary(UnaryOp.SQUARE, gradient), 1 - beta));
        var root = n.binary(
                BinaryOp.ADD, n.unary(UnaryOp.SQRT, squares), n.attributes().real("epsilon"));
        var corrected = div(
                n, mul(n, rate, n.unary(UnaryOp.SQRT, oneLessPower(n, beta, count))), oneLessPower(n, alpha, count));
        var adjusted = n.select(n.binary(BinaryOp.GT, count, 0), corrected, rate);
        var next = sub(n, x.get(0), mul(n, adjusted, div(n, mean, root)));
        double post = n.attributes().real("norm_coefficient_post");
        return List.of(post == 0 ? next : scaled(n, next, 1 - post), mean, squares);
    }

    private static Value oneLessPower(OnnxNode n, double base, Value exponent) {
        var dtype = exponent.type().dtype();
        return sub(n, n.scalar(dtype, 1), n.binary(BinaryOp.POW, n.scalar(dtype, base), exponent));
    }

    /** The first gradient counts in full. */
    private static List<Value> momentum(OnnxNode n, Value rate, Value count, List<Value> x) {
        var mode = n.attributes().text("mode");
        if (!mode.equals("standard") && !mode.equals("nesterov")) {
            throw n.fault("mode is \"" + mode + "\", not standard or nesterov");
        }
        var dtype = count.type().dtype();
        double alpha = n.attributes().real("alpha");
        var gradient = regularised(n, x.get(0), x.get(1));
        var share = n.select(
                n.binary(BinaryOp.GT, count, 0), n.scalar(dtype, n.attributes().real("beta")), n.scalar(dtype, 1));
        var velocity = add(n, scaled(n, x.get(2), alpha), mul(n, share, gradient));
        var direction = mode.equals("standard") ? velocity : add(n, gradient, scaled(n, velocity, alpha));
        return List.of(sub(n, x.get(0), mul(n, rate, direction)), velocity);
    }
}
