package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.Arena;

/** The memories of one core, with access to rows that checks that what is read has been written. Mutable. */
final class Memories {
    final HbmMemory hbm;
    final OnChipMemory sbuf;
    final OnChipMemory psum;

    /** Bytes of PSUM that a matmul wrote last: only those can be accumulated into. */
    private final WrittenBytes started;

    private final long startedPerPartition;

    Memories(Arena arena, Target target, long hbmBytes) {
        var memory = target.memory();
        this.hbm = new HbmMemory(arena, Math.max(1, hbmBytes));
        this.sbuf = new OnChipMemory(arena, memory.partitions(), memory.sbufBytesPerPartition());
        this.psum = new OnChipMemory(arena, memory.partitions(), memory.psumBytesPerPartition());
        this.startedPerPartition = memory.psumBytesPerPartition();
        this.started = new WrittenBytes(memory.partitions() * startedPerPartition);
    }

    /** Nothing counts as written any more. */
    void forget() {
        hbm.forget();
        sbuf.forget();
        psum.forget();
        started.reset();
    }

    ByteMemory of(Memory memory) {
        return switch (memory) {
            case HBM -> hbm;
            case SBUF -> sbuf;
            case PSUM -> psum;
        };
    }

    /** First byte of an access's {@code p}th partition in its memory; HBM has one. */
    long start(Access a, int p) {
        return switch (a.memory()) {
            case HBM -> a.offset();
            case SBUF -> sbuf.row(a, p);
            case PSUM -> psum.row(a, p);
        };
    }

    /** @throws UnwrittenException if nothing wrote one of the bytes */
    void readFloats(Access a, int p, float[] out, int at) {
        var memory = of(a.memory());
        long start = start(a, p);
        requireWritten(memory, a, start, p);
        memory.readFloats(a, start, out, at);
    }

    /** @throws UnwrittenException if nothing wrote one of the bytes */
    void readIntegers(Access a, int p, long[] out) {
        var memory = of(a.memory());
        long start = start(a, p);
        requireWritten(memory, a, start, p);
        memory.readIntegers(a, start, out);
    }

    static void requireWritten(ByteMemory memory, Access a, long start, int p) {
        if (!memory.isWritten(a, start)) {
            throw new UnwrittenException(a, a.startPartition() + p);
        }
    }

    void writeFloats(Access a, int p, float[] in, int at) {
        var memory = of(a.memory());
        long start = start(a, p);
        memory.writeFloats(a, start, in, at);
        memory.markWritten(a, start);
        ended(a, p);
    }

    void writeIntegers(Access a, int p, long[] in) {
        var memory = of(a.memory());
        long start = start(a, p);
        memory.writeIntegers(a, start, in);
        memory.markWritten(a, start);
        ended(a, p);
    }

    private long startedAt(Access a, int p) {
        return (a.startPartition() + p) * startedPerPartition + a.offset();
    }

    private void ended(Access a, int p) {
        if (a.memory() == Memory.PSUM) {
            long at = startedAt(a, p);
            started.clear(at + a.lowestByte(), at + a.highestByte());
        }
    }

    /** @throws UnwrittenException if a matmul adds to a row that no matmul has begun */
    void requireStarted(Access a, int p) {
        long at = startedAt(a, p);
        if (!started.all(at + a.lowestByte(), at + a.highestByte())) {
            throw new UnwrittenException(a, a.startPartition() + p);
        }
    }

    /** Writes a row of a matmul's result, which later matmuls can add to. */
    void writeSum(Access a, int p, float[] in, int at) {
        writeFloats(a, p, in, at);
        long start = startedAt(a, p);
        started.mark(start + a.lowestByte(), start + a.highestByte());
    }

    /** An instruction read bytes that nothing wrote. */
    static final class UnwrittenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnwrittenException(Access access, int partition) {
            super("%s reads bytes that nothing wrote, in partition %d".formatted(access, partition));
        }
    }
}
