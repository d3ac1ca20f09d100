package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The nodes of a graph as statements. What is read once and has no name of its own stands where it is read, if it is short. Mutable. */
final class GraphText {
    private static final int LONGEST_OPERAND = 48;
    private static final String DEFAULT_DOMAIN = "ai.onnx";

    private final OnnxFile file;
    private final Identifiers names;
    private final ConstantText constants;
    private final Function<ValueInfoProto, String> types;
    private final Optional<GraphText> around;
    private final Map<String, Operand> operands = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final Map<String, String> outputs = new HashMap<>();
    private final List<String> statements = new ArrayList<>();
    private final NodeText texts;

    /**
     * What a name of the model stands for.
     *
     * @param text an expression
     * @param tensor if it is known; a parameter of the text once it is needed as such
     */
    private record Operand(ExpressionText text, Optional<Tensor> tensor) {}

    /** Statements, and what names stand for behind them. */
    record Written(List<String> statements, Function<String, String> values) {
        String value(String name) {
            return values.apply(name);
        }
    }

    GraphText(OnnxFile file, Identifiers names, ConstantText constants, Function<ValueInfoProto, String> types) {
        this(file, names, constants, types, Optional.empty());
    }

    private GraphText(
            OnnxFile file,
            Identifiers names,
            ConstantText constants,
            Function<ValueInfoProto, String> types,
            Optional<GraphText> around) {
        this.file = file;
        this.names = names;
        this.constants = constants;
        this.types = types;
        this.around = around;
        this.texts = new NodeText(this, opset(""));
    }

    /** The version of an operator set that the model imports. */
    int opset(String domain) {
        return opset(file, domain);
    }

    /** The version of an operator set. */
    static int opset(OnnxFile file, String domain) {
        return file.model().getOpsetImportList().stream()
                .filter(o -> isDefault(domain)
                        ? isDefault(o.getDomain())
                        : o.getDomain().equals(domain))
                .mapToInt(o -> (int) Math.min(o.getVersion(), Integer.MAX_VALUE))
                .findFirst()
                .orElse(1);
    }

    /**
     * The statements of the outermost graph.
     *
     * @param results names of the outputs that are assigned
     */
    Written main(GraphProto graph, Map<String, String> results) {
        outputs.putAll(results);
        graph.getOutputList().forEach(o -> use(o.getName()));
        nodes(graph);
        results.forEach((name, identifier) -> {
            if (graph.getNodeList().stream().noneMatch(n -> n.getOutputList().contains(name))) {
                var value = value(name).text();
                declareParameters();
                add(identifier + " = " + value);
            }
        });
        return new Written(statements, name -> {
            var value = value(name).text();
            declareParameters();
            return value;
        });
    }

    private void nodes(GraphProto graph) {
        graph.getInitializerList().forEach(this::initializer);
        graph.getNodeList().forEach(this::countUses);
        graph.getNodeList().forEach(this::node);
    }

    private void initializer(TensorProto proto) {
        var directory =
                Optional.ofNullable(file.path().toAbsolutePath().getParent()).orElse(Path.of("."));
        var tensor = OnnxTensors.of(proto, file.path() + ": initializer \"" + proto.getName() + "\"", directory);
        constant(proto.getName(), tensor);
    }

    private void constant(String name, Tensor tensor) {
        var literal = ConstantText.literal(tensor).map(ExpressionText::whole);
        operands.put(name, new Operand(literal.orElse(ExpressionText.whole("")), Optional.of(tensor)));
    }

    private void use(String name) {
        uses.merge(name, 1, Integer::sum);
    }

    /** What a graph inside reads counts twice: it is not to be moved there. */
    private void countUses(NodeProto node) {
        node.getInputList().forEach(this::use);
        for (var attribute : node.getAttributeList()) {
            for (int i = 0; i < 2; i++) {
                attribute.getG().getNodeList().forEach(this::countUses);
                attribute.getG().getOutputList().forEach(o -> use(o.getName()));
            }
        }
    }

    private void add(String statement) {
        statements.add(statement);
    }

    /** Parameters stand in the outermost graph, before what reads them first. */
    private void declareParameters() {
        if (around.isEmpty()) {
            statements.addAll(constants.take());
        }
    }

    private boolean isOutside(String name) {
        return around.isPresent() && !operands.containsKey(name) && !names.declares(name);
    }

    Optional<Tensor> tensor(String name) {
        return isOutside(name)
                ? around.get().tensor(name)
                : Optional.ofNullable(operands.get(name)).flatMap(Operand::tensor);
    }

    ExpressionText value(String name) {
        if (isOutside(name)) {
            return around.get().value(name);
        }
        var operand = operands.get(name);
        if (operand == null) {
            return ExpressionText.whole(names.find(name)
                    .orElseThrow(
                            () -> new IllegalArgumentException("\"" + name + "\" is read and nothing defines it")));
        }
        if (operand.text().text().isEmpty()) {
            var identifier = names.declare(name);
            constants.parameter(identifier, operand.tensor().orElseThrow());
            var known = new Operand(ExpressionText.whole(identifier), operand.tensor());
            operands.put(name, known);
            return known.text();
        }
        return operand.text();
    }

    private void node(NodeProto node) {
        if (constant(node)) {
            return;
        }
        if (node.getOutputCount() != 1) {
            assign(node, texts.of(node).text());
            return;
        }
        boolean same = node.getOpType().equals("Identity") && isDefault(node.getDomain());
        var expression = same ? value(node.getInput(0)) : texts.of(node);
        var name = node.getOutput(0);
        boolean moves = same
                || uses.getOrDefault(name, 0) == 1
                        && isUnnamed(node)
                        && expression.text().length() <= LONGEST_OPERAND
                        && node.getAttributeList().stream().noneMatch(AttributeProto::hasG);
        if (moves && !outputs.containsKey(name)) {
            operands.put(name, new Operand(expression, Optional.empty()));
        } else {
            assign(name, expression.text());
        }
    }

    /** True if the result is named like its node or by a number, as exporters do where the source has no name; also in a function. */
    private static boolean isUnnamed(NodeProto node) {
        var name = node.getOutput(0);
        return name.equals(node.getName()) || name.equals(node.getName() + "_output_0") || name.matches("(.*/)?[0-9]+");
    }

    private void assign(String name, String value) {
        declareParameters();
        if (outputs.containsKey(name)) {
            operands.put(name, new Operand(ExpressionText.whole(outputs.get(name)), Optional.empty()));
            add(outputs.get(name) + " = " + value);
        } else {
            add("let " + names.declare(name) + " = " + value);
        }
    }

    private void assign(NodeProto node, String value) {
        boolean leaves = node.getOutputList().stream().allMatch(o -> o.isEmpty() || outputs.containsKey(o));
        if (leaves) {
            leave(node, value);
            return;
        }
        var targets = new ArrayList<String>();
        var later = new ArrayList<String>();
        for (var name : node.getOutputList()) {
            if (name.isEmpty()) {
                targets.add("_");
                continue;
            }
            var identifier = outputs.containsKey(name) ? names.inside().declare(name) : names.declare(name);
            targets.add(identifier);
            if (outputs.containsKey(name)) {
                operands.put(name, new Operand(ExpressionText.whole(identifier), Optional.empty()));
                later.add(outputs.get(name) + " = " + identifier);
            }
        }
        declareParameters();
        add("let (" + String.join(", ", targets) + ") = " + value);
        statements.addAll(later);
    }

    private void leave(NodeProto node, String value) {
        var targets = new ArrayList<String>();
        for (var name : node.getOutputList()) {
            targets.add(name.isEmpty() ? "_" : outputs.get(name));
            if (!name.isEmpty()) {
                operands.put(name, new Operand(ExpressionText.whole(outputs.get(name)), Optional.empty()));
            }
        }
        declareParameters();
        add("(" + String.join(", ", targets) + ") = " + value);
    }

    /** True for a node that is a tensor, which is written where it is used. */
    private boolean constant(NodeProto node) {
        boolean known = node.getOpType().equals("Constant")
                && isDefault(node.getDomain())
                && node.getAttributeCount() == 1
                && node.getAttribute(0).hasT()
                && OnnxTensors.dtype(node.getAttribute(0).getT().getDataType()).isPresent()
                && !outputs.containsKey(node.getOutput(0));
        if (known) {
            initializer(node.getAttribute(0).getT().toBuilder()
                    .setName(node.getOutput(0))
                    .build());
        }
        return known;
    }

    static boolean isDefault(String domain) {
        return domain.isEmpty() || domain.equals(DEFAULT_DOMAIN);
    }

    /** A tensor that stands for a name of its own. */
    Tensor constant(String name, TensorProto proto) {
        initializer(proto.toBuilder().setName(name).build());
        return operands.get(name).tensor().orElseThrow();
    }

    /** A graph that a node holds, in braces. */
    String inside(GraphProto graph) {
        var inside = new GraphText(file, names.inside(), constants, types, Optional.of(this));
        graph.getInputList().forEach(i -> inside.names.declare(i.getName()));
        graph.getOutputList().forEach(o -> inside.use(o.getName()));
        inside.nodes(graph);
        var inputs = graph.getInputList().stream()
                .map(i -> inside.names.find(i.getName()).orElseThrow() + ": " + types.apply(i))
                .toList();
        var results = graph.getOutputList().stream()
                .map(o -> inside.value(o.getName()).text())
                .toList();
        return "{ " + (inputs.isEmpty() ? "" : String.join(", ", inputs) + " -> ")
                + String.join("\n", inside.statements)
                + (inside.statements.isEmpty() ? "" : "\nreturn ")
                + String.join(", ", results) + " }";
    }
}
