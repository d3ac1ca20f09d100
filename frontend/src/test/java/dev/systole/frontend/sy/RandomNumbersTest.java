package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RandomNumbersTest {
    private static double[] values(Tensor t) {
        return LongStream.range(0, t.type().shape().elements())
                .mapToDouble(i -> Elements.readDouble(t.bytes(), i, t.type().dtype()))
                .toArray();
    }

    /** Goldens of models rest on these. */
    @Test
    void stayTheSame() {
        var type = TensorType.of(DType.F32, 3);
        assertThat(values(new RandomNumbers("dense.w", 0).normal(type, 0.05)))
                .containsExactly(-0.07726799696683884, -0.029592933133244514, 0.04634152352809906);
        assertThat(values(new RandomNumbers("dense.w", 0).uniform(type, -1, 1)))
                .containsExactly(0.4913880228996277, 0.1164243295788765, -0.2827759087085724);
    }

    @Test
    void dependOnTheNameTheSeedAndThePlaceAlone() {
        var few = values(new RandomNumbers("a", 0).normal(TensorType.of(DType.F64, 5), 1));
        var many = values(new RandomNumbers("a", 0).normal(TensorType.of(DType.F64, 1000), 1));
        assertThat(many).startsWith(few);
        assertThat(values(new RandomNumbers("b", 0).normal(TensorType.of(DType.F64, 5), 1)))
                .doesNotContain(few);
        assertThat(values(new RandomNumbers("a", 1).normal(TensorType.of(DType.F64, 5), 1)))
                .doesNotContain(few);
    }

    @Test
    void areDistributedAsTheySay() {
        var normal = values(new RandomNumbers("n", 0).normal(TensorType.of(DType.F64, 100_000), 2));
        var uniform = values(new RandomNumbers("u", 0).uniform(TensorType.of(DType.F64, 100_000), 3, 5));
        assertThat(Arrays.stream(normal).average().orElseThrow()).isCloseTo(0, within(0.03));
        assertThat(Math.sqrt(Arrays.stream(normal).map(x -> x * x).average().orElseThrow()))
                .isCloseTo(2, within(0.02));
        assertThat(Arrays.stream(uniform).allMatch(x -> x >= 3 && x < 5)).isTrue();
        assertThat(Arrays.stream(uniform).average().orElseThrow()).isCloseTo(4, within(0.01));
    }
}
