package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A convolution whose windows take their elements at computed distances from where they would be. */
final class DeformableConvolution {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("DeformConv", DeformableConvolution::convolution);

    private DeformableConvolution() {}

    /**
     * The extents of a node.
     *
     * @param offsetGroups parts of the channels, each with offsets of its own
     * @param volume elements of a window
     * @param results windows
     */
    private record Extents(long images, long channels, long groups, long offsetGroups, long volume, long results) {}

    private static List<Value> convolution(OnnxNode n) {
        var x = n.input(0);
        var weights = n.input(1);
        var windows = Windows.ofConvolution(n, x, weights);
        var shape = x.type().shape();
        long channels = shape.dim(1);
        long groups = Convolutions.groups(n, channels);
        long offsetGroups = n.attributes().integer("offset_group");
        long outputs = weights.type().shape().dim(0);
        boolean fits = offsetGroups >= 1
                && channels % offsetGroups == 0
                && outputs % groups == 0
                && weights.type().shape().dim(1) == channels / groups;
        if (!fits) {
            throw n.fault("has weights " + weights.type() + " for " + x.type() + " in " + groups + " groups with "
                    + offsetGroups + " offset groups");
        }
        long volume = windows.sizes().stream().reduce(1L, Math::multiplyExact);
        long results = windows.counts().stream().reduce(1L, Math::multiplyExact);
        var e = new Extents(shape.dim(0), channels, groups, offsetGroups, volume, results);
        var type = Convolutions.wide(x.type().dtype());
        var sampled = sampled(n, n.cast(x, type), windows, e);
        var rows = Math.multiplyExact(channels / groups, volume);
        var columns = n.reshape(sampled, Shape.of(e.images, groups, rows, results));
        var matrix = n.reshape(n.cast(weights, type), Shape.of(1, groups, outputs / groups, rows));
        var factors = n.broadcast(matrix, Shape.of(e.images, groups, outputs / groups, rows));
        var dims = new ArrayList<>(List.of(e.images, outputs));
        dims.addAll(windows.counts());
        var y = n.reshape(n.add(new Op.MatMul(type), factors, columns), Shape.of(dims));
        if (n.has(3)) {
            y = n.binary(BinaryOp.ADD, y, Convolutions.perChannel(n, n.cast(n.input(3), type), y));
        }
        return List.of(n.cast(y, x.type().dtype()));
    }

    /** The elements that the windows take: [N, C, volume, results]. */
    private static Value sampled(OnnxNode n, Value x, Windows windows, Extents e) {
        int rank = windows.rank();
        var type = x.type().dtype();
        var offsets = part(n, 2, windows, e, rank, type);
        var grouped = new ArrayList<>(List.of(e.images * e.offsetGroups, e.channels / e.offsetGroups));
        grouped.addAll(windows.extents());
        var rows = Points.rows(n, n.reshape(x, Shape.of(grouped)));
        var points = Shape.of(e.images * e.offsetGroups, e.volume * e.results);
        var taps = new ArrayList<Points.Taps>();
        for (int d = 0; d < rank; d++) {
            var offset = n.reshape(n.slice(offsets, 3, d, 1), Shape.of(e.images, e.offsetGroups, e.volume, e.results));
            var place = n.binary(BinaryOp.ADD, offset, regular(n, windows, d, type));
            taps.add(taps(n, n.reshape(place, points), windows.extents().get(d)));
        }
        long plane = windows.extents().stream().reduce(1L, Math::multiplyExact);
        var first = Points.firstRows(n, points.dim(0), plane);
        var terms = Points.terms(n, rows, first, taps, windows.extents(), points);
        var sum = n.reshape(
                n.add(new Op.Reduce(ReduceOp.SUM, List.of(0)), terms),
                Shape.of(e.images, e.offsetGroups, e.volume, e.results, e.channels / e.offsetGroups));
        if (n.has(4)) {
            var mask = part(n, 4, windows, e, 1, type);
            sum = n.binary(
                    BinaryOp.MUL, sum, n.reshape(mask, Shape.of(e.images, e.offsetGroups, e.volume, e.results, 1)));
        }
        var channelsFirst = n.transpose(sum, List.of(0, 1, 4, 2, 3));
        return n.reshape(channelsFirst, Shape.of(e.images, e.channels, e.volume, e.results));
    }

    /** An input [N, offset groups * volume * each, results...] as [N, offset groups, volume, each, results]. */
    private static Value part(OnnxNode n, int input, Windows windows, Extents e, long each, DType type) {
        var value = n.input(input);
        long rows = Math.multiplyExact(e.offsetGroups, Math.multiplyExact(e.volume, each));
        var dims = new ArrayList<>(List.of(e.images, rows));
        dims.addAll(windows.counts());
        if (!value.type().shape().equals(Shape.of(dims))) {
            throw n.fault("has an input " + input + " " + value.type() + "; it is [" + Shape.of(dims) + "]");
        }
        return n.reshape(n.cast(value, type), Shape.of(e.images, e.offsetGroups, e.volume, each, e.results));
    }

    /** Where windows without offsets take their elements along a dimension: [volume, results]. */
    private static Value regular(OnnxNode n, Windows windows, int d, DType type) {
        var inWindow = along(n, windows.sizes(), d, windows.dilations().get(d), type);
        var start = along(n, windows.counts(), d, windows.strides().get(d), type);
        start = n.binary(BinaryOp.SUB, start, windows.low().get(d));
        long volume = inWindow.type().shape().elements();
        long results = start.type().shape().elements();
        return n.binary(BinaryOp.ADD, n.reshape(inWindow, Shape.of(volume, 1)), n.reshape(start, Shape.of(1, results)));
    }

    /** Multiples of a step along dimension d of a grid. */
    private static Value along(OnnxNode n, List<Long> grid, int d, long step, DType type) {
        var dims = new ArrayList<>(Collections.nCopies(grid.size(), 1L));
        dims.set(d, grid.get(d));
        var line = n.binary(BinaryOp.MUL, n.cast(n.iota(grid.get(d)), type), step);
        return n.broadcast(n.reshape(line, Shape.of(dims)), Shape.of(grid));
    }

    /** Both neighbours of each place; those outside the input count as zeros. */
    private static Points.Taps taps(OnnxNode n, Value place, long extent) {
        var lower = n.unary(UnaryOp.FLOOR, place);
        var places = List.of(lower, n.binary(BinaryOp.ADD, lower, 1));
        var shares = Points.linear(n, Points.fraction(n, place));
        var weights = new ArrayList<Value>();
        for (int t = 0; t < 2; t++) {
            weights.add(n.select(
                    Points.inside(n, places.get(t), extent),
                    shares.get(t),
                    n.scalar(place.type().dtype(), 0)));
        }
        return Points.Taps.of(n, places, weights, extent);
    }
}
