package dev.systole.frontend.onnx;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rule that a model defines every name once: its functions, and the values of its main graph, where only an input may have an
 * initializer, which is its default.
 */
final class Definitions {
    private Definitions() {}

    /** @throws FrontendException if a name is defined a second time */
    static void check(ModelProto model) {
        var functions = new HashSet<Functions.Key>();
        for (var f : model.getFunctionsList()) {
            if (!functions.add(new Functions.Key(f.getDomain(), f.getName(), f.getOverload()))) {
                throw twice("function \"" + f.getName() + "\"");
            }
        }
        var graph = model.getGraph();
        var defined = single("input", names(graph.getInputList()));
        defined.addAll(single(
                "initializer",
                graph.getInitializerList().stream().map(TensorProto::getName).toList()));
        nodes(graph, defined);
        single("output", names(graph.getOutputList()));
    }

    private static List<String> names(List<ValueInfoProto> values) {
        return values.stream().map(ValueInfoProto::getName).toList();
    }

    private static Set<String> single(String kind, List<String> names) {
        var defined = new HashSet<String>();
        for (var name : names) {
            if (!defined.add(name)) {
                throw twice(kind + " \"" + name + "\"");
            }
        }
        return defined;
    }

    private static void nodes(GraphProto graph, Set<String> defined) {
        for (var node : graph.getNodeList()) {
            for (var name : node.getOutputList()) {
                if (!name.isEmpty() && !defined.add(name)) {
                    throw twice("node " + NodeImporter.location(node) + ": \"" + name + "\"");
                }
            }
        }
    }

    private static FrontendException twice(String what) {
        return new FrontendException("SYS1205", what + " is defined a second time");
    }
}
