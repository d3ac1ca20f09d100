package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Places of elements: extremes, orders, running reductions, elements that indices choose; and numbers known beforehand. */
final class OrderRules {
    static final List<Rewriting.Expansion> ALL = List.of(
            OrderRules::known,
            OrderRules::extreme,
            OrderRules::order,
            OrderRules::running,
            OrderRules::recurrence,
            OrderRules::chosen,
            OrderRules::combined,
            OrderRules::ofNothing);

    /** Comparisons of all pairs that a sort, or of all updates with all rows that a scatter, may take. */
    private static final long MOST_PAIRS = 1L << 32;

    private static final long MOST_KNOWN_BYTES = 1L << 28;

    private OrderRules() {}

    /** Numbers that do not depend on inputs. */
    private static Optional<List<Value>> known(Rewriting r, Op op, List<Value> in) {
        return switch (op) {
            case Op.Iota(var type, var axis) -> Optional.of(List.of(r.iota(type.dtype(), type.shape(), axis)));
            case Op.Random(var type, var seed) -> {
                if (type.bytes() > MOST_KNOWN_BYTES) {
                    throw new PassException("SYS3108 node %s: %s of random numbers is more than %d bytes"
                            .formatted(r.location(), type, MOST_KNOWN_BYTES));
                }
                yield Optional.of(List.of(r.add(new Op.Constant(
                        GraphInterpreter.evaluate(op, List.of(), List.of(type)).getFirst()))));
            }
            default -> Optional.empty();
        };
    }

    /** The least, or greatest, place of an element that equals the extreme. */
    private static Optional<List<Value>> extreme(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.ArgReduce(var largest, var axis, var last))) {
            return Optional.empty();
        }
        var f = largest ? ReduceOp.MAX : ReduceOp.MIN;
        var order = toLast(in.getFirst().type().shape().rank(), axis);
        int dim = order.size() - 1;
        var x = r.transpose(in.getFirst(), order);
        var shape = x.type().shape();
        if (x.type().dtype().isFloat()) {
            var least =
                    r.number(x.type().dtype(), shape, largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
            x = r.select(r.binary(BinaryOp.EQ, x, x), x, least);
        }
        var best = r.binary(BinaryOp.EQ, x, r.broadcast(r.reduce(f, dim, x), shape));
        var none = r.splat(DType.F32, shape, last ? -1 : shape.dim(dim));
        var places = r.select(best, r.iota(DType.F32, shape, dim), none);
        var place = r.reduce(last ? ReduceOp.MAX : ReduceOp.MIN, dim, places);
        return Optional.of(List.of(r.transpose(r.cast(place, DType.I64), inverse(order))));
    }

    /**
     * A stable sort by counting: an element's rank is the number of elements before it in the order; NaN come last, as they are. The
     * place that has rank k is found by comparing all ranks with k.
     */
    static Optional<List<Value>> order(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Sort(var axis, var descending))) {
            return Optional.empty();
        }
        var shape = in.getFirst().type().shape();
        if (in.getFirst().type().dtype() == DType.BOOL) {
            return order(r, op, List.of(r.cast(in.getFirst(), DType.U8)))
                    .map(sorted -> List.of(r.cast(sorted.getFirst(), DType.BOOL), sorted.getLast()));
        }
        int rank = shape.rank();
        long n = shape.dim(axis);
        if (shape.elements() == 0) {
            return Optional.of(List.of(in.getFirst(), r.whole(DType.I64, shape, 0)));
        }
        pairs(r, shape.elements(), n, "sorts " + in.getFirst().type() + " along a dimension of " + n);
        var toLast = toLast(rank, axis);
        var x = r.transpose(in.getFirst(), toLast);
        var lines = x.type().shape();
        var square = Shape.of(IntStream.rangeClosed(0, rank)
                .mapToObj(i -> i < rank ? lines.dim(i) : n)
                .toList());
        var column = square.with(rank, 1);
        var row = square.with(rank - 1, 1);
        var mine = r.broadcast(r.reshape(x, column), square);
        var other = r.broadcast(r.reshape(x, row), square);
        var earlier = r.binary(BinaryOp.LT, r.iota(DType.F32, square, rank), r.iota(DType.F32, square, rank - 1));
        var before = r.select(
                earlier,
                r.binary(descending ? BinaryOp.GE : BinaryOp.LE, other, mine),
                r.binary(descending ? BinaryOp.GT : BinaryOp.LT, other, mine));
        var ranks = r.reshape(r.reduce(ReduceOp.SUM, rank, r.cast(before, DType.F32)), lines);
        if (x.type().dtype().isFloat()) {
            ranks = withNaNLast(r, x, ranks);
        }
        var atRank =
                r.binary(BinaryOp.EQ, r.broadcast(r.reshape(ranks, row), square), r.iota(DType.F32, square, rank - 1));
        var chosen = r.select(atRank, r.iota(DType.F32, square, rank), r.splat(DType.F32, square, 0));
        var places = r.cast(r.reshape(r.reduce(ReduceOp.SUM, rank, chosen), lines), DType.I64);
        var sorted = r.add(new Op.GatherElements(rank - 1), x, places);
        var back = inverse(toLast);
        return Optional.of(List.of(r.transpose(sorted, back), r.transpose(places, back)));
    }

    /** Comparisons with NaN fail, so its rank is the number of numbers and of NaN before it. */
    private static Value withNaNLast(Rewriting r, Value x, Value ranks) {
        var shape = x.type().shape();
        int last = shape.rank() - 1;
        var isNaN = r.binary(BinaryOp.NE, x, x);
        var ones = r.cast(isNaN, DType.F32);
        var numbers = r.splat(DType.F32, shape.with(last, 1), shape.dim(last));
        var count = r.binary(BinaryOp.SUB, numbers, r.reduce(ReduceOp.SUM, last, ones));
        var until = r.add(new Op.Scan(ReduceOp.SUM, last, false, false), ones);
        var earlier = r.binary(BinaryOp.SUB, until, ones);
        return r.select(isNaN, r.binary(BinaryOp.ADD, r.broadcast(count, shape), earlier), ranks);
    }

    /** A running reduction is inclusive, forward and along the last dimension. */
    private static Optional<List<Value>> running(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Scan(var f, var axis, var exclusive, var reverse))) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        boolean narrow = IntegerRules.isNarrow(x.type().dtype());
        if (!exclusive && !reverse && axis == shape.rank() - 1 && !narrow || shape.elements() == 0) {
            return Optional.empty();
        }
        var order = toLast(shape.rank(), axis);
        int last = shape.rank() - 1;
        long n = shape.dim(axis);
        var y = r.transpose(narrow ? r.cast(x, DType.I32) : x, order);
        y = reverse ? r.slice(y, last, n - 1, n, -1) : y;
        y = r.add(new Op.Scan(f, last, false, false), y);
        if (exclusive) {
            var first = identity(r, f, y.type().dtype(), y.type().shape().with(last, 1));
            y = n == 1 ? first : r.add(new Op.Concat(last), first, r.slice(y, last, 0, n - 1, 1));
        }
        y = reverse ? r.slice(y, last, n - 1, n, -1) : y;
        y = r.transpose(y, inverse(order));
        return Optional.of(List.of(narrow ? IntegerRules.cut(r, y, x.type().dtype()) : y));
    }

    /** A recurrence runs along the last dimension. */
    private static Optional<List<Value>> recurrence(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Recurrence(var axis))) {
            return Optional.empty();
        }
        int rank = in.getFirst().type().shape().rank();
        if (axis == rank - 1) {
            return Optional.empty();
        }
        var order = toLast(rank, axis);
        var y = r.add(
                new Op.Recurrence(rank - 1),
                r.transpose(in.get(0), order),
                r.transpose(in.get(1), order),
                r.transpose(in.get(2), order));
        return Optional.of(List.of(r.transpose(y, inverse(order))));
    }

    /** Elements are chosen within rows: along the last dimension, of as many rows as there are rows of indices. */
    private static Optional<List<Value>> chosen(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.GatherElements(var axis))) {
            return Optional.empty();
        }
        int last = in.get(1).type().shape().rank() - 1;
        var order = toLast(last + 1, axis);
        var data = r.transpose(in.get(0), order);
        var indices = r.transpose(in.get(1), order);
        for (int i = 0; i < last; i++) {
            data = r.slice(data, i, 0, indices.type().shape().dim(i), 1);
        }
        if (data == in.get(0) && indices == in.get(1)) {
            return Optional.empty();
        }
        return Optional.of(List.of(r.transpose(r.add(new Op.GatherElements(last), data, indices), inverse(order))));
    }

    /** A scatter with a combination: for each row, the combination of all updates, those of other rows replaced by the identity. */
    private static Optional<List<Value>> combined(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Scatter(var mode)) || mode == Op.ScatterMode.REPLACE) {
            return Optional.empty();
        }
        var f = switch (mode) {
            case ADD -> ReduceOp.SUM;
            case MUL -> ReduceOp.PROD;
            case MAX -> ReduceOp.MAX;
            case MIN -> ReduceOp.MIN;
            case REPLACE -> throw new IllegalArgumentException("no combination");
        };
        var data = in.get(0);
        var shape = data.type().shape();
        long n = shape.dim(0);
        long k = in.get(1).type().shape().dim(0);
        if (shape.elements() == 0 || k == 0) {
            return Optional.of(List.of(data));
        }
        long rest = shape.elements() / n;
        pairs(r, shape.elements(), k, "combines " + k + " updates with " + data.type());
        var dtype = data.type().dtype();
        boolean narrow = IntegerRules.isNarrow(dtype);
        var wide = narrow ? DType.I32 : dtype;
        var space = Shape.of(n, rest, k);
        var updates =
                r.transpose(r.reshape(r.add(new Op.Cast(wide, false), in.get(2)), Shape.of(k, rest)), List.of(1, 0));
        var places = r.reshape(r.cast(r.cast(in.get(1), DType.I32), DType.F32), Shape.of(1, 1, k));
        var mine = r.binary(BinaryOp.EQ, r.broadcast(places, space), r.iota(DType.F32, space, 0));
        var others = identity(r, f, wide, space);
        var all = r.select(mine, r.broadcast(r.reshape(updates, Shape.of(1, rest, k)), space), others);
        var combined = r.reshape(r.reduce(f, 2, all), shape);
        var result = r.binary(f.combination(), r.add(new Op.Cast(wide, false), data), combined);
        return Optional.of(List.of(narrow ? IntegerRules.cut(r, result, dtype) : result));
    }

    /** A reduction of no elements is its identity. */
    private static Optional<List<Value>> ofNothing(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Reduce(var f, var axes))
                || axes.stream().allMatch(a -> in.getFirst().type().shape().dim(a) > 0)) {
            return Optional.empty();
        }
        var shape = in.getFirst().type().shape();
        for (int a : axes) {
            shape = shape.with(a, 1);
        }
        return Optional.of(List.of(identity(r, f, in.getFirst().type().dtype(), shape)));
    }

    /** What changes nothing when it is combined; of integers as the machine carries them. */
    private static Value identity(Rewriting r, ReduceOp f, DType dtype, Shape shape) {
        return switch (f) {
            case SUM -> r.number(dtype, shape, 0);
            case PROD -> r.number(dtype, shape, 1);
            case MAX ->
                dtype.isFloat()
                        ? r.splat(dtype, shape, Double.NEGATIVE_INFINITY)
                        : r.whole(dtype, shape, IntegerRules.least(dtype));
            case MIN ->
                dtype.isFloat()
                        ? r.splat(dtype, shape, Double.POSITIVE_INFINITY)
                        : r.whole(dtype, shape, IntegerRules.greatest(dtype));
        };
    }

    private static void pairs(Rewriting r, long elements, long others, String what) {
        if (elements > MOST_PAIRS / Math.max(1, others)) {
            throw new PassException("SYS3107 node %s: %s, which takes more than %d comparisons"
                    .formatted(r.location(), what, MOST_PAIRS));
        }
    }

    static List<Integer> toLast(int rank, int axis) {
        var order = new ArrayList<Integer>();
        for (int i = 0; i < rank; i++) {
            if (i != axis) {
                order.add(i);
            }
        }
        order.add(axis);
        return order;
    }

    static List<Integer> inverse(List<Integer> permutation) {
        return IntStream.range(0, permutation.size())
                .map(permutation::indexOf)
                .boxed()
                .toList();
    }
}
