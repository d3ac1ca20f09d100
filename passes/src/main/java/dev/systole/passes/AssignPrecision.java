package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.HashMap;
import java.util.Map;

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
        var narrowed = new HashMap<Value, Value>();
        var replaced = new HashMap<Value, Value>();
        for (var node : graph.nodes()) {
            b.at(node.location());
            var inputs =
                    node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            boolean product = node.op() instanceof Op.MatMul || node.op() instanceof Op.Convolution;
            if (product && inputs.getFirst().type().dtype() == DType.F32) {
                var operands = inputs.stream()
                        .map(v -> narrowed.computeIfAbsent(v, x -> b.cast(x, type)))
                        .toList();
                var op = node.op() instanceof Op.MatMul ? new Op.MatMul(DType.F32) : node.op();
                replaced.put(node.output(), b.cast(b.addAll(op, operands).getFirst(), DType.F32));
            } else {
                b.keep(new dev.systole.ir.graph.Node(node.op(), inputs, node.outputs(), node.location()));
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return b.build();
    }

    private Graph castAll(Graph graph) {
        var b = new GraphBuilder(graph.name());
        Map<Value, Value> replaced = new HashMap<>();
        for (var p : graph.inputs()) {
            replaced.put(p.value(), b.input(p.name(), p.value().type()));
        }
        graph.states().forEach(s -> b.state(s.input(), s.output()));
        for (var p : graph.inputs()) {
            if (p.value().type().dtype() == DType.F32) {
                replaced.computeIfPresent(p.value(), (k, v) -> b.cast(v, type));
            }
        }
        for (var node : graph.nodes()) {
            b.at(node.location());
            var op = switch (node.op()) {
                case Op.MatMul m when m.result() == DType.F32 -> new Op.MatMul(type);
                case Op.Cast(var to, var saturate) when to == DType.F32 -> new Op.Cast(type, saturate);
                case Op.Iota(var t, var axis) when t.dtype() == DType.F32 -> new Op.Iota(t.with(type), axis);
                case Op.Random(var t, var seed) when t.dtype() == DType.F32 -> new Op.Random(t.with(type), seed);
                default -> node.op();
            };
            var results = b.addAll(op, node.inputs().stream().map(replaced::get).toList());
            for (int i = 0; i < results.size(); i++) {
                boolean literal =
                        op instanceof Op.Constant && results.get(i).type().dtype() == DType.F32;
                replaced.put(node.outputs().get(i), literal ? b.cast(results.get(i), type) : results.get(i));
            }
        }
        graph.outputs()
                .forEach(o -> b.output(
                        o.name(),
                        b.cast(replaced.get(o.value()), o.value().type().dtype())));
        return b.build();
    }
}
