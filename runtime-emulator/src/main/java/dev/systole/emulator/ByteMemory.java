package dev.systole.emulator;

import java.lang.foreign.MemorySegment;

/** A memory of bytes. Mutable. */
abstract class ByteMemory {
    final MemorySegment bytes;

    ByteMemory(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** Where the byte {@code offset} of a partition lies. */
    abstract long at(int partition, long offset);
}
