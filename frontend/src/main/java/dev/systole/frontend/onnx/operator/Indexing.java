package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Elements and slices that are chosen by indices. */
final class Indexing {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "GatherElements",
            Indexing::gatherElements,
            "GatherND",
            Indexing::gatherSlices,
            "OneHot",
            Indexing::oneHot,
            "ReverseSequence",
            Indexing::reverseSequence);

    private Indexing() {}

    /** Indices of which negative ones count from the end of {@code extent} elements. */
    static Value wrapped(OnnxNode n, Value indices, long extent) {
        var negative = n.binary(BinaryOp.LT, indices, 0);
        return n.select(negative, n.binary(BinaryOp.ADD, indices, extent), indices);
    }

    /**
     * Row-major positions in a tensor of these extents.
     *
     * @param indices [..., extents], i64, negative ones counting from the end
     * @return [...]
     */
    static Value positions(OnnxNode n, Value indices, List<Long> extents) {
        var shape = indices.type().shape();
        int last = shape.rank() - 1;
        var strides = Shape.of(extents).strides();
        var negative = n.binary(BinaryOp.LT, indices, 0);
        var wrapped = n.select(negative, n.binary(BinaryOp.ADD, indices, n.longs(extents)), indices);
        var result = Shape.of(shape.dims().asList().subList(0, last));
        if (extents.size() == 1) {
            return n.reshape(wrapped, result);
        }
        var offsets = n.binary(
                BinaryOp.MUL, wrapped, n.longs(Arrays.stream(strides).boxed().toList()));
        return n.reshape(n.add(new Op.Reduce(ReduceOp.SUM, List.of(last)), offsets), result);
    }

    private static List<Value> gatherElements(OnnxNode n) {
        var data = n.input(0);
        var indices = n.input(1);
        var chosen = indices.type().shape();
        int axis = n.axis(n.attributes().integer("axis"), data.type().shape().rank());
        requireWithin(n, chosen, data.type().shape(), axis);
        for (int d = 0; d < chosen.rank(); d++) {
            data = d == axis ? data : n.slice(data, d, 0, chosen.dim(d));
        }
        return List.of(n.add(
                new Op.GatherElements(axis),
                data,
                wrapped(n, indices, data.type().shape().dim(axis))));
    }

    /** Indices of elements reach along the axis alone; elsewhere they stand at the element's own place. */
    static void requireWithin(OnnxNode n, Shape indices, Shape data, int axis) {
        boolean fits = indices.rank() == data.rank()
                && IntStream.range(0, data.rank()).allMatch(d -> d == axis || indices.dim(d) <= data.dim(d));
        if (!fits) {
            throw n.fault("indices [" + indices + "] do not lie within data [" + data + "] beside axis " + axis);
        }
    }

    /** Each index chooses a slice of the data, within a batch of its own if there are batch dimensions. */
    private static List<Value> gatherSlices(OnnxNode n) {
        var data = n.input(0).type().shape();
        var indices = n.input(1).type().shape();
        int batches = (int) Math.clamp(n.attributes().integer("batch_dims", 0), -1, 1 + data.rank());
        if (batches < 0 || batches >= Math.min(data.rank(), indices.rank())) {
            throw n.fault(
                    batches + " batch dimensions are too many for data [" + data + "] and indices [" + indices + "]");
        }
        long length = indices.dim(indices.rank() - 1);
        if (length < 1 || length > data.rank() - batches) {
            throw n.fault("indices [" + indices + "] are of " + length + " numbers; data [" + data + "] takes 1 to "
                    + (data.rank() - batches));
        }
        var batch = data.dims().asList().subList(0, batches);
        if (!batch.equals(indices.dims().asList().subList(0, batches))) {
            throw n.fault(
                    "the first " + batches + " dimensions of data [" + data + "] and indices [" + indices + "] differ");
        }
        int sliced = batches + (int) length;
        var extents = data.dims().asList().subList(batches, sliced);
        var at = positions(n, n.input(1), extents);
        if (batches > 0) {
            long count = Shape.of(batch).elements();
            var each = n.binary(BinaryOp.MUL, n.iota(count), Shape.of(extents).elements());
            var dims = new ArrayList<>(batch);
            IntStream.range(batches, indices.rank() - 1).forEach(d -> dims.add(1L));
            at = n.binary(BinaryOp.ADD, at, n.reshape(each, Shape.of(dims)));
        }
        var rows = new ArrayList<Long>();
        rows.add(Shape.of(data.dims().asList().subList(0, sliced)).elements());
        rows.addAll(data.dims().asList().subList(sliced, data.rank()));
        return List.of(n.add(new Op.Gather(), n.reshape(n.input(0), Shape.of(rows)), at));
    }

    /** An index outside stands nowhere. Negative ones count from the end since opset 11. */
    private static List<Value> oneHot(OnnxNode n) {
        var given = n.input(0).type();
        int rank = given.shape().rank() + 1;
        int axis = n.axis(n.attributes().integer("axis"), rank);
        double depth = n.number(1);
        if (!(depth > -1) || depth > Integer.MAX_VALUE) {
            throw n.fault("input 1 (depth) is " + depth + "; it is from 0 to " + Integer.MAX_VALUE);
        }
        if (!n.input(2).type().shape().equals(Shape.of(2))) {
            throw n.fault("input 2 (values) is " + n.input(2).type() + ", not a value for off and one for on");
        }
        long classes = (long) depth;
        var index = n.cast(n.input(0), DType.I64);
        if (n.since() >= 11 && given.dtype().isSigned()) {
            index = wrapped(n, index, classes);
        }
        var dims = new ArrayList<>(given.shape().dims().asList());
        dims.add(axis, 1L);
        var along = new long[rank];
        Arrays.fill(along, 1);
        along[axis] = classes;
        var hot = n.binary(BinaryOp.EQ, n.reshape(index, Shape.of(dims)), n.reshape(n.iota(classes), Shape.of(along)));
        var off = n.reshape(n.slice(n.input(2), 0, 0, 1), Shape.SCALAR);
        var on = n.reshape(n.slice(n.input(2), 0, 1, 1), Shape.SCALAR);
        return List.of(n.select(hot, on, off));
    }

    /** Row t of a sequence of length l comes from l - 1 - t, and from t itself behind the sequence. */
    private static List<Value> reverseSequence(OnnxNode n) {
        long batchAxis = n.attributes().integer("batch_axis");
        var shape = n.input(0).type().shape();
        if (shape.rank() < 2
                || batchAxis + n.attributes().integer("time_axis") != 1
                || batchAxis != 0 && batchAxis != 1) {
            throw n.fault("takes batches and times in the first two dimensions, not in " + batchAxis + " and "
                    + n.attributes().integer("time_axis") + " of " + n.input(0).type());
        }
        var order = new ArrayList<>(IntStream.range(0, shape.rank()).boxed().toList());
        if (batchAxis == 1) {
            order.set(0, 1);
            order.set(1, 0);
        }
        var x = batchAxis == 0 ? n.input(0) : n.transpose(n.input(0), order);
        var dims = x.type().shape().dims().asList();
        long batches = dims.get(0);
        long times = dims.get(1);
        if (!n.input(1).type().shape().equals(Shape.of(batches))) {
            throw n.fault("input 1 (sequence_lens) is " + n.input(1).type() + ", not a length for each of " + batches
                    + " sequences");
        }
        var t = n.reshape(n.iota(times), Shape.of(1, times));
        var length = n.reshape(n.input(1), Shape.of(batches, 1));
        var mirrored = n.binary(BinaryOp.SUB, n.binary(BinaryOp.SUB, length, 1), t);
        var from = n.select(n.binary(BinaryOp.LT, t, length), mirrored, t);
        var first = n.binary(BinaryOp.MUL, n.reshape(n.iota(batches), Shape.of(batches, 1)), times);
        var rows = new ArrayList<>(dims.subList(1, dims.size()));
        rows.set(0, Math.multiplyExact(batches, times));
        var reversed = n.add(new Op.Gather(), n.reshape(x, Shape.of(rows)), n.binary(BinaryOp.ADD, from, first));
        return List.of(batchAxis == 0 ? reversed : n.transpose(reversed, order));
    }
}
