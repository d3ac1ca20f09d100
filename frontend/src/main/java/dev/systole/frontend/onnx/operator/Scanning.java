package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.operator.OnnxValue.OfTensor;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Loops over the elements of tensors along an axis, one body for each. */
final class Scanning {
    static final Map<String, OperatorRule.OfStructure> RULES =
            Map.of("Scan", n -> n.since() < 9 ? scanBatch(n) : scan(n));

    private Scanning() {}

    /** What a scan runs over; {@code states} and {@code inputs} are what one run begins with and takes apart. */
    private record Run(
            List<Value> states, List<Value> inputs, List<Integer> axes, List<Boolean> reversed, long length) {
        List<Value> elements(OnnxNode n, long t, long last) {
            return IntStream.range(0, inputs.size())
                    .mapToObj(i -> element(n, inputs.get(i), axes.get(i), reversed.get(i) ? last - t : t))
                    .toList();
        }

        /** The inputs with their elements in order along the first dimension. */
        List<Value> along(OnnxNode n) {
            return IntStream.range(0, inputs.size())
                    .mapToObj(i -> {
                        var x = inputs.get(i);
                        var order = new ArrayList<>(
                                IntStream.range(0, x.type().shape().rank())
                                        .boxed()
                                        .toList());
                        order.addFirst(order.remove((int) axes.get(i)));
                        var first = n.transpose(x, order);
                        return reversed.get(i) ? n.slice(first, 0, length - 1, length, -1) : first;
                    })
                    .toList();
        }

        /** Elements of the same types as those that there would be. */
        List<Value> noElements(OnnxNode n) {
            return IntStream.range(0, inputs.size())
                    .mapToObj(i -> n.splat(
                            inputs.get(i).type().dtype(),
                            without(inputs.get(i).type().shape(), axes.get(i)),
                            0))
                    .toList();
        }
    }

    /** Final states, and what the iterations gave, by output. */
    private record Outcome(List<Value> states, List<List<Value>> stacks) {}

    private static Value element(OnnxNode n, Value x, int axis, long at) {
        return n.reshape(n.slice(x, axis, at, 1), without(x.type().shape(), axis));
    }

    private static Shape without(Shape shape, int axis) {
        var dims = new ArrayList<>(shape.dims().asList());
        dims.remove(axis);
        return Shape.of(dims);
    }

    /**
     * Runs the body for each element.
     *
     * @param ends the length of the sequence, if it is computed: states stay as they are from there on
     */
    private static Outcome run(OnnxNode n, Run run, long length, Optional<Value> ends) {
        var states = run.states;
        List<List<Value>> stacks = IntStream.range(0, outputs(n, run))
                .<List<Value>>mapToObj(k -> new ArrayList<>())
                .toList();
        for (long t = 0; t < length; t++) {
            var results = body(
                    n,
                    Stream.concat(states.stream(), run.elements(n, t, length - 1).stream())
                            .toList());
            var before = states;
            var next = results.subList(0, states.size());
            requireSameTypes(n, before, next);
            long at = t;
            states = ends.isEmpty()
                    ? next
                    : IntStream.range(0, next.size())
                            .mapToObj(i -> n.select(
                                    n.binary(BinaryOp.GT, ends.get(), n.scalar(DType.I64, at)),
                                    next.get(i),
                                    before.get(i)))
                            .toList();
            for (int k = 0; k < stacks.size(); k++) {
                stacks.get(k).add(results.get(before.size() + k));
            }
        }
        return new Outcome(states, stacks);
    }

    /** @param given states and elements */
    private static List<Value> body(OnnxNode n, List<Value> given) {
        return n.inline("body", given.stream().<OnnxValue>map(OfTensor::new).toList()).stream()
                .map(v -> ControlFlow.whole(n, n.tensor(v)))
                .toList();
    }

    private static void requireSameTypes(OnnxNode n, List<Value> before, List<Value> after) {
        for (int i = 0; i < before.size(); i++) {
            if (!before.get(i).type().equals(after.get(i).type())) {
                throw n.fault("state " + i + " is " + before.get(i).type() + " before an iteration and "
                        + after.get(i).type() + " after it");
            }
        }
    }

    private static int outputs(OnnxNode n, Run run) {
        int outputs = n.bodyOutputs("body") - run.states.size();
        if (outputs < 0) {
            throw n.fault("its body gives fewer than its " + run.states.size() + " states");
        }
        return outputs;
    }

    private static int scanned(OnnxNode n, int operands) {
        long scanned = n.attributes().integer("num_scan_inputs");
        if (scanned < 1 || scanned > operands) {
            throw n.fault("scans " + scanned + " of " + operands + " inputs");
        }
        return (int) scanned;
    }

    private static long length(OnnxNode n, List<Value> inputs, List<Integer> axes) {
        long length = inputs.getFirst().type().shape().dim(axes.getFirst());
        for (int i = 1; i < inputs.size(); i++) {
            if (inputs.get(i).type().shape().dim(axes.get(i)) != length) {
                throw n.fault("scans " + length + " and "
                        + inputs.get(i).type().shape().dim(axes.get(i)) + " elements");
            }
        }
        return length;
    }

    /** One number for each of {@code count} inputs or outputs; 0 where the attribute is not given. */
    private static List<Long> numbers(OnnxNode n, String attribute, int count) {
        var numbers =
                n.attributes().integers(attribute).filter(a -> !a.isEmpty()).orElse(Collections.nCopies(count, 0L));
        if (numbers.size() != count) {
            throw n.fault("attribute \"" + attribute + "\" has " + numbers.size() + " numbers for " + count);
        }
        return numbers;
    }

    private static List<Boolean> directions(OnnxNode n, String attribute, int count) {
        return numbers(n, attribute, count).stream().map(d -> d != 0).toList();
    }

    private static List<OnnxValue> scan(OnnxNode n) {
        var operands = n.all();
        int states = operands.size() - scanned(n, operands.size());
        var inputs = operands.subList(states, operands.size());
        var given = numbers(n, "scan_input_axes", inputs.size());
        var axes = IntStream.range(0, inputs.size())
                .mapToObj(i -> n.axis(given.get(i), inputs.get(i).type().shape().rank()))
                .toList();
        var run = new Run(
                operands.subList(0, states),
                inputs,
                axes,
                directions(n, "scan_input_directions", inputs.size()),
                length(n, inputs, axes));
        int stacks = outputs(n, run);
        var outputAxes = numbers(n, "scan_output_axes", stacks);
        var backward = directions(n, "scan_output_directions", stacks);
        var recurrences = Recurrences.of(n, run.states, run.along(n), x -> body(n, x));
        if (recurrences.isPresent()) {
            var outputs = new ArrayList<>(recurrences.get().states());
            for (int k = 0; k < stacks; k++) {
                outputs.add(laid(n, recurrences.get().stacks().get(k), outputAxes.get(k), backward.get(k)));
            }
            return outputs.stream().<OnnxValue>map(OfTensor::new).toList();
        }
        var outcome = run(n, run, run.length, Optional.empty());
        var outputs = new ArrayList<>(outcome.states);
        for (int k = 0; k < stacks; k++) {
            var items = backward.get(k) ? outcome.stacks.get(k).reversed() : outcome.stacks.get(k);
            outputs.add(stack(n, run, items, k, outputAxes.get(k)));
        }
        return outputs.stream().<OnnxValue>map(OfTensor::new).toList();
    }

    /** What lies along the first dimension, along another one. */
    private static Value laid(OnnxNode n, Value stack, long axis, boolean backward) {
        int rank = stack.type().shape().rank();
        long length = stack.type().shape().dim(0);
        var order = new ArrayList<>(IntStream.range(1, rank).boxed().toList());
        order.add(n.axis(axis, rank), 0);
        return n.transpose(backward ? n.slice(stack, 0, length - 1, length, -1) : stack, order);
    }

    private static Value stack(OnnxNode n, Run run, List<Value> items, int output, long axis) {
        if (items.isEmpty()) {
            return ControlFlow.emptyStack(
                    n,
                    run.states.size() + output,
                    axis,
                    () -> body(
                            n,
                            Stream.concat(run.states.stream(), run.noElements(n).stream())
                                    .toList()));
        }
        return ControlFlow.stack(
                n, items, n.axis(axis, items.getFirst().type().shape().rank() + 1));
    }

    /** Before opset 9: batches in dimension 0, the elements in dimension 1, and sequences as long as an input says. */
    private static List<OnnxValue> scanBatch(OnnxNode n) {
        var operands = IntStream.range(1, n.inputs()).mapToObj(n::input).toList();
        int states = operands.size() - scanned(n, operands.size());
        var inputs = operands.subList(states, operands.size());
        long batches = requireBatches(n, operands, inputs);
        var reversed = directions(n, "directions", inputs.size());
        var axes = Collections.nCopies(inputs.size(), 0);
        var outputs = new ArrayList<List<Value>>();
        for (long b = 0; b < batches; b++) {
            long batch = b;
            var own = operands.stream().map(x -> element(n, x, 0, batch)).toList();
            var items = own.subList(states, own.size());
            var run = new Run(own.subList(0, states), items, axes, reversed, length(n, items, axes));
            var results = runSequence(n, run, batch, batches);
            for (int i = 0; i < results.size(); i++) {
                if (b == 0) {
                    outputs.add(new ArrayList<>());
                }
                outputs.get(i).add(results.get(i));
            }
        }
        return outputs.stream()
                .<OnnxValue>map(o -> new OfTensor(ControlFlow.stack(n, o, 0)))
                .toList();
    }

    private static long requireBatches(OnnxNode n, List<Value> operands, List<Value> inputs) {
        boolean ranks = operands.stream().allMatch(x -> x.type().shape().rank() > 0)
                && inputs.stream().allMatch(x -> x.type().shape().rank() > 1);
        var batches = operands.stream()
                .map(x -> ranks ? x.type().shape().dim(0) : 0)
                .distinct()
                .toList();
        if (batches.size() != 1 || batches.getFirst() == 0) {
            throw n.fault(
                    "takes batches, at least one, in the first dimension of every input and elements in the second");
        }
        return batches.getFirst();
    }

    /** One sequence of the batch. Its states, and its outputs with zeros behind its end. */
    private static List<Value> runSequence(OnnxNode n, Run run, long batch, long batches) {
        long length = run.length;
        Optional<Value> ends = Optional.empty();
        if (n.has(0)) {
            if (!n.input(0).type().shape().equals(Shape.of(batches))) {
                throw n.fault(
                        "input 0 (sequence_lens) is " + n.input(0).type() + ", not a length for each of " + batches);
            }
            if (n.known(n.input(0)).isPresent()) {
                length = n.longs(0).get((int) batch);
            } else {
                ends = Optional.of(element(n, n.input(0), 0, batch));
            }
        }
        if (length < 0 || length > run.length || ends.isPresent() && run.reversed.contains(true)) {
            throw n.fault(
                    ends.isPresent()
                            ? "scans backward from the end of a sequence that is computed at run time"
                            : "a sequence of " + length + " elements does not fit " + run.length);
        }
        var outcome = run(n, run, length, ends);
        var results = new ArrayList<>(outcome.states);
        for (int k = 0; k < outcome.stacks.size(); k++) {
            var stack = stack(n, run, outcome.stacks.get(k), k, 0);
            var low = new long[stack.type().shape().rank()];
            var high = low.clone();
            high[0] = run.length - length;
            results.add(Padding.padded(n, stack, n.scalar(stack.type().dtype(), 0), low, high));
        }
        return results;
    }
}
