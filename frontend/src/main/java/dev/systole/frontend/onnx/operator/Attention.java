package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Scaled dot product attention: softmax(cap(Q Kᵀ scale) + mask) V. */
final class Attention {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("Attention", Attention::attention);

    private static final int QUERY = 0;
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int MASK = 3;
    private static final int PAST_KEY = 4;
    private static final int PAST_VALUE = 5;
    private static final int LENGTHS = 6;

    private Attention() {}

    /**
     * What restricts the keys of a query.
     *
     * @param allowed bool, broadcasts to the scores
     * @param added to the scores
     */
    private record Mask(Optional<Value> allowed, Optional<Value> added) {
        Mask and(OnnxNode n, Value condition) {
            return new Mask(
                    Optional.of(allowed.map(a -> n.binary(BinaryOp.AND, a, condition))
                            .orElse(condition)),
                    added);
        }

        boolean isNone() {
            return allowed.isEmpty() && added.isEmpty();
        }
    }

    private static List<Value> attention(OnnxNode n) {
        var query = heads(n, QUERY, "q_num_heads");
        var key = cached(n, heads(n, KEY, "kv_num_heads"), PAST_KEY);
        var value = cached(n, heads(n, VALUE, "kv_num_heads"), PAST_VALUE);
        check(n, query, key, value);
        var products = products(n, query, key, scale(n, query));
        var capped = capped(n, products);
        var mask = mask(n, products);
        var masked = masked(n, capped, mask);
        var type = query.type().dtype();
        var precision = n.attributes()
                .floatType("softmax_precision")
                .filter(p -> p.bits() > 16)
                .orElse(masked.type().dtype());
        var weights = n.cast(softmax(n, n.cast(masked, precision), !mask.isNone()), type);
        var y = applied(n, weights, n.cast(value, type));
        var shown = switch ((int) n.attributes().integer("qk_matmul_output_mode")) {
            case 0 -> products;
            case 1 -> capped;
            case 2 -> masked;
            case 3 -> weights;
            default -> throw n.fault("qk_matmul_output_mode is not 0, 1, 2 or 3");
        };
        return List.of(n.input(QUERY).type().shape().rank() == 3 ? packed(n, y) : y, key, value, n.cast(shown, type));
    }

    /** [batch, heads, length, size], from that or from [batch, length, heads * size]. */
    private static Value heads(OnnxNode n, int i, String attribute) {
        var x = n.input(i);
        var shape = x.type().shape();
        if (n.input(QUERY).type().shape().rank() == 4) {
            n.ranked(i, 4);
            if (n.attributes().has(attribute)
                    && (n.since() >= 25 || n.attributes().integer(attribute) != shape.dim(1))) {
                throw n.fault(
                        attribute + " says how three-dimensional inputs are split; input " + i + " is " + x.type());
            }
            return x;
        }
        n.ranked(i, 3);
        return split(n, x, n.attributes().integer(attribute), attribute);
    }

    /** [batch, heads, length, size] from [batch, length, heads * size]. */
    static Value split(OnnxNode n, Value x, long heads, String attribute) {
        var shape = x.type().shape();
        if (heads <= 0 || shape.dim(2) % heads != 0) {
            throw n.fault("splits [" + shape + "] into " + heads + " heads (" + attribute
                    + "), which does not come out even");
        }
        var parts = Shape.of(shape.dim(0), shape.dim(1), heads, shape.dim(2) / heads);
        return n.transpose(n.reshape(x, parts), List.of(0, 2, 1, 3));
    }

    /** [batch, length, heads * size] from [batch, heads, length, size]. */
    static Value packed(OnnxNode n, Value x) {
        var shape = x.type().shape();
        var rows = n.transpose(x, List.of(0, 2, 1, 3));
        return n.reshape(rows, Shape.of(shape.dim(0), shape.dim(2), Math.multiplyExact(shape.dim(1), shape.dim(3))));
    }

    private static Value cached(OnnxNode n, Value x, int past) {
        if (!n.has(past)) {
            return x;
        }
        var shape = x.type().shape();
        n.shaped(past, shape.with(2, n.ranked(past, 4).type().shape().dim(2)).toArray());
        return n.concat(2, List.of(n.input(past), x));
    }

    private static void check(OnnxNode n, Value query, Value key, Value value) {
        if (n.has(PAST_KEY) != n.has(PAST_VALUE)) {
            throw n.fault("past_key and past_value come together");
        }
        if (n.has(LENGTHS) && n.has(PAST_KEY)) {
            throw n.fault("nonpad_kv_seqlen is for a cache outside of the operator; past_key is one inside");
        }
        fit(n, query, key, value);
    }

    /** Checks that heads of queries, keys and values belong together. */
    static void fit(OnnxNode n, Value query, Value key, Value value) {
        var q = query.type().shape();
        var k = key.type().shape();
        var v = value.type().shape();
        boolean fits = q.dim(0) == k.dim(0)
                && k.dim(0) == v.dim(0)
                && k.dim(1) == v.dim(1)
                && k.dim(1) > 0
                && q.dim(1) % k.dim(1) == 0
                && k.dim(2) == v.dim(2)
                && q.dim(3) == k.dim(3);
        if (!fits) {
            throw n.fault("queries [%s], keys [%s] and values [%s] (batch, heads, length, size) do not belong together"
                    .formatted(q, k, v));
        }
    }

    static double scale(OnnxNode n, Value query) {
        long size = query.type().shape().dim(3);
        return n.attributes().has("scale") ? n.attributes().real("scale", 1) : 1 / Math.sqrt(size);
    }

    /**
     * [batch, query heads, queries, keys]: Q Kᵀ times the scale; in f32 where the operands have 16 bits, so that only the attention's
     * results are rounded. A head of keys serves a group of query heads that follow each other, which are one tall matrix for it.
     */
    static Value products(OnnxNode n, Value query, Value key, double scale) {
        var q = query.type().shape();
        var k = key.type().shape();
        var type = query.type().dtype();
        var right = n.transpose(key, List.of(0, 1, 3, 2));
        var product = n.add(new Op.MatMul(type.bits() == 16 ? DType.F32 : type), grouped(n, query, k.dim(1)), right);
        var scores = n.reshape(product, Shape.of(q.dim(0), q.dim(1), q.dim(2), k.dim(2)));
        return n.binary(BinaryOp.MUL, scores, scale);
    }

    /** Weights [batch, query heads, queries, keys] times values. */
    static Value applied(OnnxNode n, Value weights, Value value) {
        var w = weights.type().shape();
        var v = value.type().shape();
        var product = n.add(new Op.MatMul(value.type().dtype()), grouped(n, weights, v.dim(1)), value);
        return n.reshape(product, Shape.of(w.dim(0), w.dim(1), w.dim(2), v.dim(3)));
    }

    private static Value grouped(OnnxNode n, Value x, long heads) {
        var s = x.type().shape();
        return n.reshape(x, Shape.of(s.dim(0), heads, s.dim(1) / heads * s.dim(2), s.dim(3)));
    }

    private static Value capped(OnnxNode n, Value x) {
        double cap = n.attributes().real("softcap");
        return cap > 0 ? n.binary(BinaryOp.MUL, n.unary(UnaryOp.TANH, n.binary(BinaryOp.DIV, x, cap)), cap) : x;
    }

    private static Mask mask(OnnxNode n, Value product) {
        var scores = product.type().shape();
        long queries = scores.dim(2);
        long keys = scores.dim(3);
        var mask = n.has(MASK) ? given(n, product) : new Mask(Optional.empty(), Optional.empty());
        var key = n.reshape(n.iota(keys), Shape.of(1, 1, 1, keys));
        var lengths = n.has(LENGTHS)
                ? Optional.of(n.reshape(n.shaped(LENGTHS, scores.dim(0)), Shape.of(scores.dim(0), 1, 1, 1)))
                : Optional.<Value>empty();
        // How many keys come before the first query.
        var offset = lengths.map(l -> n.binary(BinaryOp.SUB, l, queries))
                .orElseGet(() -> n.scalar(
                        DType.I64,
                        n.has(PAST_KEY) ? n.input(PAST_KEY).type().shape().dim(2) : 0));
        var position = n.binary(BinaryOp.ADD, n.reshape(n.iota(queries), Shape.of(1, 1, queries, 1)), offset);
        if (n.attributes().integer("is_causal") != 0) {
            mask = mask.and(n, n.binary(BinaryOp.LE, key, position));
        }
        long left = window(n, "left_window_size");
        if (left >= 0) {
            mask = mask.and(n, n.binary(BinaryOp.GE, key, n.binary(BinaryOp.SUB, position, left)));
        }
        long right = window(n, "right_window_size");
        if (right >= 0) {
            mask = mask.and(n, n.binary(BinaryOp.LE, key, n.binary(BinaryOp.ADD, position, right)));
        }
        return lengths.isPresent() ? mask.and(n, n.binary(BinaryOp.LT, key, lengths.get())) : mask;
    }

    private static long window(OnnxNode n, String attribute) {
        long size = n.attributes().integer(attribute, -1);
        if (size < -1) {
            throw n.fault(attribute + " is " + size + "; it is -1 or no less than 0");
        }
        return Math.min(size, Integer.MAX_VALUE);
    }

    /** The mask that the node is given. Where its last dimension is shorter than there are keys, nothing attends to the others. */
    private static Mask given(OnnxNode n, Value product) {
        var scores = product.type().shape();
        var mask = n.input(MASK);
        boolean condition = mask.type().dtype() == DType.BOOL;
        var typed = condition ? mask : n.cast(mask, product.type().dtype());
        var shape = mask.type().shape();
        long missing = shape.rank() == 0 ? 0 : scores.dim(3) - shape.dim(shape.rank() - 1);
        if (missing > 0) {
            var none = Collections.nCopies(shape.rank(), 0L);
            var high = new ArrayList<>(none);
            high.set(shape.rank() - 1, missing);
            var nothing = n.scalar(typed.type().dtype(), condition ? 0 : Double.NEGATIVE_INFINITY);
            typed = n.add(new Op.Pad(none, high), typed, nothing);
        }
        if (!TypeInference.broadcast(scores, typed.type().shape()).equals(scores)) {
            throw n.fault("attn_mask is " + mask.type() + ", which does not broadcast to the scores, [" + scores + "]");
        }
        return condition
                ? new Mask(Optional.of(typed), Optional.empty())
                : new Mask(Optional.empty(), Optional.of(typed));
    }

    private static Value masked(OnnxNode n, Value scores, Mask mask) {
        var sum = mask.added.map(m -> n.binary(BinaryOp.ADD, scores, m)).orElse(scores);
        var never = n.scalar(scores.type().dtype(), Double.NEGATIVE_INFINITY);
        return mask.allowed.map(a -> n.select(a, sum, never)).orElse(sum);
    }

    /**
     * Softmax over the last dimension.
     *
     * @param guarded rows of nothing but -∞ give 0: their maximum counts as the smallest number, and any other row's sum is no less than
     *     the 1 that its largest element contributes
     */
    static Value softmax(OnnxNode n, Value x, boolean guarded) {
        var last = List.of(x.type().shape().rank() - 1);
        var largest = n.add(new Op.Reduce(ReduceOp.MAX, last), x);
        var shift = guarded ? n.binary(BinaryOp.MAX, largest, lowest(x.type().dtype())) : largest;
        var powers = n.unary(UnaryOp.EXP, n.binary(BinaryOp.SUB, x, shift));
        var sum = n.add(new Op.Reduce(ReduceOp.SUM, last), powers);
        return n.binary(BinaryOp.DIV, powers, guarded ? n.binary(BinaryOp.MAX, sum, 1) : sum);
    }

    private static double lowest(DType dtype) {
        return switch (dtype) {
            case F64 -> -Double.MAX_VALUE;
            case F16 -> -65504;
            case BF16 -> -0x1.FEp127;
            default -> -Float.MAX_VALUE;
        };
    }
}
