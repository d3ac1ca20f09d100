package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.Arena;

/** The memories of one core. Mutable. */
final class Memories {
    final HbmMemory hbm;
    final OnChipMemory sbuf;
    final OnChipMemory psum;

    Memories(Arena arena, Target target, long hbmBytes) {
        var memory = target.memory();
        this.hbm = new HbmMemory(arena, Math.max(1, hbmBytes));
        this.sbuf = new OnChipMemory(arena, memory.partitions(), memory.sbufBytesPerPartition());
        this.psum = new OnChipMemory(arena, memory.partitions(), memory.psumBytesPerPartition());
    }

    ByteMemory of(Memory memory) {
        return switch (memory) {
            case HBM -> hbm;
            case SBUF -> sbuf;
            case PSUM -> psum;
        };
    }

    /** An access without registers, decoded. */
    Operand operand(Access a) {
        return new Operand(of(a.memory()), a);
    }
}
