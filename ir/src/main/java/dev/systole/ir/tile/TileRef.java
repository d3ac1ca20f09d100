package dev.systole.ir.tile;

import java.util.List;

/**
 * Elements of a tile: a run of partitions, and in each the pattern {@code dims} (slowest first) from element {@code
 * offset}. A stride of 0 repeats elements; only reads may do so.
 */
public record TileRef(Tile tile, int startPartition, int partitions, Affine offset, List<Dim> dims) implements Operand {
    public TileRef {
        dims = List.copyOf(dims);
    }

    /** The whole tile. */
    public static TileRef of(Tile tile) {
        return new TileRef(tile, 0, tile.partitions(), Affine.ZERO, List.of(new Dim(1, tile.free())));
    }

    /** Elements in one partition. */
    public long free() {
        long n = 1;
        for (var d : dims) {
            n *= d.size();
        }
        return n;
    }

    /** {@code free} neighbouring elements from {@code start} in the first {@code partitions} partitions. */
    public static TileRef of(Tile tile, int partitions, Affine start, long free) {
        return new TileRef(tile, 0, partitions, start, List.of(new Dim(1, free)));
    }

    /** One element a partition, repeated over a free pattern of the given sizes. */
    public TileRef repeated(List<Dim> pattern) {
        return new TileRef(
                tile,
                startPartition,
                partitions,
                offset,
                pattern.stream().map(d -> new Dim(0, d.size())).toList());
    }

    /** True if the pattern is one run of neighbouring elements. */
    public boolean isContiguous() {
        long expected = 1;
        for (int i = dims.size() - 1; i >= 0; i--) {
            if (dims.get(i).size() > 1 && dims.get(i).stride() != expected) {
                return false;
            }
            expected *= dims.get(i).size();
        }
        return true;
    }

    /** As {@code t4[0:128, 0 (1:384)]}. */
    @Override
    public String toString() {
        return "%s[%d:%d, %s %s]"
                .formatted(
                        tile,
                        startPartition,
                        startPartition + partitions,
                        offset,
                        dims.toString().replace("[", "(").replace("]", ")").replace(" ", ""));
    }
}
