package dev.systole.cli;

import dev.systole.trainium.Level;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a compile shows of its passes. Mutable: one compile. */
final class Dumps {
    private static final String EVERY = "all";

    @Option(
            names = "--dump-ir",
            paramLabel = "DIR",
            description = "writes one numbered file a pass, from which opt --resume goes on")
    private Optional<Path> directory = Optional.empty();

    @Option(
            names = "--print-after",
            paramLabel = "PASS",
            split = ",",
            description = "prints what the pass made; \"all\" is every pass, \"import\" the model before any")
    private List<String> after = List.of();

    @Option(names = "--dump-changed", description = "of the passes that are shown only those that changed something")
    private boolean changed;

    @Option(
            names = "--filter",
            paramLabel = "NODE",
            description = "prints only what comes from model nodes whose names contain this")
    private Optional<String> filter = Optional.empty();

    private int number;
    private String last = "";

    /** Takes what a pass made. */
    void accept(PrintWriter out, String pass, Level level) {
        boolean prints = after.contains(pass) || after.contains(EVERY);
        if (directory.isEmpty() && !prints && !changed) {
            return;
        }
        var text = level.text();
        boolean same = changed && text.equals(last);
        last = text;
        int at = number++;
        if (same) {
            return;
        }
        directory.ifPresent(dir -> write(dir, at, pass, level, text));
        if (prints || changed && after.isEmpty() && directory.isEmpty()) {
            out.println("// after " + pass);
            out.print(filter.map(f -> NodeLines.of(text).containing(f)).orElse(text));
            out.flush();
        }
    }

    private static void write(Path dir, int number, String pass, Level level, String text) {
        try {
            Files.createDirectories(dir);
            Texts.write(dir.resolve("%02d-%s.%s".formatted(number, pass, level.name())), text);
            new DumpConstants(dir).store(level);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
