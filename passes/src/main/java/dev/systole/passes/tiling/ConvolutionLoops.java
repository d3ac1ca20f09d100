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
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A convolution over planes and its epilogue. Channels lie on partitions; a stripe of padded input rows is loaded once, and every place of
 * the window is an access pattern into it that moves through TensorE, all places and channels adding up in PSUM. The weights of an output
 * channel block are stationary.
 *
 * <p>With one input channel a group, TensorE would use one of its rows: VectorE multiplies and adds instead, channels on partitions.
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
            TileBuilder b, Target target, Graph body, List<Source> in, Source weights, List<Source> out) {
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
        this.x = sources.get(node.input(0));
        this.weights = weights;
        var window = node.input(1).type().shape();
        var result = node.type().shape();
        this.windows = Windows.of(
                x.view().shape(),
                result,
                List.of(window.dim(2), window.dim(3)),
                op.strides(),
                op.low(),
                op.dilations());
        this.images = result.dim(0);
        this.channels = window.dim(1);
        this.outputs = window.dim(0) / op.groups();
    }

    /**
     * Emits the loops of a region with these operands and results.
     *
     * @param weights [group, channel, place in the window, output channel], row-major
     */
    static void emit(TileBuilder b, Target target, Graph body, List<Source> in, Source weights, List<Source> out) {
        if (out.getFirst().view().shape().elements() > 0) {
            new ConvolutionLoops(b, target, body, in, weights, out).emit();
        }
    }

    private void emit() {
        long columns = Math.min(windows.outColumns(), blockElements());
        b.blocks(images, 1, (image, one) -> {
            if (channels == 1) {
                depthwise(image, columns);
            } else {
                for (long group = 0; group < op.groups(); group++) {
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
            int width = Math.min(target.memory().partitions(), target.tensor().maxStationaryFree());
            for (long o = 0; o < outputs; o += width) {
                products(image, group, o, (int) Math.min(width, outputs - o), stripe, inputs);
            }
        });
    }

    private void products(Affine image, long group, long o, int width, Windows.Stripe stripe, List<TileRef> inputs) {
        b.at(node.location());
        var stationary = new ArrayList<TileRef>();
        long places = windows.places();
        for (int i = 0; i < inputs.size(); i++) {
            int n = inputs.get(i).partitions();
            var tile = TileRef.of(b.sbuf(weights.buffer().dtype(), n, places * width));
            long first = (group * channels + (long) i * block()) * places * outputs + o;
            b.load(
                    tile,
                    new BufferRef(
                            weights.buffer(),
                            Affine.of(weights.view().offset() + first),
                            List.of(new Dim(places * outputs, n), new Dim(outputs, places), new Dim(1, width))));
            stationary.add(tile);
        }
        stripe.blocks(blockElements(), part -> {
            b.at(node.location());
            var sum = TileRef.of(b.psum(DType.F32, width, part.elements()));
            long step = 0;
            for (int i = 0; i < inputs.size(); i++) {
                for (long place = 0; place < places; place++) {
                    var weight = new TileRef(
                            stationary.get(i).tile(),
                            0,
                            inputs.get(i).partitions(),
                            Affine.of(place * width),
                            List.of(new Dim(1, width)));
                    b.matMul(sum, weight, windows.at(inputs.get(i), stripe, part, place), Affine.of(step++));
                }
            }
            epilogue(image, group * outputs + o, 1, width, part, sum);
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
                                    Affine.of(weights.view().offset() + c * windows.places() * outputs + j),
                                    List.of(
                                            new Dim(windows.places() * outputs, n),
                                            new Dim(outputs, windows.places()))));
                    long first = c * outputs + j;
                    stripe.blocks(2 * blockElements(), part -> {
                        b.at(node.location());
                        var sum = scaled(input, stripe, part, weight, 0);
                        for (long place = 1; place < windows.places(); place++) {
                            var next = TileRef.of(b.sbuf(DType.F32, n, part.elements()));
                            b.binary(next, BinaryOp.ADD, sum, scaled(input, stripe, part, weight, place));
                            sum = next;
                        }
                        epilogue(image, first, outputs, n, part, sum);
                    });
                }
            }
        });
    }

    private TileRef scaled(
            TileRef input, Windows.Stripe stripe, Windows.Block part, dev.systole.ir.tile.Tile weight, long place) {
        var product = TileRef.of(b.sbuf(DType.F32, input.partitions(), part.elements()));
        var column = new TileRef(weight, 0, input.partitions(), Affine.of(place), List.of(new Dim(0, part.elements())));
        b.binary(product, BinaryOp.MUL, windows.at(input, stripe, part, place), column);
        return product;
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
