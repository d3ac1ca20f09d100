package dev.systole.ir.graph;

import dev.systole.ir.number.Elements;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What whoever runs a model must know of its inputs and outputs beside their types; it stays the same from the graph to the program file.
 *
 * @param states inputs whose next value is an output
 * @param extents of outputs that depend on data: such an output has room for the most there can be
 */
public record Contract(List<State> states, List<Extent> extents) {
    /** No states, and no extents that depend on data. */
    public static final Contract NONE = new Contract(List.of(), List.of());

    /** Positions of an input and of the output that holds its next value (key-value caches, optimiser moments). */
    public record State(int input, int output) {}

    /**
     * Along {@code axis} only the first elements of an output count; how many is the scalar output at {@code count}, which is there for
     * that alone.
     */
    public record Extent(int output, int axis, int count) {}

    public Contract {
        states = List.copyOf(states);
        extents = List.copyOf(extents);
    }

    /** What does not fit these inputs and outputs; empty if all does. */
    public List<String> faults(List<TensorType> inputs, List<TensorType> outputs) {
        var faults = new ArrayList<String>();
        for (var s : states) {
            if (s.input < 0 || s.output < 0 || s.input >= inputs.size() || s.output >= outputs.size()) {
                faults.add("state " + s + " names an input or output that does not exist");
            } else if (!inputs.get(s.input).equals(outputs.get(s.output))) {
                faults.add("state " + s + " joins different types");
            }
        }
        for (var e : extents) {
            if (Math.min(e.output, Math.min(e.axis, e.count)) < 0
                    || e.output >= outputs.size()
                    || e.count >= outputs.size()) {
                faults.add("extent " + e + " names an output that does not exist");
            } else if (e.axis >= outputs.get(e.output).shape().rank()
                    || outputs.get(e.count).shape().rank() != 0
                    || !outputs.get(e.count).dtype().isInteger()) {
                faults.add(
                        "extent " + e + " names an axis that the output has not, or a count that is no integer scalar");
            }
        }
        return faults;
    }

    /** These states and extents and others. */
    public Contract and(Contract other) {
        return new Contract(
                Stream.concat(states.stream(), other.states.stream()).toList(),
                Stream.concat(extents.stream(), other.extents.stream()).toList());
    }

    /**
     * The outputs by name as a caller sees them: as long as they are, and without the counts that say so.
     *
     * @throws GraphException if a count is outside the room that its output has
     */
    public Map<String, Tensor> visible(List<String> names, List<Tensor> outputs) {
        var whole = new ArrayList<>(outputs);
        for (var e : extents) {
            var count = outputs.get(e.count);
            long room = whole.get(e.output).type().shape().dim(e.axis);
            long n = Elements.readInteger(count.bytes(), 0, count.type().dtype());
            if (n < 0 || n > room) {
                throw new GraphException("a result has %d elements along dimension %d, which has room for %d"
                        .formatted(n, e.axis, room));
            }
            whole.set(e.output, first(whole.get(e.output), e.axis, n));
        }
        var visible = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < whole.size(); i++) {
            int output = i;
            if (extents.stream().noneMatch(e -> e.count == output)) {
                visible.put(names.get(i), whole.get(i));
            }
        }
        return visible;
    }

    private static Tensor first(Tensor x, int axis, long count) {
        var shape = x.type().shape().with(axis, count);
        var part = Tensor.allocate(x.type().with(shape));
        var starts = Collections.nCopies(shape.rank(), 0L);
        var sizes = shape.dims().asList();
        MovementEvaluation.slice(new Op.Slice(starts, sizes, Collections.nCopies(shape.rank(), 1L)), x, part);
        return part;
    }

    /** A line for each state and extent. */
    public String lines(String indent) {
        var out = new StringBuilder();
        states.forEach(s -> out.append("%sstate input %d output %d\n".formatted(indent, s.input, s.output)));
        extents.forEach(
                e -> out.append("%sextent output %d axis %d count %d\n".formatted(indent, e.output, e.axis, e.count)));
        return out.toString();
    }

    /** The lines that come next, as {@link #lines} prints them. */
    public static Contract parse(Scanner s) {
        var states = new ArrayList<State>();
        while (s.acceptWord("state")) {
            s.expectWord("input");
            int input = position(s);
            s.expectWord("output");
            states.add(new State(input, position(s)));
        }
        var extents = new ArrayList<Extent>();
        while (s.acceptWord("extent")) {
            s.expectWord("output");
            int output = position(s);
            s.expectWord("axis");
            int axis = position(s);
            s.expectWord("count");
            extents.add(new Extent(output, axis, position(s)));
        }
        return new Contract(states, extents);
    }

    private static int position(Scanner s) {
        return s.integer("a position", 0, Integer.MAX_VALUE);
    }
}
