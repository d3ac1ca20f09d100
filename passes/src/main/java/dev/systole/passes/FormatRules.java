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
 * Conversions to floats of 8 and 4 bits, most of which the machine does not have: the number is rounded in fp32 to one of the format,
 * which a wider type then carries.
 *
 * <p>With s the power of two at or below |x|, but at least the smallest normal number, and m bits of mantissa, adding and taking away
 * {@code 1.5 * 2^(23 - m) * s} rounds x to a multiple of {@code s * 2^-m}, ties to even.
 */
final class FormatRules {
    static final List<Rewriting.Rule> ALL = List.of(FormatRules::toNarrowFloat);

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
}
