package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where windows lie over the spatial dimensions of [N, C, spatial...]: window o along dimension i begins at {@code o * strides[i] -
 * low[i]} and takes every {@code dilations[i]}th element.
 *
 * @param extents of the spatial dimensions
 * @param sizes of a window, in elements
 * @param low padding before the first element
 * @param high padding that the node asks for after the last element
 * @param counts windows along each dimension; the last one may reach beyond {@code high}, or end before
 */
record Windows(
        List<Long> extents,
        List<Long> sizes,
        List<Long> strides,
        List<Long> dilations,
        List<Long> low,
        List<Long> high,
        List<Long> counts) {
    private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 8;
    private static final long FEW_ELEMENTS = 1 << 24;
    private static final long MOST_PADDING = 64;

    Windows {
        extents = List.copyOf(extents);
        sizes = List.copyOf(sizes);
        strides = List.copyOf(strides);
        dilations = List.copyOf(dilations);
        low = List.copyOf(low);
        high = List.copyOf(high);
        counts = List.copyOf(counts);
    }

    /** The windows of a pooling operator, whose sizes are its attribute {@code kernel_shape}. */
    static Windows ofPooling(OnnxNode n) {
        var x = spatial(n, n.input(0));
        return of(n, x, sizes(n, x.rank() - 2));
    }

    /** The windows of a convolution, whose sizes are those of its weights. */
    static Windows ofConvolution(OnnxNode n, Value x, Value weights) {
        return of(n, spatial(n, x), sizes(n, x, weights));
    }

    private static Windows of(OnnxNode n, Shape x, List<Long> sizes) {
        int rank = sizes.size();
        var strides = positive(n, "strides", rank);
        var dilations = positive(n, "dilations", rank);
        var pads = pads(n, rank);
        var low = new ArrayList<Long>();
        var high = new ArrayList<Long>();
        var counts = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        var distances = new ArrayList<Long>();
        for (int i = 0; i < rank; i++) {
            var line = line(
                    n,
                    x.dim(i + 2),
                    span(sizes.get(i), dilations.get(i)),
                    strides.get(i),
                    pads.get(i),
                    pads.get(rank + i));
            low.add(line.low);
            steps.add(line.count == 1 ? Math.min(strides.get(i), padded(x.dim(i + 2), line)) : strides.get(i));
            distances.add(sizes.get(i) == 1 ? 1 : dilations.get(i));
            high.add(line.high);
            counts.add(line.count);
        }
        var windows = new Windows(x.dims().asList().subList(2, x.rank()), sizes, steps, distances, low, high, counts);
        windows.requireModest(n, x);
        return windows;
    }

    private record Line(long low, long high, long count) {}

    /** Not less than what a single window may move by, so that it stays single. */
    private static long padded(long extent, Line line) {
        return Math.addExact(Math.addExact(extent, line.low), line.high + 1);
    }

    private static Line line(OnnxNode n, long extent, long span, long stride, long low, long high) {
        var automatic = n.attributes().text("auto_pad", "NOTSET");
        if (automatic.equals("NOTSET")) {
            long slack = Math.addExact(Math.addExact(extent, low), high) - span;
            boolean up = n.attributes().integer("ceil_mode", 0) != 0;
            long count = (up ? Math.ceilDiv(slack, stride) : Math.floorDiv(slack, stride)) + 1;
            boolean startsInPadding = up && count > 0 && Math.multiplyExact(count - 1, stride) >= extent + low;
            return new Line(low, high, fits(n, startsInPadding ? count - 1 : count, span, slack + span));
        }
        if (low != 0 || high != 0) {
            throw n.fault("has pads beside auto_pad " + automatic + "; give one of them");
        }
        if (automatic.equals("VALID")) {
            return new Line(0, 0, fits(n, Math.floorDiv(extent - span, stride) + 1, span, extent));
        }
        long count = Math.ceilDiv(extent, stride);
        long padding = Math.max(0, Math.addExact(Math.multiplyExact(count - 1, stride), span) - extent);
        long before = before(n, automatic, padding);
        return new Line(before, padding - before, fits(n, count, span, extent));
    }

    private static long fits(OnnxNode n, long count, long span, long padded) {
        if (count < 1) {
            throw n.fault("has windows of " + span + " elements over " + padded + ", where none fits");
        }
        return count;
    }

    /** The part of the padding that comes before the first element; of an odd number, the larger one for SAME_LOWER. */
    static long before(OnnxNode n, String automatic, long padding) {
        return switch (automatic) {
            case "SAME_UPPER" -> padding / 2;
            case "SAME_LOWER" -> padding - padding / 2;
            default ->
                throw n.fault("has auto_pad \"" + automatic + "\"; there are NOTSET, SAME_UPPER, SAME_LOWER and VALID");
        };
    }

    private static Shape spatial(OnnxNode n, Value x) {
        if (x.type().shape().rank() < 3) {
            throw n.fault("takes [N, C, spatial...], not " + x.type());
        }
        return x.type().shape();
    }

    /** The sizes of the windows of a pooling operator. */
    static List<Long> sizes(OnnxNode n, int rank) {
        if (n.attributes().integers("kernel_shape").orElse(List.of()).isEmpty()) {
            throw n.fault("attribute \"kernel_shape\" is missing");
        }
        return positive(n, "kernel_shape", rank);
    }

    /** The sizes of the windows of weights [O, C, window...]. */
    static List<Long> sizes(OnnxNode n, Value x, Value weights) {
        var shape = weights.type().shape();
        if (shape.rank() != spatial(n, x).rank()) {
            throw n.fault("has weights " + weights.type() + " for " + x.type() + "; their ranks are equal");
        }
        var sizes = shape.dims().asList().subList(2, shape.rank());
        var given = n.attributes().integers("kernel_shape").filter(s -> !s.isEmpty());
        if (given.isPresent() && !given.get().equals(sizes)) {
            throw n.fault("has kernel_shape " + given.get() + " and weights " + weights.type());
        }
        if (sizes.contains(0L)) {
            throw n.fault("has weights " + weights.type() + " without elements");
        }
        return sizes;
    }

    /** An attribute of one positive number a spatial dimension, 1 if it is absent. */
    static List<Long> positive(OnnxNode n, String name, int rank) {
        var values = numbers(n, name, rank, 1);
        if (values.stream().anyMatch(v -> v < 1)) {
            throw n.fault("has " + name + " " + values + "; they are positive");
        }
        return values;
    }

    /** The attribute {@code pads}: first those before each spatial dimension, then those after. */
    static List<Long> pads(OnnxNode n, int rank) {
        var values = numbers(n, "pads", 2 * rank, 0);
        if (values.stream().anyMatch(v -> v < 0)) {
            throw n.fault("has pads " + values + "; they are not negative");
        }
        return values;
    }

    /** An attribute of so many whole numbers. */
    static List<Long> numbers(OnnxNode n, String name, int count, long otherwise) {
        var values = n.attributes()
                .integers(name)
                .filter(v -> !v.isEmpty())
                .orElseGet(() -> Collections.nCopies(count, otherwise));
        if (values.size() != count) {
            throw n.fault("has " + name + " " + values + ", not " + count + " numbers");
        }
        return values;
    }

    /** Elements from the first to the last of a window. */
    static long span(long size, long dilation) {
        return Math.addExact(Math.multiplyExact(size - 1, dilation), 1);
    }

    long span(int i) {
        return span(sizes.get(i), dilations.get(i));
    }

    int rank() {
        return sizes.size();
    }

    /** Padding after the last element up to the end of the last window. */
    long reach(int i) {
        long end = Math.addExact(Math.multiplyExact(counts.get(i) - 1, strides.get(i)), span(i));
        return Math.max(0, end - extents.get(i) - low.get(i));
    }

    private List<Long> reaches() {
        return IntStream.range(0, rank()).mapToObj(this::reach).toList();
    }

    private void requireModest(OnnxNode n, Shape x) {
        long padded = Math.max(1, Math.multiplyExact(x.dim(0), x.dim(1)));
        for (int i = 0; i < rank(); i++) {
            padded = Math.multiplyExact(padded, Math.addExact(extents.get(i) + low.get(i), reach(i)));
        }
        requireModest(n, x, padded);
    }

    /** Refuses padding that makes a tensor of unreasonable size of a small one. */
    static void requireModest(OnnxNode n, Shape x, long padded) {
        if (padded > MOST_ELEMENTS || padded > FEW_ELEMENTS && padded / MOST_PADDING > x.elements()) {
            throw n.fault("pads [" + x + "] to " + padded + " elements, which is too much");
        }
    }

    Op reduction(ReduceOp f) {
        return new Op.WindowReduce(f, sizes, strides, low, reaches(), dilations);
    }

    Op convolution(DType result, long groups) {
        return new Op.Convolution(result, strides, low, reaches(), dilations, groups);
    }

    /** How many elements of each window along a dimension lie in {@code from..to-1} of the input: [1, 1, ...]. */
    Value population(OnnxNode n, int i, long from, long to) {
        var single = Collections.nCopies(rank(), 1L);
        var none = Collections.nCopies(rank(), 0L);
        var shape = new ArrayList<>(Collections.nCopies(rank() + 2, 1L));
        shape.set(i + 2, to - from);
        long end = Math.addExact(Math.multiplyExact(counts.get(i) - 1, strides.get(i)), span(i)) - low.get(i);
        var sum = new Op.WindowReduce(
                ReduceOp.SUM,
                with(single, i, sizes.get(i)),
                with(single, i, strides.get(i)),
                with(none, i, from + low.get(i)),
                with(none, i, Math.max(0, end - to)),
                with(single, i, dilations.get(i)));
        return n.add(sum, n.splat(DType.F32, Shape.of(shape), 1));
    }

    private static List<Long> with(List<Long> list, int i, long value) {
        var copy = new ArrayList<>(list);
        copy.set(i, value);
        return copy;
    }
}
