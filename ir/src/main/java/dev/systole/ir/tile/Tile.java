package dev.systole.ir.tile;

import dev.systole.ir.type.DType;

/**
 * On-chip storage: {@code partitions} partitions of {@code free} elements each.
 *
 * @param id unique in its program; printed as {@code t<id>}
 * @param psum true in PSUM, false in SBUF
 */
public record Tile(int id, boolean psum, DType dtype, int partitions, long free) {
    /** Bytes a partition. */
    public long bytesPerPartition() {
        return free * dtype.bytes();
    }

    /** Of the id alone, so that sets have the same order in every run; an enum hashes otherwise in each. */
    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return "t" + id;
    }
}
