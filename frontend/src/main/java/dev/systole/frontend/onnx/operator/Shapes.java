package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

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
        var tensor = n.tensor("value");
        if (tensor.isPresent()) {
            return List.of(n.constant(tensor.get()));
        }
        if (n.hasAttribute("value_float")) {
            return List.of(n.constant(Tensor.ofFloats(Shape.SCALAR, n.real("value_float", 0))));
        }
        if (n.hasAttribute("value_int")) {
            return List.of(n.constant(Tensor.ofLongs(Shape.SCALAR, n.integer("value_int", 0))));
        }
        var ints = n.integers("value_ints");
        if (n.hasAttribute("value_ints") && ints.isPresent()) {
            return List.of(n.longs(ints.get()));
        }
        var reals = n.reals("value_floats");
        if (n.hasAttribute("value_floats") && reals.isPresent()) {
            var values = new float[reals.get().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = reals.get().get(i);
            }
            return List.of(n.constant(Tensor.ofFloats(Shape.of(values.length), values)));
        }
        throw n.fault("is a constant of strings or a sparse one, which are not supported");
    }

    private static List<Value> constantOfShape(OnnxNode n) {
        var shape = Shape.of(n.longs(0));
        var value = n.tensor("value").orElseGet(() -> Tensor.ofFloats(Shape.of(1), 0));
        return List.of(n.broadcast(n.reshape(n.constant(value), Shape.SCALAR), shape));
    }

    private static List<Value> shape(OnnxNode n) {
        var dims = n.input(0).type().shape().dims().asList();
        int rank = dims.size();
        int start = clamp(n.integer("start", 0), rank);
        int end = clamp(n.integer("end", rank), rank);
        return List.of(n.longs(start < end ? dims.subList(start, end) : List.of()));
    }

    private static int clamp(long index, int rank) {
        return (int) Math.clamp(index < 0 ? index + rank : index, 0, rank);
    }

    /** 0 keeps a dimension (unless allowzero), one -1 is inferred. */
    private static List<Value> reshape(OnnxNode n) {
        var x = n.input(0);
        var wanted = n.since() < 5 ? n.integers("shape").orElse(List.of()) : n.longs(1);
        boolean zero = n.integer("allowzero", 0) != 0;
        var dims = new long[wanted.size()];
        int inferred = -1;
        long known = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = wanted.get(i);
            if (dims[i] == 0 && !zero) {
                if (i >= x.type().shape().rank()) {
                    throw n.fault("keeps dimension " + i + " of " + x.type() + ", which has none");
                }
                dims[i] = x.type().shape().dim(i);
            }
            if (dims[i] == -1) {
                inferred = i;
            } else {
                known *= dims[i];
            }
        }
        if (inferred >= 0) {
            if (known == 0 || x.type().shape().elements() % known != 0) {
                throw n.fault("cannot reshape " + x.type() + " to " + wanted);
            }
            dims[inferred] = x.type().shape().elements() / known;
        }
        return List.of(n.reshape(x, Shape.of(dims)));
    }

    private static List<Value> flatten(OnnxNode n) {
        var shape = n.input(0).type().shape();
        long given = n.integer("axis", 1);
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
        return n.since() < 13 ? n.integers("axes").orElse(List.of()) : n.has(1) ? n.longs(1) : List.of();
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
        int rank = n.input(0).type().shape().rank();
        var permutation = n.integers("perm")
                .map(p -> p.stream().map(Math::toIntExact).toList())
                .orElseGet(() ->
                        IntStream.range(0, rank).map(i -> rank - 1 - i).boxed().toList());
        return List.of(n.transpose(n.input(0), permutation));
    }

    private static List<Value> concat(OnnxNode n) {
        var in = n.all();
        int axis = n.axis(n.integer("axis", 1), in.getFirst().type().shape().rank());
        return in.size() == 1 ? in : n.addAll(new Op.Concat(axis), in);
    }

    /** Sizes are given (an attribute before opset 13), or equal with a shorter last one. */
    private static List<Value> split(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        int axis = n.axis(n.integer("axis", 0), shape.rank());
        var sizes = n.since() < 13 ? n.integers("split").orElse(List.of()) : n.has(1) ? n.longs(1) : List.<Long>of();
        int count = sizes.isEmpty() ? (int) n.integer("num_outputs", n.outputs()) : sizes.size();
        long each = Math.ceilDiv(shape.dim(axis), Math.max(1, count));
        var parts = new ArrayList<Value>();
        long start = 0;
        for (int i = 0; i < count; i++) {
            long size = sizes.isEmpty() ? Math.clamp(shape.dim(axis) - start, 0, each) : sizes.get(i);
            if (start + size > shape.dim(axis)) {
                throw n.fault("splits " + shape.dim(axis) + " elements into " + sizes);
            }
            parts.add(slice(n, x, axis, start, size, 1));
            start += size;
        }
        return parts;
    }

    private static Value slice(OnnxNode n, Value x, int axis, long start, long size, long step) {
        var starts = new ArrayList<Long>();
        var sizes = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        for (int i = 0; i < x.type().shape().rank(); i++) {
            starts.add(i == axis ? start : 0L);
            sizes.add(i == axis ? size : x.type().shape().dim(i));
            steps.add(i == axis ? step : 1L);
        }
        return n.add(new Op.Slice(starts, sizes, steps), x);
    }

    /** Bounds were attributes before opset 10. Out-of-range bounds are clamped, as NumPy does. */
    private static List<Value> slice(OnnxNode n) {
        var x = n.input(0);
        int rank = x.type().shape().rank();
        boolean attributes = n.since() < 10;
        var starts = attributes ? n.integers("starts").orElse(List.of()) : n.longs(1);
        var ends = attributes ? n.integers("ends").orElse(List.of()) : n.longs(2);
        var axes = attributes
                ? n.integers("axes").filter(a -> !a.isEmpty()).orElseGet(() -> firstAxes(starts.size()))
                : n.has(3) ? n.longs(3) : firstAxes(starts.size());
        var steps = !attributes && n.has(4)
                ? n.longs(4)
                : starts.stream().map(s -> 1L).toList();
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
            x = slice(n, x, axis, size == 0 ? 0 : start, size, step);
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
        int axis = n.axis(n.integer("axis", 0), shape.rank());
        var known = n.known(indices);
        if (known.isPresent() && indices.type().shape().elements() == 1) {
            long index =
                    Elements.readInteger(known.get().bytes(), 0, indices.type().dtype());
            index += index < 0 ? shape.dim(axis) : 0;
            if (index < 0 || index >= shape.dim(axis)) {
                throw n.fault("gathers index " + index + " of " + shape.dim(axis));
            }
            var one = slice(n, data, axis, index, 1, 1);
            return List.of(n.reshape(one, gathered(shape, axis, indices.type().shape())));
        }
        var zero = n.scalar(indices.type().dtype(), 0);
        var wrapped = n.binary(BinaryOp.ADD, indices, shape.dim(axis));
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

    private static Shape gathered(Shape shape, int axis, Shape indices) {
        var dims = new ArrayList<Long>(shape.dims().asList().subList(0, axis));
        dims.addAll(indices.dims().asList());
        dims.addAll(shape.dims().asList().subList(axis + 1, shape.rank()));
        return Shape.of(dims);
    }

    private static List<Value> range(OnnxNode n) {
        var dtype = n.input(0).type().dtype();
        var bounds = IntStream.range(0, 3)
                .mapToObj(i -> n.known(n.input(i))
                        .orElseThrow(() -> n.fault("counts to a bound that is computed at run time")))
                .map(t -> Elements.readDouble(t.bytes(), 0, t.type().dtype()))
                .toList();
        long count = (long) Math.max(0, Math.ceil((bounds.get(1) - bounds.get(0)) / bounds.get(2)));
        var result = Tensor.allocate(TensorType.of(dtype, count));
        for (long i = 0; i < count; i++) {
            if (dtype.isFloat()) {
                Elements.writeDouble(result.bytes(), i, dtype, bounds.get(0) + i * bounds.get(2));
            } else {
                Elements.writeInteger(result.bytes(), i, dtype, (long) (bounds.get(0) + i * bounds.get(2)));
            }
        }
        return List.of(n.constant(result));
    }
}
