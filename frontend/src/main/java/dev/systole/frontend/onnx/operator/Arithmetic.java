package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Powers, remainders, shifts and bounds, whose meaning depends on the element types. */
final class Arithmetic {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "Pow", Arithmetic::power,
            "Mod", Arithmetic::remainder,
            "BitShift", Arithmetic::shift,
            "Clip", Arithmetic::clip,
            "IsInf", Arithmetic::isInfinite,
            "IsNaN", n -> List.of(n.binary(BinaryOp.NE, n.input(0), n.input(0))));

    private Arithmetic() {}

    /** The exponent's type may differ from the base's, which is the result's. */
    private static List<Value> power(OnnxNode n) {
        var base = n.input(0);
        var exponent = n.since() < 7 && n.attributes().integer("broadcast", 0) != 0
                ? Elementwise.aligned(n, n.input(1))
                : n.input(1);
        var from = base.type().dtype();
        var by = exponent.type().dtype();
        if (from == by) {
            return List.of(n.binary(BinaryOp.POW, base, exponent));
        }
        if (from.isFloat()) {
            return List.of(n.cast(
                    n.binary(
                            BinaryOp.POW,
                            n.widened(base),
                            n.cast(exponent, n.widened(base).type().dtype())),
                    from));
        }
        return List.of(by.isFloat() ? fractionalPower(n, base, exponent) : wholePower(n, base, exponent));
    }

    /** Computed in 64 bits where the exponent may not fit the base's type; the low bits are the same. */
    private static Value wholePower(OnnxNode n, Value base, Value exponent) {
        var from = base.type().dtype();
        var by = exponent.type().dtype();
        boolean fits = by.bits() < from.bits() || by.isSigned() && by.bits() == from.bits();
        var wide = fits ? from : DType.I64;
        return n.cast(n.binary(BinaryOp.POW, n.cast(base, wide), n.cast(exponent, wide)), from);
    }

    /** An integer to the power of a float: exact where the exponent is a whole number, truncated elsewhere. */
    private static Value fractionalPower(OnnxNode n, Value base, Value exponent) {
        var from = base.type().dtype();
        var wide = n.widened(exponent);
        var exact = n.binary(BinaryOp.POW, base, n.cast(n.binary(BinaryOp.MAX, wide, 0), from));
        if (n.known(exponent).filter(Arithmetic::countsUp).isPresent()) {
            return exact;
        }
        var counts = n.binary(
                BinaryOp.AND,
                n.binary(BinaryOp.EQ, n.unary(UnaryOp.FLOOR, wide), wide),
                n.binary(BinaryOp.GE, wide, 0));
        var approximate = n.binary(BinaryOp.POW, n.cast(base, wide.type().dtype()), wide);
        return n.select(counts, exact, n.cast(approximate, from));
    }

    /** True for floats that are all whole and not negative. */
    private static boolean countsUp(Tensor exponents) {
        return LongStream.range(0, exponents.type().shape().elements())
                .mapToDouble(i -> Elements.readDouble(
                        exponents.bytes(), i, exponents.type().dtype()))
                .allMatch(e -> e >= 0 && e == Math.rint(e));
    }

    /** The remainder has the sign of the divisor, floats from opset 28 on, or, with {@code fmod}, of the dividend. */
    private static List<Value> remainder(OnnxNode n) {
        long mode = n.attributes().integer("fmod");
        if (mode != 0 && mode != 1) {
            throw n.fault("attribute \"fmod\" is " + mode + ", not 0 or 1");
        }
        var type = n.input(0).type().dtype();
        if (mode == 0 && type.isFloat() && n.since() < 28) {
            throw n.fault("takes the remainder of " + type + "; set fmod=1 for floats");
        }
        var divisor = n.input(1);
        var remainder = n.binary(BinaryOp.REM, n.input(0), divisor);
        if (mode == 1 || !type.isSigned()) {
            return List.of(remainder);
        }
        if (type.isFloat()) {
            return List.of(floored(n, remainder, divisor));
        }
        var opposed = n.binary(BinaryOp.LT, n.binary(BinaryOp.BIT_XOR, remainder, divisor), 0);
        var correction = n.select(
                n.binary(BinaryOp.AND, opposed, n.binary(BinaryOp.NE, remainder, 0)), divisor, n.scalar(type, 0));
        return List.of(n.binary(BinaryOp.ADD, remainder, correction));
    }

    /** The remainder of the quotient rounded down, from that of the quotient cut off. Zeros have the sign of the divisor, too. */
    private static Value floored(OnnxNode n, Value remainder, Value divisor) {
        var type = divisor.type().dtype();
        var below = n.binary(BinaryOp.LT, divisor, 0);
        var opposed = n.binary(BinaryOp.NE, n.binary(BinaryOp.LT, remainder, 0), below);
        var moved = n.select(opposed, n.binary(BinaryOp.ADD, remainder, divisor), remainder);
        var zero = n.select(below, n.scalar(type, -0.0), n.scalar(type, 0));
        return n.select(n.binary(BinaryOp.EQ, remainder, 0), zero, moved);
    }

    /** Counts that are negative or not less than the width shift everything out; signed numbers keep their sign to the right. */
    private static List<Value> shift(OnnxNode n) {
        var direction = n.attributes().text("direction");
        return List.of(n.binary(
                switch (direction) {
                    case "LEFT" -> BinaryOp.SHIFT_LEFT;
                    case "RIGHT" -> BinaryOp.SHIFT_RIGHT;
                    default -> throw n.fault("shifts to \"" + direction + "\"; it shifts to LEFT or RIGHT");
                },
                n.input(0),
                n.input(1)));
    }

    /** min(max(x, low), high); the bounds were attributes before opset 11. */
    private static List<Value> clip(OnnxNode n) {
        var x = n.input(0);
        if (n.since() < 11) {
            x = n.attributes().has("min")
                    ? n.binary(BinaryOp.MAX, x, n.attributes().real("min", 0))
                    : x;
            return List.of(
                    n.attributes().has("max")
                            ? n.binary(BinaryOp.MIN, x, n.attributes().real("max", 0))
                            : x);
        }
        x = n.has(1) ? n.binary(BinaryOp.MAX, x, n.single(1)) : x;
        return List.of(n.has(2) ? n.binary(BinaryOp.MIN, x, n.single(2)) : x);
    }

    private static List<Value> isInfinite(OnnxNode n) {
        var x = n.input(0);
        boolean negative = n.attributes().flag("detect_negative");
        boolean positive = n.attributes().flag("detect_positive");
        if (!negative && !positive) {
            return List.of(n.splat(DType.BOOL, x.type().shape(), 0));
        }
        var searched = negative && positive ? n.unary(UnaryOp.ABS, x) : x;
        return List.of(n.binary(BinaryOp.EQ, searched, positive ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY));
    }
}
