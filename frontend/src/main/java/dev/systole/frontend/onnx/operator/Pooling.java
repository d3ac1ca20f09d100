package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Reductions of windows, or of all spatial dimensions. */
final class Pooling {
    private static final long MOST_UNROLLED = 2048;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "MaxPool", Pooling::max,
            "AveragePool", Pooling::average,
            "LpPool", n -> List.of(norm(n, n.input(0), Windows.ofPooling(n).reduction(ReduceOp.SUM))),
            "GlobalMaxPool", n -> List.of(n.add(new Op.Reduce(ReduceOp.MAX, spatial(n)), n.input(0))),
            "GlobalAveragePool", Pooling::globalAverage,
            "GlobalLpPool", n -> List.of(norm(n, n.input(0), new Op.Reduce(ReduceOp.SUM, spatial(n)))),
            "MaxUnpool", Pooling::unpool);

    private Pooling() {}

    private static List<Integer> spatial(OnnxNode n) {
        int rank = n.input(0).type().shape().rank();
        if (rank < 2) {
            throw n.fault("takes [N, C, spatial...], not " + n.input(0).type());
        }
        return IntStream.range(2, rank).boxed().toList();
    }

    /** The mean of the elements of each window that lie in the input, or in the padding that the node asks for. */
    private static List<Value> average(OnnxNode n) {
        var x = n.input(0);
        var windows = Windows.ofPooling(n);
        boolean padding = n.attributes().integer("count_include_pad", 0) != 0;
        var type = Convolutions.wide(x.type().dtype());
        var sum = n.add(windows.reduction(ReduceOp.SUM), n.cast(x, type));
        Value count = n.scalar(DType.F32, 1);
        for (int i = 0; i < windows.rank(); i++) {
            long low = padding ? windows.low().get(i) : 0;
            long high = padding ? windows.high().get(i) : 0;
            var along = windows.population(n, i, -low, windows.extents().get(i) + high);
            count = n.binary(BinaryOp.MUL, count, along);
        }
        var mean = n.binary(BinaryOp.DIV, sum, n.cast(count, type));
        return List.of(n.cast(mean, x.type().dtype()));
    }

    private static List<Value> globalAverage(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        var axes = spatial(n);
        var type = Convolutions.wide(x.type().dtype());
        var sum = n.add(new Op.Reduce(ReduceOp.SUM, axes), n.cast(x, type));
        long count = axes.stream().mapToLong(shape::dim).reduce(1, Math::multiplyExact);
        return List.of(n.cast(n.binary(BinaryOp.DIV, sum, count), x.type().dtype()));
    }

    /** (Σ |x|ᵖ)^(1/p); p was no integer in the first version. */
    private static Value norm(OnnxNode n, Value x, Op sum) {
        double p = n.since() < 2 ? n.attributes().real("p") : n.attributes().integer("p");
        if (!(p > 0)) {
            throw n.fault("has a norm of order " + p + "; it is positive");
        }
        var type = Convolutions.wide(x.type().dtype());
        var wide = n.cast(x, type);
        Value y;
        if (p == 2) {
            y = n.unary(UnaryOp.SQRT, n.add(sum, n.unary(UnaryOp.SQUARE, wide)));
        } else {
            var magnitude = n.unary(UnaryOp.ABS, wide);
            y = p == 1
                    ? n.add(sum, magnitude)
                    : n.binary(BinaryOp.POW, n.add(sum, n.binary(BinaryOp.POW, magnitude, p)), 1 / p);
        }
        return n.cast(y, x.type().dtype());
    }

    private static List<Value> max(OnnxNode n) {
        var windows = Windows.ofPooling(n);
        var y = n.add(windows.reduction(ReduceOp.MAX), n.input(0));
        return n.wants(1) ? List.of(y, places(n, windows)) : List.of(y);
    }

    /** Where the first largest element of each window is in the flattened input. */
    private static Value places(OnnxNode n, Windows windows) {
        var x = n.input(0);
        var shape = x.type().shape();
        if (windows.sizes().stream().anyMatch(s -> s > MOST_UNROLLED)) {
            throw n.fault(
                    "gives indices for windows " + windows.sizes() + "; up to " + MOST_UNROLLED + " are supported");
        }
        var best = new Best(x, inPlane(n, shape));
        for (int i = windows.rank() - 1; i >= 0; i--) {
            best = along(n, best, windows, i);
        }
        long plane = windows.extents().stream().reduce(1L, Math::multiplyExact);
        var planes = new ArrayList<>(Collections.nCopies(shape.rank(), 1L));
        planes.set(0, shape.dim(0));
        planes.set(1, shape.dim(1));
        var first = n.reshape(n.iota(shape.dim(0) * shape.dim(1)), Shape.of(planes));
        return n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, first, plane), best.place);
    }

    /** The largest elements and where they are in their plane; before an element of the padding is -1. */
    private record Best(Value value, Value place) {}

    /** Indices of the elements of a plane, in row-major order or, with storage order 1, in column-major order: [1, 1, spatial...]. */
    private static Value inPlane(OnnxNode n, Shape x) {
        var spatial = new ArrayList<>(x.dims().asList().subList(2, x.rank()));
        boolean columns = n.attributes().integer("storage_order", 0) != 0;
        long plane = spatial.stream().reduce(1L, Math::multiplyExact);
        var shape = Shape.of(columns ? spatial.reversed() : spatial);
        var indices = n.reshape(n.iota(plane), shape);
        if (columns) {
            indices = n.transpose(
                    indices,
                    IntStream.range(0, spatial.size())
                            .map(i -> spatial.size() - 1 - i)
                            .boxed()
                            .toList());
        }
        spatial.addAll(0, List.of(1L, 1L));
        return n.reshape(indices, Shape.of(spatial));
    }

    /** The first largest of the elements that a window covers along one dimension. */
    private static Best along(OnnxNode n, Best from, Windows windows, int i) {
        boolean padded = windows.low().get(i) + windows.reach(i) > 0;
        var type = from.value.type().dtype();
        double lowest =
                type.isFloat() ? Double.NEGATIVE_INFINITY : type.isSigned() ? -Math.scalb(1.0, type.bits() - 1) : 0;
        var values = padded(n, from.value, windows, i, n.scalar(type, lowest));
        var places = padded(n, from.place, windows, i, n.scalar(DType.I64, -1));
        var best = part(n, values, places, windows, i, 0);
        for (long k = 1; k < windows.sizes().get(i); k++) {
            var next = part(n, values, places, windows, i, k);
            var better = n.binary(BinaryOp.GT, next.value, best.value);
            if (padded) {
                better = n.binary(BinaryOp.OR, better, n.binary(BinaryOp.LT, best.place, 0));
            }
            best = new Best(n.select(better, next.value, best.value), n.select(better, next.place, best.place));
        }
        return best;
    }

    private static Value padded(OnnxNode n, Value x, Windows windows, int i, Value with) {
        var low = new ArrayList<>(Collections.nCopies(windows.rank() + 2, 0L));
        var high = new ArrayList<>(low);
        low.set(i + 2, windows.low().get(i));
        high.set(i + 2, windows.reach(i));
        return low.equals(high) && low.get(i + 2) == 0 ? x : n.add(new Op.Pad(low, high), x, with);
    }

    private static Best part(OnnxNode n, Value values, Value places, Windows windows, int i, long k) {
        long start = k * windows.dilations().get(i);
        long count = windows.counts().get(i);
        long stride = windows.strides().get(i);
        return new Best(n.slice(values, i + 2, start, count, stride), n.slice(places, i + 2, start, count, stride));
    }

    /**
     * Zeros with the elements of x at their indices. The indices count in the shape that pooling with these windows would take; a larger
     * output shape adds zeros behind it, a smaller one is that shape, because it stands for more padding.
     */
    private static List<Value> unpool(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        int rank = shape.rank() - 2;
        if (rank < 1 || !n.input(1).type().shape().equals(shape)) {
            throw n.fault("takes [N, C, spatial...] and indices of that shape, not " + x.type() + " and "
                    + n.input(1).type());
        }
        var sizes = Windows.sizes(n, rank);
        var strides = Windows.positive(n, "strides", rank);
        var pads = Windows.pads(n, rank);
        var dims = new ArrayList<>(List.of(shape.dim(0), shape.dim(1)));
        for (int i = 0; i < rank; i++) {
            long pooled = Math.multiplyExact(shape.dim(i + 2) - 1, strides.get(i));
            dims.add(Math.addExact(pooled, sizes.get(i)) - pads.get(i) - pads.get(rank + i));
        }
        var wanted = n.has(2) ? n.longs(2) : dims;
        if (wanted.size() != rank + 2 || !wanted.subList(0, 2).equals(dims.subList(0, 2))) {
            throw n.fault("unpools " + x.type() + " to " + wanted);
        }
        var padding = new ArrayList<Long>();
        for (int i = 0; i < rank + 2; i++) {
            dims.set(i, Math.min(dims.get(i), wanted.get(i)));
            padding.add(wanted.get(i) - dims.get(i));
        }
        var result = Shape.of(dims);
        var zero = n.scalar(x.type().dtype(), 0);
        var zeros = n.broadcast(zero, Shape.of(result.elements()));
        var indices = n.reshape(n.input(1), Shape.of(shape.elements()));
        var updates = n.reshape(x, Shape.of(shape.elements()));
        var y = n.reshape(n.add(new Op.Scatter(Op.ScatterMode.REPLACE), zeros, indices, updates), result);
        return List.of(
                wanted.equals(dims) ? y : n.add(new Op.Pad(Collections.nCopies(rank + 2, 0L), padding), y, zero));
    }
}
