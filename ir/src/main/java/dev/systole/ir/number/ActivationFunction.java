package dev.systole.ir.number;

import java.util.List;
import java.util.Locale;

/**
 * The functions of ScalarE, with the names and valid input ranges of the AWS Neuron documentation
 * (nki/api/nki.api.shared.rst). Results are within one unit in the last place of the true value inside the range;
 * derivatives, which cross zero, within that or 2e-11.
 */
public enum ActivationFunction {
    COPY,
    SQUARE,
    SIGMOID,
    RELU,
    GELU,
    GELU_DX,
    GELU_APPRX_TANH,
    GELU_APPRX_SIGMOID,
    GELU_APPRX_SIGMOID_DX,
    SILU,
    SILU_DX,
    TANH,
    SOFTPLUS,
    MISH,
    ERF,
    ERF_DX,
    EXP,
    LOG(0x1p-64, 0x1p64),
    SIN(-Math.PI, Math.PI),
    ARCTAN(-Math.PI / 2, Math.PI / 2),
    SQRT(0x1p-116, 0x1p118),
    RSQRT(0x1p-87, 0x1p97),
    RECIPROCAL(-0x1p42, 0x1p42),
    SIGN,
    ABS;

    /** All functions, in order. */
    public static final List<ActivationFunction> ALL = List.of(values());

    private final double low;
    private final double high;

    ActivationFunction() {
        this(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    ActivationFunction(double low, double high) {
        this.low = low;
        this.high = high;
    }

    /** Smallest input for which the result is valid. */
    public double low() {
        return low;
    }

    /** Largest input for which the result is valid. */
    public double high() {
        return high;
    }

    /** The function's value, rounded to fp32. NaN gives NaN. */
    public float apply(float x) {
        return switch (this) {
            case COPY -> x;
            case SQUARE -> x * x;
            case SIGMOID -> (float) Functions.sigmoid(x);
            case RELU -> Functions.maximum(x, 0);
            case GELU -> (float) Functions.gelu(x);
            case GELU_DX -> (float) Functions.geluDx(x);
            case GELU_APPRX_TANH -> (float) Functions.geluTanh(x);
            case GELU_APPRX_SIGMOID -> (float) Functions.geluSigmoid(x);
            case GELU_APPRX_SIGMOID_DX -> (float) Functions.geluSigmoidDx(x);
            case SILU -> (float) Functions.silu(x);
            case SILU_DX -> (float) Functions.siluDx(x);
            case TANH -> (float) Functions.tanh(x);
            case SOFTPLUS -> (float) Functions.softplus(x);
            case MISH -> (float) Functions.mish(x);
            case ERF -> (float) Functions.erf(x);
            case ERF_DX -> (float) Functions.erfDx(x);
            case EXP -> (float) Functions.exp(x);
            case LOG -> (float) Functions.log(x);
            case SIN -> (float) Functions.sin(x);
            case ARCTAN -> (float) Functions.arctan(x);
            case SQRT -> (float) Math.sqrt(x);
            case RSQRT -> (float) (1 / Math.sqrt(x));
            case RECIPROCAL -> 1 / x;
            case SIGN -> Math.signum(x);
            case ABS -> Math.abs(x);
        };
    }

    /** The printed name, such as {@code gelu_apprx_tanh}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
