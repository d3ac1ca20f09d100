package dev.systole.ir.graph;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The primitive operators: one record each, holding what does not flow through values. {@link TypeInference} says what
 * types each takes and gives, {@link GraphInterpreter} what it computes.
 */
public sealed interface Op {

    /** The printed name. */
    String mnemonic();

    /** Literal data. No inputs. */
    record Constant(Tensor value) implements Op {
        @Override
        public String mnemonic() {
            return "constant";
        }
    }

    /** Element index along one dimension: result[..i..] = i. No inputs. */
    record Iota(TensorType type, int axis) implements Op {
        @Override
        public String mnemonic() {
            return "iota";
        }
    }

    /** Counter-based uniform random numbers in [0, 1): the same seed gives the same values on every host. No inputs. */
    record Random(TensorType type, long seed) implements Op {
        @Override
        public String mnemonic() {
            return "random";
        }
    }

    /** f(x) for every element. */
    record Unary(UnaryOp function) implements Op {
        @Override
        public String mnemonic() {
            return function.mnemonic();
        }
    }

    /** f(a, b) for every pair of elements; both operands have the same type. */
    record Binary(BinaryOp function) implements Op {
        @Override
        public String mnemonic() {
            return function.mnemonic();
        }
    }

    /** Inputs condition (bool), a, b of one shape: a where the condition holds, b elsewhere. */
    record Select() implements Op {
        @Override
        public String mnemonic() {
            return "select";
        }
    }

    /**
     * Conversion of the element type. Float to integer truncates toward zero, and what NaN becomes is not said; to a narrower float rounds to nearest even;
     * to bool is {@code x != 0}.
     *
     * @param saturate for float targets without infinity or with a smaller range: clamp to the largest finite value
     */
    record Cast(DType to, boolean saturate) implements Op {
        @Override
        public String mnemonic() {
            return "cast";
        }
    }

    /** The same bits as another element type of the same width. */
    record Bitcast(DType to) implements Op {
        @Override
        public String mnemonic() {
            return "bitcast";
        }
    }

    /**
     * Elements of less than a byte, as they lie packed in HBM, each in a byte or more of its own: the same bits as an integer type of
     * the same width. The input is an input or a constant of the graph, a reshape of one, or a result of {@link Pack}.
     */
    record Unpack(DType to) implements Op {
        @Override
        public String mnemonic() {
            return "unpack";
        }
    }

    /** Integers of less than a byte side by side, the first one in the lowest bits: the same bits as another type of the same width. */
    record Pack(DType to) implements Op {
        @Override
        public String mnemonic() {
            return "pack";
        }
    }

    /** Stretches dimensions of extent 1 to the extents of {@code shape}; the rank stays. */
    record Broadcast(Shape shape) implements Op {
        @Override
        public String mnemonic() {
            return "broadcast";
        }
    }

    /** The same elements in row-major order under another shape. */
    record Reshape(Shape shape) implements Op {
        @Override
        public String mnemonic() {
            return "reshape";
        }
    }

    /** Result dimension i is input dimension {@code permutation[i]}. */
    record Transpose(List<Integer> permutation) implements Op {
        public Transpose {
            permutation = List.copyOf(permutation);
        }

        @Override
        public String mnemonic() {
            return "transpose";
        }
    }

    /** Per dimension {@code sizes[i]} elements from {@code starts[i]} in steps of {@code steps[i]}, which may be negative. */
    record Slice(List<Long> starts, List<Long> sizes, List<Long> steps) implements Op {
        public Slice {
            starts = List.copyOf(starts);
            sizes = List.copyOf(sizes);
            steps = List.copyOf(steps);
        }

        /** {@code size} elements along one dimension of a shape, from {@code start} in steps of {@code step}, and all of the others. */
        public static Slice along(Shape shape, int axis, long start, long size, long step) {
            var starts = new ArrayList<>(Collections.nCopies(shape.rank(), 0L));
            var steps = new ArrayList<>(Collections.nCopies(shape.rank(), 1L));
            starts.set(axis, start);
            steps.set(axis, step);
            return new Slice(starts, shape.with(axis, size).dims().asList(), steps);
        }

        @Override
        public String mnemonic() {
            return "slice";
        }
    }

    /** Inputs x and a scalar: the scalar {@code low[i]} times before and {@code high[i]} times after dimension i. */
    record Pad(List<Long> low, List<Long> high) implements Op {
        public Pad {
            low = List.copyOf(low);
            high = List.copyOf(high);
        }

        @Override
        public String mnemonic() {
            return "pad";
        }
    }

    /** The inputs one after the other along a dimension. */
    record Concat(int axis) implements Op {
        @Override
        public String mnemonic() {
            return "concat";
        }
    }

    /**
     * Inputs data [n, rest...] and indices [k...] (i32 or i64, each in 0..n-1): result [k..., rest...] holds whole rows
     * of data. An index outside is an error at run time.
     */
    record Gather() implements Op {
        @Override
        public String mnemonic() {
            return "gather";
        }
    }

    /** Inputs data and indices of equal rank: result[..i..] = data[..indices[..i..]..] along the axis. */
    record GatherElements(int axis) implements Op {
        @Override
        public String mnemonic() {
            return "gather_elements";
        }
    }

    /**
     * Inputs data [n, rest...], indices [k] and updates [k, rest...]: data with rows replaced by, or combined with, the
     * updates in index order.
     */
    record Scatter(ScatterMode mode) implements Op {
        @Override
        public String mnemonic() {
            return "scatter_" + mode.name().toLowerCase(Locale.ROOT);
        }
    }

    /** How a scatter combines an update with what is there. */
    enum ScatterMode {
        REPLACE,
        ADD,
        MUL,
        MAX,
        MIN
    }

    /** Reduces the axes, which stay with extent 1, in element order from the first element. */
    record Reduce(ReduceOp function, List<Integer> axes) implements Op {
        public Reduce {
            axes = axes.stream().sorted().toList();
        }

        @Override
        public String mnemonic() {
            return "reduce_" + function.mnemonic();
        }
    }

    /** Index (i64) of the largest or smallest element along an axis, which stays with extent 1. */
    record ArgReduce(boolean largest, int axis, boolean lastOfEqual) implements Op {
        @Override
        public String mnemonic() {
            return largest ? "argmax" : "argmin";
        }
    }

    /** Running reduction along an axis. */
    record Scan(ReduceOp function, int axis, boolean exclusive, boolean reverse) implements Op {
        @Override
        public String mnemonic() {
            return "scan_" + function.mnemonic();
        }
    }

    /**
     * Inputs factor and summand of one float type, and first with extent 1 along the axis: along it, result[i] = factor[i] * result[i-1] +
     * summand[i], where first stands before result[0].
     */
    record Recurrence(int axis) implements Op {
        @Override
        public String mnemonic() {
            return "recurrence";
        }
    }

    /** Results: the values sorted along the axis (equal ones keep their order) and their indices (i64). */
    record Sort(int axis, boolean descending) implements Op {
        @Override
        public String mnemonic() {
            return "sort";
        }
    }

    /**
     * Results: the first {@code k} elements of those sorted along the axis, the largest or the smallest first, and their indices (i64). Equal
     * ones keep their order; a NaN has its place among the infinities that come last.
     */
    record TopK(int axis, long k, boolean largest) implements Op {
        @Override
        public String mnemonic() {
            return "topk";
        }
    }

    /**
     * [batch..., M, K] times [batch..., K, N] gives [batch..., M, N]. Each element is summed over k in order with fused
     * multiply-add, from 0. Operands are floats of one type; the result has type {@code result}.
     */
    record MatMul(DType result) implements Op {
        @Override
        public String mnemonic() {
            return "matmul";
        }
    }

    /**
     * Inputs x [N, C, spatial...] and w [O, C/groups, window...]: correlation. Operands have one type; the result has
     * type {@code result}.
     */
    record Convolution(
            DType result, List<Long> strides, List<Long> low, List<Long> high, List<Long> dilations, long groups)
            implements Op {
        public Convolution {
            strides = List.copyOf(strides);
            low = List.copyOf(low);
            high = List.copyOf(high);
            dilations = List.copyOf(dilations);
        }

        @Override
        public String mnemonic() {
            return "convolution";
        }
    }

    /** Reduces windows over the trailing dimensions of x [N, C, spatial...]; padding is the reduction's identity. */
    record WindowReduce(
            ReduceOp function,
            List<Long> window,
            List<Long> strides,
            List<Long> low,
            List<Long> high,
            List<Long> dilations)
            implements Op {
        public WindowReduce {
            window = List.copyOf(window);
            strides = List.copyOf(strides);
            low = List.copyOf(low);
            high = List.copyOf(high);
            dilations = List.copyOf(dilations);
        }

        @Override
        public String mnemonic() {
            return "window_" + function.mnemonic();
        }
    }

    /** Input 0 is a bool scalar, the rest are the inputs of both regions; results are those of the region taken. */
    record If(Graph then, Graph otherwise) implements Op {
        @Override
        public String mnemonic() {
            return "if";
        }
    }

    /**
     * A counted loop: the inputs are the first carried values; the body takes the iteration number (i64 scalar) and the
     * carried values and gives the next ones.
     */
    record Loop(long tripCount, Graph body) implements Op {
        @Override
        public String mnemonic() {
            return "loop";
        }
    }

    /** The input, in another layout: the only operator whose result differs from its input in layout alone. */
    record Relayout() implements Op {
        @Override
        public String mnemonic() {
            return "relayout";
        }
    }

    /** A group of operations that is tiled as one: the inputs are the body's inputs, the results its outputs. */
    record Fused(FusionKind kind, Graph body) implements Op {
        @Override
        public String mnemonic() {
            return "fused_" + kind.name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a fused group is built around. */
    enum FusionKind {
        /** One matmul, followed by elementwise operations on its result. */
        MATMUL,
        /** One convolution, followed by elementwise operations on its result. */
        CONVOLUTION,
        /** Scores, their softmax and its product with values; the scores never lie in memory as a whole. */
        ATTENTION,
        /** Elementwise operations with reductions along trailing dimensions, all over the same rows. */
        ROWS
    }

    static Op unary(UnaryOp function) {
        return new Unary(function);
    }

    static Op binary(BinaryOp function) {
        return new Binary(function);
    }

    /** The regions of this operator; empty for most. */
    default List<Graph> regions() {
        return switch (this) {
            case If(var then, var otherwise) -> List.of(then, otherwise);
            case Loop(var count, var body) -> List.of(body);
            case Fused(var kind, var body) -> List.of(body);
            default -> List.of();
        };
    }

    /** True for operators that only rename elements: the result is a strided view of the first input. */
    default boolean isView() {
        return this instanceof Broadcast
                || this instanceof Reshape
                || this instanceof Transpose
                || this instanceof Slice;
    }

    /** True for operators that compute each result element from the elements at the same place alone. */
    default boolean isElementwise() {
        return this instanceof Unary
                || this instanceof Binary
                || this instanceof Select
                || this instanceof Cast
                || this instanceof Bitcast;
    }

    /** True if a derivative exists and gradients pass through; false where the result does not vary smoothly. */
    default boolean isDifferentiable() {
        return switch (this) {
            case Constant c -> false;
            case Iota i -> false;
            case Random r -> false;
            case ArgReduce a -> false;
            case Bitcast b -> false;
            case Unpack u -> false;
            case Pack p -> false;
            case Unary(var f) ->
                switch (f) {
                    case SIGN, FLOOR, CEIL, ROUND, NOT, BIT_NOT -> false;
                    default -> true;
                };
            case Binary(var f) -> !(f.isComparison() || f.isLogical() || f.isBitwise());
            case Cast(var to, var saturate) -> to.isFloat();
            case Select s -> true;
            case Broadcast b -> true;
            case Reshape r -> true;
            case Transpose t -> true;
            case Slice s -> true;
            case Pad p -> true;
            case Concat c -> true;
            case Gather g -> true;
            case GatherElements g -> true;
            case Scatter s -> true;
            case Reduce r -> true;
            case Scan s -> true;
            case Recurrence r -> true;
            case Sort s -> true;
            case TopK t -> true;
            case MatMul m -> true;
            case Convolution c -> true;
            case WindowReduce w -> true;
            case If i -> true;
            case Loop l -> true;
            case Relayout r -> true;
            case Fused f -> true;
        };
    }

    /** The value of a constant whose elements are all equal, if it is one; as a double, exact up to 53 bits. */
    static OptionalDouble splat(Op op) {
        if (!(op instanceof Constant(var tensor)) || tensor.type().shape().elements() == 0) {
            return OptionalDouble.empty();
        }
        var dtype = tensor.type().dtype();
        long first = Elements.readBits(tensor.bytes(), 0, dtype);
        for (long i = 1; i < tensor.type().shape().elements(); i++) {
            if (Elements.readBits(tensor.bytes(), i, dtype) != first) {
                return OptionalDouble.empty();
            }
        }
        return OptionalDouble.of(Elements.readDouble(tensor.bytes(), 0, dtype));
    }
}
