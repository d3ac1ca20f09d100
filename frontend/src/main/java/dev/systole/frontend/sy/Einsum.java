package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Sums of products over named dimensions, as transposed and reshaped matrix products, from the first operand to the last. What only one
 * operand has and the result has not is summed before; a product over nothing, or of integers, is elementwise.
 */
final class Einsum {
    private static final int VERSION = 13;

    private final Emission emission;
    private final Site site;
    private final Map<String, Long> extents = new HashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private int values;

    /**
     * A node to come.
     *
     * @param inputs numbers of values: first the operands, then the results of the steps
     * @param lists further inputs of whole numbers
     */
    private record Step(
            String operator, List<Integer> inputs, List<List<Long>> lists, List<AttributeProto> attributes) {}

    /** A value by its number, with the names of its dimensions. */
    private record Labelled(int value, List<String> labels) {}

    /** @param site of the equation */
    Einsum(Emission emission, Site site) {
        this.emission = emission;
        this.site = site;
    }

    /**
     * Appends the nodes.
     *
     * @throws SyError if the equation is none, or does not fit the operands
     */
    Term.Flow apply(String equation, List<Term.Flow> operands, Wanted wanted) {
        if (emission.opset("") < VERSION) {
            throw fault("einsum needs version " + VERSION + " of the operators");
        }
        var sides = equation.split("->", -1);
        if (sides.length != 2) {
            throw fault("an equation is of the form \"a b, b c -> a c\"");
        }
        var result = labels(sides[1]);
        var terms = inputs(sides[0].split(",", -1), operands);
        check(result);
        boolean matrices = operands.stream().allMatch(o -> o.type().dtype().isFloat());
        plan(terms, result, matrices);
        return emit(operands, wanted);
    }

    private SyError fault(String message) {
        return new SyError("SYS1510", site, message);
    }

    private List<String> labels(String text) {
        var labels = Arrays.stream(text.strip().split("\\s+"))
                .filter(l -> !l.isEmpty())
                .toList();
        labels.stream()
                .filter(l -> !l.matches("[A-Za-z_][A-Za-z0-9_]*"))
                .findFirst()
                .ifPresent(l -> {
                    throw fault("\"" + l + "\" is no name of a dimension");
                });
        return labels;
    }

    private List<Labelled> inputs(String[] texts, List<Term.Flow> operands) {
        if (texts.length != operands.size()) {
            throw fault("the equation has %d operands, the call %d".formatted(texts.length, operands.size()));
        }
        var terms = new ArrayList<Labelled>();
        for (int i = 0; i < texts.length; i++) {
            var labels = labels(texts[i]);
            var type = operands.get(i).type();
            if (labels.size() != type.shape().rank()) {
                throw fault("operand %d is %s, \"%s\" names %d dimensions; blanks separate names"
                        .formatted(i + 1, type, texts[i].strip(), labels.size()));
            }
            for (int d = 0; d < labels.size(); d++) {
                long extent = type.shape().dim(d);
                var known = extents.putIfAbsent(labels.get(d), extent);
                if (known != null && known != extent) {
                    throw fault("\"%s\" is %d and %d".formatted(labels.get(d), known, extent));
                }
            }
            terms.add(new Labelled(values++, labels));
        }
        return terms;
    }

    private void check(List<String> result) {
        var seen = new HashSet<String>();
        for (var label : result) {
            if (!extents.containsKey(label)) {
                throw fault("no operand has \"" + label + "\"");
            }
            if (!seen.add(label)) {
                throw fault("the result has \"" + label + "\" twice");
            }
        }
    }

    private void plan(List<Labelled> terms, List<String> result, boolean matrices) {
        var product = Optional.<Labelled>empty();
        for (int i = 0; i < terms.size(); i++) {
            var needed = new HashSet<>(result);
            terms.subList(i + 1, terms.size()).forEach(t -> needed.addAll(t.labels));
            var met = new HashSet<>(needed);
            product.ifPresent(p -> met.addAll(p.labels));
            var term = sum(diagonal(terms.get(i)), met);
            product = Optional.of(product.isEmpty() ? term : multiply(product.get(), term, needed, result, matrices));
        }
        transpose(product.orElseThrow(), result);
    }

    /** One dimension for each name: two of a name, side by side, are one in which the diagonal has a constant step. */
    private Labelled diagonal(Labelled term) {
        var rest = new ArrayList<>(term.labels);
        for (var label : term.labels) {
            rest.remove(label);
            if (!rest.remove(label)) {
                rest = new ArrayList<>(term.labels);
                continue;
            }
            long extent = extents.get(label);
            var flat = dims(rest);
            flat.add(extent * extent);
            var row = reshape(pair(term, label, rest), flat);
            var bounds =
                    List.of(List.of(0L), List.of(extent * extent), List.of((long) rest.size()), List.of(extent + 1));
            int one = step("Slice", List.of(row), bounds);
            rest.add(label);
            return diagonal(new Labelled(one, rest));
        }
        return term;
    }

    /** The first and the last dimension of a name behind all others. */
    private int pair(Labelled term, String label, List<String> rest) {
        var permutation = new ArrayList<Long>();
        long first = term.labels.indexOf(label);
        long second = first
                + 1
                + term.labels.subList((int) first + 1, term.labels.size()).indexOf(label);
        for (long d = 0; d < term.labels.size(); d++) {
            if (d != first && d != second) {
                permutation.add(d);
            }
        }
        permutation.add(first);
        permutation.add(second);
        return rest.isEmpty()
                ? term.value
                : step("Transpose", List.of(term.value), List.of(), Attributes.integers("perm", permutation));
    }

    /** Sums over what is not kept. */
    private Labelled sum(Labelled term, Set<String> kept) {
        var axes = new ArrayList<Long>();
        for (int d = 0; d < term.labels.size(); d++) {
            if (!kept.contains(term.labels.get(d))) {
                axes.add((long) d);
            }
        }
        if (axes.isEmpty()) {
            return term;
        }
        int sum = step("ReduceSum", List.of(term.value), List.of(axes), Attributes.integer("keepdims", 0));
        return new Labelled(sum, term.labels.stream().filter(kept::contains).toList());
    }

    /** The product of two, summed over what is not needed any more. */
    private Labelled multiply(Labelled a, Labelled b, Set<String> needed, List<String> result, boolean matrices) {
        var both = a.labels.stream().filter(b.labels::contains).toList();
        var shared = ordered(both.stream().filter(needed::contains), result);
        var summed = both.stream().filter(l -> !needed.contains(l)).toList();
        var left = ordered(a.labels.stream().filter(l -> !both.contains(l)), result);
        var right = ordered(b.labels.stream().filter(l -> !both.contains(l)), result);
        var labels = joined(List.of(shared, left, right));
        if (summed.isEmpty() || !matrices) {
            var all = joined(List.of(shared, left, right, summed));
            int wide = stretched(transpose(a, joined(List.of(shared, left, summed))), all);
            int product = step(
                    "Mul",
                    List.of(wide, stretched(transpose(b, joined(List.of(shared, right, summed))), all)),
                    List.of());
            return sum(new Labelled(product, all), Set.copyOf(labels));
        }
        int rows = matrix(transpose(a, joined(List.of(shared, left, summed))), shared, left, summed);
        int columns = matrix(transpose(b, joined(List.of(shared, summed, right))), shared, summed, right);
        int product = step("MatMul", List.of(rows, columns), List.of());
        return new Labelled(left.size() == 1 && right.size() == 1 ? product : reshape(product, dims(labels)), labels);
    }

    /** Names in the order of the result; those that it has not come last. */
    private static List<String> ordered(Stream<String> labels, List<String> result) {
        return labels.sorted(Comparator.comparingInt(l -> result.contains(l) ? result.indexOf(l) : result.size()))
                .toList();
    }

    private static List<String> joined(List<List<String>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }

    private Labelled transpose(Labelled term, List<String> order) {
        if (term.labels.equals(order)) {
            return term;
        }
        var permutation = order.stream().map(l -> (long) term.labels.indexOf(l)).toList();
        int turned = step("Transpose", List.of(term.value), List.of(), Attributes.integers("perm", permutation));
        return new Labelled(turned, order);
    }

    /** With dimensions of extent 1 for the names that it has not, as far as they do not stand in front. */
    private int stretched(Labelled term, List<String> all) {
        var dims = new ArrayList<Long>();
        for (var label : all) {
            if (term.labels.contains(label)) {
                dims.add(extents.get(label));
            } else if (!dims.isEmpty()) {
                dims.add(1L);
            }
        }
        return dims.size() == term.labels.size() ? term.value : reshape(term.value, dims);
    }

    private int matrix(Labelled term, List<String> shared, List<String> rows, List<String> columns) {
        if (rows.size() == 1 && columns.size() == 1) {
            return term.value;
        }
        var dims = dims(shared);
        dims.add(elements(rows));
        dims.add(elements(columns));
        return reshape(term.value, dims);
    }

    private List<Long> dims(List<String> labels) {
        return new ArrayList<>(labels.stream().map(extents::get).toList());
    }

    private long elements(List<String> labels) {
        return labels.stream().mapToLong(extents::get).reduce(1, (x, y) -> x * y);
    }

    /** A dimension of 0 elements is meant as such. */
    private int reshape(int value, List<Long> dims) {
        return dims.contains(0L)
                ? step("Reshape", List.of(value), List.of(dims), Attributes.integer("allowzero", 1))
                : step("Reshape", List.of(value), List.of(dims));
    }

    private int step(String operator, List<Integer> inputs, List<List<Long>> lists, AttributeProto... attributes) {
        steps.add(new Step(operator, inputs, lists, List.of(attributes)));
        return values++;
    }

    /** The last node gives what is wanted. */
    private Term.Flow emit(List<Term.Flow> operands, Wanted wanted) {
        var flows = new ArrayList<>(operands);
        for (int i = 0; i < steps.size(); i++) {
            var step = steps.get(i);
            var inputs = new ArrayList<Term.Flow>();
            step.inputs.forEach(v -> inputs.add(flows.get(v)));
            step.lists.forEach(l -> inputs.add(emission.literal(
                    site,
                    Tensor.ofLongs(
                            Shape.of(l.size()),
                            l.stream().mapToLong(Long::longValue).toArray()))));
            var each = i == steps.size() - 1 ? wanted : Wanted.ONE;
            flows.add(
                    emission.apply(site, step.operator, inputs, each, step.attributes.toArray(AttributeProto[]::new)));
        }
        return flows.getLast();
    }
}
