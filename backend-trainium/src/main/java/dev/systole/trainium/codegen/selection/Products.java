package dev.systole.trainium.codegen.selection;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.TensorInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Products and transposes. */
final class Products {
    private final CodeBuilder code;
    private final Copies copies;
    private final Map<DType, Tile> identities = new HashMap<>();

    Products(CodeBuilder code, Copies copies) {
        this.code = code;
        this.copies = copies;
    }

    void matMul(TileRef to, TileRef stationary, TileRef moving, boolean accumulate) {
        if (stationary.startPartition() != moving.startPartition() || !isRowTile(stationary)) {
            stationary = atPartitionZero(stationary);
            moving = atPartitionZero(moving);
        }
        code.emit(TensorInstruction.NcMatmul.of(
                Accesses.of(to), Accesses.of(stationary), Accesses.of(moving), accumulate));
    }

    void transpose(TileRef to, TileRef from, boolean isFinite) {
        boolean isNative = code.target().tensor().nativeTranspose();
        if (!isNative && !(isFinite && to.tile().dtype() == DType.F32)) {
            transposeBlocks(to, from);
            return;
        }
        if (!isRowTile(from)) {
            from = atPartitionZero(from);
        }
        var identity = identity(from.tile().dtype());
        var moving = new TileRef(
                identity,
                from.startPartition(),
                from.partitions(),
                Affine.of(from.startPartition()),
                List.of(new Dim(1, from.partitions())));
        code.emit(
                isNative
                        ? TensorInstruction.NcMatmul.transposing(
                                Accesses.of(to), Accesses.of(from), Accesses.of(moving))
                        : TensorInstruction.NcMatmul.timesIdentity(
                                Accesses.of(to), Accesses.of(from), Accesses.of(moving)));
    }

    /** VectorE transposes small blocks exactly, where a product with the identity would spread infinities over rows. */
    private void transposeBlocks(TileRef to, TileRef from) {
        int block = code.target().vector().transposeBlock();
        for (int p = 0; p < from.partitions(); p += block) {
            for (int f = 0; f < from.free(); f += block) {
                int rows = Math.min(block, from.partitions() - p);
                int columns = (int) Math.min(block, from.free() - f);
                code.emit(new VectorInstruction.NcTranspose(
                        Accesses.of(part(to, f, columns, p, rows)), Accesses.of(part(from, p, rows, f, columns))));
            }
        }
    }

    /** Neighbouring partitions and elements of a contiguous reference. */
    private static TileRef part(TileRef r, int partition, int partitions, int first, int elements) {
        return new TileRef(
                r.tile(),
                r.startPartition() + partition,
                partitions,
                r.offset().plus(first * r.dims().getLast().stride()),
                List.of(new Dim(r.dims().getLast().stride(), elements)));
    }

    /** True if TensorE can take the operand's rows where they are: a row tile of the array starts there. */
    private boolean isRowTile(TileRef r) {
        var tensor = code.target().tensor();
        return r.startPartition() + r.partitions() <= tensor.rows()
                && tensor.rowTileSizes().stream()
                        .anyMatch(size -> r.partitions() <= size && r.startPartition() % size == 0);
    }

    private TileRef atPartitionZero(TileRef r) {
        if (r.startPartition() == 0) {
            return r;
        }
        var moved = code.like(r, r.tile().dtype());
        copies.copy(moved, r);
        return moved;
    }

    private Tile identity(DType dtype) {
        return identities.computeIfAbsent(dtype, t -> {
            int n = code.target().tensor().rows();
            var ones = TileRef.of(code.fresh(t, n, n));
            var result = TileRef.of(code.fresh(t, n, n));
            code.emit(new VectorInstruction.Memset(Engine.GPSIMD, Accesses.of(ones), 1));
            code.emit(new GpSimdInstruction.AffineSelect(
                    Accesses.of(result), Accesses.of(ones), 0, 1, List.of(-1), AluOp.EQUAL, 0));
            return result.tile();
        });
    }
}
