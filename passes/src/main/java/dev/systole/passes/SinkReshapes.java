package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Afterwards no reshape stands between a matmul and the elementwise operations on its result: the operations work on the
 * matmul's own shape and the reshape follows them, so that they can become its epilogue. A cast to a wider type for a reduction stays
 * behind the reshape: what reads rows reads them narrow.
 */
public final class SinkReshapes implements GraphPass {
    @Override
    public String name() {
        return "sink-reshapes";
    }

    @Override
    public Graph run(Graph graph) {
        var b = GraphBuilder.rewriting(graph);
        var replaced = new HashMap<Value, Value>();
        var uses = graph.useCounts();
        // A reshaped chain that began at a matmul: the value after the reshape, and the one before it.
        var sunk = new HashMap<Value, Value>();
        Set<Value> products = new HashSet<>();
        var reduced = graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.Reduce)
                .map(n -> n.input(0))
                .collect(Collectors.toSet());
        for (var node : graph.nodes()) {
            b.at(node.location());
            var inputs =
                    node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            var chain = inputs.stream().filter(v -> sunk.containsKey(v)).findFirst();
            boolean widensRows = Fuse.isWidening(node) && reduced.contains(node.output());
            if (node.op().isElementwise() && chain.isPresent() && !widensRows) {
                var shape = sunk.get(chain.get()).type().shape();
                var operands = inputs.stream()
                        .map(v -> sunk.containsKey(v)
                                        && sunk.get(v).type().shape().equals(shape)
                                ? sunk.get(v)
                                : b.reshape(v, shape))
                        .toList();
                var before = b.addAll(node.op(), operands).getFirst();
                var after = b.reshape(before, node.type().shape());
                replaced.put(node.output(), after);
                if (uses.getOrDefault(node.output(), 0) == 1) {
                    sunk.put(after, before);
                }
                continue;
            }
            b.keep(new Node(node.op(), inputs, node.outputs(), node.location()));
            boolean fromProduct = node.op() instanceof Op.MatMul;
            if (fromProduct && uses.getOrDefault(node.output(), 0) == 1) {
                products.add(node.output());
            }
            if (node.op() instanceof Op.Reshape
                    && products.contains(inputs.getFirst())
                    && uses.getOrDefault(node.output(), 0) == 1) {
                sunk.put(node.output(), inputs.getFirst());
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return b.build();
    }
}
