package dev.systole.ir.target;

import dev.systole.ir.text.TextException;
import dev.systole.ir.text.Utf8;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The targets that are known, and the reading of others. */
public final class Targets {
    private static final List<String> BUILT_IN = List.of("trn1", "inf2", "trn2", "trn3");
    private static final int MOST_BYTES = 1 << 20;

    private Targets() {}

    /** Names of the built-in targets, oldest first. */
    public static List<String> builtIn() {
        return BUILT_IN;
    }

    /**
     * A built-in target by name, or one from a file whose name ends in {@code .json}.
     *
     * @throws TargetException if there is no such target, or the file does not describe one
     */
    public static Target load(String name) {
        if (BUILT_IN.contains(name)) {
            return TargetReader.read(resource(name), name, true);
        }
        if (!name.endsWith(".json")) {
            throw new TargetException("there is no target \"%s\"; there are %s, and files that end in .json"
                    .formatted(name, String.join(", ", BUILT_IN)));
        }
        var path = Path.of(name);
        try {
            if (Files.isDirectory(path)) {
                throw new TargetException(name + ": is a directory; name a file in it");
            }
            if (!Files.isRegularFile(path)) {
                throw new TargetException(name + ": no such file");
            }
            if (Files.size(path) > MOST_BYTES) {
                throw new TargetException(
                        name + ": has " + Files.size(path) + " bytes; a target file has at most " + MOST_BYTES);
            }
            return TargetReader.read(Utf8.decode(name, Files.readAllBytes(path)), name, false);
        } catch (TextException e) {
            throw new TargetException(e.getMessage());
        } catch (AccessDeniedException e) {
            throw new TargetException(name + ": access denied");
        } catch (IOException e) {
            throw new TargetException(name + ": cannot be read: " + e.getMessage());
        }
    }

    /**
     * A target from the JSON text that {@link #json} gives.
     *
     * @param where what messages call the text
     * @throws TargetException if the text does not describe a target
     */
    public static Target parse(String json, String where) {
        return TargetReader.read(json, where, true);
    }

    /** A target's name and values as JSON, from which {@link #parse} makes it again, provenance aside. */
    public static String json(Target target) {
        return target.parameters().stream()
                .map(p -> "\"" + p.key() + "\": " + p.value())
                .collect(Collectors.joining(",\n", "{\"name\": \"" + target.name() + "\", \"values\": {\n", "\n}}\n"));
    }

    private static String resource(String name) {
        try (var in = Targets.class.getResourceAsStream(name + ".json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the built-in target " + name + " cannot be read", e);
        }
    }
}
