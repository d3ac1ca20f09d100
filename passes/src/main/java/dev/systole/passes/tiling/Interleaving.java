package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A copy that turns memory order round within partitions, as pixels of several channels that become one plane do: what lies on a partition is
 * loaded in runs of the one order, copied by an engine whose access pattern strides, and stored in runs of the other.
 *
 * <p>One dimension is cut into parts; a partition has a part, and all elements along the dimensions that lie within it in either order.
 *
 * @param free what a partition has
 * @param rows a partition each, the outermost in the result first
 * @param rest what is left of the dimension that is cut
 */
record Interleaving(
        Target target, Source from, Source to, List<Step> free, List<Step> rows, Optional<Interleaving> rest) {
    /** Parts of a dimension that are considered, at most. */
    private static final long MOST_PARTS = 1024;

    /** Neighbours that lie so many elements apart. */
    record Step(long size, long inFrom, long inTo) {}

    /**
     * How to copy {@code from} to {@code to} soonest; empty if no partition has room for all that changes places.
     *
     * @param most bytes of a partition that are loaded at once
     */
    static Optional<Interleaving> of(Target target, Source from, Source to, long most) {
        var all = Stream.<Interleaving>builder();
        for (int i = 0; i < from.shape().rank(); i++) {
            int axis = i;
            long extent = from.shape().dim(axis);
            LongStream.rangeClosed(1, Math.min(extent, MOST_PARTS))
                    .map(parts -> Math.ceilDiv(extent, parts))
                    .distinct()
                    .filter(part -> extent > 1)
                    .forEach(part -> all.add(of(target, from, to, axis, part)));
        }
        return all.build().filter(i -> i.isPossible(most)).min(Comparator.comparingDouble(Interleaving::seconds));
    }

    /** With parts of so many neighbours along a dimension. */
    private static Interleaving of(Target target, Source from, Source to, int axis, long part) {
        var cut = step(from, to, axis);
        long left = cut.size % part;
        var rest = left == 0
                ? Optional.<Interleaving>empty()
                : Optional.of(of(
                        target,
                        from.part(axis, cut.size - left, left),
                        to.part(axis, cut.size - left, left),
                        axis,
                        cut,
                        left,
                        1,
                        Optional.empty()));
        return of(target, from, to, axis, cut, part, cut.size / part, rest);
    }

    private static Interleaving of(
            Target target,
            Source from,
            Source to,
            int axis,
            Step cut,
            long part,
            long parts,
            Optional<Interleaving> rest) {
        var free = new ArrayList<>(List.of(new Step(part, cut.inFrom, cut.inTo)));
        var rows = new ArrayList<>(List.of(new Step(parts, part * cut.inFrom, part * cut.inTo)));
        for (int i = 0; i < from.shape().rank(); i++) {
            var step = step(from, to, i);
            if (i != axis) {
                (step.inFrom < cut.inFrom || step.inTo < cut.inTo ? free : rows).add(step);
            }
        }
        free.removeIf(s -> s.size == 1);
        rows.removeIf(s -> s.size == 1);
        return new Interleaving(target, from, to, outermost(free, Step::inTo), outermost(rows, Step::inTo), rest);
    }

    private static Step step(Source from, Source to, int axis) {
        return new Step(from.shape().dim(axis), from.stride(axis), to.stride(axis));
    }

    /** The outermost in an order first. */
    private static List<Step> outermost(List<Step> steps, ToLongFunction<Step> order) {
        return steps.stream()
                .sorted(Comparator.comparingLong(s -> -order.applyAsLong(s)))
                .toList();
    }

    private boolean isPossible(long mostBytes) {
        int most = target.accessPatterns().maxFreeDims();
        return Stream.concat(free.stream(), rows.stream()).allMatch(s -> s.inFrom > 0 && s.inTo > 0)
                && free.size() <= most
                && rows.size() <= most
                && elements(free) * from.buffer().dtype().bytes() <= mostBytes;
    }

    private static long elements(List<Step> steps) {
        return steps.stream().mapToLong(Step::size).reduce(1, Math::multiplyExact);
    }

    /** About how long transfers and copies take, if they are not hidden behind each other; the first and the last transfer stand alone. */
    double seconds() {
        long partitions = Arrays.stream(together()).reduce(1, Math::multiplyExact);
        double all = (double) elements(free) * elements(rows);
        var dma = target.dma();
        double engines = Math.min(dma.enginesPerCore(), Math.ceilDiv(partitions, dma.partitionsPerEngine()));
        double bytes = 2 * all * from.buffer().dtype().bytes();
        double runs = all / run(Step::inFrom) + all / run(Step::inTo);
        double transfers = bytes / dma.bytesPerSecondPerEngine() + runs * dma.minTimePerDescriptorSeconds();
        double copies = all / partitions / target.vector().clockHz();
        double blocks = Math.ceil((double) elements(rows) / partitions);
        return transfers / engines * (1 + 1 / blocks)
                + copies
                + rest.map(Interleaving::seconds).orElse(0.0);
    }

    /** Elements of a partition that lie one behind the other. */
    private long run(ToLongFunction<Step> order) {
        long run = 1;
        for (var s : outermost(free, order).reversed()) {
            if (order.applyAsLong(s) != run) {
                break;
            }
            run *= s.size;
        }
        return run;
    }

    /** Of each of the rows, how many lie on partitions at once. */
    private long[] together() {
        var together = new long[rows.size()];
        long left = target.memory().partitions();
        for (int i = rows.size() - 1; i >= 0; i--) {
            together[i] = Math.min(rows.get(i).size, left);
            left = together[i] < rows.get(i).size ? 1 : left / together[i];
        }
        return together;
    }

    void emit(TileBuilder b) {
        var first = Affine.of(from.view().offset());
        emit(b, together(), first, Affine.of(to.view().offset()), List.of());
        rest.ifPresent(r -> r.emit(b));
    }

    private void emit(TileBuilder b, long[] together, Affine inFrom, Affine inTo, List<Long> counts) {
        int i = counts.size();
        if (i == rows.size()) {
            block(b, inFrom, inTo, counts);
            return;
        }
        var row = rows.get(i);
        b.blocks(row.size, together[i], (start, n) -> {
            var more = new ArrayList<>(counts);
            more.add(n);
            emit(b, together, inFrom.plus(start.times(row.inFrom)), inTo.plus(start.times(row.inTo)), more);
        });
    }

    private void block(TileBuilder b, Affine inFrom, Affine inTo, List<Long> counts) {
        int partitions = Math.toIntExact(counts.stream().reduce(1L, Math::multiplyExact));
        var dtype = from.buffer().dtype();
        var loaded = b.sbuf(dtype, partitions, elements(free));
        b.load(TileRef.of(loaded), new BufferRef(from.buffer(), inFrom, dims(counts, Step::inFrom)));
        var turned = TileRef.of(b.sbuf(dtype, partitions, elements(free)));
        var order = outermost(free, Step::inFrom);
        var places = free.stream()
                .map(s -> new Dim(elements(order.subList(order.indexOf(s) + 1, order.size())), s.size))
                .toList();
        b.copy(turned, new TileRef(loaded, 0, partitions, Affine.ZERO, places));
        b.store(new BufferRef(to.buffer(), inTo, dims(counts, Step::inTo)), turned);
    }

    /** Partitions, and what each of them has, in an order. */
    private List<Dim> dims(List<Long> counts, ToLongFunction<Step> order) {
        var dims = new ArrayList<Dim>();
        for (int i = 0; i < rows.size(); i++) {
            dims.add(new Dim(order.applyAsLong(rows.get(i)), counts.get(i)));
        }
        outermost(free, order).forEach(s -> dims.add(new Dim(order.applyAsLong(s), s.size)));
        return dims;
    }
}
