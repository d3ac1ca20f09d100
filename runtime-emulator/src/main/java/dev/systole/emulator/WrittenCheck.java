package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.TensorInstruction;

/**
 * Follows a program in an order in which it can run and finds reads of bytes that nothing wrote, and sums that no matmul began.
 * Accesses conflict in no other order than that of the program, and no value decides what is accessed (but for indices
 * of rows), so one order stands for all of them and one check for every run. Mutable: one check.
 */
final class WrittenCheck {
    private final WrittenBytes hbm;
    private final WrittenBytes sbuf;
    private final WrittenBytes psum;

    /** Bytes of PSUM that a matmul wrote last: only those can be accumulated into. */
    private final WrittenBytes started;

    private final long sbufBytesPerPartition;
    private final long psumBytesPerPartition;

    WrittenCheck(Target target, long hbmBytes) {
        var memory = target.memory();
        this.sbufBytesPerPartition = memory.sbufBytesPerPartition();
        this.psumBytesPerPartition = memory.psumBytesPerPartition();
        this.hbm = new WrittenBytes(hbmBytes);
        this.sbuf = new WrittenBytes(memory.partitions() * sbufBytesPerPartition);
        this.psum = new WrittenBytes(memory.partitions() * psumBytesPerPartition);
        this.started = new WrittenBytes(memory.partitions() * psumBytesPerPartition);
    }

    /** The host wrote these bytes of HBM. */
    void hostWrites(long from, long to) {
        hbm.mark(from, to);
    }

    /** True if the program wrote all of these bytes of HBM, or the host did. */
    boolean isWritten(long from, long to) {
        return hbm.all(from, to);
    }

    /** @throws UnwrittenException if the instruction reads what nothing wrote */
    void step(Instruction instruction) {
        instruction.reads().forEach(this::read);
        switch (instruction) {
            case TensorInstruction m
            when !isTranspose(m) -> {
                if (m.accumulate()) {
                    requireStarted(m.to());
                }
                mark(m.to(), psum);
                mark(m.to(), started);
            }
            // Which rows an indirect transfer writes depends on data, so none count as written.
            case DmaInstruction.DmaScatter scatter -> {}
            default -> instruction.writes().forEach(this::write);
        }
    }

    private static boolean isTranspose(TensorInstruction instruction) {
        return instruction instanceof TensorInstruction.NcMatmul m && m.transpose();
    }

    private long start(Access a, int p) {
        return switch (a.memory()) {
            case HBM -> a.offset();
            case SBUF -> (a.startPartition() + p) * sbufBytesPerPartition + a.offset();
            case PSUM -> (a.startPartition() + p) * psumBytesPerPartition + a.offset();
        };
    }

    private WrittenBytes of(Memory memory) {
        return switch (memory) {
            case HBM -> hbm;
            case SBUF -> sbuf;
            case PSUM -> psum;
        };
    }

    private static RowPattern pattern(Access a) {
        return RowPattern.of(a.dims(), a.dtype().bytes());
    }

    private void read(Access a) {
        requireAll(a, of(a.memory()), "reads bytes that nothing wrote");
    }

    private void requireStarted(Access a) {
        requireAll(a, started, "is added to, but no matmul has begun a sum there");
    }

    private void requireAll(Access a, WrittenBytes written, String fault) {
        var pattern = pattern(a);
        for (int p = 0; p < a.partitions(); p++) {
            long start = start(a, p);
            if (written.all(start + a.lowestByte(), start + a.highestByte())) {
                continue;
            }
            int partition = a.startPartition() + p;
            pattern.runs(start, (from, to) -> {
                if (!written.all(from, to)) {
                    throw new UnwrittenException("%s %s, in partition %d".formatted(a, fault, partition));
                }
            });
        }
    }

    private void write(Access a) {
        mark(a, of(a.memory()));
        if (a.memory() == Memory.PSUM) {
            var pattern = pattern(a);
            for (int p = 0; p < a.partitions(); p++) {
                pattern.runs(start(a, p), started::clear);
            }
        }
    }

    private void mark(Access a, WrittenBytes written) {
        var pattern = pattern(a);
        for (int p = 0; p < a.partitions(); p++) {
            pattern.runs(start(a, p), written::mark);
        }
    }
}
