package dev.systole.cli;

import dev.systole.frontend.FrontendException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Text files. */
final class Texts {
    private static final long MOST_BYTES = 1L << 30;

    private Texts() {}

    /** @throws FrontendException if there is no such file, or it is no UTF-8 text of a size that fits memory */
    static String read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FrontendException("SYS1001", file + ": no such file");
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new FrontendException("SYS1002", file + ": is larger than " + (MOST_BYTES >> 20) + " MiB of text");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new FrontendException("SYS1003", file + ": is not UTF-8 text");
        }
    }

    /** Writes under a temporary name and moves into place. */
    static void write(Path file, String text) throws IOException {
        var temporary = Systole.temporary(file);
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
