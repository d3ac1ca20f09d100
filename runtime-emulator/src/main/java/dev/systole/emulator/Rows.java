package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Scalar;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Work on the rows of operands, partition by partition, shared by host threads. Mutable: rows in work, one set a thread. */
final class Rows {
    /** Elements in all from which an instruction is worth splitting over threads. */
    static final int CHEAP_SPLIT = 8_192;

    static final int COSTLY_SPLIT = 1_024;

    private final Memories memories;
    private final Workers workers;
    private final Scratch[] scratch;

    /** Rows in work of one thread, grown to the longest row so far. */
    static final class Scratch {
        private final Arena arena;
        MemorySegment a;
        MemorySegment b;
        MemorySegment d;
        float[] row = new float[0];

        private Scratch(Arena arena) {
            this.arena = arena;
            fit(4096);
        }

        private void fit(int n) {
            if (row.length < n) {
                row = new float[n];
                a = arena.allocate(4L * n, 64);
                b = arena.allocate(4L * n, 64);
                d = arena.allocate(4L * n, 64);
            }
        }
    }

    /** Work on one partition with one thread's rows. */
    @FunctionalInterface
    interface RowWork {
        void run(Scratch s, int p);
    }

    /** Work on some partitions. */
    @FunctionalInterface
    interface BlockWork {
        void run(Scratch s, int from, int until);
    }

    /** A scalar operand, decoded. */
    @FunctionalInterface
    interface ScalarOperand {
        float at(int p);
    }

    Rows(Arena arena, Memories memories, Workers workers) {
        this.memories = memories;
        this.workers = workers;
        this.scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch(arena));
    }

    /** An access without registers, decoded. */
    Operand operand(Access a) {
        return memories.operand(a);
    }

    ScalarOperand scalar(Scalar scalar) {
        return switch (scalar) {
            case Scalar.Immediate(var v) -> p -> v;
            case Scalar.Column(var access) -> operand(access)::readFloat;
        };
    }

    /**
     * Work on every partition of an operand, shared by threads if it is worth it. A thread gets the same partitions of every
     * instruction, as of transfers and matmuls, so that it finds them in the cache of its own core.
     */
    Runnable rows(int splitElements, Operand data, RowWork work) {
        return blocks(splitElements, 1, data, (s, from, until) -> {
            for (int p = from; p < until; p++) {
                work.run(s, p);
            }
        });
    }

    Runnable rows(Operand data, RowWork work) {
        return rows(CHEAP_SPLIT, data, work);
    }

    /** As {@link #rows}, in blocks of partitions that one thread works on. */
    Runnable blocks(int splitElements, int block, Operand data, BlockWork work) {
        int count = data.partitions;
        for (var s : scratch) {
            s.fit(data.free);
        }
        int grain = (long) count * data.free < splitElements ? count : block;
        return () -> workers.split(count, grain, (worker, from, until) -> work.run(scratch[worker], from, until));
    }
}
