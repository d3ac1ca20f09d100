package dev.systole.passes.tiling;

import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.passes.StridedView;
import java.util.ArrayList;
import java.util.List;

/** Operators that move elements without computing: copies between layouts, concatenation, padding, gathering rows. */
final class MoveLoops {
    /** Elements of a gathered row that one transfer moves at most. */
    private static final long LONGEST_ROW = 8192;

    private final TileBuilder b;
    private final Target target;

    MoveLoops(TileBuilder b, Target target) {
        this.b = b;
        this.target = target;
    }

    /** {@code to = from}, element by element; both have one shape. Goes through TensorE where memory order turns round. */
    void copy(Source from, Source to) {
        int inner = innermost(to);
        int other = innermost(from);
        var shape = from.view().shape();
        boolean turns = inner >= 0
                && other >= 0
                && inner != other
                && from.stride(other) == 1
                && to.stride(inner) == 1
                && Transposition.supports(from.buffer().dtype())
                && shape.dim(inner) > 1
                && shape.dim(other) > 1;
        if (turns) {
            turn(from, to, other, inner, 0, new ArrayList<>());
            return;
        }
        var identity = new GraphBuilder("copy").at(b.location());
        var type = new dev.systole.ir.type.TensorType(from.buffer().dtype(), shape);
        var x = identity.input("x", type);
        identity.output("y", identity.add(new Op.Relayout(), x));
        RowLoops.emit(b, target.memory().partitions(), identity.build(), List.of(from), List.of(to));
    }

    /** The dimension of more than one element with the smallest stride, or -1. */
    private static int innermost(Source s) {
        int best = -1;
        for (int i = 0; i < s.view().shape().rank(); i++) {
            if (s.view().shape().dim(i) > 1 && s.stride(i) > 0 && (best < 0 || s.stride(i) < s.stride(best))) {
                best = i;
            }
        }
        return best;
    }

    /** Blocks of {@code inner} by {@code other}: loaded with {@code other} on the free dimension, stored with it on partitions. */
    private void turn(Source from, Source to, int other, int inner, int axis, List<Affine> starts) {
        var shape = from.view().shape();
        if (axis < shape.rank()) {
            long step = axis == other || axis == inner ? shape.dim(axis) : 1;
            if (axis == other || axis == inner) {
                var longer = new ArrayList<>(starts);
                longer.add(Affine.ZERO);
                turn(from, to, other, inner, axis + 1, longer);
                return;
            }
            b.blocks(shape.dim(axis), step, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                turn(from, to, other, inner, axis + 1, longer);
            });
            return;
        }
        int block = target.memory().partitions();
        b.blocks(
                shape.dim(inner),
                block,
                (i, in) -> b.blocks(shape.dim(other), block, (o, on) -> {
                    var loaded = TileRef.of(b.sbuf(from.buffer().dtype(), (int) in, on));
                    b.load(loaded, ref(from, starts, inner, i, in, other, o, on));
                    var turned = TileRef.of(b.sbuf(to.buffer().dtype(), (int) on, in));
                    Transposition.emit(b, target, loaded, turned);
                    b.store(ref(to, starts, other, o, on, inner, i, in), turned);
                }));
    }

    private static BufferRef ref(
            Source s, List<Affine> starts, int rowAxis, Affine row, long rows, int axis, Affine start, long size) {
        var at = Affine.of(s.view().offset()).plus(row.times(s.stride(rowAxis))).plus(start.times(s.stride(axis)));
        for (int i = 0; i < starts.size(); i++) {
            at = at.plus(starts.get(i).times(s.stride(i)));
        }
        return new BufferRef(s.buffer(), at, List.of(new Dim(s.stride(rowAxis), rows), new Dim(s.stride(axis), size)));
    }

    /** Inputs one after the other along a dimension of the result. */
    void concat(List<Source> in, Source to, int axis) {
        long at = 0;
        for (var from : in) {
            long extent = from.view().shape().dim(axis);
            if (extent > 0) {
                copy(from, part(to, axis, at, extent));
            }
            at += extent;
        }
    }

    /** A constant around the input. */
    void pad(Source from, double value, Source to, List<Long> low) {
        fill(to, value);
        var part = to;
        for (int i = 0; i < low.size(); i++) {
            part = part(part, i, low.get(i), from.view().shape().dim(i));
        }
        if (from.view().shape().elements() > 0) {
            copy(from, part);
        }
    }

    private void fill(Source to, double value) {
        var body = new GraphBuilder("fill").at(b.location());
        body.output("y", body.splat(to.buffer().dtype(), to.view().shape(), value));
        RowLoops.emit(b, target.memory().partitions(), body.build(), List.of(), List.of(to));
    }

    private static Source part(Source s, int axis, long start, long size) {
        var shape = s.view().shape();
        var starts = new ArrayList<Long>();
        var sizes = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        for (int i = 0; i < shape.rank(); i++) {
            starts.add(i == axis ? start : 0L);
            sizes.add(i == axis ? size : shape.dim(i));
            steps.add(1L);
        }
        return new Source(
                s.buffer(), s.view().through(new Op.Slice(starts, sizes, steps)).orElseThrow());
    }

    /** Rows of {@code data} [n, rest...] by {@code index} [k...], one row a partition. */
    void gather(Source data, Source index, Source to) {
        long rows = data.view().shape().dim(0);
        long count = index.view().shape().elements();
        long length = to.view().shape().elements() / Math.max(1, count);
        if (length == 0 || count == 0) {
            return;
        }
        b.blocks(count, target.memory().partitions(), (start, n) -> {
            var at = TileRef.of(b.sbuf(DType.I32, (int) n, 1));
            b.load(at, new BufferRef(index.buffer(), start.plus(index.view().offset()), List.of(new Dim(1, n))));
            b.blocks(length, LONGEST_ROW, (column, size) -> {
                var tile = TileRef.of(b.sbuf(to.buffer().dtype(), (int) n, size));
                b.gatherRows(
                        tile,
                        new BufferRef(
                                data.buffer(),
                                column.plus(data.view().offset()),
                                List.of(new Dim(0, n), new Dim(1, size))),
                        length,
                        rows,
                        at);
                b.store(
                        new BufferRef(
                                to.buffer(),
                                start.times(length).plus(column).plus(to.view().offset()),
                                List.of(new Dim(length, n), new Dim(1, size))),
                        tile);
            });
        });
    }

    /** The source of a contiguous value of this shape in a buffer. */
    static Source contiguous(dev.systole.ir.tile.Buffer buffer, Shape shape) {
        return new Source(buffer, StridedView.of(shape, dev.systole.ir.graph.Layout.natural(shape.rank())));
    }
}
