package dev.systole.frontend.onnx;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxNode;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.operator.OperatorRule;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.operator.OperatorSupport;
import dev.systole.frontend.onnx.operator.Operators;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * Adds nodes to a graph, one after the other, with what names stand for so far. A graph that a node holds has an importer of its own, to
 * which the names around it are visible. Mutable.
 */
public final class NodeImporter {
    private static final String IDENTITY = "Identity";

    private final GraphBuilder builder;
    private final ToIntFunction<String> opsets;
    private final Path directory;
    private final Functions functions;
    private final Optional<NodeImporter> around;
    private final String prefix;
    private final Map<String, OnnxValue> values = new HashMap<>();
    private final Map<String, TensorProto> initializers = new HashMap<>();
    private final Map<Value, Tensor> constants;
    private final Map<Value, List<Bound>> bounds;
    private final Unrolling unrolling;
    private Set<String> variables = Set.of();

    /** Along an axis only the first elements of a value count. */
    record Bound(int axis, Value count) {}

    /** The bounds of all values. */
    private record Bounded(Map<Value, List<Bound>> bounds) implements OnnxNode.Bounds {
        @Override
        public void add(Value value, int axis, Value count) {
            bounds.computeIfAbsent(value, k -> new ArrayList<>()).add(new Bound(axis, count));
        }

        @Override
        public boolean has(Value value) {
            return bounds.containsKey(value);
        }
    }

    /**
     * @param builder where operations go
     * @param opsets version of an operator set by its domain
     * @param directory that external data lies in
     */
    public NodeImporter(GraphBuilder builder, ToIntFunction<String> opsets, Path directory) {
        this(builder, opsets, directory, Functions.NONE);
    }

    /** @param functions that the model defines */
    NodeImporter(GraphBuilder builder, ToIntFunction<String> opsets, Path directory, Functions functions) {
        this(
                builder,
                opsets,
                directory,
                functions,
                Optional.empty(),
                "",
                new HashMap<>(),
                new HashMap<>(),
                new Unrolling(builder));
    }

    private NodeImporter(
            GraphBuilder builder,
            ToIntFunction<String> opsets,
            Path directory,
            Functions functions,
            Optional<NodeImporter> around,
            String prefix,
            Map<Value, Tensor> constants,
            Map<Value, List<Bound>> bounds,
            Unrolling unrolling) {
        this.unrolling = unrolling;
        this.builder = builder;
        this.opsets = opsets;
        this.directory = directory;
        this.functions = functions;
        this.around = around;
        this.prefix = prefix;
        this.constants = constants;
        this.bounds = bounds;
    }

    /** Where a node comes from, as dumps and messages say it. */
    public static Location location(NodeProto node) {
        var name = !node.getName().isEmpty() ? node.getName() : node.getOutputCount() > 0 ? node.getOutput(0) : "";
        return new Location(name, OperatorSchemas.name(node.getDomain(), node.getOpType()));
    }

    /** Lets a name stand for a tensor. */
    public void define(String name, Value value) {
        define(name, new OnnxValue.OfTensor(value));
    }

    /** Lets a name stand for whatever it is. */
    public void define(String name, OnnxValue value) {
        values.put(name, value);
        if (variables.contains(name) && value instanceof OnnxValue.OfTensor(var v)) {
            constants.remove(v);
        }
    }

    /** Nothing is computed of these tensors while importing: a node differentiates by them. */
    void variables(Set<String> names) {
        variables = names;
    }

    /** Lets a name stand for a tensor that is known. */
    public void constant(String name, Tensor tensor) {
        define(name, constant(tensor));
    }

    /** A tensor that is known. */
    public Value constant(Tensor tensor) {
        var v = builder.at(Location.COMPILER).constant(tensor);
        constants.put(v, tensor);
        return v;
    }

    /** Lets a name stand for a weight, which is read when it is used. */
    void initializer(TensorProto tensor) {
        initializers.put(tensor.getName(), tensor);
    }

    /** The tensor that a name stands for. */
    public Optional<Value> value(String name) {
        return any(name).filter(OnnxValue.OfTensor.class::isInstance).map(v -> ((OnnxValue.OfTensor) v).value());
    }

    /** Whatever a name stands for. */
    public Optional<OnnxValue> any(String name) {
        if (!values.containsKey(name) && initializers.containsKey(name)) {
            constant(name, OnnxTensors.of(initializers.get(name), "initializer \"" + name + "\"", directory));
        }
        return Optional.ofNullable(values.get(name)).or(() -> around.flatMap(a -> a.any(name)));
    }

    /** What a tensor is, if it is known while importing. */
    public Optional<Tensor> known(Value value) {
        return Optional.ofNullable(constants.get(value));
    }

    /**
     * Adds a node and defines its outputs.
     *
     * @throws FrontendException if the operator is not supported, or the node breaks the operator's specification
     */
    public void build(NodeProto node) {
        var at = new Location(prefix + location(node).node(), location(node).operator());
        var results = results(node, at, (body, given) -> inline(at, body, given));
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (node.getOutput(i).isEmpty()) {
                continue;
            }
            if (i >= results.size()) {
                throw new FrontendException("SYS1204", "node " + at + ": output " + i + " is not supported");
            }
            if (isDefined(node.getOutput(i))) {
                throw new FrontendException(
                        "SYS1205", "node " + at + ": \"" + node.getOutput(i) + "\" is defined a second time");
            }
            define(node.getOutput(i), results.get(i));
        }
    }

    /**
     * What a node gives a graph of its own when it enters it first.
     *
     * @param graph an attribute, whose graph may be a head without nodes
     * @return empty if the node never enters it
     * @throws FrontendException if the operator is not supported, or the node breaks the operator's specification
     */
    public Optional<List<OnnxValue>> given(NodeProto node, String graph) {
        var body = node.getAttributeList().stream()
                .filter(a -> a.getName().equals(graph))
                .findFirst()
                .orElseThrow()
                .getG();
        var at = location(node);
        try {
            results(node, at, (entered, given) -> {
                if (entered == body) {
                    throw new Entered(given);
                }
                return inline(at, entered, given);
            });
            return Optional.empty();
        } catch (Entered e) {
            return Optional.of(e.given);
        }
    }

    /** Ends an import at the entrance of a graph. */
    private static final class Entered extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient List<OnnxValue> given;

        Entered(List<OnnxValue> given) {
            super(null, null, false, false);
            this.given = List.copyOf(given);
        }
    }

    private List<OnnxValue> results(NodeProto node, Location at, OnnxNode.Bodies bodies) {
        var inputs = new ArrayList<Optional<OnnxValue>>();
        for (var name : node.getInputList()) {
            var v = name.isEmpty() ? Optional.<OnnxValue>empty() : any(name);
            if (v.isEmpty() && !name.isEmpty()) {
                throw new FrontendException(
                        "SYS1205", "node " + at + " reads \"" + name + "\", which nothing before it defines");
            }
            inputs.add(v);
        }
        builder.at(at);
        try {
            var function = functions.find(node);
            return function.isPresent() ? call(function.get(), node, inputs, at) : apply(node, inputs, at, bodies);
        } catch (Entered e) {
            throw e;
        } catch (FrontendException e) {
            throw e.operator().isPresent() ? e : e.of(at.operator());
        } catch (GraphException | IllegalArgumentException e) {
            throw new FrontendException("SYS1204", "node " + at + ": " + e.getMessage()).of(at.operator());
        } catch (ArithmeticException e) {
            throw new FrontendException("SYS1204", "node " + at + ": a size is beyond 64 bits; no machine holds it")
                    .of(at.operator());
        } catch (RuntimeException e) {
            // No fault of the model: it goes up with its node and its trace.
            throw new IllegalStateException("node " + at + ": " + e, e);
        }
    }

    /** True for a name that stands for something already, in this graph. */
    private boolean isDefined(String name) {
        return values.containsKey(name) || initializers.containsKey(name);
    }

    private List<OnnxValue> apply(
            NodeProto node, List<Optional<OnnxValue>> inputs, Location at, OnnxNode.Bodies bodies) {
        int opset = opsets.applyAsInt(node.getDomain());
        var schema =
                OperatorSchemas.find(node.getDomain(), node.getOpType(), opset).orElseThrow(() -> unsupported(at));
        var rule = Operators.find(schema.name()).orElseThrow(() -> unsupported(at));
        schema.check(node, inputs);
        if (!schema.name().equals(IDENTITY)) {
            requireWhole(node, inputs);
        }
        var onnx = new OnnxNode(builder, constants, node, inputs, schema, directory, bodies, new Bounded(bounds));
        try {
            return switch (rule) {
                case OperatorRule.OfTensors r ->
                    r.build(onnx).stream()
                            .<OnnxValue>map(OnnxValue.OfTensor::new)
                            .toList();
                case OperatorRule.OfStructure r -> r.build(onnx);
            };
        } finally {
            builder.at(at);
        }
    }

    private static FrontendException unsupported(Location at) {
        return new FrontendException(
                "SYS1201", "node " + at + " is not supported: " + OperatorSupport.refusal(at.operator()));
    }

    /** A value whose extent depends on data can have another name and leave the model, but nothing else can be computed of it. */
    private void requireWhole(NodeProto node, List<Optional<OnnxValue>> inputs) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).filter(this::isBounded).isPresent()) {
                throw new IllegalArgumentException(
                        "reads \"%s\", whose extent depends on data; such a value can only be an output"
                                .formatted(node.getInput(i)));
            }
        }
    }

    private boolean isBounded(OnnxValue value) {
        return value instanceof OnnxValue.OfTensor(var v) && bounds.containsKey(v);
    }

    /** The axes along which only a part of a tensor counts, which part depends on data. */
    public Set<Integer> boundedAxes(Value value) {
        return bounds(value).stream().map(Bound::axis).collect(Collectors.toSet());
    }

    List<Bound> bounds(Value value) {
        return bounds.getOrDefault(value, List.of());
    }

    private void requireNew(String name) {
        if (isDefined(name)) {
            throw new IllegalArgumentException("its graph defines \"" + name + "\" twice");
        }
    }

    /** The outputs of a graph that a node holds. */
    private List<OnnxValue> inline(Location node, GraphProto body, List<OnnxValue> given) {
        if (given.size() != body.getInputCount()) {
            throw new IllegalArgumentException(
                    "its graph takes " + body.getInputCount() + " inputs, not " + given.size());
        }
        var inside = new NodeImporter(
                builder,
                opsets,
                directory,
                functions,
                Optional.of(this),
                node.node() + "/",
                constants,
                bounds,
                unrolling);
        for (int i = 0; i < given.size(); i++) {
            inside.requireNew(body.getInput(i).getName());
            inside.define(body.getInput(i).getName(), declared(body.getInput(i), given.get(i)));
        }
        body.getInitializerList().forEach(t -> {
            inside.requireNew(t.getName());
            inside.initializer(t);
        });
        unrolling.open(body.getNodeCount());
        try {
            body.getNodeList().forEach(inside::build);
        } finally {
            unrolling.close();
        }
        var outputs = new ArrayList<OnnxValue>();
        for (var output : body.getOutputList()) {
            outputs.add(inside.any(output.getName())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "output \"" + output.getName() + "\" of its graph is never computed")));
        }
        builder.at(node);
        return outputs;
    }

    /** A value that a graph takes as an optional is one inside. */
    private static OnnxValue declared(ValueInfoProto input, OnnxValue value) {
        return input.getType().hasOptionalType() && !(value instanceof OnnxValue.OfOptional)
                ? new OnnxValue.OfOptional(Optional.of(value))
                : value;
    }

    /** The outputs of a function that the model defines. */
    private List<OnnxValue> call(
            Functions.Definition function, NodeProto node, List<Optional<OnnxValue>> inputs, Location at) {
        var names = function.proto().getInputList();
        if (inputs.size() > names.size()) {
            throw new IllegalArgumentException("the function takes " + names.size() + " inputs, not " + inputs.size());
        }
        var inside = new NodeImporter(
                builder,
                function::opset,
                directory,
                functions.entered(function, at),
                Optional.empty(),
                at.node() + "/",
                constants,
                bounds,
                unrolling);
        for (int i = 0; i < inputs.size(); i++) {
            var name = names.get(i);
            inside.requireNew(name);
            inputs.get(i).ifPresent(v -> inside.define(name, v));
        }
        unrolling.open(function.proto().getNodeCount());
        try {
            function.body(node).forEach(n -> inside.build(inside.withoutAbsent(n, names)));
        } finally {
            unrolling.close();
        }
        builder.at(at);
        return function.proto().getOutputList().stream()
                .map(name -> inside.any(name)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "output \"" + name + "\" of the function is never computed")))
                .collect(Collectors.toList());
    }

    /** A node that reads parameters of its function which the call leaves out has them left out, too. */
    private NodeProto withoutAbsent(NodeProto node, List<String> parameters) {
        var builder = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            if (parameters.contains(node.getInput(i)) && any(node.getInput(i)).isEmpty()) {
                builder.setInput(i, "");
            }
        }
        return builder.build();
    }
}
