package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The gradient of a convolution by its input: element i adds its multiple of the window to the elements from {@code stride * i} on. So
 * element {@code stride * i + r} is the sum over q of the inputs i - q times the window's elements {@code stride * q + r}: a convolution
 * for each phase r. All phases are one convolution, as channels of its result, which are then interleaved.
 */
final class TransposedConvolution {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("ConvTranspose", TransposedConvolution::convolution);

    private TransposedConvolution() {}

    /**
     * A spatial dimension.
     *
     * @param extent of the input
     * @param stride which is also the number of phases
     * @param size of the window; if there are several phases, with the zeros of its dilation
     * @param dilation of the window in the convolution
     * @param low elements of the sum before the result
     * @param result elements of the result
     */
    private record Axis(long extent, long stride, long size, long dilation, long low, long result) {
        /** Elements of the window for each phase. */
        long taps() {
            return Math.ceilDiv(size, stride);
        }

        long padding() {
            return (taps() - 1) * dilation;
        }

        /** Elements of each phase. */
        long each() {
            return extent + padding();
        }
    }

    private static List<Value> convolution(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        var weights = n.input(1);
        var sizes = Windows.sizes(n, x, weights);
        long groups = Convolutions.groups(n, shape.dim(1));
        if (weights.type().shape().dim(0) != shape.dim(1)) {
            throw n.fault("has weights " + weights.type() + " for " + shape.dim(1) + " channels");
        }
        var axes = axes(n, shape, sizes);
        requireModest(n, shape, axes, weights.type().shape());
        var type = x.type().dtype();
        var phases = new Op.Convolution(
                n.has(2) ? Convolutions.wide(type) : type,
                Collections.nCopies(axes.size(), 1L),
                axes.stream().map(Axis::padding).toList(),
                axes.stream().map(Axis::padding).toList(),
                axes.stream().map(Axis::dilation).toList(),
                groups);
        var sum = interleaved(n, n.add(phases, x, phases(n, weights, axes, groups)), axes, groups);
        return List.of(n.cast(Convolutions.biased(n, cut(n, sum, axes), n.optional(2)), type));
    }

    private static List<Axis> axes(OnnxNode n, Shape x, List<Long> sizes) {
        int rank = sizes.size();
        var strides = Windows.positive(n, "strides", rank);
        var dilations = Windows.positive(n, "dilations", rank);
        var pads = Windows.pads(n, rank);
        var extra = Windows.numbers(n, "output_padding", rank, 0);
        var shape = outputShape(n, rank);
        var automatic = n.attributes().text("auto_pad", "NOTSET");
        boolean same = automatic.startsWith("SAME");
        if (!same && !automatic.equals("NOTSET") && !automatic.equals("VALID")) {
            throw n.fault("has auto_pad \"" + automatic + "\"; there are NOTSET, SAME_UPPER, SAME_LOWER and VALID");
        }
        var axes = new ArrayList<Axis>();
        for (int i = 0; i < rank; i++) {
            long extent = x.dim(i + 2);
            long stride = extent == 1 ? 1 : strides.get(i);
            long span = Windows.span(sizes.get(i), dilations.get(i));
            if (extent < 1 || extra.get(i) < 0) {
                throw n.fault("has output_padding " + extra + " for an input [" + x + "]");
            }
            long whole = Math.addExact(Math.addExact(Math.multiplyExact(extent - 1, stride), span), extra.get(i));
            long low = pads.get(i);
            long result = whole - low - pads.get(rank + i);
            if (shape.isPresent() || same) {
                result = shape.isPresent() ? shape.get().get(i) : Math.multiplyExact(extent, strides.get(i));
                low = Windows.before(n, same ? automatic : "SAME_LOWER", Math.max(0, whole - result));
            }
            if (result < 1) {
                throw n.fault("gives " + result + " elements along dimension " + (i + 2));
            }
            axes.add(
                    stride == 1
                            ? new Axis(extent, 1, sizes.get(i), dilations.get(i), low, result)
                            : new Axis(extent, stride, span, 1, low, result));
        }
        return axes;
    }

    private static Optional<List<Long>> outputShape(OnnxNode n, int rank) {
        var given = n.attributes().integers("output_shape").filter(s -> !s.isEmpty());
        var shape = given.filter(s -> s.size() == rank + 2)
                .map(s -> s.subList(2, rank + 2))
                .or(() -> given);
        if (shape.isPresent() && shape.get().size() != rank) {
            throw n.fault("has output_shape " + shape.get() + ", not " + rank + " numbers");
        }
        return shape;
    }

    private static void requireModest(OnnxNode n, Shape x, List<Axis> axes, Shape weights) {
        long padded = Math.max(1, Math.multiplyExact(x.dim(0), x.dim(1)));
        long spread = Math.max(1, Math.multiplyExact(weights.dim(0), weights.dim(1)));
        for (var a : axes) {
            padded = Math.multiplyExact(padded, Math.addExact(a.each(), a.padding()));
            spread = Math.multiplyExact(spread, Math.multiplyExact(a.taps(), a.stride));
        }
        Windows.requireModest(n, x, padded);
        Windows.requireModest(n, weights, spread);
    }

    /** Weights [C, M/groups, window...] as those of a convolution for all phases, each window reversed: [phases * M, C/groups, taps...]. */
    private static Value phases(OnnxNode n, Value weights, List<Axis> axes, long groups) {
        var shape = weights.type().shape();
        int rank = axes.size();
        var low = new ArrayList<>(List.of(0L, 0L));
        var high = new ArrayList<>(low);
        var split = new ArrayList<>(List.of(groups, shape.dim(0) / groups, shape.dim(1)));
        var order = new ArrayList<>(List.of(0));
        IntStream.range(0, rank).forEach(i -> order.add(4 + 2 * i));
        order.addAll(List.of(2, 1));
        IntStream.range(0, rank).forEach(i -> order.add(3 + 2 * i));
        var joined = new ArrayList<>(List.of(
                Math.multiplyExact(groups, Math.multiplyExact(shape.dim(1), number(axes))), shape.dim(0) / groups));
        var starts = new ArrayList<>(low);
        var steps = new ArrayList<>(List.of(1L, 1L));
        for (var a : axes) {
            low.add(0L);
            high.add(a.taps() * a.stride - a.size);
            split.addAll(List.of(a.taps(), a.stride));
            joined.add(a.taps());
            starts.add(a.taps() - 1);
            steps.add(-1L);
        }
        var dilated = dilated(n, weights, axes);
        var window = low.equals(high)
                ? dilated
                : n.add(new Op.Pad(low, high), dilated, n.scalar(weights.type().dtype(), 0));
        var ordered = n.transpose(n.reshape(window, Shape.of(split)), order);
        return n.add(new Op.Slice(starts, joined, steps), n.reshape(ordered, Shape.of(joined)));
    }

    private static long number(List<Axis> axes) {
        return axes.stream().mapToLong(Axis::stride).reduce(1, Math::multiplyExact);
    }

    /** Windows with zeros between their elements where an axis has several phases. */
    private static Value dilated(OnnxNode n, Value weights, List<Axis> axes) {
        var zero = n.scalar(weights.type().dtype(), 0);
        var w = weights;
        for (int i = 0; i < axes.size(); i++) {
            var shape = w.type().shape();
            long size = shape.dim(i + 2);
            if (size == axes.get(i).size) {
                continue;
            }
            long dilation = (axes.get(i).size - 1) / (size - 1);
            var apart = new ArrayList<>(shape.dims().asList());
            apart.add(i + 3, 1L);
            var high = new ArrayList<>(Collections.nCopies(apart.size(), 0L));
            var low = List.copyOf(high);
            high.set(i + 3, dilation - 1);
            w = n.add(new Op.Pad(low, high), n.reshape(w, Shape.of(apart)), zero);
            w = n.reshape(w, shape.with(i + 2, size * dilation));
            w = n.slice(w, i + 2, 0, axes.get(i).size);
        }
        return w;
    }

    /** [N, groups * phases * M/groups, each...] as [N, M, each * phases...]. */
    private static Value interleaved(OnnxNode n, Value y, List<Axis> axes, long groups) {
        long number = number(axes);
        if (number == 1) {
            return y;
        }
        var shape = y.type().shape();
        int rank = axes.size();
        long outputs = shape.dim(1) / number;
        var split = new ArrayList<>(List.of(shape.dim(0), groups));
        axes.forEach(a -> split.add(a.stride));
        split.add(outputs / groups);
        axes.forEach(a -> split.add(a.each()));
        var order = new ArrayList<>(List.of(0, 1, rank + 2));
        var joined = new ArrayList<>(List.of(shape.dim(0), outputs));
        for (int i = 0; i < rank; i++) {
            order.addAll(List.of(rank + 3 + i, 2 + i));
            joined.add(axes.get(i).each() * axes.get(i).stride);
        }
        return n.reshape(n.transpose(n.reshape(y, Shape.of(split)), order), Shape.of(joined));
    }

    /** The elements of the result, with zeros behind where it is longer than the sum. */
    private static Value cut(OnnxNode n, Value sum, List<Axis> axes) {
        var high = new ArrayList<>(List.of(0L, 0L));
        var y = sum;
        for (int i = 0; i < axes.size(); i++) {
            var a = axes.get(i);
            long there = Math.clamp(y.type().shape().dim(i + 2) - a.low, 0, a.result);
            y = n.slice(y, i + 2, there == 0 ? 0 : a.low, there);
            high.add(a.result - there);
        }
        var low = Collections.nCopies(high.size(), 0L);
        return high.equals(low)
                ? y
                : n.add(new Op.Pad(low, high), y, n.scalar(y.type().dtype(), 0));
    }
}
