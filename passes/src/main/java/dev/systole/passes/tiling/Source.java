package dev.systole.passes.tiling;

import dev.systole.ir.tile.Buffer;
import dev.systole.passes.StridedView;

/** Where a value lies: a buffer, and how the value's elements lie in it. */
record Source(Buffer buffer, StridedView view) {
    long stride(int axis) {
        return view.shape().dim(axis) == 1 ? 0 : view.stride(axis);
    }
}
