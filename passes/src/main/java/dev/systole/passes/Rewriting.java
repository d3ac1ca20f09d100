package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A graph as it is rebuilt by rules, node by node in graph order, with the definition of every value built so far. Mutable;
 * lives as long as one pass runs.
 */
final class Rewriting {
    /**
     * What an operation becomes. The operands are values of the new graph.
     */
    @FunctionalInterface
    interface Rule {
        /** The value that replaces the operation's single result, or nothing if the rule does not apply. */
        Optional<Value> apply(Rewriting r, Op op, List<Value> in);
    }

    private final GraphBuilder builder;
    private final Map<Value, Node> definitions = new HashMap<>();

    private Rewriting(Graph graph) {
        this.builder = GraphBuilder.rewriting(graph);
    }

    /** The graph with the first rule that applies, applied to each operation. What a rule builds is not rewritten again. */
    static Graph apply(Graph graph, List<Rule> rules) {
        var r = new Rewriting(graph);
        var replaced = new HashMap<Value, Value>();
        for (var node : graph.nodes()) {
            r.builder.at(node.location());
            var in =
                    node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            var result = node.outputs().size() != 1
                    ? Optional.<Value>empty()
                    : rules.stream()
                            .flatMap(rule -> rule.apply(r, node.op(), in).stream())
                            .findFirst();
            if (result.isPresent()) {
                if (!result.get().type().equals(node.type())) {
                    throw new IllegalStateException("rewriting %s changes %s to %s"
                            .formatted(
                                    node.op().mnemonic(),
                                    node.type(),
                                    result.get().type()));
                }
                replaced.put(node.output(), result.get());
            } else {
                r.keep(new Node(node.op(), in, node.outputs(), node.location()));
            }
        }
        graph.outputs().forEach(o -> r.builder.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return r.builder.build();
    }

    private void keep(Node node) {
        builder.keep(node);
        node.outputs().forEach(v -> definitions.put(v, node));
    }

    Value add(Op op, Value... in) {
        var v = builder.add(op, in);
        definitions.put(v, new Node(op, List.of(in), List.of(v), builder.location()));
        return v;
    }

    Value unary(UnaryOp f, Value x) {
        return add(new Op.Unary(f), x);
    }

    Value binary(BinaryOp f, Value a, Value b) {
        return add(new Op.Binary(f), a, b);
    }

    /** A float constant of this type with equal elements. */
    Value splat(DType dtype, Shape shape, double value) {
        Value scalar = add(new Op.Constant(Tensor.ofFloats(Shape.SCALAR, (float) value)));
        if (dtype != DType.F32) {
            scalar = add(new Op.Cast(dtype, false), scalar);
        }
        if (shape.rank() == 0) {
            return scalar;
        }
        var ones = new long[shape.rank()];
        Arrays.fill(ones, 1);
        return broadcast(add(new Op.Reshape(Shape.of(ones)), scalar), shape);
    }

    Value broadcast(Value x, Shape shape) {
        return x.type().shape().equals(shape) ? x : add(new Op.Broadcast(shape), x);
    }

    /** The node that defines a value of the new graph; inputs have none. */
    Optional<Node> definition(Value v) {
        return Optional.ofNullable(definitions.get(v));
    }

    /** The operand of a unary function, if the value is that function of it. */
    Optional<Value> operandOf(UnaryOp f, Value v) {
        return definition(v).filter(n -> n.op().equals(new Op.Unary(f))).map(n -> n.input(0));
    }

    /** The one value of all elements, seen through views and casts of constants; empty if they are not known to be equal. */
    OptionalDouble splat(Value v) {
        var node = definitions.get(v);
        if (node == null) {
            return OptionalDouble.empty();
        }
        return switch (node.op()) {
            case Op.Constant(var tensor) ->
                tensor.type().shape().elements() == 1
                        ? OptionalDouble.of(Elements.readDouble(
                                tensor.bytes(), 0, tensor.type().dtype()))
                        : Op.splat(node.op());
            case Op.Reshape o -> splat(node.input(0));
            case Op.Broadcast o -> splat(node.input(0));
            case Op.Cast(var to, var saturate) -> {
                var x = splat(node.input(0));
                yield x.isPresent()
                                && to.isFloat()
                                && node.input(0).type().dtype().isFloat()
                        ? OptionalDouble.of(
                                to == DType.F64 ? x.getAsDouble() : Elements.rounded((float) x.getAsDouble(), to))
                        : OptionalDouble.empty();
            }
            default -> OptionalDouble.empty();
        };
    }

    boolean isSplat(Value v, double value) {
        var s = splat(v);
        return s.isPresent() && s.getAsDouble() == value;
    }
}
