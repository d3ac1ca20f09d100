package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.FunctionInlining;
import dev.systole.frontend.onnx.States;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** ONNX models in the language. Mutable: one model. */
public final class SyWriter {
    private final OnnxFile file;
    private final GraphProto graph;
    private final Map<String, String> dimensions = new HashMap<>();
    private final Map<String, String> states;
    private final Identifiers names = new Identifiers();
    private final Set<String> initializers = new HashSet<>();

    /**
     * A model in the language.
     *
     * @param weights what the text names a file for
     */
    public record Written(String text, Map<String, Tensor> weights) {}

    private SyWriter(OnnxFile file) {
        this.file = file;
        this.graph = file.model().getGraph();
        this.states = new LinkedHashMap<>(States.of(file));
        graph.getInitializerList().forEach(t -> initializers.add(t.getName()));
    }

    /**
     * Writes a model. Its functions are written where they are called.
     *
     * @param weights name of the file that will hold the weights, beside the text
     * @throws FrontendException if the model has what the language has not
     */
    public static Written write(OnnxFile file, String weights) {
        try {
            return new SyWriter(FunctionInlining.inlined(file)).write(weights);
        } catch (IllegalArgumentException e) {
            throw new FrontendException("SYS1518", file.path() + ": cannot be written as a text: " + e.getMessage());
        }
    }

    private Written write(String weightsFile) {
        var inputs = graph.getInputList().stream()
                .filter(i -> !initializers.contains(i.getName()))
                .toList();
        inputs.forEach(this::declareDimensions);
        inputs.forEach(i -> names.declare(i.getName()));
        var outputs = graph.getOutputList().stream()
                .filter(o -> !states.containsValue(o.getName()))
                .toList();
        var outputNames = new LinkedHashMap<String, String>();
        outputs.forEach(o -> outputNames.put(
                o.getName(),
                inputs.stream().anyMatch(i -> i.getName().equals(o.getName()))
                        ? names.inside().declare(o.getName())
                        : names.declare(o.getName())));

        var heads = new ArrayList<String>();
        var body = new ArrayList<String>();
        for (var input : inputs) {
            var declared = names.find(input.getName()).orElseThrow() + ": " + type(input);
            if (states.containsKey(input.getName())) {
                body.add("state " + declared);
            } else {
                heads.add(declared);
            }
        }
        var results = outputs.stream()
                .map(o -> outputNames.get(o.getName()) + ": " + type(o))
                .toList();
        var constants = new ConstantText();
        var written = new GraphText(file, names, constants, this::inside).main(graph, outputNames);
        var nexts = states.values().stream().map(written::value).toList();
        body.addAll(written.statements());
        body.addAll(assignments(states.keySet().stream().map(this::input).toList(), nexts));
        var first = new ArrayList<String>();
        for (var domain : domains(graph, new TreeSet<>(Set.of("")))) {
            int opset = GraphText.opset(file, domain);
            int said = domain.isEmpty() ? Elaborator.OPSET : OperatorSchemas.newest(domain);
            if (opset != said) {
                first.add("opset " + domain + (domain.isEmpty() ? "" : " ") + opset);
            }
        }
        if (!constants.weights().isEmpty()) {
            first.add("weights \"" + weightsFile + "\"");
        }
        var name = new Identifiers().declare(graph.getName().isEmpty() ? "main" : graph.getName());
        var text = "model %s(%s) -> (%s) {\n%s\n%s\n}\n"
                .formatted(
                        name,
                        String.join(", ", heads),
                        String.join(", ", results),
                        String.join("\n", first),
                        String.join("\n", body));
        return new Written(SyFormatter.format(Path.of(file.path() + ".sy"), text), constants.weights());
    }

    /** Adds the domains of a graph's operators; the default one is empty. */
    private static Set<String> domains(GraphProto graph, Set<String> domains) {
        for (var node : graph.getNodeList()) {
            domains.add(GraphText.isDefault(node.getDomain()) ? "" : node.getDomain());
            node.getAttributeList().forEach(a -> domains(a.getG(), domains));
        }
        return domains;
    }

    /** All at once if one becomes what another was. */
    private static List<String> assignments(List<String> states, List<String> values) {
        if (states.size() > 1 && states.stream().anyMatch(values::contains)) {
            return List.of("(%s) = (%s)".formatted(String.join(", ", states), String.join(", ", values)));
        }
        var each = new ArrayList<String>();
        for (int i = 0; i < states.size(); i++) {
            each.add(states.get(i) + " = " + values.get(i));
        }
        return each;
    }

    private String input(String name) {
        return names.find(name).orElseThrow(() -> new IllegalArgumentException("state \"" + name + "\" is no input"));
    }

    /**
     * The names of an input's or output's dimensions; empty where it has none. A second dimension of a name has one of its own: exporters
     * name them all alike, and a shape on the command line wins over names in ONNX only.
     */
    private static List<String> keys(ValueInfoProto value) {
        var keys = new ArrayList<String>();
        for (var d : value.getType().getTensorType().getShape().getDimList()) {
            var key = d.hasDimValue() ? "" : d.getDimParam();
            for (int i = 2; !key.isEmpty() && keys.contains(key); i++) {
                key = d.getDimParam() + "_" + i;
            }
            keys.add(key);
        }
        return keys;
    }

    private String content(ValueInfoProto value, TypeProto type) {
        return type(value.toBuilder().setType(type).build());
    }

    private void declareDimensions(ValueInfoProto input) {
        keys(input).stream()
                .filter(key -> !key.isEmpty())
                .forEach(key ->
                        dimensions.computeIfAbsent(key, k -> names.inside().declare(k)));
    }

    /** The type of an input of a graph inside, which need not be said. */
    private String inside(ValueInfoProto value) {
        var type = value.getType();
        boolean unsaid = !type.hasSequenceType()
                && !type.hasOptionalType()
                && !type.hasMapType()
                && type.getTensorType().getElemType() == 0;
        return unsaid ? "_" : type(value);
    }

    /** The type of an input or output; what is not known of it is left open. */
    private String type(ValueInfoProto value) {
        var type = value.getType();
        if (type.hasSequenceType()) {
            return "seq(" + content(value, type.getSequenceType().getElemType()) + ")";
        }
        if (type.hasOptionalType()) {
            return "optional(" + content(value, type.getOptionalType().getElemType()) + ")";
        }
        var proto = type.getTensorType();
        var dtype = OnnxTensors.dtype(proto.getElemType())
                .filter(t -> type.hasTensorType())
                .orElseThrow(() -> new IllegalArgumentException("\"%s\" %s"
                        .formatted(
                                value.getName(),
                                OnnxTensors.other(proto.getElemType())
                                        .map(other -> "holds " + other + ", not numbers")
                                        .orElse("is not said to be a tensor, a sequence or an optional"))));
        if (!proto.hasShape()) {
            return dtype + "[...]";
        }
        var keys = keys(value);
        var dims = new ArrayList<String>();
        for (int i = 0; i < keys.size(); i++) {
            var d = proto.getShape().getDim(i);
            dims.add(
                    d.hasDimValue() && d.getDimValue() >= 0
                            ? Long.toString(d.getDimValue())
                            : dimensions.getOrDefault(keys.get(i), "?"));
        }
        return dtype + "[" + String.join(", ", dims) + "]";
    }
}
