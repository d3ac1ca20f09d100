package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The operations of an attention: {@code softmax(f(q k)) v}, with f elementwise: a scale, a mask, a cap.
 *
 * @param scores the product q k
 * @param chain from the scores to what the softmax is taken of, in graph order
 * @param masked what the softmax is taken of
 * @param softmax the operations of the softmax
 * @param numbers that all elements of an operand of the chain equal
 * @param boundsSum true if the sum of exponentials is held at 1 or more, which gives 0 where every score is masked
 * @param result the product with v
 * @param output the result, or its conversion to a 16-bit type
 */
public record AttentionPattern(
        Node scores,
        List<Node> chain,
        Value masked,
        List<Node> softmax,
        boolean boundsSum,
        Map<Value, Double> numbers,
        Node result,
        Node output) {

    /** What is not above this masks a score. */
    public static final double LEAST = -1e30;

    /** The attention that ends with a node, if it is the end of one. */
    public static Optional<AttentionPattern> match(Map<Value, Node> definitions, Node output) {
        boolean narrows = output.op() instanceof Op.Cast(var to, var saturate)
                && (to == DType.BF16 || to == DType.F16)
                && output.input(0).type().dtype() == DType.F32;
        var result = narrows ? Optional.ofNullable(definitions.get(output.input(0))) : Optional.of(output);
        return result.flatMap(r -> new Search(definitions, output).match(r));
    }

    /** The number that all elements of an operand of the chain equal; NaN if there is none. */
    public double numberOf(Value v) {
        return numbers.getOrDefault(v, Double.NaN);
    }

    /** All its operations. */
    public Set<Node> nodes() {
        var all = new HashSet<>(chain);
        all.addAll(softmax);
        all.add(scores);
        all.add(result);
        all.add(output);
        return all;
    }

    /** One search; notes what it passes. Mutable. */
    private static final class Search {
        private final Map<Value, Node> definitions;
        private final Node output;
        private final List<Node> softmax = new ArrayList<>();
        private boolean boundsSum;

        Search(Map<Value, Node> definitions, Node output) {
            this.definitions = definitions;
            this.output = output;
        }

        Optional<AttentionPattern> match(Node result) {
            if (!(result.op() instanceof Op.MatMul)) {
                return Optional.empty();
            }
            int last = result.type().shape().rank() - 1;
            return pass(result.input(0), new Op.Binary(BinaryOp.MUL))
                    .flatMap(share -> share.inputs().stream()
                            .flatMap(side -> quotient(share, side, last, result).stream())
                            .findFirst());
        }

        /** exp times the broadcast reciprocal of its sum. */
        private Optional<AttentionPattern> quotient(Node share, Value side, int last, Node result) {
            var e = share.input(share.input(0).equals(side) ? 1 : 0);
            var spread = node(side).filter(n -> n.op() instanceof Op.Broadcast);
            if (spread.isEmpty()) {
                return Optional.empty();
            }
            softmax.add(spread.get());
            return pass(spread.get().input(0), new Op.Unary(UnaryOp.RECIPROCAL))
                    .flatMap(r -> bounded(r.input(0), new Op.Reduce(ReduceOp.SUM, List.of(last)), true))
                    .filter(sum -> uncast(sum.input(0)).equals(uncast(e)))
                    .flatMap(sum -> pass(e, new Op.Unary(UnaryOp.EXP)))
                    .flatMap(exp -> pass(exp.input(0), new Op.Binary(BinaryOp.SUB)))
                    .flatMap(difference -> masked(difference, last, result));
        }

        private Optional<AttentionPattern> masked(Node difference, int last, Node result) {
            var s = difference.input(0);
            var spread = node(difference.input(1)).filter(n -> n.op() instanceof Op.Broadcast);
            if (spread.isEmpty()) {
                return Optional.empty();
            }
            softmax.add(spread.get());
            return bounded(spread.get().input(0), new Op.Reduce(ReduceOp.MAX, List.of(last)), false)
                    .filter(max -> max.input(0).equals(s))
                    .flatMap(max -> chain(s, result));
        }

        private Optional<AttentionPattern> chain(Value s, Node result) {
            var products = new HashSet<Node>();
            var chain = new ArrayList<Node>();
            collect(s, s, products, chain, new HashSet<>());
            return products.size() == 1
                    ? Optional.of(new AttentionPattern(
                            products.iterator().next(),
                            List.copyOf(chain),
                            s,
                            List.copyOf(softmax),
                            boundsSum,
                            numbers(chain),
                            result,
                            output))
                    : Optional.empty();
        }

        private Map<Value, Double> numbers(List<Node> chain) {
            var numbers = new HashMap<Value, Double>();
            for (var n : chain) {
                n.inputs().forEach(v -> number(v).ifPresent(x -> numbers.put(v, x)));
            }
            return numbers;
        }

        private void collect(Value v, Value like, Set<Node> products, List<Node> chain, Set<Value> seen) {
            var n = node(v);
            if (n.isEmpty()
                    || !seen.add(v)
                    || !v.type().shape().equals(like.type().shape())) {
                return;
            }
            if (n.get().op() instanceof Op.MatMul) {
                products.add(n.get());
            } else if (n.get().op().isElementwise()) {
                n.get().inputs().forEach(x -> collect(x, like, products, chain, seen));
                chain.add(n.get());
            }
        }

        /** The operation behind casts. */
        private Optional<Node> pass(Value v, Op op) {
            var n = behindCasts(v);
            n.filter(x -> x.op().equals(op)).ifPresent(softmax::add);
            return n.filter(x -> x.op().equals(op));
        }

        /** The reduction, held at a constant or not: a maximum at what no number is below, a sum at 1. */
        private Optional<Node> bounded(Value v, Op reduction, boolean isSum) {
            var n = behindCasts(v);
            var bound = n.filter(x -> x.op().equals(new Op.Binary(BinaryOp.MAX)));
            if (bound.isEmpty()) {
                return pass(v, reduction);
            }
            softmax.add(bound.get());
            var constant = number(bound.get().input(1));
            if (constant.isEmpty() || (isSum ? constant.getAsDouble() != 1 : constant.getAsDouble() > LEAST)) {
                return Optional.empty();
            }
            boundsSum |= isSum;
            return pass(bound.get().input(0), reduction);
        }

        private OptionalDouble number(Value v) {
            var n = node(v);
            while (n.isPresent()
                    && (n.get().op() instanceof Op.Broadcast || n.get().op() instanceof Op.Reshape)) {
                n = node(n.get().input(0));
            }
            return n.isPresent() ? Op.splat(n.get().op()) : OptionalDouble.empty();
        }

        private Optional<Node> behindCasts(Value v) {
            var n = node(v);
            while (n.isPresent() && n.get().op() instanceof Op.Cast) {
                softmax.add(n.get());
                n = node(n.get().input(0));
            }
            return n;
        }

        private Value uncast(Value v) {
            var n = node(v);
            return n.isPresent() && n.get().op() instanceof Op.Cast
                    ? uncast(n.get().input(0))
                    : v;
        }

        private Optional<Node> node(Value v) {
            return Optional.ofNullable(definitions.get(v));
        }
    }
}
