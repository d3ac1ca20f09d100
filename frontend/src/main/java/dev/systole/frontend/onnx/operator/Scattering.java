package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.ScatterMode;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Tensors of which elements or slices are replaced, or combined with updates, at indices. */
final class Scattering {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "Scatter", Scattering::scatterElements,
            "ScatterElements", Scattering::scatterElements,
            "ScatterND", Scattering::scatterSlices,
            "TensorScatter", Scattering::tensorScatter);

    private Scattering() {}

    /** Reductions came with opset 16, the maximum and the minimum with 18. */
    private static ScatterMode mode(OnnxNode n) {
        var name = n.attributes().text("reduction", "none");
        return switch (name) {
            case "none" -> ScatterMode.REPLACE;
            case "add" -> ScatterMode.ADD;
            case "mul" -> ScatterMode.MUL;
            case "max" -> since18(n, ScatterMode.MAX);
            case "min" -> since18(n, ScatterMode.MIN);
            default -> throw n.fault("reduction is \"" + name + "\"; it is none, add, mul, max or min");
        };
    }

    private static ScatterMode since18(OnnxNode n, ScatterMode mode) {
        if (n.since() < 18) {
            throw n.fault("reductions max and min come with version 18 of the operators");
        }
        return mode;
    }

    /** An update for each index, which counts along the axis; elsewhere it stands at the update's own place. */
    private static List<Value> scatterElements(OnnxNode n) {
        var data = n.input(0).type().shape();
        var indices = n.input(1).type().shape();
        int axis = n.axis(n.attributes().integer("axis"), data.rank());
        Indexing.requireWithin(n, indices, data, axis);
        requireUpdates(n, indices);
        var at = n.cast(Indexing.wrapped(n, n.input(1), data.dim(axis)), DType.I64);
        var strides = data.strides();
        at = n.binary(BinaryOp.MUL, at, strides[axis]);
        for (int d = 0; d < data.rank(); d++) {
            if (d != axis && indices.dim(d) > 1) {
                var offsets = n.binary(BinaryOp.MUL, n.iota(indices.dim(d)), strides[d]);
                at = n.binary(
                        BinaryOp.ADD, at, n.reshape(offsets, ones(data.rank()).with(d, indices.dim(d))));
            }
        }
        return List.of(scattered(n, mode(n), n.input(0), at, n.input(2), data.rank()));
    }

    private static Shape ones(int rank) {
        return Shape.of(Collections.nCopies(rank, 1L));
    }

    private static void requireUpdates(OnnxNode n, Shape shape) {
        if (!n.input(2).type().shape().equals(shape)) {
            throw n.fault(
                    "input 2 (updates) is " + n.input(2).type() + "; these data and indices take [" + shape + "]");
        }
    }

    /** A slice of updates for each index. */
    private static List<Value> scatterSlices(OnnxNode n) {
        var data = n.input(0).type().shape();
        var indices = n.input(1).type().shape();
        long length = indices.rank() == 0 ? 0 : indices.dim(indices.rank() - 1);
        if (length < 1 || length > data.rank()) {
            throw n.fault("indices [" + indices + "] are of " + length + " numbers; data [" + data + "] takes 1 to "
                    + data.rank());
        }
        int sliced = (int) length;
        var updates = new ArrayList<>(indices.dims().asList().subList(0, indices.rank() - 1));
        updates.addAll(data.dims().asList().subList(sliced, data.rank()));
        requireUpdates(n, Shape.of(updates));
        var at = Indexing.positions(n, n.input(1), data.dims().asList().subList(0, sliced));
        return List.of(scattered(n, mode(n), n.input(0), at, n.input(2), sliced));
    }

    /**
     * Scatters slices of the data.
     *
     * @param at row-major positions of the slices
     * @param sliced number of leading dimensions of the data that the positions count over
     */
    private static Value scattered(OnnxNode n, ScatterMode mode, Value data, Value at, Value updates, int sliced) {
        var shape = data.type().shape();
        long count = at.type().shape().elements();
        var slice = shape.dims().asList().subList(sliced, shape.rank());
        boolean logical = data.type().dtype() == DType.BOOL && mode != ScatterMode.REPLACE;
        var result = n.add(
                new Op.Scatter(logical ? ofFlags(mode) : mode),
                n.reshape(
                        logical ? n.cast(data, DType.U8) : data,
                        rows(Shape.of(shape.dims().asList().subList(0, sliced)).elements(), slice)),
                n.reshape(at, Shape.of(count)),
                n.reshape(logical ? n.cast(updates, DType.U8) : updates, rows(count, slice)));
        return n.cast(n.reshape(result, shape), data.type().dtype());
    }

    /** Sums of booleans are true where one is, products where all are. */
    private static ScatterMode ofFlags(ScatterMode mode) {
        return switch (mode) {
            case ADD -> ScatterMode.MAX;
            case MUL -> ScatterMode.MIN;
            case REPLACE, MAX, MIN -> mode;
        };
    }

    private static Shape rows(long count, List<Long> slice) {
        var dims = new ArrayList<Long>();
        dims.add(count);
        dims.addAll(slice);
        return Shape.of(dims);
    }

    /** Writes a run of steps into a cache, for each sample of the batch from an index of its own. */
    private static List<Value> tensorScatter(OnnxNode n) {
        var cache = n.input(0).type().shape();
        int axis = n.axis(n.attributes().integer("axis"), cache.rank());
        var update = n.input(1).type().shape();
        if (axis == 0 || update.rank() != cache.rank() || !update.equals(cache.with(axis, update.dim(axis)))) {
            throw n.fault("update [" + update + "] is no part of cache [" + cache + "] along axis " + axis
                    + ", which is not the batch");
        }
        long room = cache.dim(axis);
        long steps = update.dim(axis);
        var mode = n.attributes().text("mode");
        if (steps > room || !mode.equals("linear") && !mode.equals("circular")) {
            throw n.fault("writes " + steps + " steps into a " + mode + " cache of " + room
                    + "; they must fit, and the mode is linear or circular");
        }
        if (!n.has(2)) {
            return List.of(n.concat(axis, List.of(n.input(1), n.slice(n.input(0), axis, steps, room - steps))));
        }
        if (!n.input(2).type().shape().equals(Shape.of(cache.dim(0)))) {
            throw n.fault("input 2 (write_indices) is " + n.input(2).type() + ", not an index for each of "
                    + cache.dim(0) + " samples");
        }
        requireRoom(n, mode, room - steps);
        if (room == 0) {
            return List.of(n.input(0));
        }
        long batch = cache.dim(0);
        long prefixes = Shape.of(cache.dims().asList().subList(1, axis)).elements();
        var step = n.binary(
                BinaryOp.ADD,
                n.reshape(n.input(2), Shape.of(batch, 1, 1)),
                n.reshape(n.iota(steps), Shape.of(1, 1, steps)));
        if (mode.equals("circular")) {
            step = n.binary(BinaryOp.REM, n.binary(BinaryOp.ADD, n.binary(BinaryOp.REM, step, room), room), room);
        }
        var first = n.binary(BinaryOp.MUL, n.iota(batch * prefixes), room);
        var at = n.binary(BinaryOp.ADD, n.reshape(first, Shape.of(batch, prefixes, 1)), step);
        return List.of(scattered(n, ScatterMode.REPLACE, n.input(0), at, n.input(1), axis + 1));
    }

    private static void requireRoom(OnnxNode n, String mode, long latest) {
        if (mode.equals("linear")
                && n.known(n.input(2)).isPresent()
                && n.longs(2).stream().anyMatch(i -> i < 0 || i > latest)) {
            throw n.fault("write_indices " + n.longs(2) + " are not from 0 to " + latest
                    + ", where a linear cache has room for the update");
        }
    }
}
