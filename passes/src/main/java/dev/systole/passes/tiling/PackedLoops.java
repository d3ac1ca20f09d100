package dev.systole.passes.tiling;

import com.google.common.primitives.ImmutableLongArray;
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
import dev.systole.ir.type.TensorType;
import dev.systole.passes.StridedView;
import java.util.List;

/**
 * Packing and unpacking of a whole value whose rows are no whole bytes: its elements in memory order, as rows of equally many bytes, what
 * is left of them as one row, and the byte that is not full by itself.
 */
final class PackedLoops {
    private PackedLoops() {}

    /**
     * Emits the loops.
     *
     * @param op a pack or an unpack
     * @param type of the elements that it reads
     * @param from where they lie, one after the other
     * @param to where they go, one after the other
     */
    static void emit(TileBuilder b, Target target, Op op, DType type, Source from, Source to) {
        int per = 8 / type.bits();
        long elements = from.view().shape().elements();
        int partitions = target.memory().partitions();
        long inRows = elements / per / partitions * partitions * per;
        long inBytes = elements / per * per;
        if (inRows > 0) {
            rows(b, target, op, type, from, to, 0, Shape.of(partitions, inRows / partitions));
        }
        if (inBytes > inRows) {
            rows(b, target, op, type, from, to, inRows, Shape.of(1, inBytes - inRows));
        }
        if (elements > inBytes) {
            last(b, op, type, from, to, inBytes);
        }
    }

    private static void rows(
            TileBuilder b, Target target, Op op, DType type, Source from, Source to, long start, Shape shape) {
        var body = new GraphBuilder("rows").at(b.location());
        var x = body.input("x", new TensorType(type, shape));
        body.output("y", body.add(op, x));
        RowLoops.emit(b, target, body.build(), List.of(part(from, start, shape)), List.of(part(to, start, shape)));
    }

    /** Elements from one on, as rows. */
    private static Source part(Source s, long start, Shape shape) {
        return new Source(
                s.buffer(),
                new StridedView(s.view().offset() + start, shape, ImmutableLongArray.copyOf(shape.strides())));
    }

    /** The elements of the byte that is not full: what it holds behind them is 0, or is unpacked and left. */
    private static void last(TileBuilder b, Op op, DType type, Source from, Source to, long start) {
        int per = 8 / type.bits();
        long count = from.view().shape().elements() - start;
        var body = new GraphBuilder("last").at(b.location());
        var x = body.input("x", TensorType.of(type, per));
        var y = body.add(op, x);
        body.output("y", y);
        var e = new Expression(b, 1, List.of(new Dim(1, per)));
        var node = body.build().nodes().getFirst();
        if (op instanceof Op.Unpack) {
            var bytes = TileRef.of(b.sbuf(from.buffer().dtype(), 1, 1));
            b.load(bytes, run(from, start / per, 1));
            e.define(x, bytes);
            e.evaluate(node, false);
            b.store(run(to, start, count), TileRef.of(e.stored(y, false).tile(), 1, Affine.ZERO, count));
        } else {
            var tile = b.sbuf(from.buffer().dtype(), 1, per);
            b.fill(TileRef.of(tile), 0);
            b.load(TileRef.of(tile, 1, Affine.ZERO, count), run(from, start, count));
            e.define(x, TileRef.of(tile));
            e.evaluate(node, false);
            b.store(run(to, start / per, 1), e.bytes(y));
        }
    }

    private static BufferRef run(Source s, long start, long size) {
        return new BufferRef(
                s.buffer(), Affine.of(s.view().offset() + start), List.of(new Dim(0, 1), new Dim(1, size)));
    }
}
