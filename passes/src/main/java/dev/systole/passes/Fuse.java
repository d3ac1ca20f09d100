package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Afterwards every matmul, elementwise operation, reduction and packing of whole bytes is in a fused region that is tiled as one: a matmul with its
 * elementwise epilogue, or elementwise operations with trailing reductions, or with recurrences along rows, over the same rows.
 *
 * <p>Regions grow greedily in graph order; an operation joins only where no path leaves the region and comes back. A cast to a wider type
 * for a reduction goes with the reduction, so that rows are stored narrow.
 *
 * @param longestRow elements of a row up to which a whole row of every live value fits a partition of SBUF
 */
public record Fuse(long longestRow) implements GraphPass {
    @Override
    public String name() {
        return "fuse";
    }

    @Override
    public Graph run(Graph graph) {
        return new Growth(graph, longestRow).rewrite();
    }

    /** Values of regions that become one: fewer than tiles of a block that SBUF holds twice. */
    private static final int MOST_UNITED = 10;

    /** Long rows that pass part by part: with fewer, most lanes would idle. */
    static final long FEWEST_LONG_ROWS = 32;

    /** True for a cast from a narrower to a wider floating type. */
    static boolean isWidening(Node node) {
        return node.op() instanceof Op.Cast(var to, var saturate)
                && to.isFloat()
                && node.input(0).type().dtype().isFloat()
                && node.input(0).type().dtype().bits() < to.bits();
    }

    /** Grows regions. */
    private static final class Growth {
        private final FusionRegions regions;
        private final long longestRow;

        Growth(Graph graph, long longestRow) {
            this.regions = new FusionRegions(graph);
            this.longestRow = longestRow;
        }

        Graph rewrite() {
            for (int i = 0; i < regions.nodes(); i++) {
                switch (regions.node(i).op()) {
                    case Op.MatMul m -> growEpilogue(i, FusionKind.MATMUL);
                    case Op.Convolution c -> growEpilogue(i, FusionKind.CONVOLUTION);
                    default -> {}
                }
            }
            for (int i = 0; i < regions.nodes(); i++) {
                if (regions.of(i) == null) {
                    growRows(i);
                }
            }
            uniteReaders();
            return FusedGraph.of(regions);
        }

        private void growEpilogue(int start, FusionKind kind) {
            var node = regions.node(start);
            var region = new FusionRegion(kind, node.type().shape());
            regions.join(region, start);
            for (boolean grown = true; grown; ) {
                grown = false;
                for (int member : List.copyOf(region.members)) {
                    var tail = regions.node(member).output();
                    var readers = regions.readers(tail);
                    for (int reader : readers) {
                        var next = regions.node(reader);
                        boolean only = readers.size() == 1 && !regions.isResult(tail);
                        if (regions.of(reader) == null
                                && next.op().isElementwise()
                                && (only || next.op() instanceof Op.Cast)
                                && next.type().shape().equals(region.space)
                                && !widensRows(next)
                                && !regions.comesBack(region, reader)) {
                            regions.join(region, reader);
                            grown = true;
                        }
                    }
                }
            }
        }

        /** True if a cast to a wider type is for a reduction, which reads its rows narrow. */
        private boolean widensRows(Node node) {
            return isWidening(node)
                    && regions.readers(node.output()).stream()
                            .anyMatch(i -> regions.node(i).op() instanceof Op.Reduce);
        }

        private void growRows(int i) {
            var node = regions.node(i);
            boolean reduction = node.op() instanceof Op.Reduce;
            boolean recurrence = node.op() instanceof Op.Recurrence;
            boolean elementwise = node.op().isElementwise() || isOfWholeBytes(node);
            if (!elementwise && !reduction && !recurrence && !(node.op() instanceof Op.Broadcast)) {
                return;
            }
            if (node.op() instanceof Op.Reduce(var f, var axes)
                    && !isTrailing(axes, node.input(0).type().shape())) {
                throw new PassException(
                        "node " + node.location() + ": reduces dimensions " + axes + ", which are not the last ones");
            }
            var producers = new TreeSet<Integer>();
            node.inputs().forEach(v -> regions.definition(v).ifPresent(producers::add));
            for (int p : producers.descendingSet()) {
                var region = regions.of(p);
                if (region != null
                        && region.kind == FusionKind.ROWS
                        && fits(region, node)
                        && !regions.comesBack(region, i)) {
                    if (node.op() instanceof Op.Reduce(var f, var axes)) {
                        region.reduced = axes.size();
                    }
                    regions.join(region, i);
                    producers.forEach(other -> unite(region, regions.of(other)));
                    return;
                }
            }
            if (node.op() instanceof Op.Broadcast) {
                return;
            }
            var space = reduction ? node.input(0).type().shape() : node.type().shape();
            var region = new FusionRegion(FusionKind.ROWS, space);
            if (node.op() instanceof Op.Reduce(var f, var axes)) {
                region.reduced = axes.size();
            }
            regions.join(region, i);
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
            for (var readers : regions.allReaders()) {
                for (int reader : readers) {
                    var first = regions.of(readers.getFirst());
                    boolean whole = first != null
                            && regions.node(reader).inputs().stream()
                                    .allMatch(v -> v.type().shape().equals(first.space));
                    if (whole && first.reduced == 0 && regions.of(reader) != null && regions.of(reader).reduced == 0) {
                        unite(first, regions.of(reader));
                    }
                }
            }
        }

        /** Makes one region of two over the same rows, unless a path leaves it and comes back, or tiles of it would crowd SBUF. */
        private void unite(FusionRegion region, FusionRegion other) {
            if (other == null
                    || other == region
                    || other.kind != FusionKind.ROWS
                    || region.kind != FusionKind.ROWS
                    || !other.space.equals(region.space)
                    || !reduceAlike(region, other)
                    || crowd(region, other) > MOST_UNITED) {
                return;
            }
            regions.unite(region, other, Math.max(region.reduced, other.reduced));
        }

        /** True if both reduce the same dimensions, or only one of them any, along rows that are not too long. */
        private boolean reduceAlike(FusionRegion region, FusionRegion other) {
            int reduced = Math.max(region.reduced, other.reduced);
            return region.reduced == other.reduced
                    || Math.min(region.reduced, other.reduced) == 0
                            && isFusible(region, reduced)
                            && isFusible(other, reduced)
                            && !recurs(region)
                            && !recurs(other);
        }

        /** Values of two regions together that lie in SBUF at once; of whole rows, as many as there are operations on rows. */
        private int crowd(FusionRegion region, FusionRegion other) {
            var members = Stream.concat(region.members.stream(), other.members.stream())
                    .sorted()
                    .toList();
            if (region.reduced + other.reduced > 0) {
                return (int) members.stream()
                        .map(m -> regions.node(m))
                        .filter(n -> n.type().shape().equals(region.space) && !(n.op() instanceof Op.Broadcast))
                        .count();
            }
            var ends = new HashMap<Value, Integer>();
            for (int m : members) {
                var node = regions.node(m);
                ends.put(node.output(), m);
                node.inputs().forEach(v -> ends.put(v, m));
            }
            var live = new HashSet<Value>();
            int most = 0;
            for (int m : members) {
                live.addAll(regions.node(m).inputs());
                live.add(regions.node(m).output());
                most = Math.max(most, live.size());
                live.removeIf(v -> ends.get(v) == m);
            }
            return most;
        }

        private boolean fits(FusionRegion region, Node node) {
            var shape = node.type().shape();
            return switch (node.op()) {
                case Op.Recurrence r -> shape.equals(region.space) && region.reduced == 0;
                case Op.Reduce(var f, var axes) ->
                    node.input(0).type().shape().equals(region.space)
                            && !recurs(region)
                            && (region.reduced == 0 || region.reduced == axes.size())
                            && isFusible(region, axes.size());
                case Op.Broadcast b ->
                    shape.equals(region.space)
                            && region.isColumn(node.input(0).type().shape())
                            && isFusible(region, region.reduced);
                default ->
                    (shape.equals(region.space) || region.isColumn(shape))
                            && (region.reduced == 0
                                    || isFusible(region, region.reduced)
                                            && (region.row(region.reduced) <= longestRow || !isOfWholeBytes(node)));
            };
        }

        /** True if reductions of so many dimensions go with other operations: along short rows, or enough long ones to keep lanes busy. */
        private boolean isFusible(FusionRegion region, int reduced) {
            long row = region.row(reduced);
            return row <= longestRow || region.space.elements() / row >= FEWEST_LONG_ROWS && !isPacked(region);
        }

        private boolean isPacked(FusionRegion region) {
            return region.members.stream().anyMatch(m -> isOfWholeBytes(regions.node(m)));
        }

        private boolean recurs(FusionRegion region) {
            return region.members.stream().anyMatch(m -> regions.node(m).op() instanceof Op.Recurrence);
        }

        private static boolean isTrailing(List<Integer> axes, Shape shape) {
            for (int i = 0; i < axes.size(); i++) {
                if (axes.get(i) != shape.rank() - axes.size() + i) {
                    return false;
                }
            }
            return true;
        }
    }
}
