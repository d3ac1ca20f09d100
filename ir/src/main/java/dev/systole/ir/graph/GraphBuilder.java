package dev.systole.ir.graph;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds one graph, inferring the type of every result. Mutable; not shared.
 *
 * <p>{@link #at} sets the location that the following operations carry.
 */
public final class GraphBuilder {
    private final String name;
    private final List<Graph.Parameter> inputs = new ArrayList<>();
    private final List<Graph.Result> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Value, Layout> layouts = new HashMap<>();
    private Contract contract = Contract.NONE;
    private Location location = Location.COMPILER;
    private int nextId;

    public GraphBuilder(String name) {
        this.name = name;
    }

    /** A builder for a rewritten {@code graph}: same inputs, contract and layouts, no nodes or outputs yet, fresh ids. */
    public static GraphBuilder rewriting(Graph graph) {
        var b = new GraphBuilder(graph.name());
        b.nextId = graph.nextId();
        b.inputs.addAll(graph.inputs());
        b.contract = graph.contract();
        b.layouts.putAll(graph.layouts());
        return b;
    }

    /** The location of the operations that follow. */
    public GraphBuilder at(Location location) {
        this.location = location;
        return this;
    }

    public Location location() {
        return location;
    }

    /** The number of operations so far. */
    public int size() {
        return nodes.size();
    }

    public Value input(String name, TensorType type) {
        var v = new Value(nextId++, type);
        inputs.add(new Graph.Parameter(name, v));
        return v;
    }

    /** True if the value is an input. */
    public boolean isInput(Value value) {
        return inputs.stream().anyMatch(p -> p.value().equals(value));
    }

    public void output(String name, Value value) {
        outputs.add(new Graph.Result(name, value));
    }

    /** Adds states and extents. */
    public void contract(Contract more) {
        contract = contract.and(more);
    }

    public void layout(Value value, Layout layout) {
        if (!layout.isNatural()) {
            layouts.put(value, layout);
        }
    }

    /**
     * Appends an operation with one result.
     *
     * @throws GraphException if the operands do not fit the operator
     */
    public Value add(Op op, Value... operands) {
        return addAll(op, List.of(operands)).getFirst();
    }

    /**
     * Appends an operation and returns all its results.
     *
     * @throws GraphException if the operands do not fit the operator
     */
    public List<Value> addAll(Op op, List<Value> operands) {
        var results = TypeInference.infer(op, operands.stream().map(Value::type).toList()).stream()
                .map(t -> new Value(nextId++, t))
                .toList();
        nodes.add(new Node(op, operands, results, location));
        return results;
    }

    /** Appends a node as it is; its result ids must come from the graph that is being rewritten. */
    public void keep(Node node) {
        nodes.add(node);
    }

    public Value constant(Tensor tensor) {
        return add(new Op.Constant(tensor));
    }

    /** A constant of this shape with every element equal, made by broadcasting one element. Floats and integers only. */
    public Value splat(DType dtype, Shape shape, double value) {
        var one = Tensor.ofFloats(Shape.SCALAR, (float) value);
        Value scalar = constant(one);
        if (dtype != DType.F32) {
            scalar = dtype.isInteger()
                    ? constant(
                            dtype == DType.I64
                                    ? Tensor.ofLongs(Shape.SCALAR, (long) value)
                                    : Tensor.ofInts(Shape.SCALAR, (int) value))
                    : scalar;
            if (scalar.type().dtype() != dtype) {
                scalar = add(new Op.Cast(dtype, false), scalar);
            }
        }
        return broadcast(scalar, shape);
    }

    public Value unary(UnaryOp f, Value x) {
        return add(new Op.Unary(f), x);
    }

    /** f(a, b) of equal shapes. */
    public Value binary(BinaryOp f, Value a, Value b) {
        return add(new Op.Binary(f), a, b);
    }

    /** f(a, b) after broadcasting both to their common shape, as NumPy does. */
    public Value broadcastBinary(BinaryOp f, Value a, Value b) {
        var shape = TypeInference.broadcast(a.type().shape(), b.type().shape());
        return binary(f, broadcast(a, shape), broadcast(b, shape));
    }

    /** x stretched to a shape, as NumPy does: missing leading dimensions count as 1. No operation if it has the shape. */
    public Value broadcast(Value x, Shape shape) {
        if (x.type().shape().rank() > shape.rank()) {
            throw new GraphException("cannot broadcast " + x.type() + " to [" + shape + "]");
        }
        var aligned = reshape(x, x.type().shape().withRank(shape.rank()));
        return aligned.type().shape().equals(shape) ? aligned : add(new Op.Broadcast(shape), aligned);
    }

    /** No operation if x has the shape. */
    public Value reshape(Value x, Shape shape) {
        return x.type().shape().equals(shape) ? x : add(new Op.Reshape(shape), x);
    }

    public Value transpose(Value x, List<Integer> permutation) {
        return add(new Op.Transpose(permutation), x);
    }

    /** No operation if x has the type. */
    public Value cast(Value x, DType to) {
        return x.type().dtype() == to ? x : add(new Op.Cast(to, false), x);
    }

    /** Reduces the axes and keeps them with extent 1. */
    public Value reduce(ReduceOp f, Value x, List<Integer> axes) {
        return add(new Op.Reduce(f, axes), x);
    }

    public Graph build() {
        return new Graph(name, inputs, outputs, contract, nodes, layouts);
    }
}
