package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.List;

/**
 * An operand of a product, and how its contracted dimension comes to partitions: tiles [k, x] for blocks of at most 128 of the contracted
 * dimension, x being the result's rows or columns. Where the contracted dimension is innermost in memory, it is turned by the DMA engines,
 * where they can, or else on TensorE.
 *
 * @param source [batch..., k, x] or [batch..., x, k]
 * @param kAxis of the contracted dimension
 * @param xAxis of the other one
 */
record ContractedOperand(TileBuilder b, Target target, Source source, int kAxis, int xAxis) {
    /** Bytes between elements up to which an instruction writes them at full rate. */
    private static final int FULL_RATE_STEP = 16;

    /** Bytes of a row that one transfer brings. */
    private static final long LONGEST_TRANSFER = Runs.LEAST_BYTES;

    /** Blocks of a single row or column from which on they are transposed together. */
    private static final long FEWEST_LINES = 4;

    /** Blocks of one up to which each had better be turned where it is, if it may be on chip. */
    private static final long MOST_ON_CHIP = 16;

    /** Blocks of the contracted dimension that one transfer brings before they are transposed. */
    private static final int LONGEST_RUN = 16;

    long depth() {
        return source.shape().dim(kAxis);
    }

    long extent() {
        return source.shape().dim(xAxis);
    }

    /** Elements of the contracted dimension that lie on partitions at once. */
    int depthBlock() {
        return target.tensor().maxContractionRows();
    }

    /** Blocks of the contracted dimension. */
    int depthBlocks() {
        return (int) Math.ceilDiv(depth(), depthBlock());
    }

    /** Elements of a block of the contracted dimension. */
    int depthOf(int block) {
        return (int) Math.min(depthBlock(), depth() - (long) block * depthBlock());
    }

    /** Of all that is contracted with so many rows or columns, in a partition. */
    long bytesPerPartition(long count) {
        return depthBlocks() * elementBytes() * count;
    }

    long elementBytes() {
        return source.buffer().dtype().bytes();
    }

    /** Bytes to move, those to be transposed counted four times. */
    double work() {
        double bytes = (double) extent() * depth() * elementBytes();
        return isTurned(extent()) ? 4 * bytes : bytes;
    }

    /** True if so many rows are transposed behind their load. */
    boolean isTurned(long count) {
        return needsTranspose() && !Transposition.isOnTheWay(target, source, count);
    }

    private boolean needsTranspose() {
        return source.stride(xAxis) > 1 && source.stride(kAxis) == 1 && depth() > 1;
    }

    /** Rows that one load brings before they are transposed. */
    long rowsOfLoad() {
        return (long) rowsTogether() * turnedRows();
    }

    /** Rows that one transpose takes. */
    private int turnedRows() {
        return Math.min(target.memory().partitions(), target.tensor().maxContractionRows());
    }

    /** [k, x] for each block of the contracted dimension. */
    List<TileRef> panel(List<Affine> batch, Span x) {
        if (x.size() == 1
                && source.stride(kAxis) == 1
                && !(source.isIntermediate() && depthBlocks() <= MOST_ON_CHIP)
                && depth() >= FEWEST_LINES * depthBlock()
                && Transposition.supports(source.buffer().dtype())) {
            return line(batch, x);
        }
        var tiles = new ArrayList<TileRef>();
        boolean isTurned = isTurned(x.size());
        for (int k = 0; k < depthBlocks(); k++) {
            tiles.add(
                    isTurned ? TileRef.of(b.sbuf(source.buffer().dtype(), depthOf(k), x.size())) : block(batch, k, x));
        }
        if (isTurned) {
            turn(origin(batch, Affine.ZERO, x.start()), x.size(), tiles);
        }
        return tiles;
    }

    private Affine origin(List<Affine> batch, Affine k, Affine x) {
        return source.at(batch).plus(k.times(source.stride(kAxis))).plus(x.times(source.stride(xAxis)));
    }

    /** A single row or column is loaded block by block to partitions, and all blocks are transposed together. */
    private List<TileRef> line(List<Affine> batch, Span x) {
        var origin = origin(batch, Affine.ZERO, x.start());
        var tiles = new ArrayList<TileRef>();
        long whole = depth() / depthBlock();
        for (long first = 0; first < whole; first += turnedRows()) {
            int count = (int) Math.min(turnedRows(), whole - first);
            var rows = TileRef.of(b.sbuf(source.buffer().dtype(), count, depthBlock()));
            var dims = List.of(new Dim(depthBlock(), count), new Dim(1, depthBlock()));
            b.load(rows, new BufferRef(source.buffer(), origin.plus(first * depthBlock()), dims));
            var turned = TileRef.of(b.sbuf(source.buffer().dtype(), depthBlock(), count));
            Transposition.emit(b, target, source, rows, turned);
            for (long i = 0; i < count; i++) {
                tiles.add(TileRef.of(turned.tile(), depthBlock(), Affine.of(i), 1));
            }
        }
        if (whole < depthBlocks()) {
            tiles.add(block(batch, (int) whole, x));
        }
        return tiles;
    }

    /** Rows that run along the contracted dimension are loaded in long runs and transposed block by block. */
    private void turn(Affine origin, long count, List<TileRef> tiles) {
        b.blocks(count, rowsOfLoad(), (start, n) -> {
            if (n == rowsOfLoad()) {
                turn(origin, new Span(start, n), rowsTogether(), tiles);
            } else {
                b.blocks(n, turnedRows(), (rest, m) -> turn(origin, new Span(start.plus(rest), m), 1, tiles));
            }
        });
    }

    /**
     * Short rows that one partition is loaded with, if they lie one behind the other: as many as make a long run, and as a copy from PSUM
     * can write apart at full rate. What another region makes is loaded row by row, as it may stay in SBUF.
     */
    private int rowsTogether() {
        boolean lies = source.stride(xAxis) == depth() && !(source.buffer().role() instanceof Buffer.Role.Scratch);
        return lies
                ? (int) Math.clamp(LONGEST_TRANSFER / (depth() * elementBytes()), 1, FULL_RATE_STEP / elementBytes())
                : 1;
    }

    /** @param together rows that lie on a partition */
    private void turn(Affine origin, Span x, int together, List<TileRef> tiles) {
        int partitions = (int) (x.size() / together);
        long run = (long) LONGEST_RUN * depthBlock();
        for (long first = 0; first < depth(); first += run) {
            long length = Math.min(run, depth() - first);
            var rows = b.sbuf(source.buffer().dtype(), partitions, together * length);
            b.load(
                    TileRef.of(rows),
                    new BufferRef(
                            source.buffer(),
                            origin.plus(x.start().times(source.stride(xAxis))).plus(first * source.stride(kAxis)),
                            List.of(
                                    new Dim(together * source.stride(xAxis), partitions),
                                    new Dim(source.stride(kAxis), together * length))));
            for (int row = 0; row < together; row++) {
                for (long k = first; k < first + length; k += depthBlock()) {
                    var tile = tiles.get((int) (k / depthBlock()));
                    Transposition.emit(
                            b,
                            target,
                            source,
                            TileRef.of(rows, partitions, Affine.of(row * length + k - first), tile.partitions()),
                            new TileRef(
                                    tile.tile(),
                                    0,
                                    tile.partitions(),
                                    x.start().plus(row),
                                    List.of(new Dim(together, partitions))));
                }
            }
        }
    }

    /** [k, x] of one block of the contracted dimension. */
    TileRef block(List<Affine> batch, int k, Span x) {
        int depth = depthOf(k);
        var origin = origin(batch, Affine.of((long) k * depthBlock()), x.start());
        var dtype = source.buffer().dtype();
        var tile = b.sbuf(dtype, depth, x.size());
        boolean isColumn = depth == 1 && !source.isIntermediate();
        if (!needsTranspose() || isColumn || Transposition.isOnTheWay(target, source, x.size())) {
            var dims = List.of(new Dim(source.stride(kAxis), depth), new Dim(source.stride(xAxis), x.size()));
            b.load(TileRef.of(tile), new BufferRef(source.buffer(), origin, dims));
            return TileRef.of(tile);
        }
        b.blocks(x.size(), turnedRows(), (start, n) -> {
            var rows = b.sbuf(dtype, (int) n, depth);
            b.load(
                    TileRef.of(rows),
                    new BufferRef(
                            source.buffer(),
                            origin.plus(start.times(source.stride(xAxis))),
                            List.of(new Dim(source.stride(xAxis), n), new Dim(1, depth))));
            Transposition.emit(b, target, source, TileRef.of(rows), TileRef.of(tile, depth, start, n));
        });
        return TileRef.of(tile);
    }
}
