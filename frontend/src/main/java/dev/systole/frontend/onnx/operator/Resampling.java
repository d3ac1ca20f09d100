package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Elements along an axis at places that are known when importing, picked or interpolated. */
final class Resampling {
    /** More elements along an axis than this are not resampled. */
    static final long MOST_ELEMENTS = 1 << 22;

    private static final long FEW_WEIGHTS = 1 << 22;
    private static final long MOST_WEIGHTS = 1 << 28;
    private static final int MOST_TAPS = 64;
    private static final int MOST_RUNS = 32;

    private Resampling() {}

    /**
     * For each result, some neighbouring elements and their weights.
     *
     * @param firsts index of the first of the {@code taps} neighbours; those outside stand for the element at the border
     * @param weights of the neighbours, {@code taps} a result
     */
    record Weights(long[] firsts, int taps, double[] weights) {
        int results() {
            return firsts.length;
        }

        int index(int result, int tap, long extent) {
            return (int) Math.clamp(firsts[result] + tap, 0, extent - 1);
        }
    }

    /** Sums of weighted neighbours along an axis: a product with a matrix, unless it were much larger than what it works on. */
    static Value interpolate(OnnxNode n, Value x, int axis, Weights weights) {
        var shape = x.type().shape();
        long in = shape.dim(axis);
        long size = Math.multiplyExact(in, weights.results());
        long data = shape.elements() + shape.with(axis, weights.results()).elements();
        if (size <= FEW_WEIGHTS || size <= Math.min(MOST_WEIGHTS, Math.multiplyExact(4L, data))) {
            return product(n, x, axis, weights);
        }
        if (weights.taps > MOST_TAPS) {
            throw n.fault("interpolates " + weights.taps + " of " + in + " elements, which is too many");
        }
        return taps(n, x, axis, weights);
    }

    private static Value product(OnnxNode n, Value x, int axis, Weights weights) {
        var shape = x.type().shape();
        var type = x.type().dtype();
        long in = shape.dim(axis);
        int out = weights.results();
        var result = shape.with(axis, out);
        var product = new Op.MatMul(type);
        if (axis == shape.rank() - 1) {
            var rows = n.reshape(x, Shape.of(shape.elements() / in, in));
            return n.reshape(n.add(product, rows, n.constant(matrix(type, in, weights, true))), result);
        }
        long before = product(shape, 0, axis);
        long after = product(shape, axis + 1, shape.rank());
        var matrix = n.broadcast(n.constant(matrix(type, in, weights, false)), Shape.of(before, out, in));
        return n.reshape(n.add(product, matrix, n.reshape(x, Shape.of(before, in, after))), result);
    }

    private static long product(Shape shape, int from, int to) {
        return IntStream.range(from, to).mapToLong(shape::dim).reduce(1, Math::multiplyExact);
    }

    /** [results, extent], or its transpose. */
    private static Tensor matrix(DType type, long extent, Weights weights, boolean transposed) {
        int out = weights.results();
        var matrix = Tensor.allocate(transposed ? TensorType.of(type, extent, out) : TensorType.of(type, out, extent));
        for (int o = 0; o < out; o++) {
            for (int t = 0; t < weights.taps; t++) {
                long i = weights.index(o, t, extent);
                long at = transposed ? i * out + o : o * extent + i;
                double sum = Elements.readDouble(matrix.bytes(), at, type) + weights.weights[o * weights.taps + t];
                Elements.writeDouble(matrix.bytes(), at, type, sum);
            }
        }
        return matrix;
    }

    private static Value taps(OnnxNode n, Value x, int axis, Weights weights) {
        var type = x.type().dtype();
        int out = weights.results();
        var dims = new long[x.type().shape().rank()];
        Arrays.fill(dims, 1);
        dims[axis] = out;
        var terms = new ArrayList<Value>();
        for (int t = 0; t < weights.taps; t++) {
            var indices = new int[out];
            var factors = Tensor.allocate(new TensorType(type, Shape.of(dims)));
            for (int o = 0; o < out; o++) {
                indices[o] = weights.index(o, t, x.type().shape().dim(axis));
                Elements.writeDouble(factors.bytes(), o, type, weights.weights[o * weights.taps + t]);
            }
            terms.add(n.binary(BinaryOp.MUL, pick(n, x, axis, indices), n.constant(factors)));
        }
        return terms.stream().reduce((a, b) -> n.binary(BinaryOp.ADD, a, b)).orElseThrow();
    }

    /** The elements with these indices along an axis: slices if their order is regular, otherwise gathered rows. */
    static Value pick(OnnxNode n, Value x, int axis, int[] indices) {
        int each = repetition(indices);
        if (each > 1) {
            int count = Math.ceilDiv(indices.length, each);
            var single = IntStream.range(0, count).map(i -> indices[i * each]).toArray();
            return n.slice(repeat(n, pick(n, x, axis, single), axis, each), axis, 0, indices.length);
        }
        var runs = runs(indices);
        return runs.size() <= MOST_RUNS
                ? n.concat(axis, runs.stream().map(r -> r.of(n, x, axis)).toList())
                : gather(n, x, axis, indices);
    }

    /** How many times each index but the last occurs in succession, if they are as many. */
    private static int repetition(int[] indices) {
        int each = 1;
        while (each < indices.length && indices[each] == indices[0]) {
            each++;
        }
        for (int i = 0; i < indices.length; i++) {
            boolean starts = i % each == 0;
            if (i > 0 && starts == (indices[i] == indices[i - 1])) {
                return 1;
            }
        }
        return each;
    }

    private static Value repeat(OnnxNode n, Value x, int axis, long times) {
        var shape = x.type().shape();
        var narrow = new ArrayList<>(shape.dims().asList());
        narrow.add(axis + 1, 1L);
        var wide = new ArrayList<>(narrow);
        wide.set(axis + 1, times);
        var repeated = n.broadcast(n.reshape(x, Shape.of(narrow)), Shape.of(wide));
        return n.reshape(repeated, shape.with(axis, shape.dim(axis) * times));
    }

    /** Indices in equal steps, which may be 0. */
    private record Run(int start, int count, int step) {
        Value of(OnnxNode n, Value x, int axis) {
            return step == 0
                    ? n.broadcast(n.slice(x, axis, start, 1), x.type().shape().with(axis, count))
                    : n.slice(x, axis, start, count, step);
        }
    }

    /** The indices as runs, as long as possible each; at least {@link #MOST_RUNS} + 1 if there are more. */
    private static List<Run> runs(int[] indices) {
        var runs = new ArrayList<Run>();
        for (int i = 0; i < indices.length && runs.size() <= MOST_RUNS; ) {
            int step = i + 1 < indices.length ? indices[i + 1] - indices[i] : 1;
            int end = i + 1;
            while (end < indices.length && indices[end] - indices[end - 1] == step) {
                end++;
            }
            runs.add(new Run(indices[i], end - i, step));
            i = end;
        }
        return runs;
    }

    private static Value gather(OnnxNode n, Value x, int axis, int[] indices) {
        var shape = x.type().shape();
        var rows = n.constant(Tensor.ofInts(Shape.of(indices.length), indices));
        long before = product(shape, 0, axis);
        var flat = n.reshape(x, Shape.of(before, shape.dim(axis), product(shape, axis + 1, shape.rank())));
        var order = List.of(1, 0, 2);
        var gathered = n.add(new Op.Gather(), n.transpose(flat, order), rows);
        return n.reshape(n.transpose(gathered, order), shape.with(axis, indices.length));
    }
}
