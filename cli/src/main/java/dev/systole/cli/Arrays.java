package dev.systole.cli;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.Npy;
import dev.systole.frontend.array.Npz;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Arrays in files: one file an array (.npy, .pb), several in one (.npz), or a directory such as test_data_set_0. */
final class Arrays {
    private Arrays() {}

    /** Reads one array by the ending of its file. */
    static Tensor readOne(Path file) {
        var name = file.getFileName().toString();
        if (name.endsWith(".npy")) {
            return Npy.read(file);
        }
        if (name.endsWith(".pb")) {
            return OnnxTensors.of(
                    OnnxFile.readTensor(file),
                    file.toString(),
                    file.toAbsolutePath().getParent());
        }
        throw new FrontendException("SYS1302", file + ": is not an .npy or .pb file");
    }

    /**
     * Reads arrays by name.
     *
     * @param names of the model's inputs (or outputs), in order
     * @param kind {@code input} or {@code output}, as numbered files are called
     */
    static Map<String, Tensor> read(Path from, List<String> names, String kind) {
        if (!Files.exists(from)) {
            throw new FrontendException("SYS1302", from + ": no such file or directory");
        }
        var found = new LinkedHashMap<String, Tensor>();
        if (!Files.isDirectory(from)) {
            if (from.toString().endsWith(".npz")) {
                found.putAll(Npz.read(from));
                return found;
            }
            if (names.size() == 1) {
                found.put(names.getFirst(), readOne(from));
                return found;
            }
            throw new FrontendException(
                    "SYS1302",
                    from + ": is one array, the model has " + names.size() + " " + kind
                            + "s; give a directory or an .npz file");
        }
        for (int i = 0; i < names.size(); i++) {
            var name = names.get(i);
            for (var candidate : List.of(
                    from.resolve(kind + "_" + i + ".pb"),
                    from.resolve(kind + "_" + i + ".npy"),
                    from.resolve(fileName(name) + ".npy"),
                    from.resolve(fileName(name) + ".pb"))) {
                if (!found.containsKey(name) && Files.isRegularFile(candidate)) {
                    found.put(name, readOne(candidate));
                }
            }
        }
        return found;
    }

    /** A name with characters that file systems do not like replaced. */
    private static String fileName(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    /** Writes arrays to an .npz file, or as numbered .npy or .pb files to a directory. */
    static void write(Path to, Map<String, Tensor> arrays, String format) {
        try {
            if (to.toString().endsWith(".npz")) {
                Npz.write(to, arrays);
                return;
            }
            Files.createDirectories(to);
            int i = 0;
            for (var e : arrays.entrySet()) {
                var file = to.resolve("output_" + i++ + "." + format);
                if (format.equals("pb")) {
                    var temporary = Systole.temporary(file);
                    Files.write(
                            temporary,
                            OnnxTensors.toProto(e.getKey(), e.getValue()).toByteArray());
                    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } else {
                    Npy.write(file, e.getValue());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first array of these that is missing from what was found. */
    static Optional<String> missing(List<String> names, Map<String, Tensor> found) {
        return names.stream().filter(n -> !found.containsKey(n)).findFirst();
    }
}
