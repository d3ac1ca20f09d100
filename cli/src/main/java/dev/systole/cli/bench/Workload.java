package dev.systole.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.sy.SyFile;
import dev.systole.ir.graph.Graph;
import java.io.IOException;
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
 * @param model {@code FILE.sy:MODEL}
 * @param dims of the model; none if a table of measurements gives them
 * @param matmulShare the part of the model's matmuls that has to be computed, if that is not all: causal attention needs half
 * @param elementOperations that have to be computed, if those of the model are more
 */
record Workload(
        String name,
        String model,
        Map<String, Long> dims,
        OptionalDouble matmulShare,
        OptionalDouble elementOperations) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Workload {
        dims = Map.copyOf(dims);
    }

    /** All of the model has to be computed. */
    static Workload of(String name, String model, Map<String, Long> dims) {
        return new Workload(name, model, dims, OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** The same with other dimensions. */
    Workload with(Map<String, Long> others) {
        return new Workload(name, model, others, matmulShare, elementOperations);
    }

    /** The directory of the project's own workloads. */
    static Path directory() {
        return Path.of(System.getProperty("systole.home", "."), "testdata", "bench");
    }

    /** Reads a list of workloads. */
    static List<Workload> list(Path file) throws IOException {
        var list = new ArrayList<Workload>();
        for (var entry : JSON.readTree(file.toFile())) {
            var dims = new LinkedHashMap<String, Long>();
            entry.path("dims")
                    .properties()
                    .forEach(d -> dims.put(d.getKey(), d.getValue().asLong()));
            list.add(new Workload(
                    entry.required("name").asText(),
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
        var file = SyFile.read(directory().resolve(parts[0])).only(parts[1]);
        var onnx = file.elaborate(new Bindings(dims, Map.of(), Map.of()));
        return OnnxImporter.read(onnx, Bindings.NONE);
    }
}
