package dev.systole.ir.type;

/**
 * Element type and static shape of a value. Prints as {@code f32[1,128,384]}; a scalar as {@code f32[]}.
 */
public record TensorType(DType dtype, Shape shape) {
    public static TensorType of(DType dtype, long... dims) {
        return new TensorType(dtype, Shape.of(dims));
    }

    /** Bytes of the packed tensor. */
    public long bytes() {
        return dtype.bytesFor(shape.elements());
    }

    /**
     * The type of a tensor as it lies in HBM where the host sees it: elements of the {@link DType#carrier}, but those of less than a
     * byte packed, as the bytes that hold them, signed ones in signed bytes.
     */
    public TensorType stored() {
        return dtype.bits() >= 8
                ? with(dtype.carrier())
                : of(dtype.isInteger() && dtype.isSigned() ? DType.I8 : DType.U8, bytes());
    }

    public TensorType with(DType other) {
        return new TensorType(other, shape);
    }

    public TensorType with(Shape other) {
        return new TensorType(dtype, other);
    }

    @Override
    public String toString() {
        return dtype + "[" + shape + "]";
    }
}
