package dev.systole.passes;

import dev.systole.ir.target.Target;

/** Where operands of several rows may begin among the partitions that hold the rows of a value, in blocks of all partitions. */
record PartitionStarts(Target.Memory memory) {
    /** True if the rows along an axis begin where an operand may, whatever the place along the other axes is. */
    boolean permit(StridedView view, int rowAxis) {
        long row = Math.abs(view.stride(rowAxis));
        long count = view.shape().dim(rowAxis);
        // The same row for all partitions begins anywhere.
        for (int i = 0; row > 0 && i < view.shape().rank(); i++) {
            long step = Math.abs(view.stride(i));
            if (i != rowAxis && view.shape().dim(i) > 1 && step > row && !permits(step, row, count)) {
                return false;
            }
        }
        return true;
    }

    /** True if rows may begin after every so many elements. */
    private boolean permits(long step, long row, long count) {
        long partitions = memory.partitions();
        long rows = step / row;
        return step % row == 0
                && (rows % partitions == 0
                        || partitions % rows == 0 && rows >= memory.quadrantPartitions() && count <= rows);
    }
}
