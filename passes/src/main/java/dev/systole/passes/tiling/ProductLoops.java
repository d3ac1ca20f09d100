package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A matmul and its epilogue. The result's layout decides which operand is stationary: the rows of the result's tiles are the
 * stationary operand's columns. Blocks of at most 128 rows by the longest moving run; the contraction accumulates in PSUM in
 * blocks of 128; the epilogue reads PSUM.
 *
 * <p>An operand whose contracted dimension is innermost in memory is loaded the other way round and transposed on TensorE.
 */
final class ProductLoops {
    private final TileBuilder b;
    private final Target target;
    private final Graph body;
    private final Node product;
    private final Map<Value, Source> sources = new HashMap<>();
    private final int rank;
    private final int rowAxis;
    private final int columnAxis;

    private ProductLoops(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        this.b = b;
        this.target = target;
        this.body = body;
        this.product = Expression.product(body).orElseThrow();
        for (int i = 0; i < in.size(); i++) {
            sources.put(body.inputs().get(i).value(), in.get(i));
        }
        for (int i = 0; i < out.size(); i++) {
            sources.put(body.outputs().get(i).value(), out.get(i));
        }
        rank = product.type().shape().rank();
        var result = out.getFirst();
        boolean swapped = result.stride(rank - 2) == 1 && result.stride(rank - 1) > 1;
        rowAxis = swapped ? rank - 1 : rank - 2;
        columnAxis = swapped ? rank - 2 : rank - 1;
    }

    /** Emits the loops of a region with these operands and results. */
    static void emit(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        if (out.getFirst().view().shape().elements() > 0) {
            var loops = new ProductLoops(b, target, body, in, out);
            loops.batches(0, new ArrayList<>());
        }
    }

    private void batches(int axis, List<Affine> starts) {
        if (axis < rank - 2) {
            b.blocks(product.type().shape().dim(axis), 1, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                batches(axis + 1, longer);
            });
            return;
        }
        var shape = product.type().shape();
        long run = target.tensor().maxMovingFree();
        b.blocks(
                shape.dim(columnAxis),
                Math.min(run, target.memory().psumBankBytesPerPartition() / DType.F32.bytes()),
                (column, columns) -> b.blocks(
                        shape.dim(rowAxis),
                        target.tensor().maxStationaryFree(),
                        (row, rows) -> block(starts, row, (int) rows, column, columns)));
    }

    private void block(List<Affine> batch, Affine row, int rows, Affine column, long columns) {
        b.at(product.location());
        var sum = TileRef.of(b.psum(DType.F32, rows, columns));
        // The left operand has the result's rows (second to last dimension), the right one its columns.
        var left = sources.get(product.input(0));
        var right = sources.get(product.input(1));
        boolean swapped = rowAxis == rank - 1;
        var stationary = swapped ? right : left;
        var moving = swapped ? left : right;
        int stationaryK = swapped ? rank - 2 : rank - 1;
        int movingK = swapped ? rank - 1 : rank - 2;
        long depth = product.input(0).type().shape().dim(rank - 1);
        long block = target.tensor().maxContractionRows();
        if (depth == 0) {
            b.fill(sum, 0);
        }
        b.blocks(depth, block, (k, kn) -> {
            var s = operand(stationary, batch, stationaryK, rowAxis, k, (int) kn, row, rows);
            var m = operand(moving, batch, movingK, columnAxis, k, (int) kn, column, columns);
            b.matMul(sum, s, m, k);
        });
        var e = new Expression(b, rows, List.of(new Dim(1, columns)));
        e.define(product.output(), rounded(sum, product.type().dtype().carrier()));
        for (var node : body.nodes()) {
            if (node == product) {
                continue;
            }
            for (var v : node.inputs()) {
                if (!e.isDefined(v)) {
                    e.define(v, epilogueOperand(sources.get(v), batch, row, rows, column, columns));
                }
            }
            e.evaluate(node, false);
        }
        for (var o : body.outputs()) {
            var from = e.stored(o.value(), false);
            if (from.tile().psum()) {
                var copy = TileRef.of(b.sbuf(o.value().type().dtype().carrier(), rows, columns));
                b.copy(copy, from);
                from = copy;
            }
            var to = sources.get(o.value());
            b.store(
                    new BufferRef(
                            to.buffer(),
                            origin(to, batch, row, column),
                            List.of(new Dim(to.stride(rowAxis), rows), new Dim(to.stride(columnAxis), columns))),
                    from);
        }
    }

    /** The sum as the product's type holds it. */
    private TileRef rounded(TileRef sum, DType dtype) {
        if (dtype == DType.F32) {
            return sum;
        }
        var to = TileRef.of(b.sbuf(dtype, sum.partitions(), sum.free()));
        b.copy(to, sum);
        return to;
    }

    private Affine origin(Source s, List<Affine> batch, Affine row, Affine column) {
        return batchOrigin(s, batch).plus(row.times(s.stride(rowAxis))).plus(column.times(s.stride(columnAxis)));
    }

    private static Affine batchOrigin(Source s, List<Affine> batch) {
        var at = Affine.of(s.view().offset());
        for (int i = 0; i < batch.size(); i++) {
            at = at.plus(batch.get(i).times(s.stride(i)));
        }
        return at;
    }

    /** [kn, xn] of an operand with its contracted dimension on partitions. */
    private TileRef operand(Source s, List<Affine> batch, int kAxis, int xAxis, Affine k, int kn, Affine x, long xn) {
        var origin = batchOrigin(s, batch).plus(k.times(s.stride(kAxis))).plus(x.times(s.stride(xAxis)));
        var dtype = s.buffer().dtype();
        var tile = b.sbuf(dtype, kn, xn);
        boolean needsTranspose = s.stride(xAxis) > 1 && s.stride(kAxis) == 1 && kn > 1;
        if (!needsTranspose) {
            var dims = List.of(new Dim(s.stride(kAxis), kn), new Dim(s.stride(xAxis), xn));
            b.load(TileRef.of(tile), new BufferRef(s.buffer(), origin, dims));
            return TileRef.of(tile);
        }
        b.blocks(xn, target.memory().partitions(), (start, n) -> {
            var rows = b.sbuf(dtype, (int) n, kn);
            b.load(
                    TileRef.of(rows),
                    new BufferRef(
                            s.buffer(),
                            origin.plus(start.times(s.stride(xAxis))),
                            List.of(new Dim(s.stride(xAxis), n), new Dim(1, kn))));
            Transposition.emit(b, TileRef.of(rows), TileRef.of(tile, kn, start, n));
        });
        return TileRef.of(tile);
    }

    private TileRef epilogueOperand(Source s, List<Affine> batch, Affine row, int rows, Affine column, long columns) {
        boolean isColumn = s.stride(columnAxis) == 0;
        var tile = TileRef.of(b.sbuf(s.buffer().dtype(), rows, isColumn ? 1 : columns));
        var dims = new ArrayList<Dim>();
        dims.add(new Dim(s.stride(rowAxis), rows));
        if (!isColumn) {
            dims.add(new Dim(s.stride(columnAxis), columns));
        }
        b.load(tile, new BufferRef(s.buffer(), origin(s, batch, row, column), dims));
        return tile;
    }
}
