package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An HBM access as rows of equal length, one for each partition of the on-chip side of a transfer.
 *
 * @param row the pattern of one row
 * @param dims what steps from row to row, slowest first
 * @param offset of the first row
 */
record HbmRows(Access row, List<Access.Dim> dims, long offset) {

    /** Empty if the rows do not begin at a step of one dimension. */
    static Optional<HbmRows> of(Access a, long free) {
        long inner = 1;
        int at = a.dims().size();
        while (at > 0 && inner * a.dims().get(at - 1).size() <= free) {
            inner *= a.dims().get(--at).size();
        }
        var outer = new ArrayList<>(a.dims().subList(0, at));
        var row = new ArrayList<>(a.dims().subList(at, a.dims().size()));
        if (inner != free) {
            if (at == 0 || free % inner != 0 || a.dims().get(at - 1).size() % (free / inner) != 0) {
                return Optional.empty();
            }
            var cut = a.dims().get(at - 1);
            long part = free / inner;
            outer.set(at - 1, new Access.Dim(cut.stride() * part, cut.size() / part));
            row.addFirst(new Access.Dim(cut.stride(), part));
        }
        return Optional.of(new HbmRows(
                Access.physical(a.memory(), a.dtype(), 0, 1, a.offset(), row), List.copyOf(outer), a.offset()));
    }

    /** First byte of a row. */
    long start(int number) {
        long at = offset;
        long rest = number;
        for (int i = dims.size() - 1; i >= 0; i--) {
            at += rest % dims.get(i).size() * dims.get(i).stride() * row.dtype().bytes();
            rest /= dims.get(i).size();
        }
        return at;
    }
}
