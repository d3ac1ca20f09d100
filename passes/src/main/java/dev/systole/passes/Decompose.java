package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.passes.Rewriting.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Afterwards operations that no engine has are combinations of those that exist: division is multiplication by a reciprocal,
 * rounding is addition of a large number, casts to integers take whole numbers only (the machine rounds, models truncate),
 * and reductions reduce trailing dimensions, unless they are sums over rows, which are products with ones, or of a few planes.
 *
 * @param longestRow elements that one reduction takes at most where it can be done in steps
 * @param partitions that rows had better fill
 */
public record Decompose(long longestRow, int partitions) implements GraphPass {
    /** Rows of a value that are reduced as they are, and elements of each. */
    private static final long FEWEST_ROWS = 16;

    private static final long SHORTEST_ROW = 256;

    /** Terms and sums from which on the array is worth its passes over them. */
    private static final long FEWEST_SUMMED = 32;

    /** Planes of which one after the other is reduced. */
    private static final long MOST_PLANES = 32;

    private static final long SHORTEST_PLANE = 512;

    @Override
    public String name() {
        return "decompose";
    }

    @Override
    public Graph run(Graph graph) {
        List<Rule> rules = List.of(
                Decompose::reciprocalRoot,
                Decompose::division,
                Decompose::rounding,
                Decompose::castToInteger,
                Decompose::sum,
                Decompose::planes,
                this::longReduction,
                Decompose::reduction);
        return Rewriting.apply(graph, rules);
    }

    /** 1 / sqrt(x). */
    private static Optional<Value> reciprocalRoot(Rewriting r, Op op, List<Value> in) {
        return op.equals(new Op.Unary(UnaryOp.RECIPROCAL))
                ? r.operandOf(UnaryOp.SQRT, in.getFirst()).map(x -> r.unary(UnaryOp.RSQRT, x))
                : Optional.empty();
    }

    /** x / y of floats; the reciprocal is taken before y is broadcast. */
    private static Optional<Value> division(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.DIV))
                || !in.getFirst().type().dtype().isFloat()) {
            return Optional.empty();
        }
        return Optional.of(
                narrowed(r, quotient(r, in.get(0), in.get(1)), in.get(0).type().dtype()));
    }

    private static Value quotient(Rewriting r, Value x, Value y) {
        var shape = x.type().shape();
        var constant = r.splat(y);
        if (constant.isPresent()) {
            var inverse = r.splat(DType.F32, shape, 1 / constant.getAsDouble());
            return r.binary(BinaryOp.MUL, widened(r, x), inverse);
        }
        var narrow = r.definition(y)
                .filter(n -> n.op() instanceof Op.Broadcast)
                .map(n -> n.input(0))
                .orElse(y);
        var inverse = r.operandOf(UnaryOp.SQRT, narrow)
                .map(v -> r.unary(UnaryOp.RSQRT, widened(r, v)))
                .orElseGet(() -> r.unary(UnaryOp.RECIPROCAL, widened(r, narrow)));
        return r.binary(BinaryOp.MUL, widened(r, x), r.broadcast(inverse, shape));
    }

    /** As fp32, in which the engines compute whatever they read. */
    private static Value widened(Rewriting r, Value x) {
        return x.type().dtype() == DType.F32 ? x : r.add(new Op.Cast(DType.F32, false), x);
    }

    private static Value narrowed(Rewriting r, Value x, DType dtype) {
        return dtype == DType.F32 ? x : r.add(new Op.Cast(dtype, false), x);
    }

    private static Optional<Value> rounding(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Unary(var f)) || !in.getFirst().type().dtype().isFloat()) {
            return Optional.empty();
        }
        var dtype = in.getFirst().type().dtype();
        return switch (f) {
            case ROUND -> Optional.of(narrowed(r, Rounding.nearest(r, widened(r, in.getFirst())), dtype));
            case FLOOR -> Optional.of(narrowed(r, Rounding.floor(r, widened(r, in.getFirst())), dtype));
            case CEIL -> Optional.of(narrowed(r, Rounding.ceil(r, widened(r, in.getFirst())), dtype));
            default -> Optional.empty();
        };
    }

    /** The machine rounds where a cast truncates, so the operand is made whole first. */
    private static Optional<Value> castToInteger(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Cast(var to, var saturate)) || !to.isInteger()) {
            return Optional.empty();
        }
        var x = in.getFirst();
        if (!x.type().dtype().isFloat() || r.wholeNumbers().range(x).isPresent()) {
            return Optional.empty();
        }
        var wide = widened(r, x);
        var truncated =
                r.binary(BinaryOp.MUL, Rounding.floor(r, r.unary(UnaryOp.ABS, wide)), r.unary(UnaryOp.SIGN, wide));
        return Optional.of(r.add(op, truncated));
    }

    /**
     * What an fp32 reduction of neighbouring dimensions reads.
     *
     * @param axis of the first of them
     * @param terms of each result
     * @param columns results beside each other, of the dimensions behind
     */
    private record Summands(ReduceOp function, Value x, List<Integer> axes, int axis, long terms, long columns) {
        static Optional<Summands> of(Op op, List<Value> in) {
            if (!(op instanceof Op.Reduce(var f, var axes))
                    || axes.isEmpty()
                    || axes.getLast() - axes.getFirst() != axes.size() - 1
                    || in.getFirst().type().dtype() != DType.F32) {
                return Optional.empty();
            }
            var shape = in.getFirst().type().shape();
            int end = axes.getLast() + 1;
            long terms = product(shape, axes.getFirst(), end);
            return Optional.of(
                    new Summands(f, in.getFirst(), axes, axes.getFirst(), terms, product(shape, end, shape.rank())));
        }

        /** The results with the shape of the reduction. */
        Value shaped(Rewriting r, Value results) {
            return r.reshape(results, reducedShape(x.type().shape(), axes));
        }
    }

    /**
     * A sum over dimensions that are not the last ones is a product with ones: it needs them on partitions, where reductions along the free
     * dimension need the others, and so nothing is turned.
     */
    private static Optional<Value> sum(Rewriting r, Op op, List<Value> in) {
        return Summands.of(op, in)
                .filter(s -> s.function == ReduceOp.SUM)
                .filter(s -> s.terms >= FEWEST_SUMMED && s.columns >= FEWEST_SUMMED)
                .map(s -> {
                    long matrices = product(s.x.type().shape(), 0, s.axis);
                    var ones = r.splat(DType.F32, Shape.of(matrices, 1, s.terms), 1);
                    var rows = r.reshape(s.x, Shape.of(matrices, s.terms, s.columns));
                    return s.shaped(r, r.add(new Op.MatMul(DType.F32), ones, rows));
                });
    }

    /** A reduction of a few long planes takes one after the other, as it lies. */
    private static Optional<Value> planes(Rewriting r, Op op, List<Value> in) {
        return Summands.of(op, in)
                .filter(s -> s.terms >= 2 && s.terms <= MOST_PLANES && s.columns >= SHORTEST_PLANE)
                .map(s -> {
                    var dims = new ArrayList<>(s.x.type().shape().dims().asList());
                    dims.subList(s.axis, s.axis + s.axes.size()).clear();
                    dims.add(s.axis, s.terms);
                    var planes = r.reshape(s.x, Shape.of(dims));
                    var result = r.slice(planes, s.axis, 0, 1, 1);
                    for (long i = 1; i < s.terms; i++) {
                        result = r.binary(s.function.combination(), result, r.slice(planes, s.axis, i, 1, 1));
                    }
                    return s.shaped(r, result);
                });
    }

    private static long product(Shape shape, int first, int end) {
        return IntStream.range(first, end).mapToLong(shape::dim).reduce(1, (a, b) -> a * b);
    }

    /**
     * A reduction of several dimensions that is too long for one row is two: if they are the last ones, of rows and of what is left of these, which
     * are those of the value, if there are enough and they are long, or as long as can be; else it reduces one after the other, the last one first.
     * One whose rows are enough to pass part by part stays as it is.
     */
    private Optional<Value> longReduction(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Reduce(var f, var axes)) || axes.size() < 2) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        long row = axes.stream().mapToLong(shape::dim).reduce(1, (a, b) -> a * b);
        boolean isFusible = isTrailing(axes, shape) && shape.elements() / row >= Fuse.FEWEST_LONG_ROWS;
        if (row <= longestRow || isFusible) {
            return Optional.empty();
        }
        if (isTrailing(axes, shape)) {
            var outside = shape.dims().asList().subList(0, shape.rank() - axes.size());
            var rows = rows(r, x, outside, row);
            if (rows.isPresent()) {
                int last = rows.get().type().shape().rank() - 1;
                var reduced = r.reduce(f, last, rows.get());
                long left = reduced.type().shape().elements() / (shape.elements() / row);
                var line = r.reduce(f, outside.size(), r.reshape(reduced, with(outside, left)));
                return Optional.of(r.reshape(line, reducedShape(shape, axes)));
            }
        }
        for (int i = axes.size() - 1; i >= 0; i--) {
            x = shape.dim(axes.get(i)) == 1 ? x : trailing(r, f, x, List.of(axes.get(i)));
        }
        return Optional.of(x);
    }

    /** A value as rows that are reduced one by one: its own, or parts of long ones. */
    private Optional<Value> rows(Rewriting r, Value x, List<Long> outside, long length) {
        if (hasRows(x.type().shape())) {
            return Optional.of(x);
        }
        long count = x.type().shape().elements() / length;
        return Optional.of(isView(r, x) ? OptionalLong.empty() : rows(count, length))
                .filter(OptionalLong::isPresent)
                .map(n -> r.reshape(x, with(outside, n.getAsLong(), length / n.getAsLong())));
    }

    /** True for enough rows that lie as what computes them leaves them: others would be rearranged in memory. */
    private boolean hasRows(Shape shape) {
        long last = shape.dim(shape.rank() - 1);
        return last >= SHORTEST_ROW && last <= longestRow && shape.elements() / last >= FEWEST_ROWS;
    }

    private static Shape with(List<Long> dims, long... last) {
        var all = new ArrayList<>(dims);
        LongStream.of(last).forEach(all::add);
        return Shape.of(all);
    }

    private static boolean isView(Rewriting r, Value x) {
        return r.definition(x).filter(n -> n.op().isView()).isPresent();
    }

    /**
     * The fewest rows of equal length, none too long, that a long one can be; enough to fill the partitions, if there are as many.
     *
     * @param outside long rows
     */
    private OptionalLong rows(long outside, long length) {
        var possible = LongStream.rangeClosed(Math.ceilDiv(length, longestRow), Math.min(longestRow, length))
                .filter(n -> length % n == 0)
                .toArray();
        var filling =
                LongStream.of(possible).filter(n -> n * outside >= partitions).findFirst();
        return filling.isPresent() ? filling : LongStream.of(possible).max();
    }

    private static Optional<Value> reduction(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Reduce(var f, var axes))) {
            return Optional.empty();
        }
        var x = in.getFirst();
        return isTrailing(axes, x.type().shape()) ? Optional.empty() : Optional.of(trailing(r, f, x, axes));
    }

    private static boolean isTrailing(List<Integer> axes, Shape shape) {
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i) != shape.rank() - axes.size() + i) {
                return false;
            }
        }
        return true;
    }

    /** The reduction with the reduced dimensions brought to the end and back. */
    private static Value trailing(Rewriting r, ReduceOp f, Value x, List<Integer> axes) {
        int rank = x.type().shape().rank();
        if (isTrailing(axes, x.type().shape())) {
            return r.add(new Op.Reduce(f, axes), x);
        }
        var order = IntStream.range(0, rank)
                .filter(i -> !axes.contains(i))
                .boxed()
                .collect(Collectors.toCollection(ArrayList::new));
        order.addAll(axes);
        var last = IntStream.range(rank - axes.size(), rank).boxed().toList();
        var reduced = r.add(new Op.Reduce(f, last), r.add(new Op.Transpose(order), x));
        return r.add(new Op.Reshape(reducedShape(x.type().shape(), axes)), reduced);
    }

    private static Shape reducedShape(Shape shape, List<Integer> axes) {
        var dims = shape.toArray();
        axes.forEach(a -> dims[a] = 1);
        return Shape.of(dims);
    }
}
