package dev.systole.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * What a model became when it was recorded: kept in {@code NAME.golden} beside the model, as {@code golden.json} and dumps to read.
 *
 * @param options of the compile, as the command line takes them
 * @param passes what each pass printed, by hash, the imported model first
 * @param instructions of the program
 * @param busyCycles of each engine
 * @param seconds modelled latency
 * @param nodes instructions and cycles by model node
 * @param outputs of a run on the inputs beside the model or on random ones, by hash
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
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String ENDING = ".golden";

    /** A pass by its place and the hash of what it printed. */
    record Pass(String name, String hash) {}

    /** An output by the hash of its bytes. */
    record Output(String name, String type, String hash) {}

    /** A recording with the dumps that are kept to be read. */
    record Recording(Golden golden, Map<String, String> dumps) {}

    /** Where the golden of a model lies. */
    static Path directory(Path model) {
        var name = model.getFileName().toString();
        return model.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ENDING);
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
            dumps.put("outputs.txt", text(outputs));
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

    /** Reads the golden of a model. */
    static Golden read(Path directory) throws IOException {
        var file = directory.resolve("golden.json");
        if (!Files.exists(file)) {
            throw new FrontendException("SYS6201", file + ": no such file; record it: systole golden record");
        }
        try {
            return JSON.readValue(Texts.read(file), Golden.class);
        } catch (JsonProcessingException e) {
            throw new FrontendException(
                    "SYS6202", file + ": is no golden of this version; record it again: " + e.getOriginalMessage());
        }
    }

    static void write(Path directory, Recording recording) throws IOException {
        Files.createDirectories(directory);
        for (var dump : recording.dumps().entrySet()) {
            Texts.write(directory.resolve(dump.getKey()), dump.getValue());
        }
        Texts.write(directory.resolve("golden.json"), JSON.writeValueAsString(recording.golden()) + "\n");
    }
}
