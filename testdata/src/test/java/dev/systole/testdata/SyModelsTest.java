package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.systole.cli.OnnxRuntimeOracle;
import dev.systole.cli.Systole;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.operator.Operators;
import dev.systole.frontend.sy.SyFile;
import dev.systole.frontend.sy.SyFormatter;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of the language and ONNX models become each other and mean the same, by the interpreter and by ONNX Runtime. */
class SyModelsTest {
    @TempDir
    private Path directory;

    private static void systole(Object... args) {
        var err = new StringWriter();
        var line = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
        int code = Systole.execute(line, new PrintWriter(new StringWriter()), new PrintWriter(err));
        assertThat(code).as("%s", err).isZero();
    }

    private static List<Tensor> inputs(Graph graph) {
        return Meanings.random(
                graph.inputs().stream().map(p -> p.value().type()).toList(), new Random(3));
    }

    private static void assertSame(Graph actual, Graph expected) {
        assertThat(actual.contract()).isEqualTo(expected.contract());
        var inputs = inputs(expected);
        var results = GraphInterpreter.run(actual, inputs);
        var wanted = GraphInterpreter.run(expected, inputs);
        assertThat(results).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.size(); i++) {
            assertThat(results.get(i).sameBytes(wanted.get(i)))
                    .as("output %d", i)
                    .isTrue();
        }
    }

    private static void assertOnnxRuntimeAgrees(OnnxFile file, Graph graph) {
        var inputs = inputs(graph);
        var named = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < inputs.size(); i++) {
            named.put(graph.inputs().get(i).name(), inputs.get(i));
        }
        var expected = GraphInterpreter.run(graph, inputs);
        try (var runtime = new OnnxRuntimeOracle(file, 1)) {
            var results = runtime.run(named);
            for (int i = 0; i < expected.size(); i++) {
                var name = graph.outputs().get(i).name();
                Meanings.assertClose(
                        name,
                        List.of(Meanings.values(results.get(name))),
                        List.of(Meanings.values(expected.get(i))),
                        1e-4);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "convnet", "lstm", "encoder", "decoder"})
    void modelsAreFormatted(String name) throws IOException {
        var text = Files.readString(SyModels.path(name));
        assertThat(SyFormatter.format(SyModels.path(name), text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "convnet", "lstm", "encoder", "decoder"})
    void modelsOfTheLanguageBecomeOnnxAndComeBack(String name) {
        assumeTrue(!name.equals("convnet")
                || Operators.find("Conv").isPresent()
                        && Operators.find("MaxPool").isPresent());
        var onnx = directory.resolve(name + ".onnx");
        var sy = directory.resolve(name + ".sy");
        var again = directory.resolve("again.onnx");
        systole("convert", SyModels.path(name), "--dim", "batch=2", "--dim", "sequence=5", "-o", onnx);
        systole("convert", onnx, "-o", sy);
        systole("convert", sy, "-o", again);
        var graph = SyModels.graph(SyModels.read(name));
        for (var file : List.of(onnx, again)) {
            var converted = OnnxFile.read(file);
            assertSame(SyModels.graph(converted), graph);
            assertOnnxRuntimeAgrees(converted, SyModels.graph(converted));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"attention", "embedding", "integers", "layer-norm", "mlp", "movement", "narrow", "quantised"})
    void onnxModelsBecomeTexts(String name) throws IOException {
        var onnx = TextModels.write(name, directory);
        var sy = directory.resolve(name + ".sy");
        systole("convert", onnx, "-o", sy);
        var text = Files.readString(sy);
        assertThat(SyFormatter.format(sy, text)).isEqualTo(text);
        var graph = OnnxImporter.read(OnnxFile.read(onnx), TextModels.bindings(name));
        var written = SyFile.read(sy).elaborate(SyModels.BINDINGS);
        assertSame(SyModels.graph(written), graph);
    }
}
