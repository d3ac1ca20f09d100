package dev.systole.passes.tiling;

import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A copy that turns memory order round where no two dimensions by themselves fill the partitions: several together do. Patches of an image
 * are turned like that: their places, rows by columns, come to the partitions.
 *
 * <p>Rows of {@code rows} lie on partitions as they are loaded, with {@code turned} and {@code beside} on the free dimension, in long runs.
 * TensorE transposes a block of {@code turned} for each element of {@code beside}; a copy from PSUM puts rows in the order of the result.
 *
 * @param isFinite true for numbers that a product with the identity transposes
 * @param turned dimensions that come to partitions, outermost first: in the result they are one
 * @param beside dimensions that lie between those in memory, outermost in the result first
 * @param rows the others, outermost in the result first
 */
record GroupTurn(
        Target target,
        Source from,
        Source to,
        boolean isFinite,
        List<Integer> turned,
        List<Integer> beside,
        List<Integer> rows) {

    /** Neighbours that are turned together, at most: with more, runs are long enough. */
    private static final long MOST_NEIGHBOURS = 16;

    /** How many times fewer runs are to be transferred. */
    private static final long WORTH_GROUPING = 2;

    /**
     * How to copy {@code from} to {@code to}, whose innermost dimensions are not the same one, if groups make longer runs and the array
     * takes all that lies on partitions.
     *
     * @param runs that are transferred otherwise
     * @param alone how long that takes
     * @param neighbours in how long neighbours had better be turned together
     */
    static Optional<GroupTurn> of(
            Target target, Source from, Source to, boolean isFinite, long runs, double alone, double neighbours) {
        if (Transposition.block(target) < target.memory().partitions()) {
            return Optional.empty();
        }
        var together = Stream.of(from.innermost(), to.innermost())
                .filter(axis -> !to.isSmallIntermediate(target))
                .flatMap(axis -> cut(from, to, axis))
                .flatMap(c -> turns(target, c.from, c.to, isFinite, c.axis))
                .filter(t -> t.seconds() < neighbours);
        var apart = turns(target, from, to, isFinite, -1).filter(t -> t.seconds() < alone);
        return Stream.concat(apart, together)
                .filter(GroupTurn::isPossible)
                .filter(t -> WORTH_GROUPING * t.runs() <= runs)
                .min(Comparator.comparingDouble(GroupTurn::seconds));
    }

    /** Source and result with a dimension cut into two, the inner one of which is {@code axis}. */
    private record Cut(Source from, Source to, int axis) {}

    /** Neighbours along a dimension that go together, so that runs of one order are as many times longer. */
    private static Stream<Cut> cut(Source from, Source to, int axis) {
        long extent = from.view().shape().dim(axis);
        return LongStream.rangeClosed(2, Math.min(MOST_NEIGHBOURS, extent / 2))
                .filter(n -> extent % n == 0)
                .mapToObj(n -> {
                    var dims = new ArrayList<>(from.view().shape().dims().asList());
                    dims.set(axis, extent / n);
                    dims.add(axis + 1, n);
                    var reshape = new Op.Reshape(Shape.of(dims));
                    return from.through(reshape)
                            .flatMap(f -> to.through(reshape).map(t -> new Cut(f, t, axis + 1)));
                })
                .flatMap(Optional::stream);
    }

    /**
     * One dimension after the other comes to partitions, from the innermost one on, or from that which lies around the innermost one of the
     * result: what lies within it in memory lies beside then, as the other pixels of small windows.
     *
     * @param neighbours a dimension that does not, and lies beside; -1 if there is none
     */
    private static Stream<GroupTurn> turns(Target target, Source from, Source to, boolean isFinite, int neighbours) {
        int inner = innermost(to, neighbours);
        int around = inner < 0
                ? -1
                : behind(to, to.stride(inner) * from.view().shape().dim(inner));
        return IntStream.of(innermost(from, neighbours), around)
                .distinct()
                .filter(first -> first >= 0)
                .boxed()
                .flatMap(first -> turns(target, from, to, isFinite, neighbours, inner, first)
                        .filter(t -> first != around || t.rows.contains(inner)));
    }

    private static Stream<GroupTurn> turns(
            Target target, Source from, Source to, boolean isFinite, int neighbours, int inner, int first) {
        int next = first;
        var turned = new ArrayList<Integer>();
        var turns = new ArrayList<GroupTurn>();
        long places = 1;
        long step = to.stride(next);
        while (next >= 0 && next != inner && next != neighbours && turned.size() < dimensions(target)) {
            turned.addFirst(next);
            places *= from.view().shape().dim(next);
            turns.add(of(target, from, to, isFinite, List.copyOf(turned), neighbours));
            next = behind(to, places * step);
        }
        return turns.stream();
    }

    /** As {@link Source#innermost}, of the others. */
    private static int innermost(Source s, int neighbours) {
        int axis = s.innermost();
        if (axis != neighbours || axis < 0) {
            return axis;
        }
        return behind(s, s.stride(axis) * s.view().shape().dim(axis));
    }

    private static GroupTurn of(
            Target target, Source from, Source to, boolean isFinite, List<Integer> turned, int neighbours) {
        var shape = from.view().shape();
        long widest = turned.stream().mapToLong(from::stride).max().orElseThrow();
        var beside = new ArrayList<Integer>();
        var rows = new ArrayList<Integer>();
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) > 1 && !turned.contains(i)) {
                (from.stride(i) < widest || i == neighbours ? beside : rows).add(i);
            }
        }
        Comparator<Integer> outermost = Comparator.comparingLong((Integer i) -> -to.stride(i));
        beside.sort(outermost);
        rows.sort(outermost);
        return new GroupTurn(target, from, to, isFinite, turned, beside, rows);
    }

    private boolean isPossible() {
        boolean isEven = Stream.concat(turned.stream(), beside.stream()).allMatch(i -> from.stride(i) > 0);
        boolean hasRoom = places() * from.buffer().dtype().bytes() <= mostBytes(target);
        boolean fitsPartitions =
                places() / dim(turned.getFirst()) <= target.memory().partitions();
        return isEven && hasRoom && fitsPartitions && rows.size() <= dimensions(target);
    }

    /** About how long transfers, transposes and copies from PSUM take, if they are not hidden behind each other. */
    double seconds() {
        long partitions = target.memory().partitions();
        double elements = from.view().shape().elements();
        double places = Math.min(places(), partitions);
        double together = Math.min(product(extents(rows)), partitions);
        double interval = Math.max(together, target.tensor().minIssueIntervalCycles());
        return runs()
                        * target.dma().minTimePerDescriptorSeconds()
                        / target.dma().enginesPerCore()
                + elements / (places * together) * interval / target.tensor().clockHz()
                + elements / places / target.vector().clockHz();
    }

    /** Dimensions that a pattern can have beside one more. */
    private static int dimensions(Target target) {
        return target.accessPatterns().maxFreeDims() - 1;
    }

    /** Of a partition, that are loaded at once. */
    private static long mostBytes(Target target) {
        return target.memory().sbufBytesPerPartition() / 8;
    }

    /** Contiguous runs that it loads and stores. */
    private long runs() {
        var loaded = new ArrayList<>(turned);
        loaded.addAll(beside);
        var stored = Stream.concat(rows.stream(), beside.stream())
                .filter(i -> to.stride(i) < to.stride(turned.getLast()))
                .toList();
        long elements = from.view().shape().elements();
        return elements / run(from, loaded) + elements / run(to, stored);
    }

    /** Elements along these dimensions that lie one behind the other, if all of them are moved. */
    static long run(Source s, List<Integer> axes) {
        var shape = s.view().shape();
        var inside = axes.stream()
                .filter(i -> shape.dim(i) > 1)
                .sorted(Comparator.comparingLong(s::stride))
                .toList();
        long run = 1;
        for (int i : inside) {
            if (s.stride(i) != run) {
                break;
            }
            run *= shape.dim(i);
        }
        return run;
    }

    /** The dimension of more than one element with this stride, or -1. */
    static int behind(Source s, long stride) {
        for (int i = 0; i < s.view().shape().rank(); i++) {
            if (s.view().shape().dim(i) > 1 && s.stride(i) == stride) {
                return i;
            }
        }
        return -1;
    }

    private long dim(int axis) {
        return from.view().shape().dim(axis);
    }

    private long places() {
        return product(extents(turned));
    }

    private long loadedElements() {
        return places() * product(extents(beside));
    }

    void emit(TileBuilder b) {
        long bytes = loadedElements() * from.buffer().dtype().bytes();
        if (bytes > mostBytes(target)) {
            inParts(b, Math.ceilDiv(bytes, mostBytes(target)));
            return;
        }
        long left = target.memory().partitions();
        var steps = new long[rows.size()];
        Arrays.fill(steps, 1);
        for (int i = rows.size() - 1; i >= 0 && left > 1; i--) {
            steps[i] = Math.min(dim(rows.get(i)), left);
            left = steps[i] < dim(rows.get(i)) ? 1 : left / steps[i];
        }
        emit(b, steps, new ArrayList<>(), new ArrayList<>());
    }

    /** About so many parts of the outermost turned dimension, as long as each fills the partitions; or of the longest one that lies beside. */
    private void inParts(TileBuilder b, long parts) {
        int outer = turned.getFirst();
        boolean isLong = dim(outer) > turnedAtOnce();
        int axis = isLong ? outer : Collections.max(beside, Comparator.comparingLong(this::dim));
        long step = isLong
                ? Math.max(1, dim(axis) / parts / turnedAtOnce()) * turnedAtOnce()
                : Math.max(1, dim(axis) / parts);
        for (long start = 0; start < dim(axis); start += step) {
            long size = Math.min(step, dim(axis) - start);
            new GroupTurn(
                            target,
                            from.part(axis, start, size),
                            to.part(axis, start, size),
                            isFinite,
                            without(turned, axis, size),
                            without(beside, axis, size),
                            rows)
                    .emit(b);
        }
    }

    /** Without a dimension of which there is a single index, if there are others. */
    private static List<Integer> without(List<Integer> axes, int axis, long size) {
        return size > 1 || axes.size() == 1
                ? axes
                : axes.stream().filter(i -> i != axis).toList();
    }

    private void emit(TileBuilder b, long[] steps, List<Affine> starts, List<Long> counts) {
        int i = starts.size();
        if (i == rows.size()) {
            block(b, starts, counts);
            return;
        }
        b.blocks(dim(rows.get(i)), steps[i], (start, n) -> {
            var longer = new ArrayList<>(starts);
            var more = new ArrayList<>(counts);
            longer.add(start);
            more.add(n);
            emit(b, steps, longer, more);
        });
    }

    private void block(TileBuilder b, List<Affine> starts, List<Long> counts) {
        var free = new ArrayList<>(turned);
        free.addAll(beside);
        free.sort(Comparator.comparingLong((Integer i) -> -from.stride(i)));
        var dims = new ArrayList<Dim>();
        for (int i = 0; i < rows.size(); i++) {
            var row = new Dim(from.stride(rows.get(i)), counts.get(i));
            boolean goesOn = i > 0 && dims.getLast().stride() == row.stride() * row.size();
            dims.add(goesOn ? new Dim(row.stride(), dims.removeLast().size() * row.size()) : row);
        }
        free.forEach(i -> dims.add(new Dim(from.stride(i), dim(i))));
        int partitions = Math.toIntExact(product(counts));
        var loaded = b.sbuf(from.buffer().dtype(), partitions, loadedElements());
        b.load(TileRef.of(loaded), new BufferRef(from.buffer(), origin(from, starts), dims));
        var tile = ordered(b, new Loaded(loaded, free, packed(extents(free))));
        int outer = turned.getFirst();
        long step = turnedAtOnce();
        for (long first = 0; first < dim(outer); first += step) {
            turn(b, tile, new Rows(starts, counts), first, Math.min(step, dim(outer) - first));
        }
    }

    /** Elements along the outermost turned dimension that come to partitions together. */
    private long turnedAtOnce() {
        int outer = turned.getFirst();
        return Math.clamp(target.memory().partitions() / (places() / dim(outer)), 1, dim(outer));
    }

    /** What is loaded, with these dimensions at these strides on the free dimension. */
    private record Loaded(Tile tile, List<Integer> axes, long[] strides) {
        long stride(int axis) {
            return strides[axes.indexOf(axis)];
        }
    }

    /** A block of rows. */
    private record Rows(List<Affine> starts, List<Long> counts) {}

    /** VectorE transposes only what lies together, from even elements on. */
    private Loaded ordered(TileBuilder b, Loaded loaded) {
        if (isFinite || target.tensor().nativeTranspose()) {
            return loaded;
        }
        var axes = new ArrayList<>(beside);
        axes.addAll(turned);
        var strides = new long[axes.size()];
        var inside = packed(extents(turned));
        System.arraycopy(inside, 0, strides, beside.size(), inside.length);
        long step = even(places());
        for (int i = beside.size() - 1; i >= 0; i--) {
            strides[i] = step;
            step *= dim(beside.get(i));
        }
        int partitions = loaded.tile.partitions();
        var ordered = new Loaded(b.sbuf(loaded.tile.dtype(), partitions, step), axes, strides);
        var inner = axes.subList(Math.max(0, beside.size() - 1), axes.size());
        long along = beside.isEmpty() ? 1 : dim(beside.getLast());
        for (long outer = 0; outer < product(extents(beside)); outer += along) {
            b.copy(part(ordered, outer, inner), part(loaded, outer, inner));
        }
        return ordered;
    }

    /** All elements along {@code axes} of an element of what lies beside. */
    private TileRef part(Loaded loaded, long number, List<Integer> axes) {
        var dims = axes.stream().map(i -> new Dim(loaded.stride(i), dim(i))).toList();
        return new TileRef(loaded.tile, 0, loaded.tile.partitions(), Affine.of(offset(number, loaded::stride)), dims);
    }

    private static long even(long n) {
        return n + n % 2;
    }

    private Affine origin(Source s, List<Affine> starts) {
        var at = Affine.of(s.view().offset());
        for (int i = 0; i < starts.size(); i++) {
            at = at.plus(starts.get(i).times(s.stride(rows.get(i))));
        }
        return at;
    }

    private List<Long> extents(List<Integer> axes) {
        return axes.stream().map(this::dim).toList();
    }

    private static long product(Iterable<Long> extents) {
        long n = 1;
        for (long extent : extents) {
            n *= extent;
        }
        return n;
    }

    /** Elements between neighbours along dimensions that lie one in the other, outermost first. */
    private static long[] packed(List<Long> extents) {
        var strides = new long[extents.size()];
        long stride = 1;
        for (int i = extents.size() - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= extents.get(i);
        }
        return strides;
    }

    /** A block of rows and what lies beside them, as the result has them. */
    private record Turned(Tile tile, List<Integer> axes, List<Long> extents, long[] strides) {
        long stride(int axis) {
            return strides[axes.indexOf(axis)];
        }
    }

    /** {@code count} from {@code first} on of the outermost turned dimension, and all of the other ones, come to partitions. */
    private void turn(TileBuilder b, Loaded loaded, Rows block, long first, long count) {
        int partitions = loaded.tile.partitions();
        int places = Math.toIntExact(count * places() / dim(turned.getFirst()));
        var axes = new ArrayList<>(rows);
        axes.addAll(beside);
        axes.sort(Comparator.comparingLong((Integer i) -> -to.stride(i)));
        var extents = axes.stream()
                .map(i -> rows.contains(i) ? block.counts.get(rows.indexOf(i)) : dim(i))
                .toList();
        var result =
                new Turned(b.sbuf(from.buffer().dtype(), places, product(extents)), axes, extents, packed(extents));
        var dtype = Transposition.dtypeInPsum(target, from.buffer().dtype(), isFinite);
        long step = even(partitions);
        long most = target.memory().psumBankBytesPerPartition() / dtype.bytes() / step;
        long along = beside.isEmpty() ? 1 : dim(beside.getLast());
        long together = Math.ceilDiv(along, Math.ceilDiv(along, most));
        for (long outer = 0; outer < product(extents(beside)); outer += along) {
            for (long x = 0; x < along; x += together) {
                long n = Math.min(together, along - x);
                var inPsum = b.psum(dtype, places, n * step);
                for (long k = 0; k < n; k++) {
                    long offset = first * loaded.stride(turned.getFirst()) + offset(outer + x + k, loaded::stride);
                    var dims = new ArrayList<Dim>();
                    dims.add(new Dim(loaded.stride(turned.getFirst()), count));
                    turned.stream().skip(1).forEach(i -> dims.add(new Dim(loaded.stride(i), dim(i))));
                    b.transpose(
                            TileRef.of(inPsum, places, Affine.of(k * step), partitions),
                            new TileRef(loaded.tile, 0, partitions, Affine.of(offset), merged(dims)),
                            isFinite);
                }
                copy(b, result, inPsum, block, outer + x, n, step);
            }
        }
        store(b, result, block.starts, first);
    }

    /** Where an element of what lies beside, by its number, is at these strides. */
    private long offset(long number, IntToLongFunction stride) {
        long offset = 0;
        for (int axis : beside.reversed()) {
            offset += number % dim(axis) * stride.applyAsLong(axis);
            number /= dim(axis);
        }
        return offset;
    }

    /** Dimensions of which one goes on where the next one ends are one. */
    private static List<Dim> merged(List<Dim> dims) {
        var merged = new ArrayList<>(dims.subList(0, 1));
        for (var d : dims.subList(1, dims.size())) {
            var last = merged.getLast();
            if (last.stride() == d.stride() * d.size()) {
                merged.set(merged.size() - 1, new Dim(d.stride(), last.size() * d.size()));
            } else {
                merged.add(d);
            }
        }
        return merged;
    }

    /** Puts the transposes of {@code n} elements of what lies beside, {@code step} apart, in the order of the result. */
    private void copy(TileBuilder b, Turned result, Tile inPsum, Rows block, long first, long n, long step) {
        var there = new ArrayList<Dim>();
        var here = new ArrayList<Dim>();
        var strides = packed(block.counts);
        for (int i = 0; i < rows.size(); i++) {
            there.add(new Dim(result.stride(rows.get(i)), block.counts.get(i)));
            here.add(new Dim(strides[i], block.counts.get(i)));
        }
        if (!beside.isEmpty()) {
            there.add(new Dim(result.stride(beside.getLast()), n));
            here.add(new Dim(step, n));
        }
        int places = inPsum.partitions();
        b.copy(
                new TileRef(result.tile, 0, places, Affine.of(offset(first, result::stride)), there),
                new TileRef(inPsum, 0, places, Affine.ZERO, here));
    }

    /** A store for each run of partitions of the result: dimensions outside of the turned ones lie apart. */
    private void store(TileBuilder b, Turned result, List<Affine> starts, long first) {
        int outer = turned.getFirst();
        int places = result.tile.partitions();
        int outside = (int) result.axes.stream()
                .filter(i -> to.stride(i) > to.stride(outer))
                .count();
        var inTile = new ArrayList<Dim>();
        var inBuffer = new ArrayList<>(List.of(new Dim(to.stride(turned.getLast()), places)));
        for (int i = outside; i < result.axes.size(); i++) {
            inTile.add(new Dim(result.strides[i], result.extents.get(i)));
            inBuffer.add(new Dim(to.stride(result.axes.get(i)), result.extents.get(i)));
        }
        for (long number = 0; number < product(result.extents.subList(0, outside)); number++) {
            long offset = 0;
            long at = first * to.stride(outer);
            long rest = number;
            for (int i = outside - 1; i >= 0; i--) {
                long index = rest % result.extents.get(i);
                rest /= result.extents.get(i);
                offset += index * result.strides[i];
                at += index * to.stride(result.axes.get(i));
            }
            b.store(
                    new BufferRef(to.buffer(), origin(to, starts).plus(at), inBuffer),
                    new TileRef(result.tile, 0, places, Affine.of(offset), inTile));
        }
    }
}
