package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.FileFaults.oneLine;
import static dev.systole.frontend.onnx.FileFaults.quoted;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.operator.OperatorSupport;
import dev.systole.frontend.onnx.operator.Operators;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** Builds the graph of a model. Mutable: one import. */
public final class OnnxImporter {
    private static final String GRADIENT = "ai.onnx.preview.training.Gradient";

    /** The IR version from which on models say which operator sets they use. */
    private static final long FIRST_WITH_OPERATOR_SETS = 3;

    private final OnnxFile file;
    private final GraphProto graph;
    private final Bindings bindings;
    private final FileFaults faults;
    private final GraphBuilder builder;
    private final Path directory;
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final OperatorSets operatorSets;
    private final Functions functions;
    private final NodeImporter nodes;
    private final List<Graph.Result> results = new ArrayList<>();

    private OnnxImporter(OnnxFile file, Bindings bindings) {
        this.file = file;
        this.graph = file.model().getGraph();
        this.bindings = bindings;
        this.faults = new FileFaults(file.path());
        this.builder = new GraphBuilder(graph.getName().isEmpty() ? "main" : graph.getName());
        this.directory =
                Optional.ofNullable(file.path().toAbsolutePath().getParent()).orElse(Path.of("."));
        graph.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
        operatorSets = OperatorSets.of(file.model().getOpsetImportList());
        functions = Functions.of(file.model(), this::opset);
        nodes = new NodeImporter(builder, this::opset, directory, functions);
        nodes.variables(graph.getNodeList().stream()
                .flatMap(n -> differentiated(n).stream())
                .collect(Collectors.toSet()));
        graph.getInitializerList().forEach(nodes::initializer);
    }

    /**
     * Imports a model.
     *
     * @throws FrontendException if a node is not supported (all such nodes in one message), a dimension is not bound, or the model
     *     contradicts itself
     */
    public static Graph read(OnnxFile file, Bindings bindings) {
        return new OnnxImporter(file, bindings).run();
    }

    /** The names of the inputs that the model takes: those that are not initializers. */
    public static List<String> inputs(OnnxFile file) {
        var weights = new LinkedHashSet<String>();
        file.model().getGraph().getInitializerList().forEach(t -> weights.add(t.getName()));
        return file.model().getGraph().getInputList().stream()
                .map(ValueInfoProto::getName)
                .filter(name -> !weights.contains(name))
                .toList();
    }

    /** The name of a tensor of a sequence that is an input or an output; {@link Bindings} give its shape. */
    public static String element(String sequence, int index) {
        return sequence + "[" + index + "]";
    }

    /** The numeric initializers of the main graph. */
    public static List<Tensor> initializers(OnnxFile file) {
        var directory =
                Optional.ofNullable(file.path().toAbsolutePath().getParent()).orElse(Path.of("."));
        return file.model().getGraph().getInitializerList().stream()
                .filter(t -> OnnxTensors.dtype(t.getDataType()).isPresent())
                .map(t -> OnnxTensors.of(t, file.path() + ": initializer \"" + t.getName() + "\"", directory))
                .toList();
    }

    /** The names of the outputs. */
    public static List<String> outputs(OnnxFile file) {
        return file.model().getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
    }

    private FrontendException fault(String code, String what) {
        return faults.of(code, what);
    }

    private Graph run() {
        located(() -> Definitions.check(file.model()));
        var inputs = new OnnxInputs(graph, bindings, faults, builder, nodes);
        inputs.requireKnown(inputs(file));
        var needed = needed();
        requireSupported(needed);
        inputs.define();
        for (var node : graph.getNodeList()) {
            if (needed.contains(node)) {
                located(() -> nodes.build(node));
            }
        }
        if (graph.getOutputCount() == 0) {
            throw fault("SYS1205", "the model has no outputs");
        }
        for (var output : graph.getOutputList()) {
            var result = result(output.getName());
            requireDeclared(output, result);
            leave(output.getName(), result);
        }
        if (results.isEmpty()) {
            throw fault("SYS1205", "the outputs are sequences and optionals that hold nothing");
        }
        contract();
        return builder.build();
    }

    /** Tensors leave the program under their names: those of a sequence one by one, the content of an optional if it has one. */
    private void leave(String name, OnnxValue value) {
        switch (value) {
            case OnnxValue.OfTensor(var tensor) -> {
                results.add(new Graph.Result(name, tensor));
                builder.output(name, tensor);
            }
            case OnnxValue.OfSequence(var dtype, var tensors) -> {
                for (int i = 0; i < tensors.size(); i++) {
                    leave(element(name, i), new OnnxValue.OfTensor(tensors.get(i)));
                }
            }
            case OnnxValue.OfOptional(var content) -> content.ifPresent(c -> leave(name, c));
        }
    }

    /** What callers must know. Outputs whose extent depends on data have one behind the model's own that says what it is. */
    private void contract() {
        int next = results.size();
        var extents = new ArrayList<Contract.Extent>();
        for (int i = 0; i < results.size(); i++) {
            for (var bound : nodes.bounds(results.get(i).value())) {
                builder.output(results.get(i).name() + " extent " + bound.axis(), bound.count());
                extents.add(new Contract.Extent(i, bound.axis(), next++));
            }
        }
        builder.contract(new Contract(
                States.of(
                        file,
                        bindings.values().keySet(),
                        name -> nodes.value(name).orElseThrow()),
                extents));
    }

    private OnnxValue result(String name) {
        return located(() -> nodes.any(name))
                .orElseThrow(() -> fault("SYS1205", "output " + quoted(name) + " is never computed"));
    }

    /** Nodes that an output depends on; by identity, because equal nodes may occur twice. */
    private Set<NodeProto> needed() {
        var producers = new HashMap<String, NodeProto>();
        graph.getNodeList().forEach(n -> n.getOutputList().forEach(o -> producers.put(o, n)));
        Set<NodeProto> needed = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        var pending = new ArrayList<>(outputs(file));
        while (!pending.isEmpty()) {
            var node = producers.get(pending.removeLast());
            if (node != null && needed.add(node)) {
                reads(node, pending);
            }
        }
        return needed;
    }

    /** Names that a node reads, those that its graphs take from around them included. */
    private static void reads(NodeProto node, List<String> names) {
        names.addAll(node.getInputList());
        names.addAll(differentiated(node));
        for (var attribute : node.getAttributeList()) {
            attribute.getG().getNodeList().forEach(n -> reads(n, names));
            attribute.getG().getOutputList().forEach(o -> names.add(o.getName()));
        }
    }

    /** The tensors that a node names in its attributes: a function of the model and what it is differentiated by. */
    private static List<String> differentiated(NodeProto node) {
        if (!OperatorSchemas.name(node.getDomain(), node.getOpType()).equals(GRADIENT)) {
            return List.of();
        }
        var names = new ArrayList<String>();
        for (var attribute : node.getAttributeList()) {
            attribute.getStringsList().forEach(name -> names.add(name.toStringUtf8()));
            names.add(attribute.getS().toStringUtf8());
        }
        return names;
    }

    private void requireSupported(Set<NodeProto> needed) {
        operatorSets.version("").ifPresent(version -> requireKnownOpset(version, "imports"));
        var unsupported = new ArrayList<Unsupported>();
        var called = new ArrayDeque<Functions.Definition>();
        graph.getNodeList().stream()
                .filter(needed::contains)
                .forEach(n -> unsupported(n, this::opset, called, unsupported));
        var checked = new HashSet<Functions.Definition>();
        while (!called.isEmpty()) {
            var function = called.remove();
            if (checked.add(function)) {
                unsupported(function, called, unsupported);
            }
        }
        requireNumbers(needed, unsupported);
        if (!unsupported.isEmpty()) {
            var list = unsupported.stream().map(Unsupported::toString).toList();
            var fault = list.size() == 1
                    ? fault("SYS1201", "a node is not supported: " + list.getFirst())
                    : fault("SYS1201", list.size() + " nodes are not supported:\n  " + String.join("\n  ", list));
            throw fault.of(unsupported.getFirst().operator());
        }
    }

    /**
     * A node that cannot be compiled.
     *
     * @param at the node with its operator, on one line
     */
    private record Unsupported(String at, String operator, String reason) {
        static Unsupported of(NodeProto node, String reason) {
            return new Unsupported(
                    oneLine(NodeImporter.location(node).toString()),
                    oneLine(OperatorSchemas.name(node.getDomain(), node.getOpType())),
                    reason);
        }

        @Override
        public String toString() {
            return at + ": " + reason;
        }
    }

    /** Adds the nodes that read what is no number from outside the model. */
    private void requireNumbers(Set<NodeProto> needed, List<Unsupported> found) {
        var kinds = new HashMap<String, String>();
        graph.getInputList().forEach(i -> other(i.getType()).ifPresent(k -> kinds.put(i.getName(), k)));
        initializers.forEach((name, t) -> OnnxTensors.other(t.getDataType()).ifPresent(k -> kinds.put(name, k)));
        for (var node : graph.getNodeList()) {
            if (needed.contains(node)) {
                node.getInputList().stream()
                        .filter(kinds::containsKey)
                        .findFirst()
                        .ifPresent(name -> {
                            var fault = Unsupported.of(
                                    node,
                                    "reads %s, which holds %s; the machine has tensors of real numbers only"
                                            .formatted(quoted(name), kinds.get(name)));
                            if (found.stream().noneMatch(u -> u.at().equals(fault.at()))) {
                                found.add(fault);
                            }
                        });
            }
        }
    }

    /** What a type holds if that is known and no numbers. */
    private static Optional<String> other(TypeProto type) {
        if (type.hasSequenceType()) {
            return other(type.getSequenceType().getElemType());
        }
        if (type.hasOptionalType()) {
            return other(type.getOptionalType().getElemType());
        }
        return type.hasMapType()
                ? Optional.of("maps")
                : OnnxTensors.other(type.getTensorType().getElemType());
    }

    /**
     * Checks that the operators of a model and the types of its inputs are supported, which needs neither shapes nor data.
     *
     * @throws FrontendException that names all nodes that are not
     */
    public static void requireSupported(OnnxFile file) {
        var importer = new OnnxImporter(file, Bindings.NONE);
        importer.requireSupported(importer.needed());
    }

    /**
     * Checks that a model defines every name once.
     *
     * @throws FrontendException if it does not
     */
    public static void requireUniqueNames(OnnxFile file) {
        new OnnxImporter(file, Bindings.NONE).located(() -> Definitions.check(file.model()));
    }

    private void requireKnownOpset(int version, String who) {
        if (version < 1 || version > OperatorSchemas.NEWEST) {
            throw fault(
                    "SYS1209",
                    "%s version %d of the ONNX operators; versions 1 to %d are known"
                            .formatted(who, version, OperatorSchemas.NEWEST));
        }
    }

    private void unsupported(
            Functions.Definition function, Queue<Functions.Definition> called, List<Unsupported> found) {
        var name = "function " + quoted(function.proto().getName()) + " imports";
        function.own().version("").ifPresent(version -> requireKnownOpset(version, name));
        function.proto().getNodeList().forEach(n -> unsupported(n, function::opset, called, found));
    }

    /** Adds the node if it is not supported, and those of its graphs that are not; the functions that it calls are for later. */
    private void unsupported(
            NodeProto node, ToIntFunction<String> opsets, Queue<Functions.Definition> called, List<Unsupported> found) {
        var function = functions.find(node);
        if (function.isPresent()) {
            called.add(function.get());
            return;
        }
        int opset = opsets.applyAsInt(node.getDomain());
        var versions = OperatorSchemas.versions(node.getDomain(), node.getOpType());
        var name = OperatorSchemas.name(node.getDomain(), node.getOpType());
        if (versions.isEmpty() || Operators.find(name).isEmpty()) {
            found.add(Unsupported.of(node, OperatorSupport.refusal(name)));
        } else if (opset == OperatorSets.NONE) {
            found.add(Unsupported.of(node, "the model does not import its operator set"));
        } else if (versions.getFirst() > opset) {
            found.add(Unsupported.of(
                    node,
                    "it comes with version " + versions.getFirst() + " of the operators; the model imports " + opset));
        }
        node.getAttributeList().stream()
                .flatMap(a -> a.getG().getNodeList().stream())
                .forEach(n -> unsupported(n, opsets, called, found));
    }

    /** Many files declare shapes that do not hold, but element types are part of a model's meaning. */
    private void requireDeclared(ValueInfoProto output, OnnxValue result) {
        int declared = output.getType().getTensorType().getElemType();
        if (declared == 0 || !(result instanceof OnnxValue.OfTensor(var tensor))) {
            return;
        }
        var dtype = tensor.type().dtype();
        if (!OnnxTensors.dtype(declared).equals(Optional.of(dtype))) {
            throw fault(
                    "SYS1207",
                    "output %s is %s, the model declares %s"
                            .formatted(
                                    quoted(output.getName()),
                                    dtype,
                                    OnnxTensors.dtype(declared)
                                            .map(DType::toString)
                                            .orElseGet(() -> OnnxTensors.described(declared))));
        }
    }

    /** Does the work; its faults are of this file. */
    private void located(Runnable work) {
        located(() -> {
            work.run();
            return null;
        });
    }

    /** What the work gives; its faults are of this file. */
    private <T> T located(Supplier<T> work) {
        try {
            return work.get();
        } catch (FrontendException e) {
            var parts = e.getMessage().split(" ", 2);
            var fault = fault(parts[0], oneLine(parts[1]));
            fault.initCause(e.getCause());
            throw e.operator().map(fault::of).orElse(fault);
        }
    }

    /** Models of the first versions of the format use the first version of the operators and do not say so. */
    private int opset(String domain) {
        boolean implied = file.model().getIrVersion() < FIRST_WITH_OPERATOR_SETS
                && file.model().getOpsetImportCount() == 0;
        return operatorSets.version(domain).orElse(implied ? 1 : OperatorSets.NONE);
    }
}
