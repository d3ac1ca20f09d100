package dev.systole.cli.profile;

import dev.systole.emulator.TimelineListener;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Program;
import java.util.Map;
import java.util.TreeMap;

/** Bytes that a run reads and writes, by memory. Mutable: one run. */
final class Traffic implements TimelineListener {
    private final TreeMap<Long, Long> given = new TreeMap<>();
    private final TreeMap<Long, Long> wanted = new TreeMap<>();
    private long hbmRead;
    private long hbmWritten;
    private long sbufRead;
    private long sbufWritten;
    private long psumRead;
    private long psumWritten;
    private long saved;
    private long reloaded;

    Traffic(Program program) {
        program.constants()
                .forEach(c -> given.put(c.address(), c.address() + c.bytes().byteSize()));
        program.inputs().forEach(b -> given.put(b.address(), b.address() + b.bytes()));
        program.outputs().forEach(b -> wanted.put(b.address(), b.address() + b.bytes()));
    }

    @Override
    public void issued(Event event) {
        var instruction = event.instruction();
        if (instruction instanceof DmaInstruction transfer) {
            read(transfer);
            write(transfer);
            return;
        }
        instruction.reads().forEach(this::readOnChip);
        instruction.writes().forEach(this::writeOnChip);
    }

    private void read(DmaInstruction transfer) {
        if (transfer instanceof DmaInstruction.DmaCompute sum) {
            sum.sources().forEach(s -> read(sum, s));
        } else {
            read(transfer, transfer.from());
        }
    }

    private void read(DmaInstruction transfer, Access from) {
        if (from.memory() != Memory.HBM) {
            readOnChip(from);
            return;
        }
        long bytes = transfer.to().elements() * from.dtype().bytes();
        hbmRead += bytes;
        reloaded += holds(given, from) ? 0 : bytes;
    }

    private void write(DmaInstruction transfer) {
        var to = transfer.to();
        if (to.memory() != Memory.HBM) {
            writeOnChip(to);
            return;
        }
        // A scatter names one row and writes as many as there are partitions.
        long bytes =
                Math.max(to.elements(), transfer.from().elements()) * to.dtype().bytes();
        hbmWritten += bytes;
        saved += holds(wanted, to) ? 0 : bytes;
    }

    private void readOnChip(Access a) {
        switch (a.memory()) {
            case SBUF -> sbufRead += a.bytes();
            case PSUM -> psumRead += a.bytes();
            case HBM -> hbmRead += a.bytes();
        }
    }

    private void writeOnChip(Access a) {
        switch (a.memory()) {
            case SBUF -> sbufWritten += a.bytes();
            case PSUM -> psumWritten += a.bytes();
            case HBM -> hbmWritten += a.bytes();
        }
    }

    private static boolean holds(TreeMap<Long, Long> ranges, Access a) {
        Map.Entry<Long, Long> below = ranges.floorEntry(a.offset());
        return below != null && a.offset() < below.getValue();
    }

    MovedBytes bytes() {
        return new MovedBytes(hbmRead, hbmWritten, sbufRead, sbufWritten, psumRead, psumWritten, saved, reloaded);
    }
}
