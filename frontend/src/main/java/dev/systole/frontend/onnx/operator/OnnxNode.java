package dev.systole.frontend.onnx.operator;

import com.google.protobuf.ByteString;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.AttributeProto;
import dev.systole.frontend.onnx.proto.GraphProto;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.frontend.onnx.proto.TensorShapeProto;
import dev.systole.frontend.onnx.proto.TypeProto;
import dev.systole.frontend.onnx.proto.ValueInfoProto;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A node of the model while it is imported: its attributes, its operands, and the builder that its operations go to. Small
 * operations on constants are computed at once, so that shape arithmetic is known where it is needed.
 */
public final class OnnxNode {
    /** Results up to this size are computed while importing; larger ones are left to constant folding. */
    private static final long FOLDED_BYTES = 65_536;

    /** More numbers than any operand that decides about shapes has. */
    private static final long MOST_NUMBERS = 1L << 20;

    /** Operands up to this size are read for it. */
    private static final long READ_BYTES = 1L << 24;

    private final GraphBuilder builder;
    private final Map<Value, Tensor> constants;
    private final NodeProto proto;
    private final List<Optional<OnnxValue>> inputs;
    private final OperatorSchema schema;
    private final Path directory;
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
        return attribute(name)
                .map(a -> a.getG().getOutput(output).getType())
                .filter(TypeProto::hasTensorType)
                .map(TypeProto::getTensorType);
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

    /** A dimension counted from the end if negative. */
    int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
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
        var types = TypeInference.infer(op, operands.stream().map(Value::type).toList());
        types.forEach(this::requireBounded);
        boolean known = !operands.isEmpty() && operands.stream().allMatch(constants::containsKey);
        if (known && types.stream().allMatch(t -> t.shape().elements() == 0)) {
            return types.stream().map(Tensor::allocate).map(this::constant).toList();
        }
        if (!known || !isFolded(op, operands, types)) {
            return builder.addAll(op, operands);
        }
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

    private void requireBounded(TensorType type) {
        if (type.shape().rank() > OnnxTensors.MOST_DIMENSIONS) {
            throw fault("gives %d dimensions; up to %d are supported"
                    .formatted(type.shape().rank(), OnnxTensors.MOST_DIMENSIONS));
        }
        try {
            type.bytes();
        } catch (ArithmeticException e) {
            throw fault("gives " + type + ", which has more than 2^63 bytes");
        }
    }

    /** True for what is cheap to compute at once. Windows are not: they can be larger than what they cover. */
    private static boolean isFolded(Op op, List<Value> operands, List<TensorType> results) {
        return !(op instanceof Op.Convolution || op instanceof Op.WindowReduce)
                && results.stream().mapToDouble(TensorType::bytes).sum() <= FOLDED_BYTES
                && operands.stream().mapToDouble(v -> steps(v.type())).sum() <= READ_BYTES;
    }

    /** Bytes to read of a tensor; one that is empty is still walked along its other dimensions. */
    private static double steps(TensorType type) {
        return type.shape().dims().stream().mapToDouble(d -> Math.max(1, d)).reduce(1, (a, b) -> a * b)
                * type.dtype().bits()
                / 8;
    }

    Value unary(UnaryOp f, Value x) {
        boolean isOwnMagnitude = f == UnaryOp.ABS && !x.type().dtype().isSigned();
        return isOwnMagnitude ? x : add(new Op.Unary(f), x);
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

    /** {@code size} elements along an axis, from {@code start} in steps of {@code step}. */
    Value slice(Value x, int axis, long start, long size, long step) {
        var shape = x.type().shape();
        if (start == 0 && step == 1 && size == shape.dim(axis)) {
            return x;
        }
        var starts = new ArrayList<>(Collections.nCopies(shape.rank(), 0L));
        var steps = new ArrayList<>(Collections.nCopies(shape.rank(), 1L));
        starts.set(axis, start);
        steps.set(axis, step);
        return add(new Op.Slice(starts, shape.with(axis, size).dims().asList(), steps), x);
    }

    Value slice(Value x, int axis, long start, long size) {
        return slice(x, axis, start, size, 1);
    }

    Value concat(int axis, List<Value> parts) {
        return parts.size() == 1
                ? parts.getFirst()
                : addAll(new Op.Concat(axis), parts).getFirst();
    }

    /** a where the condition holds, b elsewhere, all broadcast to their common shape. */
    Value select(Value condition, Value a, Value b) {
        var shape = TypeInference.broadcast(
                condition.type().shape(),
                TypeInference.broadcast(a.type().shape(), b.type().shape()));
        return add(new Op.Select(), broadcast(condition, shape), broadcast(a, shape), broadcast(b, shape));
    }

    /** The numbers 0, 1, 2, … as i64; known unless there are many. */
    Value iota(long extent) {
        var type = TensorType.of(DType.I64, extent);
        return type.bytes() > FOLDED_BYTES
                ? add(new Op.Iota(type, 0))
                : longs(LongStream.range(0, extent).boxed().toList());
    }

    /** A float tensor as fp32 where its type is narrower. */
    Value widened(Value x) {
        return cast(x, x.type().dtype() == DType.F64 ? DType.F64 : DType.F32);
    }

    /** The one element of an operand, as a scalar. */
    Value single(int i) {
        var x = input(i);
        if (x.type().shape().elements() != 1) {
            throw fault("input " + i + " (" + schema.input(i) + ") is " + x.type() + ", not one number");
        }
        return reshape(x, Shape.SCALAR);
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
                    .formatted(dtype, since(), allowed.stream().sorted().collect(Collectors.joining(", "))));
        }
        return dtype;
    }

    /** The seed of the node's random numbers: its own, or one made of its name, so that a model always compiles to the same program. */
    long seed() {
        return attribute("seed")
                .map(a -> a.hasF() ? (long) Float.floatToIntBits(a.getF()) : a.getI())
                .orElseGet(() -> (long) builder.location().toString().hashCode());
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

    /** The float type, of 16 bits or more, that an attribute names by its ONNX number. */
    Optional<DType> floatType(String name) {
        return attribute(name)
                .map(a -> OnnxTensors.dtype((int) Math.clamp(a.getI(), 0, Integer.MAX_VALUE))
                        .filter(t -> t.isFloat() && t.bits() >= 16)
                        .orElseThrow(() -> fault("attribute \"" + name + "\" is " + a.getI()
                                + ", which is no float type of 16 bits or more")));
    }

    /** The tensor that a name of the model stands for where the node is. */
    Value named(String name) {
        var nothing =
                GraphProto.newBuilder().addOutput(ValueInfoProto.newBuilder().setName(name));
        return tensor(bodies.inline(nothing.build(), List.of()).getFirst());
    }

    /** The number of operations so far. */
    int size() {
        return builder.size();
    }

    /** The same value, of which nothing is known. */
    Value unknown(Value v) {
        return builder.add(new Op.Reshape(v.type().shape()), v);
    }

    /** The operations so far, in order. */
    List<Node> operations() {
        return builder.build().nodes();
    }
}
