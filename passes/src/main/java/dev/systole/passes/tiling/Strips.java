package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Strips of planes beside each other: where channels are few, each part of the partitions that instructions can begin with holds a strip of all of
 * them. A strip has the rows that its results see, and padding for those beyond the plane.
 *
 * @param planes whose windows slide over whole planes
 * @param count of strips
 * @param pitch partitions from a strip of results to the next one
 * @param isSpread true if strips of the input lie on partitions of their own, too; else side by side on those of the channels
 */
record Strips(Windows planes, int count, int pitch, boolean isSpread) {
    /**
     * How much longer than the transfers an engine must have had to do: values no longer stay on chip between neighbours, and a strip waits for
     * those beside it. Measured with convolution networks; the second one where results wait for VectorE and ScalarE, which take turns in PSUM.
     */
    private static final double WORTH_TRANSFERS = 1.5;

    private static final double WORTH_TRANSFERS_TAKING_TURNS = 3;

    /** Planes as a whole. */
    static Strips whole(Windows planes) {
        return new Strips(planes, 1, 0, false);
    }

    /** As many as quadrants or halves of the partitions have room for, if that saves VectorE enough of a cycle for each place of the windows. */
    static Strips forVector(Target target, Windows planes, long channels, DType dtype) {
        var memory = target.memory();
        double seconds = (double) planes.places()
                * planes.outRows()
                * planes.outColumns()
                / target.vector().clockHz();
        return Stream.of(memory.quadrantPartitions(), 2 * memory.quadrantPartitions())
                .filter(pitch -> channels <= pitch)
                .map(pitch -> new Strips(planes, memory.partitions() / pitch, pitch, true))
                .filter(strips -> strips.isWorthIt(target, dtype, seconds))
                .findFirst()
                .orElseGet(() -> whole(planes));
    }

    /**
     * As many as tiles of the array have room for, which work at the same time, if that saves TensorE enough. A tile has columns for the results,
     * and rows for the channels or all rows.
     */
    static Strips forArray(Target target, Windows planes, long channels, long outputs, DType dtype) {
        var tensor = target.tensor();
        double passes = dtype == DType.F32 ? tensor.fp32PassFactor() : 1;
        double seconds = passes * planes.places() * planes.outRows() * planes.outColumns() / tensor.clockHz();
        int room = Math.min(target.memory().partitions(), Math.min(tensor.rows(), tensor.columns()));
        return tensor.rowTileSizes().reversed().stream()
                .filter(pitch -> outputs <= pitch && pitch < room)
                .map(pitch -> new Strips(planes, room / pitch, pitch, channels <= pitch))
                .filter(strips -> strips.fits(target, channels, dtype))
                .filter(strips -> strips.isWorthIt(target, dtype, seconds))
                .findFirst()
                .orElseGet(() -> whole(planes));
    }

    /** True if a partition has room for what a row of results of all strips that it has sees. */
    private boolean fits(Target target, long channels, DType dtype) {
        long rows = (planes.rows() - 1) * planes.rowDilation() + 1;
        long seen = StationaryWeights.blocks(target, channels) * (isSpread ? 1 : count) * rows * planes.width();
        return seen * dtype.bytes() <= target.memory().sbufBytesPerPartition() / 4;
    }

    /**
     * True if they save more time than their transfers take.
     *
     * @param seconds that the engine takes for whole planes
     */
    private boolean isWorthIt(Target target, DType dtype, double seconds) {
        double worth = target.memory().vectorScalarSharePsum() ? WORTH_TRANSFERS_TAKING_TURNS : WORTH_TRANSFERS;
        return planes.outRows() % count == 0 && seconds * (count - 1) > worth * transfers(target, planes, dtype);
    }

    /** What whole planes take, in and out, on partitions of their own. */
    private static double transfers(Target target, Windows planes, DType dtype) {
        double elements = (double) planes.outRows() * planes.outColumns() + planes.height() * planes.width();
        var dma = target.dma();
        return elements * dtype.bytes() * dma.partitionsPerEngine() / dma.bytesPerSecondPerEngine();
    }

    /** Rows of results of a strip. */
    private long rows() {
        return planes.outRows() / count;
    }

    /** Rows that the results of a strip see. */
    private long height() {
        return (rows() - 1) * planes.rowStride() + (planes.rows() - 1) * planes.rowDilation() + 1;
    }

    /** All results of a strip, of each image by itself if there are several strips, in bands whose input has at most so many elements. */
    List<Bands.Band> bands(long images, long most, long elements) {
        if (count == 1) {
            return new Bands(planes, images, most).bands(elements);
        }
        var one = new Bands(windows(), 1, most).bands(isSpread ? elements : elements / count);
        return LongStream.range(0, images)
                .boxed()
                .flatMap(image -> one.stream().map(band -> band.ofImage(image)))
                .toList();
    }

    /** The windows of a strip, in which no row is beyond it. */
    Windows windows() {
        return count == 1
                ? planes
                : new Windows(
                        height(),
                        planes.width(),
                        rows(),
                        planes.outColumns(),
                        planes.rows(),
                        planes.columns(),
                        planes.rowStride(),
                        planes.columnStride(),
                        0,
                        planes.left(),
                        planes.rowDilation(),
                        planes.columnDilation());
    }

    /** Partitions of so many channels, those between strips included. */
    int partitions(int channels) {
        return (count - 1) * pitch + channels;
    }

    /** A tile for so many channels, with {@code padding} between strips. */
    private Tile tile(TileBuilder b, DType dtype, int channels, long free, double padding) {
        var tile = b.sbuf(dtype, partitions(channels), free);
        if (count > 1 && channels < pitch) {
            b.fill(TileRef.of(tile), padding);
        }
        return tile;
    }

    private TileRef part(Tile tile, int strip, int channels, long first, long elements) {
        return new TileRef(tile, strip * pitch, channels, Affine.of(first), List.of(new Dim(1, elements)));
    }

    /**
     * What a band of all strips sees of so many channels from {@code first} on.
     *
     * @param padding beyond the plane, of several strips
     */
    Tile load(TileBuilder b, Source x, Bands.Band band, long first, int channels, double padding) {
        if (count == 1) {
            return load(b, x, band, first, channels);
        }
        long length = band.inRows() * planes.width();
        var tile = isSpread
                ? tile(b, x.buffer().dtype(), channels, length, padding)
                : b.sbuf(x.buffer().dtype(), channels, count * length);
        for (int i = 0; i < count; i++) {
            long row = i * rows() * planes.rowStride() - planes.top() + band.inRow();
            long from = Math.clamp(row, 0, planes.height());
            long to = Math.clamp(row + band.inRows(), from, planes.height());
            long above = Math.clamp(from - row, 0, band.inRows()) * planes.width();
            long inside = (to - from) * planes.width();
            if (!isSpread || channels == pitch) {
                pad(b, seen(i, part(tile, 0, channels, 0, above), length), padding);
                pad(b, seen(i, part(tile, 0, channels, above + inside, length - above - inside), length), padding);
            }
            if (inside > 0) {
                var at =
                        x.view().offset() + band.out().image() * x.stride(0) + first * x.stride(1) + from * x.stride(2);
                b.load(
                        seen(i, part(tile, 0, channels, above, inside), length),
                        new BufferRef(
                                x.buffer(),
                                Affine.of(at),
                                List.of(
                                        new Dim(x.stride(1), channels),
                                        new Dim(x.stride(2), to - from),
                                        new Dim(x.stride(3), planes.width()))));
            }
        }
        return tile;
    }

    /** What a band of whole planes, perhaps of several images, sees. */
    private Tile load(TileBuilder b, Source x, Bands.Band band, long first, int channels) {
        var out = band.out();
        var tile = b.sbuf(x.buffer().dtype(), channels, out.images() * band.inRows() * planes.width());
        var at = x.view().offset() + out.image() * x.stride(0) + first * x.stride(1) + band.inRow() * x.stride(2);
        b.load(
                TileRef.of(tile),
                new BufferRef(
                        x.buffer(),
                        Affine.of(at),
                        List.of(
                                new Dim(x.stride(1), channels),
                                new Dim(x.stride(0), out.images()),
                                new Dim(x.stride(2), band.inRows()),
                                new Dim(x.stride(3), planes.width()))));
        return tile;
    }

    /**
     * What the first strip of the input has, of another one.
     *
     * @param length elements of a strip
     */
    TileRef seen(int strip, TileRef first, long length) {
        return isSpread
                ? of(strip, first)
                : new TileRef(
                        first.tile(),
                        first.startPartition(),
                        first.partitions(),
                        first.offset().plus(strip * length),
                        first.dims());
    }

    /** What the first strip has in some partitions, of another one. */
    TileRef of(int strip, TileRef first) {
        return new TileRef(
                first.tile(), first.startPartition() + strip * pitch, first.partitions(), first.offset(), first.dims());
    }

    private static void pad(TileBuilder b, TileRef part, double padding) {
        if (part.free() > 0) {
            b.fill(part, padding);
        }
    }

    /** Loads elements at a block of results of all strips. */
    Tile load(TileBuilder b, Source s, long first, int channels, Bands.Block block) {
        var tile = tile(b, s.buffer().dtype(), channels, block.elements(), 0);
        for (int i = 0; i < count; i++) {
            b.load(part(tile, i, channels, 0, tile.free()), results(s, i, first, channels, block));
        }
        return tile;
    }

    /** Stores the results of a block of all strips. */
    void store(TileBuilder b, Source s, long first, int channels, Bands.Block block, Tile tile) {
        for (int i = 0; i < count; i++) {
            b.store(results(s, i, first, channels, block), part(tile, i, channels, 0, tile.free()));
        }
    }

    private BufferRef results(Source s, int strip, long first, int channels, Bands.Block block) {
        return new BufferRef(
                s.buffer(),
                Affine.of(s.view().offset()
                        + block.image() * s.stride(0)
                        + first * s.stride(1)
                        + (strip * rows() + block.row()) * s.stride(2)
                        + block.column() * s.stride(3)),
                List.of(
                        new Dim(s.stride(1), channels),
                        new Dim(s.stride(0), block.images()),
                        new Dim(s.stride(2), block.rows()),
                        new Dim(s.stride(3), block.columns())));
    }

    /** For each channel from {@code first} on, in every strip, elements of {@code s}. */
    Tile columns(TileBuilder b, Source s, long channelStride, long first, int channels, DType dtype, Dim elements) {
        var tile = tile(b, dtype, channels, elements.size(), 0);
        for (int i = 0; i < count; i++) {
            b.load(
                    part(tile, i, channels, 0, elements.size()),
                    new BufferRef(
                            s.buffer(),
                            Affine.of(s.view().offset() + first * channelStride),
                            List.of(new Dim(channelStride, channels), elements)));
        }
        return tile;
    }
}
