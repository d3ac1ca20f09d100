package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Afterwards no two operations have the same operator and the same operands. Constants are compared by content, but not those
 * inside the regions of two operators.
 */
public final class EliminateCommonSubexpressions implements GraphPass {
    /** Bytes that the hash of a constant looks at; equality looks at all. */
    private static final int SAMPLES = 64;

    @Override
    public String name() {
        return "eliminate-common-subexpressions";
    }

    /** What makes two operations the same. */
    private record Key(Object op, List<Value> inputs) {}

    private record Content(Tensor value) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Content(Tensor same) && value.sameBytes(same);
        }

        @Override
        public int hashCode() {
            int hash = value.type().hashCode();
            long size = value.bytes().byteSize();
            for (int i = 0; i < Math.min(size, SAMPLES); i++) {
                hash = 31 * hash + value.bytes().get(ValueLayout.JAVA_BYTE, size * i / Math.min(size, SAMPLES));
            }
            return hash;
        }
    }

    @Override
    public Graph run(Graph graph) {
        var b = GraphBuilder.rewriting(graph);
        var replaced = new HashMap<Value, Value>();
        Map<Key, Node> first = new HashMap<>();
        for (var node : graph.nodes()) {
            var in =
                    node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            var kept = new Node(node.op(), in, node.outputs(), node.location());
            var same = first.putIfAbsent(new Key(identity(node.op()), in), kept);
            if (same == null) {
                b.keep(kept);
            } else {
                for (int i = 0; i < node.outputs().size(); i++) {
                    replaced.put(node.outputs().get(i), same.outputs().get(i));
                }
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return b.build();
    }

    private static Object identity(Op op) {
        return op instanceof Op.Constant(Tensor value) ? new Content(value) : op;
    }
}
