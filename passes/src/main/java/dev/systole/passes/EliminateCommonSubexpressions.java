package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Afterwards no two operations have the same operator and the same operands; small constants are compared by content. */
public final class EliminateCommonSubexpressions implements GraphPass {
    private static final long SMALL_BYTES = 4096;

    @Override
    public String name() {
        return "eliminate-common-subexpressions";
    }

    /** What makes two operations the same. */
    private record Key(Object op, List<Value> inputs) {}

    private record Content(TensorType type, ByteBuffer bytes) {}

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
        return op instanceof Op.Constant(Tensor value) && value.type().bytes() <= SMALL_BYTES
                ? new Content(value.type(), value.bytes().asByteBuffer())
                : op;
    }
}
