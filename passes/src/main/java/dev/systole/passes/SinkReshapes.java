package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Afterwards no reshape stands between a matmul and the elementwise operations on its result, nor a transpose where the other operands are single
 * numbers: the operations work on the matmul's own shape and the views follow them, so that they can become its epilogue. A cast to a
 * wider type for a reduction stays behind the views: what reads rows reads them narrow.
 */
public final class SinkReshapes implements GraphPass {
    @Override
    public String name() {
        return "sink-reshapes";
    }

    @Override
    public Graph run(Graph graph) {
        return new Sinking(graph).run();
    }

    /** A value as views of what a matmul, and operations on its result, made; nothing else reads any of them. */
    private record Seen(Value made, List<Op> views) {
        Seen through(Op view) {
            var longer = new ArrayList<>(views);
            longer.add(view);
            return new Seen(made, longer);
        }

        boolean isReshaped() {
            return views.stream().allMatch(Op.Reshape.class::isInstance);
        }
    }

    private static final class Sinking {
        private final Graph graph;
        private final GraphBuilder b;
        private final Map<Value, Node> definitions;
        private final Map<Value, Integer> uses;
        private final Set<Value> reduced;
        private final Map<Value, Value> replaced = new HashMap<>();
        private final Map<Value, Seen> seen = new HashMap<>();

        Sinking(Graph graph) {
            this.graph = graph;
            this.b = GraphBuilder.rewriting(graph);
            this.definitions = graph.definitions();
            this.uses = graph.useCounts();
            this.reduced = graph.nodes().stream()
                    .filter(n -> n.op() instanceof Op.Reduce)
                    .map(n -> n.input(0))
                    .collect(Collectors.toCollection(HashSet::new));
        }

        Graph run() {
            for (var node : graph.nodes()) {
                b.at(node.location());
                var inputs = node.inputs().stream()
                        .map(v -> replaced.getOrDefault(v, v))
                        .toList();
                boolean widensRows = Fuse.isWidening(node) && reduced.contains(node.output());
                var chain = inputs.stream()
                        .filter(v -> seen.containsKey(v) && !seen.get(v).views.isEmpty())
                        .findFirst();
                if (node.op().isElementwise() && !widensRows && chain.isPresent() && sink(node, inputs, chain.get())) {
                    continue;
                }
                b.keep(new Node(node.op(), inputs, node.outputs(), node.location()));
                see(node, inputs);
            }
            graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
            return b.build();
        }

        private void see(Node node, List<Value> inputs) {
            if (node.outputs().size() != 1 || uses.getOrDefault(node.output(), 0) != 1) {
                return;
            }
            if (node.op() instanceof Op.MatMul) {
                seen.put(node.output(), new Seen(node.output(), List.of()));
            } else if (node.op() instanceof Op.Reshape || node.op() instanceof Op.Transpose) {
                Optional.ofNullable(seen.get(inputs.getFirst()))
                        .ifPresent(s -> seen.put(node.output(), s.through(node.op())));
            }
        }

        /** Puts an operation before the views of one of its operands, if it can stand there. */
        private boolean sink(Node node, List<Value> inputs, Value operand) {
            var from = seen.get(operand);
            boolean isOfNumbers = inputs.stream().allMatch(v -> v.equals(operand) || isNumber(v));
            if (!from.isReshaped() && !isOfNumbers) {
                return false;
            }
            var shape = from.made.type().shape();
            var operands = inputs.stream()
                    .map(v -> v.equals(operand) ? from.made : before(v, shape))
                    .toList();
            var made = b.addAll(node.op(), operands).getFirst();
            var after = made;
            for (var view : from.views) {
                after = b.add(view, after);
            }
            replaced.put(node.output(), after);
            if (uses.getOrDefault(node.output(), 0) == 1) {
                seen.put(after, new Seen(made, from.views));
            }
            return true;
        }

        /** An operand as it is before the views. */
        private Value before(Value v, Shape shape) {
            var from = seen.get(v);
            return from != null && from.isReshaped() && from.made.type().shape().equals(shape)
                    ? from.made
                    : b.reshape(v, shape);
        }

        private boolean isNumber(Value v) {
            var node = definitions.get(v);
            while (node != null && (node.op() instanceof Op.Broadcast || node.op() instanceof Op.Reshape)) {
                node = definitions.get(node.input(0));
            }
            return node != null
                    && node.op() instanceof Op.Constant(var tensor)
                    && tensor.type().shape().elements() == 1;
        }
    }
}
