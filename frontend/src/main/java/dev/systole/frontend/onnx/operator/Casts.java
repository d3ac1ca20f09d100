package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Map;

/** Conversions of the element type. */
final class Casts {
    /** What Cast named element types before opset 6, by their number. */
    private static final List<String> NAMES = List.of(
            "UNDEFINED",
            "FLOAT",
            "UINT8",
            "INT8",
            "UINT16",
            "INT16",
            "INT32",
            "INT64",
            "STRING",
            "BOOL",
            "FLOAT16",
            "DOUBLE",
            "UINT32",
            "UINT64");

    /** The exponents of f8e8m0, which is nothing else. */
    private static final double LEAST_POWER = 0x1p-127;

    private static final double GREATEST_POWER = 0x1p127;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "Cast", n -> List.of(cast(n, n.input(0), target(n))),
            "CastLike", n -> List.of(cast(n, n.input(0), n.input(1).type().dtype())),
            "BitCast",
                    n -> List.of(bits(
                            n,
                            n.input(0),
                            n.attributes().elementType(n.attributes().integer("to"), 0))));

    private Casts() {}

    private static DType target(OnnxNode n) {
        return n.attributes()
                .elementType(
                        n.since() < 6
                                ? Math.max(0, NAMES.indexOf(n.attributes().text("to")))
                                : n.attributes().integer("to"),
                        0);
    }

    /** A float that does not fit an integer of less than a byte keeps the low bits of its whole part. */
    private static Value cast(OnnxNode n, Value x, DType to) {
        if (to == DType.F8E8M0) {
            return powerOfTwo(n, n.cast(x, DType.F32));
        }
        if (to.isInteger() && to.bits() < 8 && x.type().dtype().isFloat()) {
            return n.cast(n.cast(x, DType.I32), to);
        }
        return n.add(new Op.Cast(to, n.attributes().integer("saturate", 1) != 0), x);
    }

    /** The same bits; a truth is a byte of 0 or 1. */
    private static Value bits(OnnxNode n, Value x, DType to) {
        var from = x.type().dtype();
        if (from.bits() != to.bits()) {
            throw n.fault("takes the %d bits of %s for %s, which has %d".formatted(from.bits(), from, to, to.bits()));
        }
        if (from == DType.BOOL) {
            return bits(n, n.cast(x, DType.U8), to);
        }
        if (to == DType.BOOL) {
            return n.cast(bits(n, x, DType.U8), to);
        }
        return from == to ? x : n.add(new Op.Bitcast(to), x);
    }

    /**
     * A positive fp32 number as f8e8m0. Beyond its range is the last power, or NaN if the cast does not saturate. The nearest power that
     * the plain cast finds is corrected by comparing.
     */
    private static Value powerOfTwo(OnnxNode n, Value x) {
        var mode = n.attributes().text("round_mode");
        var nearest = n.cast(n.cast(x, DType.F8E8M0), DType.F32);
        var below = n.select(n.binary(BinaryOp.GT, nearest, x), n.binary(BinaryOp.MUL, nearest, 0.5), nearest);
        var power = switch (mode) {
            case "up" -> n.select(n.binary(BinaryOp.LT, below, x), twice(n, below), below);
            case "down" -> below;
            case "nearest" ->
                n.select(n.binary(BinaryOp.LE, n.binary(BinaryOp.MUL, below, 1.5), x), twice(n, below), below);
            default -> throw n.fault("rounds \"" + mode + "\"; it rounds up, down or nearest");
        };
        var bounded = n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, power, LEAST_POWER), GREATEST_POWER);
        if (n.attributes().flag("saturate")) {
            return n.cast(bounded, DType.F8E8M0);
        }
        var outside =
                n.binary(BinaryOp.OR, n.binary(BinaryOp.LT, x, LEAST_POWER), n.binary(BinaryOp.GT, x, GREATEST_POWER));
        return n.cast(n.select(outside, n.scalar(DType.F32, Double.NaN), bounded), DType.F8E8M0);
    }

    private static Value twice(OnnxNode n, Value x) {
        return n.binary(BinaryOp.MUL, x, 2);
    }
}
