package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Scans whose states are recurrences: each is multiplied by a factor and added to, neither of which depends on it. Then the body is computed
 * of all elements at once, along a first dimension that it does not know of, and {@link Op.Recurrence} takes the place of each state.
 *
 * <p>States are found one after the other, because what is added to one may depend on another. Where anything else happens to a state, or
 * the body does what cannot be done for all elements at once, the scan is written out instead.
 */
final class Recurrences {
    /** Fewer elements are cheaper one after the other than laid out in a row. */
    private static final long FEWEST_ELEMENTS = 16;

    private static final Set<DType> TYPES = Set.of(DType.F64, DType.F32, DType.F16, DType.BF16);

    private final OnnxNode n;
    private final long length;
    private final Map<Value, Node> definitions = new HashMap<>();
    private final Map<Value, Boolean> varying = new HashMap<>();
    private final Map<Value, Value> all = new HashMap<>();

    private Recurrences(OnnxNode n, long length) {
        this.n = n;
        this.length = length;
    }

    /** Final states, and what the iterations give, all together along the first dimension. */
    record Outcome(List<Value> states, List<Value> stacks) {}

    /**
     * A scan as recurrences.
     *
     * @param inputs what is scanned, along the first dimension
     * @param body what an iteration gives for states and elements
     * @return empty if it has to be written out
     */
    static Optional<Outcome> of(
            OnnxNode n, List<Value> states, List<Value> inputs, Function<List<Value>, List<Value>> body) {
        long length = inputs.getFirst().type().shape().dim(0);
        boolean possible = length >= FEWEST_ELEMENTS
                && !states.isEmpty()
                && states.stream().allMatch(s -> TYPES.contains(s.type().dtype()));
        if (!possible) {
            return Optional.empty();
        }
        try {
            return new Recurrences(n, length).found(states, inputs, body);
        } catch (FrontendException | GraphException | IllegalArgumentException e) {
            // Written out, the scan says itself what is wrong with it.
            return Optional.empty();
        }
    }

    private Optional<Outcome> found(List<Value> states, List<Value> inputs, Function<List<Value>, List<Value>> body) {
        var before = states.stream().map(n::unknown).toList();
        var elements = inputs.stream()
                .map(x -> n.unknown(n.reshape(n.slice(x, 0, 0, 1), rest(x.type().shape()))))
                .toList();
        int outside = n.size();
        var results =
                body.apply(Stream.concat(before.stream(), elements.stream()).toList());
        for (var node : n.operations().subList(outside, n.size())) {
            node.outputs().forEach(v -> definitions.put(v, node));
        }
        before.forEach(v -> varying.put(v, true));
        for (int i = 0; i < elements.size(); i++) {
            varying.put(elements.get(i), true);
            all.put(elements.get(i), inputs.get(i));
        }
        var open = new LinkedHashMap<Integer, Value>();
        for (int i = 0; i < states.size(); i++) {
            if (!results.get(i).type().equals(states.get(i).type())) {
                return Optional.empty();
            }
            open.put(i, results.get(i));
        }
        for (boolean progress = true; progress && !open.isEmpty(); ) {
            progress = open.entrySet()
                    .removeIf(e -> isFound(states.get(e.getKey()), before.get(e.getKey()), e.getValue()));
        }
        var stacks = new ArrayList<Value>();
        for (var result : results.subList(states.size(), results.size())) {
            forAll(result).ifPresent(stacks::add);
        }
        if (!open.isEmpty() || stacks.size() < results.size() - states.size()) {
            return Optional.empty();
        }
        var last = results.subList(0, states.size()).stream()
                .map(v -> forAll(v).orElseThrow())
                .map(v -> n.reshape(n.slice(v, 0, length - 1, 1), rest(v.type().shape())))
                .toList();
        return Optional.of(new Outcome(last, stacks));
    }

    /** What becomes of a state: it is multiplied, unless there is no factor, and added to, unless there is no summand. */
    private record Step(Optional<Value> factor, boolean subtracted, Optional<Value> summand, boolean negative) {}

    /** Finds a state for all elements, before and after each, if all else that it depends on has been found. */
    private boolean isFound(Value first, Value before, Value after) {
        if (after.equals(before)) {
            all.put(before, n.broadcast(first, along(first)));
            return true;
        }
        var states = forAll(after).or(() -> step(before, after).flatMap(s -> recurrence(first, s)));
        states.ifPresent(v -> {
            all.put(after, v);
            var start = n.reshape(first, along(first).with(0, 1));
            all.put(before, n.concat(0, List.of(start, n.slice(v, 0, 0, length - 1))));
        });
        return states.isPresent();
    }

    private Optional<Value> recurrence(Value first, Step step) {
        var shape = along(first);
        var dtype = first.type().dtype();
        var factor = step.factor.isEmpty() ? Optional.of(n.splat(dtype, shape, 1)) : forAll(step.factor.get());
        var summand = step.summand.isEmpty() ? Optional.of(n.splat(dtype, shape, 0)) : forAll(step.summand.get());
        if (factor.isEmpty() || summand.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(n.add(
                new Op.Recurrence(0),
                signed(factor.get(), step.subtracted),
                signed(summand.get(), step.negative),
                n.reshape(first, shape.with(0, 1))));
    }

    private Value signed(Value v, boolean negative) {
        return negative ? n.unary(UnaryOp.NEG, v) : v;
    }

    /** Only what rounds as a product and a sum do: nothing is rearranged. */
    private Optional<Step> step(Value before, Value after) {
        var product = product(before, after);
        if (product.isPresent()) {
            return product;
        }
        if (!(definitions.get(after) instanceof Node(Op.Binary(var f), var in, var out, var at))) {
            return Optional.empty();
        }
        var left = product(before, in.get(0)).map(Step::factor);
        var right = product(before, in.get(1)).map(Step::factor);
        return switch (f) {
            case ADD ->
                left.map(factor -> new Step(factor, false, Optional.of(in.get(1)), false))
                        .or(() -> right.map(factor -> new Step(factor, false, Optional.of(in.get(0)), false)));
            case SUB ->
                left.map(factor -> new Step(factor, false, Optional.of(in.get(1)), true))
                        .or(() -> right.map(factor -> new Step(factor, true, Optional.of(in.get(0)), false)));
            default -> Optional.empty();
        };
    }

    private Optional<Step> product(Value before, Value v) {
        if (v.equals(before)) {
            return Optional.of(new Step(Optional.empty(), false, Optional.empty(), false));
        }
        if (definitions.get(v) instanceof Node(Op.Binary(var f), var in, var out, var at)
                && f == BinaryOp.MUL
                && in.contains(before)) {
            var factor = in.get(0).equals(before) ? in.get(1) : in.get(0);
            return Optional.of(new Step(Optional.of(factor), false, Optional.empty(), false));
        }
        return Optional.empty();
    }

    /** A value of the body for all elements, along a new first dimension; empty if it depends on a state that is not found. */
    private Optional<Value> forAll(Value v) {
        if (!all.containsKey(v)) {
            if (!varies(v)) {
                all.put(v, n.broadcast(n.reshape(v, along(v).with(0, 1)), along(v)));
            } else if (definitions.containsKey(v)) {
                forAll(definitions.get(v)).ifPresent(found -> all.put(v, found));
            }
        }
        return Optional.ofNullable(all.get(v));
    }

    private Optional<Value> forAll(Node node) {
        if (node.op() instanceof Op.MatMul && !varies(node.input(1)) && rank(node.input(0)) == 2) {
            return forAll(node.input(0)).map(x -> {
                var rows = n.reshape(
                        x,
                        Shape.of(
                                length * x.type().shape().dim(1),
                                x.type().shape().dim(2)));
                return n.reshape(n.add(node.op(), rows, node.input(1)), along(node.output()));
            });
        }
        var op = forAll(node.op());
        var in = node.inputs().stream().flatMap(v -> forAll(v).stream()).toList();
        return op.isEmpty() || in.size() < node.inputs().size()
                ? Optional.empty()
                : Optional.of(n.addAll(op.get(), in).getFirst());
    }

    /** The operator that does the same with another first dimension. */
    private Optional<Op> forAll(Op op) {
        return switch (op) {
            case Op.Unary o -> Optional.of(o);
            case Op.Binary o -> Optional.of(o);
            case Op.Select o -> Optional.of(o);
            case Op.Cast o -> Optional.of(o);
            case Op.Bitcast o -> Optional.of(o);
            case Op.MatMul o -> Optional.of(o);
            case Op.Broadcast(var shape) -> Optional.of(new Op.Broadcast(along(shape)));
            case Op.Reshape(var shape) -> Optional.of(new Op.Reshape(along(shape)));
            case Op.Transpose(var order) ->
                Optional.of(new Op.Transpose(
                        Stream.concat(Stream.of(0), order.stream().map(d -> d + 1))
                                .toList()));
            case Op.Slice(var starts, var sizes, var steps) ->
                Optional.of(new Op.Slice(before(0, starts), before(length, sizes), before(1, steps)));
            case Op.Concat(var axis) -> Optional.of(new Op.Concat(axis + 1));
            case Op.Reduce(var f, var axes) ->
                Optional.of(new Op.Reduce(f, axes.stream().map(d -> d + 1).toList()));
            default -> Optional.empty();
        };
    }

    private static List<Long> before(long first, List<Long> others) {
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }

    /** True for what depends on states or elements. */
    private boolean varies(Value v) {
        var known = varying.get(v);
        if (known == null) {
            known = definitions.containsKey(v)
                    && definitions.get(v).inputs().stream().anyMatch(this::varies);
            varying.put(v, known);
        }
        return known;
    }

    private static int rank(Value v) {
        return v.type().shape().rank();
    }

    private Shape along(Value v) {
        return along(v.type().shape());
    }

    private Shape along(Shape shape) {
        return Shape.of(LongStream.concat(LongStream.of(length), LongStream.of(shape.toArray()))
                .boxed()
                .toList());
    }

    private static Shape rest(Shape shape) {
        return Shape.of(IntStream.range(1, shape.rank()).mapToObj(shape::dim).toList());
    }
}
