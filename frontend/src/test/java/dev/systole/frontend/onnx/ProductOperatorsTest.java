package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.node;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Op;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProductOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
# Integers, which wrap.
MatMul@9 : i32[2,2] 1 2 3 4; i32[2,1] 5 -6 => i32[2,1] -7 -9
MatMul@13 : i64[2] 3000000000 2; i64[2] 3000000000 -1 => i64[] 8999999999999999998
MatMul@13 : u32[2,1,1] 4000000000 1; u32[1,2] 2 3 => u32[2,1,2] 3705032704 3410065408 2 3
MatMul@9 : i32[2,0]; i32[0,2] => i32[2,2] 0 0 0 0
Gemm@13 transB=1 alpha=2.0 beta=-1.0 : i64[1,2] 1 2; i64[1,2] 3 4; i64[1] 5 => i64[1,1] 17

# Quantised ones: a zero point and scale for all, for each row of the left or for each column of the right operand.
MatMulInteger@10 : u8[2,2] 1 2 3 4; i8[2,1] -1 5; u8[2] 1 2; i8[] 1 => i32[2,1] 4 6
MatMulInteger@10 : u8[1,2,2] 1 2 3 4; u8[1,2,2] 1 2 3 4; u8[1,2,1] 1 2; u8[1,1,2] 1 2 => i32[1,2,2] 2 2 4 4
MatMulInteger@10 : i8[2] 1 2; i8[2,2] 1 2 3 4; i8[1] 1; i8[2] 0 1 => i32[2] 3 3
MatMulInteger@10 : i8[2,0]; i8[0,1] => i32[2,1] 0 0
MatMulInteger@10 : u8[2,1,0]; u8[0,1] => i32[2,1,1] 0 0
QLinearMatMul@10 : u8[1,2] 3 5; f32[] 0.5; u8[] 1; i8[2,1] 4 -2; f32[] 2; i8[] 0; f32[] 4; i8[] 10 => i8[1,1] 10
QLinearMatMul@10 : u8[2,1] 3 5; f32[2] 0.5 4; u8[2] 1 2; i8[1,2] 4 -2; f32[2] 2 1; i8[2] 0 1; f32[1] 1; u8[] 9
   => u8[2,2] 17 6 105 0
QLinearMatMul@21 : i8[2] 3 5; f16[] 1; i8[] 0; i8[2] 50 100; f16[] 1; i8[] 0; f16[] 1; i8[] 0 => i8[] 127
QLinearMatMul@21 : i8[2] 1 2; bf16[] 1; i8[] 0; i8[2,2] 1 2 3 4; bf16[2] 1 2; i8[2] 0 0; bf16[] 2; i8[] 0 => i8[2] 4 10
QLinearMatMul@21 : f8e4m3fn[1,2] 1.5 2; f32[] 1; f8e4m3fn[] 0; f8e5m2[2,1] 4 0.5; f32[] 2; f8e5m2[] 0; f32[] 1;
   f8e4m3fn[] 0 => f8e4m3fn[1,1] 14
QLinearMatMul@21 : f8e4m3fn[1] 448; f32[] 8; f8e4m3fn[] 0; f8e4m3fn[1] 448; f32[] 1; f8e4m3fn[] 0; f32[] 1;
   f8e4m3fn[] 0 => f8e4m3fn[] 448

# Vectors are promoted, leading dimensions broadcast.
MatMul@13 : f32[2,3] 1 2 3 4 5 6; f32[3,2] 1 0 0 1 1 1 => f32[2,2] 4 5 10 11
MatMul@1 : f32[3] 1 2 3; f32[3] 4 5 6 => f32[] 32
MatMul@9 : f32[3] 1 2 3; f32[3,2] 1 0 0 1 1 1 => f32[2] 4 5
MatMul@9 : f32[2,3] 1 2 3 4 5 6; f32[3] 1 0 -1 => f32[2] -2 -2
MatMul@13 : f32[2,1,2] 1 2 3 4; f32[2,2] 1 2 3 4 => f32[2,1,2] 7 10 15 22
MatMul@13 : f32[2,1,2] 1 2 3 4; f32[2,2,1] 1 1 1 -1 => f32[2,1,1] 3 -1
MatMul@13 : f32[1,2] 1 2; f32[2,2,1] 1 1 1 -1 => f32[2,1,1] 3 -1
MatMul@13 : f32[2,1,1,2] 1 2 3 4; f32[1,2,2,1] 1 0 0 1 => f32[2,2,1,1] 1 2 3 4
MatMul@13 : f32[2,1,2] 1 2 3 4; f32[2] 1 -1 => f32[2,1] -1 -1
MatMul@13 : f32[2] 1 2; f32[2,2,1] 1 1 1 -1 => f32[2,1] 3 -1
MatMul@13 : f32[2,0]; f32[0,2] => f32[2,2] 0 0 0 0
MatMul@13 : f32[0,2]; f32[2,1] 1 2 => f32[0,1]
MatMul@13 : f32[2,3,0]; f32[0,1] => f32[2,3,1] 0 0 0 0 0 0
MatMul@13 : f32[2,0,0]; f32[0,1] => f32[2,0,1]
MatMul@13 : f32[0]; f32[0] => f32[] 0
MatMul@13 : f64[1,2] 0.5 0.25; f64[2,1] 1 2 => f64[1,1] 1
MatMul@13 : bf16[1,2] 1.5 2; bf16[2,1] 1 2 => bf16[1,1] 5.5

# alpha A' B' + beta C
Gemm@13 : f32[2,3] 1 2 3 4 5 6; f32[3,2] 1 0 0 1 1 1; f32[2,2] 1 2 3 4 => f32[2,2] 5 7 13 15
Gemm@11 : f32[2,3] 1 2 3 4 5 6; f32[3,2] 1 0 0 1 1 1 => f32[2,2] 4 5 10 11
Gemm@13 alpha=0.5 : f32[1,2] 1 2; f32[2,2] 1 2 3 4 => f32[1,2] 3.5 5
Gemm@13 alpha=2.0 beta=-0.5 : f32[1,2] 1 2; f32[2,2] 1 2 3 4; f32[2] 2 4 => f32[1,2] 13 18
Gemm@13 beta=3.0 : f32[1,2] 1 2; f32[2,2] 1 2 3 4; none => f32[1,2] 7 10
Gemm@13 transA=1 : f32[2,1] 1 2; f32[2,2] 1 2 3 4; f32[] 1 => f32[1,2] 8 11
Gemm@13 transB=1 : f32[1,2] 1 2; f32[2,2] 1 2 3 4; f32[1,1] 1 => f32[1,2] 6 12
Gemm@9 transA=1 transB=1 : f32[2,2] 1 2 3 4; f32[1,2] 1 -1; f32[2,1] 10 20 => f32[2,1] 8 18
Gemm@6 broadcast=1 : f32[1,2] 1 2; f32[2,2] 1 2 3 4; f32[2] 1 1 => f32[1,2] 8 11
Gemm@13 alpha=2.0 : f16[1,1] 3; f16[1,1] 0.5; f16[1] 1 => f16[1,1] 4

# Products of 8-bit integers less their zero points: one for all, one a row, one a column.
MatMulInteger@10 : u8[1,2] 255 254; u8[2,1] 255 1 => i32[1,1] 65279
MatMulInteger@10 : i8[1,2] -128 127; i8[2,1] -128 -1 => i32[1,1] 16257
MatMulInteger@10 : u8[2,2] 11 7 3 0; i8[2,2] 1 -1 2 3 => i32[2,2] 25 10 3 -3
MatMulInteger@10 : u8[2,2] 11 7 3 0; u8[2,2] 1 4 2 3; u8[] 12; u8[] 0 => i32[2,2] -11 -19 -33 -72
MatMulInteger@10 : u8[2,2] 11 7 3 0; u8[2,2] 1 4 2 3; none; u8[1] 2 => i32[2,2] -11 29 -3 6
MatMulInteger@10 : u8[2,2] 11 7 3 0; i8[2,2] 1 -1 2 3; u8[2] 10 1 => i32[2,2] -5 -10 0 -5
MatMulInteger@10 : u8[2,2] 11 7 3 0; i8[2,2] 1 -1 2 3; none; i8[2] 1 -2 => i32[2,2] 7 46 0 3
MatMulInteger@10 : u8[2,2] 11 7 3 0; i8[2,2] 1 -1 2 3; u8[] 0; i8[] -128 => i32[2,2] 2329 2314 387 381
MatMulInteger@10 : u8[2,1,1] 5 7; u8[2,1,1] 2 3; u8[2,1,1] 1 2; u8[2,1,1] 1 1 => i32[2,1,1] 4 10
MatMulInteger@10 : u8[2,1,2] 1 2 3 4; i8[2,1] 1 -1 => i32[2,1,1] -1 -1
MatMulInteger@10 : u8[2] 1 2; i8[2] 3 -1 => i32[] 1
MatMulInteger@10 : u8[1,0]; u8[0,1] => i32[1,1] 0
MatMulInteger@10 : u8[2,1,0]; u8[0,1] => i32[2,1,1] 0 0
MatMulInteger@10 : u8[2] 1 2; i8[2,1] 3 -1 => i32[1] 1
""");

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    /** Sums of more terms than fp32 can add exactly at once. */
    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, 600})
    void longIntegerProductsAreExact(int k) {
        var random = new Random(k);
        var a = new long[k];
        var b = new long[k];
        long sum = 0;
        for (int i = 0; i < k; i++) {
            a[i] = i % 5 == 0 ? random.nextInt(256) : 255;
            b[i] = i % 3 == 0 ? random.nextInt(256) - 128 : -128;
            sum += a[i] * (b[i] - 127);
        }
        var left = tensor(TensorType.of(DType.U8, 1, k), a);
        var right = tensor(TensorType.of(DType.I8, k, 1), b);
        var graph = NodeCase.parse("MatMulInteger@10 : u8[1,%d]%s; i8[%d,1]%s; none; =i8[] 127 => i32[1,1] 0"
                        .formatted(k, " 0".repeat(k), k, " 0".repeat(k)))
                .read();
        var product = GraphInterpreter.run(graph, List.of(left, right)).getFirst();
        assertThat(Elements.readInteger(product.bytes(), 0, DType.I32)).isEqualTo(sum);
    }

    /** Known weights of usual sizes add up exactly over more than 256 terms, extreme ones do not. */
    @ParameterizedTest
    @CsvSource({"600, 100, 0, 1", "600, 127, 0, 2", "600, 127, -128, 3", "600, 0, -128, 2", "200, 127, -128, 1"})
    void knownWeightsNeedFewerProducts(int k, int weight, int zeroPoint, int products) {
        var graph = NodeCase.parse("MatMulInteger@10 : u8[1,%d]%s; =i8[%d,1]%s; none; =i8[] %d => i32[1,1] 0"
                        .formatted(k, " 0".repeat(k), k, (" " + weight).repeat(k), zeroPoint))
                .read();
        assertThat(graph.nodes().stream().filter(n -> n.op() instanceof Op.MatMul))
                .hasSize(products);
        var values = new long[k];
        Arrays.fill(values, 255);
        var product = GraphInterpreter.run(graph, List.of(tensor(TensorType.of(DType.U8, 1, k), values)))
                .getFirst();
        assertThat(Elements.readInteger(product.bytes(), 0, DType.I32)).isEqualTo(255L * k * (weight - zeroPoint));
    }

    /** Each 256 terms are a product of their own, so their number is bounded. */
    @Test
    void integerProductsThatAreTooLong() {
        long k = 1L << 32;
        var model = input("a", "u8[%d]".formatted(k))
                + input("b", "u8[%d]".formatted(k))
                + node("MatMulInteger", "y", "a", "b")
                + output("y");
        assertThatThrownBy(() -> ModelText.read(model))
                .isInstanceOf(FrontendException.class)
                .hasMessageContainingAll("/MatMulInteger", "adds 4294967296 products; at most 262144");
    }

    private static Tensor tensor(TensorType type, long[] values) {
        var tensor = Tensor.allocate(type);
        for (int i = 0; i < values.length; i++) {
            Elements.writeInteger(tensor.bytes(), i, type.dtype(), values[i]);
        }
        return tensor;
    }
}
