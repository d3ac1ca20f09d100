package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
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
            FunctionRules::roundedQuotient,
            FunctionRules::quotientOfFew);

    /** Quotients that are worth being exact: the scales and means of a model, which much is computed from. */
    private static final long FEW = 256;

    /** 2 pi in three parts, of which the first two have few enough bits that small multiples are exact (Cody and Waite). */
    private static final double[] TURN = {6.28125, 0x1.FB4p-10, 2 * Math.PI - 6.28125 - 0x1.FB4p-10};

    /** The largest fp32 number below pi. */
    private static final double HALF_TURN = 0x1.921FB4p1;

    /** Keeps the upper 12 bits of an fp32 number's mantissa, with its sign and exponent. */
    private static final long UPPER_BITS = 0xFFFFF000L;

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
        var left = leftOf(r, a, q, b);
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
        return r.definition(in.getFirst())
                .filter(n ->
                        n.op().equals(new Op.Binary(BinaryOp.DIV)) && n.type().dtype() == DType.F32)
                .map(n -> r.add(op, exactQuotient(r, n.input(0), n.input(1))));
    }

    private static Optional<Value> quotientOfFew(Rewriting r, Op op, List<Value> in) {
        return op.equals(new Op.Binary(BinaryOp.DIV))
                        && in.getFirst().type().dtype() == DType.F32
                        && in.getFirst().type().shape().elements() <= FEW
                ? Optional.of(exactQuotient(r, in.get(0), in.get(1)))
                : Optional.empty();
    }

    /**
     * x / y rounded correctly: the product with the reciprocal, corrected by what it leaves of x. The correction goes to the lower half of
     * the estimate first: the sum of it and the whole estimate, a product, might become one instruction, which does not round the product.
     */
    private static Value exactQuotient(Rewriting r, Value x, Value y) {
        var inverse = r.unary(UnaryOp.RECIPROCAL, y);
        var estimate = r.binary(BinaryOp.MUL, x, inverse);
        var correction = r.binary(BinaryOp.MUL, leftOf(r, x, estimate, y), inverse);
        var half = upper(r, estimate);
        var lower = r.binary(BinaryOp.ADD, r.binary(BinaryOp.SUB, estimate, half), correction);
        var corrected = r.binary(BinaryOp.ADD, half, lower);
        // Infinite estimates leave nothing to correct.
        return r.select(r.binary(BinaryOp.EQ, corrected, corrected), corrected, estimate);
    }

    /** x - q y, exact if the product is near x: in halves of 12 bits, products are exact in fp32 (Dekker). */
    private static Value leftOf(Rewriting r, Value x, Value q, Value y) {
        var qUpper = upper(r, q);
        var yUpper = upper(r, y);
        var qLower = r.binary(BinaryOp.SUB, q, qUpper);
        var yLower = r.binary(BinaryOp.SUB, y, yUpper);
        var left = r.binary(BinaryOp.SUB, x, r.binary(BinaryOp.MUL, qUpper, yUpper));
        left = r.binary(BinaryOp.SUB, left, r.binary(BinaryOp.MUL, qUpper, yLower));
        left = r.binary(BinaryOp.SUB, left, r.binary(BinaryOp.MUL, qLower, yUpper));
        return r.binary(BinaryOp.SUB, left, r.binary(BinaryOp.MUL, qLower, yLower));
    }

    private static Value upper(Rewriting r, Value x) {
        var bits = r.add(new Op.Bitcast(DType.U32), x);
        var upper = r.binary(BinaryOp.BIT_AND, bits, r.whole(DType.U32, x.type().shape(), UPPER_BITS));
        return r.add(new Op.Bitcast(DType.F32), upper);
    }
}
