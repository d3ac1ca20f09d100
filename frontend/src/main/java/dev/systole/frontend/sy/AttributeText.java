package dev.systole.frontend.sy;

import com.google.protobuf.ByteString;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OperatorSchema;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Attributes that are numbers, texts and lists of them. */
final class AttributeText {
    private static final Set<String> ELEMENT_TYPES = Set.of("to", "dtype", "output_dtype", "stash_type");

    private AttributeText() {}

    /** True if the operator takes this value anyway. */
    static boolean isFallback(AttributeProto a, OperatorSchema schema) {
        var fallback =
                Optional.ofNullable(schema.attributes().get(a.getName())).flatMap(OperatorSchema.Attribute::fallback);
        return switch (OperatorSchema.kind(a).orElse(OperatorSchema.Kind.GRAPH)) {
            case INT -> fallback.equals(Optional.of(Long.toString(a.getI())));
            case STRING -> fallback.equals(Optional.of(a.getS().toStringUtf8()));
            default -> false;
        };
    }

    /** The element type that a node casts to, if it does nothing else. */
    static Optional<String> castTo(NodeProto node) {
        return node.getOpType().equals("Cast") && node.getAttributeCount() == 1
                ? Optional.of(integer(node.getAttribute(0)))
                        .filter(t -> Types.element(t).isPresent())
                : Optional.empty();
    }

    /** @throws IllegalArgumentException if the language has nothing of its kind */
    static String of(NodeProto node, AttributeProto a) {
        return switch (OperatorSchema.kind(a).orElseThrow(() -> none(node, a))) {
            case FLOAT -> real(a.getF());
            case INT -> integer(a);
            case STRING -> text(node, a, a.getS());
            case FLOATS ->
                list(a.getFloatsList().stream().map(AttributeText::real).toList());
            case INTS ->
                list(a.getIntsList().stream().map(i -> Long.toString(i)).toList());
            case STRINGS ->
                list(a.getStringsList().stream().map(s -> text(node, a, s)).toList());
            case TENSOR, GRAPH, TENSORS, GRAPHS, SPARSE_TENSOR, TYPE_PROTO -> throw none(node, a);
        };
    }

    private static IllegalArgumentException none(NodeProto node, AttributeProto a) {
        return new IllegalArgumentException(
                "attribute \"" + a.getName() + "\" of " + node.getOpType() + " is of a kind that the language has not");
    }

    private static String real(float value) {
        return LiteralText.real(value, DType.F32);
    }

    private static String list(List<String> items) {
        return items.stream().collect(Collectors.joining(", ", "[", "]"));
    }

    private static String integer(AttributeProto a) {
        return Optional.of(a)
                .filter(x -> ELEMENT_TYPES.contains(x.getName()) && x.getI() > 0 && x.getI() < Integer.MAX_VALUE)
                .flatMap(x -> OnnxTensors.dtype((int) x.getI()))
                .map(DType::toString)
                .orElse(Long.toString(a.getI()));
    }

    private static String text(NodeProto node, AttributeProto a, ByteString bytes) {
        var text = bytes.toStringUtf8();
        if (!bytes.isValidUtf8() || text.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\t')) {
            throw none(node, a);
        }
        return "\""
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                + "\"";
    }
}
