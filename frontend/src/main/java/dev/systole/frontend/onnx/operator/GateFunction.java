package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** An activation function of a recurrent layer with its parameters. */
record GateFunction(String name, double alpha, double beta) {

    /**
     * The functions of a node, {@code defaults} for each direction if it names none. Parameters are consumed in the order of the functions
     * that take them.
     *
     * @return as many for each direction as there are defaults
     */
    static List<GateFunction> of(OnnxNode n, List<String> defaults, int directions) {
        int count = defaults.size() * directions;
        var names = n.attributes()
                .texts("activations")
                .filter(t -> !t.isEmpty())
                .orElseGet(() -> repeated(defaults, directions));
        if (names.size() < count) {
            throw n.fault("names " + names.size() + " activation functions; it needs " + count);
        }
        var alphas = n.attributes().reals("activation_alpha").orElse(List.of()).iterator();
        var betas = n.attributes().reals("activation_beta").orElse(List.of()).iterator();
        return names.stream()
                .limit(count)
                .map(name -> of(n, name.toLowerCase(Locale.ROOT), alphas, betas))
                .toList();
    }

    private static List<String> repeated(List<String> defaults, int directions) {
        var names = new ArrayList<String>();
        for (int i = 0; i < directions; i++) {
            names.addAll(defaults);
        }
        return names;
    }

    private static GateFunction of(OnnxNode n, String name, Iterator<Float> alphas, Iterator<Float> betas) {
        return switch (name) {
            case "relu", "tanh", "sigmoid", "softsign", "softplus" -> new GateFunction(name, 0, 0);
            case "leakyrelu" -> new GateFunction(name, next(alphas, 0.01f), 0);
            case "thresholdedrelu", "elu" -> new GateFunction(name, next(alphas, 1), 0);
            case "affine" -> new GateFunction(name, next(alphas, 1), next(betas, 0));
            case "scaledtanh" -> new GateFunction(name, next(alphas, 1), next(betas, 1));
            case "hardsigmoid" -> new GateFunction(name, next(alphas, 0.2f), next(betas, 0.5f));
            default -> throw n.fault("activation function \"" + name + "\" is not one of the specification's");
        };
    }

    private static float next(Iterator<Float> given, float otherwise) {
        return given.hasNext() ? given.next() : otherwise;
    }

    Value apply(OnnxNode n, Value x) {
        return switch (name) {
            case "relu" -> n.unary(UnaryOp.RELU, x);
            case "tanh" -> n.unary(UnaryOp.TANH, x);
            case "sigmoid" -> n.unary(UnaryOp.SIGMOID, x);
            case "softplus" -> n.unary(UnaryOp.SOFTPLUS, x);
            case "softsign" -> n.binary(BinaryOp.DIV, x, n.binary(BinaryOp.ADD, n.unary(UnaryOp.ABS, x), 1));
            case "affine" -> affine(n, x);
            case "hardsigmoid" -> n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, affine(n, x), 0), 1);
            case "scaledtanh" -> n.binary(BinaryOp.MUL, n.unary(UnaryOp.TANH, n.binary(BinaryOp.MUL, x, beta)), alpha);
            case "leakyrelu" -> n.select(below(n, x, 0), n.binary(BinaryOp.MUL, x, alpha), x);
            case "thresholdedrelu" ->
                n.select(below(n, x, alpha), n.scalar(x.type().dtype(), 0), x);
            case "elu" -> {
                var negative = n.unary(UnaryOp.EXP, n.binary(BinaryOp.MIN, x, 0));
                yield n.select(below(n, x, 0), n.binary(BinaryOp.MUL, n.binary(BinaryOp.SUB, negative, 1), alpha), x);
            }
            default -> throw new IllegalStateException(name);
        };
    }

    private Value affine(OnnxNode n, Value x) {
        return n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, x, alpha), beta);
    }

    private static Value below(OnnxNode n, Value x, double bound) {
        return n.binary(BinaryOp.LT, x, bound);
    }
}
