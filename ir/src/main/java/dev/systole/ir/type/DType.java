package dev.systole.ir.type;

import java.util.Arrays;
import java.util.Optional;

/**
 * Element types of tensors, from one bit field to the next.
 *
 * <p>The eight-bit floats follow the names of the ONNX IR specification and of OCP: {@link #F8E4M3FN} has no infinity and
 * a maximum of 448, {@link #F8E4M3} is the IEEE-style variant of the NeuronCore with a maximum of 240. {@link #TF32} is
 * stored in four bytes. Types narrower than a byte are packed, first element in the lowest bits.
 */
public enum DType {
    F64("f64", 64, Kind.FLOAT),
    F32("f32", 32, Kind.FLOAT),
    TF32("tf32", 32, Kind.FLOAT),
    F16("f16", 16, Kind.FLOAT),
    BF16("bf16", 16, Kind.FLOAT),
    F8E4M3("f8e4m3", 8, Kind.FLOAT),
    F8E4M3FN("f8e4m3fn", 8, Kind.FLOAT),
    F8E4M3FNUZ("f8e4m3fnuz", 8, Kind.FLOAT),
    F8E5M2("f8e5m2", 8, Kind.FLOAT),
    F8E5M2FNUZ("f8e5m2fnuz", 8, Kind.FLOAT),
    F8E8M0("f8e8m0", 8, Kind.FLOAT),
    F4E2M1("f4e2m1", 4, Kind.FLOAT),
    I64("i64", 64, Kind.SIGNED),
    I32("i32", 32, Kind.SIGNED),
    I16("i16", 16, Kind.SIGNED),
    I8("i8", 8, Kind.SIGNED),
    I4("i4", 4, Kind.SIGNED),
    I2("i2", 2, Kind.SIGNED),
    U64("u64", 64, Kind.UNSIGNED),
    U32("u32", 32, Kind.UNSIGNED),
    U16("u16", 16, Kind.UNSIGNED),
    U8("u8", 8, Kind.UNSIGNED),
    U4("u4", 4, Kind.UNSIGNED),
    U2("u2", 2, Kind.UNSIGNED),
    /** One byte, 0 or 1. */
    BOOL("bool", 8, Kind.BOOLEAN),
    /** Four {@link #F8E5M2} in one operand element, first one in the lowest bits; the machine's microscaling only. */
    F8E5M2X4("f8e5m2x4", 32, Kind.PACKED),
    /** Four {@link #F8E4M3FN}. */
    F8E4M3FNX4("f8e4m3fnx4", 32, Kind.PACKED),
    /** Four {@link #F4E2M1}. */
    F4E2M1X4("f4e2m1x4", 16, Kind.PACKED);

    private enum Kind {
        FLOAT,
        SIGNED,
        UNSIGNED,
        BOOLEAN,
        PACKED
    }

    private final String text;
    private final int bits;
    private final Kind kind;

    DType(String text, int bits, Kind kind) {
        this.text = text;
        this.bits = bits;
        this.kind = kind;
    }

    /** Width of one element in bits. */
    public int bits() {
        return bits;
    }

    /**
     * Width of one element in bytes.
     *
     * @throws IllegalStateException for types narrower than a byte
     */
    public int bytes() {
        if (bits < 8) {
            throw new IllegalStateException(text + " is narrower than a byte");
        }
        return bits / 8;
    }

    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** True for signed and unsigned integers, not for {@link #BOOL}. */
    public boolean isInteger() {
        return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
    }

    /** True for four numbers in one element of an operand, which is no type of a model's tensors. */
    public boolean isPacked() {
        return kind == Kind.PACKED;
    }

    /** The type of the numbers in an element of a packed type; every other type itself. */
    public DType unpacked() {
        return switch (this) {
            case F8E5M2X4 -> F8E5M2;
            case F8E4M3FNX4 -> F8E4M3FN;
            case F4E2M1X4 -> F4E2M1;
            default -> this;
        };
    }

    public boolean isSigned() {
        return kind == Kind.SIGNED || kind == Kind.FLOAT;
    }

    /**
     * The type that carries this one on the machine: 64-bit integers are carried as 32-bit ones and f64 as f32 (with a check
     * where values enter and leave), booleans and integers of less than a byte as bytes, floats of a byte or less that the engines do
     * not compute with as bf16, which holds all their numbers; every other type carries itself. Inputs, outputs and weights of less than
     * a byte lie packed ({@link TensorType#stored}).
     */
    public DType carrier() {
        return switch (this) {
            case I64 -> I32;
            case U64 -> U32;
            case F64 -> F32;
            case BOOL, U4, U2 -> U8;
            case I4, I2 -> I8;
            case F8E4M3FN, F8E4M3FNUZ, F8E5M2FNUZ, F8E8M0, F4E2M1 -> BF16;
            default -> this;
        };
    }

    /** Bytes of {@code elements} packed elements. */
    public long bytesFor(long elements) {
        return Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
    }

    /** The type with this printed name, such as {@code f32} or {@code bf16}. */
    public static Optional<DType> parse(String text) {
        return Arrays.stream(values()).filter(t -> t.text.equals(text)).findFirst();
    }

    /** The printed name. */
    @Override
    public String toString() {
        return text;
    }
}
