package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.ValueReaders.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Afterwards every value has the layout that its readers want most: natural, with the last two dimensions exchanged, or images with
 * their channels first; several readers that want the other one share a relayout, a single one turns what it reads itself.
 *
 * <p>A matmul wants the dimension that it contracts on partitions, so not innermost, in both operands, and can produce
 * either layout by choosing which operand is stationary; so does attention of its products, but its rows stay rows. What slides windows
 * over images wants, and produces, their channels on partitions and all images beside each other. Everything else wants, and produces,
 * the natural layout. Wishes are seen through view operators. A choice costs the time to turn what the readers that it fails read, and that of the
 * product itself ({@link ProductSeconds}).
 *
 * <p>A product whose readers see its matrices as parts of a larger one may have any order in which that one is turned; what
 * {@link BatchedMatrices} finds of many matrices is laid as it says.
 */
public record AssignLayouts(Target target) implements GraphPass {
    @Override
    public String name() {
        return "assign-layouts";
    }

    @Override
    public Graph run(Graph graph) {
        return new Assignment(graph, target).rewrite();
    }

    private static final class Assignment {
        private final Graph graph;
        private final ValueReaders readers;
        private final BatchedMatrices matrices;
        private final Map<Value, Layout> layouts = new HashMap<>();
        private final Map<Value, Node> definitions;
        private final ProductSeconds seconds;

        Assignment(Graph graph, Target target) {
            this.graph = graph;
            this.readers = ValueReaders.of(graph);
            this.matrices = new BatchedMatrices(graph, readers, target);
            this.definitions = graph.definitions();
            this.seconds = new ProductSeconds(target, definitions);
        }

        Graph rewrite() {
            for (var node : graph.nodes()) {
                node.outputs().stream()
                        .filter(v -> isPlanes(v) && liesChannelsFirst(node, v))
                        .forEach(v -> layouts.put(v, Layout.channelsFirst()));
                if (node.op() instanceof Op.Fused(var kind, var body) && kind == FusionKind.ATTENTION) {
                    node.outputs().forEach(this::layAsRead);
                }
            }
            graph.nodes().forEach(n -> layouts.putAll(matrices.layouts(n)));
            // Readers first, because what follows on a sum wants its operands as the result lies.
            for (int i = graph.nodes().size() - 1; i >= 0; i--) {
                var outputs = graph.nodes().get(i).outputs();
                if (BatchedMatrices.isProduct(graph.nodes().get(i))
                        && outputs.stream().noneMatch(layouts::containsKey)) {
                    layAsCheapest(i);
                }
            }
            return emit();
        }

        private boolean isLines(Value v) {
            return definitions.containsKey(v) && matrices.makesLines(definitions.get(v));
        }

        private void layAsCheapest(int product) {
            var outputs = graph.nodes().get(product).outputs();
            var best = Layout.natural(outputs.getFirst().type().shape().rank());
            double least = seconds(product, best);
            for (var layout : candidates(outputs.getFirst())) {
                double cost = seconds(product, layout);
                if (cost < least) {
                    best = layout;
                    least = cost;
                }
            }
            if (!best.isNatural()) {
                for (var v : outputs) {
                    layouts.put(v, best);
                }
            }
        }

        private double seconds(int product, Layout layout) {
            var region = graph.nodes().get(product);
            double turning = seconds.ofTurning(cost(product, layout), region.type());
            // Many matrices that lie wrong may have to pass through memory, which no cycle of the array is worth.
            if (region.type().shape().rank() > 2) {
                return turning;
            }
            double multiplying = seconds.of(region, layout);
            return turning
                    + (isReadAsMatrices(region) ? Math.max(multiplying, seconds.ofWeights(region)) : multiplying);
        }

        /** True if products of many matrices read some of the rows of a product each, as of several texts. */
        private boolean isReadAsMatrices(Node product) {
            long rows = product.type().shape().dim(0);
            return product.outputs().stream()
                    .flatMap(v -> readers.of(v).stream())
                    .filter(r -> isOfProducts(r.node().op()))
                    .map(r -> r.node().type().shape())
                    .anyMatch(s -> s.rank() > 2 && s.dim(s.rank() - 2) != rows && s.dim(s.rank() - 1) != rows);
        }

        /**
         * Layouts in which a product can be made that readers may want: turned, or, where its matrices are parts of a larger one (heads, of
         * which an output layer contracts all elements), as that one is turned.
         */
        private List<Layout> candidates(Value product) {
            int rank = product.type().shape().rank();
            var candidates = new ArrayList<Layout>();
            candidates.add(Layout.swapped(rank));
            for (var r : readers.of(product)) {
                if (r.chain().isEmpty() || !(r.chain().getFirst() instanceof Op.Transpose(var permutation))) {
                    continue;
                }
                for (int outer = 0; outer < rank; outer++) {
                    var turned = new ArrayList<>(permutation.subList(outer, rank));
                    turned.addAll(permutation.subList(0, outer));
                    if (turned.getLast() >= rank - 2) {
                        candidates.add(new Layout(turned));
                    }
                }
            }
            return candidates;
        }

        /** The elements that readers of a product, and of what it reads beside its factors, have to turn if it has this layout. */
        private long cost(int product, Layout layout) {
            long cost = 0;
            for (var v : graph.nodes().get(product).outputs()) {
                cost += cost(v, layout);
            }
            for (var entry : readers.byValue().entrySet()) {
                var v = entry.getKey();
                int rank = v.type().shape().rank();
                boolean follows = definitions.containsKey(v) && BatchedMatrices.isProduct(definitions.get(v));
                for (var r : entry.getValue()) {
                    boolean reads = r.number() == product && !follows && isEpilogueOperand(r);
                    cost += reads && !fits(seen(v, r, layouts.getOrDefault(v, Layout.natural(rank))), layout)
                            ? v.type().shape().elements()
                            : 0;
                }
            }
            return cost;
        }

        private boolean isEpilogueOperand(Reader reader) {
            var op = reader.node().op();
            if (!(op instanceof Op.Fused(var kind, var body)) || kind != FusionKind.MATMUL) {
                return false;
            }
            var parameter = body.inputs().get(reader.operand()).value();
            return body.nodes().stream()
                    .anyMatch(n -> !(n.op() instanceof Op.MatMul) && n.inputs().contains(parameter));
        }

        /** True if an operand of what follows on a sum can be read in runs where the result has this layout. */
        private static boolean fits(Optional<StridedView> view, Layout result) {
            int axis = result.order().getLast();
            return view.isPresent()
                    && (isInnermost(view.get(), axis) || view.get().stride(axis) == 0);
        }

        /** Attention writes rows of any layout whose last dimension is innermost: one that its readers see through their views. */
        private void layAsRead(Value v) {
            int rank = v.type().shape().rank();
            for (var r : readers.of(v)) {
                if (!r.chain().isEmpty()
                        && r.chain().getFirst() instanceof Op.Transpose(var permutation)
                        && permutation.getLast() == rank - 1
                        && copies(v, new Layout(permutation))
                                < copies(v, layouts.getOrDefault(v, Layout.natural(rank)))) {
                    layouts.put(v, new Layout(permutation));
                }
            }
        }

        /** How many readers cannot see the value through their views in a layout. */
        private long copies(Value v, Layout layout) {
            long copies = readers.isResult(v) && !layout.isNatural() ? 1 : 0;
            for (var r : readers.of(v)) {
                copies += seen(v, r, layout).isEmpty() ? 1 : 0;
            }
            return copies;
        }

        /** What a reader sees of a value through its views, if no copy is needed. */
        private static Optional<StridedView> seen(Value v, Reader reader, Layout layout) {
            return reader.sees(v.type().shape(), layout);
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
            long sliding = readers.of(v).stream()
                    .filter(r -> r.chain().isEmpty() && slides(r.node().op()))
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
            long cost = readers.isResult(v) && !layout.isNatural() ? elements : 0;
            for (var r : readers.of(v)) {
                boolean isCopied =
                        seesTurnedRows(r.node().op(), r) && seen(v, r, layout).isEmpty();
                // A row is copied in half the time that it takes to turn it.
                cost += wants(v, r, layout) ? (isCopied ? elements / 2 : 0) : elements;
            }
            return cost;
        }

        /** True if the reader can read the value in this layout as it likes it. */
        private boolean wants(Value v, Reader reader, Layout layout) {
            var op = reader.node().op();
            if (!isOfProducts(op)) {
                boolean planes = reader.chain().stream().allMatch(Op.Broadcast.class::isInstance)
                        && v.type().shape().rank() == 4
                        && layout.equals(Layout.channelsFirst())
                        && (slides(op) || isIndifferent(op));
                return planes || (seesTurnedRows(op, reader) ? isRead(v, reader, layout) : layout.isNatural());
            }
            return wants(reader, seen(v, reader, layout), layout.isNatural());
        }

        private static boolean isOfProducts(Op op) {
            return op instanceof Op.Fused(var kind, var body)
                    && (kind == FusionKind.MATMUL || kind == FusionKind.ATTENTION);
        }

        /** True if a reader with products likes what it sees of a value. */
        private boolean wants(Reader reader, Optional<StridedView> view, boolean isNatural) {
            var body = ((Op.Fused) reader.node().op()).body();
            var parameter = body.inputs().get(reader.operand()).value();
            boolean multiplied = false;
            for (var product : body.nodes()) {
                if (!(product.op() instanceof Op.MatMul)) {
                    continue;
                }
                boolean left = product.input(0).equals(parameter);
                boolean right = product.input(1).equals(parameter);
                multiplied |= left || right;
                int rank = product.type().shape().rank();
                if (left && (view.isEmpty() || !isContractible(view.get(), rank - 1, rank - 2))
                        || right && (view.isEmpty() || !isContractible(view.get(), rank - 2, rank - 1))) {
                    return false;
                }
            }
            if (isEpilogueOperand(reader)) {
                var result = reader.node().outputs().getFirst();
                return fits(
                        view,
                        layouts.getOrDefault(
                                result, Layout.natural(result.type().shape().rank())));
            }
            return multiplied || isNatural;
        }

        /** True for rows of what is seen through views that turn a value. */
        private static boolean seesTurnedRows(Op op, Reader reader) {
            boolean takesRows =
                    op instanceof Op.Concat || op instanceof Op.Fused(var kind, var body) && kind == FusionKind.ROWS;
            return takesRows && reader.chain().stream().anyMatch(Op.Transpose.class::isInstance);
        }

        /** True if the reader sees rows of the value in this layout as rows; what it cannot see without a copy had better lie naturally. */
        private static boolean isRead(Value v, Reader reader, Layout layout) {
            return seen(v, reader, layout)
                    .map(view -> isInnermost(view, view.shape().rank() - 1))
                    .orElse(layout.isNatural());
        }

        /** True if what is contracted can lie on partitions: where it is innermost, each element is loaded by itself, unless all are one line. */
        private static boolean isContractible(StridedView view, int contracted, int other) {
            boolean isLine = view.shape().dim(other) == 1;
            return isLine
                    ? view.shape().rank() == 2
                            || view.stride(contracted) != 1
                            || view.shape().dim(contracted) == 1
                    : view.stride(other) == 1;
        }

        private static boolean isInnermost(StridedView view, int axis) {
            return view.shape().dim(axis) == 1 || view.stride(axis) == 1;
        }

        /** A relayout of a value, or of what its readers see of it through the first of their views. */
        private record Turned(Value value, List<Op> views, Layout layout) {}

        private Graph emit() {
            var b = GraphBuilder.rewriting(graph);
            layouts.forEach(b::layout);
            var sharing = sharing();
            var relaid = new HashMap<Turned, Value>();
            var views = new HashMap<List<Object>, Value>();
            for (int i = 0; i < graph.nodes().size(); i++) {
                var node = graph.nodes().get(i);
                var inputs = new ArrayList<>(node.inputs());
                b.at(node.location());
                if (node.op() instanceof Op.Constant(var tensor) && isWantedTurned(node.output())) {
                    keepTurned(b, node, tensor);
                    continue;
                }
                sharing.getOrDefault(i, Map.of()).forEach((reader, turned) -> {
                    var at = relaid.computeIfAbsent(turned, t -> relayout(b, t));
                    for (var op : reader.chain()
                            .subList(turned.views.size(), reader.chain().size())) {
                        var from = at;
                        at = views.computeIfAbsent(List.of(from, op), k -> b.add(op, from));
                    }
                    inputs.set(reader.operand(), at);
                });
                b.keep(new Node(node.op(), inputs, node.outputs(), node.location()));
            }
            graph.outputs().forEach(o -> b.output(o.name(), o.value()));
            return b.build();
        }

        /** True for constant matrices that all readers want turned: it is turned as the model is compiled. */
        private boolean isWantedTurned(Value constant) {
            var list = readers.of(constant);
            int rank = constant.type().shape().rank();
            return rank >= 2
                    && !readers.isResult(constant)
                    && !list.isEmpty()
                    && list.stream()
                            .allMatch(r -> !wants(constant, r, Layout.natural(rank))
                                    && wants(constant, r, Layout.swapped(rank)));
        }

        private static void keepTurned(GraphBuilder b, Node node, Tensor tensor) {
            var op = new Op.Transpose(
                    Layout.swapped(tensor.type().shape().rank()).order());
            var shape = Shape.of(
                    op.permutation().stream().map(tensor.type().shape()::dim).toList());
            var type = tensor.type().with(shape);
            var turned = GraphInterpreter.evaluate(op, List.of(tensor), List.of(type))
                    .getFirst();
            b.keep(new Node(op, List.of(b.add(new Op.Constant(turned))), node.outputs(), node.location()));
        }

        /** The readers, by node, that share a relayout with others: they want the layout that their value does not have. */
        private Map<Integer, Map<Reader, Turned>> sharing() {
            var groups = new LinkedHashMap<Turned, List<Reader>>();
            readers.byValue().forEach((v, list) -> {
                int rank = v.type().shape().rank();
                boolean isConstant =
                        definitions.containsKey(v) && definitions.get(v).op() instanceof Op.Constant;
                if (rank < 2 || isConstant) {
                    return;
                }
                var layout = layouts.getOrDefault(v, Layout.natural(rank));
                for (var r : list) {
                    if (!wants(v, r, layout)) {
                        turned(v, r)
                                .ifPresent(t -> groups.computeIfAbsent(t, k -> new ArrayList<>())
                                        .add(r));
                    }
                }
            });
            var sharing = new HashMap<Integer, Map<Reader, Turned>>();
            groups.forEach((turned, list) -> {
                boolean shared = list.size() > 1 || list.stream().anyMatch(this::isEpilogueOperand);
                for (var r : shared ? list : List.<Reader>of()) {
                    sharing.computeIfAbsent(r.number(), k -> new LinkedHashMap<>())
                            .put(r, turned);
                }
            });
            readers.byValue().forEach((v, list) -> {
                for (var r : list) {
                    contractedFirst(v, r)
                            .or(() -> isLines(v) ? turned(v, r) : Optional.empty())
                            .ifPresent(t -> sharing.computeIfAbsent(r.number(), k -> new LinkedHashMap<>())
                                    .putIfAbsent(r, t));
                }
            });
            return sharing;
        }

        /** What a product contracts of each of many matrices, from the first partition on. */
        private Optional<Turned> contractedFirst(Value v, Reader r) {
            return matrices.contractedFirst(v, r, layout(v), wants(v, r, layout(v)))
                    .map(l -> new Turned(v, r.chain(), l));
        }

        /** The relayout, as near to the value as possible, with which a reader sees what it wants; a slice goes before it. */
        private Optional<Turned> turned(Value v, Reader r) {
            boolean isSliced = !r.chain().isEmpty() && r.chain().getFirst() instanceof Op.Slice;
            var whole = opposite(v, v.type().shape().rank());
            if (wants(v, r, whole)) {
                return Optional.of(new Turned(v, r.chain().subList(0, isSliced ? 1 : 0), whole));
            }
            if (!isOfProducts(r.node().op())) {
                return Optional.empty();
            }
            for (int n = isSliced ? 2 : 1; n <= r.chain().size(); n++) {
                var views = r.chain().subList(0, n);
                var rest = r.chain().subList(n, r.chain().size());
                var shape = ValueReaders.seen(v.type().shape(), layout(v), views)
                        .map(StridedView::shape)
                        .filter(s -> s.rank() >= 2 && s.elements() == elements(v, r));
                if (shape.isPresent()) {
                    var opposite = opposite(v, shape.get().rank());
                    if (wants(r, ValueReaders.seen(shape.get(), opposite, rest), opposite.isNatural())) {
                        return Optional.of(new Turned(v, views, opposite));
                    }
                }
            }
            return Optional.empty();
        }

        /** Elements of a value, or of the slice of it that a reader's views begin with. */
        private static long elements(Value v, Reader r) {
            return !r.chain().isEmpty() && r.chain().getFirst() instanceof Op.Slice(var starts, var sizes, var steps)
                    ? Shape.of(sizes).elements()
                    : v.type().shape().elements();
        }

        private Layout layout(Value v) {
            return layouts.getOrDefault(v, Layout.natural(v.type().shape().rank()));
        }

        /** The other layout of what is seen of a value. */
        private Layout opposite(Value v, int rank) {
            return layout(v).isNatural() ? Layout.swapped(rank) : Layout.natural(rank);
        }

        private Value relayout(GraphBuilder b, Turned turned) {
            var from = turned.value;
            for (var op : turned.views) {
                from = b.add(op, from);
            }
            var copy = b.add(new Op.Relayout(), from);
            b.layout(copy, turned.layout);
            return copy;
        }
    }
}
