package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
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
import java.util.function.Predicate;
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
            case ROUND -> Optional.of(narrowed(r, round(r, widened(r, in.getFirst())), dtype));
            case FLOOR -> Optional.of(narrowed(r, floor(r, widened(r, in.getFirst())), dtype));
            case CEIL -> Optional.of(narrowed(r, ceil(r, widened(r, in.getFirst())), dtype));
            default -> Optional.empty();
        };
    }

    private static Value ceil(Rewriting r, Value x) {
        var nearest = round(r, x);
        var below = r.add(new Op.Cast(DType.F32, false), r.binary(BinaryOp.LT, nearest, x));
        return r.binary(BinaryOp.ADD, nearest, below);
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
        if (!(op instanceof Op.Cast(var to, var saturate)) || !to.isInteger()) {
            return Optional.empty();
        }
        var x = in.getFirst();
        if (!x.type().dtype().isFloat() || isWhole(r, x)) {
            return Optional.empty();
        }
        var wide = widened(r, x);
        var truncated = r.binary(BinaryOp.MUL, floor(r, r.unary(UnaryOp.ABS, wide)), r.unary(UnaryOp.SIGN, wide));
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
        var x = select.input(2);
        return isBinary(r, BinaryOp.LT, select.input(0), v -> isMagnitude(r, v, x), v -> r.isSplat(v, WHOLE))
                && isBinary(
                        r,
                        BinaryOp.MUL,
                        select.input(1),
                        v -> isNearest(r, v, x),
                        v -> r.operandOf(UnaryOp.SIGN, v).equals(Optional.of(x)));
    }

    private static boolean isNearest(Rewriting r, Value v, Value x) {
        return isBinary(
                r,
                BinaryOp.SUB,
                v,
                sum -> isBinary(r, BinaryOp.ADD, sum, m -> isMagnitude(r, m, x), w -> r.isSplat(w, WHOLE)),
                w -> r.isSplat(w, WHOLE));
    }

    private static boolean isMagnitude(Rewriting r, Value v, Value x) {
        return r.operandOf(UnaryOp.ABS, v).equals(Optional.of(x));
    }

    private static boolean isBinary(Rewriting r, BinaryOp f, Value v, Predicate<Value> left, Predicate<Value> right) {
        return r.definition(v)
                .filter(n -> n.op().equals(new Op.Binary(f)) && left.test(n.input(0)) && right.test(n.input(1)))
                .isPresent();
    }

    /** A reduction of several trailing dimensions that is too long for one row reduces one after the other, the last one first. */
    private Optional<Value> longReduction(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Reduce(var f, var axes)) || axes.size() < 2) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        long row = axes.stream().mapToLong(shape::dim).reduce(1, (a, b) -> a * b);
        if (row <= longestRow) {
            return Optional.empty();
        }
        for (int i = axes.size() - 1; i >= 0; i--) {
            x = trailing(r, f, x, List.of(axes.get(i)));
        }
        return Optional.of(x);
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
