package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A convolution of each channel by itself and its epilogue, band by band ({@link Bands}). Channels lie on partitions, few of them in {@link Strips}.
 *
 * <p>TensorE passes a column for each result and place of the window, with the weights of a place on the diagonal of a matrix (as in any other
 * product, an infinity spoils the results of its block of channels). Otherwise ScalarE multiplies what a place sees into a bank of PSUM and VectorE
 * adds that to the sums, a cycle each; where the two take turns in PSUM, VectorE does both. Places are shared out so that all are done soonest.
 *
 * <p>The other design put the diagonal together on chip. It reads less of memory, but takes ScalarE as long as the transfer of a matrix takes the DMA
 * engines, which have less to do in such networks.
 */
final class DepthwiseBands {
    /** Transfers' overheads that TensorE must save by a share: its matrices are loaded, and VectorE waits for it. */
    private static final int WORTH_OVERHEADS = 4;

    private final TileBuilder b;
    private final Target target;
    private final Node node;
    private final Plan plan;
    private final Strips strips;
    private final Bands bands;
    private final Source x;
    private final Optional<Source> columns;
    private final Optional<Source> matrices;
    private final BandResults results;
    private final Map<Long, Tile> loadedColumns = new HashMap<>();
    private final Map<Long, Tile> loadedMatrices = new HashMap<>();

    /**
     * How to go about it.
     *
     * @param onArray places of the window that TensorE has
     * @param block channels of a matrix
     */
    record Plan(Bands bands, Strips strips, List<Long> onArray, int block) {
        boolean isAllOnArray() {
            return onArray.size() == bands.windows().places();
        }
    }

    private DepthwiseBands(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Optional<Source> columns,
            Optional<Source> matrices,
            Plan plan,
            List<Source> out) {
        this.b = b;
        this.target = target;
        this.node = Expression.convolution(body).orElseThrow();
        this.plan = plan;
        this.x = x;
        this.columns = columns;
        this.matrices = matrices;
        this.strips = plan.strips;
        this.bands = plan.bands;
        this.results = new BandResults(b, body, node, strips, in, out);
    }

    /** What takes least time, with a share of constant weights on the array. */
    static Plan plan(Target target, Op.Convolution op, BandLoops.Operands shapes, boolean isConstant) {
        var all = BandLoops.bands(target, op, shapes.x(), shapes.window(), shapes.result());
        int block = Math.toIntExact(
                Math.min(Transposition.block(target), shapes.window().dim(0)));
        var places = places(all);
        long row = (long) block * shapes.dtype().bytes();
        long room = target.memory().sbufBytesPerPartition() / 4 / row;
        if (isConstant && places.size() <= room && isSoonerOnArray(target, shapes)) {
            return new Plan(all, Strips.whole(all.windows()), places, block);
        }
        var strips = Strips.forVector(target, all.windows(), shapes.x().dim(1), shapes.dtype());
        var bands = strips.count() == 1 ? all : new Bands(strips.windows(), all.images(), all.most());
        int width = strips.count() == 1 ? block : strips.pitch();
        boolean areTiles = strips.count() == 1 || target.tensor().rowTileSizes().contains(strips.pitch());
        long most = isConstant && areTiles ? Math.min(places.size() - 1, room / 2) : 0;
        double results = (double) shapes.result().elements() / shapes.result().dim(1) / strips.count();
        double transfer = strips.count() * matrixSeconds(target, shapes, width);
        double array =
                Math.max(passes(target, shapes) * results / target.tensor().clockHz(), transfer);
        double vector = (target.memory().vectorScalarSharePsum() ? 2 : 1)
                * results
                / target.vector().clockHz();
        int onArray = 0;
        // VectorE takes what TensorE adds up, too.
        while (onArray < most && (onArray + 1) * array < (places.size() - onArray + 1) * vector) {
            onArray++;
        }
        if (onArray * vector < WORTH_OVERHEADS * target.dma().fixedOverheadSeconds()) {
            onArray = 0;
        }
        return new Plan(bands, strips, places(bands).subList(0, onArray), width);
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
    private static boolean isSoonerOnArray(Target target, BandLoops.Operands shapes) {
        double places = (double) shapes.window().elements() / shapes.window().dim(0);
        double results = (double) shapes.result().elements() / shapes.result().dim(1);
        int cycles = target.memory().vectorScalarSharePsum() ? 2 : 1;
        double block = Math.min(Transposition.block(target), shapes.window().dim(0));
        double array =
                passes(target, shapes) * places * results / target.tensor().clockHz();
        double vector = cycles * places * results / target.vector().clockHz();
        return Math.max(array, places * matrixSeconds(target, shapes, block)) < vector;
    }

    private static double passes(Target target, BandLoops.Operands shapes) {
        return shapes.dtype() == DType.F32 ? target.tensor().fp32PassFactor() : 1;
    }

    /** Of the transfer of a place's matrix, for so many channels. */
    private static double matrixSeconds(Target target, BandLoops.Operands shapes, double block) {
        return block * block * shapes.dtype().bytes() / target.dma().bytesPerSecondPerCore();
    }

    /**
     * Emits the loops of a region with these operands and results.
     *
     * @param columns weights [channel, 1, place in the window, 1], if VectorE has a share
     * @param matrices weights [channel, place on the array, channel of its block], diagonal, if TensorE has one
     */
    static void emit(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Optional<Source> columns,
            Optional<Source> matrices,
            Plan plan,
            List<Source> out) {
        new DepthwiseBands(b, target, body, in, x, columns, matrices, plan, out).emit();
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
        var input = strips.load(b, x, band, first, n, 0);
        var channels = results.begin(first, n, band.out());
        for (var block : bands.blocks(band.out())) {
            b.at(node.location());
            var sum = plan.isAllOnArray()
                    ? products(band, block, input, first, n)
                    : sums(channels, band, block, input, first, n);
            results.epilogue(channels, block, sum);
        }
        results.store(channels);
    }

    /** For each place that TensorE has a matrix with the weights of so many channels, in every strip. */
    private Tile matrices(long first, int n) {
        var s = matrices.orElseThrow();
        var elements = new Dim(1, (long) plan.onArray.size() * plan.block);
        return strips.columns(b, s, s.stride(0), first, n, s.buffer().dtype(), elements);
    }

    /** For each place of the window a column with the weights of so many channels. */
    private Tile columns(long first, int n) {
        var s = columns.orElseThrow();
        var elements = new Dim(s.stride(2), bands.windows().places());
        return strips.columns(b, s, s.stride(0), first, n, DType.F32, elements);
    }

    /** What the places that TensorE has add up to. */
    private TileRef products(Bands.Band band, Bands.Block block, Tile input, long first, int n) {
        var weights = loadedMatrices.computeIfAbsent(first, c -> matrices(c, n));
        int width = strips.count() == 1 ? n : plan.block;
        var sum = b.psum(DType.F32, strips.partitions(width), block.elements());
        int step = 0;
        for (int i = 0; i < plan.onArray.size(); i++) {
            long place = plan.onArray.get(i);
            var seen = bands.seen(block, place);
            for (int strip = 0; seen.isPresent() && strip < strips.count(); strip++) {
                b.matMul(
                        strips.of(strip, seen.get().in(sum, width, block)),
                        strips.of(strip, TileRef.of(weights, n, Affine.of((long) i * plan.block), width)),
                        strips.of(strip, bands.input(input, n, band, seen.get(), place)),
                        Affine.of(step));
            }
            step += seen.isPresent() ? 1 : 0;
        }
        return TileRef.of(sum, input.partitions(), Affine.ZERO, sum.free());
    }

    private TileRef sums(
            BandResults.Channels channels, Bands.Band band, Bands.Block block, Tile input, long first, int n) {
        var weights = loadedColumns.computeIfAbsent(first, c -> columns(c, n));
        int partitions = input.partitions();
        var result = results.sums(channels);
        var tile = result.orElseGet(() -> b.sbuf(DType.F32, partitions, block.elements()));
        var whole = result.isPresent() ? band.out() : block;
        var sum = block.in(tile, partitions, whole);
        var places = places(bands);
        if (plan.onArray.isEmpty()) {
            multiply(sum, band, block, input, weights, places.getFirst());
        } else {
            b.copy(sum, products(band, block, input, first, n));
        }
        for (long place : places.subList(Math.max(1, plan.onArray.size()), places.size())) {
            bands.seen(block, place)
                    .ifPresent(part -> add(part.in(tile, partitions, whole), band, part, input, weights, place));
        }
        return sum;
    }

    /** The places of the window, the first one inside of the plane for all results. */
    private static List<Long> places(Bands bands) {
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
