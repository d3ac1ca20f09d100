package dev.systole.ir.number;

import dev.systole.ir.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Elements of packed, little-endian tensors in memory. Types narrower than a byte have their first element in the lowest
 * bits.
 */
public final class Elements {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Elements() {}

    /** An element of any type as fp32; integers and f64 are rounded to nearest even. */
    public static float readFloat(MemorySegment bytes, long index, DType dtype) {
        return switch (dtype) {
            case F32 -> bytes.get(F32, 4 * index);
            case TF32 -> tf32(bytes.get(F32, 4 * index));
            case F64 -> (float) bytes.get(F64, 8 * index);
            default ->
                dtype.isFloat()
                        ? decode((int) readBits(bytes, index, dtype), dtype)
                        : dtype == DType.U64
                                ? (float) unsignedToDouble(readInteger(bytes, index, dtype))
                                : (float) readInteger(bytes, index, dtype);
        };
    }

    /** An element of any type as f64; 64-bit integers are rounded to nearest even. */
    public static double readDouble(MemorySegment bytes, long index, DType dtype) {
        if (dtype == DType.F64) {
            return bytes.get(F64, 8 * index);
        }
        if (dtype.isFloat()) {
            return readFloat(bytes, index, dtype);
        }
        long value = readInteger(bytes, index, dtype);
        return dtype == DType.U64 ? unsignedToDouble(value) : (double) value;
    }

    private static double unsignedToDouble(long value) {
        return value >= 0 ? (double) value : ((value >>> 1) | (value & 1)) * 2.0;
    }

    /** An integer or boolean element, sign- or zero-extended; the bits of a u64. */
    public static long readInteger(MemorySegment bytes, long index, DType dtype) {
        long bits = readBits(bytes, index, dtype);
        int unused = 64 - dtype.bits();
        return dtype.isSigned() ? bits << unused >> unused : bits;
    }

    /** Writes a value rounded to the element type: floats to nearest even, integers to nearest even and saturated. */
    public static void writeFloat(MemorySegment bytes, long index, DType dtype, float value) {
        switch (dtype) {
            case F32 -> bytes.set(F32, 4 * index, value);
            case F64 -> bytes.set(F64, 8 * index, value);
            default -> {
                if (dtype.isFloat()) {
                    writeBits(bytes, index, dtype, encode(value, dtype));
                } else {
                    writeInteger(bytes, index, dtype, toInteger(value, dtype));
                }
            }
        }
    }

    /** Writes an f64 value rounded once to the element type, as {@link #writeFloat} does. */
    public static void writeDouble(MemorySegment bytes, long index, DType dtype, double value) {
        if (dtype == DType.F64) {
            bytes.set(F64, 8 * index, value);
        } else {
            writeFloat(bytes, index, dtype, (float) value);
        }
    }

    /** Writes the low bits of an integer. */
    public static void writeInteger(MemorySegment bytes, long index, DType dtype, long value) {
        writeBits(bytes, index, dtype, value);
    }

    /** The raw bits of an element. */
    public static long readBits(MemorySegment bytes, long index, DType dtype) {
        return switch (dtype.bits()) {
            case 64 -> bytes.get(I64, 8 * index);
            case 32 -> Integer.toUnsignedLong(bytes.get(I32, 4 * index));
            case 16 -> Short.toUnsignedLong(bytes.get(I16, 2 * index));
            case 8 -> Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, index));
            default -> {
                int perByte = 8 / dtype.bits();
                int shift = (int) (index % perByte) * dtype.bits();
                yield (bytes.get(ValueLayout.JAVA_BYTE, index / perByte) >>> shift) & ((1L << dtype.bits()) - 1);
            }
        };
    }

    /** Sets the raw bits of an element. */
    public static void writeBits(MemorySegment bytes, long index, DType dtype, long bits) {
        switch (dtype.bits()) {
            case 64 -> bytes.set(I64, 8 * index, bits);
            case 32 -> bytes.set(I32, 4 * index, (int) bits);
            case 16 -> bytes.set(I16, 2 * index, (short) bits);
            case 8 -> bytes.set(ValueLayout.JAVA_BYTE, index, (byte) bits);
            default -> {
                int perByte = 8 / dtype.bits();
                int shift = (int) (index % perByte) * dtype.bits();
                long mask = ((1L << dtype.bits()) - 1) << shift;
                long old = bytes.get(ValueLayout.JAVA_BYTE, index / perByte);
                bytes.set(ValueLayout.JAVA_BYTE, index / perByte, (byte) ((old & ~mask) | (bits << shift & mask)));
            }
        }
    }

    /** The value of the bits of a float type of at most 32 bits. */
    public static float decode(int bits, DType dtype) {
        return switch (dtype) {
            case F32 -> Float.intBitsToFloat(bits);
            case TF32 -> tf32(Float.intBitsToFloat(bits));
            case F16 -> Float.float16ToFloat((short) bits);
            case BF16 -> Float.intBitsToFloat(bits << 16);
            case F8E8M0 -> bits == 0xFF ? Float.NaN : (float) Math.scalb(1.0, bits - 127);
            default -> FloatFormat.of(dtype).decode(bits);
        };
    }

    /** What a reader of tf32 sees of 32 bits. */
    private static float tf32(float bits) {
        return Float.intBitsToFloat(truncated(bits, 13));
    }

    /** The bits of a value in a float type of at most 32 bits, rounded to nearest even. */
    public static int encode(float value, DType dtype) {
        return switch (dtype) {
            case F32 -> Float.floatToIntBits(value);
            case TF32 -> truncated(value, 13);
            case F16 -> Float.isNaN(value) ? 0x7E00 : Float.floatToFloat16(value) & 0xFFFF;
            case BF16 -> truncated(value, 16) >>> 16;
            case F8E8M0 -> powerOfTwo(value);
            default -> FloatFormat.of(dtype).encode(value);
        };
    }

    /** Rounds away the lowest bits of an fp32 value, ties to even. */
    private static int truncated(float value, int bits) {
        if (Float.isNaN(value)) {
            return 0x7FC00000;
        }
        int raw = Float.floatToRawIntBits(value);
        int half = (1 << (bits - 1)) - 1;
        return (raw + half + ((raw >>> bits) & 1)) & -(1 << bits);
    }

    private static int powerOfTwo(float value) {
        if (Float.isNaN(value) || value < 0) {
            return 0xFF;
        }
        if (Float.isInfinite(value)) {
            return 0xFE;
        }
        double magnitude = Math.max(value, Math.scalb(1.0, -127));
        int exponent = Math.getExponent(magnitude);
        boolean up = Math.scalb(magnitude, -exponent) > 1.5
                || Math.scalb(magnitude, -exponent) == 1.5 && (exponent & 1) != 0;
        return Math.min(0xFE, exponent + (up ? 1 : 0) + 127);
    }

    /** The machine's conversion to an integer or boolean type: nearest even, saturating, NaN to 0. */
    public static long toInteger(float value, DType dtype) {
        return saturate(Math.rint((double) value), dtype);
    }

    /** A model's conversion to an integer type: toward zero, saturating, NaN to 0. */
    public static long truncate(double value, DType dtype) {
        return saturate(value < 0 ? Math.ceil(value) : Math.floor(value), dtype);
    }

    private static long saturate(double whole, DType dtype) {
        if (Double.isNaN(whole)) {
            return 0;
        }
        if (dtype == DType.BOOL) {
            return whole != 0 ? 1 : 0;
        }
        int bits = dtype.bits();
        if (dtype.isSigned()) {
            double limit = Math.scalb(1.0, bits - 1);
            return whole >= limit ? (1L << (bits - 1)) - 1 : whole < -limit ? -1L << (bits - 1) : (long) whole;
        }
        double limit = Math.scalb(1.0, bits);
        if (whole >= limit) {
            return bits == 64 ? -1L : (1L << bits) - 1;
        }
        return whole <= 0 ? 0 : whole >= 0x1p63 ? (long) (whole - 0x1p63) ^ Long.MIN_VALUE : (long) whole;
    }

    /** An integer as an element of a narrower integer type would hold it: the nearest that there is. */
    public static long saturated(long value, DType dtype) {
        long most = (1L << dtype.bits() - (dtype.isSigned() ? 1 : 0)) - 1;
        return Math.clamp(value, dtype.isSigned() ? -most - 1 : 0, most);
    }

    /** An integer in decimal digits; the bits of a u64 are a number without sign. */
    public static String text(long value, DType dtype) {
        return dtype == DType.U64 ? Long.toUnsignedString(value) : Long.toString(value);
    }

    /** A value as an element of a float type would hold it. */
    public static float rounded(float value, DType dtype) {
        return dtype == DType.F32 ? value : decode(encode(value, dtype), dtype);
    }
}
