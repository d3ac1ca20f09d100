package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;

/**
 * What quotients need of an fp32 divisor: its inverse and its halves, made before it is broadcast.
 *
 * @param narrow the divisor before it is broadcast to {@code shape}
 */
record Divisor(Rewriting r, Value narrow, Shape shape) {
    /** Keeps the upper 12 bits of an fp32 number's mantissa, with its sign and exponent. */
    private static final int UPPER_BITS = 0xFFFFF000;

    static Divisor of(Rewriting r, Value y) {
        var narrow = r.definition(y)
                .filter(n -> n.op() instanceof Op.Broadcast)
                .map(n -> n.input(0))
                .orElse(y);
        return new Divisor(r, narrow, y.type().shape());
    }

    Value inverse() {
        return r.broadcast(reciprocal(), shape);
    }

    Value twiceInverse() {
        var inverse = reciprocal();
        return r.broadcast(r.binary(BinaryOp.ADD, inverse, inverse), shape);
    }

    private Value reciprocal() {
        return r.unary(UnaryOp.RECIPROCAL, narrow);
    }

    /** x - q y, exact if the product is near x and {@code q} has at most 12 bits: so have halves of y, and products of 24 bits are exact (Dekker). */
    Value remainderOfShort(Value x, Value q) {
        var negated = r.unary(UnaryOp.NEG, narrow);
        var upper = upper(r, negated);
        var left = plus(x, q, upper);
        var constant = r.splat(narrow);
        boolean isUpper = constant.isPresent() && upper((float) constant.getAsDouble()) == constant.getAsDouble();
        return isUpper ? left : plus(left, q, r.binary(BinaryOp.SUB, negated, upper));
    }

    /** x - q y, exact if the product is near x. */
    Value remainder(Value x, Value q) {
        var upper = upper(r, q);
        return remainderOfShort(remainderOfShort(x, upper), r.binary(BinaryOp.SUB, q, upper));
    }

    private Value plus(Value x, Value q, Value y) {
        return r.binary(BinaryOp.ADD, x, r.binary(BinaryOp.MUL, q, r.broadcast(y, shape)));
    }

    /** The upper 12 bits of an fp32 number. */
    static Value upper(Rewriting r, Value x) {
        var bits = r.add(new Op.Bitcast(DType.U32), x);
        var mask = r.whole(DType.U32, x.type().shape(), Integer.toUnsignedLong(UPPER_BITS));
        return r.add(new Op.Bitcast(DType.F32), r.binary(BinaryOp.BIT_AND, bits, mask));
    }

    static float upper(float x) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) & UPPER_BITS);
    }
}
