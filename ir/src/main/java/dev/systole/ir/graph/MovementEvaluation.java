package dev.systole.ir.graph;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Operators that move elements without computing new ones, bit by bit the same; and the order of elements along a
 * line.
 */
final class MovementEvaluation {
    private MovementEvaluation() {}

    /** Takes the offsets of one element in two strided tensors. */
    interface Pair {
        void at(long first, long second);
    }

    /** Takes a line of elements along a dimension: the offset of the first, the distance to the next, their number. */
    interface Line {
        void at(long first, long stride, long extent);
    }

    /** Visits all coordinates in row-major order. */
    static void walk(long[] dims, long[] firstStrides, long[] secondStrides, Pair visitor) {
        long total = Shape.of(dims).elements();
        var place = new long[dims.length];
        long first = 0;
        long second = 0;
        for (long i = 0; i < total; i++) {
            visitor.at(first, second);
            for (int d = dims.length - 1; d >= 0; d--) {
                first += firstStrides[d];
                second += secondStrides[d];
                if (++place[d] < dims[d]) {
                    break;
                }
                first -= dims[d] * firstStrides[d];
                second -= dims[d] * secondStrides[d];
                place[d] = 0;
            }
        }
    }

    /** Visits every line of a row-major tensor along a dimension. */
    static void lines(Shape shape, int axis, Line visitor) {
        long extent = shape.dim(axis);
        if (extent == 0) {
            return;
        }
        long stride = shape.strides()[axis];
        var starts = shape.with(axis, 1);
        walk(starts.toArray(), shape.strides(), starts.strides(), (first, line) -> visitor.at(first, stride, extent));
    }

    static void broadcast(Tensor x, Tensor result) {
        var strides = x.type().shape().strides();
        for (int d = 0; d < strides.length; d++) {
            strides[d] = x.type().shape().dim(d) == 1 ? 0 : strides[d];
        }
        view(x, 0, strides, result);
    }

    static void transpose(Tensor x, List<Integer> permutation, Tensor result) {
        var strides = x.type().shape().strides();
        view(x, 0, permutation.stream().mapToLong(p -> strides[p]).toArray(), result);
    }

    static void slice(Op.Slice slice, Tensor x, Tensor result) {
        var strides = x.type().shape().strides();
        long offset = 0;
        for (int d = 0; d < strides.length; d++) {
            offset += slice.starts().get(d) * strides[d];
            strides[d] *= slice.steps().get(d);
        }
        view(x, offset, strides, result);
    }

    private static void view(Tensor x, long offset, long[] strides, Tensor result) {
        var shape = result.type().shape();
        copy(x, offset, strides, result, 0, shape.strides(), shape.toArray());
    }

    static void pad(Tensor x, Tensor fill, List<Long> low, Tensor result) {
        var shape = result.type().shape();
        copy(fill, 0, new long[shape.rank()], result, 0, shape.strides(), shape.toArray());
        long offset = 0;
        for (int d = 0; d < shape.rank(); d++) {
            offset += low.get(d) * shape.strides()[d];
        }
        var inner = x.type().shape();
        copy(x, 0, inner.strides(), result, offset, shape.strides(), inner.toArray());
    }

    static void concat(List<Tensor> inputs, int axis, Tensor result) {
        var strides = result.type().shape().strides();
        long at = 0;
        for (var x : inputs) {
            var shape = x.type().shape();
            copy(x, 0, shape.strides(), result, at * strides[axis], strides, shape.toArray());
            at += shape.dim(axis);
        }
    }

    static void gather(Tensor data, Tensor indices, Tensor result) {
        long row = rowElements(data);
        long n = indices.type().shape().elements();
        for (long i = 0; i < n; i++) {
            long from = index("gather", indices, i, data.type().shape().dim(0));
            copyRow(data, from * row, 1, result, i * row, 1, row);
        }
    }

    static void gatherElements(Tensor data, Tensor indices, int axis, Tensor result) {
        var shape = data.type().shape();
        var dims = indices.type().shape();
        for (int d = 0; d < dims.rank(); d++) {
            if (d != axis && dims.dim(d) > shape.dim(d)) {
                throw new GraphException("gather_elements has indices [" + dims + "] beyond data [" + shape
                        + "] in dimension " + d + ", which the indices do not choose");
            }
        }
        var strides = shape.strides();
        long step = strides[axis];
        strides[axis] = 0;
        walk(dims.toArray(), strides, dims.strides(), (line, i) -> {
            long chosen = index("gather_elements", indices, i, shape.dim(axis));
            copyRow(data, line + chosen * step, 1, result, i, 1, 1);
        });
    }

    static void scatter(Op.ScatterMode mode, Tensor data, Tensor indices, Tensor updates, Tensor result) {
        var dtype = data.type().dtype();
        result.bytes().copyFrom(data.bytes());
        long row = rowElements(data);
        long n = indices.type().shape().elements();
        for (long i = 0; i < n; i++) {
            long to = index("scatter", indices, i, data.type().shape().dim(0)) * row;
            for (long j = 0; j < row; j++) {
                long old = ElementFunctions.read(result, to + j);
                long update = ElementFunctions.read(updates, i * row + j);
                switch (mode) {
                    case REPLACE -> copyRow(updates, i * row + j, 1, result, to + j, 1, 1);
                    case ADD -> combine(BinaryOp.ADD, old, update, dtype, result, to + j);
                    case MUL -> combine(BinaryOp.MUL, old, update, dtype, result, to + j);
                    case MAX -> combine(BinaryOp.MAX, old, update, dtype, result, to + j);
                    case MIN -> combine(BinaryOp.MIN, old, update, dtype, result, to + j);
                }
            }
        }
    }

    private static void combine(BinaryOp f, long old, long update, DType dtype, Tensor result, long at) {
        ElementFunctions.write(result, at, ElementFunctions.binary(f, old, update, dtype));
    }

    private static long rowElements(Tensor data) {
        return data.type().shape().with(0, 1).elements();
    }

    private static long index(String operator, Tensor indices, long position, long extent) {
        long index = ElementFunctions.read(indices, position);
        if (index < 0 || index >= extent) {
            throw new GraphException(operator + " index " + index + " at position " + position
                    + " is outside the extent " + extent + ": indices run from 0 to " + (extent - 1));
        }
        return index;
    }

    static void sort(Op.Sort sort, Tensor x, Tensor values, Tensor indices) {
        lines(x.type().shape(), sort.axis(), (first, stride, extent) -> {
            var words = line(x, first, stride, extent);
            var order = IntStream.range(0, words.length)
                    .boxed()
                    .sorted(ranking(words, x.type().dtype(), sort.descending()))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < order.length; i++) {
                copyRow(x, first + order[i] * stride, 1, values, first + i * stride, 1, 1);
                ElementFunctions.write(indices, first + i * stride, order[i]);
            }
        });
    }

    static void topK(Op.TopK top, Tensor x, Tensor values, Tensor indices) {
        var shape = x.type().shape();
        var results = values.type().shape();
        long extent = shape.dim(top.axis());
        long stride = shape.strides()[top.axis()];
        long to = results.strides()[top.axis()];
        double last = top.largest() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        walk(shape.with(top.axis(), 1).toArray(), shape.strides(), results.strides(), (first, firstResult) -> {
            var words = line(x, first, stride, extent);
            if (x.type().dtype().isFloat()) {
                Arrays.setAll(
                        words,
                        i -> Double.isNaN(ElementFunctions.value(words[i])) ? ElementFunctions.word(last) : words[i]);
            }
            var order = IntStream.range(0, words.length)
                    .boxed()
                    .sorted(ranking(words, x.type().dtype(), top.largest()))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < top.k(); i++) {
                copyRow(x, first + order[i] * stride, 1, values, firstResult + i * to, 1, 1);
                ElementFunctions.write(indices, firstResult + i * to, order[i]);
            }
        });
    }

    /** The index that a sort would put first; of equal elements the first or the last. NaN only if all elements are. */
    static void argReduce(Op.ArgReduce op, Tensor x, Tensor result) {
        var axis = op.axis();
        var at = new long[1];
        lines(x.type().shape(), axis, (first, stride, extent) -> {
            var words = line(x, first, stride, extent);
            var ranking = ranking(words, x.type().dtype(), op.largest());
            int best = 0;
            for (int i = 1; i < words.length; i++) {
                int c = ranking.compare(i, best);
                best = c < 0 || c == 0 && op.lastOfEqual() ? i : best;
            }
            ElementFunctions.write(result, at[0]++, best);
        });
    }

    private static long[] line(Tensor x, long first, long stride, long extent) {
        var words = new long[Math.toIntExact(extent)];
        Arrays.setAll(words, i -> ElementFunctions.read(x, first + i * stride));
        return words;
    }

    /** Orders positions by their words, NaN last in either direction. */
    private static Comparator<Integer> ranking(long[] words, DType dtype, boolean descending) {
        return (i, j) -> {
            boolean iNaN = dtype.isFloat() && Double.isNaN(ElementFunctions.value(words[i]));
            boolean jNaN = dtype.isFloat() && Double.isNaN(ElementFunctions.value(words[j]));
            if (iNaN || jNaN) {
                return Boolean.compare(iNaN, jNaN);
            }
            int order = ElementFunctions.order(words[i], words[j], dtype);
            return descending ? -order : order;
        };
    }

    private static void copy(
            Tensor from, long fromOffset, long[] fromStrides, Tensor to, long toOffset, long[] toStrides, long[] dims) {
        int last = dims.length - 1;
        if (last < 0) {
            copyRow(from, fromOffset, 1, to, toOffset, 1, 1);
            return;
        }
        if (dims[last] == 0) {
            return;
        }
        walk(
                Arrays.copyOf(dims, last),
                fromStrides,
                toStrides,
                (f, t) -> copyRow(
                        from, fromOffset + f, fromStrides[last], to, toOffset + t, toStrides[last], dims[last]));
    }

    private static void copyRow(
            Tensor from, long fromOffset, long fromStride, Tensor to, long toOffset, long toStride, long count) {
        var dtype = from.type().dtype();
        if (fromStride == 1 && toStride == 1 && dtype.bits() >= 8) {
            long size = dtype.bytes();
            MemorySegment.copy(from.bytes(), fromOffset * size, to.bytes(), toOffset * size, count * size);
            return;
        }
        if (fromStride == 0 && count > 0) {
            long bits = Elements.readBits(from.bytes(), fromOffset, dtype);
            for (long i = 0; i < count; i++) {
                Elements.writeBits(to.bytes(), toOffset + i * toStride, dtype, bits);
            }
            return;
        }
        for (long i = 0; i < count; i++) {
            long bits = Elements.readBits(from.bytes(), fromOffset + i * fromStride, dtype);
            Elements.writeBits(to.bytes(), toOffset + i * toStride, dtype, bits);
        }
    }
}
