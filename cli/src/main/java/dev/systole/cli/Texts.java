package dev.systole.cli;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.text.TextException;
import dev.systole.ir.text.Utf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Text files. */
final class Texts {
    private static final long MOST_BYTES = 1L << 29;

    private Texts() {}

    /**
     * @throws FrontendException if there is no such file, or it is larger than memory holds
     * @throws TextException where it is no UTF-8
     */
    static String read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FrontendException("SYS1001", file + ": is a directory; name a file in it");
        }
        if (!Files.isRegularFile(file)) {
            throw new FrontendException("SYS1001", file + ": no such file");
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new FrontendException(
                    "SYS1002", file + ": is larger than " + (MOST_BYTES >> 20) + " MiB, more than any dump");
        }
        return Utf8.decode(file.toString(), Files.readAllBytes(file));
    }

    /** Writes under a temporary name and moves into place. */
    static void write(Path file, String text) throws IOException {
        var temporary = Systole.temporary(file);
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
