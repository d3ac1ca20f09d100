package dev.systole.ir.number;

import dev.systole.ir.type.DType;

/**
 * A binary floating-point format of at most 32 bits: one sign bit (or none), then the exponent, then the mantissa.
 *
 * <p>Conversion from fp32 rounds to nearest, ties to even, keeps subnormals, and gives infinity on overflow where the format has
 * one, else NaN. A NaN becomes the format's canonical quiet NaN.
 *
 * @param exponentBits width of the exponent
 * @param mantissaBits width of the stored mantissa
 * @param bias exponent bias
 * @param specials what the highest codes mean
 */
public record FloatFormat(int exponentBits, int mantissaBits, int bias, Specials specials) {
    /** What a format does with the codes that IEEE 754 gives to infinities and NaNs. */
    public enum Specials {
        /** The top exponent is infinity (mantissa 0) and NaN. */
        IEEE,
        /** No infinity; the code with all bits set is NaN. */
        FINITE,
        /** No infinity, no negative zero; the code of negative zero is NaN. */
        UNSIGNED_ZERO,
        /** Every code is a number. */
        NONE
    }

    private static final FloatFormat F16 = new FloatFormat(5, 10, 15, Specials.IEEE);
    private static final FloatFormat BF16 = new FloatFormat(8, 7, 127, Specials.IEEE);
    private static final FloatFormat E4M3 = new FloatFormat(4, 3, 7, Specials.IEEE);
    private static final FloatFormat E4M3FN = new FloatFormat(4, 3, 7, Specials.FINITE);
    private static final FloatFormat E4M3FNUZ = new FloatFormat(4, 3, 8, Specials.UNSIGNED_ZERO);
    private static final FloatFormat E5M2 = new FloatFormat(5, 2, 15, Specials.IEEE);
    private static final FloatFormat E5M2FNUZ = new FloatFormat(5, 2, 16, Specials.UNSIGNED_ZERO);
    private static final FloatFormat E2M1 = new FloatFormat(2, 1, 1, Specials.NONE);

    /**
     * The format of a float type of 16 bits or less other than {@link DType#F8E8M0}, which has no mantissa.
     *
     * @throws IllegalArgumentException for other types
     */
    public static FloatFormat of(DType dtype) {
        return switch (dtype) {
            case F16 -> F16;
            case BF16 -> BF16;
            case F8E4M3 -> E4M3;
            case F8E4M3FN -> E4M3FN;
            case F8E4M3FNUZ -> E4M3FNUZ;
            case F8E5M2 -> E5M2;
            case F8E5M2FNUZ -> E5M2FNUZ;
            case F4E2M1 -> E2M1;
            default -> throw new IllegalArgumentException(dtype + " is no narrow float type");
        };
    }

    private int width() {
        return 1 + exponentBits + mantissaBits;
    }

    private int signBit() {
        return 1 << (width() - 1);
    }

    /** The largest finite code without its sign. */
    private int largest() {
        int all = signBit() - 1;
        return switch (specials) {
            case IEEE -> (((1 << exponentBits) - 1) << mantissaBits) - 1;
            case FINITE -> all - 1;
            case UNSIGNED_ZERO, NONE -> all;
        };
    }

    private int nan() {
        return switch (specials) {
            case IEEE -> (((1 << exponentBits) - 1) << mantissaBits) | (1 << (mantissaBits - 1));
            case FINITE -> signBit() - 1;
            case UNSIGNED_ZERO -> signBit();
            case NONE -> 0;
        };
    }

    /** The largest number that is not infinite. */
    public float largestFinite() {
        return decode(largest());
    }

    /** The value of a code, exactly. */
    public float decode(int code) {
        int sign = code & signBit();
        int magnitude = code & (signBit() - 1);
        if (specials == Specials.UNSIGNED_ZERO && sign != 0 && magnitude == 0) {
            return Float.NaN;
        }
        if (magnitude > largest()) {
            return specials == Specials.IEEE && magnitude == largest() + 1
                    ? (sign != 0 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY)
                    : Float.NaN;
        }
        int exponent = magnitude >>> mantissaBits;
        int mantissa = magnitude & ((1 << mantissaBits) - 1);
        double value = exponent == 0
                ? Math.scalb((double) mantissa, 1 - bias - mantissaBits)
                : Math.scalb((double) (mantissa | (1 << mantissaBits)), exponent - bias - mantissaBits);
        return (float) (sign != 0 ? -value : value);
    }

    /** The code nearest to a value; overflow gives infinity or NaN. */
    public int encode(float value) {
        if (Float.isNaN(value)) {
            return nan();
        }
        long magnitude = round(value);
        if (magnitude <= largest()) {
            return sign(value, magnitude) | (int) magnitude;
        }
        int sign = sign(value, magnitude);
        return switch (specials) {
            case IEEE -> sign | (largest() + 1);
            case FINITE -> sign | nan();
            case UNSIGNED_ZERO -> nan();
            case NONE -> sign | largest();
        };
    }

    /** The code nearest to a value; what is out of range, infinities included, becomes the largest finite value. */
    public int encodeSaturating(float value) {
        if (Float.isNaN(value)) {
            return nan();
        }
        long magnitude = Math.min(round(value), largest());
        return sign(value, magnitude) | (int) magnitude;
    }

    private int sign(float value, long magnitude) {
        boolean negative = Float.floatToRawIntBits(value) < 0;
        return negative && !(magnitude == 0 && specials == Specials.UNSIGNED_ZERO) ? signBit() : 0;
    }

    /** The magnitude's code, rounded with an unbounded exponent: it may come out above {@link #largest}. */
    private long round(float value) {
        if (value == 0) {
            return 0;
        }
        if (Float.isInfinite(value)) {
            return signBit();
        }
        double magnitude = Math.abs((double) value);
        int exponent = Math.max(Math.getExponent(magnitude), 1 - bias);
        // Scaled so that one unit in the last place is 1; rint rounds ties to even.
        long units = (long) Math.rint(Math.scalb(magnitude, mantissaBits - exponent));
        return ((long) (exponent + bias - 1) << mantissaBits) + units;
    }
}
