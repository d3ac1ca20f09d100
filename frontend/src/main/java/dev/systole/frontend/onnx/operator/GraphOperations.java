package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Location;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Appends operations to the graph. Small ones on constants are computed at once, so that shape arithmetic is known where it is
 * needed.
 */
abstract sealed class GraphOperations permits OnnxNode {
    /** Results up to this size are computed while importing; larger ones are left to constant folding. */
    private static final long FOLDED_BYTES = 65_536;

    /** Operands up to this size are read for it. */
    private static final long READ_BYTES = 1L << 24;

    private final GraphBuilder builder;
    private final Map<Value, Tensor> constants;

    /** @param constants values known so far; grows */
    GraphOperations(GraphBuilder builder, Map<Value, Tensor> constants) {
        this.builder = builder;
        this.constants = constants;
    }

    /** What a value is, if it is known while importing. */
    Optional<Tensor> known(Value v) {
        return Optional.ofNullable(constants.get(v));
    }

    boolean isModelInput(Value v) {
        return builder.isInput(v);
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

    /**
     * True for what is cheap to compute at once. Windows are not: they can be larger than what they cover. A number, or a vector, that is
     * spread over more dimensions costs nothing as it is, and can be read in any layout.
     */
    private static boolean isFolded(Op op, List<Value> operands, List<TensorType> results) {
        boolean spreads = op instanceof Op.Broadcast
                && operands.getFirst().type().dtype().isFloat()
                && results.getFirst().shape().elements()
                        > operands.getFirst().type().shape().elements();
        return !(op instanceof Op.Convolution || op instanceof Op.WindowReduce || spreads)
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
        var aligned = reshape(x, x.type().shape().withRank(shape.rank()));
        return aligned.type().shape().equals(shape) ? aligned : add(new Op.Broadcast(shape), aligned);
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
        return add(Op.Slice.along(shape, axis, start, size, step), x);
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

    /** An error of the model at the node whose operations these are. */
    FrontendException fault(String what) {
        return fault(builder.location(), what);
    }

    static FrontendException fault(Location at, String what) {
        return new FrontendException("SYS1204", "node %s: %s".formatted(at, what));
    }
}
