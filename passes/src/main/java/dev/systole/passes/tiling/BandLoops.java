package dev.systole.passes.tiling;

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
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A convolution over planes and its epilogue, band by band ({@link Bands}). Channels lie on partitions. The weights of a block of output
 * channels are stationary; every place of the window is an access pattern into the band that moves through TensorE, and adds up in PSUM
 * with the others.
 */
final class BandLoops {
    private final TileBuilder b;
    private final Target target;
    private final Node node;
    private final Op.Convolution op;
    private final Bands bands;
    private final Source x;
    private final Optional<Phases> phases;
    private final Strips strips;
    private final StationaryWeights weights;
    private final BandResults results;
    private final Map<Long, Tile> loadedWeights = new HashMap<>();

    private BandLoops(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Optional<Phases> phases,
            Strips strips,
            StationaryWeights weights,
            List<Source> out) {
        this.b = b;
        this.target = target;
        this.node = Expression.convolution(body).orElseThrow();
        this.op = (Op.Convolution) node.op();
        this.x = x;
        this.phases = phases;
        this.strips = strips;
        this.weights = weights;
        long images = out.getFirst().view().shape().dim(0);
        this.bands = new Bands(strips.windows(), images, most(target));
        this.results = new BandResults(b, body, node, strips, in, out);
    }

    /** True if a convolution of this window can be computed in bands. */
    static boolean supports(Target target, Op.Convolution op, Operands shapes) {
        var window = shapes.window;
        boolean depthwise = window.dim(1) == 1 && op.groups() > 1;
        boolean along = window.dim(1) < window.dim(3);
        if (depthwise || along || shapes.result.elements() == 0 || shapes.x.elements() == 0) {
            return false;
        }
        var bands = bands(target, op, shapes.x, window, shapes.result);
        long tiles = StationaryWeights.blocks(target, window.dim(1));
        long smallest =
                bands.bands(1).stream().mapToLong(Bands.Band::inRows).max().orElse(0) * shapes.x.dim(3);
        long run = tiles
                * bands.windows().places()
                * Math.min(window.dim(0), target.memory().partitions());
        return bands.alwaysInside().isPresent()
                && run * shapes.dtype.bytes() <= target.memory().sbufBytesPerPartition() / 4
                && smallest * tiles * shapes.dtype.bytes() <= target.memory().sbufBytesPerPartition() / 4;
    }

    /**
     * Groups of channels that had better pass the array together, with zeros between them: as many as its rows and columns have room for,
     * unless their weights take longer to load than that saves.
     */
    static long groupsTogether(Target target, Op.Convolution op, Operands shapes) {
        var window = shapes.window;
        long most = Transposition.block(target);
        long wide = Math.max(window.dim(1), window.dim(0) / op.groups());
        long together = LongStream.rangeClosed(1, Math.max(1, most / wide))
                .filter(n -> op.groups() % n == 0)
                .max()
                .orElse(1);
        double places = (double) window.elements() / window.dim(0) / window.dim(1);
        double results = (double) shapes.result.elements() / shapes.result.dim(1);
        double passes = shapes.dtype == DType.F32 ? target.tensor().fp32PassFactor() : 1;
        double saved =
                (together - 1) * passes * places * results / target.tensor().clockHz();
        double loaded = (double) window.elements() * together * shapes.dtype.bytes();
        double transfer = loaded / op.groups() * together / target.dma().bytesPerSecondPerCore();
        return saved > transfer ? together : 1;
    }

    /** The strips of planes, if channels are few, that had better pass tiles of the array at the same time. */
    static Strips strips(Target target, Op.Convolution op, Operands shapes) {
        var planes = whole(target, op, shapes).planes();
        return op.groups() == 1
                ? Strips.forArray(target, planes, shapes.window.dim(1), shapes.window.dim(0), shapes.dtype)
                : Strips.whole(planes);
    }

    static Strips whole(Target target, Op.Convolution op, Operands shapes) {
        return Strips.whole(
                bands(target, op, shapes.x, shapes.window, shapes.result).windows());
    }

    /** What a convolution reads and writes. */
    record Operands(DType dtype, Shape x, Shape window, Shape result) {}

    static Bands bands(Target target, Op.Convolution op, Shape x, Shape window, Shape result) {
        return new Bands(
                Windows.of(x, result, List.of(window.dim(2), window.dim(3)), op.strides(), op.low(), op.dilations()),
                result.dim(0),
                most(target));
    }

    /** Elements of a block of results: one bank of PSUM. */
    private static long most(Target target) {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    /**
     * Emits the loops of a region with these operands and results.
     *
     * @param x the convolution's input, or its planes if it works on phases
     */
    static void emit(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Optional<Phases> phases,
            Strips strips,
            StationaryWeights weights,
            List<Source> out) {
        new BandLoops(b, target, body, in, x, phases, strips, weights, out).emit();
    }

    private void emit() {
        long sbuf = target.memory().sbufBytesPerPartition();
        long elements = Math.min(sbuf / 8 / weights.blocks(), sbuf / 16)
                / x.buffer().dtype().bytes();
        for (var band : strips.bands(bands.images(), bands.most(), elements)) {
            for (long group = 0; group < weights.groups(); group++) {
                b.at(node.location());
                var inputs = new ArrayList<Tile>();
                for (int i = 0; i < weights.blocks(); i++) {
                    inputs.add(load(band, group, i));
                }
                for (long chunk = 0; chunk < weights.chunks(); chunk++) {
                    b.at(node.location());
                    var tile = weights(group, chunk);
                    for (long o = 0; o < weights.width(chunk); o += weights.columns()) {
                        int width = (int) Math.min(weights.columns(), weights.width(chunk) - o);
                        outputs(band, group, chunk, o, width, inputs, tile);
                    }
                }
            }
        }
    }

    private Tile load(Bands.Band band, long group, int block) {
        if (phases.isPresent()) {
            return phases.get().load(b, x, band, block);
        }
        return strips.load(b, x, band, group * weights.channels() + weights.firstRow(block), weights.rows(block), 0);
    }

    /** Of the window: output channels, or channels. */
    private int channels(int axis) {
        return Math.toIntExact(node.input(1).type().shape().dim(axis));
    }

    /** Weights stay for all bands if they take less than a quarter of SBUF together. */
    private Tile weights(long group, long chunk) {
        if (weights.bytesPerPartition() > target.memory().sbufBytesPerPartition() / 4) {
            return loadWeights(group, chunk);
        }
        long key = group * weights.chunks() + chunk;
        var known = loadedWeights.get(key);
        if (known == null) {
            known = loadWeights(group, chunk);
            loadedWeights.put(key, known);
        }
        return known;
    }

    private Tile loadWeights(long group, long chunk) {
        if (!strips.isSpread()) {
            return weights.load(b, group, chunk);
        }
        var source = weights.source();
        long row = source.shape().elements() / channels(1);
        return strips.columns(b, source, row, 0, channels(1), source.buffer().dtype(), new Dim(1, row));
    }

    /** A block of output channels of a band. */
    private void outputs(
            Bands.Band band, long group, long chunk, long o, int width, List<Tile> inputs, Tile weightTile) {
        b.at(node.location());
        long first = group * weights.outputs() + weights.firstOutput(chunk) + o;
        var channels = results.begin(first, Math.min(width, channels(0)), band.out());
        long inside = bands.alwaysInside().orElseThrow();
        for (var block : bands.blocks(band.out())) {
            b.at(node.location());
            var sum = b.psum(DType.F32, strips.partitions(width), block.elements());
            int step = 0;
            for (int i = 0; i < inputs.size(); i++) {
                step = product(sum, step, band, block, inputs.get(i), i, inside, weightTile, o, width);
                for (long place = 0; place < bands.windows().places(); place++) {
                    if (place != inside) {
                        step = product(sum, step, band, block, inputs.get(i), i, place, weightTile, o, width);
                    }
                }
            }
            results.epilogue(channels, block, TileRef.of(sum, channels.width(), Affine.ZERO, sum.free()));
        }
        results.store(channels);
    }

    private int product(
            Tile sum,
            int step,
            Bands.Band band,
            Bands.Block block,
            Tile input,
            int i,
            long place,
            Tile weightTile,
            long o,
            int width) {
        var seen = bands.seen(block, place);
        seen.ifPresent(part -> {
            for (int strip = 0; strip < strips.count(); strip++) {
                var stationary = weights.at(weightTile, i, place, o, width);
                var moving = bands.input(input, weights.rows(i), band, part, place);
                b.matMul(
                        strips.of(strip, part.in(sum, width, block)),
                        strips.isSpread() ? strips.of(strip, stationary) : stationary,
                        strips.seen(
                                strip, moving, band.inRows() * bands.windows().width()),
                        Affine.of(step));
            }
        });
        return seen.isPresent() ? step + 1 : step;
    }
}
