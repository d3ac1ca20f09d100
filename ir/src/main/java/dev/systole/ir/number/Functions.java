package dev.systole.ir.number;

/**
 * The mathematical functions behind {@link ActivationFunction}, in f64 arithmetic that every IEEE-754 host computes alike:
 * additions, multiplications, divisions, square roots and fused multiply-adds in a fixed order. Relative errors are below
 * 2e-11, so results rounded to fp32 are within one unit in the last place of the true value.
 *
 * <p>The polynomials of {@code exp}, {@code log} and {@code sin} are their series; those of {@code erf}, {@code erfcx} and
 * {@code atan} are least-squares fits of the relative error at Chebyshev points.
 */
public final class Functions {
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN2_HIGH = 0x1.62e42fee00000p-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
    private static final double SQRT_HALF = 0.7071067811865476;
    private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;
    private static final double INVERSE_SQRT_TWO_PI = 0.3989422804014327;
    /** Adding and subtracting it rounds an f64 of less than 2^51 to the nearest integer, ties to even. */
    private static final double ROUNDER = 0x1.8p52;

    private static final double TAN_PI_8 = 0.41421356237309503;

    private Functions() {}

    /** e^x; 0 and infinity where f64 underflows or overflows. */
    public static double exp(double x) {
        if (!(x > -708)) {
            return x == x ? 0 : x;
        }
        if (x > 709) {
            return Double.POSITIVE_INFINITY;
        }
        double k = Math.fma(x, LOG2_E, ROUNDER) - ROUNDER;
        double r = Math.fma(-k, LN2_LOW, Math.fma(-k, LN2_HIGH, x));
        return expReduced(r) * Double.longBitsToDouble(((long) k + 1023) << 52);
    }

    /** e^r for |r| at most ln(2)/2: the series up to r^13, relative error below 1e-16. */
    private static double expReduced(double r) {
        double p = 1.0 / 6227020800.0;
        p = Math.fma(p, r, 1.0 / 479001600.0);
        p = Math.fma(p, r, 1.0 / 39916800.0);
        p = Math.fma(p, r, 1.0 / 3628800.0);
        p = Math.fma(p, r, 1.0 / 362880.0);
        p = Math.fma(p, r, 1.0 / 40320.0);
        p = Math.fma(p, r, 1.0 / 5040.0);
        p = Math.fma(p, r, 1.0 / 720.0);
        p = Math.fma(p, r, 1.0 / 120.0);
        p = Math.fma(p, r, 1.0 / 24.0);
        p = Math.fma(p, r, 1.0 / 6.0);
        p = Math.fma(p, r, 0.5);
        p = Math.fma(p, r, 1.0);
        return Math.fma(p, r, 1.0);
    }

    /** Natural logarithm: the series of 2 atanh((m-1)/(m+1)) for a mantissa m between sqrt(1/2) and sqrt(2). */
    public static double log(double x) {
        if (!(x > 0)) {
            return x == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
        }
        if (x == Double.POSITIVE_INFINITY) {
            return x;
        }
        int e = Math.getExponent(x);
        double m = x * Double.longBitsToDouble((1023L - e) << 52);
        if (m > 2 * SQRT_HALF) {
            m *= 0.5;
            e++;
        }
        return Math.fma(e, LN2_HIGH, Math.fma(e, LN2_LOW, twiceAtanh((m - 1) / (m + 1))));
    }

    /** 2 atanh(s) for |s| at most 1/3; relative error below 1e-13. */
    private static double twiceAtanh(double s) {
        double q = s * s;
        double p = 2.0 / 25;
        for (int k = 23; k >= 1; k -= 2) {
            p = Math.fma(p, q, 2.0 / k);
        }
        return s * p;
    }

    /** 1 / (1 + e^-x). */
    public static double sigmoid(double x) {
        return 1 / (1 + exp(-x));
    }

    /** Hyperbolic tangent; below 2^-12 by the first two terms of its series. */
    public static double tanh(double x) {
        double a = Math.abs(x);
        if (a < 0x1p-12) {
            return Math.copySign(x - x * x * x * (1.0 / 3), x);
        }
        if (a > 20) {
            return Math.copySign(1, x);
        }
        double e = exp(2 * a);
        return Math.copySign((e - 1) / (e + 1), x);
    }

    /** Error function. */
    public static double erf(double x) {
        double a = Math.abs(x);
        if (a <= 1) {
            double q = x * x;
            double p = 1.0557150067260073e-06;
            p = Math.fma(p, q, -1.3896348537524253e-05);
            p = Math.fma(p, q, 0.00011954432595104599);
            p = Math.fma(p, q, -0.0008542455878156456);
            p = Math.fma(p, q, 0.005223774833696473);
            p = Math.fma(p, q, -0.026866131001612947);
            p = Math.fma(p, q, 0.11283791280162536);
            p = Math.fma(p, q, -0.3761263888824878);
            p = Math.fma(p, q, 1.1283791670945658);
            return x * p;
        }
        return x == x ? Math.copySign(1 - erfcPositive(a), x) : x;
    }

    /** 1 - erf(z) for z of at least 0, relative error below 2e-11 up to 14 and 0 beyond. */
    private static double erfcPositive(double z) {
        if (z > 14) {
            return 0;
        }
        double t = 1 / (1 + 0.5 * z);
        double p = -0.008421257594971523;
        p = Math.fma(p, t, 0.09803865818334236);
        p = Math.fma(p, t, -0.4826580020594523);
        p = Math.fma(p, t, 1.3373684787846067);
        p = Math.fma(p, t, -2.297710667000298);
        p = Math.fma(p, t, 2.5093162991934714);
        p = Math.fma(p, t, -1.72617007795994);
        p = Math.fma(p, t, 0.7997985366902157);
        p = Math.fma(p, t, -0.3630140933867141);
        p = Math.fma(p, t, 0.07560062075364993);
        p = Math.fma(p, t, 0.06870607432807077);
        p = Math.fma(p, t, 0.1782861019590945);
        p = Math.fma(p, t, 0.24666110349789444);
        p = Math.fma(p, t, 0.2821036362283328);
        p = Math.fma(p, t, 0.28209458839043067);
        return t * p * exp(-z * z);
    }

    /** Distribution function of the standard normal distribution. */
    public static double normalCdf(double x) {
        double z = Math.abs(x) * SQRT_HALF;
        double tail = 0.5 * erfcPositive(z);
        return x < 0 ? tail : 1 - tail;
    }

    /** x times the standard normal distribution function. */
    public static double gelu(double x) {
        return x == Double.NEGATIVE_INFINITY ? -0.0 : x * normalCdf(x);
    }

    public static double geluDx(double x) {
        double density = INVERSE_SQRT_TWO_PI * exp(-0.5 * x * x);
        return normalCdf(x) + (Double.isInfinite(x) ? 0 : x * density);
    }

    /** x times the sigmoid of 2 sqrt(2/pi) (x + 0.044715 x^3). */
    public static double geluTanh(double x) {
        return product(x, sigmoid(2 * 0.7978845608028654 * (x + 0.044715 * x * x * x)));
    }

    /** x times the sigmoid of 1.702 x. */
    public static double geluSigmoid(double x) {
        return product(x, sigmoid(1.702 * x));
    }

    public static double geluSigmoidDx(double x) {
        double s = sigmoid(1.702 * x);
        return s + product(1.702 * x, s * (1 - s));
    }

    public static double silu(double x) {
        return product(x, sigmoid(x));
    }

    public static double siluDx(double x) {
        double s = sigmoid(x);
        return s + product(x, s * (1 - s));
    }

    public static double erfDx(double x) {
        return TWO_OVER_SQRT_PI * exp(-x * x);
    }

    /** log(1 + e^x). */
    public static double softplus(double x) {
        double u = exp(-Math.abs(x));
        return Math.max(x, 0) + twiceAtanh(u / (2 + u));
    }

    /** x tanh(softplus(x)). */
    public static double mish(double x) {
        if (x > 40) {
            return x;
        }
        double e = exp(x);
        double n = e * (e + 2);
        return product(x, n / (n + 2));
    }

    /** A factor of zero gives zero even beside an infinity, as the limit does. */
    private static double product(double x, double factor) {
        return factor == 0 ? Math.copySign(0, x) : x * factor;
    }

    /**
     * Sine for |x| at most pi, by its series at the distance to the nearest zero. There is no range reduction: beyond pi the
     * series is extrapolated.
     */
    public static double sin(double x) {
        double a = Math.abs(x);
        double y = a > Math.PI / 2 ? Math.PI - a : a;
        double q = y * y;
        double p = 1.0 / 355687428096000.0;
        p = Math.fma(p, q, -1.0 / 1307674368000.0);
        p = Math.fma(p, q, 1.0 / 6227020800.0);
        p = Math.fma(p, q, -1.0 / 39916800.0);
        p = Math.fma(p, q, 1.0 / 362880.0);
        p = Math.fma(p, q, -1.0 / 5040.0);
        p = Math.fma(p, q, 1.0 / 120.0);
        p = Math.fma(p, q, -1.0 / 6.0);
        p = Math.fma(p, q, 1.0);
        return Math.copySign(1, x) * (y * p);
    }

    /** Arc tangent. */
    public static double arctan(double x) {
        double a = Math.abs(x);
        double base = 0;
        double z = a;
        if (a > 1 / TAN_PI_8) {
            base = Math.PI / 2;
            z = -1 / a;
        } else if (a > TAN_PI_8) {
            base = Math.PI / 4;
            z = (a - 1) / (a + 1);
        }
        double q = z * z;
        double p = 0.030669319207511064;
        p = Math.fma(p, q, -0.05874993897313069);
        p = Math.fma(p, q, 0.07563844224193113);
        p = Math.fma(p, q, -0.09078413162837246);
        p = Math.fma(p, q, 0.11110386797720997);
        p = Math.fma(p, q, -0.14285690502949114);
        p = Math.fma(p, q, 0.19999999606655902);
        p = Math.fma(p, q, -0.3333333333081878);
        p = Math.fma(p, q, 0.9999999999999722);
        return x == x ? Math.copySign(base + z * p, x) : x;
    }

    /** x to the power y, with the special cases of IEEE 754's pow. */
    public static double pow(double x, double y) {
        if (y == 0 || x == 1) {
            return 1;
        }
        if (x != x || y != y) {
            return Double.NaN;
        }
        boolean whole = Math.rint(y) == y;
        boolean odd = whole && Math.abs(y) < 0x1p53 && ((long) y & 1) != 0;
        if (x < 0 && !whole && !Double.isInfinite(x)) {
            return Double.NaN;
        }
        double a = Math.abs(x);
        double magnitude;
        if (a == 1) {
            magnitude = 1;
        } else if (a == 0 || Double.isInfinite(a) || Double.isInfinite(y)) {
            magnitude = (a > 1) == (y > 0) ? Double.POSITIVE_INFINITY : 0;
        } else {
            magnitude = exp(y * log(a));
        }
        boolean negative = odd && (x < 0 || x == 0 && 1 / x < 0);
        return negative ? -magnitude : magnitude;
    }

    /** The larger value; NaN if either is; -0 is less than +0. */
    public static float maximum(float a, float b) {
        return Math.max(a, b);
    }

    /** The smaller value; NaN if either is; -0 is less than +0. */
    public static float minimum(float a, float b) {
        return Math.min(a, b);
    }
}
