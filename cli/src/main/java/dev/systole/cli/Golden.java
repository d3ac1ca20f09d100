package dev.systole.cli;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.google.common.hash.Hashing;
import dev.systole.emulator.Emulator;
import dev.systole.frontend.FrontendException;
import dev.systole.ir.text.Literals;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a model became when it was recorded: kept in {@code NAME.golden} beside the model, as {@code golden.json} and dumps to read.
 *
 * @param options of the compile, as the command line takes them
 * @param passes what each pass printed, by hash, the imported model first
 * @param instructions of the program
 * @param busyCycles of each engine
 * @param seconds modelled latency
 * @param nodes instructions and cycles by model node
 * @param outputs of a run on random inputs, by hash
 */
record Golden(
        List<String> options,
        List<Pass> passes,
        long instructions,
        Map<String, Long> busyCycles,
        double seconds,
        long sbufPeakBytesPerPartition,
        int psumPeakBanks,
        long hbmBytes,
        long spilledBytes,
        Map<String, NodeCode> nodes,
        List<Output> outputs) {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .setDefaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL));
    private static final String ENDING = ".golden";
    private static final String FILE = "golden.json";
    private static final String OUTPUTS = "outputs.txt";
    private static final int LONGEST_LINE = 160;
    private static final Pattern START = Pattern.compile(" \\((start marker|for \\w+ starting) at .*", Pattern.DOTALL);

    /** A pass by its place and the hash of what it printed. */
    record Pass(String name, String hash) {}

    /** An output by the hash of its bytes. */
    record Output(String name, String type, String hash) {}

    /** A recording with the dumps that are kept to be read. */
    record Recording(Golden golden, Map<String, String> dumps) {}

    /** Where the golden of a model lies. */
    static Path directory(Path model) {
        var name = model.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return model.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ENDING);
    }

    /** Compiles and runs a model. */
    static Recording of(ModelFile model, List<String> arguments, ModelOptions options) {
        var graph = options.input.bind(model, Map.of()).graph();
        var passes = new ArrayList<Pass>();
        var dumps = new LinkedHashMap<String, String>();
        passes.add(pass("import", new Level.OfGraph(graph), dumps));
        var compile = new CompileOptions(
                options.loadTarget(),
                options.autoCast,
                options.autoCastType,
                (name, level) -> passes.add(pass(name, level, dumps)));
        var compilation = new Compiler(compile).compile(graph);
        var program = compilation.program();
        var inputs = RandomInputs.of(graph, new Random(0));
        try (var emulator = new Emulator(program, Runtime.getRuntime().availableProcessors())) {
            var outputs = emulator.run(inputs);
            var timeline = emulator.timeline();
            var cycles = new TreeMap<String, Long>();
            timeline.engines().forEach((engine, time) -> cycles.put(engine.toString(), time.busyCycles()));
            dumps.put(OUTPUTS, text(outputs));
            return new Recording(
                    new Golden(
                            arguments,
                            passes,
                            program.instructions(),
                            cycles,
                            timeline.seconds(),
                            compilation.sbufPeakBytesPerPartition(),
                            compilation.psumPeakBanks(),
                            program.hbmBytes(),
                            compilation.spilledBytes(),
                            NodeCode.of(program),
                            outputs.entrySet().stream()
                                    .map(e -> new Output(
                                            e.getKey(), e.getValue().type().toString(), Literals.hash(e.getValue())))
                                    .toList()),
                    dumps);
        }
    }

    /** The first, the last, and the one where tiles begin are kept whole. */
    private static Pass pass(String name, Level level, Map<String, String> dumps) {
        var text = level.text();
        if (name.equals("import") || name.equals("tile") || level instanceof Level.OfProgram) {
            dumps.put(name + "." + level.name(), text);
        }
        return new Pass(
                name,
                Hashing.sha256()
                        .hashString(text, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, 16));
    }

    private static String text(Map<String, Tensor> outputs) {
        var text = new StringBuilder();
        outputs.forEach((name, t) -> text.append(name)
                .append(" : ")
                .append(t.type())
                .append(" {")
                .append(Literals.print(t))
                .append("}\n"));
        return text.toString();
    }

    /**
     * Reads the golden of a model.
     *
     * @throws FrontendException if there is none, or it is not what this version writes
     */
    static Golden read(Path model) throws IOException {
        var file = directory(model).resolve(FILE);
        if (!Files.exists(file)) {
            throw new FrontendException("SYS6201", file + ": no such file; record it: systole golden record " + model);
        }
        try {
            var golden = JSON.readValue(Texts.read(file), Golden.class);
            if (golden == null) {
                throw JsonMappingException.from((JsonParser) null, "null");
            }
            return golden;
        } catch (JsonMappingException e) {
            throw e.getCause() instanceof JsonParseException syntax
                    ? noJson(model, syntax)
                    : unreadable(model, e, "has not what this version records" + member(e));
        } catch (JsonProcessingException e) {
            throw noJson(model, e);
        }
    }

    private static FrontendException noJson(Path model, JsonProcessingException e) {
        return unreadable(
                model, e, "is no JSON: " + START.matcher(e.getOriginalMessage()).replaceAll(""));
    }

    private static FrontendException unreadable(Path model, JsonProcessingException e, String why) {
        var at = e.getLocation() == null
                ? ""
                : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
        return new FrontendException(
                "SYS6202",
                directory(model).resolve(FILE) + at + ": " + why + "; record it again: systole golden record " + model);
    }

    /** The place in the file that a member which does not fit has. */
    private static String member(JsonMappingException e) {
        var path = new StringBuilder();
        for (var step : e.getPath()) {
            path.append(step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName());
        }
        return path.isEmpty() ? "" : ": see " + path.substring(path.charAt(0) == '.' ? 1 : 0);
    }

    /** The first line that differs between the dumps beside a model and new ones, of the first dump in which one does. */
    static List<String> firstChange(Path model, Recording recording) throws IOException {
        for (var dump : recording.dumps().entrySet()) {
            var file = directory(model).resolve(dump.getKey());
            if (!dump.getKey().equals(OUTPUTS) && Files.exists(file)) {
                var before = Texts.read(file).lines().toList();
                var after = dump.getValue().lines().toList();
                for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
                    if (i >= before.size()
                            || i >= after.size()
                            || !before.get(i).equals(after.get(i))) {
                        return List.of(file + ":" + (i + 1), "  was" + line(before, i), "  is " + line(after, i));
                    }
                }
            }
        }
        return List.of();
    }

    private static String line(List<String> lines, int index) {
        var line = index < lines.size() ? lines.get(index) : "(end)";
        return "  " + (line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "..." : line);
    }

    /** Writes what differs from what is there. */
    static void write(Path model, Recording recording) throws IOException {
        var directory = Files.createDirectories(directory(model));
        for (var dump : recording.dumps().entrySet()) {
            writeChanged(directory.resolve(dump.getKey()), dump.getValue());
        }
        writeChanged(directory.resolve(FILE), JSON.writeValueAsString(recording.golden()) + "\n");
    }

    private static void writeChanged(Path file, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
            Texts.write(file, text);
        }
    }
}
