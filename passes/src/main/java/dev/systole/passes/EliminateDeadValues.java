package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;

/** Afterwards every operation contributes to an output. */
public final class EliminateDeadValues implements GraphPass {
    @Override
    public String name() {
        return "eliminate-dead-values";
    }

    @Override
    public Graph run(Graph graph) {
        Set<Value> needed = new HashSet<>(graph.outputValues());
        var kept = new ArrayList<Node>();
        for (var node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(node.inputs());
                kept.add(node);
            }
        }
        var b = GraphBuilder.rewriting(graph);
        kept.reversed().forEach(b::keep);
        graph.outputs().forEach(o -> b.output(o.name(), o.value()));
        return b.build();
    }
}
