package dev.systole.ir.graph;

import com.google.common.collect.ImmutableMap;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A function from tensors to tensors.
 *
 * @param name of the model or region
 * @param inputs parameters, in the model's order
 * @param outputs results, in the model's order
 * @param contract what else callers must know of the inputs and outputs
 * @param nodes in an order in which every value is defined before it is used
 * @param layouts of the values whose layout is not the natural one
 */
public record Graph(
        String name,
        List<Parameter> inputs,
        List<Result> outputs,
        Contract contract,
        List<Node> nodes,
        Map<Value, Layout> layouts) {

    /** A named input. */
    public record Parameter(String name, Value value) {}

    /** A named output. Several outputs may be the same value, and an output may be an input. */
    public record Result(String name, Value value) {}

    public Graph {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
        layouts = ImmutableMap.copyOf(layouts);
    }

    public Layout layout(Value value) {
        return layouts.getOrDefault(value, Layout.natural(value.type().shape().rank()));
    }

    public List<Value> inputValues() {
        return inputs.stream().map(Parameter::value).toList();
    }

    public List<String> outputNames() {
        return outputs.stream().map(Result::name).toList();
    }

    public List<Value> outputValues() {
        return outputs.stream().map(Result::value).toList();
    }

    /** The node that defines each value; inputs have none. */
    public Map<Value, Node> definitions() {
        var map = new HashMap<Value, Node>(nodes.size() * 2);
        for (var node : nodes) {
            for (var output : node.outputs()) {
                map.put(output, node);
            }
        }
        return map;
    }

    /** The nodes that read each value, in order, one as often as it does. Values that no node reads are absent. */
    public Map<Value, List<Node>> readers() {
        var map = new HashMap<Value, List<Node>>(nodes.size() * 2);
        for (var node : nodes) {
            node.inputs()
                    .forEach(v -> map.computeIfAbsent(v, k -> new ArrayList<>()).add(node));
        }
        return map;
    }

    /** How often each value is read, by nodes and as an output of the graph. Values that nothing reads are absent. */
    public Map<Value, Integer> useCounts() {
        var map = new HashMap<Value, Integer>(nodes.size() * 2);
        for (var node : nodes) {
            node.inputs().forEach(v -> map.merge(v, 1, Integer::sum));
        }
        outputs.forEach(o -> map.merge(o.value(), 1, Integer::sum));
        return map;
    }

    /** Every constant, those of regions included. */
    public List<Tensor> constants() {
        var list = new ArrayList<Tensor>();
        for (var node : nodes) {
            if (node.op() instanceof Op.Constant(var value)) {
                list.add(value);
            }
            node.op().regions().forEach(r -> list.addAll(r.constants()));
        }
        return list;
    }

    /** One more than the largest value id, for builders that go on from this graph. */
    public int nextId() {
        int next = 0;
        for (var p : inputs) {
            next = Math.max(next, p.value().id() + 1);
        }
        for (var n : nodes) {
            for (var v : n.outputs()) {
                next = Math.max(next, v.id() + 1);
            }
        }
        return next;
    }

    /** The printed form, see {@link GraphPrinter}. */
    @Override
    public String toString() {
        return GraphPrinter.print(this);
    }
}
