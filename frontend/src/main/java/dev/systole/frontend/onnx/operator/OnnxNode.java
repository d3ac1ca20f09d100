package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorShapeProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A node of the model while it is imported: its operands, its attributes and the graphs that it holds; its operations go to the
 * graph that is built.
 */
public final class OnnxNode extends GraphOperations {
    /** More numbers than any operand that decides about shapes has. */
    private static final long MOST_NUMBERS = 1L << 20;

    private final NodeProto proto;
    private final List<Optional<OnnxValue>> inputs;
    private final OperatorSchema schema;
    private final NodeAttributes attributes;
    private final Bodies bodies;
    private final Bounds bounds;

    /** Remembers values of which only a part counts. */
    public interface Bounds {
        /** Along {@code axis} only the first {@code count} elements of a value count. */
        void add(Value value, int axis, Value count);

        /** True for a value of which only a part counts. */
        boolean has(Value value);
    }

    /** Imports graphs that nodes hold. */
    @FunctionalInterface
    public interface Bodies {
        /** The outputs of a graph for these inputs; what the node's own graph defines is visible inside. */
        List<OnnxValue> inline(GraphProto body, List<OnnxValue> inputs);
    }

    /**
     * @param constants values known so far; grows
     * @param inputs operands; absent optional ones are empty
     * @param schema the operator's form in the version that the model imports
     * @param directory for external data
     * @param bodies imports the node's graphs
     * @param bounds takes values of which only a part counts
     */
    public OnnxNode(
            GraphBuilder builder,
            Map<Value, Tensor> constants,
            NodeProto proto,
            List<Optional<OnnxValue>> inputs,
            OperatorSchema schema,
            Path directory,
            Bodies bodies,
            Bounds bounds) {
        super(builder, constants);
        this.proto = proto;
        this.inputs = inputs;
        this.schema = schema;
        this.attributes = new NodeAttributes(proto, schema, builder.location(), directory);
        this.bodies = bodies;
        this.bounds = bounds;
    }

    /** The version of the operator set that brought the operator's form. */
    int since() {
        return schema.since();
    }

    String operator() {
        return proto.getOpType();
    }

    NodeAttributes attributes() {
        return attributes;
    }

    int outputs() {
        return proto.getOutputCount();
    }

    /** True if something reads output {@code i}. */
    boolean wants(int i) {
        return i < proto.getOutputCount() && !proto.getOutput(i).isEmpty();
    }

    int inputs() {
        return inputs.size();
    }

    boolean has(int i) {
        return i < inputs.size() && inputs.get(i).isPresent();
    }

    /** @throws FrontendException if the operand is absent, or no tensor */
    Value input(int i) {
        return tensor(any(i));
    }

    Optional<Value> optional(int i) {
        return has(i) ? Optional.of(input(i)) : Optional.empty();
    }

    List<Value> all() {
        return IntStream.range(0, inputs.size()).mapToObj(this::input).toList();
    }

    /** An operand of whatever kind. */
    OnnxValue any(int i) {
        if (!has(i)) {
            throw fault("input " + i + " is missing");
        }
        return inputs.get(i).get();
    }

    /** @throws FrontendException if the value is no tensor */
    Value tensor(OnnxValue value) {
        return switch (value) {
            case OnnxValue.OfTensor(var v) -> v;
            case OnnxValue.OfOptional(var content) when content.isPresent() -> tensor(content.get());
            default -> throw fault("takes a tensor where it is given " + value.type());
        };
    }

    /**
     * The elements of an operand that must be known while importing.
     *
     * @throws FrontendException if they are computed at run time
     */
    Tensor known(int i) {
        return known(input(i)).orElseThrow(() -> {
            var hint = isModelInput(input(i)) ? "; bind it: --bind " + proto.getInput(i) + "=VALUE" : "";
            return fault("input " + i + " (" + schema.input(i) + ", \"" + proto.getInput(i)
                    + "\") must be known when compiling, but is computed at run time" + hint);
        });
    }

    /**
     * The whole numbers of an operand that decides about shapes.
     *
     * @throws FrontendException if they are computed at run time, or are no list of integers
     */
    List<Long> longs(int i) {
        var tensor = known(i);
        if (!tensor.type().dtype().isInteger() || tensor.type().shape().rank() > 1) {
            throw fault(
                    "input " + i + " (" + schema.input(i) + ") is " + tensor.type() + ", not a list of whole numbers");
        }
        if (tensor.type().shape().elements() > MOST_NUMBERS) {
            throw fault("input %d (%s) is %s; no more than %d numbers are taken"
                    .formatted(i, schema.input(i), tensor.type(), MOST_NUMBERS));
        }
        var list = new ArrayList<Long>();
        for (long k = 0; k < tensor.type().shape().elements(); k++) {
            list.add(Elements.readInteger(tensor.bytes(), k, tensor.type().dtype()));
        }
        return list;
    }

    /** The one number of an operand that must be known. */
    double number(int i) {
        var tensor = known(i);
        if (tensor.type().shape().elements() != 1) {
            throw fault("input " + i + " (" + schema.input(i) + ") is " + tensor.type() + ", not one number");
        }
        return Elements.readDouble(tensor.bytes(), 0, tensor.type().dtype());
    }

    /** The one whole number of an operand that must be known. */
    long whole(int i) {
        var numbers = longs(i);
        if (numbers.size() != 1) {
            throw fault("input " + i + " (" + schema.input(i) + ") holds " + numbers.size() + " numbers, not one");
        }
        return numbers.getFirst();
    }

    /** The one element of an operand, as a scalar. */
    Value single(int i) {
        var x = input(i);
        if (x.type().shape().elements() != 1) {
            throw fault("input " + i + " (" + schema.input(i) + ") is " + x.type() + ", not one number");
        }
        return reshape(x, Shape.SCALAR);
    }

    /** @throws FrontendException if the operand is absent, or has another rank */
    Value ranked(int i, int rank) {
        if (input(i).type().shape().rank() != rank) {
            throw fault("input %d (%s) is %s; it has rank %d".formatted(i, schema.input(i), input(i).type(), rank));
        }
        return input(i);
    }

    /** @throws FrontendException if the operand is absent, or has another shape */
    Value shaped(int i, long... dims) {
        if (!input(i).type().shape().equals(Shape.of(dims))) {
            throw fault("input %d (%s) is %s; its shape is [%s]"
                    .formatted(i, schema.input(i), input(i).type(), Shape.of(dims)));
        }
        return input(i);
    }

    /** The outputs of a graph that the node holds. */
    List<OnnxValue> inline(String name, List<OnnxValue> given) {
        var body = attributes.graph(name).orElseThrow(() -> fault("graph \"" + name + "\" is missing"));
        return bodies.inline(body, given);
    }

    /** Number of outputs of a graph that the node holds. */
    int bodyOutputs(String name) {
        return attributes.graph(name).map(GraphProto::getOutputCount).orElse(0);
    }

    /** The element type that a graph of the node declares for an output. */
    Optional<DType> declaredType(String name, int output) {
        return declared(name, output).flatMap(t -> OnnxTensors.dtype(t.getElemType()));
    }

    /** The shape that a graph of the node declares for an output, if it declares every extent. */
    Optional<Shape> declaredShape(String name, int output) {
        return declared(name, output)
                .filter(TypeProto.Tensor::hasShape)
                .map(t -> t.getShape().getDimList())
                .filter(dims -> dims.stream().allMatch(d -> d.hasDimValue() && d.getDimValue() >= 0))
                .map(dims -> Shape.of(dims.stream()
                        .map(TensorShapeProto.Dimension::getDimValue)
                        .toList()));
    }

    private Optional<TypeProto.Tensor> declared(String name, int output) {
        return attributes
                .graph(name)
                .map(g -> g.getOutput(output).getType())
                .filter(TypeProto::hasTensorType)
                .map(TypeProto::getTensorType);
    }

    /** The tensor that a name of the model stands for where the node is. */
    Value named(String name) {
        var nothing =
                GraphProto.newBuilder().addOutput(ValueInfoProto.newBuilder().setName(name));
        return tensor(bodies.inline(nothing.build(), List.of()).getFirst());
    }

    /**
     * A result whose extent along an axis depends on data: the value has room for the most there can be. If the count is known, so is the
     * extent.
     *
     * @param value that nothing else stands for
     * @param count of elements that there are, an i64 scalar
     */
    Value bounded(Value value, int axis, Value count) {
        var known = known(count);
        if (known.isPresent()) {
            return slice(value, axis, 0, Elements.readInteger(known.get().bytes(), 0, DType.I64), 1);
        }
        bounds.add(value, axis, count);
        return value;
    }

    /** True for a value whose extent depends on data. */
    boolean isBounded(Value value) {
        return bounds.has(value);
    }
}
