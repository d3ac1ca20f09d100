package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.sy.SyFile;
import dev.systole.frontend.sy.SyFormatter;
import dev.systole.ir.graph.GraphInterpreter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/language.md: its models run, its error is the one that is given, its diagrams are the grammar's. */
class LanguageDocsTest {
    private static final Path HOME = Goldens.ROOT.getParent();
    private static final Path DOCUMENT = HOME.resolve("docs/language.md");
    private static final String GRAMMAR = "## Grammar\n";

    static List<String> models() throws IOException {
        var blocks = new ArrayList<String>();
        var found = Pattern.compile("(?s)```sy\n(.*?)```").matcher(Files.readString(DOCUMENT));
        while (found.find()) {
            blocks.add(found.group(1));
        }
        assertThat(blocks).hasSizeGreaterThan(1);
        return blocks;
    }

    @ParameterizedTest
    @MethodSource("models")
    void modelsAreFormattedAndRun(String text) {
        var path = Path.of("model.sy");
        assertThat(SyFormatter.format(path, text)).isEqualTo(text);
        var graph = SyModels.graph(SyFile.parse(path, text).elaborate(SyModels.BINDINGS));
        var inputs = Meanings.random(
                graph.inputs().stream().map(p -> p.value().type()).toList(), new Random(1));
        assertThat(GraphInterpreter.run(graph, inputs)).hasSameSizeAs(graph.outputs());
    }

    private static long lines(Path file, String nothing) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.strip().matches("|" + nothing))
                .count();
    }

    @Test
    void modelsAreShorterThanInPyTorch() throws IOException {
        var table = new StringBuilder("| model | .sy | PyTorch |\n|---|---|---|\n");
        for (var name : List.of("mlp", "convnet", "lstm", "encoder", "decoder")) {
            var path = SyModels.path(name);
            long sy = lines(path, "//.*");
            long pytorch = lines(path.resolveSibling("pytorch/" + name + ".py"), "#.*|import .*|from .*");
            assertThat(sy).as(name).isLessThan(pytorch);
            table.append("| %s | %d | %d |\n".formatted(name, sy, pytorch));
        }
        assertThat(Files.readString(DOCUMENT)).contains(table);
    }

    @Test
    void theErrorIsTheOneThatIsGiven() throws IOException {
        var text = models().getFirst().replace("dense(x, 128)", "dens(x, 128)");
        var document = Files.readString(DOCUMENT);
        assertThatThrownBy(() -> SyFile.parse(Path.of("mlp.sy"), text).elaborate(SyModels.BINDINGS))
                .satisfies(e -> assertThat(document).contains(e.getMessage().indent(4)));
    }

    @Test
    void theDiagramsAreThoseOfTheGrammar() throws IOException {
        var document = Files.readString(DOCUMENT);
        var grammar = Files.readString(HOME.resolve("frontend/src/main/antlr4/dev/systole/frontend/sy/Sy.g4"));
        var diagrams = "\n"
                + "A WHOLE is digits, a REAL digits with a point between or an exponent, a TEXT stands in double"
                + " quotes.\n\n"
                + "```\n"
                + GrammarDiagrams.of(grammar).stripTrailing() + "\n```\n";
        Goldens.check(DOCUMENT, document.substring(0, document.indexOf(GRAMMAR) + GRAMMAR.length()) + diagrams);
    }
}
