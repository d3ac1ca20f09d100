package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

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

    Runnable decode(DmaInstruction dma) {
        return switch (dma) {
            case DmaInstruction.DmaCopy copy -> copy(copy);
            case DmaInstruction.DmaGather g -> {
                var from = memories.operand(g.from());
                var to = memories.operand(g.to());
                yield () -> rows(
                        g.index(),
                        g.rows(),
                        (row, p) -> copy(from, from.row(0) + row * g.bytesPerRow(), to, to.row(p)));
            }
            case DmaInstruction.DmaTranspose t -> transpose(t);
            case DmaInstruction.DmaCompute c -> sum(c);
            case DmaInstruction.DmaScatter s -> {
                var from = memories.operand(s.from());
                var to = memories.operand(s.to());
                yield () -> rows(
                        s.index(),
                        s.rows(),
                        (row, p) -> copy(from, from.row(p), to, to.row(0) + row * s.bytesPerRow()));
            }
        };
    }

    /** Moves one row. */
    @FunctionalInterface
    private interface RowMove {
        void move(long row, int partition);
    }

    /** Each partition's row of HBM is named by its index. */
    private void rows(Access indexAccess, long rows, RowMove move) {
        var index = memories.operand(indexAccess);
        var number = new long[1];
        for (int p = 0; p < index.partitions; p++) {
            index.readIntegers(p, number);
            if (number[0] < 0 || number[0] >= rows) {
                throw new EmulatorException(
                        "SYS5005", "row number %d of partition %d is outside 0..%d".formatted(number[0], p, rows - 1));
            }
            move.move(number[0], p);
        }
    }

    /** {@code to[c][b][a] = from[a][b][c]}, where b is what lies between the first and the last dimension. */
    private Runnable transpose(DmaInstruction.DmaTranspose dma) {
        boolean onChip = dma.from().memory() != Memory.HBM;
        var from = memories.operand(dma.from());
        var to = memories.operand(dma.to());
        int last = Math.toIntExact(dma.from().dims().getLast().size());
        int first = onChip
                ? from.partitions
                : Math.toIntExact(dma.from().dims().getFirst().size());
        int between = Math.toIntExact(dma.from().elements() / last / first);
        return () -> {
            var bits = new long[first * between * last];
            var row = new long[from.free];
            for (int p = 0; p < from.partitions; p++) {
                from.readIntegers(p, row);
                System.arraycopy(row, 0, bits, p * from.free, from.free);
            }
            var turned = new long[between * first];
            for (int c = 0; c < last; c++) {
                for (int a = 0; a < first; a++) {
                    for (int b = 0; b < between; b++) {
                        turned[b * first + a] = bits[(a * between + b) * last + c];
                    }
                }
                to.writeIntegers(c, turned);
            }
        };
    }

    private Runnable sum(DmaInstruction.DmaCompute dma) {
        var to = memories.operand(dma.to());
        var sources = dma.sources().stream().map(memories::operand).toList();
        int count = Math.toIntExact(dma.to().elements());
        return () -> {
            var sum = new float[count];
            var next = new float[count];
            for (int i = 0; i < sources.size(); i++) {
                var source = sources.get(i);
                for (int p = 0; p < source.partitions; p++) {
                    source.readFloats(p, next, p * source.free);
                }
                for (int k = 0; k < count; k++) {
                    sum[k] = i == 0 ? next[k] : sum[k] + next[k];
                }
            }
            for (int p = 0; p < to.partitions; p++) {
                to.writeFloats(p, sum, p * to.free);
            }
        };
    }

    private Runnable copy(DmaInstruction.DmaCopy dma) {
        long free = dma.chip().free();
        var sides = Stream.of(dma.from(), dma.to())
                .flatMap(a -> side(a, free).stream())
                .toList();
        if (sides.size() < 2) {
            var source = memories.operand(dma.from());
            var target = memories.operand(dma.to());
            return () -> throughOneRow(source, target);
        }
        var from = sides.getFirst();
        var to = sides.getLast();
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

    /** Rows of {@code free} elements; empty if the access cannot be cut into them at its own steps. */
    private Optional<Side> side(Access a, long free) {
        if (a.memory() != Memory.HBM) {
            return a.free() == free ? Optional.of(new Side(memories.operand(a), Optional.empty())) : Optional.empty();
        }
        return HbmRows.of(a, free).map(rows -> new Side(memories.operand(rows.row()), Optional.of(rows)));
    }

    /** A transfer whose two sides have no rows in common: all elements in access order. */
    private static void throughOneRow(Operand from, Operand to) {
        int n = from.partitions * from.free;
        if (from.dtype != to.dtype) {
            var floats = new float[n];
            for (int p = 0; p < from.partitions; p++) {
                from.readFloats(p, floats, p * from.free);
            }
            for (int p = 0; p < to.partitions; p++) {
                to.writeFloats(p, floats, p * to.free);
            }
            return;
        }
        var bits = new long[n];
        var row = new long[from.free];
        for (int p = 0; p < from.partitions; p++) {
            from.readIntegers(p, row);
            System.arraycopy(row, 0, bits, p * from.free, from.free);
        }
        for (int p = 0; p < to.partitions; p++) {
            to.writeIntegers(p, Arrays.copyOfRange(bits, p * to.free, (p + 1) * to.free));
        }
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
