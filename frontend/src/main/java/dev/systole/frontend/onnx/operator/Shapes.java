package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Constants, shapes, and operators that move elements without computing. */
final class Shapes {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.ofEntries(
            Map.entry("Constant", Shapes::constant),
            Map.entry("ConstantOfShape", Shapes::constantOfShape),
            Map.entry("Shape", Shapes::shape),
            Map.entry(
                    "Size",
                    n -> List.of(n.constant(Tensor.ofLongs(
                            Shape.SCALAR, n.input(0).type().shape().elements())))),
            Map.entry("Reshape", Shapes::reshape),
            Map.entry("Flatten", Shapes::flatten),
            Map.entry("Squeeze", Shapes::squeeze),
            Map.entry("Unsqueeze", Shapes::unsqueeze),
            Map.entry("Transpose", Shapes::transpose),
            Map.entry(
                    "Expand",
                    n -> List.of(n.broadcast(
                            n.input(0),
                            TypeInference.broadcast(n.input(0).type().shape(), Shape.of(n.longs(1)))))),
            Map.entry("Concat", Shapes::concat),
            Map.entry("Split", Shapes::split),
            Map.entry("Slice", Shapes::slice),
            Map.entry("Gather", Shapes::gather),
            Map.entry("Range", Shapes::range));

    private Shapes() {}

    private static List<Value> constant(OnnxNode n) {
        var tensor = n.attributes().tensor("value");
        if (tensor.isPresent()) {
            return List.of(n.constant(tensor.get()));
        }
        if (n.attributes().has("value_float")) {
            return List.of(
                    n.constant(Tensor.ofFloats(Shape.SCALAR, n.attributes().real("value_float", 0))));
        }
        if (n.attributes().has("value_int")) {
            return List.of(
                    n.constant(Tensor.ofLongs(Shape.SCALAR, n.attributes().integer("value_int", 0))));
        }
        var ints = n.attributes().integers("value_ints");
        if (n.attributes().has("value_ints") && ints.isPresent()) {
            return List.of(n.longs(ints.get()));
        }
        var reals = n.attributes().reals("value_floats");
        if (n.attributes().has("value_floats") && reals.isPresent()) {
            var values = new float[reals.get().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = reals.get().get(i);
            }
            return List.of(n.constant(Tensor.ofFloats(Shape.of(values.length), values)));
        }
        if (n.attributes().has("value_string") || n.attributes().has("value_strings")) {
            throw n.fault("is a constant of strings, which are not supported");
        }
        throw n.fault(
                "has no value: one of the attributes value, value_float, value_floats, value_int, value_ints is needed");
    }

    private static List<Value> constantOfShape(OnnxNode n) {
        var shape = Shape.of(n.longs(0));
        var value = n.attributes().tensor("value").orElseGet(() -> Tensor.ofFloats(Shape.of(1), 0));
        if (value.type().shape().elements() != 1) {
            throw n.fault("fills with " + value.type() + ", not with one number");
        }
        return List.of(n.broadcast(n.reshape(n.constant(value), Shape.SCALAR), shape));
    }

    private static List<Value> shape(OnnxNode n) {
        var dims = n.input(0).type().shape().dims().asList();
        int rank = dims.size();
        int start = clamp(n.attributes().integer("start", 0), rank);
        int end = clamp(n.attributes().integer("end", rank), rank);
        return List.of(n.longs(start < end ? dims.subList(start, end) : List.of()));
    }

    private static int clamp(long index, int rank) {
        return (int) Math.clamp(index < 0 ? index + rank : index, 0, rank);
    }

    /** 0 keeps a dimension (unless allowzero), one -1 is inferred. */
    private static List<Value> reshape(OnnxNode n) {
        var x = n.input(0);
        var wanted = n.since() < 5 ? n.attributes().integers("shape").orElse(List.of()) : n.longs(1);
        boolean zero = n.attributes().integer("allowzero", 0) != 0;
        var dims = new long[wanted.size()];
        int inferred = -1;
        long others = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = wanted.get(i);
            if (dims[i] == 0 && !zero) {
                if (i >= x.type().shape().rank()) {
                    throw n.fault("keeps dimension " + i + " of " + x.type() + ", which has none");
                }
                dims[i] = x.type().shape().dim(i);
            }
            if (dims[i] == -1 && inferred >= 0) {
                throw n.fault("leaves two dimensions open: " + wanted);
            }
            if (dims[i] == -1) {
                inferred = i;
            } else {
                others *= dims[i];
            }
        }
        if (inferred >= 0) {
            if (others == 0 || x.type().shape().elements() % others != 0) {
                throw n.fault("cannot reshape " + x.type() + " to " + wanted);
            }
            dims[inferred] = x.type().shape().elements() / others;
        }
        return List.of(n.reshape(x, Shape.of(dims)));
    }

    private static List<Value> flatten(OnnxNode n) {
        var shape = n.input(0).type().shape();
        long given = n.attributes().integer("axis", 1);
        int axis = given == shape.rank() ? shape.rank() : n.axis(given, shape.rank());
        long rows = 1;
        for (int i = 0; i < axis; i++) {
            rows *= shape.dim(i);
        }
        long columns = 1;
        for (int i = axis; i < shape.rank(); i++) {
            columns *= shape.dim(i);
        }
        return List.of(n.reshape(n.input(0), Shape.of(rows, columns)));
    }

    /** Axes became an input with opset 13. */
    private static List<Long> axes(OnnxNode n) {
        return n.since() < 13 ? n.attributes().integers("axes").orElse(List.of()) : n.has(1) ? n.longs(1) : List.of();
    }

    private static List<Value> squeeze(OnnxNode n) {
        var shape = n.input(0).type().shape();
        var axes = axes(n).stream().map(a -> n.axis(a, shape.rank())).toList();
        var dims = new ArrayList<Long>();
        for (int i = 0; i < shape.rank(); i++) {
            if (axes.contains(i) && shape.dim(i) != 1) {
                throw n.fault("squeezes dimension " + i + " of [" + shape + "]");
            }
            if (axes.isEmpty() ? shape.dim(i) != 1 : !axes.contains(i)) {
                dims.add(shape.dim(i));
            }
        }
        return List.of(n.reshape(n.input(0), Shape.of(dims)));
    }

    private static List<Value> unsqueeze(OnnxNode n) {
        var shape = n.input(0).type().shape();
        var given = axes(n);
        int rank = shape.rank() + given.size();
        if (rank > OnnxTensors.MOST_DIMENSIONS) {
            throw n.fault("gives " + rank + " dimensions; up to " + OnnxTensors.MOST_DIMENSIONS + " are supported");
        }
        var axes = new TreeSet<Integer>();
        given.forEach(a -> axes.add(n.axis(a, rank)));
        if (axes.size() != given.size()) {
            throw n.fault("inserts a dimension twice: " + given);
        }
        var dims = new ArrayList<>(shape.dims().asList());
        axes.forEach(a -> dims.add(a, 1L));
        return List.of(n.reshape(n.input(0), Shape.of(dims)));
    }

    private static List<Value> transpose(OnnxNode n) {
        var shape = n.input(0).type().shape();
        int rank = shape.rank();
        var given = n.attributes()
                .integers("perm")
                .orElseGet(() ->
                        IntStream.range(0, rank).mapToObj(i -> rank - 1L - i).toList());
        if (given.stream().anyMatch(p -> p < 0 || p >= rank)) {
            throw n.fault(given + " is no permutation of the dimensions of [" + shape + "]");
        }
        return List.of(
                n.transpose(n.input(0), given.stream().map(Long::intValue).toList()));
    }

    private static List<Value> concat(OnnxNode n) {
        var in = n.all();
        if (in.isEmpty()) {
            throw n.fault("has no inputs");
        }
        int axis = n.axis(
                n.attributes().integer("axis", 1), in.getFirst().type().shape().rank());
        requireSum(in, axis);
        return List.of(n.concat(axis, in));
    }

    /** @throws ArithmeticException if the extents do not add up in 64 bits */
    private static void requireSum(List<Value> parts, int axis) {
        parts.stream()
                .filter(v -> v.type().shape().rank() > axis)
                .mapToLong(v -> v.type().shape().dim(axis))
                .reduce(0, Math::addExact);
    }

    private static List<Value> split(OnnxNode n) {
        var x = n.input(0);
        int axis = n.axis(n.attributes().integer("axis", 0), x.type().shape().rank());
        var parts = new ArrayList<Value>();
        long start = 0;
        for (long size : partSizes(n, x.type().shape().dim(axis))) {
            parts.add(n.slice(x, axis, start, size));
            start += size;
        }
        return parts;
    }

    /** Given (an attribute before opset 13), or equal; since opset 18 the last one may be shorter. */
    private static List<Long> partSizes(OnnxNode n, long extent) {
        var given = givenSizes(n);
        if (given.isPresent()) {
            requireSum(n, extent, given.get());
            return given.get();
        }
        int count = n.outputs();
        if (n.attributes().integer("num_outputs", count) != count) {
            throw n.fault("num_outputs is " + n.attributes().integer("num_outputs") + ", but there are " + count
                    + " outputs");
        }
        if (n.since() < 18 && count > 0 && extent % count != 0) {
            throw n.fault("splits " + extent + " elements into " + count + " equal parts");
        }
        long each = Math.ceilDiv(extent, Math.max(1, count));
        return LongStream.range(0, count)
                .mapToObj(i -> Math.clamp(extent - i * each, 0, each))
                .toList();
    }

    private static Optional<List<Long>> givenSizes(OnnxNode n) {
        if (n.since() >= 13) {
            if (n.has(1) && n.attributes().has("num_outputs")) {
                throw n.fault("has both split and num_outputs");
            }
            return n.has(1) ? Optional.of(n.longs(1)) : Optional.empty();
        }
        if (n.has(1)) {
            throw n.fault("has sizes that are an input of floats, as opset 1 allows; give them as the attribute split");
        }
        return n.attributes().integers("split").filter(s -> !s.isEmpty());
    }

    private static void requireSum(OnnxNode n, long extent, List<Long> sizes) {
        long rest = extent;
        for (long size : sizes) {
            rest = size < 0 || size > rest ? Long.MIN_VALUE : rest - size;
        }
        if (rest != 0) {
            throw n.fault("splits " + extent + " elements into " + sizes);
        }
        if (sizes.size() != n.outputs()) {
            throw n.fault("splits into " + sizes.size() + " parts, but there are " + n.outputs() + " outputs");
        }
    }

    /** Bounds were attributes before opset 10. Out-of-range bounds are clamped, as NumPy does. */
    private static List<Value> slice(OnnxNode n) {
        var x = n.input(0);
        int rank = x.type().shape().rank();
        boolean attributes = n.since() < 10;
        var starts = attributes ? n.attributes().integers("starts").orElse(List.of()) : n.longs(1);
        var ends = attributes ? n.attributes().integers("ends").orElse(List.of()) : n.longs(2);
        var axes = attributes
                ? n.attributes().integers("axes").filter(a -> !a.isEmpty()).orElseGet(() -> firstAxes(starts.size()))
                : n.has(3) ? n.longs(3) : firstAxes(starts.size());
        var steps = !attributes && n.has(4)
                ? n.longs(4)
                : starts.stream().map(s -> 1L).toList();
        if (Stream.of(ends, axes, steps).anyMatch(l -> l.size() != starts.size())) {
            throw n.fault("has %d starts, %d ends, %d axes and %d steps"
                    .formatted(starts.size(), ends.size(), axes.size(), steps.size()));
        }
        if (axes.stream().map(a -> n.axis(a, rank)).distinct().count() != axes.size()) {
            throw n.fault("slices along an axis twice: " + axes);
        }
        for (int i = 0; i < starts.size(); i++) {
            int axis = n.axis(axes.get(i), rank);
            long extent = x.type().shape().dim(axis);
            long step = steps.get(i);
            if (step == 0) {
                throw n.fault("slices in steps of 0");
            }
            long low = step > 0 ? 0 : -1;
            long start = bound(
                    starts.get(i), extent, step > 0 ? 0 : Math.min(0, extent - 1), step > 0 ? extent : extent - 1);
            long end = bound(ends.get(i), extent, low, step > 0 ? extent : extent - 1);
            long size = Math.max(0, Math.ceilDiv(end - start, step));
            x = n.slice(x, axis, size == 0 ? 0 : start, size, step);
        }
        return List.of(x);
    }

    private static long bound(long given, long extent, long low, long high) {
        long at = given < 0 ? given + extent : given;
        return Math.clamp(given < -extent ? low : at, low, Math.max(low, high));
    }

    private static List<Long> firstAxes(int count) {
        return IntStream.range(0, count).mapToObj(i -> (long) i).toList();
    }

    /** Whole slices by index along an axis; a negative index counts from the end. One known index is a slice. */
    private static List<Value> gather(OnnxNode n) {
        var data = n.input(0);
        var indices = n.input(1);
        var shape = data.type().shape();
        int axis = n.axis(n.attributes().integer("axis", 0), shape.rank());
        long extent = shape.dim(axis);
        var known = n.known(indices);
        known.ifPresent(t -> requireIndices(n, t, extent));
        if (known.isPresent() && indices.type().shape().elements() == 1) {
            long index =
                    Elements.readInteger(known.get().bytes(), 0, indices.type().dtype());
            var one = n.slice(data, axis, index < 0 ? index + extent : index, 1);
            return List.of(n.reshape(one, gathered(shape, axis, indices.type().shape())));
        }
        var zero = n.scalar(indices.type().dtype(), 0);
        var wrapped = n.binary(BinaryOp.ADD, indices, extent);
        var negative = n.binary(BinaryOp.LT, indices, zero);
        var from = n.add(new Op.Select(), negative, wrapped, indices);
        if (axis == 0) {
            return List.of(n.add(new Op.Gather(), data, from));
        }
        var order = new ArrayList<Integer>();
        order.add(axis);
        IntStream.range(0, shape.rank()).filter(i -> i != axis).forEach(order::add);
        var rows = n.add(new Op.Gather(), n.transpose(data, order), from);
        int own = indices.type().shape().rank();
        var back = new ArrayList<Integer>();
        IntStream.range(0, axis).forEach(i -> back.add(own + i));
        IntStream.range(0, own).forEach(back::add);
        IntStream.range(own + axis, own + shape.rank() - 1).forEach(back::add);
        return List.of(n.transpose(rows, back));
    }

    private static void requireIndices(OnnxNode n, Tensor indices, long extent) {
        for (long i = 0; i < indices.type().shape().elements(); i++) {
            long index = Elements.readInteger(indices.bytes(), i, indices.type().dtype());
            if (index < -extent || index >= extent) {
                throw n.fault("gathers index " + index + " of " + extent);
            }
        }
    }

    private static Shape gathered(Shape shape, int axis, Shape indices) {
        var dims = new ArrayList<Long>(shape.dims().asList().subList(0, axis));
        dims.addAll(indices.dims().asList());
        dims.addAll(shape.dims().asList().subList(axis + 1, shape.rank()));
        return Shape.of(dims);
    }

    /** start + i delta; floats are rounded once. */
    private static List<Value> range(OnnxNode n) {
        var dtype = n.input(0).type().dtype();
        var wide = dtype.isFloat() ? DType.F64 : dtype;
        var steps = n.cast(n.iota(dtype.isFloat() ? realCount(n) : wholeCount(n)), wide);
        var scaled = n.binary(BinaryOp.MUL, steps, n.cast(scalar(n, 2), wide));
        return List.of(n.cast(n.binary(BinaryOp.ADD, scaled, n.cast(scalar(n, 0), wide)), dtype));
    }

    private static Value scalar(OnnxNode n, int i) {
        return n.reshape(n.input(i), Shape.SCALAR);
    }

    private static long wholeCount(OnnxNode n) {
        long start = n.whole(0);
        long limit = n.whole(1);
        long delta = n.whole(2);
        if (delta == 0) {
            throw n.fault("counts in steps of 0");
        }
        return count(n, Math.ceilDiv(Math.subtractExact(limit, start), delta));
    }

    private static long realCount(OnnxNode n) {
        double count = Math.ceil((n.number(1) - n.number(0)) / n.number(2));
        if (n.number(2) == 0 || Double.isNaN(count)) {
            throw n.fault("counts from " + n.number(0) + " to " + n.number(1) + " in steps of " + n.number(2));
        }
        return count(n, (long) count);
    }

    private static long count(OnnxNode n, long elements) {
        if (elements > Integer.MAX_VALUE) {
            throw n.fault("counts " + elements + " elements; no more than " + Integer.MAX_VALUE + " are supported");
        }
        return Math.max(0, elements);
    }
}
