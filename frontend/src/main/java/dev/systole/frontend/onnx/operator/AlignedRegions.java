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

/** Regions of images, which are data, sampled by linear interpolation. */
final class AlignedRegions {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("RoiAlign", AlignedRegions::align);

    private AlignedRegions() {}

    /**
     * Samples of all regions along one dimension.
     *
     * @param places [R, P, J], J samples in each of P parts of a region
     * @param inside [R, P, J], whether there is such a sample, and in the image
     * @param outside [R, P], whether there are samples beside the image, which count as 0
     * @param number [R, 1], samples of a part, at least 1
     */
    private record Samples(Value places, Value inside, Value outside, Value number) {}

    /**
     * Samples of X by linear interpolation, evenly spaced in each part of a region, averaged: the interpolation and the average along each
     * dimension is a matrix a region, so that of both dimensions is two products.
     */
    private static List<Value> align(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        var rois = n.input(1).type().shape();
        if (shape.rank() != 4
                || rois.rank() != 2
                || rois.dim(1) != 4
                || !n.input(2).type().shape().equals(Shape.of(rois.dim(0)))) {
            throw n.fault("takes X [N, C, H, W], rois [R, 4] and batch_indices [R], not " + x.type() + ", "
                    + n.input(1).type() + " and " + n.input(2).type());
        }
        long height = n.attributes().integer("output_height");
        long width = n.attributes().integer("output_width");
        if (height < 1 || width < 1 || n.attributes().integer("sampling_ratio") < 0) {
            throw n.fault("gives " + height + " by " + width + " parts with sampling_ratio "
                    + n.attributes().integer("sampling_ratio"));
        }
        var type = Convolutions.wide(x.type().dtype());
        var result = Shape.of(rois.dim(0), shape.dim(1), height, width);
        if (shape.dim(2) == 0 || shape.dim(3) == 0 || result.elements() == 0) {
            return List.of(n.splat(x.type().dtype(), result, 0));
        }
        var wide = n.cast(x, type);
        var vertical = samples(n, 1, height, shape.dim(2), type);
        var horizontal = samples(n, 0, width, shape.dim(3), type);
        var y = switch (n.attributes().text("mode")) {
            case "avg" -> average(n, wide, vertical, horizontal, result);
            case "max" -> max(n, wide, vertical, horizontal, result);
            default -> throw n.fault("has mode \"" + n.attributes().text("mode") + "\"; there are avg and max");
        };
        return List.of(n.cast(y, x.type().dtype()));
    }

    /** Before version 16 coordinates were those of output half pixels: nothing is subtracted, and a region is at least one element. */
    private static Samples samples(OnnxNode n, int coordinate, long parts, long extent, DType type) {
        boolean halfPixel = halfPixel(n);
        var rois = n.cast(n.input(1), type);
        var scale = n.attributes().real("spatial_scale");
        var start = n.binary(BinaryOp.MUL, n.slice(rois, 1, coordinate, 1), scale);
        var end = n.binary(BinaryOp.MUL, n.slice(rois, 1, coordinate + 2, 1), scale);
        if (halfPixel) {
            start = n.binary(BinaryOp.SUB, start, 0.5);
            end = n.binary(BinaryOp.SUB, end, 0.5);
        }
        var length = n.binary(BinaryOp.SUB, end, start);
        length = halfPixel ? length : n.binary(BinaryOp.MAX, length, 1);
        var part = n.binary(BinaryOp.DIV, length, parts);
        long ratio = n.attributes().integer("sampling_ratio");
        long regions = rois.type().shape().dim(0);
        // A part of a region has at most one sample an element and one more, so those inside the image number at most
        // extent + 3.
        long most = ratio > 0 ? ratio : Math.addExact(extent, 4);
        var number = ratio > 0 ? n.splat(type, Shape.of(regions, 1), ratio) : n.unary(UnaryOp.CEIL, part);
        var least = n.binary(BinaryOp.MAX, number, 1);
        var step = n.binary(BinaryOp.DIV, part, least);

        var begin = n.binary(BinaryOp.ADD, start, n.binary(BinaryOp.MUL, part, Points.count(n, type, parts, 2)));
        var skipped = ratio > 0 ? n.splat(type, begin.type().shape(), 0) : skipped(n, begin, step, number);
        var three = Shape.of(regions, parts, 1);
        var each = Shape.of(regions, 1, 1);
        var index = n.binary(BinaryOp.ADD, n.reshape(skipped, three), Points.count(n, type, most, 3));
        var centre = n.binary(BinaryOp.MUL, n.binary(BinaryOp.ADD, index, 0.5), n.reshape(step, each));
        var places = n.binary(BinaryOp.ADD, n.reshape(begin, three), centre);
        var inside = n.binary(BinaryOp.AND, n.binary(BinaryOp.GE, places, -1), n.binary(BinaryOp.LE, places, extent));
        inside = n.binary(BinaryOp.AND, inside, n.binary(BinaryOp.LT, index, n.reshape(number, each)));
        var outside = outside(n, begin, step, number, extent);
        var clamped = Points.clamped(n, places, n.scalar(type, 0), n.scalar(type, extent - 1));
        return new Samples(clamped, inside, outside, least);
    }

    private static boolean halfPixel(OnnxNode n) {
        var mode = n.attributes()
                .text("coordinate_transformation_mode", n.since() < 16 ? "output_half_pixel" : "half_pixel");
        if (!mode.equals("half_pixel") && !mode.equals("output_half_pixel")) {
            throw n.fault(
                    "has coordinate_transformation_mode \"" + mode + "\"; there are half_pixel and output_half_pixel");
        }
        return mode.equals("half_pixel");
    }

    /** Samples of each part that lie before the image, less one for rounding: [R, P]. */
    private static Value skipped(OnnxNode n, Value begin, Value step, Value number) {
        var type = begin.type().dtype();
        var safe = n.select(n.binary(BinaryOp.GT, step, 0), step, n.scalar(type, 1));
        var before = n.binary(BinaryOp.DIV, n.binary(BinaryOp.SUB, n.scalar(type, -1), begin), safe);
        var whole = n.unary(UnaryOp.FLOOR, n.binary(BinaryOp.SUB, before, 1.5));
        return Points.clamped(n, whole, n.scalar(type, 0), n.binary(BinaryOp.MAX, number, 0));
    }

    private static Value outside(OnnxNode n, Value begin, Value step, Value number, long extent) {
        var first = n.binary(BinaryOp.ADD, begin, n.binary(BinaryOp.MUL, step, 0.5));
        var length = n.binary(BinaryOp.MUL, step, n.binary(BinaryOp.SUB, number, 1));
        var last = n.binary(BinaryOp.ADD, first, length);
        var before = n.binary(BinaryOp.LT, n.binary(BinaryOp.MIN, first, last), -1);
        var behind = n.binary(BinaryOp.GT, n.binary(BinaryOp.MAX, first, last), extent);
        return n.binary(BinaryOp.AND, n.binary(BinaryOp.OR, before, behind), n.binary(BinaryOp.GE, number, 1));
    }

    private static Value average(OnnxNode n, Value x, Samples vertical, Samples horizontal, Shape result) {
        var type = x.type().dtype();
        var shape = x.type().shape();
        long images = shape.dim(0);
        long regions = result.dim(0);
        var rows = matrix(n, vertical, shape.dim(2));
        if (images > 1) {
            var image = n.reshape(n.cast(n.input(2), DType.I64), Shape.of(regions, 1, 1, 1));
            var own = n.binary(BinaryOp.EQ, image, n.reshape(n.iota(images), Shape.of(1, 1, images, 1)));
            rows = n.binary(
                    BinaryOp.MUL,
                    n.reshape(rows, Shape.of(regions, result.dim(2), 1, shape.dim(2))),
                    n.cast(own, type));
        }
        rows = n.reshape(rows, Shape.of(regions * result.dim(2), images * shape.dim(2)));
        var lines = n.reshape(
                n.transpose(x, List.of(0, 2, 1, 3)), Shape.of(images * shape.dim(2), shape.dim(1) * shape.dim(3)));
        var across = n.reshape(
                n.add(new Op.MatMul(type), rows, lines), Shape.of(regions, result.dim(2) * shape.dim(1), shape.dim(3)));
        var columns = n.transpose(matrix(n, horizontal, shape.dim(3)), List.of(0, 2, 1));
        var y = n.reshape(
                n.add(new Op.MatMul(type), across, columns),
                Shape.of(regions, result.dim(2), shape.dim(1), result.dim(3)));
        return n.transpose(y, List.of(0, 2, 1, 3));
    }

    /** What each element along a dimension adds to the mean of each part: [R, P, extent]. */
    private static Value matrix(OnnxNode n, Samples s, long extent) {
        var shape = s.places.type().shape();
        var type = s.places.type().dtype();
        var four = Shape.of(shape.dim(0), shape.dim(1), shape.dim(2), 1);
        var distance = n.unary(
                UnaryOp.ABS, n.binary(BinaryOp.SUB, n.reshape(s.places, four), Points.count(n, type, extent, 4)));
        var share = n.unary(UnaryOp.RELU, n.binary(BinaryOp.SUB, n.scalar(type, 1), distance));
        share = n.binary(BinaryOp.MUL, share, n.cast(n.reshape(s.inside, four), type));
        var sum = n.reshape(
                n.add(new Op.Reduce(ReduceOp.SUM, List.of(2)), share), Shape.of(shape.dim(0), shape.dim(1), extent));
        return n.binary(BinaryOp.DIV, sum, n.reshape(s.number, Shape.of(shape.dim(0), 1, 1)));
    }

    /** The largest product of an element with its share in a sample; a sample beside the image is 0. */
    private static Value max(OnnxNode n, Value x, Samples vertical, Samples horizontal, Shape result) {
        var type = x.type().dtype();
        var shape = x.type().shape();
        long regions = result.dim(0);
        var points = Shape.of(regions, result.dim(2), result.dim(3));
        var rowCounts = Shape.of(regions, result.dim(2), 1);
        var columnCounts = Shape.of(regions, 1, result.dim(3));
        var taps = List.of(taps(n, vertical, rowCounts, shape.dim(2)), taps(n, horizontal, columnCounts, shape.dim(3)));
        var image = n.reshape(n.cast(n.input(2), DType.I32), Shape.of(regions, 1, 1));
        var first = n.binary(BinaryOp.MUL, image, Math.multiplyExact(shape.dim(2), shape.dim(3)));
        var terms = Points.terms(n, Points.rows(n, x), first, taps, List.of(shape.dim(2), shape.dim(3)), points);
        var there = n.binary(
                BinaryOp.AND,
                n.reshape(taken(n, vertical, rowCounts), lined(taps.get(0), true)),
                n.reshape(taken(n, horizontal, columnCounts), lined(taps.get(1), false)));
        there = n.reshape(there, Shape.of(terms.type().shape().dim(0), points.elements(), 1));
        var lowest = n.scalar(type, Double.NEGATIVE_INFINITY);
        var largest = n.add(new Op.Reduce(ReduceOp.MAX, List.of(0)), n.select(there, terms, lowest));
        var y = n.reshape(largest, Shape.of(regions, result.dim(2), result.dim(3), shape.dim(1)));
        var outside = n.binary(
                BinaryOp.OR, n.reshape(vertical.outside, rowCounts), n.reshape(horizontal.outside, columnCounts));
        outside = n.reshape(outside, Shape.of(regions, result.dim(2), result.dim(3), 1));
        y = n.binary(BinaryOp.MAX, y, n.select(outside, n.scalar(type, 0), lowest));
        y = n.select(n.binary(BinaryOp.EQ, y, lowest), n.scalar(type, 0), y);
        return n.transpose(y, List.of(0, 3, 1, 2));
    }

    /** Both neighbours of each sample, [2 J, points...]. */
    private static Points.Taps taps(OnnxNode n, Samples s, Shape points, long extent) {
        var places = samplesFirst(n, s.places, points);
        var lower = n.unary(UnaryOp.FLOOR, places);
        var shares = Points.linear(n, Points.fraction(n, places));
        var upper = n.binary(BinaryOp.ADD, lower, 1);
        return new Points.Taps(
                n.concat(0, List.of(Points.index(n, lower, extent), Points.index(n, upper, extent))),
                n.concat(0, shares));
    }

    private static Value taken(OnnxNode n, Samples s, Shape points) {
        var inside = samplesFirst(n, s.inside, points);
        return n.concat(0, List.of(inside, inside));
    }

    /** [R, P, J] as [J, points...]. */
    private static Value samplesFirst(OnnxNode n, Value x, Shape points) {
        long samples = x.type().shape().dim(2);
        return n.reshape(n.transpose(x, List.of(2, 0, 1)), Points.prepended(samples, points));
    }

    /** [taps, points...] with a dimension for the taps of the other of two axes. */
    private static Shape lined(Points.Taps taps, boolean first) {
        var dims = new ArrayList<>(taps.indices().type().shape().dims().asList());
        dims.add(first ? 1 : 0, 1L);
        return Shape.of(dims);
    }
}
