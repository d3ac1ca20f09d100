package dev.systole.frontend.onnx.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.GraphVerifier;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule against differences of the function itself, in f64. */
class DerivativesTest {
    private static final double STEP = 1e-6;
    private static final double PRECISION = 1e-5;

    /** An operator with its operands; floats are differentiated by, others are not. */
    record Case(Op op, List<Tensor> operands) {
        @Override
        public String toString() {
            return op + " of " + operands.stream().map(Tensor::type).toList();
        }
    }

    private static Case of(Op op, Tensor... operands) {
        return new Case(op, List.of(operands));
    }

    /** Numbers of 0.3 to 1.7, all different. */
    private static Tensor positive(long... dims) {
        var tensor = Tensor.allocate(TensorType.of(DType.F64, dims));
        var random = new Random(Arrays.hashCode(dims));
        for (long i = 0; i < tensor.type().shape().elements(); i++) {
            Elements.writeDouble(tensor.bytes(), i, DType.F64, 0.3 + 1.4 * random.nextDouble());
        }
        return tensor;
    }

    /** Numbers of -0.7 to 0.7, all different. */
    private static Tensor mixed(long... dims) {
        var tensor = positive(dims);
        for (long i = 0; i < tensor.type().shape().elements(); i++) {
            double value = Elements.readDouble(tensor.bytes(), i, DType.F64) - 1;
            Elements.writeDouble(tensor.bytes(), i, DType.F64, value);
        }
        return tensor;
    }

    private static Tensor indices(long... values) {
        return Tensor.ofLongs(Shape.of(values.length), values);
    }

    static Stream<Case> unary() {
        return Arrays.stream(UnaryOp.values())
                .filter(f -> f != UnaryOp.NOT && f != UnaryOp.BIT_NOT)
                .map(Op.Unary::new)
                .flatMap(op -> switch (op.function()) {
                    case LOG, SQRT, RSQRT, RECIPROCAL -> Stream.of(of(op, positive(2, 3)));
                    default -> Stream.of(of(op, positive(2, 3)), of(op, mixed(3, 2)));
                });
    }

    static Stream<Case> binary() {
        return Stream.of(
                        BinaryOp.ADD,
                        BinaryOp.SUB,
                        BinaryOp.MUL,
                        BinaryOp.DIV,
                        BinaryOp.POW,
                        BinaryOp.REM,
                        BinaryOp.MAX,
                        BinaryOp.MIN)
                .map(f -> of(new Op.Binary(f), positive(2, 5), positive(5, 2).reshape(Shape.of(2, 5))));
    }

    static Stream<Case> movement() {
        var condition = Tensor.allocate(TensorType.of(DType.BOOL, 2, 2));
        Elements.writeInteger(condition.bytes(), 1, DType.BOOL, 1);
        Elements.writeInteger(condition.bytes(), 2, DType.BOOL, 1);
        var places = indices(1, 0, 0, 1, 2, 0).reshape(Shape.of(3, 2));
        return Stream.of(
                of(new Op.Select(), condition, mixed(2, 2), positive(2, 2)),
                of(new Op.Cast(DType.F64, false), mixed(3)),
                of(new Op.Broadcast(Shape.of(2, 3, 4)), mixed(2, 1, 4)),
                of(new Op.Reshape(Shape.of(3, 4)), mixed(2, 6)),
                of(new Op.Transpose(List.of(2, 0, 1)), mixed(2, 3, 4)),
                of(new Op.Slice(List.of(1L, 0L), List.of(2L, 2L), List.of(1L, 2L)), mixed(4, 5)),
                of(new Op.Slice(List.of(3L, 4L), List.of(2L, 2L), List.of(-2L, -3L)), mixed(4, 5)),
                of(new Op.Slice(List.of(0L), List.of(0L), List.of(1L)), mixed(3)),
                of(new Op.Pad(List.of(1L, 0L), List.of(0L, 2L)), mixed(2, 3), mixed()),
                of(new Op.Concat(1), mixed(2, 3), mixed(2, 0), positive(2, 2)),
                of(new Op.Gather(), mixed(4, 2), indices(3, 0, 3).reshape(Shape.of(3, 1))),
                of(new Op.GatherElements(1), mixed(4, 3), places),
                of(new Op.Sort(1, true), mixed(3, 4)),
                of(new Op.Scatter(Op.ScatterMode.ADD), mixed(4, 2), indices(1, 3, 1), positive(3, 2)),
                of(new Op.Scatter(Op.ScatterMode.REPLACE), mixed(4, 2), indices(1, 3, 1), positive(3, 2)),
                of(new Op.Relayout(), mixed(2)));
    }

    static Stream<Case> sums() {
        return Stream.of(
                of(new Op.Reduce(ReduceOp.SUM, List.of(0, 2)), mixed(2, 3, 2)),
                of(new Op.Reduce(ReduceOp.PROD, List.of(1)), mixed(2, 3)),
                of(new Op.Reduce(ReduceOp.PROD, List.of(0, 2)), mixed(2, 3, 2)),
                of(new Op.Reduce(ReduceOp.PROD, List.of()), mixed(2, 3)),
                of(new Op.Reduce(ReduceOp.MAX, List.of(1)), mixed(2, 3)),
                of(new Op.Reduce(ReduceOp.MIN, List.of(0, 1)), mixed(2, 3)),
                of(new Op.Scan(ReduceOp.SUM, 1, false, false), mixed(2, 4)),
                of(new Op.Scan(ReduceOp.SUM, 0, true, true), mixed(4, 2)),
                of(new Op.Recurrence(1), mixed(2, 4), mixed(2, 4), mixed(2, 1)),
                of(new Op.Recurrence(0), mixed(3, 2), mixed(3, 2), mixed(1, 2)),
                of(new Op.MatMul(DType.F64), mixed(2, 3, 4), mixed(2, 4, 2)),
                of(new Op.MatMul(DType.F64), mixed(3, 0), mixed(0, 2)));
    }

    private static Op.Convolution convolution(
            List<Long> strides, List<Long> low, List<Long> high, List<Long> dilations, long groups) {
        return new Op.Convolution(DType.F64, strides, low, high, dilations, groups);
    }

    private static Op.WindowReduce windows(
            ReduceOp f, List<Long> window, List<Long> strides, List<Long> low, List<Long> high, List<Long> dilations) {
        return new Op.WindowReduce(f, window, strides, low, high, dilations);
    }

    static Stream<Case> windows() {
        var one = List.of(1L, 1L);
        var two = List.of(2L, 2L);
        var none = List.of(0L, 0L);
        return Stream.of(
                of(convolution(one, none, none, one, 1), mixed(2, 3, 4, 5), mixed(2, 3, 2, 3)),
                of(convolution(List.of(2L, 3L), one, two, one, 1), mixed(1, 2, 5, 6), mixed(3, 2, 3, 2)),
                of(convolution(two, two, none, List.of(2L, 1L), 2), mixed(2, 4, 6, 5), mixed(6, 2, 2, 3)),
                of(convolution(List.of(1L), List.of(3L), List.of(3L), List.of(1L), 1), mixed(1, 1, 2), mixed(1, 1, 2)),
                of(convolution(List.of(), List.of(), List.of(), List.of(), 1), mixed(2, 3), mixed(4, 3)),
                of(windows(ReduceOp.SUM, two, one, none, none, one), mixed(1, 2, 3, 4)),
                of(windows(ReduceOp.SUM, List.of(3L, 2L), two, one, one, List.of(1L, 2L)), mixed(2, 2, 5, 5)),
                of(windows(ReduceOp.MAX, two, one, none, none, one), mixed(1, 2, 3, 4)),
                of(windows(ReduceOp.MAX, List.of(3L, 2L), two, one, one, List.of(1L, 2L)), mixed(2, 2, 5, 5)),
                of(
                        windows(ReduceOp.MIN, List.of(2L), List.of(3L), List.of(1L), List.of(0L), List.of(1L)),
                        mixed(1, 1, 7)));
    }

    @ParameterizedTest
    @MethodSource({"unary", "binary", "movement", "sums", "windows"})
    void isTheSlopeOfTheFunction(Case c) {
        var function = function(c);
        var builder = new GraphBuilder("g");
        var n = node(builder);
        var inputs = c.operands.stream().map(t -> builder.input("x", t.type())).toList();
        var results = builder.addAll(c.op, inputs);
        var weights = positive(results.getFirst().type().shape().toArray());
        var node = new Node(c.op, inputs, results, builder.location());
        var varying = IntStream.range(0, inputs.size())
                .filter(i -> inputs.get(i).type().dtype().isFloat())
                .boxed()
                .toList();
        for (int i : varying) {
            var gradient = c.op.isDifferentiable()
                    ? Derivatives.of(n, node, i, builder.constant(weights))
                    : Optional.<Value>empty();
            builder.output(
                    "d",
                    gradient.orElseGet(
                            () -> n.splat(DType.F64, inputs.get(i).type().shape(), 0)));
        }
        var graph = builder.build();
        assertThat(GraphVerifier.verify(graph)).isEmpty();
        var gradients = GraphInterpreter.run(graph, c.operands);
        for (int i = 0; i < varying.size(); i++) {
            var gradient = gradients.get(i);
            var operand = c.operands.get(varying.get(i));
            assertThat(gradient.type()).isEqualTo(operand.type());
            for (long e = 0; e < operand.type().shape().elements(); e++) {
                double above = weighted(GraphInterpreter.run(function, moved(c, varying.get(i), e, STEP)), weights);
                double below = weighted(GraphInterpreter.run(function, moved(c, varying.get(i), e, -STEP)), weights);
                assertThat(Elements.readDouble(gradient.bytes(), e, DType.F64))
                        .as("operand %d, element %d", varying.get(i), e)
                        .isCloseTo((above - below) / (2 * STEP), within(PRECISION));
            }
        }
    }

    private static OnnxNode node(GraphBuilder builder) {
        var schema =
                OperatorSchemas.find("ai.onnx.preview.training", "Gradient", 1).orElseThrow();
        Map<Value, Tensor> constants = new HashMap<>();
        return new OnnxNode(
                builder,
                constants,
                NodeProto.getDefaultInstance(),
                List.of(),
                schema,
                Path.of("."),
                (g, in) -> List.of(),
                null);
    }

    private static List<Tensor> moved(Case c, int operand, long element, double by) {
        var operands = new ArrayList<>(c.operands);
        var moved = Tensor.allocate(operands.get(operand).type());
        moved.bytes().copyFrom(operands.get(operand).bytes());
        double value = Elements.readDouble(moved.bytes(), element, DType.F64);
        Elements.writeDouble(moved.bytes(), element, DType.F64, value + by);
        operands.set(operand, moved);
        return operands;
    }

    private static Graph function(Case c) {
        var builder = new GraphBuilder("f");
        var inputs = c.operands.stream().map(t -> builder.input("x", t.type())).toList();
        builder.output("y", builder.addAll(c.op, inputs).getFirst());
        return builder.build();
    }

    private static double weighted(List<Tensor> results, Tensor weights) {
        var y = results.getFirst();
        double sum = 0;
        for (long i = 0; i < y.type().shape().elements(); i++) {
            sum += Elements.readDouble(y.bytes(), i, DType.F64) * Elements.readDouble(weights.bytes(), i, DType.F64);
        }
        return sum;
    }

    @Test
    void equalElementsOfAMaximumShare() {
        var builder = new GraphBuilder("g");
        var x = builder.input("x", TensorType.of(DType.F32, 3));
        var op = new Op.Reduce(ReduceOp.MAX, List.of(0));
        var y = builder.add(op, x);
        var g = builder.constant(Tensor.ofFloats(Shape.of(1), 1));
        var node = new Node(op, List.of(x), List.of(y), builder.location());
        builder.output("d", Derivatives.of(node(builder), node, 0, g).orElseThrow());
        var d = GraphInterpreter.run(builder.build(), List.of(Tensor.ofFloats(Shape.of(3), 2, 1, 2)))
                .getFirst();
        assertThat(d.sameBytes(Tensor.ofFloats(Shape.of(3), 0.5f, 0, 0.5f))).isTrue();
    }

    @Test
    void anElementOnTheEdgeOfAPaddedWindowCounts() {
        var builder = new GraphBuilder("g");
        var x = builder.input("x", TensorType.of(DType.F32, 1, 1, 2));
        var op = windows(ReduceOp.MAX, List.of(2L), List.of(1L), List.of(1L), List.of(1L), List.of(1L));
        var y = builder.add(op, x);
        var g = builder.constant(Tensor.ofFloats(Shape.of(1, 1, 3), 1, 10, 100));
        var node = new Node(op, List.of(x), List.of(y), builder.location());
        builder.output("d", Derivatives.of(node(builder), node, 0, g).orElseThrow());
        var d = GraphInterpreter.run(builder.build(), List.of(Tensor.ofFloats(Shape.of(1, 1, 2), 0, 0)))
                .getFirst();
        assertThat(d.sameBytes(Tensor.ofFloats(Shape.of(1, 1, 2), 11, 100))).isTrue();
    }

    @Test
    void saysWhatHasNoRule() {
        var builder = new GraphBuilder("g");
        var x = builder.input("x", TensorType.of(DType.F32, 3));
        var op = new Op.Scan(ReduceOp.PROD, 0, false, false);
        var node = new Node(op, List.of(x), List.of(builder.add(op, x)), builder.location());
        assertThatThrownBy(() -> Derivatives.of(node(builder), node, 0, x))
                .isInstanceOf(FrontendException.class)
                .hasMessageContaining("derivative of scan_prod");
    }
}
