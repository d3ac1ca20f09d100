package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What expressions come to. {@code x} is f32[2,3] with 1 to 6, {@code c} is f32[3,2] with 1 to 6, {@code i} is i64[2] with 3 and 4. */
class ExpressionsTest {
    private static final String MODEL = """
        model m(x: f32[2, 3], c: f32[3, 2], i: i64[2]) -> (y: %s[...]) {
          y = %s
        }

        fn scaled(x: f32[..., n], by: int) -> f32[..., n] {
          return x * by + n
        }

        fn parts(x: f32[n, m]) -> (f32[n], f32[n]) {
          return (x[:, 0], x[:, m - 1])
        }
        """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
        # precedence, left and right
        x - 1 - 1           | f32[2,3] -1.0 0.0 1.0 2.0 3.0 4.0
        x * 2 + 1           | f32[2,3] 3.0 5.0 7.0 9.0 11.0 13.0
        x * (2 + 1)         | f32[2,3] 3.0 6.0 9.0 12.0 15.0 18.0
        -x ** 2             | f32[2,3] 1.0 4.0 9.0 16.0 25.0 36.0
        -(x ** 2)           | f32[2,3] -1.0 -4.0 -9.0 -16.0 -25.0 -36.0
        x ** 2 ** 0         | f32[2,3] 1.0 2.0 3.0 4.0 5.0 6.0
        2 * x @ c           | f32[2,2] 44.0 56.0 98.0 128.0
        i / 2 * 2           | i64[2] 2 4
        not (x > 2) and x < 5 | bool[2,3] 1 1 0 0 0 0
        x > 5 or x < 2      | bool[2,3] 1 0 0 0 0 1
        x > 1 xor x > 2     | bool[2,3] 0 1 0 0 0 0
        x != 2              | bool[2,3] 1 0 1 1 1 1
        x <= 2 == (x >= 2)  | bool[2,3] 0 1 0 0 0 0

        # numbers: known while compiling, or of the type beside
        x + 7 / 7           | f32[2,3] 2.0 3.0 4.0 5.0 6.0 7.0
        x + 1.0 / 4         | f32[2,3] 1.25 2.25 3.25 4.25 5.25 6.25
        i + -7 % 4          | i64[2] 4 5
        i + 2 ** 10         | i64[2] 1027 1028
        f16(x) * 0.5        | f16[2,3] 0.5 1.0 1.5 2.0 2.5 3.0
        i32([1, -2])        | i32[2] 1 -2
        f32(3)              | f32[] 3.0
        f32(i)              | f32[2] 3.0 4.0
        u8(i) - 1           | u8[2] 2 3
        [1.5, 2] * 2        | f32[2] 3.0 4.0
        [1, 2] + i          | i64[2] 4 6
        bool([1, 0])        | bool[2] 1 0
        1.0 / 0.0 - x       | f32[2,3] Infinity Infinity Infinity Infinity Infinity Infinity
        -9223372036854775808 + i | i64[2] -9223372036854775805 -9223372036854775804

        # slices
        x[0]                | f32[3] 1.0 2.0 3.0
        x[-1, 1:]           | f32[2] 5.0 6.0
        x[..., 0]           | f32[2] 1.0 4.0
        x[:, ::2]           | f32[2,2] 1.0 3.0 4.0 6.0
        x[:, ::-1]          | f32[2,3] 3.0 2.0 1.0 6.0 5.0 4.0
        x[::-1, -2:-1]      | f32[2,1] 5.0 2.0
        x[0:0]              | f32[0,3]
        x[1, 2]             | f32[] 6.0
        x[:]                | f32[2,3] 1.0 2.0 3.0 4.0 5.0 6.0
        x[i[0:1].shape(0), 2:100] | f32[1] 6.0

        # calls
        x.shape(0) + x.shape(-1) * i | i64[2] 11 14
        concat(x, c[0:2], axis=1) | f32[2,5] 1.0 2.0 3.0 1.0 2.0 4.0 5.0 6.0 3.0 4.0
        scaled(x, 2)        | f32[2,3] 5.0 7.0 9.0 11.0 13.0 15.0
        scaled(x[0], 2)     | f32[3] 5.0 7.0 9.0
        Where(x > 2, x, 0)  | f32[2,3] 0.0 0.0 3.0 4.0 5.0 6.0
        Clip(x, _, 3)       | f32[2,3] 1.0 2.0 3.0 3.0 3.0 3.0
        Transpose(x, perm=[1, 0]) | f32[3,2] 1.0 4.0 2.0 5.0 3.0 6.0
        Cast(x, to=i32)     | i32[2,3] 1 2 3 4 5 6
        ConstantOfShape([2], value=f32([7])) | f32[2] 7.0 7.0
        """)
    void isWorth(String expression, String expected) {
        var type = expected.substring(0, expected.indexOf('['));
        assertThat(evaluate(type, expression)).isEqualTo(expected.strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
        "r k, k n -> r n", x, c   | f32[2,2] 22.0 28.0 49.0 64.0
        "r k, k n -> n r", x, c   | f32[2,2] 22.0 49.0 28.0 64.0
        "a b, b a -> a", x, c     | f32[2] 22.0 64.0
        "a b, b a -> ", x, c      | f32[] 86.0
        "a b, b c -> b", x, c     | f32[3] 15.0 49.0 99.0
        "a b -> b a", x           | f32[3,2] 1.0 4.0 2.0 5.0 3.0 6.0
        "a b -> ", x              | f32[] 21.0
        "a b -> b", x             | f32[3] 5.0 7.0 9.0
        "a, b -> b a", x[0], x[1] | f32[3,3] 4.0 8.0 12.0 5.0 10.0 15.0 6.0 12.0 18.0
        "a a -> a", x[:, 1:]      | f32[2] 2.0 6.0
        "a a -> ", x[:, 1:]       | f32[] 8.0
        "a b, a b -> a b", x, x   | f32[2,3] 1.0 4.0 9.0 16.0 25.0 36.0
        "a b, b c, c d -> a d", x, c, x | f32[2,3] 134.0 184.0 234.0 305.0 418.0 531.0
        "long_name k, k x -> x long_name", x, c | f32[2,2] 22.0 49.0 28.0 64.0
        "a b, c d -> a", x, c     | f32[2] 126.0 315.0
        """)
    void einsums(String arguments, String expected) {
        assertThat(evaluate("f32", "einsum(" + arguments + ")")).isEqualTo(expected.strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        let (a, b) = parts(x)  y = a * 10 + b             | f32[2] 13.0 46.0
        let a = x  for k in 0..3 { a = a + k }  y = a     | f32[2,3] 4.0 5.0 6.0 7.0 8.0 9.0
        for k in 2..2 { let a = nothing }  y = x[0]       | f32[3] 1.0 2.0 3.0
        let a = 1  for k in 1..5 { a = a * k }  y = x[0] * a | f32[3] 24.0 48.0 72.0
        if x.shape(0) > 1 { y = x[0] } else { y = x[1] }  | f32[3] 1.0 2.0 3.0
        if not (x.shape(0) > 1) { y = x[0] } else { y = x[1] } | f32[3] 4.0 5.0 6.0
        let a = x  let b = a  a = a + 1  y = a - b        | f32[2,3] 1.0 1.0 1.0 1.0 1.0 1.0
        let a: f32[r, 3] = x[0:1]  y = a                  | f32[1,3] 1.0 2.0 3.0
        let (a, b) = (x[0], x[1])  (a, b) = (b, a)  y = a - b | f32[3] 3.0 3.0 3.0
        param p: f32[3] = values([1, 2.5, -3])  y = p     | f32[3] 1.0 2.5 -3.0
        param p: f32[2] = full(0.5)  y = p                | f32[2] 0.5 0.5
        let p = [1, 0]  y = Transpose(x, perm=p)[0]       | f32[2] 1.0 4.0
        """)
    void statements(String statements, String expected) {
        var bound = statements.replace("r, 3", "1, 3");
        assertThat(run(MODEL.formatted("f32", "x").replace("  y = x\n", bound + "\n")))
                .isEqualTo(expected.strip());
    }

    private static String evaluate(String type, String expression) {
        return run(MODEL.formatted(type, expression));
    }

    private static String run(String text) {
        var onnx = SyFile.parse(Path.of("m.sy"), text).elaborate(Bindings.NONE);
        var inputs = List.of(
                Tensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
                Tensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6),
                Tensor.ofLongs(Shape.of(2), 3, 4));
        return text(GraphInterpreter.run(OnnxImporter.read(onnx, Bindings.NONE), inputs)
                .getFirst());
    }

    private static String text(Tensor t) {
        var dtype = t.type().dtype();
        var values = LongStream.range(0, t.type().shape().elements())
                .mapToObj(i -> " " + (dtype.isFloat() ? real(t, i, dtype) : integer(t, i, dtype)))
                .collect(Collectors.joining());
        return t.type() + values;
    }

    private static String real(Tensor t, long i, DType dtype) {
        return Double.toString(Elements.readDouble(t.bytes(), i, dtype));
    }

    private static String integer(Tensor t, long i, DType dtype) {
        return Long.toString(Elements.readInteger(t.bytes(), i, dtype));
    }
}
