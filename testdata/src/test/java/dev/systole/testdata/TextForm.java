package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.cli.Systole;
import dev.systole.ir.target.Targets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The forms of text that commands read, each with a command that reads it and the real texts of the project. */
enum TextForm {
    SY("sy", "text.sy", "convert", "FILE", "--dim", "batch=2", "--dim", "sequence=5", "-o", "out.onnx"),
    FORMATTED("sy", "text.sy", "fmt", "--check", "FILE"),
    GRAPH("graph", "text.graph", "opt", "FILE", "--passes", "eliminate-dead-values", "-o", "out.graph"),
    TILE("tiles", "text.tiles", "opt", "FILE", "--passes", "merge-copies", "-o", "out.tiles"),
    CODE("code", "text.code", "opt", "FILE", "--passes", "schedule", "-o", "out.code"),
    ALLOCATED("allocated", "text.allocated", "opt", "FILE", "--passes", "synchronise", "-o", "out.program"),
    ASM("program", "text.asm", "asm", "FILE", "-o", "out.sx"),
    TARGET("json", "text.json", "targets", "FILE"),
    GOLDEN("json", "model.golden/golden.json", "golden", "check", "model.sy");

    private static final String BORDER = "// ---\n";
    static final List<String> MODELS = List.of("mlp", "convnet", "lstm", "encoder", "decoder");
    private static final String CONSTANTS = "constants";
    private static final int LONGEST = 1 << 16;

    private final String level;
    private final String name;
    private final List<String> command;

    TextForm(String level, String name, String... command) {
        this.level = level;
        this.name = name;
        this.command = List.of(command);
    }

    /** How long it may take to refuse a text. A model may make two gigabytes of numbers before something is wrong. */
    long mostMilliseconds() {
        return this == SY ? 30_000 : 2_000;
    }

    /** Where the command finds a text in a directory. */
    Path file(Path directory) {
        return directory.resolve(name);
    }

    /** The command line that reads the text in a directory. */
    String[] command(Path directory) {
        return command.stream()
                .map(word -> word.equals("FILE")
                        ? file(directory).toString()
                        : word.startsWith("out.") || word.startsWith("model.")
                                ? directory.resolve(word).toString()
                                : word)
                .toArray(String[]::new);
    }

    /**
     * Prepares a directory for the command and gives the real texts of this form.
     *
     * @param models whose dumps are among them
     */
    List<String> texts(Path directory, List<String> models) throws IOException {
        Files.createDirectories(file(directory).getParent());
        var texts = switch (this) {
            case SY, FORMATTED -> under(Goldens.ROOT.resolve("sy"), f -> f.endsWith(".sy"));
            case GRAPH, TILE, CODE, ALLOCATED -> dumps(directory, models);
            case ASM -> programs(directory, models);
            case TARGET -> targets();
            case GOLDEN -> {
                Files.copy(SyModels.path("mlp"), directory.resolve("model.sy"));
                yield under(Goldens.ROOT.resolve("sy/mlp.golden"), f -> f.endsWith(".json"));
            }
        };
        return texts.stream().filter(t -> t.length() < LONGEST).toList();
    }

    private static List<String> under(Path directory, Predicate<String> wanted) throws IOException {
        try (var files = Files.walk(directory)) {
            var texts = new ArrayList<String>();
            for (var file :
                    files.filter(f -> wanted.test(f.toString())).sorted().toList()) {
                texts.add(Files.readString(file));
            }
            return texts;
        }
    }

    /** What all passes make of the models, with the constants beside, and both sides of the cases of passes. */
    private List<String> dumps(Path directory, List<String> models) throws IOException {
        var texts = compiled(directory, models);
        for (var text : under(Goldens.ROOT.resolve("passes"), f -> f.endsWith(".txt"))) {
            Stream.of(text.split(BORDER))
                    .map(t -> t.replaceAll("(?m)^// .*\n", ""))
                    .filter(t -> t.startsWith(level + " "))
                    .forEach(texts::add);
        }
        return texts;
    }

    private List<String> compiled(Path directory, List<String> models) throws IOException {
        for (var model : models) {
            var path = SyModels.path(model).toString();
            var dumps = directory.resolve(model);
            var program = directory.resolve(model + ".sx").toString();
            var line = new String[] {
                "compile", path, "--dim", "batch=2", "--dim", "sequence=5", "--dump-ir", dumps.toString(), "-o", program
            };
            var said = new StringWriter();
            assertThat(Systole.execute(line, new PrintWriter(said), new PrintWriter(said)))
                    .as("%s", said)
                    .isZero();
            takeConstants(dumps.resolve(CONSTANTS), directory.resolve(CONSTANTS));
        }
        return under(directory, f -> f.endsWith("." + level));
    }

    /** Constants lie beside the dump that names them. */
    private static void takeConstants(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        if (Files.isDirectory(from)) {
            try (var files = Files.list(from)) {
                for (var file : files.toList()) {
                    Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private List<String> programs(Path directory, List<String> models) throws IOException {
        var texts = compiled(directory, models);
        for (var text : under(Goldens.ROOT.resolve("asm"), f -> f.endsWith(".asm"))) {
            texts.add("program \"p\" for \"trn3\" hbm 4194304\n"
                    + text.replaceAll("(?m)^(given |expect |refused |targets: ).*\n", ""));
        }
        return texts;
    }

    private static List<String> targets() throws IOException {
        var texts = new ArrayList<>(List.of("""
                {"name": "mine", "extends": "trn2", "values": {"sbuf_bytes_per_partition": 98304},
                 "assumption": {"sbuf_bytes_per_partition": "half of it"}}
                """));
        for (var name : Targets.builtIn()) {
            try (var in = Targets.class.getResourceAsStream(name + ".json")) {
                texts.add(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .replace("\"name\": \"" + name, "\"name\": \"my-" + name));
            }
        }
        return texts;
    }
}
