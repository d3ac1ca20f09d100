package dev.systole.cli;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.ir.text.Literals;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.Level;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The constants that dumps print as hashes: raw bytes in files named by their hash, in the directory {@code constants} beside the
 * dumps; when dumps are read also those of a program or a model.
 */
final class DumpConstants implements Literals.Constants {
    private static final String DIRECTORY = "constants";

    private final Path directory;
    private final Set<MemorySegment> stored = new HashSet<>();
    private final Map<String, MemorySegment> known = new HashMap<>();

    /** @param dumps the directory that the dumps lie in */
    DumpConstants(Path dumps) {
        this.directory = dumps.resolve(DIRECTORY);
    }

    /** Stores the constants of a level that its printed form names by hash. */
    void store(Level level) throws IOException {
        for (var tensor : level.constants()) {
            if (Literals.isHashed(tensor) && stored.add(tensor.bytes())) {
                Files.createDirectories(directory);
                var file = directory.resolve(Literals.hash(tensor));
                if (!Files.exists(file)) {
                    try (var channel =
                            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                        var bytes = tensor.bytes().asByteBuffer();
                        while (bytes.hasRemaining()) {
                            channel.write(bytes);
                        }
                    }
                }
            }
        }
    }

    /** Takes the constants of a program (.sx) or model (.onnx, or .sy if its shapes are fixed), too. */
    void add(Path file) {
        if (file.toString().endsWith(".sx")) {
            ProgramFile.read(file).constants().forEach(c -> add(c.bytes()));
        } else {
            OnnxImporter.initializers(ModelFile.read(file).bind(Bindings.NONE).onnx())
                    .forEach(t -> add(t.bytes()));
        }
    }

    private void add(MemorySegment bytes) {
        known.put(Literals.hash(bytes), bytes);
    }

    @Override
    public Optional<Tensor> find(TensorType type, String sha256) {
        var file = directory.resolve(sha256);
        if (!sha256.matches("[0-9a-f]+")) {
            return Optional.empty();
        }
        if (!known.containsKey(sha256) && Files.isRegularFile(file)) {
            try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                known.put(sha256, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Optional.ofNullable(known.get(sha256))
                .filter(b -> b.byteSize() == type.bytes())
                .map(b -> new Tensor(type, b));
    }
}
