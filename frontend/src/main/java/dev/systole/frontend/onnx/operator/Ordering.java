package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.ScatterMode;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that compare elements along an axis: which is the largest, which come first, which are alike. */
final class Ordering {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "TopK", Ordering::topK, "ArgMax", extreme(true), "ArgMin", extreme(false), "Unique", Ordering::unique);

    private Ordering() {}

    private static OperatorRule.OfTensors extreme(boolean largest) {
        return n -> {
            var shape = n.input(0).type().shape();
            int axis = n.axis(n.attributes().integer("axis"), shape.rank());
            boolean last = n.attributes().integer("select_last_index", 0) != 0;
            var index = n.add(new Op.ArgReduce(largest, axis, last), n.input(0));
            var dims = new ArrayList<>(shape.dims().asList());
            dims.remove(axis);
            return List.of(n.attributes().flag("keepdims") ? index : n.reshape(index, Shape.of(dims)));
        };
    }

    /** Sorted even where the order does not matter. Of equal elements the first come first. */
    private static List<Value> topK(OnnxNode n) {
        var x = n.input(0);
        int axis = n.axis(n.attributes().integer("axis"), x.type().shape().rank());
        long k = n.since() < 10 ? n.attributes().integer("k") : n.whole(1);
        if (k < 0 || k > x.type().shape().dim(axis)) {
            throw n.fault("takes " + k + " of " + x.type().shape().dim(axis) + " elements");
        }
        return n.addAll(new Op.TopK(axis, k, n.attributes().integer("largest", 1) != 0), List.of(x));
    }

    /**
     * Rows that occur more than once stay once. Every row has a rank among the different ones; the first row of each rank stays,
     * at its rank if the result is sorted, else behind those that stay before it.
     */
    private static List<Value> unique(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        int axis = n.attributes().has("axis") ? n.axis(n.attributes().integer("axis", 0), shape.rank()) : 0;
        var items = n.attributes().has("axis") ? front(n, x, axis) : n.reshape(x, Shape.of(shape.elements()));
        long count = items.type().shape().dim(0);
        var index = n.iota(count);
        var rank = ranks(n, x.type().dtype() == DType.BOOL ? n.cast(items, DType.I32) : items);

        var none = n.splat(DType.I64, Shape.of(count), count);
        var firstOfRank = n.add(new Op.Scatter(ScatterMode.MIN), none, rank, index);
        var firstAlike = n.add(new Op.Gather(), firstOfRank, rank);
        var stays = n.binary(BinaryOp.EQ, firstAlike, index);
        var number = Selection.count(n, stays);
        var place = n.attributes().flag("sorted")
                ? rank
                : n.add(new Op.Gather(), Selection.placesBefore(n, stays), firstAlike);
        var to = n.select(stays, place, none);

        var values = Selection.placed(n, items, to);
        var firsts = Selection.placed(n, index, to);
        var counts = n.add(
                new Op.Scatter(ScatterMode.ADD),
                n.splat(DType.I64, Shape.of(count), 0),
                place,
                n.splat(DType.I64, Shape.of(count), 1));
        return List.of(
                n.bounded(n.attributes().has("axis") ? back(n, values, axis) : values, axis, number),
                n.bounded(firsts, 0, number),
                place,
                n.bounded(counts, 0, number));
    }

    /** x with an axis as the first dimension. */
    static Value front(OnnxNode n, Value x, int axis) {
        var order = dimensions(x);
        order.addFirst(order.remove(axis));
        return axis == 0 ? x : n.transpose(x, order);
    }

    /** x with the first dimension as an axis. */
    static Value back(OnnxNode n, Value x, int axis) {
        var order = dimensions(x);
        order.add(axis, order.removeFirst());
        return axis == 0 ? x : n.transpose(x, order);
    }

    private static List<Integer> dimensions(Value x) {
        return new ArrayList<>(
                IntStream.range(0, x.type().shape().rank()).boxed().toList());
    }

    /**
     * The rank of each item among the different ones, equal items having one rank. The columns of items are ranked each by itself; then two
     * neighbours make one, ranked by the left and then the right one, until one is left.
     */
    private static Value ranks(OnnxNode n, Value items) {
        long count = items.type().shape().dim(0);
        long columns = count == 0 ? 1 : items.type().shape().elements() / count;
        if (columns == 0) {
            return n.splat(DType.I64, Shape.of(count), 0);
        }
        var ranks = ranked(n, n.reshape(items, Shape.of(count, columns)));
        while (columns > 1) {
            if (columns % 2 != 0) {
                ranks = n.concat(1, List.of(ranks, n.splat(DType.I64, Shape.of(count, 1), 0)));
            }
            columns = (columns + 1) / 2;
            var left = n.slice(ranks, 1, 0, columns, 2);
            var right = n.slice(ranks, 1, 1, columns, 2);
            ranks = ranked(n, n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, left, count), right));
        }
        return n.reshape(ranks, Shape.of(count));
    }

    /** The rank of every element among the different ones of its column; NaN is one of them and comes last. */
    private static Value ranked(OnnxNode n, Value x) {
        var shape = x.type().shape();
        long count = shape.dim(0);
        if (count == 0) {
            return n.splat(DType.I64, shape, 0);
        }
        var sorted = n.addAll(new Op.Sort(0, false), List.of(x));
        var before = n.slice(sorted.getFirst(), 0, 0, count - 1);
        var after = n.slice(sorted.getFirst(), 0, 1, count - 1);
        var differs = n.binary(BinaryOp.NE, before, after);
        if (x.type().dtype().isFloat()) {
            differs = n.binary(BinaryOp.AND, differs, n.binary(BinaryOp.EQ, before, before));
        }
        var steps = n.concat(0, List.of(n.splat(DType.I64, shape.with(0, 1), 0), n.cast(differs, DType.I64)));
        var rank = n.add(new Op.Scan(ReduceOp.SUM, 0, false, false), steps);
        var inverse = n.addAll(new Op.Sort(0, false), List.of(sorted.get(1))).get(1);
        return n.add(new Op.GatherElements(0), rank, inverse);
    }
}
