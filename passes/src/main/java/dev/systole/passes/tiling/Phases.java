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
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How a convolution of few channels fills the rows of TensorE: places of the window lie on partitions beside the channels.
 *
 * <p>The padded input is rearranged once: rows and columns that are a stride apart lie together, as a plane for each phase. Then what a
 * place of the window sees of all results is one run of such a plane, and each partition is loaded with another run of it.
 *
 * @param groups of partitions with one phase, in the blocks of rows that TensorE contracts one after the other
 * @param parts in which rows of a plane are rearranged
 * @param height of the plane of a phase
 * @param width of the plane of a phase
 */
record Phases(
        Windows windows, long images, long channels, List<List<Group>> groups, long parts, long height, long width) {

    /** Partitions from {@code partition} on, for each channel, and {@code rows} by {@code columns} places of the window. */
    record Group(int partition, long phaseRow, long phaseColumn, long rows, long columns) {}

    /** Elements of a plane beyond which it is not rearranged at once. */
    private static long mostElements(Target target, int bytes) {
        return target.memory().sbufBytesPerPartition() / 4 / bytes;
    }

    /** How to do so, if that takes fewer products than to contract channels only. */
    static Optional<Phases> of(Target target, Op.Convolution op, BandLoops.Operands operands) {
        var window = operands.window();
        var w = Windows.of(
                operands.x(),
                operands.result(),
                List.of(window.dim(2), window.dim(3)),
                op.strides(),
                op.low(),
                op.dilations());
        long channels = window.dim(1);
        long images = operands.result().dim(0);
        boolean dense = op.groups() == 1 && w.rowDilation() == 1 && w.columnDilation() == 1;
        long largest = channels * Math.ceilDiv(w.rows(), w.rowStride()) * Math.ceilDiv(w.columns(), w.columnStride());
        int partitions = Math.min(target.memory().partitions(), target.tensor().maxContractionRows());
        if (!dense
                || w.places() == 1
                || w.areFarApart()
                || largest > partitions
                || operands.result().elements() == 0
                || w.rowStride() * w.columnStride() > w.places()) {
            return Optional.empty();
        }
        long height = Math.max(
                w.outRows() + Math.ceilDiv(w.rows(), w.rowStride()), (w.height() - 1 + w.top()) / w.rowStride() + 2);
        long width = Math.max(
                w.outColumns() + Math.ceilDiv(w.columns(), w.columnStride()) - 1,
                (w.width() - 1 + w.left()) / w.columnStride() + 1);
        long parts = parts(w, partitions / channels);
        long part = Math.ceilDiv(w.height(), parts) * w.width();
        long rearranged =
                Math.ceilDiv(Math.ceilDiv(w.height(), parts), w.rowStride()) * width * w.rowStride() * w.columnStride();
        var groups = groups(w, channels, partitions, target.memory().quadrantPartitions());
        boolean fits = Math.max(part, rearranged)
                <= mostElements(target, operands.dtype().bytes());
        boolean fewer = groups.size() < w.places();
        return fits && fewer
                ? Optional.of(new Phases(w, images, channels, groups, parts, height, width))
                : Optional.empty();
    }

    /** The largest number of parts of whole strides that divide the rows, at most so many. */
    private static long parts(Windows w, long most) {
        for (long n = Math.min(most, w.height() / w.rowStride()); n > 1; n--) {
            if (w.height() % (n * w.rowStride()) == 0) {
                return n;
            }
        }
        return 1;
    }

    private static List<List<Group>> groups(Windows w, long channels, int partitions, int quadrant) {
        var all = new ArrayList<Group>();
        for (long a = 0; a < Math.min(w.rowStride(), w.rows()); a++) {
            for (long c = 0; c < Math.min(w.columnStride(), w.columns()); c++) {
                all.add(new Group(
                        0,
                        a,
                        c,
                        Math.ceilDiv(w.rows() - a, w.rowStride()),
                        Math.ceilDiv(w.columns() - c, w.columnStride())));
            }
        }
        all.sort(Comparator.comparingLong((Group g) -> -g.rows * g.columns));
        var blocks = new ArrayList<List<Group>>();
        int next = partitions;
        for (var g : all) {
            int n = Math.toIntExact(channels * g.rows * g.columns);
            int aligned = n > partitions / 2 ? partitions : n > quadrant ? partitions / 2 : quadrant;
            next = Math.ceilDiv(next, aligned) * aligned;
            if (next + n > partitions) {
                blocks.add(new ArrayList<>());
                next = 0;
            }
            blocks.getLast().add(new Group(next, g.phaseRow, g.phaseColumn, g.rows, g.columns));
            next += n;
        }
        return blocks;
    }

    /** Partitions of a block. */
    int rows() {
        return groups.stream()
                .flatMap(List::stream)
                .mapToInt(g -> g.partition + Math.toIntExact(channels * g.rows * g.columns))
                .max()
                .orElseThrow();
    }

    /** Elements of all planes. */
    long elements() {
        return windows.rowStride() * windows.columnStride() * phase();
    }

    private long phase() {
        return channels * images * height * width;
    }

    /** The windows over planes, of which each partition has one of its own: a window sees one element of it. */
    Windows onPlanes() {
        return new Windows(windows.outRows(), width, windows.outRows(), windows.outColumns(), 1, 1, 1, 1, 0, 0, 1, 1);
    }

    /** Weights [output channel, channel, row, column] in the order of the partitions; 0 for those of no place. */
    Tensor inOrder(Tensor weights) {
        var shape = weights.type().shape();
        long outputs = shape.dim(0);
        long rows = rows();
        int bytes = weights.type().dtype().bytes();
        var ordered = Tensor.allocate(weights.type().with(Shape.of(outputs, groups.size() * rows, 1, 1)));
        for (int i = 0; i < groups.size(); i++) {
            for (var g : groups.get(i)) {
                for (long o = 0; o < outputs; o++) {
                    for (long p = 0; p < channels * g.rows * g.columns; p++) {
                        long row = g.phaseRow + p / g.columns % g.rows * windows.rowStride();
                        long column = g.phaseColumn + p % g.columns * windows.columnStride();
                        long from = ((o * channels + p / g.columns / g.rows) * windows.rows() + row) * windows.columns()
                                + column;
                        long to = (o * groups.size() + i) * rows + g.partition + p;
                        java.lang.foreign.MemorySegment.copy(
                                weights.bytes(), from * bytes, ordered.bytes(), to * bytes, bytes);
                    }
                }
            }
        }
        return ordered;
    }

    /** Rearranges the input. */
    void rearrange(TileBuilder b, Target target, Source x, Source planes) {
        long most = Math.max(1, target.memory().partitions() / (channels * parts));
        for (long image = 0; image < images; image += most) {
            rearrange(b, x, planes, image, Math.min(most, images - image));
        }
    }

    private void rearrange(TileBuilder b, Source x, Source planes, long image, long count) {
        long rows = windows.height() / parts;
        int partitions = Math.toIntExact(count * channels * parts);
        var dtype = x.buffer().dtype();
        var loaded = b.sbuf(dtype, partitions, rows * windows.width());
        b.load(
                TileRef.of(loaded),
                new BufferRef(
                        x.buffer(),
                        Affine.of(x.view().offset() + image * x.stride(0)),
                        List.of(
                                new Dim(x.stride(0), count),
                                new Dim(x.stride(1), channels),
                                new Dim(rows * x.stride(2), parts),
                                new Dim(x.stride(2), rows),
                                new Dim(x.stride(3), windows.width()))));
        for (long a = 0; a < windows.rowStride(); a++) {
            long firstRow = Math.floorMod(a - windows.top(), windows.rowStride());
            long count0 = firstRow >= rows ? 0 : Math.ceilDiv(rows - firstRow, windows.rowStride());
            long toRow = (firstRow + windows.top() - a) / windows.rowStride();
            for (long c = 0; c < windows.columnStride(); c++) {
                long phase = (a * windows.columnStride() + c) * phase();
                if (count0 > 0) {
                    var turned = phase(b, loaded, rows, firstRow, count0, c);
                    b.store(ref(planes, phase, image, count, parts, rows, toRow, count0), turned);
                }
                long end = toRow + (parts - 1) * rows / windows.rowStride() + count0;
                clear(b, planes, phase, image, count, 0, toRow);
                clear(b, planes, phase, image, count, end, height - end);
            }
        }
    }

    /** Rows and columns of one phase, with the padding beside them. */
    private TileRef phase(TileBuilder b, Tile loaded, long rows, long firstRow, long count, long phaseColumn) {
        var tile = b.sbuf(loaded.dtype(), loaded.partitions(), count * width);
        long firstColumn = Math.floorMod(phaseColumn - windows.left(), windows.columnStride());
        long columns = firstColumn >= windows.width()
                ? 0
                : Math.ceilDiv(windows.width() - firstColumn, windows.columnStride());
        long toColumn = (firstColumn + windows.left() - phaseColumn) / windows.columnStride();
        if (columns < width) {
            b.fill(TileRef.of(tile), 0);
        }
        if (columns > 0) {
            b.copy(
                    new TileRef(
                            tile,
                            0,
                            tile.partitions(),
                            Affine.of(toColumn),
                            List.of(new Dim(width, count), new Dim(1, columns))),
                    new TileRef(
                            loaded,
                            0,
                            tile.partitions(),
                            Affine.of(firstRow * windows.width() + firstColumn),
                            List.of(
                                    new Dim(windows.rowStride() * windows.width(), count),
                                    new Dim(windows.columnStride(), columns))));
        }
        return TileRef.of(tile);
    }

    private BufferRef ref(
            Source planes, long phase, long image, long count, long parts, long rows, long row, long rowCount) {
        return new BufferRef(
                planes.buffer(),
                Affine.of(phase + image * height * width + row * width),
                List.of(
                        new Dim(height * width, count),
                        new Dim(images * height * width, channels),
                        new Dim(rows / windows.rowStride() * width, parts),
                        new Dim(1, rowCount * width)));
    }

    private void clear(TileBuilder b, Source planes, long phase, long image, long count, long row, long rows) {
        if (rows > 0) {
            var zero = TileRef.of(b.sbuf(planes.buffer().dtype(), Math.toIntExact(count * channels), rows * width));
            b.fill(zero, 0);
            b.store(ref(planes, phase, image, count, 1, 0, row, rows), zero);
        }
    }

    /** What a block of partitions sees of a band. */
    Tile load(TileBuilder b, Source planes, Bands.Band band, int block) {
        var out = band.out();
        var tile = b.sbuf(planes.buffer().dtype(), rows(), out.images() * out.rows() * width);
        long covered = groups.get(block).stream()
                .mapToLong(g -> channels * g.rows * g.columns)
                .sum();
        if (covered < tile.partitions()) {
            b.fill(TileRef.of(tile), 0);
        }
        for (var g : groups.get(block)) {
            long phase = (g.phaseRow * windows.columnStride() + g.phaseColumn) * phase();
            b.load(
                    new TileRef(
                            tile,
                            g.partition,
                            Math.toIntExact(channels * g.rows * g.columns),
                            Affine.ZERO,
                            List.of(new Dim(1, tile.free()))),
                    new BufferRef(
                            planes.buffer(),
                            Affine.of(phase + (out.image() * height + out.row()) * width),
                            List.of(
                                    new Dim(images * height * width, channels),
                                    new Dim(width, g.rows),
                                    new Dim(1, g.columns),
                                    new Dim(height * width, out.images()),
                                    new Dim(1, out.rows() * width))));
        }
        return tile;
    }
}
