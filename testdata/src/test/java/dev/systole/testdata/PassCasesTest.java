package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.systole.ir.graph.GraphException;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.passes.PassException;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import dev.systole.trainium.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Cases of passes. A case is one file {@code passes/PASS/CASE.txt}: a dump, a line {@code // ---}, and what the pass makes of it (or
 * {@code // error: } and the message). Lines {@code // passes: a, b}, {@code // target: trn1} and {@code // auto-cast: matmult bf16} at
 * the top say otherwise than the directory, trn2 and none. Where both sides have an interpreter, both must compute the same.
 */
@Execution(ExecutionMode.CONCURRENT)
class PassCasesTest {
    private static final Path CASES = Goldens.ROOT.resolve("passes");
    private static final String BORDER = "// ---\n";
    private static final Pattern OPTION = Pattern.compile("(?m)^// (passes|target|auto-cast): (.*)$");

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        try (var files = Files.walk(CASES)) {
            return files
                    .filter(f -> f.toString().endsWith(".txt"))
                    .sorted()
                    .map(f -> dynamicTest(CASES.relativize(f).toString(), () -> check(f)))
                    .toList()
                    .stream();
        }
    }

    @Test
    void everyPassHasCases() throws IOException {
        var names = new HashSet<String>();
        Compiler.pipeline(options("trn2", AutoCast.NONE, DType.BF16)).forEach(s -> names.add(s.name()));
        for (var name : names) {
            try (var files = Files.list(CASES.resolve(name))) {
                assertThat(files.filter(f -> f.toString().endsWith(".txt")))
                        .as(name)
                        .hasSizeGreaterThanOrEqualTo(5);
            }
        }
    }

    private static CompileOptions options(String target, AutoCast mode, DType type) {
        var file = target.endsWith(".json") ? Goldens.ROOT.resolve(target).toString() : target;
        return CompileOptions.withoutDump(Targets.load(file), mode, type);
    }

    private static Optional<String> option(String text, String name) {
        var options = OPTION.matcher(text);
        while (options.find()) {
            if (options.group(1).equals(name)) {
                return Optional.of(options.group(2).strip());
            }
        }
        return Optional.empty();
    }

    private static void check(Path file) throws IOException {
        var text = Files.readString(file);
        int border = text.indexOf(BORDER);
        var before = border < 0 ? text : text.substring(0, border);
        var cast = option(before, "auto-cast").orElse("none bf16").split(" ");
        var options = options(
                option(before, "target").orElse("trn2"),
                AutoCast.valueOf(cast[0].toUpperCase(java.util.Locale.ROOT)),
                DType.parse(cast[1].replace("fp16", "f16")).orElseThrow());
        var passes = option(before, "passes")
                .orElse(file.getParent().getFileName().toString())
                .split(", *");
        var stages = Arrays.stream(passes).map(p -> stage(options, p)).toList();
        var input = parse(before, file);
        String after;
        try {
            var output = new Compiler(options).apply(stages, input);
            after = output.text();
            assertThat(parse(after, file).text()).as("printed form parses back").isEqualTo(after);
            sameMeaning(input, output);
        } catch (PassException e) {
            after = "// error: " + e.getMessage().replace("\n", "\n// ") + "\n";
        }
        Goldens.check(file, before + BORDER + after);
    }

    private static Stage stage(CompileOptions options, String name) {
        return Compiler.pipeline(options).stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no pass " + name));
    }

    private static Level parse(String text, Path file) {
        return Level.parse(text, file.toString(), Targets::load, Constants.NONE);
    }

    private static void sameMeaning(Level before, Level after) {
        var types = Meanings.inputs(before);
        if (types.isEmpty() || Meanings.inputs(after).isEmpty()) {
            return;
        }
        // The loops of an attention round its weights to 16 bits before they are divided by their sum.
        double relative = before.text().contains("= fused_attention") ? 0x1p-6 : Meanings.RELATIVE;
        for (long seed = 0; seed < 3; seed++) {
            var inputs = Meanings.random(types.get(), new Random(seed));
            List<double[]> expected;
            try {
                expected = Meanings.run(before, inputs);
            } catch (GraphException e) {
                assertThatThrownBy(() -> Meanings.run(after, inputs)).hasMessage(e.getMessage());
                continue;
            }
            Meanings.assertClose("after the pass", Meanings.run(after, inputs), expected, relative);
        }
    }
}
