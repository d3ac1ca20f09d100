package dev.systole.frontend.sy;

import com.google.protobuf.ByteString;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.operator.OperatorSchema.Kind;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.Optional;

/** Attributes of nodes. The numbers of their types are those of AttributeProto in the ONNX IR specification. */
final class Attributes {
    private static final int FLOAT = 1;
    private static final int INT = 2;
    private static final int STRING = 3;
    private static final int TENSOR = 4;
    private static final int GRAPH = 5;
    private static final int FLOATS = 6;
    private static final int INTS = 7;
    private static final int STRINGS = 8;

    private Attributes() {}

    private static AttributeProto.Builder named(String name, int type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }

    static AttributeProto integer(String name, long value) {
        return named(name, INT).setI(value).build();
    }

    static AttributeProto integers(String name, List<Long> values) {
        return named(name, INTS).addAllInts(values).build();
    }

    static AttributeProto graph(String name, GraphProto graph) {
        return named(name, GRAPH).setG(graph).build();
    }

    /**
     * The attribute that a term gives.
     *
     * @param kind that the operator wants; absent if that is not known
     * @return empty if the term is not of that kind
     */
    static Optional<AttributeProto> of(String name, Optional<Kind> kind, Term term) {
        return switch (term) {
            case Term.Whole(var value) when wants(kind, Kind.INT) -> Optional.of(integer(name, value));
            case Term.Truth(var value) when wants(kind, Kind.INT) -> Optional.of(integer(name, value ? 1 : 0));
            case Term.Whole(var value) when wants(kind, Kind.FLOAT) -> Optional.of(real(name, value));
            case Term.Real(var value) when wants(kind, Kind.FLOAT) -> Optional.of(real(name, value));
            case Term.Text(var value)
            when wants(kind, Kind.STRING) ->
                Optional.of(
                        named(name, STRING).setS(ByteString.copyFromUtf8(value)).build());
            case Term.Constant(var tensor) when wants(kind, Kind.TENSOR) -> Optional.of(tensor(name, tensor));
            case Term.Items(var items) -> list(name, kind, items);
            default -> Optional.empty();
        };
    }

    private static boolean wants(Optional<Kind> kind, Kind one) {
        return kind.isEmpty() || kind.get() == one;
    }

    private static AttributeProto real(String name, double value) {
        return named(name, FLOAT).setF((float) value).build();
    }

    static AttributeProto tensor(String name, Tensor tensor) {
        return named(name, TENSOR).setT(OnnxTensors.toProto("", tensor)).build();
    }

    private static Optional<AttributeProto> list(String name, Optional<Kind> kind, List<Term> items) {
        if (wants(kind, Kind.INTS) && items.stream().allMatch(Term.Whole.class::isInstance)) {
            return Optional.of(integers(
                    name, items.stream().map(i -> ((Term.Whole) i).value()).toList()));
        }
        if (wants(kind, Kind.STRINGS) && items.stream().allMatch(Term.Text.class::isInstance)) {
            var proto = named(name, STRINGS);
            items.forEach(i -> proto.addStrings(ByteString.copyFromUtf8(((Term.Text) i).value())));
            return Optional.of(proto.build());
        }
        if (wants(kind, Kind.FLOATS) && new Term.Items(items).isNumbers()) {
            var proto = named(name, FLOATS);
            items.forEach(
                    i -> proto.addFloats(i instanceof Term.Whole(var value) ? value : (float) ((Term.Real) i).value()));
            return Optional.of(proto.build());
        }
        return Optional.empty();
    }

    /** What an attribute of a kind is, for messages. */
    static String describe(Kind kind) {
        return switch (kind) {
            case FLOAT -> "a number";
            case INT -> "a whole number";
            case STRING -> "a text";
            case TENSOR -> "a tensor of a stated type, as f32(1.0)";
            case GRAPH -> "a graph";
            case FLOATS -> "a list of numbers";
            case INTS -> "a list of whole numbers";
            case STRINGS -> "a list of texts";
            case TENSORS, GRAPHS, SPARSE_TENSOR, TYPE_PROTO -> "nothing that the language has";
        };
    }
}
