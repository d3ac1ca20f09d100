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
        var type = header.type();
        var data = bytes.asSlice(header.dataAt(), type.bytes());
        if (!header.swapped() && !header.fortran()) {
            return new Tensor(type, data);
        }
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
        var temporary = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (var out = Files.newOutputStream(temporary)) {
                write(out, path.toString(), tensor);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ArrayFileException(path + ": cannot be written: " + e.getMessage());
        }
    }

    /** Writes header and data. */
    static void write(OutputStream out, String name, Tensor tensor) throws IOException {
        out.write(NpyHeader.of(tensor.type(), name));
        var bytes = tensor.bytes().asByteBuffer();
        var channel = Channels.newChannel(out);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
