package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;

/** Afterwards every operation that may run in a narrower type than the model's f32 does, as {@link AutoCast} says. */
public record AssignPrecision(AutoCast mode, DType type) implements GraphPass {

    /** Which f32 operations may run in the narrower type. */
    public enum AutoCast {
        /** None: the model's own types. */
        NONE,
        /** The operands of matrix products and convolutions; sums and results stay f32. */
        MATMULT,
        /** Every f32 value. */
        ALL
    }

    @Override
    public String name() {
        return "assign-precision";
    }

    @Override
    public Graph run(Graph graph) {
        return switch (mode) {
            case NONE -> graph;
            case MATMULT -> castProducts(graph);
            case ALL -> castAll(graph);
        };
    }

    private Graph castProducts(Graph graph) {
        var b = GraphBuilder.rewriting(graph);
        var moved = movedBehindCasts(graph);
        var narrowed = new HashMap<Value, Value>();
        for (var node : graph.nodes()) {
            b.at(node.location());
            if (isProduct(node) && node.input(0).type().dtype() == DType.F32) {
                var operands = node.inputs().stream()
                        .map(v -> narrowed(v, b, moved, narrowed))
                        .toList();
                b.keep(new Node(node.op(), operands, node.outputs(), node.location()));
            } else {
                b.keep(node);
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), o.value()));
        return b.build();
    }

    private Value narrowed(Value v, GraphBuilder b, Map<Value, Node> moved, Map<Value, Value> narrowed) {
        if (!narrowed.containsKey(v)) {
            var node = moved.get(v);
            narrowed.put(
                    v, node == null ? b.cast(v, type) : b.add(node.op(), narrowed(node.input(0), b, moved, narrowed)));
        }
        return narrowed.get(v);
    }

    /**
     * Views, and the largest of windows, that only products read. The largest is the same among numbers already rounded, as rounding keeps
     * order.
     */
    private static Map<Value, Node> movedBehindCasts(Graph graph) {
        var moved = new HashMap<Value, Node>();
        var stays = new HashSet<>(graph.outputValues());
        for (var node : graph.nodes().reversed()) {
            boolean keepsOrder =
                    node.op().isView() || node.op() instanceof Op.WindowReduce w && w.function() == ReduceOp.MAX;
            if (keepsOrder && !stays.contains(node.output())) {
                moved.put(node.output(), node);
            } else if (!isProduct(node)) {
                stays.addAll(node.inputs());
            }
        }
        return moved;
    }

    private static boolean isProduct(Node node) {
        return node.op() instanceof Op.MatMul || node.op() instanceof Op.Convolution;
    }

    private Graph castAll(Graph graph) {
        var b = new GraphBuilder(graph.name());
        var replaced = new HashMap<Value, Value>();
        for (var p : graph.inputs()) {
            replaced.put(p.value(), b.input(p.name(), p.value().type()));
        }
        b.contract(graph.contract());
        replaced.replaceAll((was, is) -> narrow(b, is));
        narrowNodes(graph, b, replaced);
        var definitions = graph.definitions();
        for (var o : graph.outputs()) {
            var definition = Optional.ofNullable(definitions.get(o.value()));
            b.at(definition.map(Node::location).orElse(Location.COMPILER));
            b.output(o.name(), b.cast(replaced.get(o.value()), o.value().type().dtype()));
        }
        return b.build();
    }

    private Graph castBody(Graph body) {
        var b = new GraphBuilder(body.name());
        var replaced = new HashMap<Value, Value>();
        for (var p : body.inputs()) {
            var t = p.value().type();
            replaced.put(p.value(), b.input(p.name(), t.dtype() == DType.F32 ? t.with(type) : t));
        }
        narrowNodes(body, b, replaced);
        body.outputs().forEach(o -> b.output(o.name(), replaced.get(o.value())));
        return b.build();
    }

    private void narrowNodes(Graph graph, GraphBuilder b, Map<Value, Value> replaced) {
        for (var node : graph.nodes()) {
            b.at(node.location());
            var in = node.inputs().stream().map(replaced::get).toList();
            var results = node.op() instanceof Op.Cast(var to, var saturate)
                            && to == DType.F32
                            && in.getFirst().type().dtype() == type
                    ? in
                    : b.addAll(narrow(node.op()), in);
            for (int i = 0; i < results.size(); i++) {
                replaced.put(node.outputs().get(i), narrow(b, results.get(i)));
            }
        }
    }

    private Value narrow(GraphBuilder b, Value v) {
        return v.type().dtype() == DType.F32 ? b.cast(v, type) : v;
    }

    /** The operation with f32 results made narrow; literals are cast instead. */
    private Op narrow(Op op) {
        return switch (op) {
            case Op.MatMul(var result) when result == DType.F32 -> new Op.MatMul(type);
            case Op.Convolution(var result, var strides, var low, var high, var dilations, var groups)
            when result == DType.F32 -> new Op.Convolution(type, strides, low, high, dilations, groups);
            case Op.Cast(var to, var saturate) when to == DType.F32 -> new Op.Cast(type, saturate);
            case Op.Iota(var t, var axis) when t.dtype() == DType.F32 -> new Op.Iota(t.with(type), axis);
            case Op.Random(var t, var seed) when t.dtype() == DType.F32 -> new Op.Random(t.with(type), seed);
            case Op.If(var then, var otherwise) -> new Op.If(castBody(then), castBody(otherwise));
            case Op.Loop(var count, var body) -> new Op.Loop(count, castBody(body));
            default -> op;
        };
    }
}
