package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Recurrent layers, unrolled over the sequence. What does not depend on the state is one product for all steps. Both directions take their steps
 * in turn, so that one works while the other one waits.
 */
final class Recurrent {
    private static final long MOST_STEPS = 1024;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "RNN", n -> layer(n, new Kind(1, 1, List.of("Tanh"), Recurrent::simple)),
            "GRU", n -> layer(n, new Kind(3, 1, List.of("Sigmoid", "Tanh"), Recurrent::gatedUnit)),
            "LSTM", n -> layer(n, new Kind(4, 2, List.of("Sigmoid", "Tanh", "Tanh"), Recurrent::memory)));

    private Recurrent() {}

    /**
     * A kind of layer.
     *
     * @param gates blocks of weights
     * @param states tensors that go from step to step
     * @param functions that activate by default
     */
    private record Kind(int gates, int states, List<String> functions, Step step) {}

    /** The state after a step; the first part is the hidden one. */
    private interface Step {
        /** @param projected [batch, gates * hidden]: the step's input times its weights, with the biases that are added to it */
        List<Value> next(Cell cell, Value projected, List<Value> before);
    }

    /**
     * The parameters of one direction.
     *
     * @param recurrences weights of the state, [hidden, gates * hidden], in as many parts as are multiplied apart
     * @param stateBias [1, gates * hidden], if it is added to the first of these products and not to the projected input
     * @param peepholes [1, hidden] for each of three gates; none if there are no peepholes
     */
    private record Cell(
            OnnxNode n,
            long hidden,
            List<Value> recurrences,
            Optional<Value> stateBias,
            List<Value> peepholes,
            List<GateFunction> functions) {
        Value gate(Value x, int i) {
            return n.slice(x, 1, i * hidden, hidden);
        }

        Value activated(int function, Value x) {
            if (n.attributes().has("clip")) {
                double threshold = n.attributes().real("clip", 0);
                x = n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, x, -threshold), threshold);
            }
            return functions.get(function).apply(n, x);
        }

        Value add(Value a, Value b) {
            return n.binary(BinaryOp.ADD, a, b);
        }

        Value mul(Value a, Value b) {
            return n.binary(BinaryOp.MUL, a, b);
        }

        Value oneLess(Value x) {
            return n.binary(BinaryOp.SUB, n.scalar(x.type().dtype(), 1), x);
        }

        /** The state times its weights, or the first part of them. */
        Value recurrent(Value state) {
            var product = Products.matMul(n, state, recurrences.getFirst());
            return stateBias.map(b -> add(product, b)).orElse(product);
        }

        /** x and its peephole, if there are any. */
        Value peeping(Value x, int peephole, Value memory) {
            return peepholes.isEmpty() ? x : add(x, mul(peepholes.get(peephole), memory));
        }
    }

    /** H' = f(X W + H R + b). */
    private static List<Value> simple(Cell c, Value projected, List<Value> before) {
        var h = before.getFirst();
        return List.of(c.activated(0, c.add(projected, c.recurrent(h))));
    }

    /** Gates z (update), r (reset) and h: H' = (1 - z) h + z H. */
    private static List<Value> gatedUnit(Cell c, Value projected, List<Value> before) {
        var h = before.getFirst();
        long two = 2 * c.hidden;
        var all = c.recurrent(h);
        var both = c.activated(0, c.add(c.n.slice(projected, 1, 0, two), c.n.slice(all, 1, 0, two)));
        var update = c.gate(both, 0);
        var reset = c.gate(both, 1);
        var recurrent = resetsLast(c.n)
                ? c.mul(reset, c.gate(all, 2))
                : Products.matMul(c.n, c.mul(reset, h), c.recurrences.get(1));
        var proposed = c.activated(1, c.add(c.gate(projected, 2), recurrent));
        return List.of(c.add(c.mul(c.oneLess(update), proposed), c.mul(update, h)));
    }

    private static boolean resetsLast(OnnxNode n) {
        return n.attributes().integer("linear_before_reset", 0) != 0;
    }

    /** Gates i, o, f and c: C' = f C + i c, H' = o h(C'). */
    private static List<Value> memory(Cell c, Value projected, List<Value> before) {
        var memory = before.get(1);
        var gates = c.add(projected, c.recurrent(before.get(0)));
        var input = c.activated(0, c.peeping(c.gate(gates, 0), 0, memory));
        var forget = c.n.attributes().integer("input_forget", 0) != 0
                ? c.oneLess(input)
                : c.activated(0, c.peeping(c.gate(gates, 2), 2, memory));
        var kept = c.mul(forget, memory);
        var next = c.add(kept, c.mul(input, c.activated(1, c.gate(gates, 3))));
        var output = c.activated(0, c.peeping(c.gate(gates, 1), 1, next));
        return List.of(c.mul(output, c.activated(2, next)), next);
    }

    /** Whether each direction runs backwards. The first version of GRU misspells its default. */
    private static List<Boolean> directions(OnnxNode n) {
        var direction = n.attributes().text("direction");
        return switch (direction) {
            case "forward", "foward" -> List.of(false);
            case "reverse" -> List.of(true);
            case "bidirectional" -> List.of(false, true);
            default -> throw n.fault("direction is \"" + direction + "\", not forward, reverse or bidirectional");
        };
    }

    /** One way through the sequence: the hidden states of its steps so far, in the order of the sequence, and the state. Mutable. */
    private static final class Direction {
        private final Cell cell;
        private final Value projected;
        private final boolean isReversed;
        private final Value[] hidden;
        private List<Value> state;

        Direction(Cell cell, Value projected, List<Value> initial, boolean isReversed) {
            this.cell = cell;
            this.projected = projected;
            this.isReversed = isReversed;
            this.hidden = new Value[Math.toIntExact(projected.type().shape().dim(0))];
            this.state = initial;
        }

        /** Steps beyond the end of a sequence leave its state as it is and give 0, so a reversed one begins at its own end. */
        void step(Kind kind, int number, Optional<Value> lengths) {
            var n = cell.n;
            int t = isReversed ? hidden.length - 1 - number : number;
            var before = state;
            var next = kind.step.next(cell, matrix(n, projected, t), before);
            if (lengths.isEmpty()) {
                hidden[t] = next.getFirst();
                state = next;
                return;
            }
            var within = n.binary(BinaryOp.GT, lengths.get(), t);
            hidden[t] =
                    n.select(within, next.getFirst(), n.scalar(projected.type().dtype(), 0));
            state = IntStream.range(0, next.size())
                    .mapToObj(s -> n.select(within, next.get(s), before.get(s)))
                    .toList();
        }
    }

    private static List<Value> layer(OnnxNode n, Kind kind) {
        boolean batchFirst = n.attributes().integer("layout", 0) != 0;
        var x = batchFirst ? n.transpose(n.ranked(0, 3), List.of(1, 0, 2)) : n.ranked(0, 3);
        var areReversed = directions(n);
        long hidden = n.ranked(2, 3).type().shape().dim(2);
        check(n, kind, x.type().shape(), areReversed.size(), hidden, batchFirst);
        var functions = GateFunction.of(n, kind.functions, areReversed.size());
        var directions = new ArrayList<Direction>();
        for (int d = 0; d < areReversed.size(); d++) {
            int own = kind.functions.size();
            var cell = cell(n, kind, d, hidden, functions.subList(d * own, (d + 1) * own));
            directions.add(new Direction(
                    cell, projected(cell, kind, x, d), initial(n, kind, x, d, batchFirst), areReversed.get(d)));
        }
        int steps = Math.toIntExact(x.type().shape().dim(0));
        var lengths = lengths(n, steps);
        for (int i = 0; i < steps; i++) {
            for (var direction : directions) {
                direction.step(kind, i, lengths);
            }
        }
        var results = new ArrayList<Value>();
        results.add(sequence(n, directions, x.type().shape(), hidden, batchFirst));
        for (int s = 0; s < kind.states; s++) {
            int state = s;
            var last = n.concat(
                    0,
                    directions.stream().map(d -> lead(n, d.state.get(state), 1)).toList());
            results.add(batchFirst ? n.transpose(last, List.of(1, 0, 2)) : last);
        }
        return results;
    }

    private static void check(OnnxNode n, Kind kind, Shape x, int directions, long hidden, boolean batchFirst) {
        long gated = Math.multiplyExact(kind.gates, hidden);
        n.shaped(1, directions, gated, x.dim(2));
        n.shaped(2, directions, gated, hidden);
        if (n.has(3)) {
            n.shaped(3, directions, 2 * gated);
        }
        if (n.has(4)) {
            n.shaped(4, x.dim(1));
        }
        for (int i = 5; i < 5 + kind.states; i++) {
            if (n.has(i) && batchFirst) {
                n.shaped(i, x.dim(1), directions, hidden);
            } else if (n.has(i)) {
                n.shaped(i, directions, x.dim(1), hidden);
            }
        }
        if (n.has(7)) {
            n.shaped(7, directions, 3 * hidden);
        }
        if (n.attributes().integer("hidden_size", hidden) != hidden) {
            throw n.fault("hidden_size is " + n.attributes().integer("hidden_size", 0)
                    + ", but the weights are made for " + hidden);
        }
        if (!(n.attributes().real("clip", 1) >= 0)) {
            throw n.fault("clips to a negative threshold, " + n.attributes().real("clip", 0));
        }
        if (x.dim(0) > MOST_STEPS / directions) {
            throw n.fault("unrolls %d steps in %d directions; at most %d are supported: split the sequence"
                    .formatted(x.dim(0), directions, MOST_STEPS));
        }
    }

    private static Cell cell(OnnxNode n, Kind kind, int direction, long hidden, List<GateFunction> functions) {
        boolean apart = kind.gates == 3 && !resetsLast(n);
        var recurrence = n.transpose(matrix(n, n.input(2), direction), List.of(1, 0));
        var parts = apart
                ? List.of(n.slice(recurrence, 1, 0, 2 * hidden), n.slice(recurrence, 1, 2 * hidden, hidden))
                : List.of(recurrence);
        long gated = kind.gates * hidden;
        var stateBias = kind.gates == 3 && !apart ? bias(n, direction, gated, gated) : Optional.<Value>empty();
        var peepholes = n.optional(7)
                .map(p -> n.slice(p, 0, direction, 1))
                .map(p -> LongStream.range(0, 3)
                        .mapToObj(i -> n.slice(p, 1, i * hidden, hidden))
                        .toList())
                .orElse(List.of());
        return new Cell(n, hidden, parts, stateBias, peepholes, functions);
    }

    /** Biases of the input come before those of the state. */
    private static Optional<Value> bias(OnnxNode n, int direction, long start, long count) {
        return n.optional(3).map(b -> n.slice(n.slice(b, 0, direction, 1), 1, start, count));
    }

    /** Part {@code i} along the first dimension, which goes. */
    private static Value matrix(OnnxNode n, Value x, long i) {
        var shape = x.type().shape();
        return n.reshape(n.slice(x, 0, i, 1), Shape.of(shape.dim(1), shape.dim(2)));
    }

    /** [steps, batch, gates * hidden]: the inputs of all steps times their weights, with the biases that are simply added. */
    private static Value projected(Cell c, Kind kind, Value x, int direction) {
        var n = c.n;
        var weights = n.transpose(matrix(n, n.input(1), direction), List.of(1, 0));
        var product = Products.matMul(n, x, weights);
        long gated = kind.gates * c.hidden;
        var ofInput = bias(n, direction, 0, gated);
        var bias = c.stateBias.isPresent()
                ? ofInput
                : ofInput.map(b -> c.add(b, bias(n, direction, gated, gated).orElseThrow()));
        return bias.map(b -> c.add(product, b)).orElse(product);
    }

    /** The state before the first step, zero where it is not given. */
    private static List<Value> initial(OnnxNode n, Kind kind, Value x, int direction, boolean batchFirst) {
        var zero = n.splat(
                x.type().dtype(),
                Shape.of(x.type().shape().dim(1), n.input(2).type().shape().dim(2)),
                0);
        return IntStream.range(5, 5 + kind.states)
                .mapToObj(i -> n.optional(i)
                        .map(v -> batchFirst ? n.transpose(v, List.of(1, 0, 2)) : v)
                        .map(v -> matrix(n, v, direction))
                        .orElse(zero))
                .toList();
    }

    /** [batch, 1], unless all sequences are known to have all steps. */
    private static Optional<Value> lengths(OnnxNode n, long steps) {
        if (!n.has(4)) {
            return Optional.empty();
        }
        long batch = n.input(4).type().shape().dim(0);
        boolean full = n.known(n.input(4))
                .filter(t -> LongStream.range(0, batch)
                        .allMatch(i -> Elements.readInteger(t.bytes(), i, DType.I32) == steps))
                .isPresent();
        return full ? Optional.empty() : Optional.of(n.reshape(n.input(4), Shape.of(batch, 1)));
    }

    /** The hidden states of all steps and directions. */
    private static Value sequence(OnnxNode n, List<Direction> directions, Shape x, long hidden, boolean batchFirst) {
        if (x.dim(0) == 0) {
            var shape = batchFirst
                    ? Shape.of(x.dim(1), 0, directions.size(), hidden)
                    : Shape.of(0, directions.size(), x.dim(1), hidden);
            return n.splat(n.input(0).type().dtype(), shape, 0);
        }
        var all = n.concat(
                1,
                directions.stream()
                        .map(d -> n.concat(
                                0,
                                Arrays.stream(d.hidden).map(h -> lead(n, h, 2)).toList()))
                        .toList());
        return batchFirst ? n.transpose(all, List.of(2, 0, 1, 3)) : all;
    }

    /** A matrix with leading dimensions of extent 1. */
    private static Value lead(OnnxNode n, Value x, int count) {
        var dims = new ArrayList<Long>();
        IntStream.range(0, count).forEach(i -> dims.add(1L));
        dims.addAll(x.type().shape().dims().asList());
        return n.reshape(x, Shape.of(dims));
    }
}
