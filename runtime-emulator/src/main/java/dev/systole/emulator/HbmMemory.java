package dev.systole.emulator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;

/** Device memory: a sparse mapping, of which only what is touched costs the host memory. */
final class HbmMemory extends ByteMemory {
    HbmMemory(Arena arena, long size) {
        super(map(arena, size));
    }

    @Override
    long at(int partition, long offset) {
        return offset;
    }

    private static MemorySegment map(Arena arena, long size) {
        try {
            var file = Files.createTempFile("systole-hbm", ".bin");
            try (var channel = FileChannel.open(
                    file,
                    EnumSet.of(
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.SPARSE,
                            StandardOpenOption.DELETE_ON_CLOSE))) {
                return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
            }
        } catch (IOException e) {
            throw new EmulatorException(
                    "SYS5002",
                    "cannot map %d bytes for HBM in the temporary directory: %s".formatted(size, e.getMessage()));
        }
    }
}
