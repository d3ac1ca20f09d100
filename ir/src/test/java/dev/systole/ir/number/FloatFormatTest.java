package dev.systole.ir.number;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.type.DType;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatFormatTest {
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16", "F8E4M3", "F8E4M3FN", "F8E4M3FNUZ", "F8E5M2", "F8E5M2FNUZ", "F4E2M1"})
    void decodesAndEncodesEveryCode(DType dtype) {
        var format = FloatFormat.of(dtype);
        for (int code = 0; code < 1 << dtype.bits(); code++) {
            float value = format.decode(code);
            assertThat(Float.compare(Elements.decode(code, dtype), value))
                    .as("code %x", code)
                    .isZero();
            if (!Float.isNaN(value)) {
                assertThat(format.encode(value)).as("code %x", code).isEqualTo(code);
                assertThat(Elements.encode(value, dtype)).isEqualTo(code);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F8E4M3", "F8E4M3FN", "F8E4M3FNUZ", "F8E5M2", "F8E5M2FNUZ", "F4E2M1"})
    void encodesToTheNearestCode(DType dtype) {
        var format = FloatFormat.of(dtype);
        var random = new SplittableRandom(3);
        for (int i = 0; i < 3000; i++) {
            float value = (float) ((random.nextDouble() - 0.5) * Math.scalb(1.0, random.nextInt(-12, 7)));
            float got = format.decode(format.encodeSaturating(value));
            double best = Double.MAX_VALUE;
            for (int code = 0; code < 1 << dtype.bits(); code++) {
                float candidate = format.decode(code);
                if (Float.isFinite(candidate)) {
                    best = Math.min(best, Math.abs((double) candidate - value));
                }
            }
            assertThat(Math.abs((double) got - value)).isEqualTo(best);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void agreesWithTheFastPaths(DType dtype) {
        var random = new SplittableRandom(5);
        for (int i = 0; i < 300_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            assertThat(Elements.encode(value, dtype))
                    .isEqualTo(FloatFormat.of(dtype).encode(value));
        }
    }

    @Test
    void overflowsAsTheFormatSays() {
        assertThat(Elements.rounded(1e6f, DType.F16)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Elements.rounded(250f, DType.F8E4M3)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Elements.rounded(1000f, DType.F8E4M3FN)).isNaN();
        assertThat(Elements.rounded(1000f, DType.F8E4M3FNUZ)).isNaN();
        assertThat(Elements.rounded(-1e6f, DType.F8E5M2FNUZ)).isNaN();
        assertThat(FloatFormat.of(DType.F8E4M3FN)
                        .decode(FloatFormat.of(DType.F8E4M3FN).encodeSaturating(1000f)))
                .isEqualTo(448f);
        assertThat(Elements.rounded(3f, DType.F4E2M1)).isEqualTo(3f);
    }

    @Test
    void convertsToIntegers() {
        assertThat(Elements.toInteger(2.5f, DType.I32)).isEqualTo(2);
        assertThat(Elements.toInteger(1e20f, DType.I32)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Elements.toInteger(-3f, DType.U8)).isZero();
        assertThat(Elements.toInteger(Float.NaN, DType.I8)).isZero();
        assertThat(Elements.truncate(-2.7, DType.I64)).isEqualTo(-2);
        assertThat(Elements.truncate(300, DType.U8)).isEqualTo(255);
    }
}
