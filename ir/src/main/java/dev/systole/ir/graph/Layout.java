package dev.systole.ir.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The order in which the dimensions of a value lie in memory, slowest first. The natural layout is row-major.
 *
 * <p>The dimension that lies second to last in steps of 128 becomes the partition dimension of tiles, the last one their
 * free dimension, so a layout says what a tile of the value looks like.
 */
public record Layout(List<Integer> order) {
    public Layout {
        order = List.copyOf(order);
    }

    public static Layout natural(int rank) {
        return new Layout(IntStream.range(0, rank).boxed().toList());
    }

    /** The natural layout with the last two dimensions exchanged. */
    public static Layout swapped(int rank) {
        var order = IntStream.range(0, rank).boxed().collect(Collectors.toList());
        java.util.Collections.swap(order, rank - 1, rank - 2);
        return new Layout(order);
    }

    /** Of images [N, C, H, W]: channels first, so that those of all images lie on partitions together. */
    public static Layout channelsFirst() {
        return new Layout(List.of(1, 0, 2, 3));
    }

    /** This layout, with a dimension before all others: of matrices [..., m, n], row i of all of them in one run, if it is m. */
    public Layout outermost(int dimension) {
        var first = new ArrayList<>(order);
        first.remove(Integer.valueOf(dimension));
        first.addFirst(dimension);
        return new Layout(first);
    }

    public boolean isNatural() {
        return equals(natural(order.size()));
    }

    /** Strides in elements of each logical dimension of a value with these extents. */
    public long[] strides(long[] dims) {
        var strides = new long[dims.length];
        long stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            int d = order.get(i);
            strides[d] = stride;
            stride *= dims[d];
        }
        return strides;
    }

    /** The dimension order, as in {@code (0,2,1)}. */
    @Override
    public String toString() {
        return order.stream().map(String::valueOf).collect(Collectors.joining(",", "(", ")"));
    }
}
