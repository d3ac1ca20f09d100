package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The largest elements of a line. The machine finds eight at a time, among fp32 numbers along the last dimension; what it leaves of
 * {@link Op.TopK} is that.
 *
 * <p>Keys are the elements, or for the smallest their negatives, with negative infinity for NaN. Long lines are searched in parts beside each
 * other, then what was found in all parts; since the parts are in order, equal keys stay in order. What was found is replaced by negative
 * infinity, so beyond the first eight the places of keys that are negative infinity themselves come from a second search, for the least
 * places; only fp32 numbers need it, as the infinities of narrower types can be finite keys. Integers of 32 bits have no exact keys, and where
 * many elements are wanted of few lines all pairs are compared sooner: those are sorted.
 */
record TopRules(Target target) {
    private static final int EIGHT = 8;

    /** A part is searched if there are at most as many rounds of eight for that many elements of it. */
    private static final int PART_OF_WANTED = 4;

    /** Shorter lines are reduced, together with what is computed beside them. */
    private static final long LONG_LINE = 512;

    /** Places below this are exact in fp32. */
    private static final long WHOLE = 1L << 24;

    /** Elements that are searched, one after the other, in about the time that a second search takes to begin. */
    private static final long SECOND_SEARCH = 1L << 15;

    List<Rewriting.Expansion> all() {
        return List.of(this::largest, this::first);
    }

    /** What was found: [rows..., k] keys, and their places as whole fp32 numbers. */
    private record Found(Value keys, Value places) {}

    private Optional<List<Value>> largest(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.TopK(var axis, var k, var largest))) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        var result = shape.with(axis, k);
        if (result.elements() == 0) {
            return Optional.of(List.of(r.slice(x, axis, 0, k, 1), r.whole(DType.I64, result, 0)));
        }
        var order = OrderRules.toLast(shape.rank(), axis);
        var back = OrderRules.inverse(order);
        Value places;
        if (isSearched(x.type(), axis, k)) {
            var found =
                    places(r, r.transpose(key(r, x, largest), order), x.type().dtype(), k);
            places = r.transpose(r.cast(found, DType.I64), back);
        } else {
            var sorted = OrderRules.order(r, new Op.Sort(axis, largest), List.of(withoutNaN(r, x, largest)));
            places = r.slice(sorted.orElseThrow().getLast(), axis, 0, k, 1);
        }
        var lines = r.transpose(x, order);
        var values = r.add(new Op.GatherElements(shape.rank() - 1), lines, r.transpose(places, order));
        return Optional.of(List.of(r.transpose(values, back), places));
    }

    /** The first of the largest, or smallest, elements. */
    private Optional<List<Value>> first(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.ArgReduce(var largest, var axis, var last)) || last) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        if (shape.elements() == 0 || shape.dim(axis) < LONG_LINE || !isSearched(x.type(), axis, 1)) {
            return Optional.empty();
        }
        var order = OrderRules.toLast(shape.rank(), axis);
        var place = places(r, r.transpose(key(r, x, largest), order), x.type().dtype(), 1);
        return Optional.of(List.of(r.transpose(r.cast(place, DType.I64), OrderRules.inverse(order))));
    }

    /** Rounds of eight take a row as many steps as it has elements; comparing all pairs is spread over the partitions. */
    private boolean isSearched(TensorType x, int axis, long k) {
        boolean exact = x.dtype().isFloat() || x.dtype().carrier().bits() < 32;
        long n = x.shape().dim(axis);
        return exact
                && n >= target.vector().max8MinFree()
                && n < WHOLE
                && (k <= EIGHT
                        || k <= x.shape().elements() / EIGHT
                                && k <= target.vector().max8MaxFree() / EIGHT);
    }

    private static Value withoutNaN(Rewriting r, Value x, boolean largest) {
        if (!x.type().dtype().isFloat()) {
            return x;
        }
        var last = largest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        return r.select(
                r.binary(BinaryOp.EQ, x, x),
                x,
                r.splat(x.type().dtype(), x.type().shape(), last));
    }

    private static Value key(Rewriting r, Value x, boolean largest) {
        var clean = r.cast(x, DType.F32);
        if (x.type().dtype().isFloat()) {
            clean = withoutNaN(r, clean, largest);
        }
        return largest ? clean : r.unary(UnaryOp.NEG, clean);
    }

    private Value places(Rewriting r, Value keys, DType dtype, long k) {
        var shape = keys.type().shape();
        int last = shape.rank() - 1;
        if (k <= EIGHT || !dtype.isFloat()) {
            return search(r, keys, k).places;
        }
        if (dtype.bits() <= 16) {
            return search(r, r.binary(BinaryOp.MAX, keys, r.splat(DType.F32, shape, -Float.MAX_VALUE)), k).places;
        }
        var lowest = r.splat(DType.F32, shape, Double.NEGATIVE_INFINITY);
        var isLowest = r.binary(BinaryOp.EQ, keys, lowest);
        var backwards = r.unary(UnaryOp.NEG, r.iota(DType.F32, shape, last));
        var lowestPlaces = r.unary(UnaryOp.NEG, search(r, r.select(isLowest, backwards, lowest), k).keys);
        var above = r.reduce(ReduceOp.SUM, last, r.cast(r.binary(BinaryOp.GT, keys, lowest), DType.F32));
        var wanted = shape.with(last, k);
        var afterAbove = r.binary(BinaryOp.SUB, r.iota(DType.F32, wanted, last), r.broadcast(above, wanted));
        var zero = r.splat(DType.F32, wanted, 0);
        var next = r.cast(r.binary(BinaryOp.MAX, afterAbove, zero), DType.I64);
        return r.select(
                r.binary(BinaryOp.LT, afterAbove, zero),
                search(r, keys, k).places,
                r.add(new Op.GatherElements(last), lowestPlaces, next));
    }

    /** The k largest keys of each line, in parts that are searched beside each other while that is worth a second search. */
    private Found search(Rewriting r, Value keys, long k) {
        var shape = keys.type().shape();
        int last = shape.rank() - 1;
        long n = shape.dim(last);
        long parts = parts(shape.elements() / n, n, k);
        if (parts == 1) {
            var found = r.addAll(new Op.TopK(last, k, true), keys);
            return new Found(found.getFirst(), r.cast(r.cast(found.getLast(), DType.I32), DType.F32));
        }
        long length = Math.ceilDiv(n, parts);
        var rows = shape.dims().asList().subList(0, last);
        var padded = n == length * parts
                ? keys
                : r.add(
                        new Op.Concat(last),
                        keys,
                        r.splat(DType.F32, shape.with(last, length * parts - n), Double.NEGATIVE_INFINITY));
        long ofEach = Math.min(Math.max(k, EIGHT), length);
        var ofParts = search(r, r.reshape(padded, shape(rows, parts, length)), ofEach);
        var inParts = ofParts.places.type().shape();
        var first = r.binary(BinaryOp.MUL, r.iota(DType.F32, inParts, last), r.splat(DType.F32, inParts, length));
        var candidates = shape(rows, parts * ofEach);
        var found = search(r, r.reshape(ofParts.keys, candidates), k);
        var places = r.reshape(r.binary(BinaryOp.ADD, ofParts.places, first), candidates);
        return new Found(found.keys, r.add(new Op.GatherElements(last), places, r.cast(found.places, DType.I64)));
    }

    /** A power of two. */
    private long parts(long rows, long n, long k) {
        long rounds = Math.ceilDiv(k, EIGHT);
        long parts = 1;
        while (Math.ceilDiv(n, parts) > target.vector().max8MaxFree()
                || n * rounds > SECOND_SEARCH
                        && 2 * parts * rows <= target.memory().partitions()
                        && n / (2 * parts) >= PART_OF_WANTED * Math.max(EIGHT, k)) {
            parts *= 2;
        }
        return parts;
    }

    private static Shape shape(List<Long> rows, long... more) {
        var dims = new ArrayList<>(rows);
        IntStream.range(0, more.length).forEach(i -> dims.add(more[i]));
        return Shape.of(dims);
    }
}
