package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A convolution of each channel by itself and its epilogue, band by band ({@link Bands}). Channels lie on partitions.
 *
 * <p>TensorE passes a column for each result and place of the window, with the weights of a place on the diagonal of a matrix, where that is sooner done
 * (as in any other product, an infinity spoils the results of its block of channels). Otherwise ScalarE multiplies what a place sees into a bank of
 * PSUM and VectorE adds that to the sums, a cycle each; where the two take turns in PSUM, VectorE does both. Few channels lie in {@link Strips}.
 *
 * <p>The other design put the diagonal together on chip. It reads less of memory, but takes ScalarE as long as the transfer of a matrix takes the DMA
 * engines, which have less to do in such networks.
 */
final class DepthwiseBands {
    private final TileBuilder b;
    private final Target target;
    private final Node node;
    private final Strips strips;
    private final Bands bands;
    private final Source x;
    private final Source weights;
    private final boolean isDiagonal;
    private final BandResults results;
    private final Map<Long, Tile> loadedWeights = new HashMap<>();

    private DepthwiseBands(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Source weights,
            boolean isDiagonal,
            List<Source> out) {
        this.b = b;
        this.target = target;
        this.node = Expression.convolution(body).orElseThrow();
        this.x = x;
        this.weights = weights;
        this.isDiagonal = isDiagonal;
        var all = BandLoops.bands(
                target,
                (Op.Convolution) node.op(),
                x.view().shape(),
                node.input(1).type().shape(),
                out.getFirst().view().shape());
        long channels = x.view().shape().dim(1);
        this.strips = isDiagonal
                ? Strips.whole(all.windows())
                : Strips.forVector(target, all.windows(), channels, x.buffer().dtype());
        this.bands = strips.count() == 1 ? all : new Bands(strips.windows(), all.images(), all.most());
        this.results = new BandResults(b, body, node, strips, in, out);
    }

    /** True for one result of each channel, whose bands fit SBUF. */
    static boolean supports(Target target, Op.Convolution op, BandLoops.Operands shapes) {
        var window = shapes.window();
        boolean single = window.dim(1) == 1 && window.dim(0) == op.groups() && op.groups() > 1;
        if (!single || shapes.result().elements() == 0 || shapes.x().elements() == 0) {
            return false;
        }
        var bands = BandLoops.bands(target, op, shapes.x(), window, shapes.result());
        long smallest =
                bands.bands(1).stream().mapToLong(Bands.Band::inRows).max().orElse(0)
                        * shapes.x().dim(3);
        return bands.alwaysInside().isPresent()
                && smallest * shapes.dtype().bytes() <= target.memory().sbufBytesPerPartition() / 8;
    }

    /** True if TensorE, and the transfer of its matrices, are sooner done than VectorE. */
    static boolean isSoonerOnArray(Target target, BandLoops.Operands shapes) {
        double places = (double) shapes.window().elements() / shapes.window().dim(0);
        double results = (double) shapes.result().elements() / shapes.result().dim(1);
        double passes = shapes.dtype() == DType.F32 ? target.tensor().fp32PassFactor() : 1;
        int cycles = target.memory().vectorScalarSharePsum() ? 2 : 1;
        double block = Math.min(Transposition.block(target), shapes.window().dim(0));
        double array = passes * places * results / target.tensor().clockHz();
        double vector = cycles * places * results / target.vector().clockHz();
        double transfer =
                places * block * block * shapes.dtype().bytes() / target.dma().bytesPerSecondPerCore();
        return Math.max(array, transfer) < vector;
    }

    /**
     * Emits the loops of a region with these operands and results.
     *
     * @param weights [channel, place in the window, channel of its block] if they are diagonal, else [channel, 1, place in the window, 1]
     */
    static void emit(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Source weights,
            boolean isDiagonal,
            List<Source> out) {
        new DepthwiseBands(b, target, body, in, x, weights, isDiagonal, out).emit();
    }

    private void emit() {
        long elements = target.memory().sbufBytesPerPartition()
                / 16
                / x.buffer().dtype().bytes();
        int block = Transposition.block(target);
        long channels = x.view().shape().dim(1);
        for (var band : strips.bands(bands.images(), bands.most(), elements)) {
            for (long c = 0; c < channels; c += block) {
                channels(band, c, (int) Math.min(block, channels - c));
            }
        }
    }

    private void channels(Bands.Band band, long first, int n) {
        b.at(node.location());
        var input = strips.count() == 1
                ? BandLoops.load(b, x, bands, band, first, n)
                : strips.load(b, x, band, first, n, 0);
        var tile = isDiagonal ? matrices(first, n) : loadedWeights.computeIfAbsent(first, c -> columns(c, n));
        var channels = results.begin(first, n, band.out());
        for (var block : bands.blocks(band.out())) {
            b.at(node.location());
            var sum = isDiagonal ? products(band, block, input, tile, n) : sums(band, block, input, tile);
            results.epilogue(channels, block, TileRef.of(sum));
        }
        results.store(channels);
    }

    /** For each place of the window a matrix with the weights of so many channels. */
    private Tile matrices(long first, int n) {
        long places = bands.windows().places();
        var tile = b.sbuf(weights.buffer().dtype(), n, places * n);
        b.load(
                TileRef.of(tile),
                new BufferRef(
                        weights.buffer(),
                        Affine.of(weights.view().offset() + first * weights.stride(0)),
                        List.of(new Dim(weights.stride(0), n), new Dim(weights.stride(1), places), new Dim(1, n))));
        return tile;
    }

    /** For each place of the window a column with the weights of so many channels. */
    private Tile columns(long first, int n) {
        var elements = new Dim(weights.stride(2), bands.windows().places());
        return strips.columns(b, weights, weights.stride(0), first, n, DType.F32, elements);
    }

    private Tile products(Bands.Band band, Bands.Block block, Tile input, Tile matrices, int n) {
        var sum = b.psum(DType.F32, n, block.elements());
        int step = 0;
        for (long place : places()) {
            var seen = bands.seen(block, place);
            if (seen.isPresent()) {
                b.matMul(
                        seen.get().in(sum, n, block),
                        TileRef.of(matrices, n, Affine.of(place * n), n),
                        bands.input(input, n, band, seen.get(), place),
                        Affine.of(step++));
            }
        }
        return sum;
    }

    private Tile sums(Bands.Band band, Bands.Block block, Tile input, Tile columns) {
        var sum = b.sbuf(DType.F32, input.partitions(), block.elements());
        boolean first = true;
        for (long place : places()) {
            var seen = bands.seen(block, place);
            if (first) {
                multiply(TileRef.of(sum), band, block, input, columns, place);
                first = false;
            } else if (seen.isPresent()) {
                add(seen.get().in(sum, input.partitions(), block), band, seen.get(), input, columns, place);
            }
        }
        return sum;
    }

    /** The places of the window, the first one inside of the plane for all results. */
    private List<Long> places() {
        long inside = bands.alwaysInside().orElseThrow();
        var others = LongStream.range(0, bands.windows().places()).filter(p -> p != inside);
        return LongStream.concat(LongStream.of(inside), others).boxed().toList();
    }

    private void add(TileRef sums, Bands.Band band, Bands.Block part, Tile input, Tile columns, long place) {
        var product = product(b, target, sums.partitions(), part.elements());
        multiply(product, band, part, input, columns, place);
        b.binary(sums, BinaryOp.ADD, sums, product);
    }

    /** Room for products, at most a bank of them, that another tile has added: PSUM where ScalarE can write it while VectorE reads. */
    static TileRef product(TileBuilder b, Target target, int partitions, long elements) {
        return TileRef.of(
                target.memory().vectorScalarSharePsum()
                        ? b.sbuf(DType.F32, partitions, elements)
                        : b.psum(DType.F32, partitions, elements));
    }

    private void multiply(TileRef to, Bands.Band band, Bands.Block part, Tile input, Tile columns, long place) {
        var weight = new TileRef(columns, 0, to.partitions(), Affine.of(place), List.of(new Dim(0, part.elements())));
        b.binary(to, BinaryOp.MUL, bands.input(input, to.partitions(), band, part, place), weight);
    }
}
