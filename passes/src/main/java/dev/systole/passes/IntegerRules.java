package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Optional;

/**
 * Integers as models mean them: results wrap to their type, quotients truncate, right shifts of signed numbers keep the sign. The
 * engines compute 32-bit integers exactly and wrapping, narrower ones in fp32 and saturating, and have neither quotients nor
 * arithmetic shifts.
 */
final class IntegerRules {
    static final List<Rewriting.Rule> ALL = List.of(
            IntegerRules::beyond,
            IntegerRules::narrowing,
            IntegerRules::narrowUnary,
            IntegerRules::quotient,
            IntegerRules::arithmeticShift,
            IntegerRules::narrowBinary,
            IntegerRules::narrowReduction,
            IntegerRules::sign);

    private IntegerRules() {}

    /** True for integers that no engine computes with overflow as they have it. */
    static boolean isNarrow(DType t) {
        return t.isInteger() && t.bits() < 32;
    }

    /** The smallest number of the type that carries a type. */
    static long least(DType t) {
        return t.isSigned() ? -1L << (t.carrier().bits() - 1) : 0;
    }

    /** The greatest number of the type that carries a type. */
    static long greatest(DType t) {
        return -1L >>> (64 - t.carrier().bits() + (t.isSigned() ? 1 : 0));
    }

    /** Integers of 64 bits live in 32 on the machine, so a number beyond those bounds nothing, and comparisons with it are known. */
    private static Optional<Value> beyond(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Binary(var f)) || isBeyond(r, in.get(0)) == isBeyond(r, in.get(1))) {
            return Optional.empty();
        }
        int bound = isBeyond(r, in.get(0)) ? 0 : 1;
        var x = in.get(1 - bound);
        boolean above = r.splat(in.get(bound)).orElseThrow() > 0;
        boolean increases = above == (bound == 1);
        return switch (f) {
            case MIN -> above ? Optional.of(x) : Optional.empty();
            case MAX -> above ? Optional.empty() : Optional.of(x);
            case LT, LE -> Optional.of(r.whole(DType.BOOL, x.type().shape(), increases ? 1 : 0));
            case GT, GE -> Optional.of(r.whole(DType.BOOL, x.type().shape(), increases ? 0 : 1));
            case EQ -> Optional.of(r.whole(DType.BOOL, x.type().shape(), 0));
            case NE -> Optional.of(r.whole(DType.BOOL, x.type().shape(), 1));
            default -> Optional.empty();
        };
    }

    private static boolean isBeyond(Rewriting r, Value x) {
        var dtype = x.type().dtype();
        return dtype.isInteger()
                && dtype.bits() == 64
                && r.splat(x).stream().anyMatch(n -> n < least(dtype) || n > greatest(dtype));
    }

    /** The lowest bits of a 32-bit signed number as a number of the type. */
    static Value cut(Rewriting r, Value x, DType to) {
        var shape = x.type().shape();
        var wide = x.type().dtype();
        if (to.bits() >= 32) {
            return signed(r, x, to);
        }
        var low = r.binary(BinaryOp.BIT_AND, x, r.whole(wide, shape, (1L << to.bits()) - 1));
        if (to.isSigned()) {
            var half = r.whole(wide, shape, 1L << (to.bits() - 1));
            low = r.binary(BinaryOp.SUB, r.binary(BinaryOp.BIT_XOR, low, half), half);
        }
        return r.add(new Op.Cast(to, false), low);
    }

    /** The bits of a 32- or 64-bit integer as another such type. */
    private static Value signed(Rewriting r, Value x, DType to) {
        var from = x.type().dtype();
        if (from.isSigned() != to.isSigned()) {
            var same = from.bits() == 64
                    ? (to.isSigned() ? DType.I64 : DType.U64)
                    : (to.isSigned() ? DType.I32 : DType.U32);
            x = r.add(new Op.Bitcast(same), x);
        }
        return r.cast(x, to);
    }

    private static boolean holds(DType to, DType from) {
        return from.isSigned() == to.isSigned()
                ? to.carrier().bits() >= from.carrier().bits() && to.bits() >= from.bits()
                : !from.isSigned() && to.bits() > from.bits() && to.carrier().bits() > from.bits();
    }

    /** A cast between integers keeps the lowest bits; engines saturate. */
    private static Optional<Value> narrowing(Rewriting r, Op op, List<Value> in) {
        var from = in.isEmpty() ? DType.BOOL : in.getFirst().type().dtype();
        if (!(op instanceof Op.Cast(var to, var saturate)) || !to.isInteger()) {
            return Optional.empty();
        }
        if (from.isFloat() && to.bits() < 8) {
            return Optional.of(r.add(op, clamped(r, r.cast(in.getFirst(), DType.F32), to)));
        }
        if (!from.isInteger() || holds(to, from)) {
            return Optional.empty();
        }
        var x = isNarrow(from) ? r.cast(in.getFirst(), DType.I32) : in.getFirst();
        return Optional.of(cut(r, isNarrow(to) ? signed(r, x, DType.I32) : x, to));
    }

    private static Value clamped(Rewriting r, Value x, DType to) {
        var shape = x.type().shape();
        long least = to.isSigned() ? -1L << (to.bits() - 1) : 0;
        long greatest = least + (1L << to.bits()) - 1;
        var low = r.splat(x.type().dtype(), shape, least);
        var high = r.splat(x.type().dtype(), shape, greatest);
        return r.binary(BinaryOp.MIN, r.binary(BinaryOp.MAX, x, low), high);
    }

    private static Optional<Value> narrowUnary(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Unary(var f)) || !in.getFirst().type().dtype().isInteger()) {
            return Optional.empty();
        }
        var dtype = in.getFirst().type().dtype();
        if (f == UnaryOp.ABS && !dtype.isSigned()) {
            return Optional.of(in.getFirst());
        }
        if (!isNarrow(dtype)) {
            return Optional.empty();
        }
        return switch (f) {
            case NEG, ABS, SQUARE, BIT_NOT -> Optional.of(cut(r, r.unary(f, r.cast(in.getFirst(), DType.I32)), dtype));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> narrowBinary(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Binary(var f)) || !isNarrow(in.getFirst().type().dtype())) {
            return Optional.empty();
        }
        var dtype = in.getFirst().type().dtype();
        return switch (f) {
            case ADD, SUB, MUL, POW, SHIFT_LEFT, SHIFT_RIGHT, BIT_AND, BIT_OR, BIT_XOR ->
                Optional.of(cut(r, r.binary(f, r.cast(in.get(0), DType.I32), r.cast(in.get(1), DType.I32)), dtype));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> narrowReduction(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Reduce(var f, var axes))
                || !isNarrow(in.getFirst().type().dtype())
                || f == ReduceOp.MAX
                || f == ReduceOp.MIN) {
            return Optional.empty();
        }
        var dtype = in.getFirst().type().dtype();
        return Optional.of(cut(r, r.add(op, r.cast(in.getFirst(), DType.I32)), dtype));
    }

    private static Optional<Value> sign(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Unary(UnaryOp.SIGN))
                || !in.getFirst().type().dtype().isInteger()) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var dtype = x.type().dtype();
        var zero = r.whole(dtype, x.type().shape(), 0);
        var above = r.cast(r.binary(BinaryOp.GT, x, zero), DType.I32);
        var below = r.cast(r.binary(BinaryOp.LT, x, zero), DType.I32);
        return Optional.of(r.cast(r.binary(BinaryOp.SUB, above, below), dtype));
    }

    /** Below zero a shift moves in ones: the inverted number is shifted. */
    private static Optional<Value> arithmeticShift(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.Binary(BinaryOp.SHIFT_RIGHT))
                || !in.getFirst().type().dtype().isSigned()) {
            return Optional.empty();
        }
        var dtype = in.getFirst().type().dtype();
        boolean narrow = isNarrow(dtype);
        var x = narrow ? r.cast(in.get(0), DType.I32) : in.get(0);
        var by = narrow ? r.cast(in.get(1), DType.I32) : in.get(1);
        var below = r.binary(BinaryOp.LT, x, r.whole(x.type().dtype(), x.type().shape(), 0));
        var inverted = r.unary(UnaryOp.BIT_NOT, r.binary(BinaryOp.SHIFT_RIGHT, r.unary(UnaryOp.BIT_NOT, x), by));
        var shifted = r.select(below, inverted, r.binary(BinaryOp.SHIFT_RIGHT, x, by));
        return Optional.of(r.cast(shifted, dtype));
    }

    /** Quotient and remainder. */
    private record Division(Value quotient, Value remainder) {}

    private static Optional<Value> quotient(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Binary(var f))
                || f != BinaryOp.DIV && f != BinaryOp.REM
                || !in.getFirst().type().dtype().isInteger()) {
            return Optional.empty();
        }
        var dtype = in.getFirst().type().dtype();
        if (!isNarrow(dtype)) {
            var d = dtype.isSigned() ? truncated(r, in.get(0), in.get(1)) : ofUnsigned(r, in.get(0), in.get(1));
            return Optional.of(f == BinaryOp.DIV ? d.quotient : d.remainder);
        }
        var x = r.cast(in.get(0), DType.F32);
        var y = r.cast(in.get(1), DType.F32);
        var d = ofSmall(
                r, dtype.isSigned() ? r.unary(UnaryOp.ABS, x) : x, dtype.isSigned() ? r.unary(UnaryOp.ABS, y) : y);
        var result = f == BinaryOp.DIV ? d.quotient : d.remainder;
        if (dtype.isSigned()) {
            var zero = r.number(DType.F32, x.type().shape(), 0);
            var below = r.binary(BinaryOp.LT, x, zero);
            var turns = f == BinaryOp.REM ? below : r.binary(BinaryOp.XOR, below, r.binary(BinaryOp.LT, y, zero));
            result = r.select(turns, r.unary(UnaryOp.NEG, result), result);
        }
        return Optional.of(r.add(new Op.Cast(dtype, false), r.unary(UnaryOp.ROUND, result)));
    }

    /**
     * The least number has no magnitude: as a dividend it is divided as it is, downwards, and the quotient then moved toward zero; as a
     * divisor it goes once into itself and into nothing else.
     */
    private static Division truncated(Rewriting r, Value x, Value y) {
        var dtype = x.type().dtype();
        var shape = x.type().shape();
        var zero = r.whole(dtype, shape, 0);
        var one = r.whole(dtype, shape, 1);
        var least = r.whole(dtype, shape, least(dtype));
        var isLeast = r.binary(BinaryOp.EQ, y, least);
        var b = r.select(isLeast, one, r.unary(UnaryOp.ABS, y));
        var d = ofSigned(r, x, b);
        var cut = r.binary(BinaryOp.AND, r.binary(BinaryOp.LT, x, zero), r.binary(BinaryOp.NE, d.remainder, zero));
        var q = r.binary(BinaryOp.ADD, d.quotient, r.select(cut, one, zero));
        var rest = r.binary(BinaryOp.SUB, d.remainder, r.select(cut, b, zero));
        var signed = r.select(r.binary(BinaryOp.LT, y, zero), r.unary(UnaryOp.NEG, q), q);
        var same = r.binary(BinaryOp.EQ, x, least);
        return new Division(
                r.select(isLeast, r.select(same, one, zero), signed), r.select(isLeast, r.select(same, zero, x), rest));
    }

    /** Of numbers below 2^16, exact in fp32. */
    private static Division ofSmall(Rewriting r, Value a, Value b) {
        var estimate = r.unary(UnaryOp.FLOOR, r.binary(BinaryOp.MUL, a, r.unary(UnaryOp.RECIPROCAL, b)));
        return corrected(r, a, b, estimate);
    }

    /**
     * Rounds down. The estimate by fp32 numbers is off by at most 2^8 (2^31 times the error of a reciprocal and two roundings), an estimate for what is
     * left by at most 1.
     */
    private static Division ofSigned(Rewriting r, Value a, Value b) {
        var inverse = r.unary(UnaryOp.RECIPROCAL, r.cast(b, DType.F32));
        var estimate = estimate(r, a, inverse);
        var left = r.binary(BinaryOp.SUB, a, r.binary(BinaryOp.MUL, estimate, b));
        return corrected(r, a, b, r.binary(BinaryOp.ADD, estimate, estimate(r, left, inverse)));
    }

    private static Value estimate(Rewriting r, Value a, Value inverse) {
        var product = r.binary(BinaryOp.MUL, r.cast(a, DType.F32), inverse);
        return r.add(new Op.Cast(a.type().dtype(), false), r.unary(UnaryOp.ROUND, product));
    }

    /** With a divisor of 2^31 or more the quotient is 0 or 1; half the dividend is a signed number, and gives half the quotient. */
    private static Division ofUnsigned(Rewriting r, Value a, Value b) {
        var dtype = a.type().dtype();
        var shape = a.type().shape();
        var one = r.whole(dtype, shape, 1);
        var signed = dtype == DType.U64 ? DType.I64 : DType.I32;
        var half = r.add(new Op.Bitcast(signed), r.binary(BinaryOp.SHIFT_RIGHT, a, one));
        var small = r.binary(BinaryOp.LT, b, r.whole(dtype, shape, 1L << 31));
        var divisor = r.add(new Op.Bitcast(signed), r.select(small, b, one));
        var halves = r.add(new Op.Bitcast(dtype), ofSigned(r, half, divisor).quotient);
        var twice = r.binary(BinaryOp.SHIFT_LEFT, halves, one);
        var first = r.select(small, twice, r.whole(dtype, shape, 0));
        var left = r.binary(BinaryOp.SUB, a, r.binary(BinaryOp.MUL, first, b));
        var fits = r.binary(BinaryOp.GE, left, b);
        var zero = r.whole(dtype, shape, 0);
        return new Division(
                r.binary(BinaryOp.ADD, first, r.select(fits, one, zero)),
                r.binary(BinaryOp.SUB, left, r.select(fits, b, zero)));
    }

    /** An estimate that is off by 1 at most, with what is left, put right. */
    private static Division corrected(Rewriting r, Value a, Value b, Value estimate) {
        var dtype = a.type().dtype();
        Shape shape = a.type().shape();
        var zero = r.number(dtype, shape, 0);
        var one = r.number(dtype, shape, 1);
        var left = r.binary(BinaryOp.SUB, a, r.binary(BinaryOp.MUL, estimate, b));
        var tooMuch = r.binary(BinaryOp.LT, left, zero);
        var q = r.binary(BinaryOp.SUB, estimate, r.select(tooMuch, one, zero));
        left = r.binary(BinaryOp.ADD, left, r.select(tooMuch, b, zero));
        var tooLittle = r.binary(BinaryOp.GE, left, b);
        return new Division(
                r.binary(BinaryOp.ADD, q, r.select(tooLittle, one, zero)),
                r.binary(BinaryOp.SUB, left, r.select(tooLittle, b, zero)));
    }
}
