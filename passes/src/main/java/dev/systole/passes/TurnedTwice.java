package dev.systole.passes;

import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A transpose of a reshape of a transpose, as models write patches and windows, is one transpose between two reshapes: the first one splits
 * dimensions, the last one merges them. As written, a value whose dimensions do not lie evenly would be copied between the two, in runs
 * as short as the smallest of them.
 *
 * @param sizes of the parts of which both the reshape's operand and its result consist, outermost first
 * @param of the dimension of the operand that each is a part of
 * @param in the dimension of the result
 */
record TurnedTwice(List<Long> sizes, List<Integer> of, List<Integer> in) {
    /** Rewrites such a transpose, if a reshape between would copy. */
    static Optional<Value> rewrite(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Transpose(var last))) {
            return Optional.empty();
        }
        var reshape = r.definition(in.getFirst()).filter(n -> n.op() instanceof Op.Reshape);
        var transpose = reshape.flatMap(n -> r.definition(n.input(0))).filter(n -> n.op() instanceof Op.Transpose);
        if (transpose.isEmpty()) {
            return Optional.empty();
        }
        var first = (Op.Transpose) transpose.get().op();
        var from = transpose.get().input(0);
        var between = transpose.get().type().shape();
        var after = in.getFirst().type().shape();
        boolean isCopied = StridedView.of(
                        from.type().shape(), Layout.natural(from.type().shape().rank()))
                .through(first)
                .flatMap(v -> v.through(reshape.get().op()))
                .isEmpty();
        return isCopied
                ? of(between, after).map(parts -> parts.rewritten(r, from, first.permutation(), last, after))
                : Optional.empty();
    }

    /** The parts of two shapes of as many elements; empty if dimensions overlap, or there are no elements. */
    private static Optional<TurnedTwice> of(Shape before, Shape after) {
        var parts = new TurnedTwice(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int i = 0;
        int j = 0;
        long left = 1;
        long right = 1;
        while (i < before.rank() || j < after.rank() || left > 1 || right > 1) {
            if (left == 1 && i < before.rank()) {
                left = before.dim(i++);
            } else if (right == 1 && j < after.rank()) {
                right = after.dim(j++);
            }
            if (left == 0
                    || right == 0
                    || left > 1 && right > 1 && Math.max(left, right) % Math.min(left, right) != 0) {
                return Optional.empty();
            }
            if (left > 1 && right > 1) {
                long size = Math.min(left, right);
                parts.sizes.add(size);
                parts.of.add(i - 1);
                parts.in.add(j - 1);
                left /= size;
                right /= size;
            }
        }
        return Optional.of(parts);
    }

    private Value rewritten(Rewriting r, Value from, List<Integer> first, List<Integer> last, Shape after) {
        // The parts as they lie in memory, and as they are at last.
        var before = inOrder(of, inverse(first));
        var order = inOrder(in, last).stream().map(before::indexOf).toList();
        var split = r.reshape(from, Shape.of(before.stream().map(sizes::get).toList()));
        var turned = r.transpose(split, order);
        return r.reshape(turned, Shape.of(last.stream().map(after::dim).toList()));
    }

    /** The parts, those of a dimension together, with the dimensions in an order. */
    private static List<Integer> inOrder(List<Integer> dimensions, List<Integer> order) {
        return order.stream()
                .flatMap(d -> IntStream.range(0, dimensions.size())
                        .filter(p -> dimensions.get(p).equals(d))
                        .boxed())
                .toList();
    }

    /** Where each dimension is after a transpose. */
    private static List<Integer> inverse(List<Integer> permutation) {
        return IntStream.range(0, permutation.size())
                .mapToObj(permutation::indexOf)
                .toList();
    }
}
