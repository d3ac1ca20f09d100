package dev.systole.frontend.onnx.operator;

import com.google.protobuf.ByteString;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A node of the model while it is imported: its attributes, its operands, and the builder that its operations go to. Small
 * operations on constants are computed at once, so that shape arithmetic is known where it is needed.
 */
public final class OnnxNode {
    /** Results up to this size are computed while importing; larger ones are left to constant folding. */
    private static final long FOLDED_BYTES = 65_536;

    private final GraphBuilder builder;
    private final Map<Value, Tensor> constants;
    private final NodeProto proto;
    private final List<Optional<OnnxValue>> inputs;
    private final OperatorSchema schema;
    private final Path directory;
    private final Bodies bodies;
    private final Bounds bounds;

    /** Remembers values of which only a part counts. */
    @FunctionalInterface
    public interface Bounds {
        /** Along {@code axis} only the first {@code count} elements of a value count. */
        void add(Value value, int axis, Value count);
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
        this.builder = builder;
        this.constants = constants;
        this.proto = proto;
        this.inputs = inputs;
        this.schema = schema;
        this.directory = directory;
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

    /** The outputs of a graph that the node holds. */
    List<OnnxValue> inline(String name, List<OnnxValue> given) {
        var body = attribute(name).orElseThrow(() -> fault("graph \"" + name + "\" is missing"));
        return bodies.inline(body.getG(), given);
    }

    /** Number of outputs of a graph that the node holds. */
    int bodyOutputs(String name) {
        return attribute(name).map(a -> a.getG().getOutputCount()).orElse(0);
    }

    /** What a value is, if it is known while importing. */
    Optional<Tensor> known(Value v) {
        return Optional.ofNullable(constants.get(v));
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

    private boolean isModelInput(Value v) {
        return builder.isInput(v);
    }

    /**
     * The whole numbers of an operand that decides about shapes.
     *
     * @throws FrontendException if they are computed at run time, or are no integers
     */
    List<Long> longs(int i) {
        var tensor = known(i);
        if (tensor.type().dtype().isFloat()) {
            throw fault("input " + i + " (" + schema.input(i) + ") holds "
                    + tensor.type().dtype() + ", not whole numbers");
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

    FrontendException fault(String what) {
        return new FrontendException("SYS1204", "node %s: %s".formatted(builder.location(), what));
    }

    private Optional<AttributeProto> attribute(String name) {
        return proto.getAttributeList().stream()
                .filter(a -> a.getName().equals(name))
                .findFirst();
    }

    private Optional<String> fallback(String name) {
        return Optional.ofNullable(schema.attributes().get(name)).flatMap(OperatorSchema.Attribute::fallback);
    }

    /** An attribute that has a value in the specification where the node gives none. */
    long integer(String name) {
        return attribute(name)
                .map(AttributeProto::getI)
                .or(() -> fallback(name).map(Long::parseLong))
                .orElseThrow(() -> fault("attribute \"" + name + "\" is missing"));
    }

    boolean flag(String name) {
        return integer(name) != 0;
    }

    float real(String name) {
        return attribute(name)
                .map(AttributeProto::getF)
                .or(() -> fallback(name).map(Float::parseFloat))
                .orElseThrow(() -> fault("attribute \"" + name + "\" is missing"));
    }

    String text(String name) {
        return attribute(name)
                .map(a -> a.getS().toStringUtf8())
                .or(() -> fallback(name))
                .orElseThrow(() -> fault("attribute \"" + name + "\" is missing"));
    }

    Optional<List<String>> texts(String name) {
        return attribute(name)
                .map(a -> a.getStringsList().stream()
                        .map(ByteString::toStringUtf8)
                        .toList());
    }

    boolean hasAttribute(String name) {
        return attribute(name).isPresent();
    }

    long integer(String name, long otherwise) {
        return attribute(name).map(AttributeProto::getI).orElse(otherwise);
    }

    float real(String name, float otherwise) {
        return attribute(name).map(AttributeProto::getF).orElse(otherwise);
    }

    String text(String name, String otherwise) {
        return attribute(name).map(a -> a.getS().toStringUtf8()).orElse(otherwise);
    }

    Optional<List<Long>> integers(String name) {
        return attribute(name).map(AttributeProto::getIntsList);
    }

    Optional<List<Float>> reals(String name) {
        return attribute(name).map(AttributeProto::getFloatsList);
    }

    Optional<Tensor> tensor(String name) {
        return attribute(name)
                .map(a -> OnnxTensors.of(a.getT(), builder.location().toString(), directory));
    }

    /**
     * A result whose extent along an axis depends on data: the value has room for the most there can be.
     *
     * @param count of elements that there are, an i64 scalar
     */
    Value bounded(Value value, int axis, Value count) {
        bounds.add(value, axis, count);
        return value;
    }

    /** A dimension counted from the end if negative. */
    int axis(long axis, int rank) {
        if (axis < -rank || axis >= Math.max(1, rank)) {
            throw fault("axis " + axis + " is outside a tensor of rank " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    Value constant(Tensor tensor) {
        var v = builder.constant(tensor);
        constants.put(v, tensor);
        return v;
    }

    Value longs(List<Long> values) {
        return constant(Tensor.ofLongs(
                Shape.of(values.size()),
                values.stream().mapToLong(Long::longValue).toArray()));
    }

    /** A scalar of any element type. */
    Value scalar(DType dtype, double value) {
        var tensor = Tensor.allocate(TensorType.of(dtype));
        if (dtype.isFloat()) {
            Elements.writeDouble(tensor.bytes(), 0, dtype, value);
        } else {
            Elements.writeInteger(tensor.bytes(), 0, dtype, (long) value);
        }
        return constant(tensor);
    }

    Value splat(DType dtype, Shape shape, double value) {
        return broadcast(scalar(dtype, value), shape);
    }

    Value add(Op op, Value... operands) {
        return addAll(op, List.of(operands)).getFirst();
    }

    /** Appends an operation, or its result if the operands are known and the result is small. */
    List<Value> addAll(Op op, List<Value> operands) {
        if (!operands.isEmpty() && operands.stream().allMatch(constants::containsKey)) {
            var types =
                    TypeInference.infer(op, operands.stream().map(Value::type).toList());
            if (types.stream().mapToLong(TensorType::bytes).sum() <= FOLDED_BYTES) {
                try {
                    return GraphInterpreter.evaluate(
                                    op, operands.stream().map(constants::get).toList(), types)
                            .stream()
                            .map(this::constant)
                            .toList();
                } catch (GraphException e) {
                    throw fault(e.getMessage());
                }
            }
        }
        return builder.addAll(op, operands);
    }

    Value unary(UnaryOp f, Value x) {
        return add(new Op.Unary(f), x);
    }

    /** f(a, b), both broadcast to their common shape. */
    Value binary(BinaryOp f, Value a, Value b) {
        var shape = TypeInference.broadcast(a.type().shape(), b.type().shape());
        return add(new Op.Binary(f), broadcast(a, shape), broadcast(b, shape));
    }

    /** f(x, c) with the same number for every element. */
    Value binary(BinaryOp f, Value x, double c) {
        return binary(f, x, scalar(x.type().dtype(), c));
    }

    Value broadcast(Value x, Shape shape) {
        int missing = shape.rank() - x.type().shape().rank();
        if (missing > 0) {
            var dims = new long[shape.rank()];
            java.util.Arrays.fill(dims, 0, missing, 1);
            System.arraycopy(
                    x.type().shape().toArray(),
                    0,
                    dims,
                    missing,
                    x.type().shape().rank());
            x = reshape(x, Shape.of(dims));
        }
        return x.type().shape().equals(shape) ? x : add(new Op.Broadcast(shape), x);
    }

    Value reshape(Value x, Shape shape) {
        return x.type().shape().equals(shape) ? x : add(new Op.Reshape(shape), x);
    }

    Value cast(Value x, DType to) {
        return x.type().dtype() == to ? x : add(new Op.Cast(to, false), x);
    }

    Value transpose(Value x, List<Integer> permutation) {
        return add(new Op.Transpose(permutation), x);
    }
}
