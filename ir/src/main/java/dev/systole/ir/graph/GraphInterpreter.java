package dev.systole.ir.graph;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The meaning of graphs: what every operator computes, to the bit.
 *
 * <p>Floats compute in fp32 (f64 in f64) and are rounded to the element type when an operator writes its result, so
 * sums of narrow floats are rounded once. Integers compute in 64 bits and wrap to their type. Layouts do not matter
 * here.
 */
public final class GraphInterpreter {
    private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 8;

    private GraphInterpreter() {}

    /**
     * Runs a graph. A value is let go after its last use.
     *
     * @param inputs one tensor for each input of the graph, of its type
     * @return one tensor for each output; they may share memory with the inputs and with constants
     * @throws IllegalArgumentException if the inputs are not those that the graph takes
     * @throws GraphException if an operation cannot be computed: an index out of range, a division of integers by zero,
     *     a tensor of more than 2^31 elements, operands that do not fit; the message begins with the location
     */
    public static List<Tensor> run(Graph graph, List<Tensor> inputs) {
        check(graph, inputs);
        var values = new HashMap<Value, Tensor>();
        var uses = new HashMap<>(graph.useCounts());
        for (int i = 0; i < inputs.size(); i++) {
            keep(graph.inputs().get(i).value(), inputs.get(i), values, uses);
        }
        for (var node : graph.nodes()) {
            var results = evaluate(node, take(node.inputs(), values, uses));
            for (int i = 0; i < results.size(); i++) {
                keep(node.outputs().get(i), results.get(i), values, uses);
            }
        }
        return take(graph.outputValues(), values, uses);
    }

    private static void check(Graph graph, List<Tensor> inputs) {
        if (inputs.size() != graph.inputs().size()) {
            throw new IllegalArgumentException(
                    graph.name() + " takes " + graph.inputs().size() + " inputs, not " + inputs.size());
        }
        for (int i = 0; i < inputs.size(); i++) {
            var parameter = graph.inputs().get(i);
            if (!inputs.get(i).type().equals(parameter.value().type())) {
                throw new IllegalArgumentException("input " + i + " (" + parameter.name() + ") of " + graph.name()
                        + " is " + parameter.value().type() + ", not "
                        + inputs.get(i).type());
            }
        }
    }

    private static void keep(Value value, Tensor tensor, Map<Value, Tensor> values, Map<Value, Integer> uses) {
        if (uses.containsKey(value)) {
            values.put(value, tensor);
        }
    }

    private static List<Tensor> take(List<Value> wanted, Map<Value, Tensor> values, Map<Value, Integer> uses) {
        var tensors = new ArrayList<Tensor>();
        for (var value : wanted) {
            if (!values.containsKey(value)) {
                throw new GraphException(value + " (" + value.type() + ") is read before anything defines it");
            }
            tensors.add(values.get(value));
            if (uses.merge(value, -1, Integer::sum) == 0) {
                values.remove(value);
            }
        }
        return tensors;
    }

    private static List<Tensor> evaluate(Node node, List<Tensor> inputs) {
        try {
            return evaluate(
                    node.op(), inputs, node.outputs().stream().map(Value::type).toList());
        } catch (GraphException e) {
            if (node.location().equals(Location.COMPILER)) {
                throw e;
            }
            var located = new GraphException(node.location() + ": " + e.getMessage());
            located.initCause(e);
            throw located;
        }
    }

    /**
     * Computes one operator.
     *
     * @param resultTypes as {@link TypeInference} gives them
     * @return one tensor for each result; those of views and constants may share memory with the inputs
     * @throws GraphException as {@link #run}, and if the operands or result types do not fit the operator
     */
    public static List<Tensor> evaluate(Op op, List<Tensor> inputs, List<TensorType> resultTypes) {
        var inferred = TypeInference.infer(op, inputs.stream().map(Tensor::type).toList());
        if (!inferred.equals(resultTypes)) {
            throw new GraphException(op.mnemonic() + " gives " + inferred + ", not " + resultTypes);
        }
        return switch (op) {
            case Op.Constant(var tensor) -> List.of(tensor);
            case Op.Reshape(var shape) -> List.of(inputs.getFirst().reshape(shape));
            case Op.Relayout() -> inputs;
            case Op.Bitcast b ->
                List.of(new Tensor(resultTypes.getFirst(), inputs.getFirst().bytes()));
            case Op.Unpack u ->
                List.of(new Tensor(resultTypes.getFirst(), inputs.getFirst().bytes()));
            case Op.Pack p ->
                List.of(new Tensor(resultTypes.getFirst(), inputs.getFirst().bytes()));
            case Op.If(var then, var otherwise) ->
                run(
                        ElementFunctions.read(inputs.getFirst(), 0) != 0 ? then : otherwise,
                        inputs.subList(1, inputs.size()));
            case Op.Loop(var tripCount, var body) -> loop(tripCount, body, inputs);
            case Op.Fused(var kind, var body) -> run(body, inputs);
            case Op.Iota(var type, var axis) -> iota(allocate(type), axis);
            case Op.Random(var type, var seed) -> random(allocate(type), seed);
            case Op.Sort sort -> {
                var results =
                        resultTypes.stream().map(GraphInterpreter::allocate).toList();
                MovementEvaluation.sort(sort, inputs.getFirst(), results.get(0), results.get(1));
                yield results;
            }
            case Op.TopK top -> {
                var results =
                        resultTypes.stream().map(GraphInterpreter::allocate).toList();
                MovementEvaluation.topK(top, inputs.getFirst(), results.get(0), results.get(1));
                yield results;
            }
            case Op.Unary _, Op.Binary _, Op.Select _, Op.Cast _ ->
                result(resultTypes, r -> ElementFunctions.apply(op, inputs, r));
            case Op.Reduce(var f, var axes) ->
                result(resultTypes, r -> ElementFunctions.reduce(f, inputs.getFirst(), r));
            case Op.Scan scan -> result(resultTypes, r -> ElementFunctions.scan(scan, inputs.getFirst(), r));
            case Op.Recurrence(var axis) ->
                result(
                        resultTypes,
                        r -> ElementFunctions.recurrence(axis, inputs.get(0), inputs.get(1), inputs.get(2), r));
            case Op.WindowReduce w -> result(resultTypes, r -> ElementFunctions.windows(w, inputs.getFirst(), r));
            case Op.Broadcast(var shape) ->
                result(resultTypes, r -> MovementEvaluation.broadcast(inputs.getFirst(), r));
            case Op.Transpose(var permutation) ->
                result(resultTypes, r -> MovementEvaluation.transpose(inputs.getFirst(), permutation, r));
            case Op.Slice slice -> result(resultTypes, r -> MovementEvaluation.slice(slice, inputs.getFirst(), r));
            case Op.Pad(var low, var high) ->
                result(resultTypes, r -> MovementEvaluation.pad(inputs.get(0), inputs.get(1), low, r));
            case Op.Concat(var axis) -> result(resultTypes, r -> MovementEvaluation.concat(inputs, axis, r));
            case Op.Gather() -> result(resultTypes, r -> MovementEvaluation.gather(inputs.get(0), inputs.get(1), r));
            case Op.GatherElements(var axis) ->
                result(resultTypes, r -> MovementEvaluation.gatherElements(inputs.get(0), inputs.get(1), axis, r));
            case Op.Scatter(var mode) ->
                result(
                        resultTypes,
                        r -> MovementEvaluation.scatter(mode, inputs.get(0), inputs.get(1), inputs.get(2), r));
            case Op.ArgReduce arg -> result(resultTypes, r -> MovementEvaluation.argReduce(arg, inputs.getFirst(), r));
            case Op.MatMul m -> result(resultTypes, r -> matMul(inputs.get(0), inputs.get(1), r));
            case Op.Convolution c -> result(resultTypes, r -> convolution(c, inputs.get(0), inputs.get(1), r));
        };
    }

    private static List<Tensor> result(List<TensorType> types, Consumer<Tensor> filling) {
        var tensor = allocate(types.getFirst());
        filling.accept(tensor);
        return List.of(tensor);
    }

    private static Tensor allocate(TensorType type) {
        checkSize(type);
        return Tensor.allocate(type);
    }

    private static void checkSize(TensorType type) {
        if (type.shape().elements() > MOST_ELEMENTS) {
            throw new GraphException("a value of type " + type + " has more than " + MOST_ELEMENTS
                    + " elements, which is all that the interpreter holds in one tensor");
        }
    }

    private static List<Tensor> loop(long tripCount, Graph body, List<Tensor> first) {
        var carried = first;
        for (long i = 0; i < tripCount; i++) {
            var arguments = new ArrayList<Tensor>();
            arguments.add(Tensor.ofLongs(Shape.SCALAR, i));
            arguments.addAll(carried);
            carried = run(body, arguments);
        }
        return carried;
    }

    private static List<Tensor> iota(Tensor result, int axis) {
        var dtype = result.type().dtype();
        MovementEvaluation.lines(result.type().shape(), axis, (first, stride, extent) -> {
            for (long i = 0; i < extent; i++) {
                ElementFunctions.write(result, first + i * stride, ElementFunctions.wholeNumber(i, dtype));
            }
        });
        return List.of(result);
    }

    /** The top 24 bits of splitmix64(seed + index), as a fraction. */
    private static List<Tensor> random(Tensor result, long seed) {
        var dtype = result.type().dtype();
        if (!dtype.isFloat()) {
            throw new GraphException("random gives floats, not " + dtype);
        }
        long n = result.type().shape().elements();
        for (long i = 0; i < n; i++) {
            long z = seed + i + 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            Elements.writeFloat(result.bytes(), i, dtype, (z >>> 40) * 0x1p-24f);
        }
        return List.of(result);
    }

    private static void matMul(Tensor a, Tensor b, Tensor result) {
        int rank = a.type().shape().rank();
        int m = Math.toIntExact(a.type().shape().dim(rank - 2));
        int depth = Math.toIntExact(a.type().shape().dim(rank - 1));
        int n = Math.toIntExact(b.type().shape().dim(rank - 1));
        long rows = result.type().shape().with(rank - 1, 1).elements();
        var sums = RunningSums.of(a, b, n);
        for (int row = 0; row < rows && n > 0; row++) {
            sums.clear();
            for (int k = 0; k < depth; k++) {
                sums.add(0, n, row * depth + k, (row / m * depth + k) * n, 1);
            }
            sums.write(result, (long) row * n);
        }
    }

    /** Correlation with x padded by zeros: for each output, channel by channel, each window in row-major order. */
    private static void convolution(Op.Convolution op, Tensor x, Tensor w, Tensor result) {
        int spatial = op.strides().size();
        var low = new ArrayList<>(List.of(0L, 0L));
        var high = new ArrayList<>(List.of(0L, 0L));
        low.addAll(op.low());
        high.addAll(op.high());
        var types = List.of(x.type(), x.type().with(Shape.SCALAR));
        var zero = Tensor.allocate(types.get(1));
        ElementFunctions.write(zero, 0, ElementFunctions.wholeNumber(0, x.type().dtype()));
        var pad = new Op.Pad(low, high);
        var padded =
                evaluate(pad, List.of(x, zero), TypeInference.infer(pad, types)).getFirst();

        var strides = padded.type().shape().strides();
        var inner = Arrays.copyOfRange(strides, 2, spatial + 2);
        var out = result.type().shape().toArray();
        int channels = Math.toIntExact(w.type().shape().dim(1));
        int perGroup = Math.toIntExact(out[1] / op.groups());
        var extents = Arrays.copyOfRange(padded.type().shape().toArray(), 2, spatial + 2);
        int plane = Math.toIntExact(Shape.of(extents).elements());
        int length = spatial == 0 ? 1 : Math.toIntExact(out[spatial + 1]);
        int step = spatial == 0 ? 1 : Math.toIntExact(op.strides().get(spatial - 1));
        var rows = offsets(Arrays.copyOfRange(out, 2, Math.max(2, spatial + 1)), inner, op.strides());
        var window = offsets(Arrays.copyOfRange(w.type().shape().toArray(), 2, spatial + 2), inner, op.dilations());
        var sums = RunningSums.of(w, padded, rows.length * length);
        for (int r = 0; r < out[0] * out[1]; r++) {
            int image = (int) (r / out[1]);
            int o = (int) (r % out[1]);
            int firstChannel = (int) (image * op.groups() + o / perGroup) * channels;
            sums.clear();
            for (int c = 0; c < channels; c++) {
                for (int t = 0; t < window.length; t++) {
                    int from = (firstChannel + c) * plane + window[t];
                    for (int i = 0; i < rows.length; i++) {
                        sums.add(i * length, length, (o * channels + c) * window.length + t, from + rows[i], step);
                    }
                }
            }
            sums.write(result, (long) r * rows.length * length);
        }
    }

    /** The offsets of all points of a grid with the given steps, row-major. */
    private static int[] offsets(long[] dims, long[] strides, List<Long> steps) {
        var scaled = new long[dims.length];
        Arrays.setAll(scaled, d -> strides[d] * steps.get(d));
        var offsets = new int[Math.toIntExact(Shape.of(dims).elements())];
        var count = new int[1];
        MovementEvaluation.walk(dims, scaled, scaled, (offset, same) -> offsets[count[0]++] = Math.toIntExact(offset));
        return offsets;
    }

    /** A row of sums of products of two tensors' elements, each sum fused and in the order of the additions. */
    private interface RunningSums {
        void clear();

        /** Adds {@code a[left] * b[right + i * step]} to the sums {@code first + i} for i below {@code count}. */
        void add(int first, int count, int left, int right, int step);

        void write(Tensor result, long at);

        static RunningSums of(Tensor a, Tensor b, int length) {
            return switch (a.type().dtype()) {
                case F64 -> new DoubleSums(doubles(a), doubles(b), new double[length]);
                case BOOL -> throw new GraphException("convolution takes numbers, not bool");
                default ->
                    a.type().dtype().isFloat()
                            ? new FloatSums(floats(a), floats(b), new float[length])
                            : new IntegerSums(integers(a), integers(b), new long[length]);
            };
        }
    }

    private record FloatSums(float[] a, float[] b, float[] sums) implements RunningSums {
        @Override
        public void clear() {
            Arrays.fill(sums, 0);
        }

        @Override
        public void add(int first, int count, int left, int right, int step) {
            float factor = a[left];
            if (step == 1) {
                for (int i = 0; i < count; i++) {
                    sums[first + i] = Math.fma(factor, b[right + i], sums[first + i]);
                }
                return;
            }
            for (int i = 0; i < count; i++) {
                sums[first + i] = Math.fma(factor, b[right + i * step], sums[first + i]);
            }
        }

        @Override
        public void write(Tensor result, long at) {
            for (int i = 0; i < sums.length; i++) {
                Elements.writeFloat(result.bytes(), at + i, result.type().dtype(), sums[i]);
            }
        }
    }

    private record DoubleSums(double[] a, double[] b, double[] sums) implements RunningSums {
        @Override
        public void clear() {
            Arrays.fill(sums, 0);
        }

        @Override
        public void add(int first, int count, int left, int right, int step) {
            for (int i = 0; i < count; i++) {
                sums[first + i] = Math.fma(a[left], b[right + i * step], sums[first + i]);
            }
        }

        @Override
        public void write(Tensor result, long at) {
            for (int i = 0; i < sums.length; i++) {
                Elements.writeDouble(result.bytes(), at + i, result.type().dtype(), sums[i]);
            }
        }
    }

    private record IntegerSums(long[] a, long[] b, long[] sums) implements RunningSums {
        @Override
        public void clear() {
            Arrays.fill(sums, 0);
        }

        @Override
        public void add(int first, int count, int left, int right, int step) {
            for (int i = 0; i < count; i++) {
                sums[first + i] += a[left] * b[right + i * step];
            }
        }

        @Override
        public void write(Tensor result, long at) {
            for (int i = 0; i < sums.length; i++) {
                ElementFunctions.write(result, at + i, sums[i]);
            }
        }
    }

    private static float[] floats(Tensor x) {
        var values = new float[elements(x)];
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.readFloat(x.bytes(), i, x.type().dtype());
        }
        return values;
    }

    private static double[] doubles(Tensor x) {
        var values = new double[elements(x)];
        Arrays.setAll(values, i -> Elements.readDouble(x.bytes(), i, x.type().dtype()));
        return values;
    }

    private static long[] integers(Tensor x) {
        var values = new long[elements(x)];
        Arrays.setAll(values, i -> ElementFunctions.read(x, i));
        return values;
    }

    private static int elements(Tensor x) {
        checkSize(x.type());
        return (int) x.type().shape().elements();
    }
}
