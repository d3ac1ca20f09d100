package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Tensor;
import java.util.HashMap;
import java.util.List;

/**
 * Afterwards every operation on constants alone is a constant, as the interpreter computes it, unless the result would be
 * much larger than what it is made from: a broadcast stays what it is, and so does a long iota.
 */
public final class FoldConstants implements GraphPass {
    /** Results up to this size are folded even if their operands are smaller. */
    private static final long SMALL_BYTES = 4096;

    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public Graph run(Graph graph) {
        var b = GraphBuilder.rewriting(graph);
        var known = new HashMap<Value, Tensor>();
        for (var node : graph.nodes()) {
            if (node.op() instanceof Op.Constant(var tensor)) {
                known.put(node.output(), tensor);
                b.keep(node);
            } else if (isFoldable(node) && node.inputs().stream().allMatch(known::containsKey) && isWorthwhile(node)) {
                var in = node.inputs().stream().map(known::get).toList();
                var types = node.outputs().stream().map(Value::type).toList();
                List<Tensor> results;
                try {
                    results = GraphInterpreter.evaluate(node.op(), in, types);
                } catch (GraphException e) {
                    // An index outside or a division by zero: an error of the run, if the value is needed at all.
                    b.keep(node);
                    continue;
                }
                for (int i = 0; i < results.size(); i++) {
                    var v = node.outputs().get(i);
                    known.put(v, results.get(i));
                    b.keep(new Node(new Op.Constant(results.get(i)), List.of(), List.of(v), node.location()));
                }
            } else {
                b.keep(node);
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), o.value()));
        return b.build();
    }

    private static boolean isFoldable(Node node) {
        return !(node.op() instanceof Op.Random);
    }

    private static boolean isWorthwhile(Node node) {
        long result = node.outputs().stream()
                .mapToLong(v -> v.type().shape().elements())
                .sum();
        long bytes = node.outputs().stream().mapToLong(v -> v.type().bytes()).sum();
        long operands = node.inputs().stream()
                .mapToLong(v -> v.type().shape().elements())
                .sum();
        return bytes <= SMALL_BYTES && !(node.op() instanceof Op.Broadcast) || result <= operands;
    }
}
