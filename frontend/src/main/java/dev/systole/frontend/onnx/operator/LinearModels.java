package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Map;

/** Classical models that are products: linear ones, and support vectors with a kernel. Computed in fp32, as their results are. */
final class LinearModels {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "ai.onnx.ml.LinearClassifier",
            LinearModels::classify,
            "ai.onnx.ml.LinearRegressor",
            LinearModels::regress,
            "ai.onnx.ml.SVMRegressor",
            LinearModels::supportVectors);

    private LinearModels() {}

    private static Value input(OnnxNode n) {
        return n.cast(Features.rows(n, n.input(0)), DType.F32);
    }

    /** Rows [N, features] times the transpose of coefficients [outputs, features]. */
    private static Value product(OnnxNode n, Value x, List<Float> coefficients, long outputs) {
        long features = x.type().shape().dim(1);
        if (outputs < 1 || coefficients.size() != outputs * features) {
            throw n.fault("has %d coefficients for %d outputs of %d features"
                    .formatted(coefficients.size(), outputs, features));
        }
        var w = n.transpose(Features.floats(n, Shape.of(outputs, features), coefficients), List.of(1, 0));
        return n.add(new Op.MatMul(DType.F32), x, w);
    }

    private static Value scores(OnnxNode n, long outputs) {
        var coefficients = n.attributes().reals("coefficients").orElse(List.of());
        var product = product(n, input(n), coefficients, outputs);
        var intercepts = n.attributes().reals("intercepts").orElse(List.of());
        if (intercepts.isEmpty()) {
            return product;
        }
        if (intercepts.size() != outputs) {
            throw n.fault("has " + intercepts.size() + " intercepts for " + outputs + " outputs");
        }
        return n.binary(BinaryOp.ADD, product, Features.floats(n, Shape.of(outputs), intercepts));
    }

    private static List<Value> regress(OnnxNode n) {
        var scores = scores(n, n.attributes().integer("targets"));
        return List.of(transformed(n, scores));
    }

    /** ONNX Runtime leaves one score as it is, whatever the transformation, but for PROBIT. */
    static Value transformed(OnnxNode n, Value scores) {
        var transformation = n.attributes().text("post_transform");
        boolean isKept = scores.type().shape().dim(1) == 1 && !transformation.equals("PROBIT");
        return isKept ? scores : Scores.transformed(n, transformation, scores);
    }

    /** The label of the largest score; one score of two classes is that of the second. */
    private static List<Value> classify(OnnxNode n) {
        var coefficients = n.attributes().reals("coefficients").orElse(List.of());
        long features = input(n).type().shape().dim(1);
        long outputs = features == 0 ? 0 : coefficients.size() / features;
        var scores = scores(n, outputs);
        var labels = Scores.labels(n, "classlabels_ints");
        long classes = labels.type().shape().dim(0);
        var transformation = n.attributes().text("post_transform");
        if (outputs == classes) {
            return List.of(Scores.best(n, labels, scores), Scores.transformed(n, transformation, scores));
        }
        if (outputs != 1 || classes != 2 || transformation.equals("PROBIT")) {
            throw n.fault("gives " + outputs + " scores for " + classes + " classes, transformed by " + transformation);
        }
        var results = transformation.equals("LOGISTIC")
                ? Scores.both(
                        n, n.unary(UnaryOp.SIGMOID, n.unary(UnaryOp.NEG, scores)), n.unary(UnaryOp.SIGMOID, scores))
                : Scores.both(n, n.binary(BinaryOp.SUB, n.scalar(DType.F32, 1), scores), scores);
        return List.of(Scores.above(n, labels, scores, 0), results);
    }

    /** Without support vectors the coefficients are the one vector that the kernel is taken with. */
    private static List<Value> supportVectors(OnnxNode n) {
        var x = input(n);
        long features = x.type().shape().dim(1);
        long supports = n.attributes().integer("n_supports");
        var coefficients = n.attributes().reals("coefficients").orElse(List.of());
        var sum = supports > 0
                ? product(
                        n,
                        kernel(n, x, n.attributes().reals("support_vectors").orElse(List.of()), supports, features),
                        coefficients,
                        1)
                : kernel(n, x, coefficients, 1, features);
        var rho = n.attributes().reals("rho").orElse(List.of());
        var result = n.binary(BinaryOp.ADD, sum, rho.isEmpty() ? 0 : rho.getFirst());
        if (n.attributes().flag("one_class")) {
            var one = n.scalar(DType.F32, 1);
            result = n.select(n.binary(BinaryOp.GT, result, 0), one, n.unary(UnaryOp.NEG, one));
        }
        return List.of(transformed(n, result));
    }

    /** K(x, v) for each row and each vector, [N, vectors]. The parameters are gamma, coef0 and degree. */
    private static Value kernel(OnnxNode n, Value x, List<Float> vectors, long count, long features) {
        var given = n.attributes().reals("kernel_params").orElse(List.of());
        var parameters = given.isEmpty() ? List.of(0f, 0f, 0f) : given;
        if (parameters.size() != 3) {
            throw n.fault("has " + parameters.size() + " parameters of its kernel; they are gamma, coef0 and degree");
        }
        var name = n.attributes().text("kernel_type");
        if (name.equals("RBF")) {
            return n.unary(
                    UnaryOp.EXP, n.binary(BinaryOp.MUL, distances(n, x, vectors, count, features), -parameters.get(0)));
        }
        var product = product(n, x, vectors, count);
        return switch (name) {
            case "LINEAR" -> product;
            case "POLY" -> n.binary(BinaryOp.POW, affine(n, product, parameters), parameters.get(2));
            case "SIGMOID" -> n.unary(UnaryOp.TANH, affine(n, product, parameters));
            default ->
                throw n.fault("attribute \"kernel_type\" is \"" + name + "\"; there are LINEAR, POLY, RBF and SIGMOID");
        };
    }

    private static Value affine(OnnxNode n, Value product, List<Float> parameters) {
        return n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, product, parameters.get(0)), parameters.get(1));
    }

    /** Squares of the distances of rows from vectors. */
    private static Value distances(OnnxNode n, Value x, List<Float> vectors, long count, long features) {
        if (vectors.size() != count * features) {
            throw n.fault(
                    "has %d numbers for %d support vectors of %d features".formatted(vectors.size(), count, features));
        }
        var v = Features.floats(n, Shape.of(1, count, features), vectors);
        var rows = n.reshape(x, Shape.of(x.type().shape().dim(0), 1, features));
        var squares = n.unary(UnaryOp.SQUARE, n.binary(BinaryOp.SUB, rows, v));
        return n.reshape(
                n.add(new Op.Reduce(ReduceOp.SUM, List.of(2)), squares),
                Shape.of(x.type().shape().dim(0), count));
    }
}
