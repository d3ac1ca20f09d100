package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;

/**
 * The largest elements of rows, eight at a time: 128 rows lie on partitions, and what was found is taken away before the next eight are
 * looked for.
 */
final class TopLoops {
    private static final int EIGHT = 8;

    private TopLoops() {}

    /**
     * @param x [rows..., n] of fp32 without NaN, row-major
     * @param values [rows..., k], the largest first
     * @param places [rows..., k], where they are; those of negative infinity only for the first eight
     */
    static void emit(TileBuilder b, Target target, Source x, Source values, Source places) {
        var shape = values.view().shape();
        if (shape.elements() == 0) {
            return;
        }
        int last = shape.rank() - 1;
        long n = x.view().shape().dim(last);
        long k = shape.dim(last);
        long found = Math.ceilDiv(k, EIGHT) * EIGHT;
        b.blocks(shape.elements() / k, target.memory().partitions(), (row, count) -> {
            int partitions = (int) count;
            var elements = TileRef.of(b.sbuf(DType.F32, partitions, n));
            b.load(elements, block(x, row, partitions));
            var largest = TileRef.of(b.sbuf(DType.F32, partitions, found));
            var where = TileRef.of(b.sbuf(DType.U32, partitions, found));
            Optional<TileRef> rest =
                    found > EIGHT ? Optional.of(TileRef.of(b.sbuf(DType.F32, partitions, n))) : Optional.empty();
            for (long at = 0; at < found; at += EIGHT) {
                b.topEight(
                        columns(largest, at, EIGHT),
                        columns(where, at, EIGHT),
                        at == 0 ? elements : rest.orElseThrow(),
                        at + EIGHT == found ? Optional.empty() : rest);
            }
            b.store(block(values, row, partitions), columns(largest, 0, k));
            var signed = TileRef.of(b.sbuf(DType.I32, partitions, found));
            b.bitcast(signed, where);
            b.store(block(places, row, partitions), columns(signed, 0, k));
        });
    }

    private static TileRef columns(TileRef t, long first, long count) {
        return TileRef.of(t.tile(), t.partitions(), Affine.of(first), count);
    }

    private static BufferRef block(Source s, Affine row, int rows) {
        var shape = s.view().shape();
        long length = shape.dim(shape.rank() - 1);
        return new BufferRef(
                s.buffer(),
                row.times(length).plus(s.view().offset()),
                List.of(new Dim(length, rows), new Dim(1, length)));
    }
}
