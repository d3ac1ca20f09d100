package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Optional;

/** What is kept in a range only to be kept in a smaller one, as quantised numbers are, and zero points that are added and taken off again. */
final class Saturation {
    static final List<Rewriting.Rule> ALL =
            List.of(Saturation::clampedTwice, Saturation::clampedSum, Saturation::difference);

    private Saturation() {}

    /** What is clamped to a part of a range need not be clamped to that range before. */
    private static Optional<Value> clampedTwice(Rewriting r, Op op, List<Value> in) {
        return clamped(r, op, in)
                .flatMap(outer -> Clamped.of(r, outer.x())
                        .filter(inner -> inner.low() <= outer.low() && outer.high() <= inner.high())
                        .map(inner -> Clamped.add(r, inner.x(), outer.low(), outer.high())));
    }

    /** As {@link #clampedTwice}, with a number in between that is not so large that it leads back into the range. */
    private static Optional<Value> clampedSum(Rewriting r, Op op, List<Value> in) {
        return clamped(r, op, in)
                .flatMap(outer -> r.definition(outer.x())
                        .filter(n -> n.op().equals(new Op.Binary(BinaryOp.ADD)))
                        .flatMap(sum -> Clamped.of(r, sum.input(0))
                                .filter(inner -> r.wholeNumbers()
                                        .range(sum.input(1))
                                        .filter(z -> inner.low() + z.high() <= outer.low()
                                                && inner.high() + z.low() >= outer.high())
                                        .isPresent())
                                .map(inner -> Clamped.add(
                                        r,
                                        r.binary(BinaryOp.ADD, inner.x(), sum.input(1)),
                                        outer.low(),
                                        outer.high()))));
    }

    private static Optional<Clamped> clamped(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.MIN)) || in.getFirst().type().dtype() != DType.F32) {
            return Optional.empty();
        }
        return Clamped.of(r, in.get(0), in.get(1));
    }

    /**
     * A whole number plus a zero point, clamped, less the zero point is that number clamped to bounds less the zero point, all of them exact.
     * What NaN is as an integer in between is not said.
     */
    private static Optional<Value> difference(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.SUB)) || in.getFirst().type().dtype() != DType.F32) {
            return Optional.empty();
        }
        var zero = single(r, in.get(1));
        return Clamped.of(r, uncast(r, in.get(0)))
                .filter(c -> c.isWhole() && c.most() <= Rounding.MOST_ROUNDED)
                .flatMap(c -> r.definition(c.x())
                        .filter(n -> n.op().equals(new Op.Binary(BinaryOp.ADD))
                                && Rounding.isNearest(r, n.input(0))
                                && isWithin(r, in.get(0), c)
                                && zero.type().shape().elements() == 1
                                && zero.type().dtype() == DType.F32
                                && zero.equals(single(r, n.input(1)))
                                && r.wholeNumbers().range(zero).isPresent())
                        .map(n -> {
                            var x = n.input(0);
                            var above = r.binary(BinaryOp.MAX, x, bound(r, c.low(), zero, x));
                            return r.binary(BinaryOp.MIN, above, bound(r, c.high(), zero, x));
                        }));
    }

    private static Value bound(Rewriting r, double bound, Value zero, Value x) {
        var shape = zero.type().shape();
        var less = r.binary(BinaryOp.SUB, r.splat(DType.F32, shape, bound), zero);
        return r.filled(r.reshape(less, Shape.SCALAR), x.type().shape());
    }

    /** True if the integers that a value was cast to in between hold all that is clamped so. */
    private static boolean isWithin(Rewriting r, Value v, Clamped c) {
        return between(r, v)
                .filter(t -> new WholeNumbers.Range(c.low(), c.high(), false).isWithin(WholeNumbers.Range.of(t)))
                .isPresent();
    }

    /** The integers that an fp32 value was cast to and back from. */
    private static Optional<DType> between(Rewriting r, Value v) {
        return Optional.of(v)
                .filter(x -> !uncast(r, x).equals(x))
                .flatMap(r::definition)
                .map(n -> n.input(0).type().dtype());
    }

    /** A value of fp32 numbers before it was cast to integers and back. */
    private static Value uncast(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n ->
                        n.op() instanceof Op.Cast && n.input(0).type().dtype().isInteger())
                .flatMap(n -> r.definition(n.input(0)))
                .filter(n -> n.op() instanceof Op.Cast && n.input(0).type().dtype() == DType.F32)
                .map(n -> n.input(0))
                .orElse(v);
    }

    /** The number that is spread over a value, before it was cast to integers that hold it and back. */
    private static Value single(Rewriting r, Value v) {
        var before = between(r, v)
                .filter(t -> r.wholeNumbers()
                        .range(uncast(r, v))
                        .filter(range -> range.isWithin(WholeNumbers.Range.of(t)))
                        .isPresent())
                .map(t -> uncast(r, v))
                .orElse(v);
        return r.definition(before)
                .filter(n -> n.op() instanceof Op.Broadcast || n.op() instanceof Op.Reshape)
                .map(n -> single(r, n.input(0)))
                .orElse(before);
    }
}
