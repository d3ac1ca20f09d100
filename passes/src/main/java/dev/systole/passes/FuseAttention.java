package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Afterwards an attention is one region, of which the loops keep a running maximum and sum, so that its scores never lie in memory as a
 * whole. Its heads are no wider than the array is high, nothing else reads what is between, and its scores are too many to stay on chip
 * beside everything else, where softmax by rows waits less.
 *
 * @param fewestScores of all heads together
 * @param widestHead elements of a query
 * @param widestValue elements of a value
 * @param partitions of a block of queries
 */
public record FuseAttention(long fewestScores, long widestHead, long widestValue, int partitions) implements GraphPass {
    @Override
    public String name() {
        return "fuse-attention";
    }

    @Override
    public Graph run(Graph graph) {
        var definitions = graph.definitions();
        var readers = graph.readers();
        var found = new HashMap<Node, AttentionPattern>();
        var inside = new HashSet<Node>();
        for (var node : graph.nodes()) {
            AttentionPattern.match(definitions, node)
                    .filter(p -> fits(p) && isClosed(p, readers, graph.outputValues()))
                    .ifPresent(p -> {
                        found.remove(p.result());
                        found.put(node, p);
                        inside.addAll(p.nodes());
                    });
        }
        if (found.isEmpty()) {
            return graph;
        }
        var b = GraphBuilder.rewriting(graph);
        var replaced = new HashMap<Value, Value>();
        for (var node : graph.nodes()) {
            if (found.containsKey(node)) {
                replaced.put(node.output(), region(graph, definitions, found.get(node), b, replaced));
            } else if (!inside.contains(node)) {
                b.keep(new Node(
                        node.op(),
                        node.inputs().stream()
                                .map(v -> replaced.getOrDefault(v, v))
                                .toList(),
                        node.outputs(),
                        node.location()));
            }
        }
        graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
        return b.build();
    }

    private boolean fits(AttentionPattern p) {
        int last = p.result().type().shape().rank() - 1;
        long head = p.scores().input(0).type().shape().dim(last);
        return head >= 1
                && head <= widestHead
                && p.result().type().shape().dim(last) <= widestValue
                && p.result().type().shape().elements() > 0
                && (p.scores().type().shape().elements() >= Math.max(1, fewestScores) || isScattered(p));
    }

    /** True if the heads' scores do not begin at whole blocks of partitions, so that they would not stay in SBUF. */
    private boolean isScattered(AttentionPattern p) {
        var shape = p.scores().type().shape();
        long queries = shape.dim(shape.rank() - 2);
        return queries > partitions
                && queries % partitions != 0
                && shape.elements() > queries * shape.dim(shape.rank() - 1);
    }

    /** True if only the attention itself reads what it computes before its result. */
    private static boolean isClosed(AttentionPattern p, Map<Value, List<Node>> readers, List<Value> outputs) {
        var nodes = p.nodes();
        return nodes.stream()
                .filter(n -> n != p.output())
                .flatMap(n -> n.outputs().stream())
                .allMatch(v -> !outputs.contains(v) && nodes.containsAll(readers.getOrDefault(v, List.of())));
    }

    private static Value region(
            Graph graph, Map<Value, Node> definitions, AttentionPattern p, GraphBuilder b, Map<Value, Value> replaced) {
        Set<Node> nodes = p.nodes();
        var body = new GraphBuilder("region");
        var within = new HashMap<Value, Value>();
        var operands = new ArrayList<Value>();
        for (var node : graph.nodes()) {
            if (!nodes.contains(node)) {
                continue;
            }
            body.at(node.location());
            for (var v : node.inputs()) {
                if (within.containsKey(v)) {
                    continue;
                }
                var number = number(definitions, v);
                if (number.isPresent()) {
                    within.put(
                            v,
                            body.broadcast(body.constant(number.get()), v.type().shape()));
                } else {
                    within.put(v, body.input("x" + operands.size(), v.type()));
                    operands.add(replaced.getOrDefault(v, v));
                }
            }
            within.put(
                    node.output(),
                    body.add(node.op(), node.inputs().stream().map(within::get).toArray(Value[]::new)));
        }
        body.output("y", within.get(p.output().output()));
        return b.at(p.result().location())
                .addAll(new Op.Fused(FusionKind.ATTENTION, body.build()), operands)
                .getFirst();
    }

    /** The one number of a constant with equal elements, seen through broadcasts and reshapes. */
    private static Optional<Tensor> number(Map<Value, Node> definitions, Value v) {
        var n = definitions.get(v);
        while (n != null && (n.op() instanceof Op.Broadcast || n.op() instanceof Op.Reshape)) {
            n = definitions.get(n.input(0));
        }
        if (n == null
                || !(n.op() instanceof Op.Constant(var tensor))
                || Op.splat(n.op()).isEmpty()) {
            return Optional.empty();
        }
        var scalar = Tensor.allocate(tensor.type().with(Shape.SCALAR));
        scalar.bytes().copyFrom(tensor.bytes().asSlice(0, scalar.bytes().byteSize()));
        return Optional.of(scalar);
    }
}
