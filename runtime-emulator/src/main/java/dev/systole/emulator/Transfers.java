package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What DMA transfers do to memory: rows of one side to rows of the other, converted where the types differ. */
final class Transfers {
    private final Memories memories;

    Transfers(Memories memories) {
        this.memories = memories;
    }

    void execute(Instruction.DmaCopy dma) {
        var to = dma.to();
        var from = dma.from();
        var chip = to.memory() != Memory.HBM ? to : from;
        long free = chip.free();
        var hbmFrom = from.memory() == Memory.HBM ? rows(from, free, dma.indirect()) : Optional.<HbmRows>empty();
        var hbmTo = to.memory() == Memory.HBM ? rows(to, free, dma.indirect()) : Optional.<HbmRows>empty();
        var rowFrom = hbmFrom.map(HbmRows::row).orElse(from);
        var rowTo = hbmTo.map(HbmRows::row).orElse(to);
        int count = (int) (to.elements()
                * (dma.indirect().isPresent() && to.memory() == Memory.HBM ? chip.partitions() : 1)
                / free);
        var floats = rowFrom.dtype() == rowTo.dtype() ? new float[0] : new float[(int) free];
        var bits = new long[rowFrom.dtype() == rowTo.dtype() && !bothContiguous(rowFrom, rowTo) ? (int) free : 0];
        var index = new long[1];
        for (int p = 0; p < count; p++) {
            long move = 0;
            if (dma.indirect().isPresent()) {
                var indirect = dma.indirect().get();
                memories.readIntegers(indirect.index(), p, index);
                if (index[0] < 0 || index[0] >= indirect.rows()) {
                    throw new EmulatorException(
                            "SYS5005",
                            "row number %d of partition %d is outside 0..%d"
                                    .formatted(index[0], p, indirect.rows() - 1));
                }
                move = index[0] * indirect.bytesPerRow();
            }
            int row = dma.indirect().isPresent() ? 0 : p;
            int partition = p;
            long source = hbmFrom.map(h -> h.start(row)).orElseGet(() -> memories.start(from, partition))
                    + (hbmFrom.isPresent() ? move : 0);
            long target = hbmTo.map(h -> h.start(row)).orElseGet(() -> memories.start(to, partition))
                    + (hbmTo.isPresent() ? move : 0);
            copy(rowFrom, source, rowTo, target, p, floats, bits);
        }
    }

    private static Optional<HbmRows> rows(Access hbm, long free, Optional<Instruction.Indirect> indirect) {
        var rows = HbmRows.of(hbm, indirect.isPresent() ? hbm.elements() : free);
        if (rows.isEmpty()) {
            throw new EmulatorException(
                    "SYS5006", "rows of %d elements do not begin at a step of %s".formatted(free, hbm));
        }
        return rows;
    }

    private static boolean bothContiguous(Access a, Access b) {
        return a.isContiguous() && b.isContiguous();
    }

    private void copy(Access from, long source, Access to, long target, int p, float[] floats, long[] bits) {
        var in = memories.of(from.memory());
        var out = memories.of(to.memory());
        Memories.requireWritten(in, from, source, p);
        if (from.dtype() != to.dtype()) {
            in.readFloats(from, source, floats, 0);
            out.writeFloats(to, target, floats, 0);
        } else if (bothContiguous(from, to)) {
            MemorySegment.copy(
                    in.bytes,
                    source,
                    out.bytes,
                    target,
                    from.free() * from.dtype().bytes());
        } else {
            in.readIntegers(from, source, bits);
            out.writeIntegers(to, target, bits);
        }
        out.markWritten(to, target);
    }
}
