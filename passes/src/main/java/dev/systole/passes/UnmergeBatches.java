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
import java.util.stream.Stream;

/**
 * Afterwards products of many matrices have the leading dimensions that their operands had before a reshape made one of them, and so has what
 * is computed of them, up to the next such product. Exporters merge texts and heads for a batched product; but heads beside each other,
 * text by text, do not lie evenly in what a layer makes, and would have to be copied. Nor are matrices repeated for each head of a
 * group, as keys and values of grouped heads are: the group is a dimension along which they are spread, or, for a single query each, its rows.
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

    /**
     * How a reshape made one leading dimension of several.
     *
     * @param axis the dimension that it made
     * @param parts the extents that it had before
     */
    private record Merge(int axis, List<Long> parts) {
        /** The first leading dimension that could be several; without elements it could be any number. */
        static Optional<Merge> of(Shape before, Shape after) {
            int more = before.rank() - after.rank();
            if (more <= 0 || after.elements() == 0) {
                return Optional.empty();
            }
            var apart = before.dims().asList();
            return IntStream.range(0, after.rank() - 1)
                    .mapToObj(axis -> new Merge(axis, apart.subList(axis, axis + more + 1)))
                    .filter(m -> m.apart(after).equals(before))
                    .findFirst();
        }

        int more() {
            return parts.size() - 1;
        }

        Shape apart(Shape merged) {
            var dims = new ArrayList<>(merged.dims().asList());
            dims.remove(axis);
            dims.addAll(axis, parts);
            return Shape.of(dims);
        }

        Shape merged(Shape apart) {
            var dims = new ArrayList<>(apart.dims().asList());
            var several = dims.subList(axis, axis + parts.size());
            long one = several.stream().reduce(1L, (a, b) -> a * b);
            several.clear();
            dims.add(axis, one);
            return Shape.of(dims);
        }

        /** Where a dimension that was not merged is while the others are apart. */
        int apart(int dim) {
            return dim < axis ? dim : dim + more();
        }

        boolean keeps(Shape from, Shape to) {
            return to.rank() == from.rank() && to.rank() > axis && from.dim(axis) == to.dim(axis);
        }
    }

    /** A value as it was before a reshape merged dimensions of it. */
    private record Apart(Value value, Merge merge) {}

    private static final class Products {
        /** Products that were unmerged, and what is computed of them. */
        private final Set<Value> unmerged = new HashSet<>();

        Optional<Value> unmerged(Rewriting r, Op op, List<Value> in) {
            return switch (op) {
                case Op.MatMul m -> product(r, m, in);
                case Op.Reshape(var shape) ->
                    before(r, in.getFirst())
                            .map(Apart::value)
                            .filter(unmerged::contains)
                            .map(v -> r.reshape(v, shape));
                case Op.Reduce o -> computed(r, op, in);
                case Op.Broadcast o -> computed(r, op, in);
                default -> op.isElementwise() ? computed(r, op, in) : Optional.empty();
            };
        }

        private Optional<Value> product(Rewriting r, Op.MatMul op, List<Value> in) {
            int matrices = in.getFirst().type().shape().rank() - 2;
            var left = before(r, in.get(0)).filter(v -> v.merge().axis() < matrices);
            var right = before(r, in.get(1)).filter(v -> v.merge().axis() < matrices);
            var repeated = Stream.of(left, right)
                    .flatMap(Optional::stream)
                    .filter(v -> isDefinedBy(r, v.value(), Op.Broadcast.class))
                    .findFirst();
            if (repeated.isPresent()) {
                var merge = repeated.get().merge();
                left = Optional.of(left.orElseGet(() -> apart(r, in.get(0), merge)));
                right = Optional.of(right.orElseGet(() -> apart(r, in.get(1), merge)));
            }
            if (left.isEmpty()
                    || right.isEmpty()
                    || !left.get().merge().equals(right.get().merge())) {
                return Optional.empty();
            }
            boolean isWorthwhile = repeated.isPresent()
                    || Stream.of(left.get().value(), right.get().value())
                            .anyMatch(v -> unmerged.contains(v) || isDefinedBy(r, v, Op.Transpose.class));
            return isWorthwhile
                    ? Optional.of(merged(
                            r,
                            multiplied(r, op, left.get().value(), right.get().value()),
                            left.get().merge()))
                    : Optional.empty();
        }

        /** A product, of which several matrices of one row, each multiplied by the same matrix, are the rows of one. */
        private static Value multiplied(Rewriting r, Op.MatMul op, Value left, Value right) {
            var shape = left.type().shape();
            int rows = shape.rank() - 2;
            var matrices = r.definition(right)
                    .filter(n -> n.op() instanceof Op.Broadcast)
                    .map(n -> n.input(0))
                    .filter(v -> shape.dim(rows) == 1
                            && v.type().shape().equals(right.type().shape().with(rows - 1, 1)));
            if (matrices.isEmpty()) {
                return r.add(op, left, right);
            }
            var product = r.add(
                    op,
                    r.reshape(left, without(shape, rows)),
                    r.reshape(matrices.get(), without(matrices.get().type().shape(), rows - 1)));
            return r.reshape(product, shape.with(rows + 1, right.type().shape().dim(rows + 1)));
        }

        private static Shape without(Shape shape, int axis) {
            var dims = new ArrayList<>(shape.dims().asList());
            dims.remove(axis);
            return Shape.of(dims);
        }

        private static boolean isDefinedBy(Rewriting r, Value v, Class<? extends Op> op) {
            return r.definition(v).filter(n -> op.isInstance(n.op())).isPresent();
        }

        /** An operation on what was computed of a product, with the dimensions that that has. */
        private Optional<Value> computed(Rewriting r, Op op, List<Value> in) {
            if (in.stream().anyMatch(unmerged::contains)) {
                var v = r.add(op, in.toArray(Value[]::new));
                unmerged.add(v);
                return Optional.of(v);
            }
            return in.stream()
                    .flatMap(v -> before(r, v).stream())
                    .filter(v -> unmerged.contains(v.value()))
                    .findFirst()
                    .flatMap(v -> apart(v.merge(), op, in.getFirst().type().shape())
                            .map(o -> {
                                var operands = in.stream()
                                        .map(x -> apart(r, x, v.merge()).value())
                                        .toArray(Value[]::new);
                                return merged(r, r.add(o, operands), v.merge());
                            }));
        }

        /** An operation as it is while dimensions are apart; empty if it changes what they become together. */
        private static Optional<Op> apart(Merge merge, Op op, Shape from) {
            return switch (op) {
                case Op.Broadcast(var shape) ->
                    Optional.<Op>of(new Op.Broadcast(merge.apart(shape))).filter(o -> merge.keeps(from, shape));
                case Op.Reduce(var f, var axes) ->
                    Optional.<Op>of(new Op.Reduce(
                                    f, axes.stream().map(merge::apart).toList()))
                            .filter(o -> !axes.contains(merge.axis()));
                default -> Optional.of(op);
            };
        }

        /** A result as others read it. */
        private Value merged(Rewriting r, Value v, Merge merge) {
            unmerged.add(v);
            return r.reshape(v, merge.merged(v.type().shape()));
        }

        /** A value with these dimensions apart, as it was or as a view. */
        private static Apart apart(Rewriting r, Value v, Merge merge) {
            return before(r, v)
                    .filter(x -> x.merge().equals(merge))
                    .orElseGet(() -> new Apart(r.reshape(v, merge.apart(v.type().shape())), merge));
        }

        /** What a value was before a reshape merged leading dimensions, seen through transposes of the other ones. */
        private static Optional<Apart> before(Rewriting r, Value v) {
            return r.definition(v)
                    .filter(n -> n.inputs().size() == 1)
                    .flatMap(n -> before(r, n.op(), n.input(0), v.type().shape()));
        }

        private static Optional<Apart> before(Rewriting r, Op op, Value from, Shape after) {
            return switch (op) {
                case Op.Reshape o -> Merge.of(from.type().shape(), after).map(m -> new Apart(from, m));
                case Op.Transpose(var permutation) ->
                    before(r, from)
                            .filter(x ->
                                    IntStream.rangeClosed(0, x.merge().axis()).allMatch(i -> permutation.get(i) == i))
                            .map(x -> new Apart(transposed(r, x, permutation), x.merge()));
                default -> Optional.empty();
            };
        }

        /** A permutation of the last dimensions, before what is repeated is. */
        private static Value transposed(Rewriting r, Apart from, List<Integer> permutation) {
            var merge = from.merge();
            var order = IntStream.range(0, merge.more() + permutation.size())
                    .mapToObj(
                            i -> i <= merge.axis() + merge.more() ? i : merge.apart(permutation.get(i - merge.more())))
                    .toList();
            return r.definition(from.value())
                    .filter(n -> n.op() instanceof Op.Broadcast)
                    .map(n -> {
                        var v = r.transpose(n.input(0), order);
                        var dims = from.value().type().shape().dims().asList();
                        return r.broadcast(
                                v, Shape.of(order.stream().map(dims::get).toList()));
                    })
                    .orElseGet(() -> r.transpose(from.value(), order));
        }
    }
}
