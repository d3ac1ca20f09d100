package dev.systole.ir.type;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A constant tensor: a type and its bytes, row-major, little endian, packed. The bytes are aliased, never copied, and
 * must not change.
 */
public record Tensor(TensorType type, MemorySegment bytes) {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** @throws IllegalArgumentException if the segment has not exactly the bytes of the type */
    public Tensor {
        if (bytes.byteSize() != type.bytes()) {
            throw new IllegalArgumentException(type + " needs " + type.bytes() + " bytes, not " + bytes.byteSize());
        }
    }

    /** A zeroed tensor in memory of its own, for a producer to fill before it passes the tensor on. */
    public static Tensor allocate(TensorType type) {
        return new Tensor(
                type, Arena.ofAuto().allocate(Math.max(1, type.bytes()), 8).asSlice(0, type.bytes()));
    }

    /** An f32 tensor with these values. */
    public static Tensor ofFloats(Shape shape, float... values) {
        var t = allocate(new TensorType(DType.F32, shape));
        for (int i = 0; i < values.length; i++) {
            t.bytes.set(F32, 4L * i, values[i]);
        }
        return t;
    }

    /** An i64 tensor with these values. */
    public static Tensor ofLongs(Shape shape, long... values) {
        var t = allocate(new TensorType(DType.I64, shape));
        for (int i = 0; i < values.length; i++) {
            t.bytes.set(I64, 8L * i, values[i]);
        }
        return t;
    }

    /** An i32 tensor with these values. */
    public static Tensor ofInts(Shape shape, int... values) {
        var t = allocate(new TensorType(DType.I32, shape));
        for (int i = 0; i < values.length; i++) {
            t.bytes.set(I32, 4L * i, values[i]);
        }
        return t;
    }

    /** The same bytes under another shape with as many elements. */
    public Tensor reshape(Shape shape) {
        return new Tensor(type.with(shape), bytes);
    }

    /** True if both have the same type and the same bytes. */
    public boolean sameBytes(Tensor other) {
        return type.equals(other.type) && bytes.mismatch(other.bytes) == -1;
    }
}
