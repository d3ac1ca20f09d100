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
    private Saturation() {}

    /** What is clamped to a part of a range need not be clamped to that range before. */
    static Optional<Value> clampedTwice(Rewriting r, Op op, List<Value> in) {
        return clamped(r, op, in)
                .flatMap(outer -> Clamped.of(r, outer.x())
                        .filter(inner -> inner.low() <= outer.low() && outer.high() <= inner.high())
                        .map(inner -> Clamped.add(r, inner.x(), outer.low(), outer.high())));
    }

    /** As {@link #clampedTwice}, with a number in between that is not so large that it leads back into the range. */
    static Optional<Value> clampedSum(Rewriting r, Op op, List<Value> in) {
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
    static Optional<Value> difference(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.SUB)) || in.getFirst().type().dtype() != DType.F32) {
            return Optional.empty();
        }
        var zero = single(r, in.get(1));
        if (zero.type().shape().elements() != 1
                || zero.type().dtype() != DType.F32
                || r.wholeNumbers().range(zero).isEmpty()) {
            return Optional.empty();
        }
        return ThereAndBack.of(r, in.get(0))
                .flatMap(t -> Clamped.of(r, t.x).filter(c -> c.isWhole() && t.holds(c.low(), c.high())))
                .filter(c -> c.most() <= Rounding.MOST_ROUNDED)
                .flatMap(c -> r.definition(c.x())
                        .filter(n -> n.op().equals(new Op.Binary(BinaryOp.ADD))
                                && Rounding.isNearest(r, n.input(0))
                                && zero.equals(single(r, n.input(1))))
                        .map(n -> {
                            var x = n.input(0);
                            var above = r.binary(BinaryOp.MAX, x, bound(r, c.low(), zero, x));
                            return r.binary(BinaryOp.MIN, above, bound(r, c.high(), zero, x));
                        }));
    }

    private static Value bound(Rewriting r, double bound, Value zero, Value x) {
        var less = r.binary(BinaryOp.SUB, r.splat(DType.F32, zero.type().shape(), bound), zero);
        return r.filled(r.reshape(less, Shape.SCALAR), x.type().shape());
    }

    /** The number that is spread over a value, before it was cast to integers that hold it and back. */
    private static Value single(Rewriting r, Value v) {
        var spread = r.unspread(v);
        return ThereAndBack.of(r, spread)
                .filter(t -> r.wholeNumbers()
                        .range(t.x)
                        .filter(range -> t.holds(range.low(), range.high()))
                        .isPresent())
                .map(t -> single(r, t.x))
                .orElse(spread);
    }

    /** An fp32 value that is cast to integers and back. */
    private record ThereAndBack(Value x, DType integers) {
        static Optional<ThereAndBack> of(Rewriting r, Value v) {
            return r.definition(v)
                    .filter(n -> n.op() instanceof Op.Cast
                            && n.input(0).type().dtype().isInteger())
                    .flatMap(n -> r.definition(n.input(0)))
                    .filter(n -> n.op() instanceof Op.Cast && n.input(0).type().dtype() == DType.F32)
                    .map(n -> new ThereAndBack(n.input(0), n.type().dtype()));
        }

        boolean holds(double low, double high) {
            return new WholeNumbers.Range(low, high, false).isWithin(WholeNumbers.Range.of(integers));
        }
    }
}
