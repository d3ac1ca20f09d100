package dev.systole.cli.bench;

import dev.systole.frontend.FrontendException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kernel that NKIBench measured.
 *
 * @param measuredSeconds of the benchmark's own baseline
 * @param bestKnownSeconds of the best kernel that the paper's search found
 */
record PublishedKernel(
        String name, Map<String, Long> dims, String target, double measuredSeconds, double bestKnownSeconds) {
    /** The benchmark's bound of a kernel takes these rates (AccelOpt, arXiv 2511.15915). */
    private static final double BYTES_PER_SECOND = 410.0 * (1L << 30);

    private static final double VECTOR_OPERATIONS_PER_SECOND = 286.7e9;
    private static final double MATMUL_FLOPS_PER_SECOND = 23.75e12;

    private static final List<String> COLUMNS = List.of("workload", "shape", "target", "measured_ms", "best_known_ms");

    static List<PublishedKernel> read(Path csv) throws IOException {
        return Csv.read(csv, COLUMNS).stream()
                .map(row -> new PublishedKernel(
                        row.get("workload"),
                        dims(csv, row.get("shape")),
                        row.get("target"),
                        Double.parseDouble(row.get("measured_ms")) / 1e3,
                        Double.parseDouble(row.get("best_known_ms")) / 1e3))
                .toList();
    }

    private static Map<String, Long> dims(Path csv, String shape) {
        var dims = new LinkedHashMap<String, Long>();
        for (var dim : shape.split(" ")) {
            var parts = dim.split("=");
            if (parts.length != 2) {
                throw new FrontendException("SYS6302", csv + ": \"" + shape + "\" is no shape such as K=1024 M=4096");
            }
            dims.put(parts[0], Long.parseLong(parts[1]));
        }
        return dims;
    }

    /** The model that stands for the kernel, with its dimensions, if there is one. */
    Optional<Workload> workload(List<Workload> workloads) {
        return workloads.stream()
                .filter(w -> w.name().equals(name))
                .map(w -> w.with(dims))
                .findFirst();
    }

    /** The benchmark's bound: the largest of bytes, element operations and multiply-adds, each at its rate. */
    static double boundSeconds(Roofline roofline) {
        return Math.max(
                roofline.hbmBytes() / BYTES_PER_SECOND,
                Math.max(
                        roofline.elementOperations() / VECTOR_OPERATIONS_PER_SECOND,
                        roofline.matmulFlops() / MATMUL_FLOPS_PER_SECOND));
    }
}
