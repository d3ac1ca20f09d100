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

/** The largest elements of parts of regions of images, which are data. */
final class RegionMaxima {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("MaxRoiPool", RegionMaxima::maxPool);

    private RegionMaxima() {}

    /**
     * The largest element of each part of a region of whole elements. The largest of 2^i by 2^j elements are known for all i, j and places;
     * four such blocks cover a part.
     */
    private static List<Value> maxPool(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        var rois = n.input(1).type().shape();
        var parts = n.attributes().integers("pooled_shape").orElse(List.of());
        if (shape.rank() != 4
                || rois.rank() != 2
                || rois.dim(1) != 5
                || parts.size() != 2
                || parts.getFirst() < 1
                || parts.getLast() < 1) {
            throw n.fault("takes X [N, C, H, W] and rois [R, 5], not " + x.type() + " and "
                    + n.input(1).type() + ", for parts " + parts);
        }
        var result = Shape.of(rois.dim(0), shape.dim(1), parts.getFirst(), parts.getLast());
        if (shape.elements() == 0 || result.elements() == 0) {
            return List.of(n.splat(x.type().dtype(), result, 0));
        }
        var vertical = blocks(n, 2, parts.getFirst(), shape.dim(2));
        var horizontal = blocks(n, 1, parts.getLast(), shape.dim(3));
        long regions = rois.dim(0);
        var image = n.cast(n.reshape(n.slice(n.input(1), 1, 0, 1), Shape.of(regions)), DType.I32);
        var index = n.reshape(n.binary(BinaryOp.MUL, image, shape.dim(2)), Shape.of(1, 1, regions, 1, 1));
        long levels = levels(shape.dim(3));
        long tables = Math.multiplyExact(Math.multiplyExact(levels(shape.dim(2)), levels), shape.elements());
        if (tables > Integer.MAX_VALUE) {
            throw n.fault("pools " + x.type() + ", which is too large");
        }
        var table = n.binary(BinaryOp.MUL, vertical.level(n, true), levels);
        table = n.binary(BinaryOp.ADD, table, horizontal.level(n, false));
        index = n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, table, shape.dim(0) * shape.dim(2)), index);
        index = n.binary(BinaryOp.ADD, index, vertical.place(n, true));
        index = n.binary(BinaryOp.MUL, index, shape.dim(3));
        index = n.binary(BinaryOp.ADD, index, horizontal.place(n, false));
        index = n.reshape(index, Shape.of(4, index.type().shape().elements() / 4));
        var picked = n.add(new Op.Gather(), tables(n, x), index);
        var y = n.add(new Op.Reduce(ReduceOp.MAX, List.of(0)), picked);
        y = n.reshape(y, Shape.of(regions, parts.getFirst(), parts.getLast(), shape.dim(1)));
        var empty = n.binary(
                BinaryOp.OR,
                n.reshape(vertical.empty, Shape.of(regions, parts.getFirst(), 1, 1)),
                n.reshape(horizontal.empty, Shape.of(regions, 1, parts.getLast(), 1)));
        y = n.select(empty, n.scalar(x.type().dtype(), 0), y);
        return List.of(n.transpose(y, List.of(0, 3, 1, 2)));
    }

    /**
     * The parts of all regions along a dimension, each covered by two blocks.
     *
     * @param level [R, P], the logarithm of a block's length
     * @param first [R, P], where the first block begins
     * @param second [R, P], where the second one begins
     * @param empty [R, P], where a part has no elements
     */
    private record Blocks(Value level, Value first, Value second, Value empty) {
        Value level(OnnxNode n, boolean rows) {
            return n.reshape(level, points(1, rows));
        }

        Value place(OnnxNode n, boolean rows) {
            return n.reshape(Points.stacked(n, List.of(first, second)), points(2, rows));
        }

        /** [row blocks, column blocks, R, rows, columns] */
        private Shape points(long blocks, boolean rows) {
            long regions = first.type().shape().dim(0);
            long parts = first.type().shape().dim(1);
            return rows ? Shape.of(blocks, 1, regions, parts, 1) : Shape.of(1, blocks, regions, 1, parts);
        }
    }

    private static long levels(long extent) {
        return Long.SIZE - Long.numberOfLeadingZeros(extent);
    }

    private static Blocks blocks(OnnxNode n, int coordinate, long parts, long extent) {
        var rois = n.cast(n.input(1), Convolutions.wide(n.input(1).type().dtype()));
        var type = rois.type().dtype();
        var scale = n.attributes().real("spatial_scale");
        var start = rounded(n, n.binary(BinaryOp.MUL, n.slice(rois, 1, coordinate, 1), scale));
        var end = rounded(n, n.binary(BinaryOp.MUL, n.slice(rois, 1, coordinate + 2, 1), scale));
        var length = n.binary(BinaryOp.MAX, n.binary(BinaryOp.ADD, n.binary(BinaryOp.SUB, end, start), 1), 1);
        var part = Points.count(n, type, parts, 2);
        var low = n.unary(UnaryOp.FLOOR, n.binary(BinaryOp.DIV, n.binary(BinaryOp.MUL, part, length), parts));
        var next = n.binary(BinaryOp.ADD, part, 1);
        var high = n.unary(UnaryOp.CEIL, n.binary(BinaryOp.DIV, n.binary(BinaryOp.MUL, next, length), parts));
        var zero = n.scalar(type, 0);
        var most = n.scalar(type, extent);
        low = Points.clamped(n, n.binary(BinaryOp.ADD, low, start), zero, most);
        high = Points.clamped(n, n.binary(BinaryOp.ADD, high, start), zero, most);
        var size = n.binary(BinaryOp.SUB, high, low);
        var level = n.splat(DType.I32, size.type().shape(), 0);
        var block = n.splat(type, size.type().shape(), 1);
        for (long power = 2; power <= extent; power *= 2) {
            var reached = n.binary(BinaryOp.GE, size, power);
            level = n.binary(BinaryOp.ADD, level, n.cast(reached, DType.I32));
            block = n.select(reached, n.scalar(type, power), block);
        }
        return new Blocks(
                level,
                Points.index(n, low, extent),
                Points.index(n, n.binary(BinaryOp.SUB, high, block), extent),
                n.binary(BinaryOp.LE, size, 0));
    }

    /** To the nearest whole number, halves away from zero. */
    private static Value rounded(OnnxNode n, Value x) {
        var magnitude = n.unary(UnaryOp.FLOOR, n.binary(BinaryOp.ADD, n.unary(UnaryOp.ABS, x), 0.5));
        return n.binary(BinaryOp.MUL, magnitude, n.unary(UnaryOp.SIGN, x));
    }

    /** The largest of 2^i by 2^j elements from each element on: [i, j, N, H, W] as rows of channels. */
    private static Value tables(OnnxNode n, Value x) {
        var shape = x.type().shape();
        var tables = new ArrayList<Value>();
        var ones = List.of(1L, 1L);
        for (long height = 1; height <= shape.dim(2); height *= 2) {
            for (long width = 1; width <= shape.dim(3); width *= 2) {
                var block = List.of(height, width);
                var behind = List.of(height - 1, width - 1);
                var window = new Op.WindowReduce(ReduceOp.MAX, block, ones, List.of(0L, 0L), behind, ones);
                tables.add(Points.rows(n, n.add(window, x)));
            }
        }
        return n.concat(0, tables);
    }
}
