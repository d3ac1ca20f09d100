package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Afterwards a part of the batch passes through a run of layers before the next part does, if what a layer reads and writes for the whole
 * batch does not fit SBUF: what is between two layers stays on chip, and one part's attention is computed beside another one's products.
 *
 * <p>What fits is divided into its images or texts if those are more than a block of partitions and end amid one: attention would read and
 * write them by way of HBM, a head's row at a time. Then all parts pass through a layer before the next layer, so that its weights are read
 * once, if SBUF holds them meanwhile.
 *
 * <p>A run is of nodes each of whose results' first dimension can be computed in parts: a part of the result needs the same part of some
 * operands and all of the others, which do not depend on the batch. Parts take turns. Weights are read once a part, so a part keeps enough rows for that
 * to be hidden behind the products.
 *
 * <p>The other design, chosen against: to fuse loops over tiles after they are made. It needs no divisible batch, but has to find out from
 * addresses which tiles belong together, and what each loop nest had arranged for its own operands stands in the way.
 */
public record SplitBatch(Target target) implements GraphPass {
    private static final double SBUF_SHARE = 0.25;

    /** What may be loaded once for several parts. */
    private static final double REUSED_SHARE = 0.25;

    /** Rows of a product behind which the reading of its weights is hidden, with what else is read meanwhile. */
    private static final long FEWEST_ROWS = 1024;

    /** Attention of less than this of the time of products is not worth the room that a second part takes beside the first. */
    private static final double ATTENTION_SHARE = 0.5;

    /** Passes of Vector or Scalar Engine over the scores: maximum, exponential, and what is between them and the next product. */
    private static final double ATTENTION_PASSES = 3;

    private enum Need {
        PART,
        WHOLE
    }

    @Override
    public String name() {
        return "split-batch";
    }

    @Override
    public Graph run(Graph graph) {
        long batch = graph.inputs().stream()
                .filter(p -> p.value().type().shape().rank() > 1)
                .mapToLong(p -> p.value().type().shape().dim(0))
                .findFirst()
                .orElse(1);
        var best = LongStream.rangeClosed(1, batch)
                .filter(parts -> batch % parts == 0)
                .mapToObj(parts -> new Split(graph, parts, false))
                .filter(s -> s.parts == 1 || s.fewestRows() >= FEWEST_ROWS)
                .reduce((small, large) -> small.fits() ? small : large)
                .filter(s -> s.parts > 1);
        return best.or(() -> Optional.of(new Split(graph, batch, true)).filter(Split::saves))
                .map(Split::rewrite)
                .orElse(graph);
    }

    private final class Split {
        private final Graph graph;
        private final long parts;

        /** True if all parts pass through a layer before the next one. */
        private final boolean together;

        private final Map<Value, Node> definitions;
        private final Set<Value> data = new HashSet<>();

        /** The run of each node that is computed in parts, by its first node. */
        private final Map<Node, Integer> runs = new LinkedHashMap<>();

        Split(Graph graph, long parts, boolean together) {
            this.graph = graph;
            this.parts = parts;
            this.together = together;
            this.definitions = graph.definitions();
            graph.inputs().forEach(p -> data.add(p.value()));
            var split = new HashSet<Value>();
            int run = 0;
            for (var node : graph.nodes()) {
                boolean isData = node.inputs().stream().anyMatch(data::contains);
                if (!isData) {
                    continue;
                }
                data.addAll(node.outputs());
                if (needs(node, split).isPresent()) {
                    split.addAll(node.outputs());
                    runs.put(node, run);
                } else if (node.inputs().stream().anyMatch(split::contains)) {
                    split.clear();
                    run++;
                }
            }
            var products = new HashMap<Integer, Integer>();
            runs.forEach((n, r) -> products.merge(r, isLayer(n) ? 1 : 0, Integer::sum));
            runs.values().removeIf(r -> products.get(r) < 2);
        }

        /** A product with weights. */
        private boolean isLayer(Node n) {
            return n.op() instanceof Op.MatMul && !data.containsAll(n.inputs());
        }

        private List<Node> layers() {
            return runs.keySet().stream().filter(this::isLayer).toList();
        }

        private Value weights(Node layer) {
            return layer.input(data.contains(layer.input(0)) ? 1 : 0);
        }

        /** True if SBUF holds the weights of each layer while all parts pass through it. */
        private boolean sharesWeights() {
            double room = REUSED_SHARE
                    * target.memory().partitions()
                    * target.memory().sbufBytesPerPartition();
            return layers().stream().allMatch(n -> bytes(weights(n)) <= room);
        }

        /** True if transfers of single rows of heads that this avoids take longer than what it adds. */
        boolean saves() {
            double added = 0;
            for (var n : layers()) {
                var shape = n.type().shape();
                long width = shape.dim(shape.rank() - 1);
                long depth = n.input(0).type().shape().dim(shape.rank() - 1);
                long blocks = Math.ceilDiv(width, target.tensor().maxStationaryFree())
                        * Math.ceilDiv(depth, target.tensor().maxContractionRows());
                added += blocks
                        * (parts * wholeRows(rows(n) / parts) - wholeRows(rows(n)))
                        / target.tensor().clockHz();
                added += sharesWeights()
                        ? 0
                        : (parts - 1) * bytes(weights(n)) / target.dma().bytesPerSecondPerCore();
            }
            double avoided = 0;
            for (var n : runs.keySet()) {
                if (n.op() instanceof Op.MatMul && !isLayer(n) && straddles(n)) {
                    avoided += rows(n)
                            * target.dma().minTimePerDescriptorSeconds()
                            / target.dma().enginesPerCore();
                }
            }
            return parts > 1 && avoided > added;
        }

        /** Rows of a layer in whole blocks of the array. */
        private long wholeRows(long rows) {
            int block = target.tensor().maxStationaryFree();
            return Math.ceilDiv(rows, block) * block;
        }

        /**
         * True if the rows of a part, one behind the other, do not end where an operand may begin, and are more than a block: of fewer, row
         * i of all texts lies on partition i, see {@link BatchedMatrices}.
         */
        private boolean straddles(Node product) {
            var shape = product.type().shape();
            long rows = shape.dim(shape.rank() - 2);
            int partitions = target.memory().partitions();
            return shape.rank() > 2 && rows > partitions && rows % partitions != 0;
        }

        long fewestRows() {
            return runs.keySet().stream()
                    .filter(this::isLayer)
                    .mapToLong(n -> rows(n) / parts)
                    .min()
                    .orElse(0);
        }

        private static long rows(Node product) {
            var shape = product.type().shape();
            return shape.elements() / Math.max(1, shape.dim(shape.rank() - 1));
        }

        /** True if what each layer reads and writes for one part of the batch finds room. */
        boolean fits() {
            double room =
                    SBUF_SHARE * target.memory().partitions() * target.memory().sbufBytesPerPartition();
            return runs.keySet().stream()
                    .filter(this::isLayer)
                    .allMatch(n -> bytes(n.input(0)) + bytes(n.output()) <= room * parts);
        }

        private static long bytes(Value v) {
            return v.type().shape().elements() * v.type().dtype().carrier().bytes();
        }

        /** What a part of a node's result needs of each operand, if it can be computed by itself. */
        private Optional<List<Need>> needs(Node node, Set<Value> split) {
            if (node.outputs().size() != 1 || !isDivisible(node.output())) {
                return Optional.empty();
            }
            var needs = new ArrayList<>(Collections.nCopies(node.inputs().size(), Need.PART));
            boolean possible = switch (node.op()) {
                case Op.Transpose(var permutation) -> permutation.getFirst() == 0;
                case Op.Reduce(var f, var axes) -> !axes.contains(0);
                case Op.Concat(var axis) -> axis != 0;
                case Op.Reshape r -> true;
                case Op.Slice(var starts, var sizes, var steps) ->
                    sizes.getFirst() == node.input(0).type().shape().dim(0);
                case Op.Broadcast(var shape) -> {
                    var from = node.input(0).type().shape();
                    boolean along = from.rank() == shape.rank() && from.dim(0) == shape.dim(0);
                    needs.set(0, along ? Need.PART : Need.WHOLE);
                    yield true;
                }
                case Op.Gather g -> {
                    needs.set(0, Need.WHOLE);
                    yield true;
                }
                case Op.MatMul m -> {
                    needs.set(1, node.type().shape().rank() == 2 ? Need.WHOLE : Need.PART);
                    yield together || !isLayer(node) || rows(node) >= FEWEST_ROWS;
                }
                default -> node.op().isElementwise();
            };
            for (int i = 0; i < needs.size(); i++) {
                var v = node.input(i);
                possible &= needs.get(i) == Need.WHOLE ? !split.contains(v) : isDivisible(v);
            }
            return possible ? Optional.of(List.copyOf(needs)) : Optional.empty();
        }

        private boolean isDivisible(Value v) {
            var shape = v.type().shape();
            return shape.rank() > 0 && shape.elements() > 0 && shape.dim(0) % parts == 0;
        }

        Graph rewrite() {
            var b = GraphBuilder.rewriting(graph);
            var replaced = new HashMap<Value, Value>();
            var waiting = new ArrayList<Node>();
            for (var node : graph.nodes()) {
                var run = runs.get(node);
                boolean goesOn = run != null && (waiting.isEmpty() || run.equals(runs.get(waiting.getFirst())));
                boolean depends =
                        waiting.stream().flatMap(n -> n.outputs().stream()).anyMatch(node.inputs()::contains);
                if (!waiting.isEmpty() && !goesOn && (depends || run != null)) {
                    inParts(b, waiting, replaced);
                    waiting.clear();
                }
                if (run != null) {
                    waiting.add(node);
                } else {
                    b.keep(new Node(
                            node.op(),
                            node.inputs().stream()
                                    .map(v -> replaced.getOrDefault(v, v))
                                    .toList(),
                            node.outputs(),
                            node.location()));
                }
            }
            inParts(b, waiting, replaced);
            graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
            return b.build();
        }

        private void inParts(GraphBuilder b, List<Node> run, Map<Value, Value> replaced) {
            var made = new HashSet<Value>();
            run.forEach(n -> made.addAll(n.outputs()));
            var own = new ArrayList<Map<Value, Value>>();
            var slices = new ArrayList<Map<Value, Value>>();
            for (long part = 0; part < parts; part++) {
                own.add(new HashMap<>());
                slices.add(new HashMap<>());
            }
            for (var turn : turns(run)) {
                for (var node : turn.nodes) {
                    b.at(node.location());
                    var needs = needs(node, made).orElseThrow();
                    var inputs = new ArrayList<Value>();
                    for (int i = 0; i < needs.size(); i++) {
                        var v = node.input(i);
                        var whole = replaced.getOrDefault(v, v);
                        inputs.add(
                                needs.get(i) == Need.WHOLE
                                        ? whole
                                        : made.contains(v)
                                                ? own.get(turn.part).get(v)
                                                : slices.get(turn.part)
                                                        .computeIfAbsent(v, x -> part(b, x, whole, turn.part)));
                    }
                    own.get(turn.part)
                            .put(
                                    node.output(),
                                    b.addAll(inPart(node.op()), inputs).getFirst());
                }
            }
            var readElsewhere = readElsewhere(run);
            for (var node : run) {
                if (readElsewhere.contains(node.output())) {
                    replaced.put(
                            node.output(),
                            b.at(node.location())
                                    .addAll(
                                            new Op.Concat(0),
                                            own.stream()
                                                    .map(o -> o.get(node.output()))
                                                    .toList())
                                    .getFirst());
                }
            }
        }

        /** Nodes that one part of the batch passes through before another one's turn. */
        private record Turn(int part, boolean isAttention, List<Node> nodes) {}

        /**
         * Parts one after the other, or two at once, the second a phase behind the first, so that while one part's attention keeps VectorE and
         * ScalarE busy, the products with weights of the other keep TensorE busy. Attention comes first, as it takes longer to get going.
         */
        private List<Turn> turns(List<Node> run) {
            var phases = phases(run);
            var turns = new ArrayList<Turn>();
            if (together && sharesWeights()) {
                phases.forEach(phase -> turns.addAll(together(phase)));
                return turns;
            }
            int underWay = underWay(run);
            int[] first = IntStream.range(0, (int) parts)
                    .map(part -> part / underWay * phases.size() + part % underWay)
                    .toArray();
            for (int slot = 0; slot < first[first.length - 1] + phases.size(); slot++) {
                var attention = new ArrayDeque<Turn>();
                var products = new ArrayDeque<Turn>();
                for (int part = 0; part < parts; part++) {
                    int number = slot - first[part];
                    if (number >= 0 && number < phases.size()) {
                        var phase = phases.get(number);
                        (phase.isAttention ? attention : products).add(new Turn(part, phase.isAttention, phase.nodes));
                    }
                }
                while (!attention.isEmpty() || !products.isEmpty()) {
                    Optional.ofNullable(attention.poll()).ifPresent(turns::add);
                    Optional.ofNullable(products.poll()).ifPresent(turns::add);
                }
            }
            return turns;
        }

        /** Parts that are under way at once, each in another phase. */
        private int underWay(List<Node> run) {
            double attention = 0;
            double products = 0;
            for (var n : run) {
                if (isLayer(n)) {
                    double multiplyAdds = (double) n.type().shape().elements()
                            * n.input(0).type().shape().dim(n.type().shape().rank() - 1);
                    products += multiplyAdds
                            / target.tensor().maxContractionRows()
                            / target.tensor().maxStationaryFree()
                            / target.tensor().clockHz();
                } else if (n.op() instanceof Op.MatMul) {
                    attention += ATTENTION_PASSES
                            * n.type().shape().elements()
                            / target.memory().partitions()
                            / target.vector().clockHz();
                }
            }
            return attention > ATTENTION_SHARE * products ? 2 : 1;
        }

        /** All parts of a phase: of layers node by node, of attention one part after the other. */
        private List<Turn> together(Turn phase) {
            var turns = new ArrayList<Turn>();
            var steps = phase.isAttention
                    ? List.of(phase.nodes)
                    : phase.nodes.stream().map(List::of).toList();
            for (var nodes : steps) {
                for (int part = 0; part < parts; part++) {
                    turns.add(new Turn(part, phase.isAttention, nodes));
                }
            }
            return turns;
        }

        /** The nodes of a run, those between two products of data without weights between them apart from the others. */
        private List<Turn> phases(List<Node> run) {
            int[] last = new int[run.size()];
            int next = -1;
            for (int i = run.size() - 1; i >= 0; i--) {
                var node = run.get(i);
                if (isLayer(node)) {
                    next = -1;
                } else if (node.op() instanceof Op.MatMul && next < 0) {
                    next = i;
                }
                last[i] = next;
            }
            var phases = new ArrayList<Turn>();
            boolean inside = false;
            for (int i = 0; i < run.size(); i++) {
                inside = i <= last[i] && (inside || run.get(i).op() instanceof Op.MatMul);
                if (phases.isEmpty() || phases.getLast().isAttention != inside) {
                    phases.add(new Turn(0, inside, new ArrayList<>()));
                }
                phases.getLast().nodes.add(run.get(i));
            }
            return phases;
        }

        private Set<Value> readElsewhere(List<Node> run) {
            var inside = new HashSet<>(run);
            var read = new HashSet<>(graph.outputValues());
            graph.nodes().stream().filter(n -> !inside.contains(n)).forEach(n -> read.addAll(n.inputs()));
            return read;
        }

        /** A part of what the run does not make; of a constant that is spread over the batch, the constant spread over less. */
        private Value part(GraphBuilder b, Value v, Value whole, int part) {
            var made = data.contains(v) ? Optional.<Node>empty() : Optional.ofNullable(definitions.get(v));
            if (made.isPresent() && made.get().op() instanceof Op.Broadcast(var shape)) {
                var from = made.get().input(0).type().shape();
                if (from.rank() < shape.rank() || from.dim(0) == 1) {
                    return b.add(inPart(made.get().op()), made.get().input(0));
                }
            }
            if (made.isPresent()
                    && made.get().op() instanceof Op.Reshape
                    && isDivisible(made.get().input(0))) {
                var from = made.get().input(0);
                return b.add(inPart(made.get().op()), part(b, from, from, part));
            }
            return slice(b, whole, part);
        }

        private Value slice(GraphBuilder b, Value v, int part) {
            var shape = v.type().shape();
            long size = shape.dim(0) / parts;
            var starts = new ArrayList<>(Collections.nCopies(shape.rank(), 0L));
            starts.set(0, part * size);
            return b.add(new Op.Slice(starts, dims(shape.with(0, size)), Collections.nCopies(shape.rank(), 1L)), v);
        }

        private static List<Long> dims(Shape shape) {
            return LongStream.range(0, shape.rank())
                    .mapToObj(i -> shape.dim((int) i))
                    .toList();
        }

        /** The operation with the extents of a part. */
        private Op inPart(Op op) {
            return switch (op) {
                case Op.Broadcast(var shape) -> new Op.Broadcast(shape.with(0, shape.dim(0) / parts));
                case Op.Reshape(var shape) -> new Op.Reshape(shape.with(0, shape.dim(0) / parts));
                case Op.Slice(var starts, var sizes, var steps) -> {
                    var fewer = new ArrayList<>(sizes);
                    fewer.set(0, sizes.getFirst() / parts);
                    yield new Op.Slice(starts, fewer, steps);
                }
                default -> op;
            };
        }
    }
}
