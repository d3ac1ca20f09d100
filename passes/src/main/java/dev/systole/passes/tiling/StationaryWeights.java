package dev.systole.passes.tiling;

import dev.systole.ir.graph.GraphInterpreter;
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
import java.util.List;

/**
 * The weights of a convolution as TensorE takes them: blocks of channels on partitions, and on the free dimension, for
 * the output channels of a chunk, [channel block, place, output channel].
 *
 * @param source [group, channel, place, output channel] at any strides; or, if {@code arranged}, [group, chunk, row, channel block, place,
 *     output channel of the chunk], row-major, so that a partition's part of a chunk is one run
 * @param channels of a group
 * @param outputs of a group
 * @param most rows of a block of channels
 * @param columns of a block of output channels
 * @param chunk output channels of a chunk, a multiple of columns if there are several chunks
 */
record StationaryWeights(
        Source source,
        boolean arranged,
        long channels,
        long outputs,
        long places,
        long most,
        long columns,
        long chunk) {

    /** Bytes of a run in HBM, from which on transfers are at full rate. */
    private static final long LONG_RUN_BYTES = 4096;

    /** Weights at the strides of [group, channel, place, output channel]. */
    static StationaryWeights of(Target target, Source source) {
        var shape = source.view().shape();
        return of(target, source, false, shape.dim(1), shape.dim(3), shape.dim(2));
    }

    private static StationaryWeights of(
            Target target, Source source, boolean arranged, long channels, long outputs, long places) {
        return new StationaryWeights(
                        source, arranged, channels, outputs, places, rows(target, channels), columns(target), 0)
                .chunked(source.buffer().dtype().bytes());
    }

    private StationaryWeights chunked(int bytes) {
        long run = blocks() * places * columns * bytes;
        long most = Math.max(1, LONG_RUN_BYTES / run) * columns;
        return new StationaryWeights(
                source, arranged, channels, outputs, places, this.most, columns, Math.min(outputs, most));
    }

    /** Rows of the blocks into which so many channels are divided, all but the last one as large as the blocks of results. */
    static long rows(Target target, long channels) {
        return Math.min(
                channels, Math.min(target.memory().partitions(), target.tensor().maxContractionRows()));
    }

    /** Blocks of channels that TensorE contracts one after the other. */
    static long blocks(Target target, long channels) {
        return Math.ceilDiv(channels, rows(target, channels));
    }

    private static long columns(Target target) {
        return Math.min(target.memory().partitions(), target.tensor().maxStationaryFree());
    }

    /** Takes a constant into memory. */
    interface Memory {
        Source hold(Tensor tensor);
    }

    /**
     * Constant weights [output channel, channel, window...], arranged in memory so that they are loaded in long runs.
     *
     * @param most rows of a block of channels
     */
    static StationaryWeights arranged(Target target, Tensor tensor, long groups, long most, int bytes, Memory memory) {
        var shape = tensor.type().shape();
        long outputs = shape.dim(0) / groups;
        long channels = shape.dim(1);
        long places = shape.elements() / Math.max(1, shape.dim(0) * channels);
        var plan =
                new StationaryWeights(null, true, channels, outputs, places, most, columns(target), 0).chunked(bytes);
        var full = Shape.of(groups, plan.chunks() * plan.chunk, plan.blocks() * plan.most, places);
        var t = tensor.reshape(Shape.of(groups, outputs, channels, places));
        if (!t.type().shape().equals(full)) {
            var high = List.of(0L, full.dim(1) - outputs, full.dim(2) - channels, 0L);
            var type = t.type().with(full);
            var zero = Tensor.allocate(t.type().with(Shape.SCALAR));
            t = GraphInterpreter.evaluate(new Op.Pad(List.of(0L, 0L, 0L, 0L), high), List.of(t, zero), List.of(type))
                    .getFirst();
        }
        t = t.reshape(Shape.of(groups, plan.chunks(), plan.chunk, plan.blocks(), plan.most, places));
        var turned = Shape.of(groups, plan.chunks(), plan.most, plan.blocks(), places, plan.chunk);
        t = GraphInterpreter.evaluate(
                        new Op.Transpose(List.of(0, 1, 4, 3, 5, 2)),
                        List.of(t),
                        List.of(t.type().with(turned)))
                .getFirst();
        return new StationaryWeights(
                memory.hold(t), true, channels, outputs, places, plan.most, plan.columns, plan.chunk);
    }

    long groups() {
        return source.view().shape().dim(0);
    }

    int blocks() {
        return (int) Math.ceilDiv(channels, most);
    }

    long chunks() {
        return Math.ceilDiv(outputs, chunk);
    }

    /** Channels of a block. */
    int rows(int block) {
        return (int) Math.min(most, channels - block * most);
    }

    long firstRow(int block) {
        return block * most;
    }

    /** Output channels of a chunk. */
    long width(long index) {
        return Math.min(chunk, outputs - index * chunk);
    }

    long firstOutput(long index) {
        return index * chunk;
    }

    /** Of all weights on the chip at once. */
    long bytesPerPartition() {
        return groups()
                * chunks()
                * blocks()
                * places
                * chunk
                * source.buffer().dtype().bytes();
    }

    /** Loads a chunk. */
    Tile load(TileBuilder b, long group, long index) {
        long row = blocks() * places * chunk;
        var tile = b.sbuf(source.buffer().dtype(), (int) Math.min(most, channels), row);
        if (arranged) {
            b.load(
                    TileRef.of(tile),
                    new BufferRef(
                            source.buffer(),
                            Affine.of(source.view().offset() + (group * chunks() + index) * most * row),
                            List.of(new Dim(row, tile.partitions()), new Dim(1, row))));
            return tile;
        }
        for (int i = 0; i < blocks(); i++) {
            b.load(
                    new TileRef(
                            tile,
                            0,
                            rows(i),
                            Affine.of(i * places * chunk),
                            List.of(new Dim(chunk, places), new Dim(1, width(index)))),
                    new BufferRef(
                            source.buffer(),
                            Affine.of(source.view().offset()
                                    + group * source.stride(0)
                                    + firstRow(i) * source.stride(1)
                                    + firstOutput(index) * source.stride(3)),
                            List.of(
                                    new Dim(source.stride(1), rows(i)),
                                    new Dim(source.stride(2), places),
                                    new Dim(source.stride(3), width(index)))));
        }
        return tile;
    }

    /** What is stationary for a block of channels, a place and the output channels from {@code o} of the chunk on. */
    TileRef at(Tile tile, int block, long place, long o, int width) {
        return new TileRef(
                tile, 0, rows(block), Affine.of((block * places + place) * chunk + o), List.of(new Dim(1, width)));
    }
}
