package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Afterwards products of many matrices have the leading dimensions that their operands had before a reshape made one of them, and so has what
 * is computed of them, up to the next such product. Exporters merge texts and heads for a batched product; but heads beside each other,
 * text by text, do not lie evenly in what a layer makes, and would have to be copied.
 */
public final class UnmergeBatches implements GraphPass {
    @Override
    public String name() {
        return "unmerge-batches";
    }

    @Override
    public Graph run(Graph graph) {
        return Rewriting.apply(graph, List.of(new Products()::unmerged));
    }

    private static final class Products {
        /** Products that were unmerged, and what is computed of them. */
        private final Set<Value> unmerged = new HashSet<>();

        Optional<Value> unmerged(Rewriting r, Op op, List<Value> in) {
            return switch (op) {
                case Op.MatMul m -> product(r, m, in);
                case Op.Reshape(var shape) ->
                    before(r, in.getFirst()).filter(unmerged::contains).map(v -> r.reshape(v, shape));
                case Op.Reduce(var f, var axes) -> axes.contains(0) ? Optional.empty() : computed(r, op, in);
                case Op.Broadcast(var shape) ->
                    keepsFirst(in.getFirst().type().shape(), shape) ? computed(r, op, in) : Optional.empty();
                default -> op.isElementwise() ? computed(r, op, in) : Optional.empty();
            };
        }

        private Optional<Value> product(Rewriting r, Op.MatMul op, List<Value> in) {
            var left = before(r, in.get(0));
            var right = before(r, in.get(1));
            if (left.isEmpty() || right.isEmpty()) {
                return Optional.empty();
            }
            int rank = in.getFirst().type().shape().rank();
            var leading = leading(left.get(), rank);
            boolean isWorthwhile = List.of(left.get(), right.get()).stream()
                    .anyMatch(v -> unmerged.contains(v)
                            || r.definition(v)
                                    .filter(n -> n.op() instanceof Op.Transpose)
                                    .isPresent());
            return isWorthwhile && leading.equals(leading(right.get(), rank))
                    ? Optional.of(merged(r, r.add(op, left.get(), right.get()), rank))
                    : Optional.empty();
        }

        /** An operation on what was computed of a product, with the dimensions that that has. */
        private Optional<Value> computed(Rewriting r, Op op, List<Value> in) {
            int rank = in.getFirst().type().shape().rank();
            if (in.stream().anyMatch(unmerged::contains)) {
                return Optional.of(merged(r, r.add(op, in.toArray(Value[]::new)), rank));
            }
            return in.stream()
                    .flatMap(v -> before(r, v).stream())
                    .filter(unmerged::contains)
                    .findFirst()
                    .map(v -> {
                        var leading = leading(v, rank);
                        var operands = in.stream()
                                .map(x -> before(r, x)
                                        .filter(w -> leading(w, rank).equals(leading))
                                        .orElseGet(() -> r.reshape(
                                                x, with(leading, x.type().shape()))))
                                .toArray(Value[]::new);
                        return merged(r, r.add(with(leading, op), operands), rank);
                    });
        }

        /** A result as others read it. */
        private Value merged(Rewriting r, Value v, int rank) {
            unmerged.add(v);
            var dims = new ArrayList<>(v.type().shape().dims().asList());
            while (dims.size() > rank) {
                dims.addFirst(dims.removeFirst() * dims.removeFirst());
            }
            return r.reshape(v, Shape.of(dims));
        }

        /** What a value was before a reshape made its first dimension of several, seen through transposes of the other ones. */
        private static Optional<Value> before(Rewriting r, Value v) {
            return r.definition(v)
                    .filter(n -> n.inputs().size() == 1)
                    .flatMap(n -> before(r, n.op(), n.input(0), v.type().shape()));
        }

        private static Optional<Value> before(Rewriting r, Op op, Value from, Shape after) {
            var shape = from.type().shape();
            return switch (op) {
                case Op.Reshape o when shape.rank() > after.rank() && mergesFirst(shape, after) -> Optional.of(from);
                case Op.Transpose(var permutation)
                when permutation.getFirst() == 0 ->
                    before(r, from).map(x -> {
                        int more = x.type().shape().rank() - after.rank();
                        return r.transpose(x, behind(more, permutation));
                    });
                default -> Optional.empty();
            };
        }

        private static boolean keepsFirst(Shape from, Shape to) {
            return to.rank() > 0 && from.dim(0) == to.dim(0);
        }

        /** True if the first dimension is all those before the last ones, which stay; without elements it could be any number. */
        private static boolean mergesFirst(Shape before, Shape after) {
            int others = after.rank() - 1;
            return others > 0
                    && after.elements() > 0
                    && before.dims()
                            .asList()
                            .subList(before.rank() - others, before.rank())
                            .equals(after.dims().asList().subList(1, after.rank()));
        }

        private static List<Long> leading(Value v, int rank) {
            return v.type().shape().dims().asList().subList(0, v.type().shape().rank() - rank + 1);
        }

        private static Op with(List<Long> leading, Op op) {
            return switch (op) {
                case Op.Broadcast(var shape) -> new Op.Broadcast(with(leading, shape));
                case Op.Reduce(var f, var axes) ->
                    new Op.Reduce(
                            f, axes.stream().map(a -> a + leading.size() - 1).toList());
                default -> op;
            };
        }

        private static Shape with(List<Long> leading, Shape shape) {
            var dims = new ArrayList<>(leading);
            dims.addAll(shape.dims().asList().subList(1, shape.rank()));
            return Shape.of(dims);
        }

        /** A permutation of the last dimensions, where there are more before them. */
        private static List<Integer> behind(int more, List<Integer> permutation) {
            return IntStream.range(0, more + permutation.size())
                    .mapToObj(i -> i < more ? i : permutation.get(i - more) + more)
                    .toList();
        }
    }
}
