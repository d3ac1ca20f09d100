package dev.systole.cli.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.sy.SyFile;
import dev.systole.ir.graph.Graph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model that is measured.
 *
 * @param name in the table
 * @param model {@code FILE.sy:MODEL}
 * @param dims of the model
 * @param matmulShare the part of the model's matmuls that has to be computed; absent it is all, causal attention needs half
 */
record Workload(String name, String model, Map<String, Long> dims, Double matmulShare) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Workload {
        dims = Map.copyOf(dims);
        matmulShare = matmulShare == null ? 1.0 : matmulShare;
    }

    /** The directory of the project's own workloads. */
    static Path directory() {
        return Path.of(System.getProperty("systole.home", "."), "testdata", "bench");
    }

    /** Reads a list of workloads. */
    static List<Workload> list(Path file) throws IOException {
        return JSON.readValue(file.toFile(), new TypeReference<>() {});
    }

    /** The imported model. */
    Graph graph() {
        var parts = model.split(":", 2);
        var file = SyFile.read(directory().resolve(parts[0])).only(parts[1]);
        var onnx = file.elaborate(new Bindings(dims, Map.of(), Map.of()));
        return OnnxImporter.read(onnx, Bindings.NONE);
    }
}
