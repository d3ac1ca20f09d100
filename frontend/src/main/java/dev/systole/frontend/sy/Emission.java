package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.NodeImporter;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OnnxValue;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Value;
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
import java.util.Set;
import java.util.TreeSet;

/**
 * The ONNX graph that a model becomes, node by node, and the type of everything in it, which the importer says. A graph that is an
 * attribute grows inside while it is open; tensors that are known lie in the outermost one. Mutable.
 */
final class Emission {
    private static final int MOST_ELEMENTS_IN_A_NAME = 8;

    private final Map<String, Integer> opsets;
    private final GraphBuilder builder = new GraphBuilder("types");
    private final NodeImporter importer;
    private final Budget budget;
    private final FreeNames taken = new FreeNames();
    private final Map<String, Term.Flow> literals = new HashMap<>();
    private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
    private final Deque<GraphProto.Builder> open = new ArrayDeque<>();
    private final Set<String> assumed = new HashSet<>();
    private final Set<String> domains = new TreeSet<>(Set.of(""));

    /**
     * @param opsets versions of operator sets by their domains; of others the newest
     * @param directory that weights lie in
     */
    Emission(Map<String, Integer> opsets, Path directory, Budget budget) {
        this.opsets = Map.copyOf(opsets);
        this.budget = budget;
        this.importer = new NodeImporter(builder, this::opset, directory);
        open.push(GraphProto.newBuilder());
    }

    /** The version of an operator set. */
    int opset(String domain) {
        return Optional.ofNullable(opsets.get(domain)).orElseGet(() -> OperatorSchemas.newest(domain));
    }

    /** The domains of the operators so far, the default one among them. */
    Set<String> domains() {
        return domains;
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
        open.peek().addInput(info(name, OnnxTypes.of(type)));
        return new Term.Flow(name, type);
    }

    /**
     * A sequence or an optional that is an input of the model.
     *
     * @param value of tensors that {@link #tensor} made
     */
    Term.Structure input(String wanted, TypeProto type, OnnxValue value) {
        var name = free(wanted);
        importer.define(name, value);
        open.peek().addInput(info(name, type));
        return new Term.Structure(name, value);
    }

    /** A tensor inside an input. */
    Value tensor(String name, TensorType type, Optional<Tensor> bound) {
        return bound.map(importer::constant).orElseGet(() -> builder.input(name, type));
    }

    /** An input of the graph that is open, with what it stands for when the graph is entered first; that may be another each time. */
    Term.Named input(String wanted, OnnxValue first) {
        var name = free(wanted);
        importer.define(name, first);
        assumed.add(name);
        open.peek().addInput(info(name, OnnxTypes.of(first)));
        return term(name, first);
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

    private static ValueInfoProto info(String name, TypeProto type) {
        return ValueInfoProto.newBuilder().setName(name).setType(type).build();
    }

    private ValueInfoProto info(Term.Named value, String name) {
        return info(
                name,
                value instanceof Term.Flow flow
                        ? OnnxTypes.of(flow.type(), boundedAxes(flow))
                        : OnnxTypes.of(value(value)));
    }

    private OnnxValue value(Term.Named term) {
        return importer.any(term.name()).orElseThrow();
    }

    private static Term.Named term(String name, OnnxValue value) {
        return value instanceof OnnxValue.OfTensor(var tensor)
                ? new Term.Flow(name, tensor.type())
                : new Term.Structure(name, value);
    }

    /** What a tensor is, if the importer knows it and it is that always. */
    Optional<Tensor> known(Term.Flow flow) {
        return assumed.contains(flow.name())
                ? Optional.empty()
                : importer.value(flow.name()).flatMap(importer::known);
    }

    /** The axes along which a tensor is as long as data says, at most what its type says. */
    Set<Integer> boundedAxes(Term.Flow flow) {
        return importer.value(flow.name()).map(importer::boundedAxes).orElse(Set.of());
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
        try {
            importer.build(built);
        } catch (FrontendException e) {
            throw new SyError("SYS1506", site, reason(e, built));
        }
        if (isAssumed(built)) {
            assumed.addAll(built.getOutputList());
        }
        domains.add(built.getDomain());
        open.peek().addNode(built);
        return built.getOutputList().stream()
                .<Term>map(name -> name.isEmpty()
                        ? new Term.Unknown()
                        : term(name, importer.any(name).orElseThrow()))
                .toList();
    }

    /** True if what a node gives follows from inputs of a graph around it. */
    private boolean isAssumed(NodeProto node) {
        return node.getInputList().stream().anyMatch(assumed::contains)
                || node.getAttributeList().stream()
                        .flatMap(a -> a.getG().getOutputList().stream())
                        .anyMatch(o -> assumed.contains(o.getName()));
    }

    /**
     * What a node that is not appended yet gives a graph that it will hold, when it enters it first.
     *
     * @param head inputs and outputs of the graph
     * @return empty if the node never enters it
     * @throws SyError if the importer refuses the node
     */
    Optional<List<OnnxValue>> given(Site site, NodeProto.Builder node, String graph, GraphProto head) {
        var probed = node.clone().addAttribute(Attributes.graph(graph, head)).build();
        try {
            return importer.given(probed, graph);
        } catch (FrontendException e) {
            throw new SyError("SYS1506", site, reason(e, probed));
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
    GraphProto end(Site site, String name, List<Term.Named> results) {
        var computed = new HashSet<String>();
        open.peek().getNodeList().forEach(n -> computed.addAll(n.getOutputList()));
        for (var result : results) {
            var own = computed.remove(result.name()) ? result : renamed(site, result);
            open.peek().addOutput(info(own, own.name()));
        }
        return open.pop().setName(name).build();
    }

    private Term.Named renamed(Site site, Term.Named value) {
        var node = NodeProto.newBuilder().setOpType("Identity").addInput(value.name());
        return (Term.Named) node(site, node, Wanted.ONE).getFirst();
    }

    /** Ends the graph that was begun last and forgets it. */
    void abandon() {
        open.pop();
    }

    /** Makes a value a result of the model, under a name that is kept for it. */
    void output(Site site, String name, Term.Named value) {
        if (!value.name().equals(name)) {
            var node = NodeProto.newBuilder()
                    .setOpType("Identity")
                    .setName(free(site.frame().node("Identity")))
                    .addInput(value.name())
                    .addOutput(name)
                    .build();
            open.peek().addNode(node);
        }
        open.peek().addOutput(info(value, name));
    }

    /** The graph with all that was appended. */
    GraphProto finish(String name) {
        return open.pop().setName(name).addAllInitializer(initializers.values()).build();
    }
}
