package dev.systole.ir.tile;

import java.util.List;

/**
 * Elements of a buffer: the first dimension runs over partitions of the tile at the other end, the rest (slowest first)
 * over its free dimensions. Offset and strides count elements; a stride of 0 repeats elements and is for reads only.
 */
public record BufferRef(Buffer buffer, Affine offset, List<Dim> dims) {
    public BufferRef {
        dims = List.copyOf(dims);
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
