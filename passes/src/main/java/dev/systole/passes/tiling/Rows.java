package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import java.util.ArrayList;
import java.util.List;

/**
 * What lies on partitions: all neighbours along the dimensions within the outermost one, for some neighbours along that at a time.
 *
 * @param axes outermost first
 */
record Rows(List<Axis> axes) {
    Rows {
        axes = List.copyOf(axes);
    }

    long size() {
        return axes.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
    }

    /** Rows for each neighbour along the outermost dimension. */
    long inner() {
        return size() / Math.max(1, axes.getFirst().size());
    }

    /** Neighbours along the outermost dimension that partitions have room for; less than one if they have none. */
    long groups(int partitions) {
        return Math.min(axes.getFirst().size(), partitions / inner());
    }

    /** Elements that an operand moves from the first row to one that is so far along the outermost dimension. */
    Affine times(Affine start, int operand) {
        return axes.getFirst().times(start, operand);
    }

    /** True for an operand in which the rows are not one even dimension. */
    boolean isApart(int operand) {
        return dims(operand, size()).size() > 1;
    }

    /** So many rows as an operand has them. */
    List<Dim> dims(int operand, long partitions) {
        var dims = new ArrayList<Dim>();
        for (var axis : axes) {
            long count = axis == axes.getFirst() ? partitions / inner() : axis.size();
            long stride = axis.strides()[operand];
            boolean goesOn = !dims.isEmpty()
                    && (dims.getLast().stride() == stride * count
                            || dims.getLast().size() == 1);
            dims.add(new Dim(stride, goesOn ? dims.removeLast().size() * count : count));
        }
        return dims;
    }
}
