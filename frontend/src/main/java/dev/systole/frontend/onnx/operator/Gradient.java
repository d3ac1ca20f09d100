package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reverse-mode differentiation of what has been imported so far: the operations between the tensors that the node names are walked back
 * from y, each adding to the gradients of its operands what {@link Derivatives} says.
 */
final class Gradient {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("ai.onnx.preview.training.Gradient", Gradient::gradient);

    private Gradient() {}

    private static List<Value> gradient(OnnxNode n) {
        var xs = n.attributes().texts("xs").orElse(List.of());
        var names = new ArrayList<>(xs);
        names.addAll(n.attributes().texts("zs").orElse(List.of()));
        if (names.size() != n.inputs() || new HashSet<>(names).size() != names.size()) {
            throw n.fault("xs and zs name " + names + ", one name for each of " + n.inputs() + " inputs is needed");
        }
        var y = n.named(n.attributes().text("y"));
        if (!y.type().dtype().isFloat()) {
            throw n.fault("differentiates \"" + n.attributes().text("y") + "\", which is " + y.type());
        }
        var at = new HashMap<Value, Value>();
        for (int i = 0; i < names.size(); i++) {
            at.put(variable(n, names.get(i), n.input(i)), n.input(i));
        }
        var variables = xs.stream().map(n::named).toList();
        variables.forEach(x -> requireVariable(n, x));
        var function = function(n, y, at);
        var gradients = walkBack(n, function, variables.stream().map(at::get).toList(), at.getOrDefault(y, y));
        return variables.stream()
                .map(x -> Optional.ofNullable(gradients.get(at.get(x)))
                        .orElseGet(() -> n.splat(x.type().dtype(), x.type().shape(), 0)))
                .toList();
    }

    /** The tensor of a name, for which an input stands. */
    private static Value variable(OnnxNode n, String name, Value input) {
        var variable = n.named(name);
        if (!variable.type().equals(input.type())) {
            throw n.fault(
                    "\"%s\" is %s, the input that stands for it is %s".formatted(name, variable.type(), input.type()));
        }
        return variable;
    }

    private static void requireVariable(OnnxNode n, Value x) {
        if (n.known(x).isPresent()) {
            throw n.fault("differentiates by a constant, of which nothing is left in what was computed with it; "
                    + "make it an input of the model");
        }
        if (!x.type().dtype().isFloat()) {
            throw n.fault("differentiates by a tensor of type " + x.type());
        }
    }

    /**
     * The operations that lead from the named tensors to y.
     *
     * @param at what the named tensors are; operations that depend on one with another value are computed anew. Grows by their results
     */
    private static List<Node> function(OnnxNode n, Value y, Map<Value, Value> at) {
        var operations = n.operations();
        var needed = needed(operations, y, at.keySet());
        var function = new ArrayList<Node>();
        var reached = new HashSet<>(at.keySet());
        for (var node : operations) {
            if (!needed.contains(node) || node.inputs().stream().noneMatch(reached::contains)) {
                continue;
            }
            reached.addAll(node.outputs());
            var inputs = node.inputs().stream().map(v -> at.getOrDefault(v, v)).toList();
            if (inputs.equals(node.inputs())) {
                function.add(node);
                continue;
            }
            var outputs = n.addAll(node.op(), inputs);
            for (int i = 0; i < outputs.size(); i++) {
                at.put(node.outputs().get(i), outputs.get(i));
            }
            function.add(new Node(node.op(), inputs, outputs, node.location()));
        }
        return function;
    }

    /** Operations that y is computed by, up to the given values. */
    private static Set<Node> needed(List<Node> operations, Value y, Set<Value> given) {
        var values = new HashSet<>(Set.of(y));
        var needed = new HashSet<Node>();
        for (var node : operations.reversed()) {
            if (node.outputs().stream().anyMatch(v -> values.contains(v) && !given.contains(v))) {
                needed.add(node);
                values.addAll(node.inputs());
            }
        }
        return needed;
    }

    /** The gradients of everything between the variables and y. */
    private static Map<Value, Value> walkBack(OnnxNode n, List<Node> function, List<Value> variables, Value y) {
        var varying = new HashSet<>(variables);
        var path = new ArrayList<Node>();
        for (var node : function) {
            if (node.op().isDifferentiable() && node.inputs().stream().anyMatch(varying::contains)) {
                node.outputs().stream().filter(v -> v.type().dtype().isFloat()).forEach(varying::add);
                path.add(node);
            }
        }
        var gradients = new HashMap<Value, Value>();
        if (varying.contains(y)) {
            gradients.put(y, n.splat(y.type().dtype(), y.type().shape(), 1));
        }
        for (var node : path.reversed()) {
            var gradient = gradients.get(node.outputs().getFirst());
            if (gradient == null) {
                continue;
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                var operand = node.inputs().get(i);
                if (varying.contains(operand)) {
                    Derivatives.of(n, node, i, gradient)
                            .ifPresent(d -> gradients.merge(operand, d, (a, b) -> n.binary(BinaryOp.ADD, a, b)));
                }
            }
        }
        return gradients;
    }
}
