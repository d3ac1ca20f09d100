package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;
import java.util.Arrays;

/**
 * A dimension that a region of rows iterates over, and how far each of its operands moves along it.
 *
 * @param strides elements from one neighbour to the next, for each operand; 0 for what is the same for all
 * @param repeats how many neighbours have the same place in an operand
 */
record Axis(long size, long[] strides, long[] repeats) {
    Axis(long size, long[] strides) {
        this(size, strides, once(strides.length));
    }

    private static long[] once(int operands) {
        var once = new long[operands];
        Arrays.fill(once, 1);
        return once;
    }

    /** Elements that an operand moves from the first to the {@code start}-th neighbour. */
    Affine times(Affine start, int operand) {
        return start.dividedBy(repeats[operand]).times(strides[operand]);
    }

    /** True if all operands move from the last element along {@code inner} to the first one of the next neighbour as along {@code inner}. */
    boolean continues(Axis inner) {
        for (int i = 0; i < strides.length; i++) {
            if (strides[i] != inner.strides[i] * inner.size) {
                return false;
            }
        }
        return true;
    }

    /** This dimension and one that it continues, as one. */
    Axis with(Axis inner) {
        return new Axis(size * inner.size, inner.strides);
    }

    boolean isGrouped() {
        return Arrays.stream(repeats).anyMatch(n -> n > 1);
    }
}
