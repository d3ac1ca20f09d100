package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import java.util.Arrays;
import java.util.List;

/**
 * How the elements of one row of an access lie, with even runs joined.
 *
 * @param sizes of the dimensions, slowest first; at least one
 * @param steps bytes from element to element along each
 * @param elementBytes of one element
 */
record RowPattern(int[] sizes, long[] steps, int elementBytes) {
    /** Takes the bytes from one address up to, not including, another. */
    @FunctionalInterface
    interface Run {
        void visit(long from, long to);
    }

    static RowPattern of(List<Access.Dim> dims, int elementBytes) {
        var sizes = new int[dims.size() + 1];
        var steps = new long[sizes.length];
        int count = 0;
        for (var d : dims) {
            long step = d.stride() * elementBytes;
            if (d.size() == 1) {
                continue;
            }
            if (count > 0 && steps[count - 1] == step * d.size()) {
                sizes[count - 1] *= (int) d.size();
                steps[count - 1] = step;
            } else {
                sizes[count] = (int) d.size();
                steps[count++] = step;
            }
        }
        if (count == 0) {
            sizes[0] = 1;
            steps[count++] = elementBytes;
        }
        return new RowPattern(Arrays.copyOf(sizes, count), Arrays.copyOf(steps, count), elementBytes);
    }

    /** True if the elements are one even run, so that any of them can be found by its number. */
    boolean isEven() {
        return sizes.length == 1;
    }

    /** True if the elements are neighbours in ascending order. */
    boolean isContiguous() {
        return sizes.length == 1 && steps[0] == elementBytes;
    }

    /** Visits the bytes of a row that starts at an address, run by run. */
    void runs(long start, Run visitor) {
        runs(start, 0, visitor);
    }

    private void runs(long start, int dim, Run visitor) {
        int n = sizes[dim];
        long step = steps[dim];
        if (dim + 1 < sizes.length) {
            for (int i = 0; i < n; i++) {
                runs(start + i * step, dim + 1, visitor);
            }
        } else if (step == elementBytes) {
            visitor.visit(start, start + (long) n * elementBytes);
        } else if (step == 0) {
            visitor.visit(start, start + elementBytes);
        } else {
            for (int i = 0; i < n; i++) {
                visitor.visit(start + i * step, start + i * step + elementBytes);
            }
        }
    }
}
