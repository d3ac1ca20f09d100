package dev.systole.frontend.sy;

import dev.systole.frontend.onnx.operator.OperatorSchemas;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.Optional;

/** Nodes as expressions of what their inputs stand for: signs where the language has them, else calls. */
final class NodeText {
    /** Before that version operators between two tensors have attributes of their own. */
    private static final int SIGNS = 7;

    private final GraphText graph;
    private final int opset;

    /** @param graph that the nodes are in */
    NodeText(GraphText graph, int opset) {
        this.graph = graph;
        this.opset = opset;
    }

    ExpressionText of(NodeProto node) {
        return signs(node).orElseGet(() -> ExpressionText.whole(call(node)));
    }

    /** A sign before its operand or between two, if the node is one. */
    private Optional<ExpressionText> signs(NodeProto node) {
        boolean plain = GraphText.isDefault(node.getDomain())
                && node.getAttributeCount() == 0
                && node.getOutputCount() == 1
                && node.getInputList().stream().noneMatch(String::isEmpty);
        if (!plain || opset < SIGNS) {
            return Optional.empty();
        }
        boolean known =
                node.getInputList().stream().allMatch(i -> graph.tensor(i).isPresent());
        if (node.getInputCount() == 1 && !known) {
            var operand = graph.value(node.getInput(0));
            return switch (node.getOpType()) {
                case "Neg" ->
                    Optional.of(new ExpressionText("-" + operand.below(ExpressionText.SIGN), ExpressionText.SIGN));
                case "Not" ->
                    Optional.of(new ExpressionText("not " + operand.below(ExpressionText.SIGN), ExpressionText.SIGN));
                default -> Optional.empty();
            };
        }
        return node.getInputCount() != 2
                ? Optional.empty()
                : BinaryOperator.forOnnx(node.getOpType()).map(o -> binary(o, node, known));
    }

    private ExpressionText binary(BinaryOperator operator, NodeProto node, boolean known) {
        boolean power = operator == BinaryOperator.POWER;
        boolean numbers = !known && !power;
        var left = operand(node.getInput(0), numbers);
        var right = operand(node.getInput(1), numbers);
        int level = operator.level();
        return new ExpressionText(
                left.below(power ? ExpressionText.WHOLE : level) + " " + operator + " "
                        + right.below(power ? level : level - 1),
                level);
    }

    /** A scalar beside a tensor needs no type. */
    private ExpressionText operand(String name, boolean numbers) {
        return graph.tensor(name)
                .filter(t -> numbers)
                .flatMap(ConstantText::number)
                .map(n -> n.startsWith("-") ? new ExpressionText(n, ExpressionText.SIGN) : ExpressionText.whole(n))
                .orElseGet(() -> graph.value(name));
    }

    private String call(NodeProto node) {
        var arguments = new ArrayList<String>();
        int inputs = node.getInputCount();
        while (inputs > 0 && node.getInput(inputs - 1).isEmpty()) {
            inputs--;
        }
        node.getInputList()
                .subList(0, inputs)
                .forEach(i -> arguments.add(i.isEmpty() ? "_" : graph.value(i).text()));
        var cast = AttributeText.castTo(node);
        if (cast.isPresent()
                && inputs == 1
                && GraphText.isDefault(node.getDomain())
                && graph.tensor(node.getInput(0)).isEmpty()) {
            return cast.get() + "(" + arguments.getFirst() + ")";
        }
        var schema = OperatorSchemas.find(node.getDomain(), node.getOpType(), graph.opset(node.getDomain()));
        for (var attribute : node.getAttributeList()) {
            if (schema.isEmpty() || !AttributeText.isFallback(attribute, schema.get())) {
                arguments.add(attribute.getName() + "=" + attribute(node, attribute));
            }
        }
        var name = OperatorSchemas.name(node.getDomain(), node.getOpType());
        for (var word : name.split("\\.", -1)) {
            if (!Identifiers.isName(word)) {
                throw new IllegalArgumentException("\"" + name + "\" is no name of an operator");
            }
        }
        return name + "(" + String.join(", ", arguments) + ")";
    }

    private String attribute(NodeProto node, AttributeProto attribute) {
        if (attribute.hasG()) {
            return graph.inside(attribute.getG());
        }
        if (attribute.hasT()) {
            var key = node.getOutput(0) + ":" + attribute.getName();
            var tensor = graph.constant(key, attribute.getT());
            return LiteralText.of(tensor)
                    .filter(l -> tensor.type().shape().elements() == 1)
                    .orElseGet(() -> graph.value(key).text());
        }
        return AttributeText.of(node, attribute);
    }
}
