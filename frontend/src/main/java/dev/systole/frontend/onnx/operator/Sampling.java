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

/** Tensors sampled at the points of a grid, and such grids. */
final class Sampling {
    /** The cubic filter's coefficient, which is not an attribute. */
    private static final double CUBIC = -0.75;

    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("GridSample", Sampling::gridSample, "AffineGrid", Sampling::affineGrid);

    private Sampling() {}

    private enum Mode {
        NEAREST,
        LINEAR,
        CUBIC
    }

    private enum Padding {
        ZEROS,
        BORDER,
        REFLECTION
    }

    private static List<Value> gridSample(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        var grid = n.input(1).type().shape();
        int spatial = shape.rank() - 2;
        boolean fits = spatial >= 1
                && grid.rank() == shape.rank()
                && grid.dim(0) == shape.dim(0)
                && grid.dim(spatial + 1) == spatial
                && (n.since() >= 20 || spatial == 2);
        if (!fits) {
            throw n.fault("samples " + x.type() + " with a grid " + n.input(1).type()
                    + "; it takes [N, C, spatial...] and [N, points..., spatial dimensions]");
        }
        var dims = new ArrayList<>(List.of(shape.dim(0), shape.dim(1)));
        dims.addAll(grid.dims().asList().subList(1, spatial + 1));
        var result = Shape.of(dims);
        if (result.elements() == 0) {
            return List.of(n.splat(x.type().dtype(), result, 0));
        }
        if (shape.elements() == 0) {
            throw n.fault("samples " + x.type() + ", which has no elements");
        }
        return List.of(n.reshape(sampled(n, x, spatial), result));
    }

    private static Value sampled(OnnxNode n, Value x, int spatial) {
        var shape = x.type().shape();
        long images = shape.dim(0);
        var grid = n.input(1).type().shape();
        long each = grid.elements() / images / spatial;
        var coordinates = n.cast(n.input(1), Convolutions.wide(n.input(1).type().dtype()));
        coordinates = n.reshape(coordinates, Shape.of(images, each, spatial));
        var mode = mode(n);
        var padding = padding(n);
        var type = Resizing.interpolated(x.type().dtype());
        var taps = new ArrayList<Points.Taps>();
        var inside = new ArrayList<Value>();
        for (int d = 0; d < spatial; d++) {
            var normal = n.reshape(n.slice(coordinates, 2, spatial - 1 - d, 1), Shape.of(images, each));
            var place = within(n, denormal(n, normal, shape.dim(d + 2)), shape.dim(d + 2), mode, padding);
            taps.add(taps(n, place, shape.dim(d + 2), mode, padding, type));
            inside.add(Points.inside(n, place, shape.dim(d + 2)));
        }
        var extents = shape.dims().asList().subList(2, shape.rank());
        long plane = extents.stream().reduce(1L, Math::multiplyExact);
        var first = Points.firstRows(n, images, plane);
        var rows = Points.rows(n, x);
        var points = Shape.of(images, each);
        Value y;
        if (mode == Mode.NEAREST) {
            y = nearest(n, rows, first, taps, extents, points);
            y = padding == Padding.ZEROS
                    ? n.select(all(n, inside), y, n.scalar(x.type().dtype(), 0))
                    : y;
        } else {
            var terms = Points.terms(n, rows, first, taps, extents, points);
            y = n.cast(
                    n.add(new Op.Reduce(ReduceOp.SUM, List.of(0)), terms),
                    x.type().dtype());
        }
        return n.transpose(n.reshape(y, Shape.of(images, each, shape.dim(1))), List.of(0, 2, 1));
    }

    private static Mode mode(OnnxNode n) {
        boolean named = n.since() < 20;
        var mode = n.attributes().text("mode");
        if (mode.equals("nearest")) {
            return Mode.NEAREST;
        }
        if (mode.equals(named ? "bilinear" : "linear")) {
            return Mode.LINEAR;
        }
        if (mode.equals(named ? "bicubic" : "cubic")) {
            return Mode.CUBIC;
        }
        throw n.fault("has mode \"" + mode + "\"; there are nearest, "
                + (named ? "bilinear and bicubic" : "linear and cubic"));
    }

    private static Padding padding(OnnxNode n) {
        return switch (n.attributes().text("padding_mode")) {
            case "zeros" -> Padding.ZEROS;
            case "border" -> Padding.BORDER;
            case "reflection" -> Padding.REFLECTION;
            default ->
                throw n.fault("has padding_mode \"" + n.attributes().text("padding_mode")
                        + "\"; there are zeros, border and reflection");
        };
    }

    /** A place in elements from one in -1..1, which are the centres of the outer elements or their outer edges. */
    private static Value denormal(OnnxNode n, Value normal, long extent) {
        var from0 = n.binary(BinaryOp.ADD, normal, 1);
        if (n.attributes().flag("align_corners")) {
            return n.binary(BinaryOp.MUL, from0, (extent - 1) / 2.0);
        }
        return n.binary(BinaryOp.SUB, n.binary(BinaryOp.MUL, from0, extent / 2.0), 0.5);
    }

    /** Where the input begins and ends along a dimension: at the outer elements' centres or edges. */
    private static double border(OnnxNode n) {
        return n.attributes().flag("align_corners") ? 0 : -0.5;
    }

    /** Places beyond the borders moved as the padding says; those of nearest elements are whole. */
    private static Value within(OnnxNode n, Value place, long extent, Mode mode, Padding padding) {
        var x = mode == Mode.NEAREST ? n.unary(UnaryOp.ROUND, place) : place;
        return switch (padding) {
            case ZEROS -> x;
            case REFLECTION -> reflected(n, x, extent);
            case BORDER -> {
                var type = x.type().dtype();
                var clamped = Points.clamped(n, x, n.scalar(type, 0), n.scalar(type, extent - 1));
                var low = n.binary(BinaryOp.LT, x, n.scalar(type, border(n)));
                var high = n.binary(BinaryOp.GT, x, n.scalar(type, extent - 1 - border(n)));
                yield mode == Mode.CUBIC ? n.select(n.binary(BinaryOp.OR, low, high), clamped, x) : clamped;
            }
        };
    }

    /** Mirrored at both borders until inside. */
    private static Value reflected(OnnxNode n, Value x, long extent) {
        double low = border(n);
        double range = extent - 1 - 2 * low;
        if (range == 0) {
            return n.binary(BinaryOp.MUL, x, 0);
        }
        var way = n.binary(BinaryOp.REM, n.unary(UnaryOp.ABS, n.binary(BinaryOp.SUB, x, low)), 2 * range);
        var back = n.binary(BinaryOp.SUB, n.scalar(x.type().dtype(), 2 * range), way);
        return n.binary(BinaryOp.ADD, n.binary(BinaryOp.MIN, way, back), low);
    }

    private static Points.Taps taps(OnnxNode n, Value place, long extent, Mode mode, Padding padding, DType type) {
        var fraction = n.cast(Points.fraction(n, place), type);
        var weights = switch (mode) {
            case NEAREST -> List.of(n.scalar(type, 1));
            case LINEAR -> Points.linear(n, fraction);
            case CUBIC -> cubic(n, fraction);
        };
        var lower = n.unary(UnaryOp.FLOOR, place);
        var places = new ArrayList<Value>();
        var counted = new ArrayList<Value>();
        for (int t = 0; t < weights.size(); t++) {
            var at = n.binary(BinaryOp.ADD, lower, t - (weights.size() - 1) / 2);
            places.add(padding == Padding.REFLECTION ? reflected(n, at, extent) : at);
            counted.add(
                    padding == Padding.ZEROS && mode != Mode.NEAREST
                            ? n.select(Points.inside(n, at, extent), weights.get(t), n.scalar(type, 0))
                            : weights.get(t));
        }
        return Points.Taps.of(n, places, counted, extent);
    }

    private static Value all(OnnxNode n, List<Value> conditions) {
        var condition = conditions.stream()
                .reduce((a, b) -> n.binary(BinaryOp.AND, a, b))
                .orElseThrow();
        return n.reshape(condition, Shape.of(condition.type().shape().elements(), 1));
    }

    /** The shares of the elements 1 before the lower neighbour up to 1 behind the upper one. */
    private static List<Value> cubic(OnnxNode n, Value fraction) {
        var rest = n.binary(BinaryOp.SUB, n.scalar(fraction.type().dtype(), 1), fraction);
        return List.of(outer(n, rest), inner(n, fraction), inner(n, rest), outer(n, fraction));
    }

    /** The cubic filter at x in 0..1: ((c + 2) x - (c + 3)) x² + 1. */
    private static Value inner(OnnxNode n, Value x) {
        var slope = n.binary(BinaryOp.SUB, n.binary(BinaryOp.MUL, x, CUBIC + 2), CUBIC + 3);
        return n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, slope, n.unary(UnaryOp.SQUARE, x)), 1);
    }

    /** The cubic filter at 2 - x, x in 0..1: c x² (1 - x). */
    private static Value outer(OnnxNode n, Value x) {
        var rest = n.binary(BinaryOp.SUB, n.scalar(x.type().dtype(), 1), x);
        return n.binary(BinaryOp.MUL, n.binary(BinaryOp.MUL, n.unary(UnaryOp.SQUARE, x), rest), CUBIC);
    }

    private static Value nearest(
            OnnxNode n, Value rows, Value first, List<Points.Taps> taps, List<Long> extents, Shape points) {
        var indices = first;
        long stride = 1;
        for (int d = taps.size() - 1; d >= 0; d--) {
            var along = n.reshape(taps.get(d).indices(), points);
            indices = n.binary(BinaryOp.ADD, indices, n.binary(BinaryOp.MUL, along, stride));
            stride *= extents.get(d);
        }
        return n.add(new Op.Gather(), rows, n.reshape(indices, Shape.of(points.elements())));
    }

    /** theta times the homogeneous coordinates of evenly spaced points, innermost coordinate first: one product for all images. */
    private static List<Value> affineGrid(OnnxNode n) {
        var theta = n.input(0);
        var size = n.longs(1);
        int spatial = size.size() - 2;
        boolean fits = spatial >= 2
                && spatial <= 3
                && size.stream().allMatch(s -> s >= 0)
                && theta.type().shape().equals(Shape.of(size.getFirst(), spatial, spatial + 1));
        if (!fits) {
            throw n.fault("has theta " + theta.type() + " for size " + size
                    + "; it takes [N, 2, 3] for [N, C, H, W] or [N, 3, 4] for [N, C, D, H, W]");
        }
        var extents = size.subList(2, spatial + 2);
        long images = size.getFirst();
        var type = Convolutions.wide(theta.type().dtype());
        var grid = Shape.of(extents);
        var columns = new ArrayList<Value>();
        for (int d = spatial - 1; d >= 0; d--) {
            var dims = new long[spatial];
            java.util.Arrays.fill(dims, 1);
            dims[d] = extents.get(d);
            columns.add(n.broadcast(n.reshape(spaced(n, type, extents.get(d)), Shape.of(dims)), grid));
        }
        columns.add(n.splat(type, grid, 1));
        var column = Shape.of(grid.elements(), 1);
        var points = n.concat(1, columns.stream().map(c -> n.reshape(c, column)).toList());
        var matrices = n.transpose(n.cast(theta, type), List.of(2, 0, 1));
        var factors = n.reshape(matrices, Shape.of(spatial + 1, images * spatial));
        var y = n.add(new Op.MatMul(type), points, factors);
        y = n.transpose(n.reshape(y, Shape.of(grid.elements(), images, spatial)), List.of(1, 0, 2));
        var dims = new ArrayList<>(List.of(images));
        dims.addAll(extents);
        dims.add((long) spatial);
        return List.of(n.cast(n.reshape(y, Shape.of(dims)), theta.type().dtype()));
    }

    /** Points from -1 to 1: with aligned corners the outer ones there, otherwise half a step from there. */
    private static Value spaced(OnnxNode n, DType type, long extent) {
        boolean aligned = n.attributes().flag("align_corners");
        if (aligned && extent == 1) {
            return n.splat(type, Shape.of(1), 0);
        }
        double step = 2.0 / (aligned ? extent - 1 : extent);
        var count = n.cast(n.iota(extent), type);
        return n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, count, step), aligned ? -1 : step / 2 - 1);
    }
}
