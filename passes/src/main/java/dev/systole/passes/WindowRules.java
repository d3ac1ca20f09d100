package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Windows of one dimension have a second one of extent 1; those of more slide over the last two first. */
final class WindowRules {
    static final List<Rewriting.Rule> ALL =
            List.of(WindowRules::band, WindowRules::reduction, WindowRules::convolution);

    /** Planes that lie on too few partitions for VectorE. */
    private static final long FEW_PLANES = 32;

    private static final long LONGEST_BAND = 1024;

    private WindowRules() {}

    /** Sums over rows of a few large planes, as of neighbouring channels, are products with a band matrix of ones. */
    private static Optional<Value> band(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.WindowReduce w)
                || w.function() != ReduceOp.SUM
                || w.window().size() != 2
                || w.window().get(1) != 1
                || in.getFirst().type().dtype() != DType.F32) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        boolean wholeColumns =
                w.strides().get(1) == 1 && w.low().get(1) == 0 && w.high().get(1) == 0;
        long planes = shape.dim(0) * shape.dim(1);
        if (!wholeColumns || planes > FEW_PLANES || shape.dim(2) > LONGEST_BAND || shape.elements() == 0) {
            return Optional.empty();
        }
        long rows = shapeOf(w, x, 0, 1).dim(2);
        var band = Tensor.allocate(TensorType.of(DType.F32, 1, rows, shape.dim(2)));
        for (long i = 0; i < rows; i++) {
            for (long k = 0; k < w.window().getFirst(); k++) {
                long at = i * w.strides().getFirst()
                        - w.low().getFirst()
                        + k * w.dilations().getFirst();
                if (at >= 0 && at < shape.dim(2)) {
                    Elements.writeFloat(band.bytes(), i * shape.dim(2) + at, DType.F32, 1);
                }
            }
        }
        var wide = r.broadcast(r.add(new Op.Constant(band)), Shape.of(planes, rows, shape.dim(2)));
        var flat = r.reshape(x, Shape.of(planes, shape.dim(2), shape.dim(3)));
        return Optional.of(r.reshape(r.add(new Op.MatMul(DType.F32), wide, flat), shapeOf(w, x, 0, 1)));
    }

    /** A reduction over a box is one over its faces of those over its last two dimensions. */
    private static Optional<Value> reduction(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.WindowReduce w) || w.window().size() == 2) {
            return Optional.empty();
        }
        var x = in.getFirst();
        if (w.window().isEmpty()) {
            return Optional.of(x);
        }
        int spatial = w.window().size();
        if (spatial == 1) {
            var flat = r.reshape(x, withUnit(x.type().shape()));
            return Optional.of(r.reshape(window(r, w, flat, -1, 0), shapeOf(w, x, 0, 1)));
        }
        var shape = x.type().shape();
        var plane = Shape.of(shape.dim(0), elements(shape, 1, spatial), shape.dim(spatial), shape.dim(spatial + 1));
        var done = window(r, w, r.reshape(x, plane), spatial - 2, spatial - 1);
        var reached = shapeOf(w, x, spatial - 2, spatial);
        x = r.reshape(done, reached);
        for (int d = spatial - 3; d >= 0; d--) {
            var before = x.type().shape();
            var rows = Shape.of(
                    before.dim(0),
                    elements(before, 1, d + 2),
                    before.dim(d + 2),
                    elements(before, d + 3, before.rank()));
            x = r.reshape(window(r, w, r.reshape(x, rows), d, -1), shapeOf(w, x, d, d + 1));
        }
        return Optional.of(x);
    }

    private static long elements(Shape shape, int from, int to) {
        long n = 1;
        for (int i = from; i < to; i++) {
            n *= shape.dim(i);
        }
        return n;
    }

    /** [N, C, W] as [N, C, 1, W]. */
    private static Shape withUnit(Shape shape) {
        return Shape.of(shape.dim(0), shape.dim(1), 1, shape.dim(2));
    }

    /** The shape of x once the window has passed over the spatial dimensions from..to-1. */
    private static Shape shapeOf(Op.WindowReduce w, Value x, int from, int to) {
        var shape = x.type().shape();
        for (int d = from; d < to; d++) {
            long span = (w.window().get(d) - 1) * w.dilations().get(d) + 1;
            long places = shape.dim(d + 2) + w.low().get(d) + w.high().get(d) - span;
            shape = shape.with(d + 2, places / w.strides().get(d) + 1);
        }
        return shape;
    }

    /** The window's dimensions {@code row} and {@code column} over [N, C, H, W]; -1 is none. */
    private static Value window(Rewriting r, Op.WindowReduce w, Value x, int row, int column) {
        return r.add(
                new Op.WindowReduce(
                        w.function(),
                        pair(w.window(), row, column, 1),
                        pair(w.strides(), row, column, 1),
                        pair(w.low(), row, column, 0),
                        pair(w.high(), row, column, 0),
                        pair(w.dilations(), row, column, 1)),
                x);
    }

    private static List<Long> pair(List<Long> from, int row, int column, long none) {
        return List.of(row < 0 ? none : from.get(row), column < 0 ? none : from.get(column));
    }

    /** A convolution in one dimension is one of planes of one row; in more, the sum of those of the planes that each row of the window meets. */
    private static Optional<Value> convolution(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Convolution c) || c.strides().size() == 2) {
            return Optional.empty();
        }
        var x = in.get(0);
        var w = in.get(1);
        int spatial = c.strides().size();
        if (spatial < 2) {
            boolean none = spatial == 0;
            var plane = new Op.Convolution(
                    c.result(),
                    pair(c.strides(), -1, none ? -1 : 0, 1),
                    pair(c.low(), -1, none ? -1 : 0, 0),
                    pair(c.high(), -1, none ? -1 : 0, 0),
                    pair(c.dilations(), -1, none ? -1 : 0, 1),
                    c.groups());
            var y = r.add(
                    plane,
                    r.reshape(x, plane(x.type().shape())),
                    r.reshape(w, plane(w.type().shape())));
            var shape = y.type().shape();
            return Optional.of(r.reshape(
                    y,
                    none ? Shape.of(shape.dim(0), shape.dim(1)) : Shape.of(shape.dim(0), shape.dim(1), shape.dim(3))));
        }
        return Optional.of(r.cast(overFirst(r, c, x, w), c.result()));
    }

    private static Shape plane(Shape shape) {
        return Shape.of(shape.dim(0), shape.dim(1), 1, shape.rank() == 2 ? 1 : shape.dim(2));
    }

    private static Value overFirst(Rewriting r, Op.Convolution c, Value x, Value w) {
        int rank = x.type().shape().rank();
        var low = new ArrayList<>(Collections.nCopies(rank, 0L));
        var high = new ArrayList<>(Collections.nCopies(rank, 0L));
        low.set(2, c.low().getFirst());
        high.set(2, c.high().getFirst());
        var zero = r.number(x.type().dtype(), Shape.SCALAR, 0);
        var padded = r.add(new Op.Pad(low, high), x, zero);
        long window = w.type().shape().dim(2);
        long dilation = c.dilations().getFirst();
        long stride = c.strides().getFirst();
        long places = (padded.type().shape().dim(2) - (window - 1) * dilation - 1) / stride + 1;
        var rest = new Op.Convolution(
                DType.F32, tail(c.strides()), tail(c.low()), tail(c.high()), tail(c.dilations()), c.groups());
        var toFront = new ArrayList<>(List.of(0, 2, 1));
        for (int i = 3; i < rank; i++) {
            toFront.add(i);
        }
        Value sum = null;
        for (long k = 0; k < window; k++) {
            var planes = r.transpose(r.slice(padded, 2, k * dilation, places, stride), toFront);
            var part = r.slice(w, 2, k, 1, 1);
            var flat = r.reshape(planes, without(planes.type().shape(), places));
            var y = inPlanes(
                    r, rest, flat, r.reshape(part, withoutThird(part.type().shape())));
            sum = sum == null ? y : r.binary(BinaryOp.ADD, sum, y);
        }
        var dims = new ArrayList<>(sum.type().shape().dims().asList());
        dims.set(0, dims.getFirst() / places);
        dims.add(1, places);
        return r.transpose(r.reshape(sum, Shape.of(dims)), toFront);
    }

    /** A convolution that this pass leaves as it is, or takes apart further. */
    private static Value inPlanes(Rewriting r, Op.Convolution c, Value x, Value w) {
        return c.strides().size() > 2 ? overFirst(r, c, x, w) : r.add(c, x, w);
    }

    private static List<Long> tail(List<Long> list) {
        return list.subList(1, list.size());
    }

    /** [N, D, C, ...] as [N D, C, ...]. */
    private static Shape without(Shape shape, long places) {
        var dims = new ArrayList<>(shape.dims().asList());
        dims.remove(1);
        dims.set(0, dims.getFirst() * places);
        return Shape.of(dims);
    }

    private static Shape withoutThird(Shape shape) {
        var dims = new ArrayList<>(shape.dims().asList());
        dims.remove(2);
        return Shape.of(dims);
    }
}
