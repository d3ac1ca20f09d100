package dev.systole.emulator;

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

    @Override
    long at(int partition, long offset) {
        return partition * partitionStride + offset;
    }
}
