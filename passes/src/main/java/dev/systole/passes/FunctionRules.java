package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;

/** Functions whose tables cover a part of the numbers, and quotients that are rounded to whole numbers. */
final class FunctionRules {
    static final List<Rewriting.Rule> ALL = List.of(
            FunctionRules::wave,
            FunctionRules::arctan,
            FunctionRules::remainder,
            FunctionRules::steps,
            FunctionRules::roundedQuotient);

    /** Quotients that are worth being exact: the scales and means of a model, which much is computed from. */
    private static final long FEW = 256;

    /** Bits of a number of things, without zeros behind them. */
    private static final int COUNT_BITS = 9;

    private static final double MOST_COUNTED = 0x1p30;

    /** 2 pi in three parts, of which the first two have few enough bits that small multiples are exact (Cody and Waite). */
    private static final double[] TURN = {6.28125, 0x1.FB4p-10, 2 * Math.PI - 6.28125 - 0x1.FB4p-10};

    /** The largest fp32 number below pi. */
    private static final double HALF_TURN = 0x1.921FB4p1;

    /** Up to here twice a quotient has 12 bits once it is rounded, so that its products with halves of 12 bits are exact. */
    static final double MOST_STEPS = 1024;

    private FunctionRules() {}

    private static Value wide(Rewriting r, Value x) {
        return r.cast(x, DType.F32);
    }

    private static Value times(Rewriting r, Value x, double factor) {
        return r.binary(BinaryOp.MUL, x, r.splat(DType.F32, x.type().shape(), factor));
    }

    private static Value plus(Rewriting r, Value x, double term) {
        return r.binary(BinaryOp.ADD, x, r.splat(DType.F32, x.type().shape(), term));
    }

    /** Sine and cosine of an angle between half a turn back and half a turn on. */
    private static Optional<Value> wave(Rewriting r, Op op, List<Value> in) {
        boolean cosine = op.equals(new Op.Unary(UnaryOp.COS));
        if (!cosine && !op.equals(new Op.Unary(UnaryOp.SIN))) {
            return Optional.empty();
        }
        var x = wide(r, in.getFirst());
        var shape = x.type().shape();
        var turns = times(r, x, 1 / (2 * Math.PI));
        var whole = r.unary(UnaryOp.ROUND, cosine ? plus(r, turns, 0.25) : turns);
        var angle = x;
        for (double part : TURN) {
            angle = r.binary(BinaryOp.SUB, angle, times(r, whole, part));
        }
        angle = cosine ? plus(r, angle, Math.PI / 2) : angle;
        angle = r.binary(BinaryOp.MIN, angle, r.splat(DType.F32, shape, HALF_TURN));
        angle = r.binary(BinaryOp.MAX, angle, r.splat(DType.F32, shape, -HALF_TURN));
        return Optional.of(
                r.cast(r.unary(UnaryOp.SIN, angle), in.getFirst().type().dtype()));
    }

    /** Beyond 1 the arctangent is what the reciprocal's leaves of a quarter turn. */
    private static Optional<Value> arctan(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Unary(UnaryOp.ARCTAN))) {
            return Optional.empty();
        }
        var x = wide(r, in.getFirst());
        var shape = x.type().shape();
        var magnitude = r.unary(UnaryOp.ABS, x);
        var beyond = r.binary(BinaryOp.GT, magnitude, r.splat(DType.F32, shape, 1));
        var inside = r.unary(UnaryOp.ARCTAN, r.select(beyond, r.unary(UnaryOp.RECIPROCAL, magnitude), magnitude));
        var rest = r.binary(BinaryOp.SUB, r.splat(DType.F32, shape, Math.PI / 2), inside);
        var result = r.binary(BinaryOp.MUL, r.select(beyond, rest, inside), r.unary(UnaryOp.SIGN, x));
        return Optional.of(r.cast(result, in.getFirst().type().dtype()));
    }

    /** The remainder of floats has the sign of the dividend. */
    private static Optional<Value> remainder(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.REM))
                || !in.getFirst().type().dtype().isFloat()) {
            return Optional.empty();
        }
        var x = wide(r, in.get(0));
        var shape = x.type().shape();
        var zero = r.splat(DType.F32, shape, 0);
        var a = r.unary(UnaryOp.ABS, x);
        var b = r.unary(UnaryOp.ABS, wide(r, in.get(1)));
        var q = r.unary(UnaryOp.FLOOR, exactQuotient(r, a, b));
        var left = Divisor.of(r, b).remainder(a, q);
        left = r.binary(BinaryOp.ADD, left, r.select(r.binary(BinaryOp.LT, left, zero), b, zero));
        left = r.binary(BinaryOp.SUB, left, r.select(r.binary(BinaryOp.GE, left, b), b, zero));
        var below = r.binary(BinaryOp.LT, x, zero);
        var result = r.select(below, r.unary(UnaryOp.NEG, left), left);
        return Optional.of(r.cast(result, in.getFirst().type().dtype()));
    }

    /** A product with a reciprocal can be half a unit off, which shows once it is rounded to a whole number. */
    private static Optional<Value> roundedQuotient(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Unary(UnaryOp.ROUND))
                && !op.equals(new Op.Unary(UnaryOp.FLOOR))
                && !op.equals(new Op.Unary(UnaryOp.CEIL))) {
            return Optional.empty();
        }
        var clamped = Clamped.of(r, in.getFirst());
        return quotient(r, clamped.map(Clamped::x).orElse(in.getFirst()))
                .map(n -> exactQuotient(r, n.input(0), n.input(1)))
                .map(q -> r.add(
                        op,
                        clamped.map(c -> Clamped.add(r, q, c.low(), c.high())).orElse(q)));
    }

    private static Optional<Node> quotient(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n ->
                        n.op().equals(new Op.Binary(BinaryOp.DIV)) && n.type().dtype() == DType.F32);
    }

    /**
     * A quotient of some whole steps at most, as quantisation takes it: its nearest multiple of a half is exact, and so is what that leaves
     * of the dividend, by which the quotient differs. Next to where rounding changes, this is as good as the quotient rounded correctly,
     * for half of the work. Rounding leaves what is too large too large, so that it is clamped last.
     */
    private static Optional<Value> steps(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Unary(UnaryOp.ROUND))) {
            return Optional.empty();
        }
        var clamped = Clamped.of(r, in.getFirst()).filter(c -> c.most() <= MOST_STEPS && c.isWhole());
        return clamped.flatMap(c -> quotient(r, c.x())).map(n -> {
            var c = clamped.get();
            var x = n.input(0);
            var y = Divisor.of(r, n.input(1));
            double most = 2 * MOST_STEPS;
            var estimate = r.binary(BinaryOp.MUL, x, y.twiceInverse());
            var twice = OwnScale.is(r, n.input(1), x) ? estimate : Clamped.add(r, estimate, -most, most);
            var half = times(r, plus(r, plus(r, twice, Rounding.ROUNDER), -Rounding.ROUNDER), 0.5);
            var left = r.binary(BinaryOp.MUL, y.remainderOfShort(x, half), y.inverse());
            var sum = r.binary(BinaryOp.ADD, half, left);
            return Clamped.add(r, Rounding.nearestOfSmall(r, sum), c.low(), c.high());
        });
    }

    /** What is done about quotients that nobody rounds to whole numbers: they are rounded correctly. */
    static Optional<Value> quotientOfFew(Rewriting r, Op op, List<Value> in) {
        boolean isOfFew = op.equals(new Op.Binary(BinaryOp.DIV))
                && in.getFirst().type().dtype() == DType.F32
                && in.getFirst().type().shape().elements() <= FEW;
        if (!isOfFew) {
            return Optional.empty();
        }
        var count = r.splat(in.get(1));
        return Optional.of(
                count.isPresent() && isCount(count.getAsDouble())
                        ? byCount(r, in.get(0), count.getAsDouble())
                        : exactQuotient(r, in.get(0), in.get(1)));
    }

    /**
     * True for a number of not many things, up to powers of two: no quotient by it is nearer to the middle between two fp32 numbers than 2^-10
     * of their distance.
     */
    private static boolean isCount(double y) {
        double odd = Math.scalb(y, -Math.getExponent(y) + COUNT_BITS - 1);
        return y >= 1 && y <= MOST_COUNTED && odd == Math.rint(odd);
    }

    /**
     * x / n rounded correctly, where that is no subnormal number: the upper 12 bits of an estimate, and by n what they leave of x, which is exact. Twelve bits below, its own
     * roundings do not matter. Estimates are kept finite, so that infinities stay what they are.
     */
    private static Value byCount(Rewriting r, Value x, double n) {
        double most = Divisor.upper((float) (Float.MAX_VALUE / n));
        var estimate = Divisor.upper(r, times(r, x, 1 / n));
        var finite = Clamped.add(r, estimate, -most, most);
        var left = r.binary(BinaryOp.ADD, x, times(r, finite, -n));
        return r.binary(BinaryOp.ADD, finite, times(r, left, 1 / n));
    }

    /**
     * x / y rounded correctly: the product with the reciprocal, corrected by what it leaves of x. The correction goes to the lower half of
     * the estimate first: the sum of it and the whole estimate, a product, might become one instruction, which does not round the product.
     */
    private static Value exactQuotient(Rewriting r, Value x, Value y) {
        var divisor = Divisor.of(r, y);
        var inverse = divisor.inverse();
        var estimate = r.binary(BinaryOp.MUL, x, inverse);
        var correction = r.binary(BinaryOp.MUL, divisor.remainder(x, estimate), inverse);
        var half = Divisor.upper(r, estimate);
        var lower = r.binary(BinaryOp.ADD, r.binary(BinaryOp.SUB, estimate, half), correction);
        var corrected = r.binary(BinaryOp.ADD, half, lower);
        // Infinite estimates leave nothing to correct.
        return r.select(r.binary(BinaryOp.EQ, corrected, corrected), corrected, estimate);
    }
}
