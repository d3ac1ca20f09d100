package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The selection of boxes of which none overlaps a better one too much. */
final class Suppression {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("NonMaxSuppression", Suppression::suppress);

    /** Boxes are selected one after the other, each by some twenty operations. */
    private static final long MOST_SELECTED = 512;

    private Suppression() {}

    /**
     * Boxes of [rows], one row for each class of each batch.
     *
     * @param low [2, rows, boxes], the smaller coordinates
     * @param high [2, rows, boxes], the larger ones
     * @param area [1, rows, boxes]
     */
    private record Boxes(Value low, Value high, Value area) {
        /** The box with an index [1, rows, 1] of each row. */
        Boxes at(OnnxNode n, Value index) {
            return new Boxes(chosen(n, low, index), chosen(n, high, index), chosen(n, area, index));
        }

        private static Value chosen(OnnxNode n, Value x, Value index) {
            var indices = index.type().shape().with(0, x.type().shape().dim(0));
            return n.add(new Op.GatherElements(2), x, n.broadcast(index, indices));
        }

        /** Intersections over unions with one box of each row, [1, rows, boxes]; of empty boxes NaN or 0. */
        Value overlaps(OnnxNode n, Boxes box) {
            var from = n.binary(BinaryOp.MAX, low, box.low);
            var to = n.binary(BinaryOp.MIN, high, box.high);
            var sides = n.unary(UnaryOp.RELU, n.binary(BinaryOp.SUB, to, from));
            var common = product(n, sides);
            var union = n.binary(BinaryOp.SUB, n.binary(BinaryOp.ADD, area, box.area), common);
            return n.binary(BinaryOp.DIV, common, union);
        }

        static Value product(OnnxNode n, Value pair) {
            return n.binary(BinaryOp.MUL, n.slice(pair, 0, 0, 1), n.slice(pair, 0, 1, 1));
        }
    }

    private static List<Value> suppress(OnnxNode n) {
        var shape = n.input(0).type().shape();
        var scored = n.input(1).type().shape();
        if (shape.rank() != 3
                || scored.rank() != 3
                || shape.dim(2) != 4
                || scored.dim(0) != shape.dim(0)
                || scored.dim(2) != shape.dim(1)) {
            throw n.fault("takes boxes [batches, boxes, 4] and scores [batches, classes, boxes], not "
                    + n.input(0).type() + " and " + n.input(1).type());
        }
        long most = Math.clamp(n.has(2) ? n.whole(2) : 0, 0, shape.dim(1));
        if (most > MOST_SELECTED) {
            throw n.fault("selects up to " + most + " boxes of a class; at most " + MOST_SELECTED
                    + " are supported: set max_output_boxes_per_class");
        }
        long rows = scored.dim(0) * scored.dim(1);
        if (most == 0 || rows == 0) {
            return List.of(n.splat(DType.I64, Shape.of(0, 3), 0));
        }
        var boxes = boxes(n, scored);
        var scores = n.reshape(n.input(1), Shape.of(1, rows, scored.dim(2)));
        if (n.has(4)) {
            var enough = n.binary(BinaryOp.GT, scores, one(n, 4));
            scores = n.select(enough, scores, n.scalar(DType.F32, Double.NEGATIVE_INFINITY));
        }
        var threshold = n.has(3) ? one(n, 3) : n.scalar(DType.F32, 0);
        return List.of(selected(n, boxes, scores, threshold, most, scored));
    }

    private static Value one(OnnxNode n, int input) {
        if (n.input(input).type().shape().elements() != 1) {
            throw n.fault("input " + input + " is " + n.input(input).type() + ", not one number");
        }
        return n.reshape(n.input(input), Shape.SCALAR);
    }

    /** Corners are any two that lie opposite, or given by the centre and the size. */
    private static Boxes boxes(OnnxNode n, Shape scored) {
        var pairs = n.transpose(n.input(0), List.of(2, 0, 1));
        var first = n.slice(pairs, 0, 0, 2);
        var second = n.slice(pairs, 0, 2, 2);
        boolean centred = n.attributes().flag("center_point_box");
        var half = centred ? n.binary(BinaryOp.DIV, second, 2) : second;
        var low = centred ? n.binary(BinaryOp.SUB, first, half) : n.binary(BinaryOp.MIN, first, second);
        var high = centred ? n.binary(BinaryOp.ADD, first, half) : n.binary(BinaryOp.MAX, first, second);
        var area = Boxes.product(n, n.binary(BinaryOp.SUB, high, low));
        return new Boxes(forClasses(n, low, scored), forClasses(n, high, scored), forClasses(n, area, scored));
    }

    private static Value forClasses(OnnxNode n, Value x, Shape scored) {
        long kinds = x.type().shape().dim(0);
        var each = n.reshape(x, Shape.of(kinds, scored.dim(0), 1, scored.dim(2)));
        var all = n.broadcast(each, Shape.of(kinds, scored.dim(0), scored.dim(1), scored.dim(2)));
        return n.reshape(all, Shape.of(kinds, scored.dim(0) * scored.dim(1), scored.dim(2)));
    }

    /** In each row the best box that is left is selected, and leaves with those that overlap it too much. */
    private static Value selected(OnnxNode n, Boxes boxes, Value scores, Value threshold, long most, Shape scored) {
        long rows = scored.dim(0) * scored.dim(1);
        var never = n.scalar(DType.F32, Double.NEGATIVE_INFINITY);
        var index = n.reshape(n.iota(scored.dim(2)), Shape.of(1, 1, scored.dim(2)));
        var picks = new ArrayList<Value>();
        var valid = new ArrayList<Value>();
        for (long i = 0; i < most; i++) {
            var pick = n.add(new Op.ArgReduce(true, 2, false), scores);
            picks.add(pick);
            valid.add(n.binary(BinaryOp.GT, n.add(new Op.Reduce(ReduceOp.MAX, List.of(2)), scores), never));
            var alike = n.binary(BinaryOp.GT, boxes.overlaps(n, boxes.at(n, pick)), threshold);
            var leaves = n.binary(BinaryOp.OR, alike, n.binary(BinaryOp.EQ, index, pick));
            scores = n.select(leaves, never, scores);
        }
        var dims = Shape.of(scored.dim(0), scored.dim(1), most, 1);
        var triples = n.concat(
                3,
                List.of(
                        n.broadcast(n.reshape(n.iota(scored.dim(0)), Shape.of(scored.dim(0), 1, 1, 1)), dims),
                        n.broadcast(n.reshape(n.iota(scored.dim(1)), Shape.of(1, scored.dim(1), 1, 1)), dims),
                        n.reshape(n.concat(2, picks), dims)));
        var holds = n.reshape(n.concat(2, valid), Shape.of(rows * most));
        var packed = Selection.packed(n, n.reshape(triples, Shape.of(rows * most, 3)), holds);
        return n.bounded(packed, 0, Selection.count(n, holds));
    }
}
