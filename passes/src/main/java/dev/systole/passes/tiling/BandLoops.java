package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
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

/**
 * A convolution over planes and its epilogue, band by band ({@link Bands}). Channels lie on partitions. The weights of a block of output
 * channels are stationary; every place of the window is an access pattern into the band that moves through TensorE, and adds up in PSUM
 * with the others.
 */
final class BandLoops {
    private final TileBuilder b;
    private final Target target;
    private final Graph body;
    private final Node node;
    private final Op.Convolution op;
    private final Bands bands;
    private final Source x;
    private final Optional<Phases> phases;
    private final StationaryWeights weights;
    private final Map<Value, Source> reads = new HashMap<>();
    private final Map<Value, Source> writes = new HashMap<>();
    private final Map<Long, Tile> loadedWeights = new HashMap<>();
    private final Map<Value, Map<Long, TileRef>> columns = new HashMap<>();

    private BandLoops(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            Optional<Phases> phases,
            StationaryWeights weights,
            List<Source> out) {
        this.b = b;
        this.target = target;
        this.body = body;
        this.node = Expression.convolution(body).orElseThrow();
        this.op = (Op.Convolution) node.op();
        this.x = x;
        this.phases = phases;
        this.weights = weights;
        for (int i = 0; i < in.size(); i++) {
            reads.put(body.inputs().get(i).value(), in.get(i));
        }
        for (int i = 0; i < out.size(); i++) {
            writes.put(body.outputs().get(i).value(), out.get(i));
        }
        this.bands = phases.map(p -> p.bands(most(target)))
                .orElseGet(() -> bands(
                        target,
                        op,
                        x.view().shape(),
                        node.input(1).type().shape(),
                        out.getFirst().view().shape()));
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

    /** What a convolution reads and writes. */
    record Operands(DType dtype, Shape x, Shape window, Shape result) {}

    private static Bands bands(Target target, Op.Convolution op, Shape x, Shape window, Shape result) {
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
            StationaryWeights weights,
            List<Source> out) {
        new BandLoops(b, target, body, in, x, phases, weights, out).emit();
    }

    private void emit() {
        long sbuf = target.memory().sbufBytesPerPartition();
        long elements = Math.min(sbuf / 8 / weights.blocks(), sbuf / 16)
                / x.buffer().dtype().bytes();
        for (var band : bands.bands(elements)) {
            for (long group = 0; group < op.groups(); group++) {
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
        var w = bands.windows();
        var tile = b.sbuf(x.buffer().dtype(), weights.rows(block), band.out().images() * band.inRows() * w.width());
        b.load(
                TileRef.of(tile),
                new BufferRef(
                        x.buffer(),
                        Affine.of(x.view().offset()
                                + band.out().image() * x.stride(0)
                                + (group * weights.channels() + weights.firstRow(block)) * x.stride(1)
                                + band.inRow() * x.stride(2)),
                        List.of(
                                new Dim(x.stride(1), weights.rows(block)),
                                new Dim(x.stride(0), band.out().images()),
                                new Dim(x.stride(2), band.inRows()),
                                new Dim(x.stride(3), w.width()))));
        return tile;
    }

    /** Weights stay for all bands if they take less than a quarter of SBUF together. */
    private Tile weights(long group, long chunk) {
        if (weights.bytesPerPartition() > target.memory().sbufBytesPerPartition() / 4) {
            return weights.load(b, group, chunk);
        }
        long key = group * weights.chunks() + chunk;
        var known = loadedWeights.get(key);
        if (known == null) {
            known = weights.load(b, group, chunk);
            loadedWeights.put(key, known);
        }
        return known;
    }

    /** A block of output channels of a band. */
    private void outputs(
            Bands.Band band, long group, long chunk, long o, int width, List<Tile> inputs, Tile weightTile) {
        b.at(node.location());
        long first = group * weights.outputs() + weights.firstOutput(chunk) + o;
        var operands = new HashMap<Value, Tile>();
        var results = new HashMap<Value, Tile>();
        for (var p : body.outputs()) {
            results.computeIfAbsent(
                    p.value(),
                    v -> b.sbuf(
                            writes.get(v).buffer().dtype(), width, band.out().elements()));
        }
        for (var n : body.nodes()) {
            for (var v : n.inputs()) {
                if (n != node && reads.containsKey(v) && !isColumn(v)) {
                    operands.computeIfAbsent(v, k -> {
                        b.at(n.location());
                        var tile = b.sbuf(
                                reads.get(v).buffer().dtype(),
                                width,
                                band.out().elements());
                        b.load(TileRef.of(tile), ref(reads.get(v), first, width, band.out()));
                        return tile;
                    });
                }
            }
        }
        long inside = bands.alwaysInside().orElseThrow();
        for (var block : bands.blocks(band.out())) {
            b.at(node.location());
            var sum = b.psum(DType.F32, width, block.elements());
            int step = 0;
            for (int i = 0; i < inputs.size(); i++) {
                step = product(sum, step, band, block, inputs.get(i), i, inside, weightTile, o, width);
                for (long place = 0; place < bands.windows().places(); place++) {
                    if (place != inside) {
                        step = product(sum, step, band, block, inputs.get(i), i, place, weightTile, o, width);
                    }
                }
            }
            epilogue(TileRef.of(sum), first, width, band.out(), block, operands, results);
        }
        body.outputs().stream()
                .map(Graph.Result::value)
                .distinct()
                .forEach(v -> b.store(ref(writes.get(v), first, width, band.out()), TileRef.of(results.get(v))));
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
        seen.ifPresent(part -> b.matMul(
                part.in(sum, width, block),
                weights.at(weightTile, i, place, o, width),
                bands.input(input, weights.rows(i), band, part, place),
                Affine.of(step)));
        return seen.isPresent() ? step + 1 : step;
    }

    /** What follows on the sums of a block. */
    private void epilogue(
            TileRef sum,
            long first,
            int width,
            Bands.Block band,
            Bands.Block block,
            Map<Value, Tile> operands,
            Map<Value, Tile> results) {
        var e = new Expression(b, width, List.of(new Dim(1, block.elements())));
        results.forEach((v, tile) -> e.place(v, block.in(tile, width, band)));
        e.define(node.output(), rounded(sum));
        for (var next : body.nodes()) {
            if (next == node) {
                continue;
            }
            for (var v : next.inputs()) {
                if (!e.isDefined(v)) {
                    e.define(v, isColumn(v) ? column(v, first, width) : block.in(operands.get(v), width, band));
                }
            }
            e.evaluate(next, false);
        }
        results.forEach((v, tile) -> {
            var to = block.in(tile, width, band);
            var from = e.stored(v, false);
            if (!from.equals(to)) {
                b.copy(to, from);
            }
        });
    }

    private TileRef rounded(TileRef sum) {
        var dtype = node.type().dtype().carrier();
        if (dtype == DType.F32) {
            return sum;
        }
        var to = TileRef.of(b.sbuf(dtype, sum.partitions(), sum.free()));
        b.copy(to, sum);
        return to;
    }

    /** True for an operand with one element a channel. */
    private boolean isColumn(Value v) {
        var s = reads.get(v);
        return s.stride(0) == 0 && s.stride(2) == 0 && s.stride(3) == 0;
    }

    private TileRef column(Value v, long first, int width) {
        return columns.computeIfAbsent(v, k -> new HashMap<>()).computeIfAbsent(first, k -> {
            var s = reads.get(v);
            var tile = TileRef.of(b.sbuf(s.buffer().dtype(), width, 1));
            b.load(
                    tile,
                    new BufferRef(
                            s.buffer(),
                            Affine.of(s.view().offset() + first * s.stride(1)),
                            List.of(new Dim(s.stride(1), width))));
            return tile;
        });
    }

    private static BufferRef ref(Source s, long first, int width, Bands.Block block) {
        return new BufferRef(
                s.buffer(),
                Affine.of(s.view().offset()
                        + block.image() * s.stride(0)
                        + first * s.stride(1)
                        + block.row() * s.stride(2)
                        + block.column() * s.stride(3)),
                List.of(
                        new Dim(s.stride(1), width),
                        new Dim(s.stride(0), block.images()),
                        new Dim(s.stride(2), block.rows()),
                        new Dim(s.stride(3), block.columns())));
    }
}
