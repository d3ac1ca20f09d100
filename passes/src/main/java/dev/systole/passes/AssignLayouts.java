package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Afterwards every value has the layout that its readers want most: natural, with the last two dimensions exchanged, or images with
 * their channels first; several readers that want the other one share a relayout, a single one turns what it reads itself.
 *
 * <p>A matmul wants the dimension that it contracts on partitions, so not innermost, in both operands, and can produce
 * either layout by choosing which operand is stationary. What slides windows over images wants, and produces, their channels on
 * partitions and all images beside each other. Everything else wants, and produces, the natural layout. Wishes
 * are seen through view operators. A choice costs the elements of the readers that it fails.
 */
public final class AssignLayouts implements GraphPass {
    @Override
    public String name() {
        return "assign-layouts";
    }

    @Override
    public Graph run(Graph graph) {
        return new Assignment(graph).rewrite();
    }

    /** A node that reads a value, directly or through the view operators of {@code chain}, as its operand {@code operand}. */
    private record Reader(int node, int operand, List<Op> chain) {}

    private static final class Assignment {
        private final Graph graph;
        private final Map<Value, List<Reader>> readers = new HashMap<>();
        private final Set<Value> results;
        private final Map<Value, Layout> layouts = new HashMap<>();

        Assignment(Graph graph) {
            this.graph = graph;
            this.results = new HashSet<>();
            var base = new HashMap<Value, Value>();
            var chains = new HashMap<Value, List<Op>>();
            for (int i = 0; i < graph.nodes().size(); i++) {
                var node = graph.nodes().get(i);
                for (int k = 0; k < node.inputs().size(); k++) {
                    var v = node.input(k);
                    var from = base.getOrDefault(v, v);
                    var chain = chains.getOrDefault(v, List.of());
                    if (node.op().isView()) {
                        var longer = new ArrayList<>(chain);
                        longer.add(node.op());
                        base.put(node.output(), from);
                        chains.put(node.output(), longer);
                    } else {
                        readers.computeIfAbsent(from, x -> new ArrayList<>()).add(new Reader(i, k, chain));
                    }
                }
            }
            graph.outputValues().forEach(v -> results.add(base.getOrDefault(v, v)));
        }

        Graph rewrite() {
            for (var node : graph.nodes()) {
                node.outputs().stream()
                        .filter(v -> isPlanes(v) && liesChannelsFirst(node, v))
                        .forEach(v -> layouts.put(v, Layout.channelsFirst()));
                if (node.op() instanceof Op.Fused(var kind, var body) && kind == FusionKind.MATMUL) {
                    long natural = 0;
                    long swapped = 0;
                    for (var v : node.outputs()) {
                        int rank = v.type().shape().rank();
                        natural += cost(v, Layout.natural(rank));
                        swapped += cost(v, Layout.swapped(rank));
                    }
                    if (swapped < natural) {
                        node.outputs()
                                .forEach(v -> layouts.put(
                                        v, Layout.swapped(v.type().shape().rank())));
                    }
                }
            }
            return emit();
        }

        private static boolean isPlanes(Value v) {
            var shape = v.type().shape();
            return shape.rank() == 4 && shape.dim(0) > 1 && shape.dim(1) > 1;
        }

        /** True if the result is better off with its channels first; where readers do not care, as the operands lie. */
        private boolean liesChannelsFirst(Node node, Value v) {
            boolean follows = node.inputs().stream()
                    .anyMatch(x -> layouts.getOrDefault(x, Layout.natural(4)).equals(Layout.channelsFirst()));
            if (!slides(node.op()) && !(follows && isIndifferent(node.op()))) {
                return false;
            }
            long elements = v.type().shape().elements();
            long sliding = readers.getOrDefault(v, List.of()).stream()
                    .filter(r -> r.chain.isEmpty()
                            && slides(graph.nodes().get(r.node).op()))
                    .count();
            return cost(v, Layout.channelsFirst()) <= cost(v, Layout.natural(4)) + sliding * elements;
        }

        /** Windows slide over planes, whose channels lie on partitions. */
        private static boolean slides(Op op) {
            return op instanceof Op.WindowReduce
                    || op instanceof Op.Fused(var kind, var body) && kind == FusionKind.CONVOLUTION;
        }

        /** True for what takes any layout in which rows of a plane lie together. */
        private static boolean isIndifferent(Op op) {
            return op instanceof Op.Concat
                    || op instanceof Op.Pad
                    || op instanceof Op.Fused(var kind, var body) && kind == FusionKind.ROWS;
        }

        private long cost(Value v, Layout layout) {
            long elements = v.type().shape().elements();
            long cost = results.contains(v) && !layout.isNatural() ? elements : 0;
            for (var r : readers.getOrDefault(v, List.of())) {
                cost += wants(v, r, layout) ? 0 : elements;
            }
            return cost;
        }

        /** True if the reader can read the value in this layout as it likes it. */
        private boolean wants(Value v, Reader reader, Layout layout) {
            var op = graph.nodes().get(reader.node).op();
            if (!(op instanceof Op.Fused(var kind, var body)) || kind != FusionKind.MATMUL) {
                boolean planes = reader.chain.isEmpty()
                        && v.type().shape().rank() == 4
                        && layout.equals(Layout.channelsFirst())
                        && (slides(op) || isIndifferent(op));
                return layout.isNatural() || planes;
            }
            var product = body.nodes().stream()
                    .filter(n -> n.op() instanceof Op.MatMul)
                    .findFirst()
                    .orElseThrow();
            var parameter = body.inputs().get(reader.operand).value();
            boolean left = product.input(0).equals(parameter);
            boolean right = product.input(1).equals(parameter);
            if (!left && !right) {
                return layout.isNatural();
            }
            var view = StridedView.of(v.type().shape(), layout);
            for (var step : reader.chain) {
                var next = view.through(step);
                if (next.isEmpty()) {
                    return false;
                }
                view = next.get();
            }
            int rank = view.shape().rank();
            return (!left || isInnermost(view, rank - 2)) && (!right || isInnermost(view, rank - 1));
        }

        private static boolean isInnermost(StridedView view, int axis) {
            return view.shape().dim(axis) == 1 || view.stride(axis) == 1;
        }

        private Graph emit() {
            var b = GraphBuilder.rewriting(graph);
            layouts.forEach(b::layout);
            var relaid = new HashMap<Value, Value>();
            var views = new HashMap<List<Object>, Value>();
            var other = new HashMap<Integer, Map<Integer, Value>>();
            for (var p : graph.inputs()) {
                relay(b, p.value(), relaid, views, other);
            }
            for (int i = 0; i < graph.nodes().size(); i++) {
                var node = graph.nodes().get(i);
                var inputs = new ArrayList<>(node.inputs());
                other.getOrDefault(i, Map.of()).forEach(inputs::set);
                b.keep(new Node(node.op(), inputs, node.outputs(), node.location()));
                if (!node.op().isView() && !(node.op() instanceof Op.Constant)) {
                    b.at(node.location());
                    node.outputs().forEach(v -> relay(b, v, relaid, views, other));
                }
            }
            graph.outputs().forEach(o -> b.output(o.name(), o.value()));
            return b.build();
        }

        /** Gives the readers of a value that want the layout it does not have a relayout, if that is what they want. */
        private void relay(
                GraphBuilder b,
                Value v,
                Map<Value, Value> relaid,
                Map<List<Object>, Value> views,
                Map<Integer, Map<Integer, Value>> other) {
            int rank = v.type().shape().rank();
            if (rank < 2) {
                return;
            }
            var layout = layouts.getOrDefault(v, Layout.natural(rank));
            var opposite = layout.isNatural() ? Layout.swapped(rank) : Layout.natural(rank);
            var others = readers.getOrDefault(v, List.of()).stream()
                    .filter(r -> !wants(v, r, layout) && wants(v, r, opposite))
                    .toList();
            for (var r : others.size() > 1 ? others : List.<Reader>of()) {
                var at = relaid.computeIfAbsent(v, x -> {
                    var copy = b.add(new Op.Relayout(), x);
                    b.layout(copy, opposite);
                    return copy;
                });
                for (var op : r.chain) {
                    var from = at;
                    at = views.computeIfAbsent(List.of(from, op), k -> b.add(op, from));
                }
                other.computeIfAbsent(r.node, k -> new HashMap<>()).put(r.operand, at);
            }
        }
    }
}
