package dev.systole.ir.tile;

import java.util.List;

/**
 * Elements of a buffer, slowest dimension first: in this order they are those of the tile at the other end, partition by partition. Its
 * partitions are the first dimension ({@link #isRowByRow}), or the first few of them together. Offset and strides count elements; a stride of 0
 * repeats elements and is for reads only.
 */
public record BufferRef(Buffer buffer, Affine offset, List<Dim> dims) {
    public BufferRef {
        dims = List.copyOf(dims);
    }

    /** True if the first dimension alone runs over so many partitions of the tile at the other end, the rest over its free dimensions. */
    public boolean isRowByRow(int partitions) {
        return dims.getFirst().size() == partitions;
    }

    /** As {@code @3[128*i0 (384:128,1:384)]}. */
    @Override
    public String toString() {
        return "%s[%s %s]"
                .formatted(
                        buffer,
                        offset,
                        dims.toString().replace("[", "(").replace("]", ")").replace(" ", ""));
    }
}
