package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Derivatives of what moves a window over the dimensions behind the first two. */
final class WindowDerivatives {
    private static final long MOST_OFFSETS = 256;

    private WindowDerivatives() {}

    /** How a window moves along one dimension. */
    private record Motion(int axis, long extent, long window, long stride, long low, long dilation) {
        long span() {
            return (window - 1) * dilation + 1;
        }
    }

    private static List<Motion> motions(
            Shape x, List<Long> window, List<Long> strides, List<Long> low, List<Long> dilations) {
        return IntStream.range(0, window.size())
                .mapToObj(d ->
                        new Motion(d + 2, x.dim(d + 2), window.get(d), strides.get(d), low.get(d), dilations.get(d)))
                .toList();
    }

    static Value convolution(OnnxNode n, Op.Convolution c, Node node, int i, Value g) {
        var x = node.input(0);
        var w = node.input(1);
        var window =
                w.type().shape().dims().asList().subList(2, w.type().shape().rank());
        var motions = motions(x.type().shape(), window, c.strides(), c.low(), c.dilations());
        return i == 0
                ? ofData(n, w, c.groups(), motions, g)
                : ofWeights(n, c, x, w.type().shape(), g);
    }

    /**
     * The correlation of the gradient, its elements a stride apart, with the weights turned around.
     *
     * @param w [outputs, channels of a group, window...]
     */
    private static Value ofData(OnnxNode n, Value w, long groups, List<Motion> motions, Value g) {
        var turned = exchanged(n, w, groups);
        for (var m : motions) {
            g = Derivatives.spread(n, g, m.axis, m.stride);
            long low = m.span() - 1 - m.low;
            long high = m.extent + m.span() - 1 - g.type().shape().dim(m.axis) - low;
            g = Derivatives.margins(n, g, m.axis, low, high);
            turned = n.slice(turned, m.axis, m.window - 1, m.window, -1);
        }
        var ones = Collections.nCopies(motions.size(), 1L);
        var none = Collections.nCopies(motions.size(), 0L);
        var dilations = motions.stream().map(Motion::dilation).toList();
        return n.add(new Op.Convolution(g.type().dtype(), ones, none, none, dilations, groups), g, turned);
    }

    /** [groups * a, b, ...] as [groups * b, a, ...]. */
    private static Value exchanged(OnnxNode n, Value w, long groups) {
        var shape = w.type().shape();
        var dims = new ArrayList<>(shape.dims().asList());
        dims.set(0, shape.dim(0) / groups);
        dims.add(0, groups);
        var order = new ArrayList<>(IntStream.range(0, dims.size()).boxed().toList());
        Collections.swap(order, 1, 2);
        var swapped = n.transpose(n.reshape(w, Shape.of(dims)), order);
        return n.reshape(swapped, shape.with(0, groups * shape.dim(1)).with(1, shape.dim(0) / groups));
    }

    /** The correlation of the data with the gradient, summed over the batch: strides and dilations change places. */
    private static Value ofWeights(OnnxNode n, Op.Convolution c, Value x, Shape w, Value g) {
        var shape = x.type().shape();
        long channels = shape.dim(1) / c.groups();
        var dims = new ArrayList<>(shape.dims().asList());
        dims.set(1, channels);
        dims.add(1, c.groups());
        var order = new ArrayList<>(IntStream.range(0, dims.size()).boxed().toList());
        order.set(0, 2);
        order.set(2, 0);
        var turned = n.transpose(n.reshape(x, Shape.of(dims)), order);
        var data = n.reshape(turned, shape.with(0, channels).with(1, c.groups() * shape.dim(0)));
        var correlation =
                new Op.Convolution(g.type().dtype(), c.dilations(), c.low(), c.high(), c.strides(), c.groups());
        var result = swapFirst(n, n.add(correlation, data, swapFirst(n, g)));
        for (int d = 2; d < w.rank(); d++) {
            result = n.slice(result, d, 0, w.dim(d));
        }
        return result;
    }

    private static Value swapFirst(OnnxNode n, Value x) {
        var order = new ArrayList<>(
                IntStream.range(0, x.type().shape().rank()).boxed().toList());
        Collections.swap(order, 0, 1);
        return n.transpose(x, order);
    }

    static Value reduced(OnnxNode n, Op.WindowReduce w, Value x, Value y, Value g) {
        var motions = motions(x.type().shape(), w.window(), w.strides(), w.low(), w.dilations());
        if (w.function() == ReduceOp.SUM) {
            long channels = x.type().shape().dim(1);
            var dims = new ArrayList<>(List.of(channels, 1L));
            dims.addAll(w.window());
            return ofData(n, n.splat(g.type().dtype(), Shape.of(dims), 1), channels, motions, g);
        }
        if (w.function() == ReduceOp.PROD || Shape.of(w.window()).elements() > MOST_OFFSETS) {
            throw n.fault(
                    "the derivative of windows of " + w.window() + " elements (" + w.mnemonic() + ") is not supported");
        }
        return ofExtreme(n, w, motions, x, y, g);
    }

    /** The gradient goes to the first element of the window that is the extreme one. */
    private static Value ofExtreme(OnnxNode n, Op.WindowReduce w, List<Motion> motions, Value x, Value y, Value g) {
        var free = n.splat(DType.BOOL, g.type().shape(), 1);
        var sum = Optional.<Value>empty();
        for (long offset = 0; offset < Shape.of(w.window()).elements(); offset++) {
            var at = offsets(offset, motions);
            var same = n.binary(
                    BinaryOp.AND,
                    free,
                    n.binary(BinaryOp.EQ, seen(n, x, motions, at, y.type().shape()), y));
            var inside = n.binary(
                    BinaryOp.AND, same, covered(n, motions, at, y.type().shape()));
            free = n.binary(BinaryOp.AND, free, n.unary(UnaryOp.NOT, inside));
            var share = n.select(inside, g, n.scalar(g.type().dtype(), 0));
            for (int d = 0; d < motions.size(); d++) {
                var m = motions.get(d);
                share = Derivatives.spread(n, share, m.axis, m.stride);
                long low = at.get(d) - m.low;
                share = Derivatives.margins(
                        n,
                        share,
                        m.axis,
                        low,
                        m.extent - low - share.type().shape().dim(m.axis));
            }
            var placed = share;
            sum = Optional.of(sum.map(s -> n.binary(BinaryOp.ADD, s, placed)).orElse(placed));
        }
        return sum.orElseThrow();
    }

    /** The place in a window by its row-major number, in elements of the data. */
    private static List<Long> offsets(long number, List<Motion> motions) {
        var offsets = new ArrayList<Long>();
        for (var m : motions.reversed()) {
            offsets.addFirst(number % m.window * m.dilation);
            number /= m.window;
        }
        return offsets;
    }

    /** What all windows have at a place; anything beyond the data. */
    private static Value seen(OnnxNode n, Value x, List<Motion> motions, List<Long> at, Shape y) {
        for (int d = 0; d < motions.size(); d++) {
            var m = motions.get(d);
            long count = y.dim(m.axis);
            long low = m.low - at.get(d);
            x = Derivatives.margins(n, x, m.axis, low, (count - 1) * m.stride + 1 - low - m.extent);
            x = n.slice(x, m.axis, 0, count, m.stride);
        }
        return x;
    }

    /** Whether the windows' element at a place is one of the data. */
    private static Value covered(OnnxNode n, List<Motion> motions, List<Long> at, Shape y) {
        var all = n.splat(DType.BOOL, y, 1);
        for (int d = 0; d < motions.size(); d++) {
            var m = motions.get(d);
            var dims = new ArrayList<>(Collections.nCopies(y.rank(), 1L));
            dims.set(m.axis, y.dim(m.axis));
            var position =
                    n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, n.iota(y.dim(m.axis)), m.stride), at.get(d) - m.low);
            var inside = n.binary(
                    BinaryOp.AND, n.binary(BinaryOp.GE, position, 0), n.binary(BinaryOp.LT, position, m.extent));
            all = n.binary(BinaryOp.AND, all, n.reshape(inside, Shape.of(dims)));
        }
        return all;
    }
}
