package dev.systole.cli;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.type.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
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
    private static final Pattern NO_XML =
            Pattern.compile("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "record, check or update is missing");
    }

    /** How a model fared. */
    private sealed interface Result {}

    private record Unchanged() implements Result {}

    private record Recorded() implements Result {}

    private record Changed(GoldenDifference difference) implements Result {}

    /**
     * Neither compiled nor ran, or what was recorded is missing.
     *
     * @param code to exit with
     * @param error as a command prints it
     */
    private record Failed(int code, String error) implements Result {}

    private record Outcome(Path model, Result result, double seconds) {}

    /** What is done with a model. */
    private interface Work {
        Result of(Path model) throws IOException;
    }

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
        return code(each(path, model -> {
            Golden.write(model, Golden.of(ModelFile.read(model), arguments, options));
            return new Recorded();
        }));
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Compiles and runs models with the options they were recorded with; exits with 1 if one became something else or fails.")
    int check(
            @Parameters(paramLabel = "PATH") Path path,
            @Option(names = "--junit", paramLabel = "FILE", description = "writes the outcome as JUnit XML, too")
                    Optional<Path> junit)
            throws IOException {
        var outcomes = each(path, model -> {
            var was = Golden.read(model);
            return result(model, was, again(model, was));
        });
        long changed =
                outcomes.stream().filter(o -> o.result() instanceof Changed).count();
        if (changed > 0) {
            out().println("%d of %d changed. Accept: systole golden update %s"
                    .formatted(changed, outcomes.size(), path));
        }
        if (junit.isPresent()) {
            Texts.write(junit.get(), xml(outcomes));
        }
        return changed > 0 ? Math.max(Systole.FAILED, code(outcomes)) : code(outcomes);
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Records models that changed again, with the options they were recorded with.")
    int update(@Parameters(paramLabel = "PATH") Path path) throws IOException {
        return code(each(path, model -> {
            var was = Golden.read(model);
            var is = again(model, was);
            var result = result(model, was, is);
            Golden.write(model, is);
            return result;
        }));
    }

    /** Does something with every model, whatever comes of those before it. */
    private List<Outcome> each(Path path, Work work) throws IOException {
        var outcomes = new ArrayList<Outcome>();
        for (var model : models(path)) {
            long start = System.nanoTime();
            var result = tried(model, work);
            var outcome = new Outcome(model, result, (System.nanoTime() - start) / 1e9);
            outcomes.add(outcome);
            print(outcome);
        }
        long failed =
                outcomes.stream().filter(o -> o.result() instanceof Failed).count();
        if (failed > 0 && outcomes.size() > 1) {
            out().println("%d of %d failed".formatted(failed, outcomes.size()));
        }
        return outcomes;
    }

    private Result tried(Path model, Work work) {
        try {
            return work.of(model);
        } catch (Exception | OutOfMemoryError e) {
            var error = new StringWriter();
            var arguments = spec.root().commandLine().getParseResult().originalArgs();
            int code = Systole.failure(e, new PrintWriter(error, true), arguments.toArray(String[]::new));
            return new Failed(code, error.toString().stripTrailing());
        }
    }

    private static Result result(Path model, Golden was, Golden.Recording is) throws IOException {
        var difference = GoldenDifference.between(was, is.golden());
        return difference.isEmpty()
                ? new Unchanged()
                : new Changed(difference.get().with(Golden.firstChange(model, is)));
    }

    /** The exit code that failures ask for. */
    private static int code(List<Outcome> outcomes) {
        return outcomes.stream()
                .mapToInt(o -> o.result() instanceof Failed failed ? failed.code() : 0)
                .max()
                .orElse(0);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Golden.Recording again(Path model, Golden was) {
        var options = new ModelOptions();
        try {
            new CommandLine(CommandSpec.create().addMixin("model", CommandSpec.forAnnotatedObject(options)))
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .setExpandAtFiles(false)
                    .registerConverter(Shape.class, new InputOptions.ShapeConverter())
                    .parseArgs(was.options().toArray(String[]::new));
        } catch (ParameterException e) {
            throw new FrontendException(
                    "SYS6202",
                    Golden.directory(model) + ": the options it was recorded with: " + e.getMessage()
                            + "; record it again: systole golden record " + model);
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
            var goldens = new HashMap<Path, Path>();
            for (var model : models) {
                var other = goldens.put(Golden.directory(model), model);
                if (other != null) {
                    throw new FrontendException(
                            "SYS6203",
                            "%s and %s would both be kept in %s; rename one of them"
                                    .formatted(other, model, Golden.directory(model)));
                }
            }
            return models;
        }
    }

    private void print(Outcome outcome) {
        var model = outcome.model();
        switch (outcome.result()) {
            case Unchanged _ -> out().println("%-40s ok".formatted(model));
            case Recorded _ -> out().println("%-40s recorded".formatted(model));
            case Changed(var difference) -> {
                out().println("%-40s changed   %s".formatted(model, difference.summary()));
                difference.details().forEach(l -> out().println("    " + l));
            }
            case Failed failed -> {
                out().println("%-40s failed".formatted(model));
                out().flush();
                spec.commandLine().getErr().println(failed.error());
            }
        }
        out().flush();
    }

    private static String xml(List<Outcome> outcomes) {
        var out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        long failures = outcomes.stream()
                .filter(o -> !(o.result() instanceof Unchanged))
                .count();
        out.append("<testsuite name=\"systole golden\" tests=\"%d\" failures=\"%d\">%n"
                .formatted(outcomes.size(), failures));
        for (var o : outcomes) {
            out.append(String.format(
                    Locale.ROOT,
                    "  <testcase name=\"%s\" time=\"%.3f\"",
                    escaped(o.model().toString()),
                    o.seconds()));
            out.append(
                    switch (o.result()) {
                        case Unchanged _, Recorded _ -> "/>\n";
                        case Changed(var difference) ->
                            failure(difference.summary(), String.join("\n", difference.details()));
                        case Failed failed ->
                            failure(failed.error().lines().findFirst().orElse(""), failed.error());
                    });
        }
        return out.append("</testsuite>\n").toString();
    }

    private static String failure(String message, String text) {
        return ">\n    <failure message=\"%s\">%s</failure>\n  </testcase>\n"
                .formatted(escaped(message), escaped(text));
    }

    private static String escaped(String text) {
        return NO_XML.matcher(text)
                .replaceAll("\uFFFD")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
