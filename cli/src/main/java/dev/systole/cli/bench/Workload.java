package dev.systole.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.sy.SyFile;
import dev.systole.ir.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A model that is measured.
 *
 * @param name in the table
 * @param directory that the file of the model lies in
 * @param model {@code FILE.sy} or {@code FILE.sy:MODEL}
 * @param dims of the model; none if a table of measurements gives them
 * @param matmulShare the part of the model's matmuls that has to be computed, if that is not all: causal attention needs half
 * @param elementOperations that have to be computed, if those of the model are more
 */
record Workload(
        String name,
        Path directory,
        String model,
        Map<String, Long> dims,
        OptionalDouble matmulShare,
        OptionalDouble elementOperations) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Workload {
        dims = Map.copyOf(dims);
    }

    /** One of the project's own models, of which everything has to be computed. */
    static Workload of(String name, String model, Map<String, Long> dims) {
        return new Workload(name, own(), model, dims, OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** The same with other dimensions. */
    Workload with(Map<String, Long> others) {
        return new Workload(name, directory, model, others, matmulShare, elementOperations);
    }

    /** The directory of the project's own workloads. */
    static Path own() {
        return Path.of(System.getProperty("systole.home", "."), "testdata", "bench");
    }

    /**
     * Reads a list of workloads, whose models lie beside it.
     *
     * @throws FrontendException if there is no such file, or it lists no workloads
     */
    static List<Workload> list(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FrontendException("SYS6301", file + ": no such file");
        }
        try {
            return list(file, JSON.readTree(file.toFile()));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new FrontendException("SYS6302", file + ": is no list of workloads: " + e.getMessage());
        }
    }

    private static List<Workload> list(Path file, JsonNode json) {
        var list = new ArrayList<Workload>();
        for (var entry : json) {
            var dims = new LinkedHashMap<String, Long>();
            entry.path("dims")
                    .properties()
                    .forEach(d -> dims.put(d.getKey(), d.getValue().asLong()));
            list.add(new Workload(
                    entry.required("name").asText(),
                    file.toAbsolutePath().getParent(),
                    entry.required("model").asText(),
                    dims,
                    number(entry, "matmulShare"),
                    number(entry, "elementOperations")));
        }
        return list;
    }

    private static OptionalDouble number(JsonNode entry, String field) {
        return entry.has(field) ? OptionalDouble.of(entry.get(field).asDouble()) : OptionalDouble.empty();
    }

    /** The imported model. */
    Graph graph() {
        var parts = model.split(":", 2);
        var file = SyFile.read(directory.resolve(parts[0]));
        var one = parts.length == 1 ? file : file.only(parts[1]);
        var onnx = one.elaborate(new Bindings(dims, Map.of(), Map.of()));
        return OnnxImporter.read(onnx, Bindings.NONE);
    }
}
