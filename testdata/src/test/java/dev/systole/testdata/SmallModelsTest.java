package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.emulator.Emulator;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small models ({@code models/NAME.textproto}, {@code sy/NAME.sy}) all the way. What stages of the former print is in {@code goldens/NAME}: the
 * imported graph, tiles, the listing of the program, and the outputs of its run on random inputs; for the latter see {@link GoldenModelsTest}.
 */
class SmallModelsTest {
    private static final int VALUES_A_LINE = 8;

    @TempDir
    private Path directory;

    /** What a compile went through. */
    private record Stages(List<Level> levels, Program program) {}

    @ParameterizedTest
    @ValueSource(
            strings = {"attention", "embedding", "integers", "layer-norm", "mlp", "movement", "narrow", "quantised"})
    void printsRunsAndComesBack(String name) throws IOException {
        var goldens = Goldens.ROOT.resolve("goldens").resolve(name);
        var graph = read(name);
        var levels = compile(graph).levels();
        Goldens.check(goldens.resolve("graph.txt"), graph.toString());
        var tiles = levels.stream()
                .filter(Level.OfTiles.class::isInstance)
                .findFirst()
                .orElseThrow();
        Goldens.check(goldens.resolve("tiles.txt"), tiles.text());
        Goldens.check(goldens.resolve("listing.txt"), levels.getLast().text());
        Goldens.check(goldens.resolve("outputs.txt"), text(goesAllTheWay(graph)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "convnet", "lstm", "encoder", "decoder"})
    void soDoModelsOfTheLanguage(String name) throws IOException {
        goesAllTheWay(SyModels.graph(SyModels.read(name)));
    }

    /** Returns the outputs. */
    private Map<String, Tensor> goesAllTheWay(Graph graph) throws IOException {
        var stages = compile(graph);
        var inputs = Meanings.random(
                graph.inputs().stream().map(p -> p.value().type()).toList(), new Random(7));
        var outputs = run(stages.program(), graph, inputs, 1);
        assertThat(text(run(stages.program(), graph, inputs, 2)))
                .as("with two threads")
                .isEqualTo(text(outputs));
        check(graph, inputs, outputs);
        everyDumpResumes(stages);
        theProgramFileComesBack(stages.program());
        return outputs;
    }

    private Graph read(String name) throws IOException {
        var file = TextModels.write(name, directory);
        return OnnxImporter.read(OnnxFile.read(file), TextModels.bindings(name));
    }

    private static Stages compile(Graph graph) {
        var levels = new ArrayList<Level>();
        levels.add(new Level.OfGraph(graph));
        var options =
                new CompileOptions(Targets.load("trn2"), AutoCast.NONE, DType.BF16, (pass, level) -> levels.add(level));
        return new Stages(levels, new Compiler(options).compile(graph).program());
    }

    private static Map<String, Tensor> run(Program program, Graph graph, List<Tensor> inputs, int threads) {
        var named = new LinkedHashMap<String, Tensor>();
        IntStream.range(0, inputs.size())
                .forEach(i -> named.put(graph.inputs().get(i).name(), inputs.get(i)));
        try (var emulator = new Emulator(program, threads)) {
            return emulator.run(named);
        }
    }

    private static String text(Map<String, Tensor> outputs) {
        var text = new StringBuilder();
        outputs.forEach((name, t) -> {
            text.append(name).append(" : ").append(t.type());
            for (long i = 0; i < t.type().shape().elements(); i++) {
                text.append(i % VALUES_A_LINE == 0 ? "\n " : "").append(' ').append(element(t, i));
            }
            text.append('\n');
        });
        return text.toString();
    }

    private static String element(Tensor t, long i) {
        var dtype = t.type().dtype();
        return dtype.isFloat()
                ? Float.toString(Elements.readFloat(t.bytes(), i, dtype))
                : Long.toString(Elements.readInteger(t.bytes(), i, dtype));
    }

    private static void check(Graph graph, List<Tensor> inputs, Map<String, Tensor> outputs) {
        var expected = GraphInterpreter.run(graph, inputs);
        for (int i = 0; i < expected.size(); i++) {
            var output = outputs.get(graph.outputs().get(i).name());
            assertThat(output.type()).isEqualTo(expected.get(i).type());
            boolean narrow =
                    output.type().dtype().bits() < 32 && output.type().dtype().isFloat();
            Meanings.assertClose(
                    graph.name() + " emulated",
                    List.of(Meanings.values(output)),
                    List.of(Meanings.values(expected.get(i))),
                    narrow ? 0x1p-10 : 2e-5);
        }
    }

    private static void everyDumpResumes(Stages stages) {
        var constants = new HashMap<String, Tensor>();
        for (var level : stages.levels()) {
            level.constants().forEach(t -> constants.put(Literals.hash(t), t));
        }
        Literals.Constants known = (TensorType type, String hash) ->
                Optional.ofNullable(constants.get(hash)).map(t -> new Tensor(type, t.bytes()));
        var options = CompileOptions.withoutDump(Targets.load("trn2"), AutoCast.NONE, DType.BF16);
        var pipeline = Compiler.pipeline(options);
        var last = stages.levels().getLast().text();
        for (int i = 0; i < stages.levels().size(); i++) {
            var text = stages.levels().get(i).text();
            var parsed = Level.parse(text, "dump " + i, Targets::load, known);
            assertThat(parsed.text()).isEqualTo(text);
            var resumed = new Compiler(options).apply(pipeline.subList(i, pipeline.size()), parsed);
            assertThat(resumed.text()).as("resumed from dump %d", i).isEqualTo(last);
        }
    }

    private void theProgramFileComesBack(Program program) throws IOException {
        var first = directory.resolve("first.sx");
        var second = directory.resolve("second.sx");
        ProgramFile.write(program, first);
        ProgramFile.write(ProgramFile.read(first), second);
        assertThat(second).hasSameBinaryContentAs(first);
    }
}
