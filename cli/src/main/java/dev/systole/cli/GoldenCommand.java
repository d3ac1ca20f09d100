package dev.systole.cli;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.type.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Regression tests for the models of users. */
@Command(
        name = "golden",
        mixinStandardHelpOptions = true,
        description = {
            "Keeps what models become: dumps, instructions, cycles, memory and the outputs of a run, in NAME.golden beside each model.",
            "PATH is a model or a directory, of which every model is taken."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole golden record models --dim batch=1 --target trn2",
            "  systole golden check models --junit report.xml",
            "  systole golden update models/encoder.onnx"
        })
final class GoldenCommand implements Runnable {
    private static final List<String> MODELS = List.of(".onnx", ".sy");

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "record, check or update is missing");
    }

    /** How one model fared. */
    private record Outcome(Path model, Optional<GoldenDifference> difference, double seconds) {}

    @Command(
            name = "record",
            mixinStandardHelpOptions = true,
            description = "Compiles and runs models and keeps what they become, with the options given.")
    int record(@Parameters(paramLabel = "PATH") Path path, @Mixin ModelOptions options) throws IOException {
        var arguments = new ArrayList<String>();
        for (var option : new LinkedHashSet<>(
                spec.commandLine().getParseResult().subcommand().matchedOptions())) {
            option.originalStringValues().forEach(value -> {
                arguments.add(option.longestName());
                arguments.add(value);
            });
        }
        for (var model : models(path)) {
            Golden.write(Golden.directory(model), Golden.of(ModelFile.read(model), arguments, options));
            out().println(model + "   recorded");
        }
        return 0;
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Compiles and runs models with the options they were recorded with; exits with 1 if one became something else.")
    int check(
            @Parameters(paramLabel = "PATH") Path path,
            @Option(names = "--junit", paramLabel = "FILE", description = "writes the outcome as JUnit XML, too")
                    Optional<Path> junit)
            throws IOException {
        var outcomes = new ArrayList<Outcome>();
        for (var model : models(path)) {
            long start = System.nanoTime();
            var was = Golden.read(Golden.directory(model));
            var is = again(model, was).golden();
            var outcome = new Outcome(model, GoldenDifference.between(was, is), (System.nanoTime() - start) / 1e9);
            outcomes.add(outcome);
            print(outcome);
        }
        long changed = outcomes.stream().filter(o -> o.difference().isPresent()).count();
        if (changed > 0) {
            out().println("%d of %d changed. Accept: systole golden update %s"
                    .formatted(changed, outcomes.size(), path));
        }
        if (junit.isPresent()) {
            Texts.write(junit.get(), xml(outcomes));
        }
        return changed == 0 ? 0 : Systole.FAILED;
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Records models again with the options they were recorded with.")
    int update(@Parameters(paramLabel = "PATH") Path path) throws IOException {
        for (var model : models(path)) {
            var directory = Golden.directory(model);
            var was = Golden.read(directory);
            var is = again(model, was);
            Golden.write(directory, is);
            print(new Outcome(model, GoldenDifference.between(was, is.golden()), 0));
        }
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Golden.Recording again(Path model, Golden was) {
        var options = new ModelOptions();
        try {
            new CommandLine(CommandSpec.create().addMixin("model", CommandSpec.forAnnotatedObject(options)))
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .registerConverter(Shape.class, new InputOptions.ShapeConverter())
                    .parseArgs(was.options().toArray(String[]::new));
        } catch (ParameterException e) {
            throw new FrontendException(
                    "SYS6202", Golden.directory(model) + ": the options it was recorded with: " + e.getMessage());
        }
        return Golden.of(ModelFile.read(model), was.options(), options);
    }

    private static List<Path> models(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return List.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw new FrontendException("SYS6203", path + ": no such file or directory");
        }
        try (var files = Files.walk(path)) {
            var models = files.filter(f -> MODELS.stream().anyMatch(f.toString()::endsWith))
                    .sorted()
                    .toList();
            if (models.isEmpty()) {
                throw new FrontendException("SYS6203", path + ": holds no model (.onnx or .sy)");
            }
            return models;
        }
    }

    private void print(Outcome outcome) {
        outcome.difference()
                .ifPresentOrElse(
                        d -> {
                            out().println("%-40s changed   %s".formatted(outcome.model(), d.summary()));
                            d.details().forEach(l -> out().println("    " + l));
                        },
                        () -> out().println("%-40s ok".formatted(outcome.model())));
        out().flush();
    }

    private static String xml(List<Outcome> outcomes) {
        var out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        long failed = outcomes.stream().filter(o -> o.difference().isPresent()).count();
        out.append("<testsuite name=\"systole golden\" tests=\"%d\" failures=\"%d\">%n"
                .formatted(outcomes.size(), failed));
        for (var o : outcomes) {
            out.append(String.format(
                    Locale.ROOT,
                    "  <testcase name=\"%s\" time=\"%.3f\"",
                    escaped(o.model().toString()),
                    o.seconds()));
            out.append(o.difference()
                    .map(d -> ">\n    <failure message=\"%s\">%s</failure>\n  </testcase>\n"
                            .formatted(escaped(d.summary()), escaped(String.join("\n", d.details()))))
                    .orElse("/>\n"));
        }
        return out.append("</testsuite>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
