package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Sums of products by the Einstein convention. Operands are combined from left to right; a label goes as soon as nothing that follows has
 * it.
 *
 * <p>A label is a letter's code; the dimensions of an ellipsis are labelled -1, -2, … from the last one on.
 */
final class Einsum {
    /** Of a product of integers, which is no matrix product. */
    private static final long MOST_ELEMENTS = 1 << 26;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("Einsum", n -> List.of(einsum(n)));

    private Einsum() {}

    /** A value with a label for each dimension, all different. */
    private record Term(Value value, List<Integer> labels) {
        long extent(int label) {
            return value.type().shape().dim(labels.indexOf(label));
        }
    }

    private static Value einsum(OnnxNode n) {
        var equation = n.attributes().text("equation").replace(" ", "");
        int arrow = equation.indexOf("->");
        var left = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        if (left.length != n.inputs()) {
            throw n.fault("equation \"%s\" has %d terms for %d inputs".formatted(equation, left.length, n.inputs()));
        }
        var labels = new ArrayList<List<Integer>>();
        for (int i = 0; i < left.length; i++) {
            int rank = n.input(i).type().shape().rank();
            int ellipsis = rank - left[i].replace("...", "").length();
            if (ellipsis < 0 || ellipsis > 0 && !left[i].contains("...")) {
                throw n.fault("term \"%s\" of the equation does not fit %s"
                        .formatted(left[i], n.input(i).type()));
            }
            labels.add(labels(n, left[i], ellipsis));
        }
        int ellipsis =
                -labels.stream().flatMap(List::stream).mapToInt(l -> l).min().orElse(0);
        var output = arrow < 0
                ? implicit(labels, Math.max(0, ellipsis))
                : labels(n, equation.substring(arrow + 2), Math.max(0, ellipsis));
        return combined(n, terms(n, labels), output);
    }

    private static List<Integer> labels(OnnxNode n, String term, int ellipsis) {
        var labels = new ArrayList<Integer>();
        int dots = term.indexOf("...");
        for (int i = 0; i < term.length(); i++) {
            if (i == dots) {
                for (int e = ellipsis; e > 0; e--) {
                    labels.add(-e);
                }
                i += 2;
            } else if (Character.isLetter(term.charAt(i)) && term.charAt(i) < 128) {
                labels.add((int) term.charAt(i));
            } else {
                throw n.fault("term \"" + term + "\" of the equation holds more than letters and one ellipsis");
            }
        }
        return labels;
    }

    /** Without an arrow: the ellipsis, then the letters that occur once. */
    private static List<Integer> implicit(List<List<Integer>> terms, int ellipsis) {
        var all = terms.stream().flatMap(List::stream).toList();
        var output = new ArrayList<Integer>();
        for (int e = ellipsis; e > 0; e--) {
            output.add(-e);
        }
        new TreeSet<>(all)
                .stream()
                        .filter(l -> l > 0 && Collections.frequency(all, l) == 1)
                        .forEach(output::add);
        return output;
    }

    /** The operands with each label once, stretched to the extents that the labels have anywhere. */
    private static List<Term> terms(OnnxNode n, List<List<Integer>> labels) {
        var terms = new ArrayList<Term>();
        var extents = new HashMap<Integer, Long>();
        for (int i = 0; i < labels.size(); i++) {
            var term = diagonal(n, n.input(i), labels.get(i));
            terms.add(term);
            for (int label : term.labels) {
                long extent = term.extent(label);
                long before = extents.getOrDefault(label, 1L);
                if (before != 1 && extent != 1 && before != extent) {
                    throw n.fault(
                            "dimensions of extent %d and %d have one label in the equation".formatted(before, extent));
                }
                extents.put(label, before == 1 ? extent : before);
            }
        }
        return terms.stream()
                .map(t -> new Term(
                        n.broadcast(
                                t.value,
                                Shape.of(t.labels.stream().map(extents::get).toList())),
                        t.labels))
                .toList();
    }

    /** Dimensions with the same label become their diagonal: of their row-major elements every extent-plus-first one. */
    private static Term diagonal(OnnxNode n, Value x, List<Integer> labels) {
        for (int i = 0; i < labels.size(); i++) {
            int j = labels.lastIndexOf(labels.get(i));
            if (j == i) {
                continue;
            }
            var shape = x.type().shape();
            long extent = shape.dim(i);
            if (extent != shape.dim(j)) {
                throw n.fault(
                        "dimensions of extent %d and %d have one label in a term".formatted(extent, shape.dim(j)));
            }
            var order = new ArrayList<Integer>();
            for (int d = 0; d < shape.rank(); d++) {
                if (d != i && d != j) {
                    order.add(d);
                }
            }
            var rest = order.stream().map(labels::get).toList();
            var dims = new ArrayList<>(order.stream().map(shape::dim).toList());
            order.addAll(List.of(i, j));
            dims.add(Math.multiplyExact(extent, extent));
            var flat = n.reshape(n.transpose(x, order), Shape.of(dims));
            var shorter = new ArrayList<>(rest);
            shorter.add(labels.get(i));
            return diagonal(n, n.slice(flat, dims.size() - 1, 0, extent, extent + 1), shorter);
        }
        return new Term(x, labels);
    }

    private static Value combined(OnnxNode n, List<Term> terms, List<Integer> output) {
        if (new HashSet<>(output).size() != output.size()
                || !terms.stream().flatMap(t -> t.labels.stream()).toList().containsAll(output)) {
            throw n.fault("equation \"" + n.attributes().text("equation")
                    + "\" gives a label twice, or one that no term has");
        }
        var sum = summed(n, terms.getFirst(), neededAfter(terms, 0, output));
        for (int i = 1; i < terms.size(); i++) {
            sum = product(n, sum, terms.get(i), neededAfter(terms, i, output));
        }
        return ordered(n, sum, output);
    }

    private static Set<Integer> neededAfter(List<Term> terms, int i, List<Integer> output) {
        var needed = new HashSet<>(output);
        terms.stream().skip(i + 1L).forEach(t -> needed.addAll(t.labels));
        return needed;
    }

    /** The sum over the labels that are not needed. */
    private static Term summed(OnnxNode n, Term t, Set<Integer> needed) {
        var axes = new ArrayList<Integer>();
        for (int d = 0; d < t.labels.size(); d++) {
            if (!needed.contains(t.labels.get(d))) {
                axes.add(d);
            }
        }
        if (axes.isEmpty()) {
            return t;
        }
        var kept = t.labels.stream().filter(needed::contains).toList();
        var sum = n.add(new Op.Reduce(ReduceOp.SUM, axes), t.value);
        return new Term(n.reshape(sum, shape(t, kept)), kept);
    }

    private static Shape shape(Term t, List<Integer> labels) {
        return Shape.of(labels.stream().map(t::extent).toList());
    }

    private static Value ordered(OnnxNode n, Term t, List<Integer> labels) {
        return n.transpose(t.value, labels.stream().map(t.labels::indexOf).toList());
    }

    /** The product, summed over the labels that are not needed: a matrix product of [common, own, summed] by [common, summed, own]. */
    private static Term product(OnnxNode n, Term first, Term second, Set<Integer> needed) {
        var a = summed(n, first, union(needed, second.labels));
        var b = summed(n, second, union(needed, first.labels));
        var shared = a.labels.stream().filter(b.labels::contains).toList();
        var common = shared.stream().filter(needed::contains).toList();
        var summed = shared.stream().filter(l -> !needed.contains(l)).toList();
        var rows = a.labels.stream().filter(l -> !shared.contains(l)).toList();
        var columns = b.labels.stream().filter(l -> !shared.contains(l)).toList();
        var left = blocks(n, a, common, rows, summed);
        var right = blocks(n, b, common, summed, columns);
        var labels = joined(common, rows, columns);
        var dims = labels.stream()
                .map(l -> a.labels.contains(l) ? a.extent(l) : b.extent(l))
                .toList();
        return new Term(n.reshape(multiplied(n, left, right, summed.isEmpty()), Shape.of(dims)), labels);
    }

    private static Set<Integer> union(Set<Integer> a, List<Integer> b) {
        var all = new HashSet<>(a);
        all.addAll(b);
        return all;
    }

    @SafeVarargs
    private static List<Integer> joined(List<Integer>... lists) {
        return Arrays.stream(lists).flatMap(List::stream).toList();
    }

    /** A matrix for each element of the common labels: [common, rows, columns]. */
    private static Value blocks(OnnxNode n, Term t, List<Integer> common, List<Integer> rows, List<Integer> columns) {
        var dims = Shape.of(
                shape(t, common).elements(),
                shape(t, rows).elements(),
                shape(t, columns).elements());
        return n.reshape(ordered(n, t, joined(common, rows, columns)), dims);
    }

    /** Matrices of integers, and those that are summed over nothing, are multiplied element by element. */
    private static Value multiplied(OnnxNode n, Value left, Value right, boolean outer) {
        var a = left.type();
        var b = right.type().shape();
        if (outer) {
            return n.binary(BinaryOp.MUL, left, right);
        }
        if (a.dtype().isFloat()) {
            return n.add(new Op.MatMul(a.dtype()), left, right);
        }
        var wide = Shape.of(a.shape().dim(0), a.shape().dim(1), a.shape().dim(2), b.dim(2));
        if (wide.elements() > MOST_ELEMENTS) {
            throw n.fault("multiplies integers [%s] by [%s], which are more than %d products; use floats"
                    .formatted(a.shape(), b, MOST_ELEMENTS));
        }
        var products = n.binary(
                BinaryOp.MUL,
                n.reshape(left, Shape.of(wide.dim(0), wide.dim(1), wide.dim(2), 1)),
                n.reshape(right, Shape.of(b.dim(0), 1, b.dim(1), b.dim(2))));
        return n.reshape(
                n.add(new Op.Reduce(ReduceOp.SUM, List.of(2)), products), Shape.of(b.dim(0), wide.dim(1), b.dim(2)));
    }
}
