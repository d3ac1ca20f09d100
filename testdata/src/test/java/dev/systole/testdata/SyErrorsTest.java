package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.sy.SyException;
import dev.systole.frontend.sy.SyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that are no models ({@code sy-errors/NAME.sy}), with what is said of them in {@code NAME.txt}. */
class SyErrorsTest {
    private static final Path ERRORS = Goldens.ROOT.resolve("sy-errors");

    static List<String> names() throws IOException {
        try (var files = Files.list(ERRORS)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".sy"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void saysWhatIsWrong(String name) throws IOException {
        var text = Files.readString(ERRORS.resolve(name));
        var said = new AtomicReference<String>();
        assertThatThrownBy(() -> SyFile.parse(Path.of(name), text).elaborate(SyModels.BINDINGS))
                .isInstanceOf(SyException.class)
                .satisfies(e -> said.set(e.getMessage() + "\n"));
        Goldens.check(ERRORS.resolve(name.replace(".sy", ".txt")), said.get());
    }
}
