package dev.systole.frontend.onnx.operator;

import com.google.protobuf.ByteString;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.Location;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The attributes of a node by type, each with the value that the specification gives it where the node gives none. */
final class NodeAttributes {
    private final NodeProto proto;
    private final OperatorSchema schema;
    private final Location at;
    private final Path directory;

    /**
     * @param schema the operator's form in the version that the model imports
     * @param at the node, for errors
     * @param directory for external data
     */
    NodeAttributes(NodeProto proto, OperatorSchema schema, Location at, Path directory) {
        this.proto = proto;
        this.schema = schema;
        this.at = at;
        this.directory = directory;
    }

    boolean has(String name) {
        return attribute(name).isPresent();
    }

    /** An attribute that has a value in the specification where the node gives none. */
    long integer(String name) {
        return attribute(name)
                .map(AttributeProto::getI)
                .or(() -> fallback(name).map(Long::parseLong))
                .orElseThrow(() -> missing(name));
    }

    long integer(String name, long otherwise) {
        return attribute(name).map(AttributeProto::getI).orElse(otherwise);
    }

    boolean flag(String name) {
        return integer(name) != 0;
    }

    float real(String name) {
        return attribute(name)
                .map(AttributeProto::getF)
                .or(() -> fallback(name).map(Float::parseFloat))
                .orElseThrow(() -> missing(name));
    }

    float real(String name, float otherwise) {
        return attribute(name).map(AttributeProto::getF).orElse(otherwise);
    }

    String text(String name) {
        return attribute(name)
                .map(a -> a.getS().toStringUtf8())
                .or(() -> fallback(name))
                .orElseThrow(() -> missing(name));
    }

    String text(String name, String otherwise) {
        return attribute(name).map(a -> a.getS().toStringUtf8()).orElse(otherwise);
    }

    Optional<List<String>> texts(String name) {
        return attribute(name)
                .map(a -> a.getStringsList().stream()
                        .map(ByteString::toStringUtf8)
                        .toList());
    }

    Optional<List<Long>> integers(String name) {
        return attribute(name).map(AttributeProto::getIntsList);
    }

    Optional<List<Float>> reals(String name) {
        return attribute(name).map(AttributeProto::getFloatsList);
    }

    Optional<Tensor> tensor(String name) {
        return attribute(name).map(a -> OnnxTensors.of(a.getT(), at.toString(), directory));
    }

    /** A graph that the node holds. */
    Optional<GraphProto> graph(String name) {
        return attribute(name).map(AttributeProto::getG);
    }

    /**
     * The element type that an attribute names by its ONNX number; the other one where the attribute is absent or 0.
     *
     * @throws FrontendException if output {@code output} is not given in this type
     */
    DType elementType(String attribute, DType otherwise, int output) {
        long number = attribute(attribute)
                .map(AttributeProto::getI)
                .or(() -> fallback(attribute).map(Long::parseLong))
                .orElse(0L);
        return number == 0 ? given(otherwise, output) : elementType(number, output);
    }

    /** The element type with an ONNX number, in which output {@code output} is given. */
    DType elementType(long number, int output) {
        var dtype = number == (int) number ? OnnxTensors.dtype((int) number) : Optional.<DType>empty();
        return given(dtype.orElseThrow(() -> fault("cannot give ONNX element type " + number)), output);
    }

    private DType given(DType dtype, int output) {
        var type = schema.outputs().get(output).type();
        var allowed = schema.types().getOrDefault(type, Set.of(type));
        if (!allowed.contains(dtype.toString())) {
            throw fault("cannot give %s; version %d of the operator gives %s"
                    .formatted(dtype, schema.since(), allowed.stream().sorted().collect(Collectors.joining(", "))));
        }
        return dtype;
    }

    /** The float type, of 16 bits or more, that an attribute names by its ONNX number. */
    Optional<DType> floatType(String name) {
        return attribute(name)
                .map(a -> OnnxTensors.dtype((int) Math.clamp(a.getI(), 0, Integer.MAX_VALUE))
                        .filter(t -> t.isFloat() && t.bits() >= 16)
                        .orElseThrow(() -> fault("attribute \"" + name + "\" is " + a.getI()
                                + ", which is no float type of 16 bits or more")));
    }

    /** The seed of the node's random numbers: its own, or one made of its name, so that a model always compiles to the same program. */
    long seed() {
        return attribute("seed")
                .map(a -> a.hasF() ? (long) Float.floatToIntBits(a.getF()) : a.getI())
                .orElseGet(() -> (long) at.toString().hashCode());
    }

    private Optional<AttributeProto> attribute(String name) {
        return proto.getAttributeList().stream()
                .filter(a -> a.getName().equals(name))
                .findFirst();
    }

    private Optional<String> fallback(String name) {
        return Optional.ofNullable(schema.attributes().get(name)).flatMap(OperatorSchema.Attribute::fallback);
    }

    private FrontendException missing(String name) {
        return fault("attribute \"" + name + "\" is missing");
    }

    private FrontendException fault(String what) {
        return GraphOperations.fault(at, what);
    }
}
