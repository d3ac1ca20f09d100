package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Rows that several values make together, each a part of every row, put together on chip: a partition has some rows behind each other, so that parts are
 * loaded in long runs, with what lies between them, and whole rows are stored in long runs. Part by part in memory, each row of each part would be a run.
 *
 * @param parts of each row, in its order
 * @param to where the rows lie
 * @param rows of a partition
 */
record Assembly(Target target, List<Rows> parts, Rows to, long rows) {
    /** Bytes of a run that keeps a DMA engine busy for longer than the least time of a run. */
    private static final long LONG_RUN_BYTES = 4096;

    /**
     * Where rows lie that are evenly apart.
     *
     * @param inner dimensions of a row
     */
    record Rows(Source source, long count, long stride, List<Dim> inner) {
        /** Empty if rows are not evenly apart. */
        static Optional<Rows> of(Source s, int axis) {
            var shape = s.shape();
            long count = 1;
            long stride = 0;
            for (int i = axis - 1; i >= 0; i--) {
                if (shape.dim(i) == 1) {
                    continue;
                }
                if (count == 1) {
                    stride = s.stride(i);
                } else if (s.stride(i) != stride * count) {
                    return Optional.empty();
                }
                count *= shape.dim(i);
            }
            var inner = IntStream.range(axis, shape.rank())
                    .filter(i -> shape.dim(i) > 1)
                    .mapToObj(i -> new Dim(s.stride(i), shape.dim(i)))
                    .toList();
            return stride > 0 ? Optional.of(new Rows(s, count, stride, inner)) : Optional.empty();
        }

        long elements() {
            return inner.stream().mapToLong(Dim::size).reduce(1, Math::multiplyExact);
        }

        /** Elements from the lowest one of a row to its first one. */
        long before() {
            return inner.stream()
                    .mapToLong(d -> Math.max(0, -d.stride() * (d.size() - 1)))
                    .sum();
        }

        /** Elements from the lowest one of some rows to the highest one. */
        long hull(long some) {
            return (some - 1) * stride
                    + inner.stream()
                            .mapToLong(d -> Math.abs(d.stride()) * (d.size() - 1))
                            .sum()
                    + 1;
        }
    }

    /** How to put rows together, if that takes less time than to copy part by part. */
    static Optional<Assembly> of(Target target, List<Source> in, Source out, int axis) {
        var to = Rows.of(out, axis);
        var parts = in.stream().flatMap(s -> Rows.of(s, axis).stream()).toList();
        if (to.isEmpty() || parts.size() < in.size()) {
            return Optional.empty();
        }
        int bytes = out.buffer().dtype().bytes();
        long row = to.get().stride * bytes;
        long most = Math.ceilDiv(to.get().count, target.memory().partitions());
        var assembly = new Assembly(target, parts, to.get(), Math.clamp(Math.ceilDiv(LONG_RUN_BYTES, row), 1, most));
        return Optional.of(assembly).filter(Assembly::isPossible).filter(a -> a.seconds() < a.secondsPartByPart());
    }

    private boolean isPossible() {
        int bytes = to.source.buffer().dtype().bytes();
        long largest = parts.stream().mapToLong(p -> p.hull(rows)).max().orElse(0);
        return to.stride == to.elements()
                && to.hull(1) == to.elements()
                && Stream.concat(parts.stream(), Stream.of(to))
                        .allMatch(r -> r.inner.size() < target.accessPatterns().maxFreeDims())
                && parts.stream().allMatch(p -> p.hull(1) <= p.stride)
                && Math.max(largest, rows * to.stride) * bytes
                        <= target.memory().sbufBytesPerPartition() / 16;
    }

    /** About how long it takes, if transfers and copies are not hidden behind each other. */
    private double seconds() {
        var dma = target.dma();
        double loaded = parts.stream().mapToLong(p -> p.hull(rows)).sum();
        double blocks = Math.ceil((double) to.count / rows / target.memory().partitions());
        double bytes = (loaded + rows * to.stride) * to.source.buffer().dtype().bytes();
        double run =
                Math.max(bytes / dma.bytesPerSecondPerEngine(), (parts.size() + 1) * dma.minTimePerDescriptorSeconds());
        return to.count / (double) rows * run / dma.enginesPerCore()
                + blocks * rows * to.stride / target.vector().clockHz()
                + 2 * dma.fixedOverheadSeconds();
    }

    /** About how long the runs of all rows of all parts take that cannot stay on chip. */
    private double secondsPartByPart() {
        var dma = target.dma();
        double seconds = 0;
        for (var p : parts) {
            int transfers = (p.source.isIntermediate() ? 0 : 1) + (to.source.isIntermediate() ? 0 : 1);
            double bytes = (double) p.elements() * to.source.buffer().dtype().bytes();
            double run = Math.max(dma.minTimePerDescriptorSeconds(), bytes / dma.bytesPerSecondPerEngine());
            seconds += transfers * to.count * run / dma.enginesPerCore();
        }
        return seconds;
    }

    void emit(TileBuilder b) {
        long whole = to.count / rows;
        if (whole > 0) {
            b.blocks(
                    whole,
                    target.memory().partitions(),
                    (first, partitions) -> block(b, first.times(rows), (int) partitions, rows));
        }
        long left = to.count % rows;
        if (left > 0) {
            block(b, Affine.of(whole * rows), 1, left);
        }
    }

    /** So many rows on each of some partitions. */
    private void block(TileBuilder b, Affine first, int partitions, long some) {
        var dtype = to.source.buffer().dtype();
        var assembled = b.sbuf(dtype, partitions, some * to.stride);
        long at = 0;
        for (var p : parts) {
            long hull = p.hull(some);
            var loaded = b.sbuf(dtype, partitions, hull);
            b.load(
                    TileRef.of(loaded),
                    new BufferRef(
                            p.source.buffer(),
                            first.times(p.stride).plus(p.source.view().offset() - p.before()),
                            List.of(new Dim(some * p.stride, partitions), new Dim(1, hull))));
            b.copy(
                    new TileRef(assembled, 0, partitions, Affine.of(at), dims(some, to.stride, packed(p.inner))),
                    new TileRef(loaded, 0, partitions, Affine.of(p.before()), dims(some, p.stride, p.inner)));
            at += p.elements();
        }
        b.store(
                new BufferRef(
                        to.source.buffer(),
                        first.times(to.stride).plus(to.source.view().offset()),
                        List.of(new Dim(some * to.stride, partitions), new Dim(1, some * to.stride))),
                TileRef.of(assembled));
    }

    private static List<Dim> dims(long rows, long stride, List<Dim> inner) {
        var dims = new ArrayList<Dim>();
        dims.add(new Dim(stride, rows));
        dims.addAll(inner);
        return dims;
    }

    /** The same extents one behind the other. */
    private static List<Dim> packed(List<Dim> inner) {
        var packed = new ArrayList<Dim>();
        long stride = 1;
        for (var d : inner.reversed()) {
            packed.addFirst(new Dim(stride, d.size()));
            stride *= d.size();
        }
        return packed;
    }
}
