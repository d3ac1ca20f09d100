package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Expected texts in files, which {@code -Dupdate.goldens=true} rewrites. */
final class Goldens {
    /** The directory {@code testdata}. */
    static final Path ROOT = Path.of("").toAbsolutePath();

    static final boolean UPDATE = Boolean.getBoolean("update.goldens");

    private Goldens() {}

    static void check(Path file, String actual) throws IOException {
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
            return;
        }
        assertThat(file).as("run with -Dupdate.goldens=true to write it").exists();
        assertThat(actual).as("%s", ROOT.relativize(file)).isEqualTo(Files.readString(file));
    }
}
