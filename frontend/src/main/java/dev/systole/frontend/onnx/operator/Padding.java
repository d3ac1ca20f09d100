package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Operators that add elements at the ends of dimensions, or take some away. */
final class Padding {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("Pad", Padding::pad, "CenterCropPad", Padding::centerCropPad, "Tile", Padding::tile);

    private Padding() {}

    /** Elements to add before and after each dimension; negative counts take away. */
    private record Ends(long[] low, long[] high) {
        static Ends none(int rank) {
            return new Ends(new long[rank], new long[rank]);
        }
    }

    private static List<Value> pad(OnnxNode n) {
        var x = n.input(0);
        var ends = ends(n, x.type().shape().rank());
        var mode = n.attributes().text("mode");
        return List.of(
                switch (mode) {
                    case "constant" -> padded(n, x, fill(n), ends.low, ends.high);
                    case "reflect", "edge" -> extended(n, x, ends, mode);
                    case "wrap" -> {
                        if (n.since() < 19) {
                            throw n.fault("mode wrap comes with version 19 of the operators");
                        }
                        yield extended(n, x, ends, mode);
                    }
                    default -> throw n.fault("mode is \"" + mode + "\"; it is constant, reflect, edge or wrap");
                });
    }

    /** Counts were attributes before opset 11; since opset 18 they may be given for some axes only. */
    private static Ends ends(OnnxNode n, int rank) {
        var pads = n.since() < 11
                ? n.attributes().integers(n.since() < 2 ? "paddings" : "pads").orElse(List.of())
                : n.longs(1);
        var axes = axes(
                n,
                n.has(3)
                        ? n.longs(3)
                        : IntStream.range(0, rank).mapToObj(i -> (long) i).toList(),
                rank);
        if (pads.size() != 2 * axes.size()) {
            throw n.fault("has " + pads.size() + " pads for " + axes.size() + " axes, which need two each");
        }
        var ends = Ends.none(rank);
        for (int i = 0; i < axes.size(); i++) {
            ends.low[axes.get(i)] = pads.get(i);
            ends.high[axes.get(i)] = pads.get(axes.size() + i);
        }
        return ends;
    }

    private static List<Integer> axes(OnnxNode n, List<Long> given, int rank) {
        var axes = given.stream().map(a -> n.axis(a, rank)).toList();
        if (new HashSet<>(axes).size() != axes.size()) {
            throw n.fault("names an axis twice: " + given);
        }
        return axes;
    }

    private static Value fill(OnnxNode n) {
        var dtype = n.input(0).type().dtype();
        if (n.since() < 11 || !n.has(2)) {
            return n.scalar(dtype, n.since() < 11 ? n.attributes().real("value") : 0);
        }
        if (n.input(2).type().shape().elements() != 1) {
            throw n.fault("input 2 (constant_value) is " + n.input(2).type() + ", not one element");
        }
        return n.reshape(n.input(2), Shape.SCALAR);
    }

    /** x with a scalar before and after each dimension; negative counts take elements away. */
    static Value padded(OnnxNode n, Value x, Value fill, long[] low, long[] high) {
        var extents = x.type().shape().toArray();
        var before = new ArrayList<Long>();
        var after = new ArrayList<Long>();
        for (int d = 0; d < extents.length; d++) {
            long end = Math.addExact(low[d], extents[d]);
            long extent = Math.addExact(end, high[d]);
            if (extent < 0) {
                throw n.fault("takes more than all " + extents[d] + " elements of dimension " + d + " away");
            }
            long from = Math.clamp(low[d], 0, extent);
            long kept = Math.max(0, Math.min(end, extent) - from);
            x = n.slice(x, d, kept == 0 ? 0 : from - low[d], kept);
            before.add(from);
            after.add(extent - from - kept);
        }
        boolean nothing =
                before.stream().allMatch(p -> p == 0) && after.stream().allMatch(p -> p == 0);
        return nothing ? x : n.add(new Op.Pad(before, after), x, fill);
    }

    private static Value extended(OnnxNode n, Value x, Ends ends, String mode) {
        for (int d = 0; d < ends.low.length; d++) {
            long extent = x.type().shape().dim(d);
            long first = Math.max(0, Math.negateExact(ends.low[d]));
            long last = Math.max(0, Math.negateExact(ends.high[d]));
            if (Math.addExact(first, last) > extent) {
                throw n.fault("takes more than all " + extent + " elements of dimension " + d + " away");
            }
            x = n.slice(x, d, first, extent - first - last);
            x = extended(n, x, d, Math.max(0, ends.low[d]), Math.max(0, ends.high[d]), mode);
        }
        return x;
    }

    /** Elements before and after one dimension that continue it; a single element is reflected as itself. */
    private static Value extended(OnnxNode n, Value x, int axis, long low, long high, String mode) {
        long extent = x.type().shape().dim(axis);
        if (low == 0 && high == 0) {
            return x;
        }
        if (extent == 0) {
            throw n.fault("dimension " + axis + " has no elements that the padding could repeat");
        }
        if (mode.equals("edge") || mode.equals("reflect") && extent == 1) {
            var first = n.slice(x, axis, 0, 1);
            var last = n.slice(x, axis, extent - 1, 1);
            return joined(n, axis, repeated(n, first, axis, low), x, repeated(n, last, axis, high));
        }
        boolean wraps = mode.equals("wrap");
        if (Math.max(low, high) > (wraps ? extent : extent - 1)) {
            var period = wraps ? x : joined(n, axis, x, backward(n, x, axis, extent - 2, extent - 2));
            return periodic(n, period, axis, low, Math.addExact(extent, Math.addExact(low, high)));
        }
        return wraps
                ? joined(n, axis, n.slice(x, axis, extent - low, low), x, n.slice(x, axis, 0, high))
                : joined(n, axis, backward(n, x, axis, low, low), x, backward(n, x, axis, extent - 2, high));
    }

    /** {@code count} elements in reverse, from {@code start} down. */
    private static Value backward(OnnxNode n, Value x, int axis, long start, long count) {
        return n.slice(x, axis, count == 0 ? 0 : start, count, -1);
    }

    /** What is not empty, one after the other. */
    private static Value joined(OnnxNode n, int axis, Value... parts) {
        return n.concat(
                axis,
                Stream.of(parts).filter(p -> p.type().shape().dim(axis) > 0).toList());
    }

    /** {@code extent} elements of a periodic dimension, from the one {@code low} before the first on. */
    private static Value periodic(OnnxNode n, Value period, int axis, long low, long extent) {
        long length = period.type().shape().dim(axis);
        long start = Math.floorMod(-low, length);
        long times = Math.ceilDiv(Math.addExact(start, extent), length);
        return n.slice(repeated(n, period, axis, times), axis, start, extent);
    }

    /** x one after the other along an axis. */
    private static Value repeated(OnnxNode n, Value x, int axis, long times) {
        var shape = x.type().shape();
        if (times == 1) {
            return x;
        }
        var blocks = n.reshape(x, Shape.of(extent(shape, 0, axis), 1, extent(shape, axis, shape.rank())));
        var all = n.broadcast(blocks, blocks.type().shape().with(1, times));
        return n.reshape(all, shape.with(axis, Math.multiplyExact(shape.dim(axis), times)));
    }

    private static long extent(Shape shape, int from, int to) {
        return IntStream.range(from, to).mapToLong(shape::dim).reduce(1, (a, b) -> a * b);
    }

    /** Before opset 6 along one axis, which was given as a tensor of the data's type. */
    private static List<Value> tile(OnnxNode n) {
        var x = n.input(0);
        int rank = x.type().shape().rank();
        if (n.since() < 6) {
            return List.of(tiled(n, x, n.axis((long) n.number(2), rank), (long) n.number(1)));
        }
        var repeats = n.longs(1);
        if (repeats.size() != rank) {
            throw n.fault("repeats " + repeats + " are not one number for each dimension of " + x.type());
        }
        for (int d = rank - 1; d >= 0; d--) {
            x = tiled(n, x, d, repeats.get(d));
        }
        return List.of(x);
    }

    private static Value tiled(OnnxNode n, Value x, int axis, long times) {
        if (times < 0) {
            throw n.fault("repeats dimension " + axis + " " + times + " times");
        }
        return repeated(n, x, axis, times);
    }

    /** Takes from the middle, or pads both ends alike; an odd element more is taken or added at the end. */
    private static List<Value> centerCropPad(OnnxNode n) {
        var x = n.input(0);
        int rank = x.type().shape().rank();
        var wanted = n.longs(1);
        var axes = axes(
                n,
                n.attributes()
                        .integers("axes")
                        .orElseGet(() ->
                                IntStream.range(0, rank).mapToObj(i -> (long) i).toList()),
                rank);
        if (wanted.size() != axes.size()) {
            throw n.fault("shape " + wanted + " is not one extent for each of " + axes.size() + " axes");
        }
        var ends = Ends.none(rank);
        for (int i = 0; i < axes.size(); i++) {
            long more = Math.subtractExact(wanted.get(i), x.type().shape().dim(axes.get(i)));
            if (wanted.get(i) < 0) {
                throw n.fault("shape " + wanted + " has a negative extent");
            }
            ends.low[axes.get(i)] = more / 2;
            ends.high[axes.get(i)] = more - more / 2;
        }
        return List.of(padded(n, x, n.scalar(x.type().dtype(), 0), ends.low, ends.high));
    }
}
