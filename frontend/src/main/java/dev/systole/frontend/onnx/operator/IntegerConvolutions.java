package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Convolutions of 8-bit integers, computed exactly: less their zero points they are whole bf16 numbers; sums of up to 256 of their
 * products are whole fp32 numbers; those are added as 32-bit integers.
 */
final class IntegerConvolutions {
    private static final long EXACT_TERMS = 256;
    private static final int MOST_PARTS = 4096;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "ConvInteger", IntegerConvolutions::convolution,
            "QLinearConv", IntegerConvolutions::quantised);

    private IntegerConvolutions() {}

    private static List<Value> convolution(OnnxNode n) {
        return List.of(sum(n, n.input(0), n.input(1), n.optional(2), n.optional(3)));
    }

    /** Scales the sums, which have the scales of both operands, to that of the result. */
    private static List<Value> quantised(OnnxNode n) {
        var sum = sum(n, n.input(0), n.input(3), n.optional(2), n.optional(5));
        if (n.has(8)) {
            sum = n.binary(BinaryOp.ADD, sum, Convolutions.perChannel(n, n.input(8), sum));
        }
        var weightScale = n.input(4).type().shape().elements() == 1
                ? scalar(n, n.input(4))
                : Convolutions.perChannel(n, n.input(4), sum);
        var scale = n.binary(BinaryOp.MUL, scalar(n, n.input(1)), weightScale);
        scale = n.binary(BinaryOp.DIV, scale, scalar(n, n.input(6)));
        var zeroPoint = scalar(n, n.input(7));
        var to = zeroPoint.type().dtype();
        var steps = Quantisation.steps(n, n.binary(BinaryOp.MUL, n.cast(sum, DType.F32), scale), to);
        steps = n.binary(BinaryOp.ADD, steps, n.cast(zeroPoint, DType.F32));
        double lowest = to.isSigned() ? -128 : 0;
        steps = n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, steps, lowest), lowest + 255);
        return List.of(n.cast(steps, to));
    }

    private static Value scalar(OnnxNode n, Value x) {
        if (x.type().shape().elements() != 1) {
            throw n.fault("takes one scale and zero point for all of a tensor, not " + x.type());
        }
        return n.reshape(x, Shape.SCALAR);
    }

    /** The convolution of the operands less their zero points, as i32. */
    private static Value sum(
            OnnxNode n, Value x, Value weights, Optional<Value> zeroPoint, Optional<Value> weightZero) {
        var windows = Windows.ofConvolution(n, x, weights);
        long groups = Convolutions.groups(n, x.type().shape().dim(1));
        var padded = padded(n, centred(n, x, zeroPoint.map(z -> scalar(n, z))), windows);
        var centred = centred(n, weights, weightZero.map(z -> perOutput(n, z, weights)));
        long perGroup = weights.type().shape().dim(1);
        if (Math.multiplyExact(perGroup, groups) != x.type().shape().dim(1)) {
            throw n.fault("has weights " + weights.type() + " for " + x.type() + " in " + groups + " groups");
        }
        var parts = new ArrayList<Value>();
        for (var block : blocks(windows.sizes())) {
            long volume = block.sizes.stream().reduce(1L, Math::multiplyExact);
            long channels = Math.max(1, EXACT_TERMS / volume);
            for (long c = 0; c < perGroup; c += channels) {
                if (parts.size() == MOST_PARTS) {
                    throw n.fault("adds " + weights.type().shape().elements() + " products, which is too many");
                }
                parts.add(part(n, padded, centred, windows, block, groups, c, Math.min(channels, perGroup - c)));
            }
        }
        return parts.stream()
                .reduce((a, b) -> n.binary(BinaryOp.ADD, a, b))
                .orElseGet(() -> n.splat(DType.I32, result(x, weights, windows), 0));
    }

    private static Shape result(Value x, Value weights, Windows windows) {
        var dims = new ArrayList<>(
                List.of(x.type().shape().dim(0), weights.type().shape().dim(0)));
        dims.addAll(windows.counts());
        return Shape.of(dims);
    }

    private static Value centred(OnnxNode n, Value x, Optional<Value> zeroPoint) {
        var wide = n.cast(x, DType.F32);
        wide = zeroPoint.isPresent() ? n.binary(BinaryOp.SUB, wide, n.cast(zeroPoint.get(), DType.F32)) : wide;
        return n.cast(wide, DType.BF16);
    }

    /** One zero point for all weights, or one for each output channel. */
    private static Value perOutput(OnnxNode n, Value zeroPoint, Value weights) {
        var shape = weights.type().shape();
        if (zeroPoint.type().shape().elements() == 1) {
            return scalar(n, zeroPoint);
        }
        if (!zeroPoint.type().shape().equals(Shape.of(shape.dim(0)))) {
            throw n.fault("has zero points " + zeroPoint.type() + " for weights " + weights.type());
        }
        var dims = new ArrayList<>(Collections.nCopies(shape.rank(), 1L));
        dims.set(0, shape.dim(0));
        return n.reshape(zeroPoint, Shape.of(dims));
    }

    private static Value padded(OnnxNode n, Value x, Windows windows) {
        var low = new ArrayList<>(List.of(0L, 0L));
        var high = new ArrayList<>(List.of(0L, 0L));
        for (int i = 0; i < windows.rank(); i++) {
            low.add(windows.low().get(i));
            high.add(windows.reach(i));
        }
        boolean none = low.stream().allMatch(p -> p == 0) && high.stream().allMatch(p -> p == 0);
        return none ? x : n.add(new Op.Pad(low, high), x, n.scalar(DType.BF16, 0));
    }

    /** A block of a window. */
    private record Block(List<Long> starts, List<Long> sizes) {}

    /** Blocks of at most {@link #EXACT_TERMS} elements that together are the window: whole along the last dimensions. */
    private static List<Block> blocks(List<Long> window) {
        var blocks = List.of(new Block(List.of(), List.of()));
        long room = EXACT_TERMS;
        for (int i = window.size() - 1; i >= 0; i--) {
            long size = Math.min(room, window.get(i));
            var longer = new ArrayList<Block>();
            for (long start = 0; start < window.get(i) && longer.size() <= MOST_PARTS; start += size) {
                for (var b : blocks) {
                    longer.add(new Block(
                            prepended(start, b.starts), prepended(Math.min(size, window.get(i) - start), b.sizes)));
                }
            }
            blocks = longer;
            room = Math.max(1, room / size);
        }
        return blocks;
    }

    private static List<Long> prepended(long first, List<Long> rest) {
        var list = new ArrayList<>(List.of(first));
        list.addAll(rest);
        return list;
    }

    /** The sum over a block of each window and some channels of each group. */
    private static Value part(
            OnnxNode n,
            Value x,
            Value weights,
            Windows windows,
            Block block,
            long groups,
            long channel,
            long channels) {
        x = channels(n, x, groups, channel, channels);
        weights = n.slice(weights, 1, channel, channels);
        for (int i = 0; i < windows.rank(); i++) {
            long dilation = windows.dilations().get(i);
            long reach = (windows.counts().get(i) - 1) * windows.strides().get(i)
                    + Windows.span(block.sizes.get(i), dilation);
            x = n.slice(x, i + 2, block.starts.get(i) * dilation, reach);
            weights = n.slice(weights, i + 2, block.starts.get(i), block.sizes.get(i));
        }
        var none = Collections.nCopies(windows.rank(), 0L);
        var convolution = new Op.Convolution(DType.F32, windows.strides(), none, none, windows.dilations(), groups);
        return n.cast(n.add(convolution, x, weights), DType.I32);
    }

    /** Some channels of each group of x [N, groups * C, ...]. */
    private static Value channels(OnnxNode n, Value x, long groups, long first, long count) {
        var shape = x.type().shape();
        var split = new ArrayList<>(List.of(shape.dim(0), groups, shape.dim(1) / groups));
        split.addAll(shape.dims().asList().subList(2, shape.rank()));
        var part = n.slice(n.reshape(x, Shape.of(split)), 2, first, count);
        return n.reshape(part, shape.with(1, groups * count));
    }
}
