package dev.systole.frontend.array;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** One array in NumPy's .npy format. */
public final class Npy {
    /** Bytes that are written at once. */
    private static final long PART = 1 << 24;

    private Npy() {}

    /**
     * Maps an array; row-major little-endian data is not copied.
     *
     * @throws ArrayFileException if there is no such file, or it is no complete .npy file of numbers
     */
    public static Tensor read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new ArrayFileException(path + ": no such file");
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return parse(
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()), path.toString());
        } catch (IOException e) {
            throw new ArrayFileException(path + ": cannot be read: " + e.getMessage());
        }
    }

    /**
     * An array from the bytes of an .npy file.
     *
     * @param source for messages
     * @throws ArrayFileException if they are no complete .npy file of numbers
     */
    public static Tensor parse(MemorySegment bytes, String source) {
        var header = NpyHeader.parse(bytes, source);
        header.requireHeld(bytes.byteSize() - header.dataAt(), source);
        return tensor(header, bytes.asSlice(header.dataAt(), header.type().bytes()));
    }

    /** An array from the data behind its header. */
    static Tensor tensor(NpyHeader header, MemorySegment data) {
        var type = header.type();
        return Booleans.normalised(
                header.swapped() || header.fortran() ? reordered(header, data) : new Tensor(type, data));
    }

    private static Tensor reordered(NpyHeader header, MemorySegment data) {
        var type = header.type();
        var result = Tensor.allocate(type);
        var dims = type.shape().toArray();
        var strides = type.shape().strides();
        if (header.fortran()) {
            long stride = 1;
            for (int d = 0; d < dims.length; d++) {
                strides[d] = stride;
                stride *= dims[d];
            }
        }
        var rowMajor = type.shape().strides();
        for (long i = 0; i < type.shape().elements(); i++) {
            long from = 0;
            for (int d = 0; d < dims.length; d++) {
                from += i / rowMajor[d] % dims[d] * strides[d];
            }
            long bits = Elements.readBits(data, from, type.dtype());
            long ordered = header.swapped()
                    ? Long.reverseBytes(bits) >>> (64 - type.dtype().bits())
                    : bits;
            Elements.writeBits(result.bytes(), i, type.dtype(), ordered);
        }
        return result;
    }

    /**
     * Writes an array under a temporary name and moves it into place.
     *
     * @throws ArrayFileException if .npy has no such element type, or the file cannot be written
     */
    public static void write(Path path, Tensor tensor) {
        replace(path, out -> write(out, path.toString(), tensor));
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    interface Content {
        void write(OutputStream out) throws IOException;
    }

    /** Writes a file under a temporary name, of which nothing stays, and moves it into place. */
    static void replace(Path path, Content content) {
        var temporary = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (var out = Files.newOutputStream(temporary)) {
                content.write(out);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ArrayFileException(path + ": cannot be written: " + e.getMessage());
        } finally {
            discard(temporary);
        }
    }

    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // The reason why the file could not be written is the one to tell.
        }
    }

    /** Writes header and data. */
    static void write(OutputStream out, String name, Tensor tensor) throws IOException {
        out.write(NpyHeader.of(tensor.type(), name));
        var channel = Channels.newChannel(out);
        long size = tensor.bytes().byteSize();
        for (long at = 0; at < size; at += PART) {
            var part = tensor.bytes().asSlice(at, Math.min(PART, size - at)).asByteBuffer();
            while (part.hasRemaining()) {
                channel.write(part);
            }
        }
    }
}
