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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Afterwards a part of the batch passes through a run of layers before the next part does, if what a layer reads and writes for the whole
 * batch does not fit SBUF: what is between two layers stays on chip, and one part's attention is computed beside another one's products.
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

    /** Rows of a product that take longer than reading their weights. */
    private static final long FEWEST_ROWS = 512;

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
                .mapToObj(parts -> new Split(graph, parts))
                .filter(s -> s.parts == 1 || s.fewestRows() >= FEWEST_ROWS)
                .reduce((small, large) -> small.fits() ? small : large);
        return best.filter(s -> s.parts > 1).map(Split::rewrite).orElse(graph);
    }

    private final class Split {
        private final Graph graph;
        private final long parts;
        private final Map<Value, Node> definitions;
        private final Set<Value> data = new HashSet<>();

        /** The run of each node that is computed in parts, by its first node. */
        private final Map<Node, Integer> runs = new HashMap<>();

        Split(Graph graph, long parts) {
            this.graph = graph;
            this.parts = parts;
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
            return n.op() instanceof Op.MatMul && !data.contains(n.input(1));
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
                    yield true;
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
            for (var node : run) {
                if (isReadElsewhere(node.output(), run)) {
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
         * Each part is a phase behind the one before it, so that while one part's attention keeps VectorE and ScalarE busy, the products
         * with weights of its neighbours keep TensorE busy. Attention comes first, as it takes longer to get going; that of several parts takes turns
         * with products of as many others.
         */
        private List<Turn> turns(List<Node> run) {
            var phases = phases(run);
            var turns = new ArrayList<Turn>();
            for (int slot = 0; slot < phases.size() + parts - 1; slot++) {
                var attention = new ArrayDeque<Turn>();
                var products = new ArrayDeque<Turn>();
                for (int part = (int) Math.max(0, slot - phases.size() + 1);
                        part <= Math.min(slot, parts - 1);
                        part++) {
                    var phase = phases.get(slot - part);
                    (phase.isAttention ? attention : products).add(new Turn(part, phase.isAttention, phase.nodes));
                }
                while (!attention.isEmpty() || !products.isEmpty()) {
                    Optional.ofNullable(attention.poll()).ifPresent(turns::add);
                    Optional.ofNullable(products.poll()).ifPresent(turns::add);
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

        private boolean isReadElsewhere(Value v, List<Node> run) {
            var inside = new HashSet<>(run);
            return graph.outputValues().contains(v)
                    || graph.nodes().stream()
                            .anyMatch(n -> !inside.contains(n) && n.inputs().contains(v));
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
