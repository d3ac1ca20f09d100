package dev.systole.ir.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GraphInterpreterTest {
    private static final float NAN = Float.NaN;

    private static Tensor floats(Shape shape, float... values) {
        return Tensor.ofFloats(shape, values);
    }

    private static Tensor vector(float... values) {
        return floats(Shape.of(values.length), values);
    }

    private static Tensor of(DType dtype, Shape shape, double... values) {
        var t = Tensor.allocate(new TensorType(dtype, shape));
        for (int i = 0; i < values.length; i++) {
            Elements.writeDouble(t.bytes(), i, dtype, values[i]);
        }
        return t;
    }

    private static double[] values(Tensor t) {
        return LongStream.range(0, t.type().shape().elements())
                .mapToDouble(i -> Elements.readDouble(t.bytes(), i, t.type().dtype()))
                .toArray();
    }

    private static List<Tensor> all(Op op, Tensor... inputs) {
        var types = TypeInference.infer(
                op, List.of(inputs).stream().map(Tensor::type).toList());
        return GraphInterpreter.evaluate(op, List.of(inputs), types);
    }

    private static double[] compute(Op op, Tensor... inputs) {
        return values(all(op, inputs).getFirst());
    }

    private static double[] compute(BinaryOp f, Tensor a, Tensor b) {
        return compute(new Op.Binary(f), a, b);
    }

    @Test
    void runsAGraphThatBroadcasts() {
        var b = new GraphBuilder("outer");
        var x = b.input("x", TensorType.of(DType.F32, 2, 1));
        var y = b.input("y", TensorType.of(DType.F32, 3));
        b.output("sum", b.broadcastBinary(BinaryOp.ADD, x, y));
        b.output("x", x);
        var graph = b.build();
        var column = floats(Shape.of(2, 1), 10, 20);

        var results = GraphInterpreter.run(graph, List.of(column, vector(1, 2, 3)));

        assertThat(values(results.get(0))).containsExactly(11, 12, 13, 21, 22, 23);
        assertThat(results.get(1)).isSameAs(column);
        assertThatThrownBy(() -> GraphInterpreter.run(graph, List.of(column)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("outer takes 2 inputs, not 1");
        assertThatThrownBy(() -> GraphInterpreter.run(graph, List.of(column, column)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input 1 (y) of outer is f32[3], not f32[2,1]");
    }

    @Test
    void movesElements() {
        var x = floats(Shape.of(2, 3), 0, 1, 2, 3, 4, 5);
        assertThat(compute(new Op.Slice(List.of(1L, 2L), List.of(2L, 2L), List.of(-1L, -2L)), x))
                .containsExactly(5, 3, 2, 0);
        assertThat(compute(new Op.Transpose(List.of(1, 0)), x)).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(compute(new Op.Pad(List.of(0L, 1L), List.of(1L, 0L)), x, floats(Shape.SCALAR, 9)))
                .containsExactly(9, 0, 1, 2, 9, 3, 4, 5, 9, 9, 9, 9);
        assertThat(compute(new Op.Concat(1), x, floats(Shape.of(2, 1), 7, 8))).containsExactly(0, 1, 2, 7, 3, 4, 5, 8);
        assertThat(compute(new Op.Broadcast(Shape.of(2, 2)), of(DType.I4, Shape.of(2, 1), -3, 5)))
                .containsExactly(-3, -3, 5, 5);
        assertThat(all(new Op.Reshape(Shape.of(6)), x).getFirst().bytes()).isEqualTo(x.bytes());
    }

    @Test
    void gathersAndScattersWithinTheExtentOnly() {
        var x = floats(Shape.of(2, 2), 1, 2, 3, 4);
        assertThat(compute(new Op.Gather(), x, Tensor.ofInts(Shape.of(3), 1, 0, 1)))
                .containsExactly(3, 4, 1, 2, 3, 4);
        assertThat(compute(new Op.GatherElements(1), x, Tensor.ofLongs(Shape.of(2, 1), 1, 0)))
                .containsExactly(2, 3);
        assertThat(compute(
                        new Op.Scatter(Op.ScatterMode.ADD),
                        x,
                        Tensor.ofInts(Shape.of(2), 1, 1),
                        floats(Shape.of(2, 2), 10, 20, 100, 200)))
                .containsExactly(1, 2, 113, 224);
        assertThatThrownBy(() -> all(new Op.Gather(), x, Tensor.ofLongs(Shape.of(2), 0, 2)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("index 2 at position 1")
                .hasMessageContaining("extent 2");
        assertThatThrownBy(() -> all(new Op.Gather(), x, Tensor.ofLongs(Shape.SCALAR, -1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("index -1");
    }

    @Test
    void errorsBeginWithTheLocation() {
        var b = new GraphBuilder("g").at(new Location("pick", "Gather"));
        var x = b.input("x", TensorType.of(DType.F32, 2));
        b.output("y", b.add(new Op.Gather(), x, b.constant(Tensor.ofLongs(Shape.SCALAR, 5))));
        assertThatThrownBy(() -> GraphInterpreter.run(b.build(), List.of(vector(1, 2))))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("pick (Gather): gather index 5");
    }

    @Test
    void multipliesMatrices() {
        var a = floats(Shape.of(2, 1, 2), 1, 2, 3, 4);
        var b = floats(Shape.of(2, 2, 2), 1, 0, 0, 1, 5, 6, 7, 8);
        assertThat(compute(new Op.MatMul(DType.F32), a, b)).containsExactly(1, 2, 43, 50);

        // Fused: the low half of the square survives the subtraction that follows it.
        float x = 1 + 0x1p-12f;
        var row = floats(Shape.of(1, 2), -1, x);
        var column = floats(Shape.of(2, 1), 1 + 0x1p-11f, x);
        assertThat(compute(new Op.MatMul(DType.F32), row, column)).containsExactly(0x1p-24);
        assertThat(compute(new Op.MatMul(DType.BF16), floats(Shape.of(1, 1), 257), floats(Shape.of(1, 1), 1)))
                .containsExactly(256);
    }

    @Test
    void convolvesInGroupsWithDilationAndPadding() {
        var op = new Op.Convolution(DType.F32, List.of(1L), List.of(1L), List.of(1L), List.of(2L), 2);
        var x = floats(Shape.of(1, 2, 4), 1, 2, 3, 4, 5, 6, 7, 8);
        var w = floats(Shape.of(2, 1, 2), 1, 10, 1, -1);
        assertThat(compute(op, x, w)).containsExactly(20, 31, 42, 3, -6, -2, -2, 7);

        var strided =
                new Op.Convolution(DType.I8, List.of(1L, 2L), List.of(0L, 0L), List.of(0L, 0L), List.of(1L, 1L), 1);
        var image = of(DType.I8, Shape.of(1, 1, 2, 4), 1, 2, 3, 4, 5, 6, 7, 100);
        assertThat(compute(strided, image, of(DType.I8, Shape.of(1, 1, 2, 2), 1, 1, 1, 1)))
                .containsExactly(14, 114);
    }

    @Test
    void integersWrapAndDivideTowardZero() {
        var a = of(DType.I8, Shape.of(3), 127, -128, -7);
        var b = of(DType.I8, Shape.of(3), 1, -1, 2);
        assertThat(compute(BinaryOp.ADD, a, b)).containsExactly(-128, 127, -5);
        assertThat(compute(BinaryOp.DIV, a, b)).containsExactly(127, -128, -3);
        assertThat(compute(BinaryOp.REM, a, b)).containsExactly(0, 0, -1);
        assertThat(compute(BinaryOp.POW, of(DType.U8, Shape.of(1), 3), of(DType.U8, Shape.of(1), 6)))
                .containsExactly(729 - 512);
        var huge = Tensor.allocate(TensorType.of(DType.U64, 1));
        Elements.writeInteger(huge.bytes(), 0, DType.U64, -1);
        assertThat(compute(BinaryOp.GT, huge, of(DType.U64, Shape.of(1), 1))).containsExactly(1);
        assertThatThrownBy(() -> compute(BinaryOp.DIV, a, of(DType.I8, Shape.of(3), 1, 0, 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("by zero");
    }

    @Test
    void castsRoundTruncateAndSaturate() {
        var x = vector(-1.9f, 2.5f, 300, NAN);
        assertThat(compute(new Op.Cast(DType.I8, false), x)).containsExactly(-1, 2, 127, 0);
        assertThat(compute(new Op.Cast(DType.BOOL, false), vector(0, -0f, 0.1f, NAN)))
                .containsExactly(0, 0, 1, 1);
        assertThat(compute(new Op.Cast(DType.U8, false), of(DType.I32, Shape.of(2), 257, -1)))
                .containsExactly(1, 255);
        assertThat(compute(new Op.Cast(DType.BF16, false), vector(257, 259))).containsExactly(256, 260);
        assertThat(compute(new Op.Cast(DType.F8E4M3FN, true), vector(1000))).containsExactly(448);
        assertThat(compute(new Op.Cast(DType.F8E4M3FN, false), vector(1000))).containsExactly(Double.NaN);
    }

    @Test
    void functionsOfFloats() {
        assertThat(compute(Op.unary(UnaryOp.SIN), vector(1, 100)))
                .containsExactly((float) Math.sin(1), (float) Math.sin(100));
        assertThat(compute(Op.unary(UnaryOp.ROUND), vector(0.5f, 1.5f, -2.5f))).containsExactly(0, 2, -2);
        assertThat(compute(BinaryOp.MAX, vector(1, NAN), vector(2, 0))).containsExactly(2, Double.NaN);
        assertThat(compute(BinaryOp.NE, vector(1, NAN), vector(1, NAN))).containsExactly(0, 1);
        assertThatThrownBy(() -> compute(Op.unary(UnaryOp.EXP), Tensor.ofInts(Shape.of(1), 1)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("takes floats, not i32");
    }

    @Test
    void reducesInElementOrderAtFp32() {
        var x = floats(Shape.of(2, 3), 0x1p24f, 1, 1, 1, 1, 0x1p24f);
        assertThat(compute(new Op.Reduce(ReduceOp.SUM, List.of(1)), x)).containsExactly(0x1p24, 0x1p24 + 2);
        assertThat(compute(new Op.Reduce(ReduceOp.MAX, List.of(0, 1)), x)).containsExactly(0x1p24);
        assertThat(compute(new Op.Reduce(ReduceOp.MAX, List.of(0)), vector()))
                .containsExactly(Double.NEGATIVE_INFINITY);
        // The running value of a narrow sum is not rounded to the element type.
        assertThat(compute(new Op.Reduce(ReduceOp.SUM, List.of(0)), of(DType.BF16, Shape.of(3), 256, 1, 1)))
                .containsExactly(258);
    }

    @Test
    void scansSortsAndWindows() {
        assertThat(compute(new Op.Scan(ReduceOp.SUM, 0, true, false), vector(1, 2, 3)))
                .containsExactly(0, 1, 3);
        assertThat(compute(new Op.Scan(ReduceOp.PROD, 0, false, true), vector(2, 3, 4)))
                .containsExactly(24, 12, 4);
        assertThat(compute(new Op.Recurrence(0), vector(2, 3, 0), vector(1, -1, 4), vector(5)))
                .containsExactly(11, 32, 4);
        var narrow = of(DType.BF16, Shape.of(3), 1, 1, 1);
        assertThat(compute(new Op.Recurrence(0), narrow, narrow, of(DType.BF16, Shape.of(1), 256)))
                .containsExactly(256, 258, 260);
        var sorted = all(new Op.Sort(0, true), vector(1, NAN, 3, 1));
        assertThat(values(sorted.get(0))).containsExactly(3, 1, 1, Double.NaN);
        assertThat(values(sorted.get(1))).containsExactly(2, 0, 3, 1);
        assertThat(compute(new Op.ArgReduce(false, 0, true), vector(1, NAN, 3, 1)))
                .containsExactly(3);
        var pool = new Op.WindowReduce(ReduceOp.MAX, List.of(2L), List.of(2L), List.of(1L), List.of(1L), List.of(1L));
        assertThat(compute(pool, floats(Shape.of(1, 1, 4), -1, -2, -3, -4))).containsExactly(-1, -2, -4);
    }

    @Test
    void loopsAndBranches() {
        var body = new GraphBuilder("body");
        var i = body.input("i", TensorType.of(DType.I64));
        var sum = body.input("sum", TensorType.of(DType.I64));
        body.output("next", body.binary(BinaryOp.ADD, sum, i));
        var loop = new Op.Loop(5, body.build());
        assertThat(compute(loop, Tensor.ofLongs(Shape.SCALAR, 100))).containsExactly(110);

        var keep = new GraphBuilder("keep");
        keep.output("x", keep.input("x", TensorType.of(DType.F32, 1)));
        var negate = new GraphBuilder("negate");
        negate.output("x", negate.unary(UnaryOp.NEG, negate.input("x", TensorType.of(DType.F32, 1))));
        var branch = new Op.If(keep.build(), negate.build());
        assertThat(compute(branch, of(DType.BOOL, Shape.SCALAR, 1), vector(2))).containsExactly(2);
        assertThat(compute(branch, of(DType.BOOL, Shape.SCALAR, 0), vector(2))).containsExactly(-2);
    }

    @Test
    void countsAndDrawsTheSameEverywhere() {
        assertThat(compute(new Op.Iota(TensorType.of(DType.BF16, 2, 2), 0))).containsExactly(0, 0, 1, 1);
        // The first output of splitmix64 from seed 0 is e220a8397b1dcdaf.
        assertThat(compute(new Op.Random(TensorType.of(DType.F32, 1), 0))).containsExactly(0xe220a8 * 0x1p-24);
    }
}
