package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Layers that carry a state of fixed size along the sequence. */
final class LinearAttention {
    private static final long MOST_STEPS = 1024;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "LinearAttention", LinearAttention::attention,
            "CausalConvWithState", LinearAttention::convolution);

    private LinearAttention() {}

    /** Heads are [batch, heads, length, size], in fp32. */
    private record Operands(Value query, Value key, Value value, Optional<Value> decay, Optional<Value> rate) {}

    /**
     * One step for each position: S' = exp(g) S + k ⊗ (β (v - (exp(g) S)ᵀ k)), o = scale S'ᵀ q, without the decay g or the correction β
     * where the rule has none. A head of keys and its state serve a group of query heads that follow each other.
     */
    private static List<Value> attention(OnnxNode n) {
        long keyHeads = n.attributes().integer("kv_num_heads");
        long queryHeads = n.attributes().integer("q_num_heads");
        var o = operands(n, queryHeads, keyHeads);
        var q = o.query.type().shape();
        long size = q.dim(3);
        long valueSize = o.value.type().shape().dim(3);
        double given = n.attributes().real("scale");
        double scale = given == 0 ? 1 / Math.sqrt(size) : given;
        var stateShape = Shape.of(q.dim(0), keyHeads, size, valueSize);
        var state = n.has(3) ? n.cast(n.shaped(3, stateShape.toArray()), DType.F32) : n.splat(DType.F32, stateShape, 0);
        var outputs = new ArrayList<Value>();
        for (long t = 0; t < q.dim(2); t++) {
            state = next(n, o, state, t);
            var query = n.reshape(at(n, o.query, t), Shape.of(q.dim(0), keyHeads, queryHeads / keyHeads, size));
            var row = Products.matMul(n, query, state);
            outputs.add(n.reshape(row, Shape.of(q.dim(0), queryHeads, 1, valueSize)));
        }
        var all = outputs.isEmpty()
                ? n.splat(DType.F32, Shape.of(q.dim(0), queryHeads, 0, valueSize), 0)
                : n.binary(BinaryOp.MUL, n.concat(2, outputs), scale);
        var carried = n.optional(3)
                .map(s -> s.type().dtype())
                .orElse(n.input(0).type().dtype());
        return List.of(n.cast(Attention.packed(n, all), n.input(0).type().dtype()), n.cast(state, carried));
    }

    private static Value next(OnnxNode n, Operands o, Value state, long t) {
        var key = at(n, o.key, t);
        var decayed = o.decay
                .map(g -> n.binary(BinaryOp.MUL, state, column(n, at(n, g, t))))
                .orElse(state);
        var value = o.rate.map(beta -> {
                    var retrieved = Products.matMul(n, key, decayed);
                    var missing = n.binary(BinaryOp.SUB, at(n, o.value, t), retrieved);
                    return n.binary(BinaryOp.MUL, at(n, beta, t), missing);
                })
                .orElseGet(() -> at(n, o.value, t));
        return n.binary(BinaryOp.ADD, decayed, n.binary(BinaryOp.MUL, column(n, key), value));
    }

    private static Value at(OnnxNode n, Value heads, long t) {
        return n.slice(heads, 2, t, 1);
    }

    private static Value column(OnnxNode n, Value row) {
        var s = row.type().shape();
        return n.reshape(row, Shape.of(s.dim(0), s.dim(1), s.dim(3), 1));
    }

    private static Operands operands(OnnxNode n, long queryHeads, long keyHeads) {
        var query = wide(n, n.ranked(0, 3), queryHeads);
        var key = wide(n, n.ranked(1, 3), keyHeads);
        var value = wide(n, n.ranked(2, 3), keyHeads);
        Attention.fit(n, query, key, value);
        long length = query.type().shape().dim(2);
        if (length != key.type().shape().dim(2)) {
            throw n.fault(
                    "has " + length + " queries, but " + key.type().shape().dim(2) + " keys");
        }
        if (length > MOST_STEPS) {
            throw n.fault("unrolls " + length + " steps; at most " + MOST_STEPS + " are supported: split the sequence");
        }
        var rule = n.attributes().text("update_rule");
        boolean decays = List.of("gated", "gated_delta").contains(rule);
        boolean corrects = List.of("delta", "gated_delta").contains(rule);
        if (!decays && !corrects && !rule.equals("linear")) {
            throw n.fault("update_rule is \"" + rule + "\", not linear, gated, delta or gated_delta");
        }
        if (decays != n.has(4) || corrects != n.has(5)) {
            throw n.fault("update_rule " + rule + (decays ? " takes" : " does not take") + " a decay and"
                    + (corrects ? " takes" : " does not take") + " a beta");
        }
        return new Operands(query, key, value, decay(n, key), rate(n, key));
    }

    /** exp(g): one a head or one a feature of its keys. */
    private static Optional<Value> decay(OnnxNode n, Value key) {
        if (!n.has(4)) {
            return Optional.empty();
        }
        var k = key.type().shape();
        long last = n.ranked(4, 3).type().shape().dim(2);
        n.shaped(4, k.dim(0), k.dim(2), last == k.dim(1) ? last : k.dim(1) * k.dim(3));
        return Optional.of(n.unary(UnaryOp.EXP, wide(n, n.input(4), k.dim(1))));
    }

    /** β: one a head or one for all. */
    private static Optional<Value> rate(OnnxNode n, Value key) {
        if (!n.has(5)) {
            return Optional.empty();
        }
        var k = key.type().shape();
        long heads = n.ranked(5, 3).type().shape().dim(2) == 1 ? 1 : k.dim(1);
        return Optional.of(wide(n, n.shaped(5, k.dim(0), k.dim(2), heads), heads));
    }

    private static Value wide(OnnxNode n, Value x, long heads) {
        return n.cast(Attention.split(n, x, heads, "q_num_heads and kv_num_heads"), DType.F32);
    }

    /** Every channel with a window of its own that ends at the position; the state is what the next window reaches back to. */
    private static List<Value> convolution(OnnxNode n) {
        var x = n.ranked(0, 3);
        var shape = x.type().shape();
        long channels = shape.dim(1);
        long window = n.ranked(1, 3).type().shape().dim(2);
        if (window == 0) {
            throw n.fault("has a window of no elements");
        }
        var weight = n.shaped(1, channels, 1, window);
        var before = n.has(3)
                ? n.shaped(3, shape.dim(0), channels, window - 1)
                : n.splat(x.type().dtype(), shape.with(2, window - 1), 0);
        var padded = window == 1 ? x : n.concat(2, List.of(before, x));
        var y = shape.elements() == 0 ? x : correlated(n, padded, weight);
        y = n.has(2) ? n.binary(BinaryOp.ADD, y, n.reshape(n.shaped(2, channels), Shape.of(1, channels, 1))) : y;
        return List.of(activated(n, y), n.slice(padded, 2, shape.dim(2), window - 1));
    }

    private static Value correlated(OnnxNode n, Value x, Value weight) {
        var one = List.of(1L);
        var none = List.of(0L);
        long channels = x.type().shape().dim(1);
        return n.add(new Op.Convolution(x.type().dtype(), one, none, none, one, channels), x, weight);
    }

    private static Value activated(OnnxNode n, Value y) {
        var activation = n.attributes().text("activation");
        return switch (activation) {
            case "none" -> y;
            case "silu", "swish" ->
                n.cast(n.unary(UnaryOp.SILU, n.cast(y, DType.F32)), y.type().dtype());
            default -> throw n.fault("activation is \"" + activation + "\", not none, silu or swish");
        };
    }
}
