package dev.systole.trainium.codegen.selection;

import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import java.util.List;

/** Transfers by the DMA engines. */
record Transfers(CodeBuilder code) {
    /** Queues of the DMA engines by use, so that a store that waits for its data does not hold up loads. */
    private static final int LOAD_QUEUE = 0;

    private static final int STORE_QUEUE = 1;

    private static final int INDIRECT_QUEUE = 2;

    private static final int TURN_QUEUE = 3;

    /** The most rows of a group that a transposing transfer takes. */
    private static final int TURNED_ROWS = 16;

    /** Rows of 16-bit elements that become columns are transposed by the DMA engines, 16 rows at a time, unless these are one run. */
    void load(TileRef to, BufferRef from) {
        boolean turns = code.target().dma().transposeSupported()
                && to.tile().dtype() == from.buffer().dtype()
                && from.buffer().dtype().bytes() == 2
                && from.dims().size() == 2
                && from.isRowByRow(to.partitions())
                && from.dims().getFirst().stride() == 1
                && from.dims().getLast().stride() > 1
                && to.partitions() > 1
                && from.dims().getLast().size() % TURNED_ROWS == 0
                && !isRun(from.dims().getFirst(), from.dims().getLast());
        if (!turns) {
            code.emit(new DmaInstruction.DmaCopy(Engine.SYNC, LOAD_QUEUE, Accesses.of(to), Accesses.of(from)));
            return;
        }
        var rows = from.dims().getLast();
        var groups = new BufferRef(
                from.buffer(),
                from.offset(),
                List.of(
                        new Dim(rows.stride(), TURNED_ROWS),
                        new Dim(rows.stride() * TURNED_ROWS, rows.size() / TURNED_ROWS),
                        from.dims().getFirst()));
        code.emit(new DmaInstruction.DmaTranspose(Engine.SYNC, LOAD_QUEUE, Accesses.of(to), Accesses.of(groups)));
    }

    private static boolean isRun(Dim elements, Dim rows) {
        return rows.size() == TURNED_ROWS && rows.stride() == elements.size();
    }

    void store(BufferRef to, TileRef from) {
        code.emit(new DmaInstruction.DmaCopy(Engine.GPSIMD, STORE_QUEUE, Accesses.of(to), Accesses.of(from)));
    }

    /** to[f][p] = from[p][f], in SBUF. */
    void transpose(TileRef to, TileRef from) {
        code.emit(new DmaInstruction.DmaTranspose(Engine.SYNC, TURN_QUEUE, Accesses.of(to), Accesses.of(from)));
    }

    void gather(Statement.GatherRows g) {
        code.emit(new DmaInstruction.DmaGather(
                Engine.GPSIMD,
                INDIRECT_QUEUE,
                Accesses.of(g.to()),
                firstRow(g.from()),
                Accesses.of(g.index()),
                g.rowStride() * g.from().buffer().dtype().bytes(),
                g.rows()));
    }

    void scatter(Statement.ScatterRows s) {
        code.emit(new DmaInstruction.DmaScatter(
                Engine.GPSIMD,
                INDIRECT_QUEUE,
                firstRow(s.to()),
                Accesses.of(s.from()),
                Accesses.of(s.index()),
                s.rowStride() * s.to().buffer().dtype().bytes(),
                s.rows()));
    }

    private Access firstRow(BufferRef r) {
        return Accesses.of(new BufferRef(
                r.buffer(), r.offset(), r.dims().subList(1, r.dims().size())));
    }
}
