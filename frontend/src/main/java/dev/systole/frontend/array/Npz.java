package dev.systole.frontend.array;

import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Several arrays in NumPy's .npz format: a zip file of .npy files. */
public final class Npz {
    /** Arrays are read into memory, so a small file must not unfold into more than this. */
    private static final long MOST_BYTES = 1L << 31;

    /** Bytes to which one byte of deflated data can unfold (zlib.net/zlib_tech.html). */
    private static final long MOST_UNFOLDED = 1032;

    /** Bytes that are unfolded at once. */
    private static final int PART = 1 << 16;

    /** The zip format counts the bytes of a name in 16 bits; the ending takes four. */
    private static final int LONGEST_NAME = 65_531;

    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private Npz() {}

    /**
     * Reads all arrays, in the order of the file, by their names without the ending.
     *
     * @throws ArrayFileException if there is no such file, it is no zip file, or an entry is no .npy file
     */
    public static Map<String, Tensor> read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new ArrayFileException(path + ": no such file");
        }
        var arrays = new LinkedHashMap<String, Tensor>();
        try (var zip = new ZipFile(path.toFile())) {
            long rest = MOST_UNFOLDED * Files.size(path);
            for (var entry : Collections.list(zip.entries())) {
                var name = entry.getName().replaceFirst("\\.npy$", "");
                var source = path + ": " + Scanner.quoted(name);
                try (var in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
                    var tensor = array(in, Math.min(rest, mostBytes(entry, Files.size(path))), source);
                    rest -= tensor.bytes().byteSize();
                    if (in.read() >= 0) {
                        throw new ArrayFileException(source + " goes on behind its data");
                    }
                    if (in.getChecksum().getValue() != entry.getCrc()) {
                        throw new ArrayFileException(source + " is damaged: its bytes do not have its checksum");
                    }
                    if (arrays.put(name, tensor) != null) {
                        throw new ArrayFileException(path + ": holds " + Scanner.quoted(name) + " twice");
                    }
                }
            }
        } catch (EOFException e) {
            throw new ArrayFileException(path + ": is not a readable .npz file: it ends too early");
        } catch (IOException e) {
            throw new ArrayFileException(path + ": is not a readable .npz file: " + e.getMessage());
        }
        return arrays;
    }

    /** What an entry can unfold to, whatever it says. */
    private static long mostBytes(ZipEntry entry, long fileBytes) {
        return Math.min(entry.getSize(), MOST_UNFOLDED * Math.min(entry.getCompressedSize(), fileBytes));
    }

    /**
     * The header is read first, so that no more is allocated than the array needs.
     *
     * @param most bytes that the entry can hold
     */
    private static Tensor array(InputStream in, long most, String source) throws IOException {
        var start = in.readNBytes(NpyHeader.START);
        long dataAt = NpyHeader.dataAt(MemorySegment.ofArray(start), source);
        var bytes = new ByteArrayOutputStream();
        bytes.write(start);
        bytes.write(in.readNBytes(Math.toIntExact(Math.max(0, dataAt - start.length))));
        var header = NpyHeader.parse(MemorySegment.ofArray(bytes.toByteArray()), source);
        header.requireHeld(most - dataAt, source);
        if (header.type().bytes() > MOST_BYTES) {
            throw new ArrayFileException(source + " is " + header.type() + ", larger than 2 GiB; save it as .npy");
        }
        return Npy.tensor(header, data(in, header, source));
    }

    private static MemorySegment data(InputStream in, NpyHeader header, String source) throws IOException {
        var data = allocate(header, source);
        var part = new byte[PART];
        long held = 0;
        for (int n; held < data.byteSize(); held += n) {
            n = in.read(part, 0, (int) Math.min(part.length, data.byteSize() - held));
            if (n < 0) {
                break;
            }
            MemorySegment.copy(part, 0, data, ValueLayout.JAVA_BYTE, held, n);
        }
        header.requireHeld(held, source);
        return data;
    }

    private static MemorySegment allocate(NpyHeader header, String source) {
        try {
            return Tensor.allocate(header.type()).bytes();
        } catch (OutOfMemoryError e) {
            throw new ArrayFileException(
                    source + " is " + header.type() + ", for which there is not enough memory; save it as .npy");
        }
    }

    /**
     * Writes arrays under a temporary name and moves the file into place. The same arrays give the same bytes.
     *
     * @throws ArrayFileException if .npy has no element type for an array, or the file cannot be written
     */
    public static void write(Path path, Map<String, Tensor> arrays) {
        arrays.keySet().forEach(name -> requireName(name, path));
        Npy.replace(path, out -> {
            try (var zip = new ZipOutputStream(out)) {
                for (var e : arrays.entrySet()) {
                    var entry = new ZipEntry(e.getKey() + ".npy");
                    entry.setTimeLocal(EPOCH);
                    zip.putNextEntry(entry);
                    Npy.write(zip, path + ": " + Scanner.quoted(e.getKey()), e.getValue());
                    zip.closeEntry();
                }
            }
        });
    }

    private static void requireName(String name, Path path) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_NAME) {
            throw new ArrayFileException(path + ": cannot be written: " + Scanner.quoted(name.substring(0, 20) + "…")
                    + " is a name of " + length + " bytes; .npz holds up to " + LONGEST_NAME);
        }
    }
}
