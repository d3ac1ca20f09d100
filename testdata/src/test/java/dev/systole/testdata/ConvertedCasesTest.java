package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.cli.Systole;
import dev.systole.frontend.array.SafeTensors;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.frontend.sy.SyFile;
import dev.systole.frontend.sy.SyWriter;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cases of the ONNX project, written in the model language and back: what passed passes. A sample of all, and all with graphs, sequences
 * and optionals. {@code -Dsystole.shared} names the directory that holds {@code onnx-conformance}.
 */
class ConvertedCasesTest {
    private static final int STEP = 12;
    private static final Set<String> STRUCTURED = Set.of("If", "Loop", "Scan", "SequenceMap");

    @TempDir
    private Path directory;

    private static Path cases() {
        var shared = System.getProperty("systole.shared", "");
        var cases = Path.of(shared).resolve("onnx-conformance");
        if (shared.isBlank() || !Files.isDirectory(cases)) {
            System.err.println("[WARNING] ConvertedCasesTest is skipped: no -Dsystole.shared with onnx-conformance");
            abort("no cases");
        }
        return cases;
    }

    private static List<Path> sample(Path root) throws IOException {
        var sample = new ArrayList<Path>();
        int at = 0;
        for (var line : Files.readAllLines(root.resolve("MANIFEST.csv"))) {
            var columns = line.split(",");
            var operators = new HashSet<>(List.of(columns[3].split("[; ]")));
            boolean structured = operators.stream()
                    .anyMatch(o -> STRUCTURED.contains(o) || o.startsWith("Sequence") || o.startsWith("Optional"));
            if ((structured || at++ % STEP == 0)
                    && Files.isRegularFile(
                            root.resolve(columns[0]).resolve(columns[1]).resolve("model.onnx"))) {
                sample.add(Path.of(columns[0], columns[1]));
            }
        }
        return sample;
    }

    private static void copy(Path source, Path target) throws IOException {
        try (var files = Files.walk(source)) {
            for (var file : files.toList()) {
                var to = target.resolve(source.relativize(file));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    /** The results of all cases under a directory, by the graph's interpreter. */
    private static Map<Path, JsonNode> results(Path cases) throws IOException {
        var json = cases.resolve("results.json");
        Systole.execute(
                new String[] {"conformance", cases.toString(), "--interpreter", "--json", json.toString()},
                new PrintWriter(new StringWriter()),
                new PrintWriter(new StringWriter()));
        var results = new HashMap<Path, JsonNode>();
        new ObjectMapper()
                .readTree(json.toFile())
                .forEach(r -> results.put(
                        Path.of(r.get("group").asText(), r.get("case").asText()), r));
        return results;
    }

    @Test
    void passAgain() throws IOException {
        var root = cases();
        var sample = sample(root);
        assertThat(sample).hasSizeGreaterThan(100);
        for (var test : sample) {
            copy(root.resolve(test), directory.resolve(test));
        }
        var before = results(directory);
        var passed = new ArrayList<Path>();
        for (var test : sample) {
            if (before.get(test).get("status").asText().equals("passed")) {
                passed.add(test);
                convert(directory.resolve(test), before.get(test).get("bound"));
            }
        }
        var after = results(directory);
        assertThat(passed)
                .hasSizeGreaterThan(100)
                .allSatisfy(test -> assertThat(after.get(test).get("status").asText())
                        .as("%s: %s", test, after.get(test).get("reason"))
                        .isEqualTo("passed"));
    }

    /** Puts what a model becomes in its place. */
    private static void convert(Path test, JsonNode bound) throws IOException {
        var model = test.resolve("model.onnx");
        var file = OnnxFile.read(model);
        var written = SyWriter.write(file, "model.safetensors");
        SafeTensors.write(test.resolve("model.safetensors"), written.weights());
        var sy = SyFile.read(Files.writeString(test.resolve("model.sy"), written.text()));
        var bindings = bindings(test.resolve("test_data_set_0"), file, sy, bound);
        Files.write(model, sy.elaborate(bindings).serialized());
    }

    /** What the set of data says of the inputs; values of those that are bound. */
    private static Bindings bindings(Path set, OnnxFile file, SyFile sy, JsonNode bound) throws IOException {
        var known = new HashSet<String>();
        bound.forEach(b -> known.add(b.asText()));
        var names = OnnxImporter.inputs(file);
        var shapes = new HashMap<String, Shape>();
        var values = new HashMap<String, Tensor>();
        for (int i = 0; i < names.size(); i++) {
            var path = set.resolve("input_" + i + ".pb");
            if (!Files.isRegularFile(path) || Files.size(path) == 0) {
                continue;
            }
            var tensors = tensors(path, file, names.get(i), sy.inputs().get(i));
            if (known.contains(names.get(i))) {
                values.putAll(tensors);
            } else {
                tensors.forEach((name, tensor) -> shapes.put(name, tensor.type().shape()));
            }
        }
        return new Bindings(Map.of(), shapes, values);
    }

    /** The tensors of an input by their names in the text. */
    private static Map<String, Tensor> tensors(Path path, OnnxFile file, String input, String name) {
        var type = file.model().getGraph().getInputList().stream()
                .filter(p -> p.getName().equals(input))
                .findFirst()
                .orElseThrow()
                .getType();
        var optional = type.hasOptionalType();
        if (type.hasSequenceType()
                || optional && type.getOptionalType().getElemType().hasSequenceType()) {
            var sequence = optional ? OnnxFile.readOptional(path).getSequenceValue() : OnnxFile.readSequence(path);
            var tensors = new HashMap<String, Tensor>();
            for (int i = 0; i < sequence.getTensorValuesCount(); i++) {
                tensors.put(OnnxImporter.element(name, i), tensor(path, sequence.getTensorValues(i)));
            }
            return tensors;
        }
        if (!optional) {
            return Map.of(name, tensor(path, OnnxFile.readTensor(path)));
        }
        var content = OnnxFile.readOptional(path);
        return content.hasTensorValue() ? Map.of(name, tensor(path, content.getTensorValue())) : Map.of();
    }

    private static Tensor tensor(Path path, TensorProto proto) {
        return OnnxTensors.of(proto, path.toString(), path.getParent());
    }
}
