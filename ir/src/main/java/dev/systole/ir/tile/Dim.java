package dev.systole.ir.tile;

/** {@code size} steps of {@code stride} elements. */
public record Dim(long stride, long size) {
    @Override
    public String toString() {
        return stride + ":" + size;
    }
}
