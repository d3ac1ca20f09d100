package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
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

    /** What an operation of any number of results becomes. */
    @FunctionalInterface
    interface Expansion {
        /** The values that replace the results, in order, or nothing if it does not apply. */
        Optional<List<Value>> apply(Rewriting r, Op op, List<Value> in);
    }

    private final GraphBuilder builder;
    private final Map<Value, Node> definitions = new HashMap<>();

    private final WholeNumbers wholeNumbers = new WholeNumbers(this);

    private Rewriting(Graph graph) {
        this.builder = GraphBuilder.rewriting(graph);
    }

    /** The graph with the first rule that applies, applied to each operation. What a rule builds is not rewritten again. */
    static Graph apply(Graph graph, List<Rule> rules) {
        return expand(
                graph,
                rules.stream()
                        .<Expansion>map(
                                rule -> (r, op, in) -> rule.apply(r, op, in).map(List::of))
                        .toList());
    }

    /** As {@link #apply}, with rules for operations of several results. */
    static Graph expand(Graph graph, List<Expansion> rules) {
        var r = new Rewriting(graph);
        var replaced = new HashMap<Value, Value>();
        for (var node : graph.nodes()) {
            r.builder.at(node.location());
            var in =
                    node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            var results = rules.stream()
                    .flatMap(rule -> rule.apply(r, node.op(), in).stream())
                    .findFirst();
            if (results.isEmpty()) {
                r.keep(new Node(node.op(), in, node.outputs(), node.location()));
                continue;
            }
            for (int i = 0; i < node.outputs().size(); i++) {
                var before = node.outputs().get(i);
                var after = results.get().get(i);
                if (!after.type().equals(before.type())) {
                    throw new IllegalStateException("rewriting %s changes %s to %s"
                            .formatted(node.op().mnemonic(), before.type(), after.type()));
                }
                replaced.put(before, after);
            }
        }
        graph.outputs().forEach(o -> r.builder.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return r.builder.build();
    }

    private void keep(Node node) {
        builder.keep(node);
        node.outputs().forEach(v -> definitions.put(v, node));
    }

    /** The location of what is rewritten, for errors. */
    String location() {
        return builder.location().toString();
    }

    WholeNumbers wholeNumbers() {
        return wholeNumbers;
    }

    Value add(Op op, Value... in) {
        var v = builder.add(op, in);
        definitions.put(v, new Node(op, List.of(in), List.of(v), builder.location()));
        return v;
    }

    /** As {@link #add}, at the place in the model of another operation. */
    Value addAt(Node place, Op op, Value... in) {
        var here = builder.location();
        builder.at(place.location());
        var v = add(op, in);
        builder.at(here);
        return v;
    }

    /** As {@link #add}, for operations of several results. */
    List<Value> addAll(Op op, Value... in) {
        var results = builder.addAll(op, List.of(in));
        var node = new Node(op, List.of(in), results, builder.location());
        results.forEach(v -> definitions.put(v, node));
        return results;
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
        return filled(scalar, shape);
    }

    /** A constant of an integer type with equal elements. */
    Value whole(DType dtype, Shape shape, long value) {
        var scalar = Tensor.allocate(TensorType.of(dtype));
        Elements.writeInteger(scalar.bytes(), 0, dtype, value);
        return filled(add(new Op.Constant(scalar)), shape);
    }

    /** A number of any type in every element. */
    Value number(DType dtype, Shape shape, double value) {
        return dtype.isFloat() ? splat(dtype, shape, value) : whole(dtype, shape, (long) value);
    }

    /** A scalar in every element. */
    Value filled(Value scalar, Shape shape) {
        return shape.rank() == 0 ? scalar : broadcast(reshape(scalar, Shape.of(ones(shape.rank()))), shape);
    }

    private static long[] ones(int rank) {
        var ones = new long[rank];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** 0, 1, 2, ... along one dimension of a shape. */
    Value iota(DType dtype, Shape shape, int axis) {
        var line = Tensor.allocate(TensorType.of(dtype, shape.dim(axis)));
        for (long i = 0; i < shape.dim(axis); i++) {
            if (dtype.isFloat()) {
                Elements.writeDouble(line.bytes(), i, dtype, i);
            } else {
                Elements.writeInteger(line.bytes(), i, dtype, i);
            }
        }
        var dims = ones(shape.rank());
        dims[axis] = shape.dim(axis);
        return broadcast(reshape(add(new Op.Constant(line)), Shape.of(dims)), shape);
    }

    Value reshape(Value x, Shape shape) {
        return x.type().shape().equals(shape) ? x : add(new Op.Reshape(shape), x);
    }

    Value transpose(Value x, List<Integer> permutation) {
        for (int i = 0; i < permutation.size(); i++) {
            if (permutation.get(i) != i) {
                return add(new Op.Transpose(permutation), x);
            }
        }
        return x;
    }

    /** {@code size} elements along a dimension, from {@code start} on in steps. */
    Value slice(Value x, int axis, long start, long size, long step) {
        var shape = x.type().shape();
        if (start == 0 && size == shape.dim(axis) && step == 1) {
            return x;
        }
        return add(Op.Slice.along(shape, axis, start, size, step), x);
    }

    Value cast(Value x, DType to) {
        return x.type().dtype() == to ? x : add(new Op.Cast(to, false), x);
    }

    Value select(Value condition, Value a, Value b) {
        return add(new Op.Select(), condition, a, b);
    }

    /** The reduction of a single dimension, which stays with extent 1. */
    Value reduce(ReduceOp f, int axis, Value x) {
        return add(new Op.Reduce(f, List.of(axis)), x);
    }

    Value broadcast(Value x, Shape shape) {
        return x.type().shape().equals(shape) ? x : add(new Op.Broadcast(shape), x);
    }

    /** The node that defines a value of the new graph; inputs have none. */
    Optional<Node> definition(Value v) {
        return Optional.ofNullable(definitions.get(v));
    }

    /** What a value spreads: seen through reshapes and broadcasts. */
    Value unspread(Value v) {
        return definition(v)
                .filter(n -> n.op() instanceof Op.Broadcast || n.op() instanceof Op.Reshape)
                .map(n -> unspread(n.input(0)))
                .orElse(v);
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
