package dev.systole.frontend.array;

import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Several arrays in NumPy's .npz format: a zip file of .npy files. */
public final class Npz {
    /** Entries are read into memory, so a small file must not unfold into more than this. */
    private static final long MOST_BYTES = 1L << 31;

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
            for (var entry : Collections.list(zip.entries())) {
                var name = entry.getName().replaceFirst("\\.npy$", "");
                try (var in = zip.getInputStream(entry)) {
                    var bytes = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, MOST_BYTES - 8));
                    if (in.read() >= 0) {
                        throw new ArrayFileException(path + ": \"" + name + "\" is larger than 2 GiB; save it as .npy");
                    }
                    if (arrays.put(name, Npy.parse(MemorySegment.ofArray(bytes), path + ": \"" + name + "\""))
                            != null) {
                        throw new ArrayFileException(path + ": holds \"" + name + "\" twice");
                    }
                }
            }
        } catch (IOException e) {
            throw new ArrayFileException(path + ": is not a readable .npz file: " + e.getMessage());
        }
        return arrays;
    }

    /**
     * Writes arrays under a temporary name and moves the file into place. The same arrays give the same bytes.
     *
     * @throws ArrayFileException if .npy has no element type for an array, or the file cannot be written
     */
    public static void write(Path path, Map<String, Tensor> arrays) {
        var temporary = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (var zip = new ZipOutputStream(Files.newOutputStream(temporary))) {
                for (var e : arrays.entrySet()) {
                    var entry = new ZipEntry(e.getKey() + ".npy");
                    entry.setTimeLocal(EPOCH);
                    zip.putNextEntry(entry);
                    Npy.write(zip, path + ": \"" + e.getKey() + "\"", e.getValue());
                    zip.closeEntry();
                }
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ArrayFileException(path + ": cannot be written: " + e.getMessage());
        }
    }
}
