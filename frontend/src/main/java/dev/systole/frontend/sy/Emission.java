package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.NodeImporter;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ONNX graph that a model becomes, node by node, and the type of everything in it, which the importer says. A graph that is an
 * attribute grows inside while it is open; tensors that are known lie in the outermost one. Mutable.
 */
final class Emission {
    private static final int MOST_ELEMENTS_IN_A_NAME = 8;
    private static final String UNSUPPORTED = "SYS1201 ";

    private final int opset;
    private final GraphBuilder builder = new GraphBuilder("types");
    private final NodeImporter importer;
    private final Budget budget;
    private final FreeNames taken = new FreeNames();
    private final Map<String, Term.Flow> literals = new HashMap<>();
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final Deque<GraphProto.Builder> open = new ArrayDeque<>();

    /**
     * @param opset version of the ONNX operators
     * @param directory that weights lie in
     */
    Emission(int opset, Path directory, Budget budget) {
        this.opset = opset;
        this.budget = budget;
        this.importer = new NodeImporter(builder, domain -> domain.isEmpty() ? opset : 1, directory);
        open.push(GraphProto.newBuilder());
    }

    int opset() {
        return opset;
    }

    /** This name, or one like it that is free; it is kept from anything else. */
    String free(String name) {
        return taken.take(name);
    }

    /** An input of the graph that is open. */
    Term.Flow input(String wanted, TensorType type) {
        return input(wanted, type, Optional.empty());
    }

    /**
     * An input of the graph that is open.
     *
     * @param bound what it is, if that is known
     */
    Term.Flow input(String wanted, TensorType type, Optional<Tensor> bound) {
        var name = free(wanted);
        bound.ifPresentOrElse(
                tensor -> importer.constant(name, tensor), () -> importer.define(name, builder.input(name, type)));
        open.peek().addInput(info(name, type));
        return new Term.Flow(name, type);
    }

    /** A parameter of the model. */
    Term.Flow parameter(String wanted, Tensor tensor) {
        var name = free(wanted);
        importer.constant(name, tensor);
        initializers.put(name, OnnxTensors.toProto(name, tensor));
        return new Term.Flow(name, tensor.type());
    }

    /** A tensor that stands in an expression; small ones are called what they are, and are the same where they are equal. */
    Term.Flow literal(Site site, Tensor tensor) {
        budget.numbers(site, tensor.type().bytes());
        var written = tensor.type().shape().elements() > MOST_ELEMENTS_IN_A_NAME
                ? Optional.<String>empty()
                : LiteralText.of(tensor);
        return written.isEmpty()
                ? parameter(tensor.type().toString(), tensor)
                : literals.computeIfAbsent(written.get(), name -> parameter(name, tensor));
    }

    private static ValueInfoProto info(String name, TensorType type) {
        var tensor = TypeProto.Tensor.newBuilder()
                .setElemType(OnnxTensors.number(type.dtype()).orElseThrow());
        tensor.getShapeBuilder();
        type.shape()
                .dims()
                .forEach(d -> tensor.getShapeBuilder().addDimBuilder().setDimValue(d));
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    /** What a tensor is, if the importer knows it. */
    Optional<Tensor> known(Term.Flow flow) {
        return importer.value(flow.name()).flatMap(importer::known);
    }

    /** A node of an operator with one result that has no name of its own. */
    Term.Flow apply(Site site, String operator, List<Term.Flow> inputs, AttributeProto... attributes) {
        return apply(site, operator, inputs, Wanted.ONE, attributes);
    }

    /** A node of an operator with one result. */
    Term.Flow apply(Site site, String operator, List<Term.Flow> inputs, Wanted wanted, AttributeProto... attributes) {
        var node = NodeProto.newBuilder().setOpType(operator).addAllAttribute(List.of(attributes));
        inputs.forEach(i -> node.addInput(i.name()));
        return (Term.Flow) node(site, node, wanted).getFirst();
    }

    /**
     * Appends a node, which is given a name.
     *
     * @return a term for each result, which is unknown where it is not wanted
     * @throws SyError if the importer refuses the node
     */
    List<Term> node(Site site, NodeProto.Builder node, Wanted wanted) {
        return node(site, node, wanted, List.of());
    }

    /**
     * Appends a node.
     *
     * @param types of its results, for operators that the importer does not support yet
     */
    List<Term> node(Site site, NodeProto.Builder node, Wanted wanted, List<TensorType> types) {
        budget.node(site);
        node.setName(free(site.frame().node(node.getOpType())));
        for (int i = 0; i < wanted.results().size(); i++) {
            var unnamed = i == 0 ? node.getName() : node.getName() + ":" + i;
            node.addOutput(
                    switch (wanted.results().get(i)) {
                        case Wanted.Result.Nothing() -> "";
                        case Wanted.Result.Unnamed() -> unnamed;
                        case Wanted.Result.Named(var name) -> free(name);
                        case Wanted.Result.Output(var name) -> name;
                    });
        }
        var built = node.build();
        infer(site, built, types);
        open.peek().addNode(built);
        return built.getOutputList().stream().map(name -> result(site, name)).toList();
    }

    private Term result(Site site, String name) {
        return name.isEmpty()
                ? new Term.Unknown()
                : importer.value(name)
                        .map(v -> new Term.Flow(name, v.type()))
                        .orElseThrow(() -> new SyError(
                                "SYS1506", site, "gives a sequence or an optional; the language has tensors only"));
    }

    private void infer(Site site, NodeProto node, List<TensorType> types) {
        try {
            importer.build(node);
        } catch (FrontendException e) {
            if (!e.getMessage().startsWith(UNSUPPORTED) || types.isEmpty()) {
                throw new SyError("SYS1506", site, reason(e, node));
            }
            if (types.size() < node.getOutputCount()) {
                throw new SyError(
                        "SYS1506",
                        site,
                        node.getOpType() + " has " + types.size() + " results here, not " + node.getOutputCount());
            }
            for (int i = 0; i < node.getOutputCount(); i++) {
                importer.define(node.getOutput(i), builder.input(node.getOutput(i), types.get(i)));
            }
        }
    }

    /** What the importer says, without its code and the node's name. */
    private static String reason(FrontendException e, NodeProto node) {
        var message = e.getMessage().substring(e.getMessage().indexOf(' ') + 1);
        var name = "node " + NodeImporter.location(node);
        return message.startsWith(name) ? node.getOpType() + message.substring(name.length()) : message;
    }

    /** Begins a graph that is an attribute; what follows belongs to it. */
    void begin() {
        open.push(GraphProto.newBuilder());
    }

    /**
     * Ends the graph that was begun last.
     *
     * @param results that were computed inside or are visible there
     */
    GraphProto end(Site site, String name, List<Term.Flow> results) {
        var computed = new HashSet<String>();
        open.peek().getNodeList().forEach(n -> computed.addAll(n.getOutputList()));
        for (var result : results) {
            var own = computed.remove(result.name()) ? result : apply(site, "Identity", List.of(result));
            open.peek().addOutput(info(own.name(), own.type()));
        }
        return open.pop().setName(name).build();
    }

    /** Ends the graph that was begun last and forgets it. */
    void abandon() {
        open.pop();
    }

    /** Makes a value a result of the model, under a name that is kept for it. */
    void output(Site site, String name, Term.Flow value) {
        if (!value.name().equals(name)) {
            var node = NodeProto.newBuilder()
                    .setOpType("Identity")
                    .setName(free(site.frame().node("Identity")))
                    .addInput(value.name())
                    .addOutput(name)
                    .build();
            open.peek().addNode(node);
        }
        open.peek().addOutput(info(name, value.type()));
    }

    /** The graph with all that was appended. */
    GraphProto finish(String name) {
        return open.pop().setName(name).addAllInitializer(initializers.values()).build();
    }
}
