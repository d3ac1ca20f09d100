package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;

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

    /** How many times more partitions a group must fill than two dimensions do. */
    private static final long WORTH_GROUPING = 2;

    /** How to copy {@code from} to {@code to} if groups fill more partitions; the innermost dimensions of both are not the same one. */
    static Optional<GroupTurn> of(Target target, Source from, Source to, boolean isFinite) {
        int partitions = target.memory().partitions();
        int other = MoveLoops.innermost(from);
        int inner = MoveLoops.innermost(to);
        var shape = from.view().shape();
        var turned = new ArrayList<>(List.of(other));
        long places = shape.dim(other);
        for (int next = behind(to, places * to.stride(other));
                next >= 0 && next != inner && places < partitions;
                next = behind(to, places * to.stride(other))) {
            turned.addFirst(next);
            places *= shape.dim(next);
        }
        long widest = turned.stream().mapToLong(from::stride).max().orElseThrow();
        var beside = new ArrayList<Integer>();
        var rows = new ArrayList<Integer>();
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) > 1 && !turned.contains(i)) {
                (from.stride(i) < widest ? beside : rows).add(i);
            }
        }
        Comparator<Integer> outermost = Comparator.comparingLong((Integer i) -> -to.stride(i));
        beside.sort(outermost);
        rows.sort(outermost);
        long together = rows.stream().mapToLong(shape::dim).reduce(1, (a, b) -> a * b);
        long alone = Math.min(shape.dim(other), shape.dim(inner));
        boolean fills =
                Math.min(Math.min(places, together), partitions) >= WORTH_GROUPING * Math.min(alone, partitions);
        boolean isEven = turned.stream().allMatch(i -> from.stride(i) > 0)
                && beside.stream().allMatch(i -> from.stride(i) > 0);
        var turn = new GroupTurn(target, from, to, isFinite, turned, beside, rows);
        return fills
                        && isEven
                        && turn.loadedElements() * from.buffer().dtype().bytes()
                                <= target.memory().sbufBytesPerPartition() / 8
                ? Optional.of(turn)
                : Optional.empty();
    }

    /** The dimension of more than one element with this stride, or -1. */
    private static int behind(Source s, long stride) {
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
        long left = target.memory().partitions();
        var steps = new long[rows.size()];
        Arrays.fill(steps, 1);
        for (int i = rows.size() - 1; i >= 0 && left > 1; i--) {
            steps[i] = Math.min(dim(rows.get(i)), left);
            left = steps[i] < dim(rows.get(i)) ? 1 : left / steps[i];
        }
        emit(b, steps, new ArrayList<>(), new ArrayList<>());
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
            dims.add(new Dim(from.stride(rows.get(i)), counts.get(i)));
        }
        free.forEach(i -> dims.add(new Dim(from.stride(i), dim(i))));
        int partitions = Math.toIntExact(product(counts));
        var loaded = b.sbuf(from.buffer().dtype(), partitions, loadedElements());
        b.load(TileRef.of(loaded), new BufferRef(from.buffer(), origin(from, starts), dims));
        var tile = ordered(b, new Loaded(loaded, free, packed(extents(free))));
        int outer = turned.getFirst();
        long step = Math.clamp(target.memory().partitions() / (places() / dim(outer)), 1, dim(outer));
        for (long first = 0; first < dim(outer); first += step) {
            turn(b, tile, new Rows(starts, counts), first, Math.min(step, dim(outer) - first));
        }
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
        b.copy(part(ordered, partitions, Affine.ZERO, axes), part(loaded, partitions, Affine.ZERO, axes));
        return ordered;
    }

    private TileRef part(Loaded loaded, int partitions, Affine offset, List<Integer> axes) {
        var dims = axes.stream().map(i -> new Dim(loaded.stride(i), dim(i))).toList();
        return new TileRef(loaded.tile, 0, partitions, offset, dims);
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
