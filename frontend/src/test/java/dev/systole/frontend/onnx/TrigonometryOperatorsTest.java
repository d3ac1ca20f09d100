package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TrigonometryOperatorsTest {
    private static final double PRECISION = 1e-6;

    /** Below it fp32 has no full mantissa. */
    private static final double SMALLEST_NORMAL = Float.MIN_NORMAL;

    static final List<String> CASES = NodeCase.lines("""
        Sin@7 : f32[4] 0 1 -2 100 => f32[4] 0 0.84147098 -0.90929743 -0.50636564
        Cos@7 : f32[4] 0 1 -2 100 => f32[4] 1 0.54030231 -0.41614684 0.86231887
        Tan@7 : f32[4] 0 1 -2 100 => f32[4] 0 1.5574077 2.1850399 -0.58721392
        Asin@7 : f32[5] 0 0.5 -1 1 2 => f32[5] 0 0.52359878 -1.5707963 1.5707963 nan
        Acos@7 : f32[5] 0 0.5 -1 1 -2 => f32[5] 1.5707963 1.0471976 3.1415927 0 nan
        Atan@7 : f32[4] 0 1 -inf 1e30 => f32[4] 0 0.78539816 -1.5707963 1.5707963
        Sinh@9 : f32[5] 0 1 -2 inf -inf => f32[5] 0 1.1752012 -3.6268604 inf -inf
        Cosh@9 : f32[5] 0 1 -2 inf -inf => f32[5] 1 1.5430806 3.7621957 inf inf
        Asinh@9 : f32[5] 0 1 -2 inf -inf => f32[5] 0 0.88137359 -1.4436355 inf -inf
        Acosh@9 : f32[4] 1 2 10 0.5 => f32[4] 0 1.316957897 2.99322285 nan
        Acosh@9 : f32[2] inf nan => f32[2] inf nan
        Atanh@9 : f32[6] 0 0.5 -0.5 1 -1 2 => f32[6] 0 0.54930614 -0.54930614 inf -inf nan

        # Other types, ranks and sizes.
        Asin@22 : f64[2] 0.25 -0.5 => f64[2] 0.252680255142 -0.523598775598
        Asinh@9 : f64[] 1e10 => f64[] 23.718998110500
        Tan@22 : bf16[2] 1 -0.5 => bf16[2] 1.5546875 -0.546875
        Atanh@22 : f16[2] 0.5 0.001 => f16[2] 0.54931640625 0.0010004043579101562
        Sinh@9 : f16[1] 11.5 => f16[1] 49344
        Cosh@9 : f32[0,3] => f32[0,3]
        Acos@7 : f32[1,1,1,1,1,1,1,1] 0.5 => f32[1,1,1,1,1,1,1,1] 1.0471976
        """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    private static final Map<String, DoubleUnaryOperator> FUNCTIONS = Map.of(
            "Tan", Math::tan,
            "Asin", Math::asin,
            "Acos", Math::acos,
            "Atan", Math::atan,
            "Sinh", Math::sinh,
            "Cosh", Math::cosh,
            "Asinh", x -> Math.copySign(areaSine(Math.abs(x)), x),
            "Acosh", x -> 2 * areaSine(Math.sqrt((x - 1) / 2)),
            "Atanh", x -> (Math.log1p(x) - Math.log1p(-x)) / 2);

    static final List<String> NAMES = FUNCTIONS.keySet().stream().sorted().toList();

    private static double areaSine(double a) {
        return a > 1e150 ? Math.log(a) + Math.log(2) : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
    }

    /** Numbers of every magnitude and of either sign, and numbers close to 1. */
    private static float[] sweep() {
        var values = new float[2 * 560 + 200];
        int count = 0;
        for (double e = -126; e < 128; e += 0.5) {
            values[count++] = (float) (1.234 * Math.pow(2, e));
            values[count++] = (float) (-1.234 * Math.pow(2, e));
        }
        for (int i = 0; i < 100; i++) {
            values[count++] = (float) (1 - Math.pow(0.8, i));
            values[count++] = (float) (1 + Math.pow(0.8, i));
        }
        return Arrays.copyOf(values, count);
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void isPreciseOverTheWholeRange(String name) {
        var values = sweep();
        var graph = NodeCase.parse(
                        "%s@22 : f32[%d]%s => f32[1] 0".formatted(name, values.length, " 0".repeat(values.length)))
                .read();
        var results =
                NodeCase.values(GraphInterpreter.run(graph, List.of(Tensor.ofFloats(Shape.of(values.length), values)))
                        .getFirst());
        for (int i = 0; i < values.length; i++) {
            double expected = FUNCTIONS.get(name).applyAsDouble(values[i]);
            assertThat(agrees(results[i], expected))
                    .as("%s(%s) is %s, not %s", name, values[i], results[i], expected)
                    .isTrue();
        }
    }

    private static boolean agrees(double actual, double expected) {
        if (Double.isNaN(expected)) {
            return Double.isNaN(actual);
        }
        return Math.abs(expected) > Float.MAX_VALUE
                ? actual == Math.copySign(Double.POSITIVE_INFINITY, expected)
                : Math.abs(actual - expected) <= PRECISION * Math.max(SMALLEST_NORMAL, Math.abs(expected));
    }
}
