package dev.systole.testdata;

import static dev.systole.testdata.CommandRun.systole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rooflines that can be computed by hand, and tables that show what fails. */
class BenchTest {
    private static final double TRN2_BF16_FLOPS = 78.6432e12;
    private static final double TRN2_HBM_BYTES = 362.5e9;

    private static final String MODELS = """
            model product(x: bf16[m, k], w: bf16[k, n]) -> (y: bf16[m, n]) { y = x @ w }

            model words(tokens: i64[n]) -> (y: f32[n, 64]) {
              param table: f32[1000, 64] = uniform(-1.0, 1.0)
              y = Gather(table, tokens)
            }

            model rows(x: f32[m, n]) -> (y: f32[m, n]) { y = Softmax(x) }

            model broken(x: f32[m]) -> (y: f32[m]) { y = x + nothing }
            """;

    @TempDir
    private Path directory;

    private JsonNode bench(String... workloads) throws IOException {
        return bench(List.of(), workloads);
    }

    private JsonNode bench(List<String> options, String... workloads) throws IOException {
        Files.writeString(directory.resolve("models.sy"), MODELS);
        var list = Files.writeString(directory.resolve("list.json"), "[" + String.join(",", workloads) + "]");
        var json = directory.resolve("out.json");
        var arguments = new ArrayList<Object>(List.of("bench", "kernels", list, "--json", json));
        arguments.addAll(options);
        assertThat(systole(arguments.toArray()).code()).isZero();
        return new ObjectMapper().readTree(json.toFile()).get("kernels");
    }

    @Test
    void aProductIsBoundByTheArrayOrByItsBytes() throws IOException {
        var rows = bench(
                "{\"name\": \"wide\", \"model\": \"models.sy:product\", \"dims\": {\"m\": 1024, \"k\": 1024, \"n\": 1024}}",
                "{\"name\": \"thin\", \"model\": \"models.sy:product\", \"dims\": {\"m\": 1, \"k\": 1024, \"n\": 1024}}",
                "{\"name\": \"half\", \"model\": \"models.sy:product\", \"dims\": {\"m\": 1024, \"k\": 1024, \"n\": 1024}, \"matmulShare\": 0.5}");
        double wide = 2.0 * 1024 * 1024 * 1024 / TRN2_BF16_FLOPS;
        assertThat(rows.get(0).get("roofline_bound").asText()).isEqualTo("matmul");
        assertThat(rows.get(0).get("roofline_seconds").asDouble()).isCloseTo(wide, within(1e-9));
        assertThat(rows.get(1).get("roofline_bound").asText()).isEqualTo("HBM");
        assertThat(rows.get(1).get("roofline_seconds").asDouble())
                .isCloseTo(2 * (1024 + 1024 * 1024 + 1024) / TRN2_HBM_BYTES, within(1e-12));
        assertThat(rows.get(2).get("roofline_matmul_seconds").asDouble()).isCloseTo(wide / 2, within(1e-9));
        for (var row : rows) {
            assertThat(row.get("ratio").asDouble()).isGreaterThan(1);
            assertThat(row.get("hbm_bytes").asLong())
                    .isGreaterThanOrEqualTo(row.get("roofline_hbm_bytes").asLong());
            assertThat(row.get("sbuf_peak_bytes_per_partition").asLong())
                    .isGreaterThanOrEqualTo(
                            row.get("sbuf_live_bytes_per_partition").asLong());
        }
    }

    @Test
    void whatStoresReadIsLiveUntilTheyAreDone() throws IOException {
        var row = bench("{\"name\": \"rows\", \"model\": \"models.sy:rows\", \"dims\": {\"m\": 2048, \"n\": 2048}}")
                .get(0);
        double live = row.get("sbuf_live_bytes_per_partition").asLong();
        assertThat(live)
                .isGreaterThan(
                        row.get("sbuf_live_in_issue_order_bytes_per_partition").asLong());
        assertThat(row.get("sbuf_peak_bytes_per_partition").asLong()).isBetween((long) live, (long) (1.1 * live));
    }

    @Test
    void whatIsLiveIsUnknownWhereTilesLeaveSbuf() throws IOException {
        var workload =
                "{\"name\": \"large\", \"model\": \"models.sy:product\", \"dims\": {\"m\": 1024, \"k\": 1024, \"n\": 1024}}";
        var target = Files.writeString(
                directory.resolve("small.json"),
                Files.readString(Path.of("targets/small.json"))
                        .replace("\"sbuf_bytes_per_partition\": 4096", "\"sbuf_bytes_per_partition\": 24576")
                        .replace("\"sbuf_bytes_per_neuroncore\": 524288", "\"sbuf_bytes_per_neuroncore\": 3145728"));
        var row = bench(List.of("--target", target.toString()), workload).get(0);
        assertThat(row.has("sbuf_live_bytes_per_partition")).isFalse();
    }

    @Test
    void aTableCountsByTheRowsThatAreRead() throws IOException {
        var row = bench("{\"name\": \"words\", \"model\": \"models.sy:words\", \"dims\": {\"n\": 10}}")
                .get(0);
        assertThat(row.get("roofline_hbm_bytes").asLong()).isEqualTo(10 * 4 + 2 * 10 * 64 * 4);
    }

    @Test
    void whatDoesNotCompileSaysWhyInItsRow() throws IOException {
        var rows = bench(
                "{\"name\": \"broken\", \"model\": \"models.sy:broken\", \"dims\": {\"m\": 4}}",
                "{\"name\": \"thin\", \"model\": \"models.sy:product\", \"dims\": {\"m\": 1, \"k\": 64, \"n\": 64}}");
        assertThat(rows.get(0).get("error").asText()).contains("SYS1503");
        assertThat(rows.get(1).has("modelled_seconds")).isTrue();
    }

    @Test
    void measurementsAreReadFromTables() throws IOException {
        var csv = Files.writeString(directory.resolve("kernels.csv"), """
                workload,shape,target,measured_ms,best_known_ms
                silu,M=128 N=512,trn1,1.0,0.5
                unknown,M=1,trn1,1.0,0.5
                """);
        var json = directory.resolve("out.json");
        assertThat(systole("bench", "published", "--kernels", csv, "--json", json)
                        .code())
                .isZero();
        var rows = new ObjectMapper().readTree(json.toFile()).get("kernels");
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).get("benchmark_bound_seconds").asDouble())
                .isCloseTo(2.0 * 128 * 512 * 4 / (410.0 * (1L << 30)), within(1e-12));
        Files.writeString(csv, "workload,shape\nsilu,M=1\n");
        assertThat(systole("bench", "published", "--kernels", csv).err())
                .contains("SYS6302", "has no column \"target\"");
    }

    @Test
    void theProjectsOwnWorkloadsCanBeImported() throws IOException {
        assertThat(systole("bench", "kernels", "--filter", "matmul 128x*").out())
                .contains("matmul 128x4096x4096");
        var list = Goldens.ROOT.resolve("bench").resolve("kernels.json");
        for (var workload : new ObjectMapper().readTree(list.toFile())) {
            assertThat(workload.get("model").asText()).startsWith("kernels.sy:");
        }
    }
}
