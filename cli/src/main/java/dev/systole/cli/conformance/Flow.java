package dev.systole.cli.conformance;

import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.FunctionProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a model computes as one list of steps: the graphs of its nodes and the functions that it calls stand in place, with names of their own.
 * Mutable while it is made.
 */
final class Flow {
    /** Gives its one result the value of its operand. */
    static final String LINK = "link";

    /** Collects the values that the iterations of a loop give. */
    static final String STACK = "stack";

    /** Chooses between the results of two branches, after the condition. */
    static final String CHOICE = "choice";

    /** Values leave the model. */
    static final String LEAVE = "leave";

    /** Operators that read of further operands no more than their shape or type. */
    private static final Map<String, Integer> OPERANDS_WITH_VALUES = Map.of("Shape", 0, "Size", 0, "CastLike", 1);

    private static final int DEEPEST = 64;

    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Long> constants = new HashMap<>();
    private final Map<String, FunctionProto> functions = new HashMap<>();
    private final Set<String> counters = new HashSet<>();
    private int scopes;

    /** Names of values; absent operands are empty. */
    record Step(String operator, List<String> inputs, List<String> outputs) {}

    private Flow() {}

    static Flow of(ModelProto model) {
        var flow = new Flow();
        model.getFunctionsList().forEach(f -> flow.functions.put(f.getDomain() + ":" + f.getName(), f));
        var graph = model.getGraph();
        var names = new HashMap<String, String>();
        graph.getInputList().forEach(i -> names.put(i.getName(), i.getName()));
        var outputs = flow.inside(graph, names, "", 0);
        flow.steps.add(new Step(LEAVE, outputs, List.of()));
        return flow;
    }

    List<Step> steps() {
        return steps;
    }

    /** Number of elements by the name of a constant; of one that is no list, more than any list has. */
    Map<String, Long> constants() {
        return constants;
    }

    /** Numbers of iterations. */
    Set<String> counters() {
        return counters;
    }

    /** What choices between two branches are made by. */
    Set<String> conditions() {
        return steps.stream()
                .filter(s -> s.operator().equals(CHOICE))
                .map(s -> s.inputs().getFirst())
                .collect(Collectors.toSet());
    }

    /** Adds the steps of a graph whose inputs have names; gives the names of its outputs. */
    private List<String> inside(GraphProto graph, Map<String, String> names, String prefix, int depth) {
        graph.getInitializerList().forEach(t -> constants.put(define(names, prefix, t.getName()), elements(t)));
        graph.getNodeList().forEach(n -> add(n, names, prefix, depth));
        return graph.getOutputList().stream()
                .map(o -> names.getOrDefault(o.getName(), ""))
                .toList();
    }

    private static String define(Map<String, String> names, String prefix, String name) {
        var id = name.isEmpty() ? "" : prefix + name;
        names.put(name, id);
        return id;
    }

    private void add(NodeProto node, Map<String, String> names, String prefix, int depth) {
        var inputs =
                node.getInputList().stream().map(i -> names.getOrDefault(i, "")).toList();
        var function = functions.get(node.getDomain() + ":" + node.getOpType());
        if (depth > DEEPEST) {
            return;
        }
        if (function != null) {
            call(function, node, inputs, names, prefix, depth);
            return;
        }
        var bodies = node.getAttributeList().stream()
                .filter(AttributeProto::hasG)
                .map(AttributeProto::getG)
                .toList();
        if (node.getOpType().equals("Loop") && !bodies.isEmpty()) {
            loop(bodies.getFirst(), node, inputs, names, prefix, depth);
        } else if (node.getOpType().equals("If") && bodies.size() == 2) {
            branches(bodies, node, inputs, names, prefix, depth);
        } else {
            bodies.forEach(b -> other(b, inputs, names, depth));
            var outputs = node.getOutputList().stream()
                    .map(o -> define(names, prefix, o))
                    .toList();
            if (node.getOpType().equals("Constant")) {
                constants.put(outputs.getFirst(), elements(node));
            }
            int values = OPERANDS_WITH_VALUES.getOrDefault(node.getOpType(), inputs.size());
            steps.add(new Step(node.getOpType(), inputs.subList(0, Math.min(values, inputs.size())), outputs));
        }
    }

    private void link(String operator, List<String> from, String to) {
        steps.add(new Step(operator, from, List.of(to)));
    }

    private String scope() {
        return scopes++ + "/";
    }

    private void call(
            FunctionProto function,
            NodeProto node,
            List<String> inputs,
            Map<String, String> names,
            String prefix,
            int depth) {
        var scope = scope();
        var own = new HashMap<String, String>();
        IntStream.range(0, Math.min(inputs.size(), function.getInputCount()))
                .forEach(i -> own.put(function.getInput(i), inputs.get(i)));
        function.getNodeList().forEach(n -> add(n, own, scope, depth + 1));
        for (int i = 0; i < node.getOutputCount(); i++) {
            link(LINK, List.of(own.getOrDefault(function.getOutput(i), "")), define(names, prefix, node.getOutput(i)));
        }
    }

    /** What is carried comes from before the loop and from the iteration before. */
    private void loop(
            GraphProto body, NodeProto node, List<String> inputs, Map<String, String> names, String prefix, int depth) {
        steps.add(new Step("Loop", inputs.subList(0, Math.min(2, inputs.size())), List.of()));
        var scope = scope();
        var own = new HashMap<>(names);
        var formal = body.getInputList().stream()
                .map(i -> define(own, scope, i.getName()))
                .toList();
        counters.addAll(formal.subList(0, Math.min(1, formal.size())));
        IntStream.range(1, Math.min(inputs.size(), formal.size()))
                .forEach(i -> link(LINK, List.of(inputs.get(i)), formal.get(i)));
        var results = inside(body, own, scope, depth + 1);
        int carried = Math.max(0, inputs.size() - 2);
        IntStream.range(0, Math.min(results.size(), formal.size() - 1))
                .forEach(i -> link(LINK, List.of(results.get(i)), formal.get(i + 1)));
        for (int i = 0; i < node.getOutputCount() && i + 1 < results.size(); i++) {
            var output = define(names, prefix, node.getOutput(i));
            link(i < carried ? LINK : STACK, List.of(results.get(i + 1)), output);
        }
    }

    private void branches(
            List<GraphProto> bodies,
            NodeProto node,
            List<String> inputs,
            Map<String, String> names,
            String prefix,
            int depth) {
        var results = bodies.stream()
                .map(b -> inside(b, new HashMap<>(names), scope(), depth + 1))
                .toList();
        for (int i = 0; i < node.getOutputCount(); i++) {
            var from = new ArrayList<>(inputs);
            for (var result : results) {
                from.add(i < result.size() ? result.get(i) : "");
            }
            link(CHOICE, from, define(names, prefix, node.getOutput(i)));
        }
    }

    /** Of other nodes with graphs it is not said how values go through them: nothing inside is known. */
    private void other(GraphProto body, List<String> inputs, Map<String, String> names, int depth) {
        var scope = scope();
        var own = new HashMap<>(names);
        body.getInputList().forEach(i -> define(own, scope, i.getName()));
        steps.add(new Step(LEAVE, inside(body, own, scope, depth + 1), List.of()));
        steps.add(new Step(LEAVE, inputs, List.of()));
    }

    private static long elements(TensorProto tensor) {
        return tensor.getDimsCount() > 1
                ? Long.MAX_VALUE
                : tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
    }

    private static long elements(NodeProto constant) {
        return constant.getAttributeList().stream()
                .mapToLong(a ->
                        a.hasT() ? elements(a.getT()) : Math.max(1, Math.max(a.getIntsCount(), a.getFloatsCount())))
                .max()
                .orElse(Long.MAX_VALUE);
    }
}
