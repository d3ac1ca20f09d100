package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Elements of [N, C, spatial...] around points whose coordinates are computed at run time. */
final class Points {
    private static final long MOST_TERMS = 1024;
    private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 8;

    private Points() {}

    /**
     * Neighbours of points along one spatial dimension.
     *
     * @param indices [taps, points...], i32, in range; the points' dimensions broadcast
     * @param weights of the same shape
     */
    record Taps(Value indices, Value weights) {
        static Taps of(OnnxNode n, List<Value> places, List<Value> weights, long extent) {
            return new Taps(
                    stacked(n, places.stream().map(p -> index(n, p, extent)).toList()), stacked(n, weights));
        }
    }

    /** Values of one shape along a new first dimension. */
    static Value stacked(OnnxNode n, List<Value> values) {
        return n.concat(
                0,
                values.stream()
                        .map(v -> n.reshape(v, prepended(1, v.type().shape())))
                        .toList());
    }

    static Shape prepended(long extent, Shape shape) {
        var dims = new ArrayList<>(List.of(extent));
        dims.addAll(shape.dims().asList());
        return Shape.of(dims);
    }

    /** The nearest index in range of a whole number. */
    static Value index(OnnxNode n, Value place, long extent) {
        var type = place.type().dtype();
        return n.cast(clamped(n, place, n.scalar(type, 0), n.scalar(type, extent - 1)), DType.I32);
    }

    static Value clamped(OnnxNode n, Value x, Value low, Value high) {
        return n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, x, low), high);
    }

    /** True where a whole number is an index. */
    static Value inside(OnnxNode n, Value place, long extent) {
        return n.binary(BinaryOp.AND, n.binary(BinaryOp.GE, place, 0), n.binary(BinaryOp.LE, place, extent - 1));
    }

    /** The two neighbours of each place and their shares in linear interpolation. */
    static List<Value> linear(OnnxNode n, Value fraction) {
        return List.of(n.binary(BinaryOp.SUB, n.scalar(fraction.type().dtype(), 1), fraction), fraction);
    }

    static Value fraction(OnnxNode n, Value place) {
        return n.binary(BinaryOp.SUB, place, n.unary(UnaryOp.FLOOR, place));
    }

    /** x [N, C, spatial...] as rows of channels, [N * spatial, C]. */
    static Value rows(OnnxNode n, Value x) {
        var shape = x.type().shape();
        long plane = shape.dims().asList().subList(2, shape.rank()).stream().reduce(1L, Math::multiplyExact);
        var flat = n.reshape(x, Shape.of(shape.dim(0), shape.dim(1), plane));
        return n.reshape(n.transpose(flat, List.of(0, 2, 1)), Shape.of(shape.dim(0) * plane, shape.dim(1)));
    }

    /**
     * The rows around each point, times their weights: [terms, points, C].
     *
     * @param rows [N * spatial, C]
     * @param first index of the first row of the image that each point is in, i32, broadcasts to the points
     * @param taps along each spatial dimension
     * @param extents of the spatial dimensions
     * @param points shape of the points
     */
    static Value terms(OnnxNode n, Value rows, Value first, List<Taps> taps, List<Long> extents, Shape points) {
        int spatial = taps.size();
        var indices = first;
        var weights = n.scalar(taps.getFirst().weights.type().dtype(), 1);
        long stride = 1;
        long terms = 1;
        for (int d = spatial - 1; d >= 0; d--) {
            var along = taps.get(d).indices;
            indices = n.binary(BinaryOp.ADD, indices, n.binary(BinaryOp.MUL, apart(n, along, d, spatial), stride));
            weights = n.binary(BinaryOp.MUL, weights, apart(n, taps.get(d).weights, d, spatial));
            terms = Math.multiplyExact(terms, along.type().shape().dim(0));
            stride = Math.multiplyExact(stride, extents.get(d));
        }
        long channels = rows.type().shape().dim(1);
        long elements = Math.multiplyExact(Math.multiplyExact(terms, points.elements()), Math.max(1, channels));
        if (terms > MOST_TERMS && elements > MOST_TERMS * MOST_TERMS || elements > MOST_ELEMENTS) {
            throw n.fault("interpolates " + terms + " elements for each of [" + points + "], which is too many");
        }
        var dims = new ArrayList<Long>();
        taps.forEach(t -> dims.add(t.indices.type().shape().dim(0)));
        dims.addAll(points.dims().asList());
        var full = Shape.of(dims);
        var flat = n.reshape(n.broadcast(indices, full), Shape.of(terms, points.elements()));
        var factors = n.reshape(n.broadcast(weights, full), Shape.of(terms, points.elements(), 1));
        var picked = n.add(new Op.Gather(), rows, flat);
        return n.binary(BinaryOp.MUL, n.cast(picked, factors.type().dtype()), factors);
    }

    /** [taps, points...] with the taps in dimension {@code d} of {@code spatial} leading ones. */
    private static Value apart(OnnxNode n, Value taps, int d, int spatial) {
        var shape = taps.type().shape();
        var dims = new ArrayList<>(Collections.nCopies(spatial, 1L));
        dims.set(d, shape.dim(0));
        dims.addAll(shape.dims().asList().subList(1, shape.rank()));
        return n.reshape(taps, Shape.of(dims));
    }

    /** [N, 1]: the index of the first of {@code plane} rows of each image. */
    static Value firstRows(OnnxNode n, long images, long plane) {
        if (Math.multiplyExact(images, plane) > MOST_ELEMENTS) {
            throw n.fault("samples " + images + " images of " + plane + " elements, which is too many");
        }
        var each = n.cast(n.iota(images), DType.I32);
        return n.binary(BinaryOp.MUL, n.reshape(each, Shape.of(images, 1)), plane);
    }

    /** The numbers from 0 as floats, along the last of {@code rank} dimensions. */
    static Value count(OnnxNode n, DType type, long extent, int rank) {
        var dims = IntStream.range(0, rank)
                .mapToObj(i -> i == rank - 1 ? extent : 1L)
                .toList();
        return n.reshape(n.cast(n.iota(extent), type), Shape.of(dims));
    }
}
