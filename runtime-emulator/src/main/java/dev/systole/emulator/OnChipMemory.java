package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import java.lang.foreign.Arena;

/**
 * SBUF or PSUM: partitions of bytes. A partition's bytes lie at a stride that keeps neighbouring partitions out of the same
 * cache sets of the host.
 */
final class OnChipMemory extends ByteMemory {
    private static final int HOST_PADDING_BYTES = 192;

    private final long partitionStride;

    OnChipMemory(Arena arena, int partitions, int bytesPerPartition) {
        super(arena.allocate((long) partitions * stride(bytesPerPartition), 64));
        this.partitionStride = stride(bytesPerPartition);
    }

    private static long stride(int bytesPerPartition) {
        return (bytesPerPartition + 63L) / 64 * 64 + HOST_PADDING_BYTES;
    }

    /** First byte of the row of the access's {@code p}th partition. */
    long row(Access a, int p) {
        return (a.startPartition() + p) * partitionStride + a.offset();
    }
}
