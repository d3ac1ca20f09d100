package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.systole.ir.graph.GraphInterpreter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class RandomOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
        # What there is no choice about.
        RandomUniform@1 shape=[2,2] low=3.0 high=3.0 : => f32[2,2] 3 3 3 3
        RandomUniform@22 shape=[] low=3.0 high=3.0 dtype=16 : => bf16[] 3
        RandomUniformLike@1 low=-1.0 high=-1.0 : f16[1,2] 0 0 => f16[1,2] -1 -1
        RandomUniformLike@22 low=2.0 high=2.0 dtype=11 : i8[2] 0 0 => f64[2] 2 2
        RandomNormal@1 shape=[3] mean=2.5 scale=0.0 dtype=10 : => f16[3] 2.5 2.5 2.5
        RandomNormal@22 shape=[0,3] : => f32[0,3]
        RandomNormalLike@1 mean=-1.0 scale=0.0 dtype=1 : i64[2] 7 7 => f32[2] -1 -1
        Bernoulli@15 : f32[4] 0 1 1 0 => f32[4] 0 1 1 0
        Bernoulli@22 dtype=9 seed=3.0 : f64[2] 1 0 => bool[2] 1 0
        Multinomial@7 sample_size=3 : f32[2,3] 0 -inf -inf -inf 5 -inf => i32[2,3] 0 0 0 1 1 1
        Multinomial@22 dtype=7 : f16[1,1] -20 => i64[1,1] 0
        Multinomial@7 sample_size=2 : f32[0,3] => i32[0,2]

        # A mask of a given seed is the one of NumPy's generator: here it keeps 0.5488 0.7152 0.6028 0.5449 0.4237 0.6459.
        Dropout@12 seed=0 : f32[2,3] 1 2 3 4 5 6; none; =bool[] 1 => f32[2,3] 2 4 6 8 0 12; bool[2,3] 1 1 1 1 0 1
        Dropout@13 seed=0 : f32[3] 1 2 3; f32[] 0.6; =bool[] 1 => f32[3] 0 5 7.5
        Dropout@22 seed=0 : f16[3] 1 2 3; f64[1] 0.6; =bool[1] 1 => f16[3] 0 5 7.5
        Dropout@22 seed=4294967296 : f8e4m3fn[3] 1 2 3; f8e5m2[] 0.5; =bool[] 1 => f8e4m3fn[3] 2 4 6
        Dropout@13 : bf16[3] 1 2 inf; f32[] 0; =bool[] 1 => bf16[3] 1 2 inf; bool[3] 1 1 1
        Dropout@13 : f32[3] 1 2 3; f32[] 7; =bool[] 0 => f32[3] 1 2 3
        Dropout@1 ratio=0.0 : f32[2] 1 2 => f32[2] 1 2; f32[2] 1 1
        """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        RandomUniform@1 shape=[200,50] low=-1.0 high=3.0 :                       | 1    | 1.1547 | -1  | 3
        RandomUniform@1 shape=[10000] dtype=11 seed=7.0 :                        | 0.5  | 0.2887 | 0   | 1
        RandomNormal@22 shape=[10000] :                                          | 0    | 1      | -6  | 6
        RandomNormal@1 shape=[100,100] mean=5.0 scale=3.0 seed=1.0 dtype=11 :    | 5    | 3      | -13 | 23
        """)
    void isDistributed(String node, double mean, double deviation, double low, double high) {
        var values = run(node + " => f32[1] 0");
        assertThat(Arrays.stream(values).boxed()).hasSize(10_000).allMatch(v -> v >= low && v <= high);
        assertThat(mean(values)).isCloseTo(mean, within(4 * deviation / 100));
        assertThat(Math.sqrt(mean(squares(values, mean)))).isCloseTo(deviation, within(0.03 * deviation));
    }

    @Test
    void drawsClassesByTheirWeights() {
        // Weights of 1, 2 and 5.
        var values = run("Multinomial@7 sample_size=8000 : =f32[1,3] 10 10.693147 11.609438 => i32[1] 0");
        assertThat(values).hasSize(8000);
        for (int i = 0; i < 3; i++) {
            int drawn = i;
            assertThat((double) Arrays.stream(values).filter(v -> v == drawn).count())
                    .isCloseTo(List.of(1000, 2000, 5000).get(i), within(150.0));
        }
    }

    @Test
    void drawsWithTheProbabilityOfEachElement() {
        var values = run("Bernoulli@15 dtype=3 : =f32[2000]" + " 0.1 0.7".repeat(1000) + " => i8[1] 0");
        double seldom = 0;
        double often = 0;
        for (int i = 0; i < values.length; i += 2) {
            seldom += values[i];
            often += values[i + 1];
        }
        assertThat(seldom).isCloseTo(100, within(40.0));
        assertThat(often).isCloseTo(700, within(60.0));
    }

    @Test
    void dropsAPartAndScalesTheRest() {
        var values = run("Dropout@13 : =f32[4000]" + " 3".repeat(4000) + "; =f32[] 0.25; =bool[] 1 => f32[1] 0");
        assertThat(Arrays.stream(values).boxed()).allMatch(v -> v == 0 || Math.abs(v - 4) < 1e-6);
        assertThat(mean(values)).isCloseTo(3, within(0.15));
    }

    @Test
    void equalModelsDrawEqualNumbersAndOtherNodesOthers() {
        var uniform = run("RandomUniform@1 shape=[100] : => f32[1] 0");
        assertThat(run("RandomUniform@1 shape=[100] : => f32[1] 0")).isEqualTo(uniform);
        assertThat(run("RandomUniform@1 shape=[100] seed=1.0 : => f32[1] 0")).isNotEqualTo(uniform);
        assertThat(run("RandomUniform@1 shape=[100] seed=1.0 : => f32[1] 0"))
                .isNotEqualTo(run("RandomUniform@1 shape=[100] seed=2.0 : => f32[1] 0"));
    }

    private static double[] run(String line) {
        return NodeCase.values(
                GraphInterpreter.run(NodeCase.parse(line).read(), List.of()).getFirst());
    }

    private static double[] squares(double[] values, double mean) {
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }
}
