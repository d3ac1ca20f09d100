package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.Rewriting.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Afterwards operations that do nothing are gone, chains of views are one view, zeros around planes are the padding of convolutions, and functions
 * that models spell out (powers, GELU, SiLU) are single operations.
 */
public final class Canonicalise implements GraphPass {
    private static final double SQRT2 = Math.sqrt(2);

    private static final List<Rule> RULES = List.of(
            Saturation::clampedTwice,
            Saturation::clampedSum,
            Saturation::difference,
            Canonicalise::ofNothing,
            Canonicalise::identity,
            Canonicalise::view,
            TurnedTwice::rewrite,
            Canonicalise::padding,
            Canonicalise::wholeNumber,
            Canonicalise::narrowing,
            Canonicalise::positive,
            Canonicalise::power,
            Canonicalise::divisionByPowerOfTwo,
            Canonicalise::square,
            Canonicalise::scaledSquare,
            Canonicalise::gelu,
            Canonicalise::silu,
            Canonicalise::logistic);

    @Override
    public String name() {
        return "canonicalise";
    }

    @Override
    public Graph run(Graph graph) {
        return Rewriting.apply(graph, RULES);
    }

    /** What is computed from operands without elements is known: a sum over nothing is 0. */
    private static Optional<Value> ofNothing(Rewriting r, Op op, List<Value> in) {
        if (in.isEmpty() || in.stream().anyMatch(v -> v.type().shape().elements() > 0)) {
            return Optional.empty();
        }
        var types = in.stream().map(Value::type).toList();
        var results = TypeInference.infer(op, types);
        if (results.getFirst().shape().elements() == 0) {
            return Optional.empty();
        }
        var operands = types.stream().map(Tensor::allocate).toList();
        return Optional.of(r.add(
                new Op.Constant(GraphInterpreter.evaluate(op, operands, results).getFirst())));
    }

    /** x + 0, x - 0, x * 1, x / 1 and x ^ 1 are x; so is a cast to the type that x has. */
    private static Optional<Value> identity(Rewriting r, Op op, List<Value> in) {
        return switch (op) {
            case Op.Binary(var f) ->
                switch (f) {
                    case ADD ->
                        r.isSplat(in.get(1), 0)
                                ? Optional.of(in.get(0))
                                : r.isSplat(in.get(0), 0) ? Optional.of(in.get(1)) : Optional.empty();
                    case MUL ->
                        r.isSplat(in.get(1), 1)
                                ? Optional.of(in.get(0))
                                : r.isSplat(in.get(0), 1) ? Optional.of(in.get(1)) : Optional.empty();
                    case SUB -> r.isSplat(in.get(1), 0) ? Optional.of(in.get(0)) : Optional.empty();
                    case DIV, POW -> r.isSplat(in.get(1), 1) ? Optional.of(in.get(0)) : Optional.empty();
                    default -> Optional.empty();
                };
            case Op.Cast(var to, var saturate) when in.getFirst().type().dtype() == to -> Optional.of(in.getFirst());
            default -> Optional.empty();
        };
    }

    /** Views that change nothing, and views of views of the same kind. */
    private static Optional<Value> view(Rewriting r, Op op, List<Value> in) {
        if (!op.isView()) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var shape = x.type().shape();
        var inner = r.definition(x);
        return switch (op) {
            case Op.Reshape(var to) when to.equals(shape) -> Optional.of(x);
            case Op.Broadcast(var to) when to.equals(shape) -> Optional.of(x);
            case Op.Transpose(var p) when p.equals(natural(p.size())) -> Optional.of(x);
            case Op.Slice(var starts, var sizes, var steps)
            when sizes.equals(shape.dims().asList()) && isForward(sizes, steps) -> Optional.of(x);
            case Op.Reshape(var to)
            when inner.isPresent() && inner.get().op() instanceof Op.Reshape ->
                inner.get().input(0).type().shape().equals(to)
                        ? Optional.of(inner.get().input(0))
                        : Optional.of(r.add(op, inner.get().input(0)));
            case Op.Slice outer
            when inner.isPresent() && inner.get().op() instanceof Op.Slice first ->
                Optional.of(r.add(composed(first, outer), inner.get().input(0)));
            case Op.Broadcast b
            when inner.isPresent() && inner.get().op() instanceof Op.Broadcast ->
                Optional.of(r.add(op, inner.get().input(0)));
            case Op.Transpose(var p)
            when inner.isPresent() && inner.get().op() instanceof Op.Transpose(var q) -> {
                var both = p.stream().map(q::get).toList();
                yield Optional.of(
                        both.equals(natural(both.size()))
                                ? inner.get().input(0)
                                : r.add(new Op.Transpose(both), inner.get().input(0)));
            }
            default -> Optional.empty();
        };
    }

    /** Zeros around the planes that a convolution slides over are its own padding. */
    private static Optional<Value> padding(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Convolution c)) {
            return Optional.empty();
        }
        return r.definition(in.getFirst())
                .filter(n -> n.op() instanceof Op.Pad(var low, var high)
                        && r.isSplat(n.input(1), 0)
                        && Stream.concat(low.stream(), high.stream()).allMatch(x -> x >= 0)
                        && Stream.of(low.get(0), low.get(1), high.get(0), high.get(1))
                                .allMatch(x -> x == 0))
                .map(n -> {
                    var pad = (Op.Pad) n.op();
                    var padded = new Op.Convolution(
                            c.result(),
                            c.strides(),
                            sums(c.low(), pad.low().subList(2, pad.low().size())),
                            sums(c.high(), pad.high().subList(2, pad.high().size())),
                            c.dilations(),
                            c.groups());
                    return r.add(padded, n.input(0), in.get(1));
                });
    }

    private static List<Long> sums(List<Long> a, List<Long> b) {
        return IntStream.range(0, a.size()).mapToObj(i -> a.get(i) + b.get(i)).toList();
    }

    /** A float that is a whole number of an integer type stays what it is when it is cast to that and back. */
    private static Optional<Value> wholeNumber(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Cast(var to, var saturate))
                || !in.getFirst().type().dtype().isInteger()) {
            return Optional.empty();
        }
        return r.definition(in.getFirst())
                .filter(n -> n.op() instanceof Op.Cast && n.input(0).type().dtype() == to)
                .map(n -> n.input(0))
                .filter(x -> r.wholeNumbers()
                        .range(x)
                        .filter(range -> !range.mayBeNan()
                                && range.isWithin(WholeNumbers.Range.of(
                                        in.getFirst().type().dtype())))
                        .isPresent());
    }

    /** A cast to a narrower type stands before views, where what makes the number can do it. */
    private static Optional<Value> narrowing(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Cast(var to, var saturate))
                || to.bits() >= in.getFirst().type().dtype().bits()) {
            return Optional.empty();
        }
        return r.definition(in.getFirst())
                .filter(n -> n.op().isView() && !(n.op() instanceof Op.Slice))
                .map(n -> r.add(n.op(), narrowing(r, op, n.inputs()).orElseGet(() -> r.add(op, n.input(0)))));
    }

    /** What is positive is found before it is rounded: rounding keeps zero and order. */
    private static Optional<Value> positive(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Unary(UnaryOp.RELU))) {
            return Optional.empty();
        }
        return r.definition(in.getFirst())
                .filter(n -> n.op() instanceof Op.Cast(var to, var saturate)
                        && to.isFloat()
                        && n.input(0).type().dtype() == DType.F32)
                .map(n -> r.add(n.op(), r.unary(UnaryOp.RELU, n.input(0))));
    }

    private static boolean isForward(List<Long> sizes, List<Long> steps) {
        return IntStream.range(0, sizes.size()).allMatch(i -> sizes.get(i) == 1 || steps.get(i) == 1);
    }

    private static Op composed(Op.Slice first, Op.Slice then) {
        var starts = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        for (int i = 0; i < then.sizes().size(); i++) {
            long step = first.steps().get(i);
            starts.add(first.starts().get(i) + then.starts().get(i) * step);
            steps.add(step * then.steps().get(i));
        }
        return new Op.Slice(starts, then.sizes(), steps);
    }

    private static List<Integer> natural(int rank) {
        return IntStream.range(0, rank).boxed().toList();
    }

    /** x ^ 2, x ^ 3, x ^ 0.5, x ^ -1 and x ^ -0.5. */
    private static Optional<Value> power(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.POW)) || r.splat(in.get(1)).isEmpty()) {
            return Optional.empty();
        }
        var x = in.getFirst();
        double exponent = r.splat(in.get(1)).getAsDouble();
        if (exponent == 2) {
            return Optional.of(r.unary(UnaryOp.SQUARE, x));
        }
        if (exponent == 3) {
            return Optional.of(r.binary(BinaryOp.MUL, r.unary(UnaryOp.SQUARE, x), x));
        }
        if (!x.type().dtype().isFloat()) {
            return Optional.empty();
        }
        return exponent == 0.5
                ? Optional.of(r.unary(UnaryOp.SQRT, x))
                : exponent == -1
                        ? Optional.of(r.unary(UnaryOp.RECIPROCAL, x))
                        : exponent == -0.5 ? Optional.of(r.unary(UnaryOp.RSQRT, x)) : Optional.empty();
    }

    /** A float divided by a power of two is exactly the product with its inverse, if the type has it. */
    private static Optional<Value> divisionByPowerOfTwo(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.DIV))
                || !in.getFirst().type().dtype().isFloat()) {
            return Optional.empty();
        }
        var divisor = r.splat(in.get(1));
        var x = in.getFirst();
        if (divisor.isEmpty() || !hasInverse(divisor.getAsDouble(), x.type().dtype())) {
            return Optional.empty();
        }
        return Optional.of(
                r.binary(BinaryOp.MUL, x, r.splat(x.type().dtype(), x.type().shape(), 1 / divisor.getAsDouble())));
    }

    private static boolean hasInverse(double c, DType dtype) {
        return c != 0
                && Math.abs(Math.getExponent(c)) < 100
                && Math.abs(c) == Math.scalb(1.0, Math.getExponent(c))
                && (dtype == DType.F64 || Elements.rounded((float) (1 / c), dtype) == 1 / c);
    }

    /** x * x. */
    private static Optional<Value> square(Rewriting r, Op op, List<Value> in) {
        return op.equals(new Op.Binary(BinaryOp.MUL)) && in.get(0).equals(in.get(1))
                ? Optional.of(r.unary(UnaryOp.SQUARE, in.get(0)))
                : Optional.empty();
    }

    /**
     * c * x * x is the square of sqrt(c) * x, one function of ScalarE. A factor of few digits stays, as products with it may be exact: 3 x x of
     * small whole numbers is a whole number.
     */
    private static Optional<Value> scaledSquare(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.MUL))
                || !in.getFirst().type().dtype().isFloat()) {
            return Optional.empty();
        }
        for (int i = 0; i < 2; i++) {
            var x = in.get(i);
            var scaled = r.definition(in.get(1 - i)).filter(n -> n.op().equals(new Op.Binary(BinaryOp.MUL)));
            if (scaled.isEmpty() || !scaled.get().inputs().contains(x)) {
                continue;
            }
            var factor = r.splat(scaled.get().input(scaled.get().input(0).equals(x) ? 1 : 0));
            if (factor.isPresent() && factor.getAsDouble() > 0 && hasManyDigits(factor.getAsDouble())) {
                var root = r.splat(x.type().dtype(), x.type().shape(), Math.sqrt(factor.getAsDouble()));
                return Optional.of(r.unary(UnaryOp.SQUARE, r.binary(BinaryOp.MUL, x, root)));
            }
        }
        return Optional.empty();
    }

    private static boolean hasManyDigits(double c) {
        double digits = Math.scalb(c, 12 - Math.getExponent(c));
        return digits != Math.rint(digits);
    }

    /** The product of 0.5, x and 1 + erf(x / sqrt 2), in any order. */
    private static Optional<Value> gelu(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.MUL))) {
            return Optional.empty();
        }
        for (int i = 0; i < 2; i++) {
            var factors = new ArrayList<Value>();
            factors.add(in.get(1 - i));
            r.definition(in.get(i))
                    .filter(n -> n.op().equals(new Op.Binary(BinaryOp.MUL)))
                    .ifPresent(n -> factors.addAll(n.inputs()));
            if (factors.size() == 3 && factors.removeIf(v -> r.isSplat(v, 0.5)) && factors.size() == 2) {
                for (int k = 0; k < 2; k++) {
                    var x = factors.get(k);
                    if (isOnePlusErf(r, factors.get(1 - k), x)) {
                        return Optional.of(r.unary(UnaryOp.GELU, x));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isOnePlusErf(Rewriting r, Value v, Value x) {
        var sum = r.definition(v).filter(n -> n.op().equals(new Op.Binary(BinaryOp.ADD)));
        if (sum.isEmpty()) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            if (r.isSplat(sum.get().input(i), 1)) {
                var scaled = r.operandOf(UnaryOp.ERF, sum.get().input(1 - i)).flatMap(r::definition);
                return scaled.isPresent() && isOverSqrt2(r, scaled.get(), x);
            }
        }
        return false;
    }

    private static boolean isOverSqrt2(Rewriting r, Node n, Value x) {
        if (n.op().equals(new Op.Binary(BinaryOp.DIV))) {
            return n.input(0).equals(x) && isNear(r, n.input(1), SQRT2);
        }
        return n.op().equals(new Op.Binary(BinaryOp.MUL))
                && (n.input(0).equals(x) && isNear(r, n.input(1), 1 / SQRT2)
                        || n.input(1).equals(x) && isNear(r, n.input(0), 1 / SQRT2));
    }

    private static boolean isNear(Rewriting r, Value v, double expected) {
        var s = r.splat(v);
        return s.isPresent() && Math.abs(s.getAsDouble() / expected - 1) < 1e-6;
    }

    /** x * sigmoid(x). */
    private static Optional<Value> silu(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.MUL))) {
            return Optional.empty();
        }
        for (int i = 0; i < 2; i++) {
            var x = in.get(i);
            if (r.operandOf(UnaryOp.SIGMOID, in.get(1 - i)).equals(Optional.of(x))) {
                return Optional.of(r.unary(UnaryOp.SILU, x));
            }
        }
        return Optional.empty();
    }

    /** x / (1 + exp(-x)); with 1 above, the sigmoid. */
    private static Optional<Value> logistic(Rewriting r, Op op, List<Value> in) {
        Optional<Value> below = op.equals(new Op.Unary(UnaryOp.RECIPROCAL))
                ? Optional.of(in.get(0))
                : op.equals(new Op.Binary(BinaryOp.DIV)) ? Optional.of(in.get(1)) : Optional.empty();
        var x = below.flatMap(v -> negatedInExponent(r, v));
        if (x.isEmpty() || !x.get().type().dtype().isFloat()) {
            return Optional.empty();
        }
        if (in.size() == 1 || r.isSplat(in.get(0), 1)) {
            return Optional.of(r.unary(UnaryOp.SIGMOID, x.get()));
        }
        return in.get(0).equals(x.get()) ? Optional.of(r.unary(UnaryOp.SILU, x.get())) : Optional.empty();
    }

    /** x, if the value is 1 + exp(-x). */
    private static Optional<Value> negatedInExponent(Rewriting r, Value v) {
        var sum = r.definition(v).filter(n -> n.op().equals(new Op.Binary(BinaryOp.ADD)));
        return sum.flatMap(n -> n.inputs().stream()
                .filter(one -> r.isSplat(one, 1))
                .findFirst()
                .map(one -> n.input(one.equals(n.input(0)) ? 1 : 0))
                .flatMap(exponential -> r.operandOf(UnaryOp.EXP, exponential))
                .flatMap(negative -> r.operandOf(UnaryOp.NEG, negative)));
    }
}
