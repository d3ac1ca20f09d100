package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;

/**
 * A dimension that a region of rows iterates over, and how far each of its operands moves along it.
 *
 * @param strides elements from one neighbour to the next, for each operand; 0 for what is the same for all
 */
record Axis(long size, long[] strides) {
    /** Elements that an operand moves from the first to the {@code start}-th neighbour. */
    Affine times(Affine start, int operand) {
        return start.times(strides[operand]);
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
}
