package dev.systole.ir.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Checks what every graph must keep: each value is defined once and before its uses, types are those that
 * {@link TypeInference} gives, layouts are permutations, states join equal types, regions see only their inputs.
 */
public final class GraphVerifier {
    private GraphVerifier() {}

    /** What is wrong, a sentence each; empty for a sound graph. */
    public static List<String> verify(Graph graph) {
        var faults = new ArrayList<String>();
        verify(graph, faults);
        return faults;
    }

    private static void verify(Graph graph, List<String> faults) {
        var defined = new HashSet<Value>();
        var ids = new HashSet<Integer>();
        graph.inputs().forEach(p -> define(p.value(), () -> "input \"" + p.name() + "\"", defined, ids, faults));
        for (var node : graph.nodes()) {
            for (var v : node.inputs()) {
                if (!defined.contains(v)) {
                    faults.add(where(node) + " reads " + v + " before it is defined");
                }
            }
            try {
                var types = TypeInference.infer(
                        node.op(), node.inputs().stream().map(Value::type).toList());
                var actual = node.outputs().stream().map(Value::type).toList();
                if (!types.equals(actual)) {
                    faults.add(where(node) + " has type " + actual + ", should be " + types);
                }
            } catch (GraphException e) {
                faults.add(where(node) + ": " + e.getMessage());
            }
            node.outputs().forEach(v -> define(v, () -> where(node), defined, ids, faults));
            node.op().regions().forEach(r -> verify(r, faults));
        }
        for (var o : graph.outputs()) {
            if (!defined.contains(o.value())) {
                faults.add("output \"" + o.name() + "\" is " + o.value() + ", which nothing defines");
            }
        }
        faults.addAll(graph.contract()
                .faults(
                        graph.inputs().stream().map(p -> p.value().type()).toList(),
                        graph.outputs().stream().map(o -> o.value().type()).toList()));
        graph.layouts().forEach((v, layout) -> {
            int rank = v.type().shape().rank();
            Set<Integer> order = new HashSet<>(layout.order());
            if (order.size() != rank
                    || layout.order().size() != rank
                    || !order.stream().allMatch(d -> d >= 0 && d < rank)) {
                faults.add("layout " + layout + " of " + v + " is no permutation of " + rank + " dimensions");
            }
        });
    }

    private static String where(Node node) {
        return node.op().mnemonic() + " " + node.outputs() + " " + node.location();
    }

    private static void define(
            Value v, Supplier<String> where, Set<Value> defined, Set<Integer> ids, List<String> faults) {
        if (!ids.add(v.id())) {
            faults.add(where.get() + " defines " + v + " a second time");
        }
        defined.add(v);
    }
}
