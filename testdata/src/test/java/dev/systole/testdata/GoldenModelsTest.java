package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.cli.Systole;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The models of {@code sy/} become what {@code systole golden} recorded beside them; {@code -Dupdate.goldens=true} records it again. */
class GoldenModelsTest {
    private static final Path MODELS = Goldens.ROOT.resolve("sy");

    private static Set<String> names(String ending) throws IOException {
        try (var files = Files.list(MODELS)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(ending))
                    .map(f -> f.substring(0, f.length() - ending.length()))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void nothingChanged() {
        var out = new StringWriter();
        var err = new StringWriter();
        var verb = Goldens.UPDATE ? "update" : "check";
        int code = Systole.execute(
                new String[] {"golden", verb, MODELS.toString()}, new PrintWriter(out), new PrintWriter(err));
        assertThat(code).as("%s%s-Dupdate.goldens=true accepts it", out, err).isZero();
    }

    @Test
    void everyGoldenHasItsModel() throws IOException {
        assertThat(names(".golden")).isEqualTo(names(".sy")).hasSize(5);
    }
}
