package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Afterwards a product whose columns go different ways, as queries, keys and values that one layer makes, is one for each way: each can lie as
 * its reader wants it, with what follows on it, and none is copied out of the others. The array takes as long for the parts as for the whole.
 */
public final class SplitProducts implements GraphPass {
    /** Of fewer rows, parts begin anew more often than they work. */
    private static final long FEWEST_ROWS = 16;

    /** Of fewer columns, a part leaves most of a block of the array idle. */
    private static final long FEWEST_COLUMNS = 64;

    @Override
    public String name() {
        return "split-products";
    }

    @Override
    public Graph run(Graph graph) {
        var definitions = graph.definitions();
        var readers = graph.readers();
        var outputs = new HashSet<>(graph.outputValues());
        var split = new HashSet<Value>();
        readers.forEach((v, list) -> {
            if (!outputs.contains(v)
                    && parts(v, list)
                            .filter(p -> isMadeByProduct(definitions, readers, outputs, v, p))
                            .isPresent()) {
                split.add(v);
            }
        });
        return split.isEmpty()
                ? graph
                : new EliminateDeadValues().run(Rewriting.apply(graph, List.of((r, op, in) -> part(r, op, in, split))));
    }

    /**
     * Parts of a value that its readers take, none of which overlap.
     *
     * @param axis of which they are parts
     * @param least extent along it
     */
    private record Parts(int axis, long least) {}

    private static Optional<Parts> parts(Value v, List<Node> readers) {
        var shape = v.type().shape();
        int axis = -1;
        var starts = new HashMap<Long, Long>();
        for (var n : readers) {
            if (!(n.op() instanceof Op.Slice(var from, var sizes, var steps))) {
                return Optional.empty();
            }
            for (int i = 0; i < shape.rank(); i++) {
                if (sizes.get(i) == shape.dim(i)) {
                    continue;
                }
                if (axis >= 0 && axis != i || steps.get(i) != 1 || sizes.get(i) == 0) {
                    return Optional.empty();
                }
                axis = i;
            }
            if (axis < 0 || sizes.get(axis) == shape.dim(axis)) {
                return Optional.empty();
            }
            var other = starts.putIfAbsent(from.get(axis), sizes.get(axis));
            if (other != null && !other.equals(sizes.get(axis))) {
                return Optional.empty();
            }
        }
        long end = 0;
        for (var start : starts.keySet().stream().sorted().toList()) {
            if (start < end) {
                return Optional.empty();
            }
            end = start + starts.get(start);
        }
        return Optional.of(new Parts(axis, Collections.min(starts.values())));
    }

    /** True if a dimension consists of columns of a product with constant weights, which nothing else reads. */
    private static boolean isMadeByProduct(
            Map<Value, Node> definitions, Map<Value, List<Node>> readers, Set<Value> outputs, Value v, Parts parts) {
        var node = definitions.get(v);
        int axis = parts.axis;
        long extent = v.type().shape().dim(axis);
        while (node != null && (node.op().isElementwise() || node.op().isView())) {
            var source = node.inputs().stream()
                    .filter(x -> !isConstant(definitions, x))
                    .toList();
            if (source.size() != 1) {
                return false;
            }
            var from = source.getFirst();
            var place = place(node.op(), from.type().shape(), node.type().shape(), axis);
            boolean isOnly = readers.get(from).size() == 1 && !outputs.contains(from);
            if (place.isEmpty() || !isOnly) {
                return false;
            }
            axis = place.getAsInt();
            node = definitions.get(from);
        }
        if (node == null || !(node.op() instanceof Op.MatMul)) {
            return false;
        }
        var shape = node.type().shape();
        int last = shape.rank() - 1;
        return axis == last
                && isConstant(definitions, node.input(1))
                && shape.elements() / shape.dim(last) >= FEWEST_ROWS
                && shape.dim(last) / extent * parts.least >= FEWEST_COLUMNS;
    }

    /** True for what is computed from constants by views alone. */
    private static boolean isConstant(Map<Value, Node> definitions, Value v) {
        var node = definitions.get(v);
        while (node != null && node.op().isView()) {
            node = definitions.get(node.input(0));
        }
        return node != null && node.op() instanceof Op.Constant;
    }

    /** The dimension of an operand of which a dimension of the result is made, its outermost part if the operand's is more. */
    private static OptionalInt place(Op op, Shape from, Shape to, int axis) {
        return switch (op) {
            case Op.Transpose(var permutation) -> OptionalInt.of(permutation.get(axis));
            case Op.Reshape o -> split(from, to, axis);
            default -> op.isElementwise() && from.equals(to) ? OptionalInt.of(axis) : OptionalInt.empty();
        };
    }

    /** The dimension that a reshape splits, or leaves, of which {@code axis} is the outermost part. */
    private static OptionalInt split(Shape from, Shape to, int axis) {
        long before = product(to, 0, axis);
        for (int i = 0; i < from.rank(); i++) {
            if (product(from, 0, i) == before && from.dim(i) > 1) {
                int end = axis + 1;
                while (end < to.rank() && product(to, axis, end) < from.dim(i)) {
                    end++;
                }
                return product(to, axis, end) == from.dim(i) ? OptionalInt.of(i) : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
    }

    private static long product(Shape shape, int first, int end) {
        long n = 1;
        for (int i = first; i < end; i++) {
            n *= shape.dim(i);
        }
        return n;
    }

    private static Optional<Value> part(Rewriting r, Op op, List<Value> in, Set<Value> split) {
        if (!(op instanceof Op.Slice(var starts, var sizes, var steps)) || !split.contains(in.getFirst())) {
            return Optional.empty();
        }
        var shape = in.getFirst().type().shape();
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (sizes.get(axis) != shape.dim(axis)) {
                return Optional.of(part(r, in.getFirst(), axis, starts.get(axis), sizes.get(axis)));
            }
        }
        return Optional.empty();
    }

    /** A part of a value, computed by itself up to the product of which it consists. */
    private static Value part(Rewriting r, Value v, int axis, long start, long size) {
        var node = r.definition(v).orElseThrow();
        var shape = v.type().shape();
        var less = shape.with(axis, size);
        return switch (node.op()) {
            case Op.MatMul m ->
                r.addAt(node, m, node.input(0), r.slice(node.input(1), axisOf(node.input(1)), start, size, 1));
            case Op.Transpose(var permutation) ->
                r.transpose(part(r, node.input(0), permutation.get(axis), start, size), permutation);
            case Op.Reshape o -> {
                var from = node.input(0);
                int place = split(from.type().shape(), shape, axis).orElseThrow();
                long inner = from.type().shape().dim(place) / shape.dim(axis);
                yield r.reshape(part(r, from, place, start * inner, size * inner), less);
            }
            default ->
                r.addAt(
                        node,
                        node.op(),
                        node.inputs().stream()
                                .map(x ->
                                        isMade(r, x) ? part(r, x, axis, start, size) : r.slice(x, axis, start, size, 1))
                                .toArray(Value[]::new));
        };
    }

    private static int axisOf(Value matrix) {
        return matrix.type().shape().rank() - 1;
    }

    /** True for what is computed of a product. */
    private static boolean isMade(Rewriting r, Value v) {
        var node = r.definition(v);
        while (node.isPresent() && node.get().op().isView()) {
            node = r.definition(node.get().input(0));
        }
        return node.isPresent() && !(node.get().op() instanceof Op.Constant);
    }
}
