package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.List;

/** Reductions of windows over planes: planes lie on partitions, and the places of the window are combined one after the other. */
final class WindowLoops {
    private WindowLoops() {}

    /** Emits the loops from {@code x} to {@code to}, both row-major [N, C, H, W]. */
    static void emit(TileBuilder b, Target target, Op.WindowReduce op, Source x, Source to) {
        var shape = x.view().shape();
        var windows = Windows.of(shape, to.view().shape(), op.window(), op.strides(), op.low(), op.dilations());
        long planes = shape.dim(0) * shape.dim(1);
        long columns = Math.min(windows.outColumns(), 2048);
        long rows = windows.rowsWithin(target.memory().sbufBytesPerPartition() / 16 / DType.F32.bytes(), columns);
        var f = combination(op.function());
        var dtype = x.buffer().dtype();
        int block = target.memory().partitions();
        for (long first = 0; first < planes; first += block) {
            int n = (int) Math.min(block, planes - first);
            long plane = first;
            windows.stripes(rows, columns, stripe -> {
                var flat = new Source(
                        x.buffer(),
                        x.view()
                                .through(new Op.Reshape(
                                        dev.systole.ir.type.Shape.of(1, planes, shape.dim(2), shape.dim(3))))
                                .orElseThrow());
                var input = windows.load(b, flat, Affine.ZERO, plane, n, 1, stripe, identity(op.function(), dtype));
                stripe.blocks(2048, part -> {
                    var running = windows.at(input, stripe, part, 0);
                    for (long place = 1; place < windows.places(); place++) {
                        var next = TileRef.of(b.sbuf(dtype, n, part.elements()));
                        b.binary(next, f, running, windows.at(input, stripe, part, place));
                        running = next;
                    }
                    if (windows.places() == 1) {
                        var copy = TileRef.of(b.sbuf(dtype, n, part.elements()));
                        b.copy(copy, running);
                        running = copy;
                    }
                    long size = windows.outRows() * windows.outColumns();
                    b.store(
                            new BufferRef(
                                    to.buffer(),
                                    Affine.of(to.view().offset()
                                            + plane * size
                                            + part.row() * windows.outColumns()
                                            + part.column()),
                                    List.of(
                                            new Dim(size, n),
                                            new Dim(windows.outColumns(), part.rows()),
                                            new Dim(1, part.columns()))),
                            running);
                });
            });
        }
    }

    private static BinaryOp combination(ReduceOp f) {
        return switch (f) {
            case SUM -> BinaryOp.ADD;
            case PROD -> BinaryOp.MUL;
            case MAX -> BinaryOp.MAX;
            case MIN -> BinaryOp.MIN;
        };
    }

    private static double identity(ReduceOp f, DType dtype) {
        return switch (f) {
            case SUM -> 0;
            case PROD -> 1;
            case MAX ->
                dtype.isFloat() ? Double.NEGATIVE_INFINITY : dtype.isSigned() ? -Math.scalb(1.0, dtype.bits() - 1) : 0;
            case MIN ->
                dtype.isFloat()
                        ? Double.POSITIVE_INFINITY
                        : Math.scalb(1.0, dtype.isSigned() ? dtype.bits() - 1 : dtype.bits()) - 1;
        };
    }
}
