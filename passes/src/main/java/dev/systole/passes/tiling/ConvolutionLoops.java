package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
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
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A convolution over planes and its epilogue. Channels lie on partitions; a stripe of padded input rows is loaded once, and every place of
 * the window is an access pattern into it that moves through TensorE, all places and channels adding up in PSUM. The weights of an output
 * channel block are stationary.
 *
 * <p>Where the window has more columns than there are channels, its columns lie on partitions instead: the rows of a channel are loaded
 * once for each column of the window, each a step further. With one channel in each of several groups, TensorE would use one of its rows:
 * ScalarE and VectorE multiply and add, channels on partitions.
 */
final class ConvolutionLoops {
    private final TileBuilder b;
    private final Target target;
    private final Graph body;
    private final Node node;
    private final Op.Convolution op;
    private final Windows windows;
    private final Source x;
    private final Source weights;
    private final Map<Value, Source> sources = new HashMap<>();
    private final long images;
    private final long channels;
    private final long outputs;

    private ConvolutionLoops(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            List<Long> low,
            Source weights,
            List<Source> out) {
        this.b = b;
        this.target = target;
        this.body = body;
        this.node = Expression.convolution(body).orElseThrow();
        this.op = (Op.Convolution) node.op();
        for (int i = 0; i < in.size(); i++) {
            sources.put(body.inputs().get(i).value(), in.get(i));
        }
        for (int i = 0; i < out.size(); i++) {
            sources.put(body.outputs().get(i).value(), out.get(i));
        }
        this.x = x;
        this.weights = weights;
        var window = node.input(1).type().shape();
        var result = out.getFirst().view().shape();
        this.windows = Windows.of(
                x.view().shape(), result, List.of(window.dim(2), window.dim(3)), op.strides(), low, op.dilations());
        this.images = result.dim(0);
        this.channels = window.dim(1);
        this.outputs = window.dim(0) / op.groups();
    }

    /**
     * Emits the loops of a region with these operands and results.
     *
     * @param x the convolution's input, with its padding if {@link #needsPadding} says so
     * @param low what padding remains before it
     * @param weights [group, channel, place in the window, output channel], row-major
     */
    static void emit(
            TileBuilder b,
            Target target,
            Graph body,
            List<Source> in,
            Source x,
            List<Long> low,
            Source weights,
            List<Source> out) {
        if (out.getFirst().view().shape().elements() > 0) {
            new ConvolutionLoops(b, target, body, in, x, low, weights, out).emit();
        }
    }

    /** True if the input must lie in memory with its padding. */
    static boolean needsPadding(Op.Convolution op, Shape window) {
        boolean padded = Stream.concat(op.low().stream(), op.high().stream()).anyMatch(p -> p > 0);
        return padded && isAlong(op, window);
    }

    private static boolean isAlong(Op.Convolution op, Shape window) {
        return !isDepthwise(op, window) && window.dim(1) < window.dim(3);
    }

    private static boolean isDepthwise(Op.Convolution op, Shape window) {
        return window.dim(1) == 1 && op.groups() > 1;
    }

    private void emit() {
        long columns = Math.min(windows.outColumns(), blockElements());
        var window = node.input(1).type().shape();
        b.blocks(images, 1, (image, one) -> {
            if (isDepthwise(op, window)) {
                depthwise(image, columns);
                return;
            }
            for (long group = 0; group < op.groups(); group++) {
                if (isAlong(op, window)) {
                    along(image, group, columns);
                } else {
                    group(image, group, columns);
                }
            }
        });
    }

    private long blockElements() {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    private int block() {
        return Math.min(target.memory().partitions(), target.tensor().maxContractionRows());
    }

    private void group(Affine image, long group, long columns) {
        long tiles = Math.ceilDiv(channels, block());
        long rows = windows.rowsWithin(
                target.memory().sbufBytesPerPartition()
                        / 4
                        / tiles
                        / x.buffer().dtype().bytes(),
                columns);
        windows.stripes(rows, columns, stripe -> {
            b.at(node.location());
            var inputs = new ArrayList<TileRef>();
            for (long c = 0; c < channels; c += block()) {
                inputs.add(windows.load(
                        b, x, image, group * channels + c, (int) Math.min(block(), channels - c), 1, stripe, 0));
            }
            outputBlocks((o, width) -> {
                var steps = new ArrayList<Step>();
                for (int i = 0; i < inputs.size(); i++) {
                    var input = inputs.get(i);
                    long places = windows.places();
                    var tile = weights(group, (long) i * block(), input.partitions(), o, width);
                    for (long p = 0; p < places; p++) {
                        long place = p;
                        var weight = new TileRef(
                                tile, 0, input.partitions(), Affine.of(place * width), List.of(new Dim(1, width)));
                        steps.add(new Step(weight, part -> windows.at(input, stripe, part, place)));
                    }
                }
                products(image, group * outputs + o, width, stripe, steps);
            });
        });
    }

    /** A part of the contraction: what stays in the array, and what moves through it for a block of results. */
    private record Step(TileRef weight, Function<Windows.Block, TileRef> moving) {}

    /** Takes a block of output channels. */
    private interface OutputBlock {
        void emit(long first, int width);
    }

    private void outputBlocks(OutputBlock each) {
        int width = Math.min(target.memory().partitions(), target.tensor().maxStationaryFree());
        for (long o = 0; o < outputs; o += width) {
            b.at(node.location());
            each.emit(o, (int) Math.min(width, outputs - o));
        }
    }

    /** [channels, place, output channel] for a block of channels and of output channels. */
    private Tile weights(long group, long channel, int n, long o, int width) {
        long places = windows.places();
        var tile = b.sbuf(weights.buffer().dtype(), n, places * width);
        b.load(
                TileRef.of(tile),
                new BufferRef(
                        weights.buffer(),
                        weightsAt(group, channel, 0, o),
                        List.of(
                                new Dim(weights.stride(1), n),
                                new Dim(weights.stride(2), places),
                                new Dim(weights.stride(3), width))));
        return tile;
    }

    private Affine weightsAt(long group, long channel, long place, long o) {
        return Affine.of(weights.view().offset()
                + group * weights.stride(0)
                + channel * weights.stride(1)
                + place * weights.stride(2)
                + o * weights.stride(3));
    }

    /** Columns of the window on partitions. */
    private void along(Affine image, long group, long columns) {
        long pieces = channels * windows.rows() * Math.ceilDiv(windows.columns(), block());
        long rows = Math.clamp(
                target.memory().sbufBytesPerPartition()
                        / 4
                        / pieces
                        / x.buffer().dtype().bytes()
                        / windows.alongColumns(columns),
                1,
                windows.outRows());
        windows.stripes(rows, columns, stripe -> {
            b.at(node.location());
            var inputs = new ArrayList<TileRef>();
            pieces((channel, row, column, n) ->
                    inputs.add(loadAlong(image, group * channels + channel, row, column, n, stripe)));
            outputBlocks((o, width) -> {
                var steps = new ArrayList<Step>();
                pieces((channel, row, column, n) -> {
                    var input = inputs.get(steps.size());
                    var tile = TileRef.of(b.sbuf(weights.buffer().dtype(), n, width));
                    b.load(
                            tile,
                            new BufferRef(
                                    weights.buffer(),
                                    weightsAt(group, channel, row * windows.columns() + column, o),
                                    List.of(new Dim(weights.stride(2), n), new Dim(weights.stride(3), width))));
                    steps.add(new Step(tile, part -> windows.alongAt(input, stripe, part)));
                });
                products(image, group * outputs + o, width, stripe, steps);
            });
        });
    }

    /** Windows that begin far from each other are loaded with results on partitions, in runs of columns, and turned. */
    private TileRef loadAlong(Affine image, long channel, long row, long column, int n, Windows.Stripe stripe) {
        var dtype = x.buffer().dtype();
        int most = Transposition.block(target);
        if (!windows.areFarApart() || windows.columnDilation() != 1 || n > most || !Transposition.supports(dtype)) {
            return windows.loadAlong(b, x, image, channel, row, column, n, stripe);
        }
        var out = stripe.out();
        var tile = b.sbuf(dtype, n, out.elements());
        for (long r = 0; r < out.rows(); r++) {
            for (long c = 0; c < out.columns(); c += most) {
                int results = (int) Math.min(most, out.columns() - c);
                var runs = TileRef.of(b.sbuf(dtype, results, n));
                b.load(runs, windows.runs(x, image, channel, out.row() + r, row, out.column() + c, results, column, n));
                var turned = TileRef.of(b.psum(Transposition.dtypeInPsum(target, dtype, false), n, results));
                b.transpose(turned, runs, false);
                b.copy(TileRef.of(tile, n, Affine.of(r * out.columns() + c), results), turned);
            }
        }
        return TileRef.of(tile);
    }

    /** Takes the columns from {@code column} on, n of them, of a row of the window of a channel. */
    private interface Piece {
        void emit(long channel, long row, long column, int n);
    }

    private void pieces(Piece each) {
        for (long channel = 0; channel < channels; channel++) {
            for (long row = 0; row < windows.rows(); row++) {
                for (long column = 0; column < windows.columns(); column += block()) {
                    each.emit(channel, row, column, (int) Math.min(block(), windows.columns() - column));
                }
            }
        }
    }

    private void products(Affine image, long first, int width, Windows.Stripe stripe, List<Step> steps) {
        stripe.blocks(blockElements(), part -> {
            b.at(node.location());
            var sum = TileRef.of(b.psum(DType.F32, width, part.elements()));
            for (int i = 0; i < steps.size(); i++) {
                b.matMul(sum, steps.get(i).weight, steps.get(i).moving.apply(part), Affine.of(i));
            }
            epilogue(image, first, 1, width, part, sum);
        });
    }

    /** The output channels c m + j of the input channels c, for each j below m. */
    private void depthwise(Affine image, long columns) {
        long rows = windows.rowsWithin(
                target.memory().sbufBytesPerPartition() / 4 / x.buffer().dtype().bytes(), columns);
        int block = target.memory().partitions();
        windows.stripes(rows, columns, stripe -> {
            for (long c = 0; c < op.groups(); c += block) {
                b.at(node.location());
                int n = (int) Math.min(block, op.groups() - c);
                var input = windows.load(b, x, image, c, n, 1, stripe, 0);
                for (long j = 0; j < outputs; j++) {
                    b.at(node.location());
                    var weight = b.sbuf(DType.F32, n, windows.places());
                    b.load(
                            TileRef.of(weight),
                            new BufferRef(
                                    weights.buffer(),
                                    weightsAt(c, 0, 0, j),
                                    List.of(
                                            new Dim(weights.stride(0), n),
                                            new Dim(weights.stride(2), windows.places()))));
                    long first = c * outputs + j;
                    stripe.blocks(blockElements(), part -> {
                        b.at(node.location());
                        var sum = TileRef.of(b.sbuf(DType.F32, n, part.elements()));
                        multiply(sum, input, stripe, part, weight, 0);
                        for (long place = 1; place < windows.places(); place++) {
                            var next = TileRef.of(b.sbuf(DType.F32, n, part.elements()));
                            var product = DepthwiseBands.product(b, target, n, part.elements());
                            multiply(product, input, stripe, part, weight, place);
                            b.binary(next, BinaryOp.ADD, sum, product);
                            sum = next;
                        }
                        epilogue(image, first, outputs, n, part, sum);
                    });
                }
            }
        });
    }

    private void multiply(
            TileRef product, TileRef input, Windows.Stripe stripe, Windows.Block part, Tile weight, long place) {
        var column = new TileRef(weight, 0, input.partitions(), Affine.of(place), List.of(new Dim(0, part.elements())));
        b.binary(product, BinaryOp.MUL, windows.at(input, stripe, part, place), column);
    }

    /** What follows on the sums of the output channels first, first + step, ... in one block, and their stores. */
    private void epilogue(Affine image, long first, long step, int width, Windows.Block part, TileRef sum) {
        var e = new Expression(b, width, List.of(new Dim(1, part.elements())));
        e.define(node.output(), rounded(sum, node.type().dtype().carrier()));
        for (var next : body.nodes()) {
            if (next == node) {
                continue;
            }
            for (var v : next.inputs()) {
                if (!e.isDefined(v)) {
                    e.define(v, operand(sources.get(v), image, first, step, width, part));
                }
            }
            e.evaluate(next, false);
        }
        for (var o : body.outputs()) {
            var from = e.stored(o.value(), false);
            if (from.tile().psum()) {
                var copy = TileRef.of(b.sbuf(o.value().type().dtype().carrier(), width, part.elements()));
                b.copy(copy, from);
                from = copy;
            }
            b.store(ref(sources.get(o.value()), image, first, step, width, part), from);
        }
    }

    private TileRef rounded(TileRef sum, DType dtype) {
        if (dtype == DType.F32) {
            return sum;
        }
        var to = TileRef.of(b.sbuf(dtype, sum.partitions(), sum.free()));
        b.copy(to, sum);
        return to;
    }

    private static BufferRef ref(Source s, Affine image, long first, long step, int width, Windows.Block part) {
        var origin = image.times(s.stride(0))
                .plus(s.view().offset() + first * s.stride(1) + part.row() * s.stride(2) + part.column() * s.stride(3));
        return new BufferRef(
                s.buffer(),
                origin,
                List.of(
                        new Dim(step * s.stride(1), width),
                        new Dim(s.stride(2), part.rows()),
                        new Dim(s.stride(3), part.columns())));
    }

    private TileRef operand(Source s, Affine image, long first, long step, int width, Windows.Block part) {
        var whole = ref(s, image, first, step, width, part);
        boolean column = s.stride(2) == 0 && s.stride(3) == 0;
        var tile = TileRef.of(b.sbuf(s.buffer().dtype(), width, column ? 1 : part.elements()));
        b.load(
                tile,
                column ? new BufferRef(s.buffer(), whole.offset(), whole.dims().subList(0, 1)) : whole);
        return tile;
    }
}
