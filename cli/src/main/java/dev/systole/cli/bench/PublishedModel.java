package dev.systole.cli.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.passes.AssignPrecision.AutoCast;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model that AWS measured.
 *
 * @param image true if the model takes images of a fixed size, false if it takes sequences
 * @param latencySeconds of one batch, end to end on the host
 * @param batchSeconds that a core takes for a batch by the throughput, if that is less: some rows give the throughput of all cores,
 *     some that of one batch after the other
 */
record PublishedModel(
        String name,
        String target,
        long batch,
        String sequenceOrImage,
        boolean image,
        AutoCast autoCast,
        double latencySeconds,
        double batchSeconds) {
    private static final List<String> COLUMNS = List.of(
            "model",
            "target",
            "cores",
            "batch_per_core",
            "sequence_or_image",
            "latency_p50_ms",
            "throughput_per_s",
            "autocast");

    static List<PublishedModel> read(Path csv) throws IOException {
        return Csv.read(csv, COLUMNS).stream().map(PublishedModel::of).toList();
    }

    private static PublishedModel of(Map<String, String> row) {
        long batch = Long.parseLong(row.get("batch_per_core"));
        double latency = Double.parseDouble(row.get("latency_p50_ms")) / 1e3;
        double perCore = Double.parseDouble(row.get("throughput_per_s")) / Long.parseLong(row.get("cores"));
        return new PublishedModel(
                row.get("model"),
                row.get("target"),
                batch,
                row.get("sequence_or_image"),
                row.get("sequence_or_image").contains("x"),
                row.get("autocast").startsWith("Matmult") ? AutoCast.MATMULT : AutoCast.NONE,
                latency,
                Math.min(latency, batch / perCore));
    }

    /** The models that stand for published ones, by the published name. */
    static Map<String, String> architectures() throws IOException {
        return new ObjectMapper()
                .readValue(Workload.own().resolve("architectures.json").toFile(), new TypeReference<>() {});
    }

    String label() {
        return name + " " + batch + "x" + sequenceOrImage;
    }

    Optional<Workload> workload(Map<String, String> architectures) {
        var dims = new LinkedHashMap<String, Long>();
        dims.put("batch", batch);
        if (!image) {
            dims.put("sequence", Long.parseLong(sequenceOrImage));
        }
        return Optional.ofNullable(architectures.get(name)).map(model -> Workload.of(label(), model, dims));
    }
}
