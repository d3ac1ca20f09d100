package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.FloatFormat;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;

/**
 * Floats of 8 and 4 bits, most of which the machine does not have. In a conversion the number is rounded in fp32 to one of the format,
 * which a wider type then carries; the bits that it would have in its format are computed where a model asks for them.
 *
 * <p>With s the power of two at or below |x|, but at least the smallest normal number, and m bits of mantissa, adding and taking away
 * {@code 1.5 * 2^(23 - m) * s} rounds x to a multiple of {@code s * 2^-m}, ties to even.
 */
final class FormatRules {
    static final List<Rewriting.Rule> ALL = List.of(FormatRules::toNarrowFloat, FormatRules::bits);

    private static final long EXPONENT = 0x7F800000L;

    private FormatRules() {}

    private static Optional<Value> toNarrowFloat(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Cast(var to, var saturate))
                || !to.isFloat()
                || to.bits() > 8
                || to == DType.F8E4M3
                || in.getFirst().type().dtype() == to) {
            return Optional.empty();
        }
        var x = r.cast(in.getFirst(), DType.F32);
        var rounded = to == DType.F8E8M0 ? powerOfTwo(r, x) : rounded(r, x, FloatFormat.of(to), saturate);
        return Optional.of(r.add(new Op.Cast(to, false), rounded));
    }

    private static Value constant(Rewriting r, Value like, double value) {
        return r.splat(DType.F32, like.type().shape(), value);
    }

    private static Value rounded(Rewriting r, Value x, FloatFormat format, boolean saturate) {
        double largest = format.largestFinite();
        var beyond = constant(r, x, 4 * largest);
        var bounded = r.binary(BinaryOp.MIN, r.binary(BinaryOp.MAX, x, r.unary(UnaryOp.NEG, beyond)), beyond);
        var scale = power(r, bounded, 1 - format.bias());
        var shift = r.binary(BinaryOp.MUL, scale, constant(r, x, Math.scalb(1.5, 23 - format.mantissaBits())));
        var near = r.binary(BinaryOp.SUB, r.binary(BinaryOp.ADD, bounded, shift), shift);
        var limit = constant(r, x, largest);
        Value inRange;
        if (saturate || format.specials() == FloatFormat.Specials.NONE) {
            inRange = r.binary(BinaryOp.MIN, r.binary(BinaryOp.MAX, near, r.unary(UnaryOp.NEG, limit)), limit);
        } else {
            var over = r.binary(BinaryOp.GT, r.unary(UnaryOp.ABS, near), limit);
            var instead = format.specials() == FloatFormat.Specials.IEEE
                    ? r.binary(BinaryOp.MUL, r.unary(UnaryOp.SIGN, x), constant(r, x, Double.POSITIVE_INFINITY))
                    : constant(r, x, Double.NaN);
            inRange = r.select(over, instead, near);
        }
        var ofNaN = format.specials() == FloatFormat.Specials.NONE ? constant(r, x, 0) : x;
        return r.select(r.binary(BinaryOp.EQ, x, x), inRange, ofNaN);
    }

    /** The power of two at or below |x|, at least 2^least. */
    private static Value power(Rewriting r, Value x, int least) {
        var shape = x.type().shape();
        var bits = r.binary(BinaryOp.BIT_AND, r.add(new Op.Bitcast(DType.I32), x), r.whole(DType.I32, shape, EXPONENT));
        var bounded = r.binary(BinaryOp.MAX, bits, r.whole(DType.I32, shape, (long) Math.max(1, least + 127) << 23));
        return r.add(new Op.Bitcast(DType.F32), bounded);
    }

    /** The nearest power of two, halfway between two the one with the even exponent; NaN for what is below 0. */
    private static Value powerOfTwo(Rewriting r, Value x) {
        var shape = x.type().shape();
        var largest = constant(r, x, 0x1p127);
        var scale = power(r, r.binary(BinaryOp.MIN, x, largest), -126);
        var ratio = r.binary(BinaryOp.MUL, x, r.unary(UnaryOp.RECIPROCAL, scale));
        var half = constant(r, x, 1.5);
        var exponent =
                r.binary(BinaryOp.SHIFT_RIGHT, r.add(new Op.Bitcast(DType.I32), scale), r.whole(DType.I32, shape, 23));
        var odd = r.binary(
                BinaryOp.EQ,
                r.binary(BinaryOp.BIT_AND, exponent, r.whole(DType.I32, shape, 1)),
                r.whole(DType.I32, shape, 0));
        var up = r.binary(
                BinaryOp.OR,
                r.binary(BinaryOp.GT, ratio, half),
                r.binary(BinaryOp.AND, r.binary(BinaryOp.EQ, ratio, half), odd));
        var rounded = r.binary(BinaryOp.MUL, scale, r.select(up, constant(r, x, 2), constant(r, x, 1)));
        var smallest = r.binary(BinaryOp.MAX, r.binary(BinaryOp.MIN, rounded, largest), constant(r, x, 0x1p-127));
        var tiny = r.select(r.binary(BinaryOp.LE, x, constant(r, x, 0x1.8p-127)), constant(r, x, 0x1p-127), smallest);
        var isNumber = r.binary(BinaryOp.GE, x, constant(r, x, 0));
        return r.select(isNumber, tiny, constant(r, x, Double.NaN));
    }

    /** Bits of, or as, a number that a wider type carries: by way of its code in its own format. */
    private static Optional<Value> bits(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Bitcast(var to))) {
            return Optional.empty();
        }
        var x = in.getFirst();
        var from = x.type().dtype();
        if (!isCarriedWider(from) && !isCarriedWider(to)) {
            return Optional.empty();
        }
        var code = isCarriedWider(from) ? code(r, r.cast(x, DType.F32), from) : plainBits(r, x);
        return Optional.of(isCarriedWider(to) ? number(r, code, to) : ofPlainBits(r, code, to));
    }

    private static boolean isCarriedWider(DType dtype) {
        return dtype.isFloat() && dtype.bits() < dtype.carrier().bits();
    }

    private static Value plainBits(Rewriting r, Value x) {
        var from = x.type().dtype();
        var integer = from.isFloat() ? r.add(new Op.Bitcast(DType.U8), x) : x;
        return r.binary(BinaryOp.BIT_AND, r.cast(integer, DType.I32), whole(r, x, (1L << from.bits()) - 1));
    }

    private static Value ofPlainBits(Rewriting r, Value code, DType to) {
        return to.isFloat()
                ? r.add(new Op.Bitcast(to), IntegerRules.cut(r, code, DType.U8))
                : IntegerRules.cut(r, code, to);
    }

    private static Value whole(Rewriting r, Value like, long value) {
        return r.whole(DType.I32, like.type().shape(), value);
    }

    /** The code of a number of a format, both in 32 bits. A NaN has its canonical code. */
    private static Value code(Rewriting r, Value x, DType dtype) {
        var bits = r.add(new Op.Bitcast(DType.I32), x);
        var magnitude = r.binary(BinaryOp.BIT_AND, bits, whole(r, x, Integer.MAX_VALUE));
        if (dtype == DType.F8E8M0) {
            return r.binary(BinaryOp.SHIFT_RIGHT, magnitude, whole(r, x, 23));
        }
        var format = FloatFormat.of(dtype);
        int m = format.mantissaBits();
        var normal = r.binary(
                BinaryOp.SUB,
                r.binary(BinaryOp.SHIFT_RIGHT, magnitude, whole(r, x, 23 - m)),
                whole(r, x, (127L - format.bias()) << m));
        var units =
                r.binary(BinaryOp.MUL, r.unary(UnaryOp.ABS, x), constant(r, x, Math.scalb(1.0, m + format.bias() - 1)));
        var smallest = constant(r, x, Math.scalb(1.0, 1 - format.bias()));
        var isNormal = r.binary(BinaryOp.GE, r.unary(UnaryOp.ABS, x), smallest);
        var unsigned = r.select(isNormal, normal, r.cast(r.select(isNormal, constant(r, x, 0), units), DType.I32));
        var isNegative = format.specials() == FloatFormat.Specials.UNSIGNED_ZERO
                ? r.binary(BinaryOp.LT, x, constant(r, x, 0))
                : r.binary(BinaryOp.LT, bits, whole(r, x, 0));
        var sign = r.select(isNegative, whole(r, x, 1L << (dtype.bits() - 1)), whole(r, x, 0));
        var ofNaN = whole(r, x, format.encode(Float.NaN));
        return r.select(r.binary(BinaryOp.EQ, x, x), r.binary(BinaryOp.BIT_OR, unsigned, sign), ofNaN);
    }

    /** The number of a format that has a code. */
    private static Value number(Rewriting r, Value code, DType dtype) {
        return r.add(
                new Op.Cast(dtype, false),
                dtype == DType.F8E8M0 ? power(r, code) : number(r, code, FloatFormat.of(dtype), dtype.bits()));
    }

    /** 2^(code - 127), of which the first is subnormal and the last is NaN. */
    private static Value power(Rewriting r, Value code) {
        var bits = r.binary(BinaryOp.SHIFT_LEFT, code, whole(r, code, 23));
        var first = r.select(r.binary(BinaryOp.EQ, code, whole(r, code, 0)), whole(r, code, 1L << 22), bits);
        var power = r.add(new Op.Bitcast(DType.F32), first);
        return r.select(r.binary(BinaryOp.EQ, code, whole(r, code, 255)), constant(r, power, Double.NaN), power);
    }

    private static Value number(Rewriting r, Value code, FloatFormat format, int width) {
        int m = format.mantissaBits();
        long signBit = 1L << (width - 1);
        var magnitude = r.binary(BinaryOp.BIT_AND, code, whole(r, code, signBit - 1));
        var biased = r.binary(BinaryOp.ADD, magnitude, whole(r, code, (127L - format.bias()) << m));
        var normal = r.add(new Op.Bitcast(DType.F32), r.binary(BinaryOp.SHIFT_LEFT, biased, whole(r, code, 23 - m)));
        var units = r.cast(magnitude, DType.F32);
        var small = r.binary(BinaryOp.MUL, units, constant(r, units, Math.scalb(1.0, 1 - format.bias() - m)));
        var unsigned = r.select(r.binary(BinaryOp.LT, magnitude, whole(r, code, 1L << m)), small, normal);
        var isNegative = r.binary(BinaryOp.GE, code, whole(r, code, signBit));
        var number = r.select(isNegative, r.unary(UnaryOp.NEG, unsigned), unsigned);
        var isNaN = switch (format.specials()) {
            case FINITE -> r.binary(BinaryOp.EQ, magnitude, whole(r, code, signBit - 1));
            case UNSIGNED_ZERO -> r.binary(BinaryOp.EQ, code, whole(r, code, signBit));
            case NONE -> r.whole(DType.BOOL, code.type().shape(), 0);
            case IEEE -> throw new IllegalArgumentException(format + " is a format of the machine");
        };
        return r.select(isNaN, constant(r, number, Double.NaN), number);
    }
}
