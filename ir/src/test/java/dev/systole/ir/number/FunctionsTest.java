package dev.systole.ir.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FunctionsTest {
    private static DoubleUnaryOperator reference(ActivationFunction f) {
        return switch (f) {
            case COPY -> x -> x;
            case SQUARE -> x -> x * x;
            case SIGMOID -> x -> 1 / (1 + StrictMath.exp(-x));
            case RELU -> x -> Math.max(x, 0);
            case GELU -> x -> x * cdf(x);
            case GELU_DX -> x -> cdf(x) + x * StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI);
            case GELU_APPRX_TANH ->
                x -> x / (1 + StrictMath.exp(-2 * StrictMath.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case GELU_APPRX_SIGMOID -> x -> x / (1 + StrictMath.exp(-1.702 * x));
            case GELU_APPRX_SIGMOID_DX ->
                x -> {
                    double s = 1 / (1 + StrictMath.exp(-1.702 * x));
                    return s + 1.702 * x * s * (1 - s);
                };
            case SILU -> x -> x / (1 + StrictMath.exp(-x));
            case SILU_DX ->
                x -> {
                    double s = 1 / (1 + StrictMath.exp(-x));
                    return s + x * s * (1 - s);
                };
            case TANH -> StrictMath::tanh;
            case SOFTPLUS -> x -> x > 40 ? x : StrictMath.log1p(StrictMath.exp(x));
            case MISH -> x -> x * StrictMath.tanh(x > 40 ? x : StrictMath.log1p(StrictMath.exp(x)));
            case ERF -> FunctionsTest::erf;
            case ERF_DX -> x -> 2 / StrictMath.sqrt(Math.PI) * StrictMath.exp(-x * x);
            case EXP -> StrictMath::exp;
            case LOG -> StrictMath::log;
            case SIN -> StrictMath::sin;
            case ARCTAN -> StrictMath::atan;
            case SQRT -> Math::sqrt;
            case RSQRT -> x -> 1 / Math.sqrt(x);
            case RECIPROCAL -> x -> 1 / x;
            case SIGN -> Math::signum;
            case ABS -> Math::abs;
        };
    }

    /** The series of erf below 2, the continued fraction of erfc above: independent of the fits under test. */
    private static double erf(double x) {
        return x < 0 ? -erf(-x) : x < 2 ? series(x) : 1 - erfc(x);
    }

    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 80; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    private static double erfc(double x) {
        double f = x;
        for (int k = 200; k >= 1; k--) {
            f = x + k / 2.0 / f;
        }
        return StrictMath.exp(-x * x) / Math.sqrt(Math.PI) / f;
    }

    private static double cdf(double x) {
        double z = Math.abs(x) / Math.sqrt(2);
        double tail = 0.5 * (z < 2 ? 1 - series(z) : erfc(z));
        return x < 0 ? tail : 1 - tail;
    }

    @ParameterizedTest
    @EnumSource(ActivationFunction.class)
    void isWithinOneUlpInItsRange(ActivationFunction f) {
        var random = new SplittableRandom(7);
        var reference = reference(f);
        for (int i = 0; i < 200_000; i++) {
            float x = i % 2 == 0 ? (float) (random.nextDouble() * 40 - 20) : Float.intBitsToFloat(random.nextInt());
            boolean derivative = f.name().endsWith("_DX");
            if (!Float.isFinite(x) || x < f.low() || x > f.high() || derivative && Math.abs(x) > 10) {
                continue;
            }
            double expected = reference.applyAsDouble(x);
            float actual = f.apply(x);
            double ulp = Math.ulp((float) expected);
            // Derivatives cross zero, where the reference itself loses digits to cancellation.
            double slack = derivative ? 2e-11 : f == ActivationFunction.GELU ? 1e-14 : 0;
            if (Double.isFinite(ulp)) {
                assertThat(Math.abs(actual - expected)).as("%s(%s)", f, x).isLessThanOrEqualTo(ulp + slack);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ActivationFunction.class)
    void givesNanForNan(ActivationFunction f) {
        assertThat(f.apply(Float.NaN)).isNaN();
    }

    @Test
    void knowsTheLimits() {
        assertThat(ActivationFunction.EXP.apply(1000)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(ActivationFunction.EXP.apply(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(ActivationFunction.LOG.apply(0)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(ActivationFunction.TANH.apply(Float.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(ActivationFunction.GELU.apply(-40)).isZero();
        assertThat(ActivationFunction.SIGMOID.apply(Float.NEGATIVE_INFINITY)).isZero();
    }

    @Test
    void raisesToPowers() {
        assertThat((float) Functions.pow(2, 10)).isEqualTo(1024f);
        assertThat((float) Functions.pow(-2, 3)).isEqualTo(-8f);
        assertThat(Functions.pow(-2, 0.5)).isNaN();
        assertThat(Functions.pow(0, 0)).isEqualTo(1);
        assertThat(Functions.pow(0, -1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Functions.pow(4, -0.5)).isEqualTo(0.5, org.assertj.core.data.Offset.offset(1e-14));
    }
}
