package dev.systole.passes.tiling;

import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A copy that repeats elements or rows of planes, as the enlargement of images does. A plane lies on a partition; it comes and goes in one run, and an
 * access pattern repeats its elements on chip.
 *
 * @param isOfImages true for several images with their channels first
 * @param plane the first dimension of planes; those before it are one in memory
 */
record Repetition(Target target, Source from, Source to, boolean isOfImages, int plane) {

    /** How to copy {@code from} to {@code to}, if it repeats within planes what is more than one element, and rows are short. */
    static Optional<Repetition> of(Target target, Source from, Source to) {
        var outermost = new Op.Transpose(IntStream.range(0, to.shape().rank())
                .boxed()
                .sorted(Comparator.comparingLong(
                        (Integer i) -> -Math.abs(to.view().stride(i))))
                .toList());
        return inOrder(
                target,
                from.through(outermost).orElseThrow(),
                to.through(outermost).orElseThrow(),
                from.hasChannelsFirst() && to.hasChannelsFirst());
    }

    /** @param to with its outermost dimension first */
    private static Optional<Repetition> inOrder(Target target, Source from, Source to, boolean isOfImages) {
        int rank = from.shape().rank();
        int first = IntStream.range(0, rank)
                .filter(i -> isRepeated(from, i))
                .findFirst()
                .orElse(rank);
        return first == rank || !to.isRowMajor()
                ? Optional.empty()
                : IntStream.rangeClosed(0, first)
                        .mapToObj(plane -> new Repetition(target, from, to, isOfImages, plane))
                        .filter(Repetition::isPossible)
                        .min(Comparator.comparingDouble(Repetition::seconds))
                        .filter(Repetition::isWorthIt);
    }

    private static boolean isRepeated(Source s, int axis) {
        return s.shape().dim(axis) > 1 && s.stride(axis) == 0;
    }

    private long dim(int axis) {
        return from.shape().dim(axis);
    }

    private boolean isPossible() {
        long stride = rowStride();
        for (int i = plane - 1; i >= 0; i--) {
            if (dim(i) > 1 && from.stride(i) != stride) {
                return false;
            }
            stride *= dim(i);
        }
        long inner = 1;
        for (int i = from.shape().rank() - 1; i >= plane; i--) {
            if (dim(i) > 1 && !isRepeated(from, i)) {
                if (from.stride(i) != inner) {
                    return false;
                }
                inner *= dim(i);
            }
        }
        return inner > 1
                && fits(1)
                && pattern(dim(plane)).size() <= target.accessPatterns().maxFreeDims();
    }

    /** Elements from the beginning of a plane to that of the next one. */
    private long rowStride() {
        for (int i = plane - 1; i >= 0; i--) {
            if (dim(i) > 1) {
                return from.stride(i);
            }
        }
        return 0;
    }

    private long rows() {
        return product(0, plane, true);
    }

    private long product(int begin, int end, boolean withRepeated) {
        long n = 1;
        for (int i = begin; i < end; i++) {
            n *= withRepeated || !isRepeated(from, i) ? dim(i) : 1;
        }
        return n;
    }

    /** Elements of a plane that are loaded, and that are stored, for each element of its first dimension. */
    private long loaded() {
        return product(plane + 1, from.shape().rank(), false);
    }

    private long stored() {
        return product(plane + 1, from.shape().rank(), true);
    }

    /** True if so much along the first dimension of planes, or all of it where it is repeated, fits beside other tiles. */
    private boolean fits(long count) {
        long elements = (isRepeated(from, plane) ? dim(plane) : count) * stored();
        return elements * from.buffer().dtype().bytes() <= target.memory().sbufBytesPerPartition() / 8;
    }

    private double seconds() {
        long blocks = Math.ceilDiv(rows(), target.memory().partitions());
        long first = isRepeated(from, plane) ? 1 : dim(plane);
        double copy = dim(plane) * stored() / target.vector().clockHz();
        double transfers = mayStay() ? 0 : transfer(first * loaded()) + transfer(dim(plane) * stored());
        return blocks * (transfers + copy);
    }

    /** True if planes of all images may be on chip as convolutions have them, with channels on partitions. */
    private boolean mayStay() {
        return isOfImages && plane == 1 && from.isIntermediate() && to.isIntermediate();
    }

    /** Of a run on every partition. */
    private double transfer(long elements) {
        var dma = target.dma();
        double bytes = (double) elements * from.buffer().dtype().bytes();
        return Math.min(rows(), dma.partitionsPerEngine())
                * Math.max(dma.minTimePerDescriptorSeconds(), bytes / dma.bytesPerSecondPerEngine());
    }

    /** True if rows as they are would be short runs. */
    private boolean isWorthIt() {
        int last = IntStream.range(plane, from.shape().rank())
                .filter(i -> isRepeated(from, i))
                .max()
                .orElseThrow();
        long run = product(last + 1, from.shape().rank(), true)
                * from.buffer().dtype().bytes();
        var dma = target.dma();
        return run < dma.minTimePerDescriptorSeconds() * dma.bytesPerSecondPerEngine();
    }

    /** The elements of a part of a loaded plane in the order in which they are stored. */
    private List<Dim> pattern(long count) {
        var dims = new ArrayList<Dim>();
        long stride = 1;
        for (int i = from.shape().rank() - 1; i >= plane; i--) {
            long size = i == plane && !isRepeated(from, i) ? count : dim(i);
            if (size == 1) {
                continue;
            }
            long step = isRepeated(from, i) ? 0 : stride;
            boolean goesOn = !dims.isEmpty()
                    && step
                            == dims.getFirst().stride()
                                    * (step == 0 ? 1 : dims.getFirst().size());
            if (goesOn) {
                var inner = dims.removeFirst();
                dims.addFirst(new Dim(inner.stride(), inner.size() * size));
            } else {
                dims.addFirst(new Dim(step, size));
            }
            stride *= step == 0 ? 1 : size;
        }
        return dims;
    }

    void emit(TileBuilder b) {
        boolean isWhole = isRepeated(from, plane);
        long count = isWhole ? 1 : dim(plane);
        while (!fits(count)) {
            count = Math.ceilDiv(count, 2);
        }
        long together = count;
        b.blocks(rows(), target.memory().partitions(), (row, n) -> {
            for (long first = 0; first < (isWhole ? 1 : dim(plane)); first += together) {
                part(b, row, (int) n, first, Math.min(together, (isWhole ? 1 : dim(plane)) - first));
            }
        });
    }

    private void part(TileBuilder b, Affine row, int n, long first, long count) {
        var dtype = from.buffer().dtype();
        var plain = b.sbuf(dtype, n, count * loaded());
        var at = row.times(rowStride()).plus(from.view().offset() + first * loaded());
        b.load(
                TileRef.of(plain),
                new BufferRef(from.buffer(), at, List.of(new Dim(rowStride(), n), new Dim(1, plain.free()))));
        long times = isRepeated(from, plane) ? dim(plane) : count;
        var repeated = b.sbuf(dtype, n, times * stored());
        b.copy(TileRef.of(repeated), new TileRef(plain, 0, n, Affine.ZERO, pattern(count)));
        long whole = dim(plane) * stored();
        b.store(
                new BufferRef(
                        to.buffer(),
                        row.times(whole).plus(to.view().offset() + first * stored()),
                        List.of(new Dim(whole, n), new Dim(1, repeated.free()))),
                TileRef.of(repeated));
    }
}
