package dev.systole.frontend.onnx;

import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.OperatorSetIdProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A model without functions of its own: their nodes stand where they were called, under names that begin with the call's. Mutable: one
 * model.
 */
public final class FunctionInlining {
    private static final int MOST_NODES = 131_072;
    private static final int DEEPEST = 64;

    private final OperatorSets model;
    private final Map<String, Integer> versions;
    private final TreeSet<String> taken = new TreeSet<>();
    private final Map<String, Integer> calls = new HashMap<>();
    private int nodes;

    private FunctionInlining(ModelProto model) {
        this.model = OperatorSets.of(model.getOpsetImportList());
        this.versions = new HashMap<>(this.model.versions());
        names(model.getGraph());
    }

    /**
     * Inlines all calls.
     *
     * @throws IllegalArgumentException if a function calls itself, takes or gives less than a call says, or means another version of
     *     an operator than the model, which then has no one version; or if all together are too large
     */
    public static OnnxFile inlined(OnnxFile file) {
        var model = file.model();
        if (model.getFunctionsCount() == 0) {
            return file;
        }
        var inlining = new FunctionInlining(model);
        var functions = Functions.of(model, d -> inlining.model.version(d).orElse(OperatorSets.NONE));
        var graph = inlining.graph(model.getGraph(), functions, Optional.empty());
        var inlined = model.toBuilder().clearFunctions().clearOpsetImport().setGraph(graph);
        inlining.versions.forEach((domain, version) -> inlined.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
        return new OnnxFile(file.path(), inlined.build());
    }

    private void names(GraphProto graph) {
        graph.getInputList().forEach(i -> taken.add(i.getName()));
        graph.getInitializerList().forEach(t -> taken.add(t.getName()));
        for (var node : graph.getNodeList()) {
            taken.addAll(node.getOutputList());
            node.getAttributeList().stream().filter(AttributeProto::hasG).forEach(a -> names(a.getG()));
        }
    }

    private GraphProto graph(GraphProto graph, Functions functions, Optional<Functions.Definition> within) {
        var inlined = new ArrayList<NodeProto>();
        graph.getNodeList().forEach(n -> node(n, functions, within, inlined));
        return graph.toBuilder().clearNode().addAllNode(inlined).build();
    }

    /** @param within the function that the node is in, if it is in one */
    private void node(
            NodeProto node, Functions functions, Optional<Functions.Definition> within, List<NodeProto> inlined) {
        if (++nodes > MOST_NODES) {
            throw new IllegalArgumentException("its functions are more than " + MOST_NODES + " nodes together");
        }
        var function = functions.find(node);
        if (function.isPresent()) {
            call(function.get(), node, functions, inlined);
            return;
        }
        within.ifPresent(f -> requireVersion(node, f));
        var attributes = node.getAttributeList().stream()
                .map(a -> a.hasG()
                        ? a.toBuilder().setG(graph(a.getG(), functions, within)).build()
                        : a)
                .toList();
        inlined.add(
                node.toBuilder().clearAttribute().addAllAttribute(attributes).build());
    }

    /** The model imports what a function needs beside it, but has one version of each operator. */
    private void requireVersion(NodeProto node, Functions.Definition function) {
        int own = function.opset(node.getDomain());
        int other = versions.computeIfAbsent(node.getDomain().equals("ai.onnx") ? "" : node.getDomain(), d -> own);
        boolean same = OperatorSchemas.find(node.getDomain(), node.getOpType(), own)
                .equals(OperatorSchemas.find(node.getDomain(), node.getOpType(), other));
        if (own != other && !same) {
            throw new IllegalArgumentException(
                    "function \"%s\" means %s of version %d, the model has version %d; convert the model to one version first"
                            .formatted(function.proto().getName(), node.getOpType(), own, other));
        }
    }

    private void call(Functions.Definition function, NodeProto node, Functions functions, List<NodeProto> inlined) {
        var at = NodeImporter.location(node);
        var inside = functions.entered(function, at);
        if (inside.open().size() > DEEPEST) {
            throw new IllegalArgumentException("functions call each other more than " + DEEPEST + " deep");
        }
        var parameters = function.proto().getInputList();
        if (node.getInputCount() > parameters.size()) {
            throw new IllegalArgumentException("function \"%s\" takes %d inputs, not %d, at %s"
                    .formatted(function.proto().getName(), parameters.size(), node.getInputCount(), at));
        }
        var prefix = prefix(at.node().isEmpty() ? function.proto().getName() : at.node());
        var names = new HashMap<String, String>();
        for (int i = 0; i < parameters.size(); i++) {
            if (names.put(parameters.get(i), i < node.getInputCount() ? node.getInput(i) : "") != null) {
                throw new IllegalArgumentException("function \"%s\" takes \"%s\" twice"
                        .formatted(function.proto().getName(), parameters.get(i)));
            }
        }
        var copies = new ArrayList<NodeProto>();
        for (int i = 0; i < node.getOutputCount(); i++) {
            var output = node.getOutput(i);
            if (i >= function.proto().getOutputCount()) {
                throw new IllegalArgumentException("function \"%s\" has %d outputs, not %d, at %s"
                        .formatted(
                                function.proto().getName(),
                                function.proto().getOutputCount(),
                                node.getOutputCount(),
                                at));
            }
            var known =
                    output.isEmpty() ? null : names.putIfAbsent(function.proto().getOutput(i), output);
            if (known != null) {
                copies.add(NodeProto.newBuilder()
                        .setOpType("Identity")
                        .setName(output)
                        .addInput(known)
                        .addOutput(output)
                        .build());
            }
        }
        var renaming = new Renaming(prefix, names);
        function.body(node).forEach(n -> node(renaming.node(n), inside, Optional.of(function), inlined));
        inlined.addAll(copies);
    }

    /** What no name of the model begins with. */
    private String prefix(String call) {
        var prefix = call + "/";
        while (isTaken(prefix)) {
            prefix = call + "_" + (calls.merge(call, 1, Integer::sum) + 1) + "/";
        }
        taken.add(prefix);
        return prefix;
    }

    private boolean isTaken(String prefix) {
        var first = taken.ceiling(prefix);
        return first != null && first.startsWith(prefix);
    }

    /**
     * The names of a function's values as the model has them.
     *
     * @param prefix of those that stay inside
     * @param outside of those that come from the call; empty for what it leaves out
     */
    private record Renaming(String prefix, Map<String, String> outside) {
        String name(String name) {
            return name.isEmpty() ? "" : outside.getOrDefault(name, prefix + name);
        }

        NodeProto node(NodeProto node) {
            return node.toBuilder()
                    .setName(node.getName().isEmpty() ? "" : prefix + node.getName())
                    .clearInput()
                    .addAllInput(node.getInputList().stream().map(this::name).toList())
                    .clearOutput()
                    .addAllOutput(node.getOutputList().stream().map(this::name).toList())
                    .clearAttribute()
                    .addAllAttribute(node.getAttributeList().stream()
                            .map(a -> a.hasG()
                                    ? a.toBuilder().setG(graph(a.getG())).build()
                                    : a)
                            .toList())
                    .build();
        }

        private GraphProto graph(GraphProto graph) {
            return graph.toBuilder()
                    .clearInput()
                    .addAllInput(graph.getInputList().stream().map(this::value).toList())
                    .clearOutput()
                    .addAllOutput(
                            graph.getOutputList().stream().map(this::value).toList())
                    .clearInitializer()
                    .addAllInitializer(graph.getInitializerList().stream()
                            .map(this::initializer)
                            .toList())
                    .clearNode()
                    .addAllNode(graph.getNodeList().stream().map(this::node).toList())
                    .build();
        }

        private ValueInfoProto value(ValueInfoProto value) {
            return value.toBuilder().setName(name(value.getName())).build();
        }

        private TensorProto initializer(TensorProto tensor) {
            return tensor.toBuilder().setName(name(tensor.getName())).build();
        }
    }
}
