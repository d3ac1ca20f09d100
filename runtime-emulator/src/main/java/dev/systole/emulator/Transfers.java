package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What DMA transfers do to memory: rows of one side to rows of the other, converted where the types differ. */
final class Transfers {
    /** Bytes from which a transfer is worth splitting over threads. */
    private static final long SPLIT_BYTES = 65_536;

    private final Memories memories;
    private final Workers workers;

    /** One side of a transfer: the row pattern, and where each row starts. */
    private record Side(Operand row, Optional<HbmRows> hbm) {
        long start(int number) {
            return hbm.map(h -> h.start(number)).orElseGet(() -> row.row(number));
        }
    }

    Transfers(Memories memories, Workers workers) {
        this.memories = memories;
        this.workers = workers;
    }

    Runnable decode(Instruction.DmaCopy dma) {
        var chip = dma.to().memory() != Memory.HBM ? dma.to() : dma.from();
        long free = chip.free();
        if (dma.indirect().isPresent()) {
            return indirect(dma, dma.indirect().get(), chip);
        }
        var from = side(dma.from(), free);
        var to = side(dma.to(), free);
        int count = Math.toIntExact(dma.to().elements() / free);
        var sources = new long[count];
        var targets = new long[count];
        for (int p = 0; p < count; p++) {
            sources[p] = from.start(p);
            targets[p] = to.start(p);
        }
        int grain = dma.to().bytes() < SPLIT_BYTES ? count : 1;
        return () -> workers.split(count, grain, (worker, first, until) -> {
            for (int p = first; p < until; p++) {
                copy(from.row, sources[p], to.row, targets[p]);
            }
        });
    }

    private Side side(Access a, long free) {
        if (a.memory() != Memory.HBM) {
            return new Side(memories.operand(a), Optional.empty());
        }
        var rows = HbmRows.of(a, free)
                .orElseThrow(() -> new EmulatorException(
                        "SYS5006", "rows of %d elements do not begin at a step of %s".formatted(free, a)));
        return new Side(memories.operand(rows.row()), Optional.of(rows));
    }

    /** Each partition's row of HBM is named by its index. */
    private Runnable indirect(Instruction.DmaCopy dma, Instruction.Indirect indirect, Access chip) {
        var from = memories.operand(dma.from());
        var to = memories.operand(dma.to());
        var index = memories.operand(indirect.index());
        boolean gathers = dma.from().memory() == Memory.HBM;
        return () -> {
            var number = new long[1];
            for (int p = 0; p < chip.partitions(); p++) {
                index.readIntegers(p, number);
                if (number[0] < 0 || number[0] >= indirect.rows()) {
                    throw new EmulatorException(
                            "SYS5005",
                            "row number %d of partition %d is outside 0..%d"
                                    .formatted(number[0], p, indirect.rows() - 1));
                }
                long move = number[0] * indirect.bytesPerRow();
                long source = gathers ? from.row(0) + move : from.row(p);
                long target = gathers ? to.row(p) : to.row(0) + move;
                copy(from, source, to, target);
            }
        };
    }

    private static void copy(Operand from, long source, Operand to, long target) {
        if (from.dtype != to.dtype) {
            var floats = new float[from.free];
            from.readFloatsAt(source, floats, 0);
            to.writeFloatsAt(target, floats, 0);
        } else if (from.isContiguous() && to.isContiguous()) {
            MemorySegment.copy(from.memory.bytes, source, to.memory.bytes, target, from.rowBytes());
        } else {
            var bits = new long[from.free];
            from.readIntegersAt(source, bits);
            to.writeIntegersAt(target, bits);
        }
    }
}
