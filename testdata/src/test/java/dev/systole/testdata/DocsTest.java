package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.cli.Systole;
import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Stage;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Memory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/ says of lists in the code is what the code has. */
class DocsTest {
    private static final Path HOME = Goldens.ROOT.getParent();

    private static String read(String file) throws IOException {
        return Files.readString(HOME.resolve(file));
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private static String list(Object[] values) {
        return Arrays.stream(values).map(Object::toString).collect(Collectors.joining(", "));
    }

    private static String numbered(Object[] values) {
        var parts = new ArrayList<String>();
        for (int i = 0; i < values.length; i++) {
            parts.add(i + " " + values[i]);
        }
        return String.join(", ", parts);
    }

    @Test
    void thePipelineIsTheOneInTheCode() throws IOException {
        var options = CompileOptions.withoutDump(Targets.load("trn2"), AutoCast.NONE, DType.BF16);
        var rows = Pattern.compile("(?m)^\\| [0-9–]+ \\| ([a-z, -]+) \\|").matcher(read("docs/architecture.md"));
        var documented = new ArrayList<String>();
        while (rows.find()) {
            documented.addAll(List.of(rows.group(1).split(", ")));
        }
        assertThat(documented)
                .isEqualTo(Compiler.pipeline(options).stream().map(Stage::name).toList());
    }

    @Test
    void dumpsInExamplesHaveTheNumbersOfTheirPasses() throws IOException {
        var options = CompileOptions.withoutDump(Targets.load("trn2"), AutoCast.NONE, DType.BF16);
        var passes = Compiler.pipeline(options).stream().map(Stage::name).toList();
        var help = new StringWriter();
        for (var command : List.of("opt", "diff", "compile")) {
            Systole.execute(new String[] {command, "--help"}, new PrintWriter(help), new PrintWriter(help));
        }
        var dumps = Pattern.compile("\\b([0-9]{2})-([a-z-]+)\\.(?:graph|tiles|code)")
                .matcher(read("README.md") + help);
        int found = 0;
        while (dumps.find()) {
            found++;
            assertThat(dumps.group(2)).isEqualTo(passes.get(Integer.parseInt(dumps.group(1)) - 1));
        }
        assertThat(found).isGreaterThan(3);
    }

    @Test
    void operatorsAreThoseThatTheCommandLists() throws IOException {
        var out = new StringWriter();
        Systole.execute(
                new String[] {"operators", "--markdown"}, new PrintWriter(out, true), new PrintWriter(out, true));
        Goldens.check(HOME.resolve("docs/operators.md"), out.toString());
    }

    @Test
    void enumerationsHaveTheNumbersOfTheProgramFile() throws IOException {
        assertThat(words(read("docs/program-file.md")))
                .contains(numbered(DType.values()), numbered(Engine.values()), numbered(Memory.values()));
    }

    @Test
    void operatorsAndFunctionsAreListedInTheirOrder() throws IOException {
        var text = words(read("docs/instruction-set.md"));
        assertThat(text).contains("Functions of `activation`: " + list(ActivationFunction.values()) + ".");
        int from = text.indexOf("Operators: ");
        var operators = text.substring(from, text.indexOf("There is no division", from))
                .replaceAll("\\([^)]*\\)", "")
                .replace(';', ',');
        int at = 0;
        for (var op : AluOp.values()) {
            var found = Pattern.compile("\\b" + op + "\\b").matcher(operators);
            assertThat(found.find(at)).as("%s, in order", op).isTrue();
            at = found.end();
        }
    }

    @Test
    void everyLibraryHasAReason() throws IOException {
        var dependencies = read("docs/dependencies.md");
        for (var module :
                List.of("ir", "frontend", "passes", "backend-trainium", "runtime-emulator", "cli", "testdata")) {
            var artifacts = Pattern.compile("<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)<")
                    .matcher(read(module + "/pom.xml"));
            while (artifacts.find()) {
                if (!artifacts.group(1).equals("dev.systole")) {
                    assertThat(dependencies).contains("| " + artifacts.group(2) + " |");
                }
            }
        }
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        for (var file :
                List.of("README.md", "docs/architecture.md", "docs/instruction-set.md", "docs/program-file.md")) {
            var links = Pattern.compile("\\]\\(([^)#]+)").matcher(read(file));
            while (links.find()) {
                assertThat(HOME.resolve(file).resolveSibling(links.group(1))).exists();
            }
        }
    }
}
