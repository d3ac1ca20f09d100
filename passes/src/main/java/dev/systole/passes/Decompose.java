package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.passes.Rewriting.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Afterwards operations that no engine has are combinations of those that exist: division is multiplication by a reciprocal,
 * rounding is addition of a large number, casts to integers take whole numbers only (the machine rounds, models truncate),
 * and reductions reduce trailing dimensions.
 *
 * @param longestRow elements that one reduction takes at most where it can be done in steps
 */
public record Decompose(long longestRow) implements GraphPass {
    /** From here on every fp32 number is whole. */
    private static final double WHOLE = 0x1p23;

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
        var x = in.get(0);
        var y = in.get(1);
        var constant = r.splat(y);
        if (constant.isPresent()) {
            return Optional.of(
                    r.binary(BinaryOp.MUL, x, r.splat(x.type().dtype(), x.type().shape(), 1 / constant.getAsDouble())));
        }
        var narrow = r.definition(y)
                .filter(n -> n.op() instanceof Op.Broadcast)
                .map(n -> n.input(0))
                .orElse(y);
        var inverse = r.operandOf(UnaryOp.SQRT, narrow)
                .map(v -> r.unary(UnaryOp.RSQRT, v))
                .orElseGet(() -> r.unary(UnaryOp.RECIPROCAL, narrow));
        return Optional.of(
                r.binary(BinaryOp.MUL, x, r.broadcast(inverse, x.type().shape())));
    }

    private static Optional<Value> rounding(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Unary(var f)) || !in.getFirst().type().dtype().equals(DType.F32)) {
            return Optional.empty();
        }
        var x = in.getFirst();
        return switch (f) {
            case ROUND -> Optional.of(round(r, x));
            case FLOOR -> Optional.of(floor(r, x));
            case CEIL -> {
                var nearest = round(r, x);
                var below = r.add(new Op.Cast(DType.F32, false), r.binary(BinaryOp.LT, nearest, x));
                yield Optional.of(r.binary(BinaryOp.ADD, nearest, below));
            }
            default -> Optional.empty();
        };
    }

    private static Value floor(Rewriting r, Value x) {
        var nearest = round(r, x);
        var above = r.add(new Op.Cast(DType.F32, false), r.binary(BinaryOp.GT, nearest, x));
        return r.binary(BinaryOp.SUB, nearest, above);
    }

    /** |x| + 2^23 - 2^23 with the sign of x is x rounded to nearest even; larger numbers are whole already. */
    private static Value round(Rewriting r, Value x) {
        var shape = x.type().shape();
        var magnitude = r.unary(UnaryOp.ABS, x);
        var whole = r.splat(DType.F32, shape, WHOLE);
        var rounded = r.binary(BinaryOp.SUB, r.binary(BinaryOp.ADD, magnitude, whole), whole);
        var signed = r.binary(BinaryOp.MUL, rounded, r.unary(UnaryOp.SIGN, x));
        return r.add(new Op.Select(), r.binary(BinaryOp.LT, magnitude, whole), signed, x);
    }

    /** The machine rounds where a cast truncates, so the operand is made whole first. */
    private static Optional<Value> castToInteger(Rewriting r, Op op, List<Value> in) {
        var x = in.isEmpty() ? null : in.getFirst();
        if (!(op instanceof Op.Cast(var to, var saturate))
                || !to.isInteger()
                || x.type().dtype() != DType.F32
                || isWhole(r, x)) {
            return Optional.empty();
        }
        var truncated = r.binary(BinaryOp.MUL, floor(r, r.unary(UnaryOp.ABS, x)), r.unary(UnaryOp.SIGN, x));
        return Optional.of(r.add(op, truncated));
    }

    /** True if every element is certainly a whole number. */
    private static boolean isWhole(Rewriting r, Value v) {
        var splat = r.splat(v);
        if (splat.isPresent()) {
            return splat.getAsDouble() == Math.rint(splat.getAsDouble());
        }
        var node = r.definition(v);
        if (node.isEmpty()) {
            return false;
        }
        var in = node.get().inputs();
        return switch (node.get().op()) {
            case Op.Cast c -> !in.getFirst().type().dtype().isFloat();
            case Op.Unary(var f) ->
                f == UnaryOp.SIGN
                        || (f == UnaryOp.NEG || f == UnaryOp.ABS || f == UnaryOp.RELU) && isWhole(r, in.getFirst());
            case Op.Binary(var f) ->
                (f == BinaryOp.ADD || f == BinaryOp.SUB || f == BinaryOp.MUL || f == BinaryOp.MAX || f == BinaryOp.MIN)
                        && in.stream().allMatch(x -> isWhole(r, x));
            case Op.Select s -> isRounding(r, node.get()) || isWhole(r, in.get(1)) && isWhole(r, in.get(2));
            case Op.Broadcast b -> isWhole(r, in.getFirst());
            case Op.Reshape b -> isWhole(r, in.getFirst());
            case Op.Slice b -> isWhole(r, in.getFirst());
            case Op.Transpose b -> isWhole(r, in.getFirst());
            default -> false;
        };
    }

    /** True for what {@link #round} makes. */
    private static boolean isRounding(Rewriting r, Node select) {
        var compare = r.definition(select.input(0));
        return compare.isPresent()
                && compare.get().op().equals(new Op.Binary(BinaryOp.LT))
                && r.isSplat(compare.get().input(1), WHOLE)
                && r.operandOf(UnaryOp.ABS, compare.get().input(0)).equals(Optional.of(select.input(2)));
    }

    /** A reduction of several trailing dimensions that is too long for one row reduces the last one first. */
    private Optional<Value> longReduction(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Reduce(var f, var axes)) || axes.size() < 2) {
            return Optional.empty();
        }
        var x = in.getFirst();
        long row = axes.stream().mapToLong(a -> x.type().shape().dim(a)).reduce(1, (a, b) -> a * b);
        if (row <= longestRow) {
            return Optional.empty();
        }
        var inner = trailing(r, f, x, List.of(axes.getLast()));
        return Optional.of(trailing(r, f, inner, axes.subList(0, axes.size() - 1)));
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
    private static Value trailing(Rewriting r, dev.systole.ir.graph.ReduceOp f, Value x, List<Integer> axes) {
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
