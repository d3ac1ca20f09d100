package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who reads the values of a graph, directly or through views.
 *
 * @param byValue of what is no view itself, in graph order
 * @param results values that are, or of which views are, results of the graph
 */
record ValueReaders(Map<Value, List<Reader>> byValue, Set<Value> results) {

    /** A node that reads a value, directly or through the view operators of {@code chain}, as its operand {@code operand}. */
    record Reader(int number, Node node, int operand, List<Op> chain) {
        /** What it sees of a value of this shape and layout, if no copy is needed. */
        Optional<StridedView> sees(Shape shape, Layout layout) {
            return seen(shape, layout, chain);
        }
    }

    static ValueReaders of(Graph graph) {
        var readers = new LinkedHashMap<Value, List<Reader>>();
        var base = new HashMap<Value, Value>();
        var chains = new HashMap<Value, List<Op>>();
        for (int i = 0; i < graph.nodes().size(); i++) {
            var node = graph.nodes().get(i);
            for (int k = 0; k < node.inputs().size(); k++) {
                var v = node.input(k);
                var from = base.getOrDefault(v, v);
                var chain = chains.getOrDefault(v, List.of());
                if (node.op().isView()) {
                    var longer = new ArrayList<>(chain);
                    longer.add(node.op());
                    base.put(node.output(), from);
                    chains.put(node.output(), longer);
                } else {
                    readers.computeIfAbsent(from, x -> new ArrayList<>()).add(new Reader(i, node, k, chain));
                }
            }
        }
        var results = new HashSet<Value>();
        graph.outputValues().forEach(v -> results.add(base.getOrDefault(v, v)));
        return new ValueReaders(readers, results);
    }

    List<Reader> of(Value v) {
        return byValue.getOrDefault(v, List.of());
    }

    boolean isResult(Value v) {
        return results.contains(v);
    }

    /** What is seen of a value of this shape and layout through views, if no copy is needed. */
    static Optional<StridedView> seen(Shape shape, Layout layout, List<Op> views) {
        var view = Optional.of(StridedView.of(shape, layout));
        for (var step : views) {
            view = view.flatMap(x -> x.through(step));
        }
        return view;
    }
}
