package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.operator.OnnxValue.OfOptional;
import dev.systole.frontend.onnx.operator.OnnxValue.OfSequence;
import dev.systole.frontend.onnx.operator.OnnxValue.OfTensor;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Branches and loops. What is known while importing decides at once. A condition that is computed selects between values: both branches
 * are computed, and every iteration that there may be.
 */
final class ControlFlow {
    static final Map<String, OperatorRule.OfStructure> RULES =
            Map.of("If", ControlFlow::branch, "Loop", ControlFlow::loop);

    /** Values that the iterations of one loop give, all together. */
    private static final long MOST_VALUES = 20_000;

    private ControlFlow() {}

    private static List<OnnxValue> branch(OnnxNode n) {
        var condition = condition(n, n.input(0));
        var known = known(n, condition);
        if (known.isPresent()) {
            return n.inline(known.get() ? "then_branch" : "else_branch", List.of());
        }
        var then = n.inline("then_branch", List.of());
        var otherwise = n.inline("else_branch", List.of());
        if (then.size() != otherwise.size()) {
            throw n.fault("its branches give " + then.size() + " and " + otherwise.size() + " outputs");
        }
        return IntStream.range(0, then.size())
                .mapToObj(i -> selected(n, condition, then.get(i), otherwise.get(i)))
                .toList();
    }

    private static Value condition(OnnxNode n, Value value) {
        if (value.type().dtype() != DType.BOOL || value.type().shape().elements() != 1) {
            throw n.fault("its condition is " + value.type() + ", not one boolean");
        }
        return n.reshape(value, Shape.SCALAR);
    }

    private static Optional<Boolean> known(OnnxNode n, Value condition) {
        return n.known(condition).map(t -> Elements.readInteger(t.bytes(), 0, DType.BOOL) != 0);
    }

    /** a where the condition holds, else b; of sequences and optionals, what is in them. */
    static OnnxValue selected(OnnxNode n, Value condition, OnnxValue a, OnnxValue b) {
        if (a.equals(b)) {
            return a;
        }
        return switch (a) {
            case OfTensor(var x)
            when b instanceof OfTensor(var y) && x.type().equals(y.type()) ->
                new OfTensor(n.select(condition, whole(n, x), whole(n, y)));
            case OfSequence(var dtype, var x)
            when b instanceof OfSequence(var other, var y) && dtype == other && x.size() == y.size() ->
                new OfSequence(
                        dtype,
                        IntStream.range(0, x.size())
                                .mapToObj(i -> n.tensor(
                                        selected(n, condition, new OfTensor(x.get(i)), new OfTensor(y.get(i)))))
                                .toList());
            case OfOptional(var x)
            when b instanceof OfOptional(var y) && x.isPresent() && y.isPresent() ->
                new OfOptional(Optional.of(selected(n, condition, x.get(), y.get())));
            default ->
                throw n.fault("gives %s or %s by a condition that is computed at run time; both must have one shape"
                        .formatted(described(a), described(b)));
        };
    }

    private static String described(OnnxValue value) {
        return switch (value) {
            case OfTensor(var x) -> x.type().toString();
            case OfSequence(var dtype, var values) -> values.size() + " tensors of " + dtype;
            case OfOptional(var content) ->
                content.map(c -> "an optional of " + described(c)).orElse("an empty optional");
        };
    }

    /** A value that does not leave its loop or branch as it is, so its extents must not depend on data. */
    static Value whole(OnnxNode n, Value value) {
        if (n.isBounded(value)) {
            throw n.fault("uses a value whose extent depends on data; such a value can only be an output");
        }
        return value;
    }

    /** The state of a loop between two iterations. */
    private record Progress(Value runs, Value count, Value condition, List<OnnxValue> carried) {}

    /**
     * Iterates as often as is known, or at most. From where on it is computed whether the loop still runs, what is carried stays as it is
     * once the loop has ended, and outputs are as long as there are iterations.
     */
    private static List<OnnxValue> loop(OnnxNode n) {
        long trips = n.has(0) ? n.whole(0) : Long.MAX_VALUE;
        int carries = Math.max(0, n.inputs() - 2);
        int stacked = n.bodyOutputs("body") - 1 - carries;
        if (stacked < 0) {
            throw n.fault("its body gives no condition, or fewer values than the " + carries + " that it carries");
        }
        var yes = truth(n, true);
        var runs = n.has(1) ? condition(n, n.input(1)) : yes;
        var carried = IntStream.range(2, 2 + carries).mapToObj(n::any).toList();
        var state = new Progress(runs, n.scalar(DType.I64, 0), yes, carried);
        var stacks = IntStream.range(0, stacked)
                .mapToObj(k -> new ArrayList<Value>())
                .toList();
        for (long i = 0; i < trips && !known(n, state.runs).equals(Optional.of(false)); i++) {
            var results = n.inline("body", arguments(n, i, state));
            for (int k = 0; k < stacked; k++) {
                stacks.get(k).add(n.tensor(results.get(1 + carries + k)));
            }
            state = after(n, state, results);
            if ((i + 1) * Math.max(1, carries + stacked) > MOST_VALUES) {
                throw n.fault("iterates more than " + i + " times, or does not end; give it a smaller trip count");
            }
        }
        var outputs = new ArrayList<>(state.carried);
        for (int k = 0; k < stacked; k++) {
            var items = stacks.get(k);
            var start = new Progress(yes, yes, yes, carried);
            int output = 1 + carries + k;
            var stack = items.isEmpty()
                    ? emptyStack(
                            n,
                            output,
                            0,
                            () -> n.inline("body", arguments(n, 0, start)).stream()
                                    .map(n::tensor)
                                    .toList())
                    : stack(n, items, 0);
            outputs.add(new OfTensor(n.known(state.count).isPresent() ? stack : n.bounded(stack, 0, state.count)));
        }
        return outputs;
    }

    private static Value truth(OnnxNode n, boolean value) {
        return n.scalar(DType.BOOL, value ? 1 : 0);
    }

    /** An iteration takes place only while the condition holds, unless the loop has none. */
    private static List<OnnxValue> arguments(OnnxNode n, long i, Progress state) {
        var arguments = new ArrayList<OnnxValue>();
        arguments.add(new OfTensor(n.constant(Tensor.ofLongs(Shape.SCALAR, i))));
        arguments.add(new OfTensor(state.condition));
        arguments.addAll(state.carried);
        return arguments;
    }

    private static Progress after(OnnxNode n, Progress state, List<OnnxValue> results) {
        var next = results.subList(1, 1 + state.carried.size());
        boolean certain = known(n, state.runs).isPresent();
        var carried = certain
                ? next
                : IntStream.range(0, next.size())
                        .mapToObj(i -> selected(n, state.runs, next.get(i), state.carried.get(i)))
                        .toList();
        var count = n.binary(BinaryOp.ADD, state.count, n.cast(state.runs, DType.I64));
        var condition = condition(n, n.tensor(results.getFirst()));
        return n.has(1)
                ? new Progress(both(n, state.runs, condition), count, state.condition, carried)
                : new Progress(state.runs, count, condition, carried);
    }

    private static Value both(OnnxNode n, Value a, Value b) {
        if (known(n, a).isPresent() || known(n, b).isPresent()) {
            return known(n, a).orElse(false) || !known(n, b).orElse(true) ? b : a;
        }
        return n.binary(BinaryOp.AND, a, b);
    }

    /** Tensors of one type along a new axis. */
    static Value stack(OnnxNode n, List<Value> items, int axis) {
        var type = items.getFirst().type();
        var dims = new ArrayList<>(type.shape().dims().asList());
        dims.add(axis, 1L);
        for (var item : items) {
            if (!item.type().equals(type)) {
                throw n.fault("stacks values of different types: " + type + " and " + item.type());
            }
        }
        return n.concat(
                axis,
                items.stream().map(i -> n.reshape(whole(n, i), Shape.of(dims))).toList());
    }

    /** Gives the outputs of a body that never runs, for their types alone. */
    @FunctionalInterface
    interface Trial {
        List<Value> outputs();
    }

    /** What no iteration stacks, by the type that the body declares, or that its output would have. */
    static Value emptyStack(OnnxNode n, int output, long axis, Trial trial) {
        var dtype = n.declaredType("body", output);
        var shape = n.declaredShape("body", output);
        var type = dtype.isPresent() && shape.isPresent()
                ? new TensorType(dtype.get(), shape.get())
                : trial.outputs().get(output).type();
        var dims = new ArrayList<>(type.shape().dims().asList());
        dims.add(n.axis(axis, dims.size() + 1), 0L);
        return n.splat(type.dtype(), Shape.of(dims), 0);
    }
}
