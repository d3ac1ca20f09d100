package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Afterwards every matmul, elementwise operation, reduction and packing of whole bytes is in a fused region that is tiled as one: a matmul with its
 * elementwise epilogue, or elementwise operations with trailing reductions, or with recurrences along rows, over the same rows.
 *
 * <p>Regions grow greedily in graph order; an operation joins only where no path leaves the region and comes back. A cast to a wider type
 * for a reduction goes with the reduction, so that rows are stored narrow.
 *
 * @param longestRow elements of a row up to which a reduction shares a region with other operations; a whole row of every
 *     live value must fit a partition of SBUF
 */
public record Fuse(long longestRow) implements GraphPass {
    @Override
    public String name() {
        return "fuse";
    }

    @Override
    public Graph run(Graph graph) {
        return new Regions(graph, longestRow).rewrite();
    }

    /** Values of regions that become one: fewer than tiles of a block that SBUF holds twice. */
    private static final int MOST_UNITED = 10;

    /** A region as it grows. {@code reduced} counts the trailing dimensions that its reductions reduce; 0 is none yet. */
    private static final class Region {
        final FusionKind kind;
        final Shape space;
        final List<Integer> members = new ArrayList<>();
        int reduced;

        Region(FusionKind kind, Shape space) {
            this.kind = kind;
            this.space = space;
        }

        int first() {
            return members.stream().mapToInt(i -> i).min().orElseThrow();
        }

        int last() {
            return members.stream().mapToInt(i -> i).max().orElseThrow();
        }

        boolean isColumn(Shape shape) {
            return reduced > 0 && shape.equals(columns(space, reduced));
        }
    }

    /** True for a cast from a narrower to a wider floating type. */
    static boolean isWidening(Node node) {
        return node.op() instanceof Op.Cast(var to, var saturate)
                && to.isFloat()
                && node.input(0).type().dtype().isFloat()
                && node.input(0).type().dtype().bits() < to.bits();
    }

    private static Shape columns(Shape space, int reduced) {
        var dims = space.toArray();
        for (int i = dims.length - reduced; i < dims.length; i++) {
            dims[i] = 1;
        }
        return Shape.of(dims);
    }

    private static final class Regions {
        private final Graph graph;
        private final long longestRow;
        private final Map<Value, Integer> definedAt = new HashMap<>();
        private final Map<Value, List<Integer>> readAt = new HashMap<>();
        private final Set<Value> results;
        private final Region[] regionOf;
        private final List<Region> regions = new ArrayList<>();

        Regions(Graph graph, long longestRow) {
            this.graph = graph;
            this.longestRow = longestRow;
            this.regionOf = new Region[graph.nodes().size()];
            this.results = new HashSet<>(graph.outputValues());
            for (int i = 0; i < graph.nodes().size(); i++) {
                for (var v : graph.nodes().get(i).outputs()) {
                    definedAt.put(v, i);
                }
                for (var v : new LinkedHashSet<>(graph.nodes().get(i).inputs())) {
                    readAt.computeIfAbsent(v, k -> new ArrayList<>()).add(i);
                }
            }
        }

        Graph rewrite() {
            for (int i = 0; i < regionOf.length; i++) {
                switch (graph.nodes().get(i).op()) {
                    case Op.MatMul m -> growEpilogue(i, FusionKind.MATMUL);
                    case Op.Convolution c -> growEpilogue(i, FusionKind.CONVOLUTION);
                    default -> {}
                }
            }
            for (int i = 0; i < regionOf.length; i++) {
                if (regionOf[i] == null) {
                    growRows(i);
                }
            }
            uniteReaders();
            return emit();
        }

        private void growEpilogue(int start, FusionKind kind) {
            var node = graph.nodes().get(start);
            var region = new Region(kind, node.type().shape());
            join(region, start);
            for (boolean grown = true; grown; ) {
                grown = false;
                for (int member : List.copyOf(region.members)) {
                    var tail = graph.nodes().get(member).output();
                    var readers = readAt.getOrDefault(tail, List.of());
                    for (int reader : readers) {
                        var next = graph.nodes().get(reader);
                        boolean only = readers.size() == 1 && !results.contains(tail);
                        if (regionOf[reader] == null
                                && next.op().isElementwise()
                                && (only || next.op() instanceof Op.Cast)
                                && next.type().shape().equals(region.space)
                                && !widensRows(next)
                                && !comesBack(region, reader)) {
                            join(region, reader);
                            grown = true;
                        }
                    }
                }
            }
        }

        /** True if a cast to a wider type is for a reduction, which reads its rows narrow. */
        private boolean widensRows(Node node) {
            return isWidening(node)
                    && readAt.getOrDefault(node.output(), List.of()).stream()
                            .anyMatch(i -> graph.nodes().get(i).op() instanceof Op.Reduce);
        }

        private void growRows(int i) {
            var node = graph.nodes().get(i);
            boolean reduction = node.op() instanceof Op.Reduce;
            boolean recurrence = node.op() instanceof Op.Recurrence;
            boolean elementwise = node.op().isElementwise() || isOfWholeBytes(node);
            if (!elementwise && !reduction && !recurrence && !(node.op() instanceof Op.Broadcast)) {
                return;
            }
            if (node.op() instanceof Op.Reduce(var f, var axes)
                    && !isTrailing(axes, node.input(0).type().shape())) {
                throw new PassException(name(node) + ": reduces dimensions " + axes + ", which are not the last ones");
            }
            var producers = new TreeSet<Integer>();
            for (var v : node.inputs()) {
                if (definedAt.containsKey(v)) {
                    producers.add(definedAt.get(v));
                }
            }
            for (int p : producers.descendingSet()) {
                var region = regionOf[p];
                if (region != null && region.kind == FusionKind.ROWS && fits(region, node) && !comesBack(region, i)) {
                    if (node.op() instanceof Op.Reduce(var f, var axes)) {
                        region.reduced = axes.size();
                    }
                    join(region, i);
                    producers.forEach(other -> unite(region, regionOf[other]));
                    return;
                }
            }
            if (node.op() instanceof Op.Broadcast) {
                return;
            }
            var space = reduction ? node.input(0).type().shape() : node.type().shape();
            var region = new Region(FusionKind.ROWS, space);
            if (node.op() instanceof Op.Reduce(var f, var axes)) {
                region.reduced = axes.size();
            }
            join(region, i);
        }

        /** True for packing and unpacking rows that are whole bytes. */
        private static boolean isOfWholeBytes(Node node) {
            var type = node.type();
            int rank = type.shape().rank();
            return (node.op() instanceof Op.Unpack || node.op() instanceof Op.Pack)
                    && rank > 0
                    && type.shape().dim(rank - 1) * type.dtype().bits() % 8 == 0;
        }

        /** Regions over the same rows that read the same value become one, so that it is loaded once. */
        private void uniteReaders() {
            for (var readers : List.copyOf(readAt.values())) {
                for (int reader : readers) {
                    var first = regionOf[readers.getFirst()];
                    boolean whole = first != null
                            && graph.nodes().get(reader).inputs().stream()
                                    .allMatch(v -> v.type().shape().equals(first.space));
                    if (whole && first.reduced == 0 && regionOf[reader] != null && regionOf[reader].reduced == 0) {
                        unite(first, regionOf[reader]);
                    }
                }
            }
        }

        /** Makes one region of two over the same rows, unless a path leaves it and comes back, or tiles of it would crowd SBUF. */
        private void unite(Region region, Region other) {
            if (other == null
                    || other == region
                    || other.kind != FusionKind.ROWS
                    || region.kind != FusionKind.ROWS
                    || !other.space.equals(region.space)
                    || !reduceAlike(region, other)
                    || crowd(region, other) > MOST_UNITED) {
                return;
            }
            int own = region.members.size();
            int reduced = region.reduced;
            region.reduced = Math.max(reduced, other.reduced);
            region.members.addAll(other.members);
            other.members.forEach(m -> regionOf[m] = region);
            regions.remove(other);
            if (comesBack(region, region.members)) {
                region.members.subList(own, region.members.size()).clear();
                region.reduced = reduced;
                other.members.forEach(m -> regionOf[m] = other);
                regions.add(other);
            }
        }

        /** True if both reduce the same dimensions, or only one of them any, along rows that are not too long. */
        private boolean reduceAlike(Region region, Region other) {
            int reduced = Math.max(region.reduced, other.reduced);
            return region.reduced == other.reduced
                    || Math.min(region.reduced, other.reduced) == 0
                            && row(region.space, reduced) <= longestRow
                            && !recurs(region)
                            && !recurs(other);
        }

        /** Values of two regions together that lie in SBUF at once; of whole rows, as many as there are operations on rows. */
        private int crowd(Region region, Region other) {
            var members = Stream.concat(region.members.stream(), other.members.stream())
                    .sorted()
                    .toList();
            if (region.reduced + other.reduced > 0) {
                return (int) members.stream()
                        .map(m -> graph.nodes().get(m))
                        .filter(n -> n.type().shape().equals(region.space) && !(n.op() instanceof Op.Broadcast))
                        .count();
            }
            var ends = new HashMap<Value, Integer>();
            for (int m : members) {
                var node = graph.nodes().get(m);
                ends.put(node.output(), m);
                node.inputs().forEach(v -> ends.put(v, m));
            }
            var live = new HashSet<Value>();
            int most = 0;
            for (int m : members) {
                live.addAll(graph.nodes().get(m).inputs());
                live.add(graph.nodes().get(m).output());
                most = Math.max(most, live.size());
                live.removeIf(v -> ends.get(v) == m);
            }
            return most;
        }

        private boolean fits(Region region, Node node) {
            var shape = node.type().shape();
            return switch (node.op()) {
                case Op.Recurrence r -> shape.equals(region.space) && region.reduced == 0;
                case Op.Reduce(var f, var axes) ->
                    node.input(0).type().shape().equals(region.space)
                            && !recurs(region)
                            && (region.reduced == 0 || region.reduced == axes.size())
                            && row(region.space, axes.size()) <= longestRow;
                case Op.Broadcast b ->
                    shape.equals(region.space)
                            && region.isColumn(node.input(0).type().shape())
                            && row(region.space, region.reduced) <= longestRow;
                default ->
                    (shape.equals(region.space) || region.isColumn(shape))
                            && (region.reduced == 0 || row(region.space, region.reduced) <= longestRow);
            };
        }

        private boolean recurs(Region region) {
            return region.members.stream().anyMatch(m -> graph.nodes().get(m).op() instanceof Op.Recurrence);
        }

        private static boolean isTrailing(List<Integer> axes, Shape shape) {
            for (int i = 0; i < axes.size(); i++) {
                if (axes.get(i) != shape.rank() - axes.size() + i) {
                    return false;
                }
            }
            return true;
        }

        private static long row(Shape space, int reduced) {
            long n = 1;
            for (int i = space.rank() - reduced; i < space.rank(); i++) {
                n *= space.dim(i);
            }
            return n;
        }

        private void join(Region region, int i) {
            if (region.members.isEmpty()) {
                regions.add(region);
            }
            regionOf[i] = region;
            region.members.add(i);
        }

        /** True if an operand of the candidate is computed from the region by way of something outside it. */
        private boolean comesBack(Region region, int candidate) {
            return comesBack(region, List.of(candidate));
        }

        private boolean comesBack(Region region, List<Integer> candidates) {
            var seen = new HashSet<Integer>();
            var pending = new ArrayList<Integer>();
            int first = firstDependent(region);
            for (int candidate : candidates) {
                for (var v : graph.nodes().get(candidate).inputs()) {
                    enqueue(v, region, first, seen, pending, false);
                }
            }
            while (!pending.isEmpty()) {
                int at = pending.removeLast();
                var members = regionOf[at] == null ? List.of(at) : regionOf[at].members;
                for (int m : members) {
                    seen.add(m);
                    for (var v : graph.nodes().get(m).inputs()) {
                        if (enqueue(v, region, first, seen, pending, true)) {
                            return true;
                        }
                    }
                }
            }
            return false;
        }

        /** No node before this one can depend on the region, by way of whatever other regions. */
        private int firstDependent(Region region) {
            int first = region.first();
            for (boolean moved = true; moved; ) {
                moved = false;
                for (var r : regions) {
                    if (r.last() > first && r.first() < first) {
                        first = r.first();
                        moved = true;
                    }
                }
            }
            return first;
        }

        private boolean enqueue(
                Value v, Region region, int first, Set<Integer> seen, List<Integer> pending, boolean outside) {
            var at = definedAt.get(v);
            if (at == null) {
                return false;
            }
            if (regionOf[at] == region) {
                return outside;
            }
            if (at >= first && seen.add(at)) {
                pending.add(at);
            }
            return false;
        }

        /** Emits each region at the place of its last member's readiness, everything else in graph order. */
        private Graph emit() {
            var b = GraphBuilder.rewriting(graph);
            var done = new boolean[regionOf.length];
            var replaced = new HashMap<Value, Value>();
            var needed = new ArrayList<Integer>();
            for (int i = 0; i < regionOf.length; i++) {
                needed.add(i);
                while (!needed.isEmpty()) {
                    int at = needed.getLast();
                    if (done[at]) {
                        needed.removeLast();
                        continue;
                    }
                    var members = regionOf[at] == null ? List.of(at) : regionOf[at].members;
                    var missing = new ArrayList<Integer>();
                    for (int m : members) {
                        for (var v : graph.nodes().get(m).inputs()) {
                            var d = definedAt.get(v);
                            if (d != null && !done[d] && !(regionOf[d] != null && regionOf[d] == regionOf[at])) {
                                missing.add(d);
                            }
                        }
                    }
                    if (missing.isEmpty()) {
                        needed.removeLast();
                        members.forEach(m -> done[m] = true);
                        emit(at, b, replaced);
                    } else {
                        needed.addAll(missing);
                    }
                }
            }
            graph.outputs().forEach(o -> b.output(o.name(), replaced.getOrDefault(o.value(), o.value())));
            return b.build();
        }

        private void emit(int at, GraphBuilder b, Map<Value, Value> replaced) {
            var node = graph.nodes().get(at);
            if (regionOf[at] == null) {
                b.keep(new Node(
                        node.op(),
                        node.inputs().stream()
                                .map(v -> replaced.getOrDefault(v, v))
                                .toList(),
                        node.outputs(),
                        node.location()));
                return;
            }
            var members = regionOf[at].members.stream().sorted().toList();
            var inside = new HashMap<Value, Value>();
            var body = new GraphBuilder("region");
            var operands = new ArrayList<Value>();
            for (int m : members) {
                var member = graph.nodes().get(m);
                body.at(member.location());
                for (var v : member.inputs()) {
                    if (!inside.containsKey(v) && !inRegion(v, regionOf[at])) {
                        var literal = scalar(v);
                        if (literal.isPresent() && regionOf[at].kind == FusionKind.ROWS
                                || literal.isPresent() && !isHead(member)) {
                            var one = body.constant(literal.get().reshape(Shape.SCALAR));
                            inside.put(v, body.broadcast(one, v.type().shape()));
                        } else {
                            inside.put(v, body.input("x" + operands.size(), v.type()));
                            operands.add(replaced.getOrDefault(v, v));
                        }
                    }
                }
                var out = body.addAll(
                        member.op(), member.inputs().stream().map(inside::get).toList());
                inside.put(member.output(), out.getFirst());
            }
            var outside = new ArrayList<Value>();
            for (int m : members) {
                var v = graph.nodes().get(m).output();
                boolean read = readAt.getOrDefault(v, List.of()).stream().anyMatch(r -> regionOf[r] != regionOf[at]);
                if (read || results.contains(v)) {
                    body.output("y" + outside.size(), inside.get(v));
                    outside.add(v);
                }
            }
            if (outside.isEmpty()) {
                return;
            }
            var fused = b.at(location(members)).addAll(new Op.Fused(regionOf[at].kind, body.build()), operands);
            for (int i = 0; i < outside.size(); i++) {
                replaced.put(outside.get(i), fused.get(i));
            }
        }

        private boolean inRegion(Value v, Region region) {
            return definedAt.containsKey(v) && regionOf[definedAt.get(v)] == region;
        }

        /** The one element of a value that is a one-element constant, seen through reshapes and broadcasts. */
        private Optional<Tensor> scalar(Value v) {
            var at = definedAt.get(v);
            while (at != null) {
                switch (graph.nodes().get(at).op()) {
                    case Op.Constant constant -> {
                        return element(constant);
                    }
                    case Op.Reshape r ->
                        at = definedAt.get(graph.nodes().get(at).input(0));
                    case Op.Broadcast r ->
                        at = definedAt.get(graph.nodes().get(at).input(0));
                    default -> at = null;
                }
            }
            return Optional.empty();
        }

        /** The one element of a constant whose elements are all equal. */
        private static Optional<Tensor> element(Op.Constant constant) {
            var tensor = constant.value();
            int bits = tensor.type().dtype().bits();
            if (tensor.type().shape().elements() == 1) {
                return Optional.of(tensor);
            }
            return bits % 8 != 0 || Op.splat(constant).isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Tensor(
                            new TensorType(tensor.type().dtype(), Shape.SCALAR),
                            tensor.bytes().asSlice(0, bits / 8)));
        }

        private Location location(List<Integer> members) {
            return members.stream()
                    .map(m -> graph.nodes().get(m))
                    .filter(n -> isHead(n) || !n.location().equals(Location.COMPILER))
                    .map(Node::location)
                    .findFirst()
                    .orElse(Location.COMPILER);
        }

        /** True for what a region is built around. */
        private static boolean isHead(Node node) {
            return node.op() instanceof Op.MatMul || node.op() instanceof Op.Convolution;
        }

        private static String name(Node node) {
            return "node " + node.location();
        }
    }
}
