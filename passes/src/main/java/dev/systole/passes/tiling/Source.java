package dev.systole.passes.tiling;

import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.type.Shape;
import dev.systole.passes.StridedView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a value lies: a buffer, and how the value's elements lie in it. */
record Source(Buffer buffer, StridedView view) {
    /** Of SBUF. */
    private static final double SMALL_SHARE = 1.0 / 16;

    /** A value of this shape that fills a buffer from its beginning, row-major. */
    static Source contiguous(Buffer buffer, Shape shape) {
        return new Source(buffer, StridedView.of(shape, Layout.natural(shape.rank())));
    }

    Shape shape() {
        return view.shape();
    }

    boolean isEmpty() {
        return shape().elements() == 0;
    }

    /** True for what one region makes for others: it may stay on chip. */
    boolean isIntermediate() {
        return buffer.role() instanceof Buffer.Role.Scratch;
    }

    /** True for an intermediate value that may well stay on chip beside others, if those around it have the same rows. */
    boolean isSmallIntermediate(Target target) {
        var memory = target.memory();
        double bytes = (double) shape().elements() * buffer.dtype().bytes();
        return isIntermediate() && bytes <= SMALL_SHARE * memory.partitions() * memory.sbufBytesPerPartition();
    }

    /** True for several images whose channels lie before them: all images of a channel beside each other. */
    boolean hasChannelsFirst() {
        return shape().rank() > 2 && stride(0) != 0 && Math.abs(stride(1)) > Math.abs(stride(0));
    }

    /** Elements between neighbours along a dimension; 0 where there is only one. */
    long stride(int axis) {
        return shape().dim(axis) == 1 ? 0 : view.stride(axis);
    }

    /** Where in the buffer the element is that is so far along the first dimensions. */
    Affine at(List<Affine> starts) {
        var at = Affine.of(view.offset());
        for (int i = 0; i < starts.size(); i++) {
            at = at.plus(starts.get(i).times(stride(i)));
        }
        return at;
    }

    /** True if elements lie as those of {@link #contiguous} do, perhaps further on in the buffer. */
    boolean isRowMajor() {
        var natural = StridedView.of(shape(), Layout.natural(shape().rank()));
        for (int i = 0; i < shape().rank(); i++) {
            if (shape().dim(i) > 1 && view.stride(i) != natural.stride(i)) {
                return false;
            }
        }
        return true;
    }

    /** The dimension of more than one element with the smallest stride, or -1. */
    int innermost() {
        int best = -1;
        for (int i = 0; i < shape().rank(); i++) {
            if (shape().dim(i) > 1 && stride(i) > 0 && (best < 0 || stride(i) < stride(best))) {
                best = i;
            }
        }
        return best;
    }

    /** The result of a view operator, where it lies; empty if it would need a copy. */
    Optional<Source> through(Op op) {
        return view.through(op).map(v -> new Source(buffer, v));
    }

    /** Neighbouring elements along a dimension. */
    Source part(int axis, long start, long size) {
        var starts = new ArrayList<Long>();
        var sizes = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        for (int i = 0; i < shape().rank(); i++) {
            starts.add(i == axis ? start : 0L);
            sizes.add(i == axis ? size : shape().dim(i));
            steps.add(1L);
        }
        return through(new Op.Slice(starts, sizes, steps)).orElseThrow();
    }
}
