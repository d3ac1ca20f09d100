package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What profile says of a program whose figures can be counted by hand. */
class ProfileTest {
    /** x [128,64] is transposed on the array and multiplied by w [64,32]; the product goes through HBM twice on its way out. */
    private static final String PROGRAM = """
            program "tiny" for "trn2"
            hbm 90112
            input "x" : f32[128,64] as f32 at 0
            input "w" : f32[64,32] as f32 at 32768
            output "y" : f32[128,32] as f32 at 40960
            core 0 tensor {
                   // layers.0/MatMul (MatMul)
                 0 S[3]>=1 S[5]>=16 nc_matmul psum[0:64, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:64), sbuf[0:128, 896] f32 (1:128), is_transpose S[0]+=1
                   // layers.1/MatMul (MatMul)
                 1 S[2]>=1 S[6]>=16 nc_matmul psum[0:128, 2048] f32 (1:32), sbuf[0:64, 2048] f32 (1:128), sbuf[0:64, 768] f32 (1:32) S[0]+=1
            }
            core 0 vector {
                   // layers.1/MatMul (MatMul)
                 0 S[0]>=2 tensor_copy sbuf[0:128, 4096] f32 (1:32), psum[0:128, 2048] f32 (1:32) S[1]+=1
            }
            core 0 scalar {
                   // layers.0/MatMul (MatMul)
                 0 S[0]>=1 tensor_copy sbuf[0:64, 2048] f32 (1:128), psum[0:64, 0] f32 (1:128) S[2]+=1
            }
            core 0 gpsimd {
                   // layers.0/MatMul (MatMul)
                 0 memset sbuf[0:128, 256] f32 (1:128), value=1.0
                 1 affine_select sbuf[0:128, 896] f32 (1:128), sbuf[0:128, 256] f32 (1:128), offset=0, channel_multiplier=1, pattern=[-1], cmp_op=equal, on_false=0.0 S[3]+=1
                   // Identity (Identity)
                 2 S[1]>=1 dma_copy queue=8, hbm[65536] f32 (1:4096), sbuf[0:128, 4096] f32 (1:32) S[7]+=16
                 3 S[7]>=16 dma_copy queue=8, sbuf[0:128, 8192] f32 (1:32), hbm[65536] f32 (1:4096) S[7]+=16
                 4 S[7]>=32 dma_copy queue=8, hbm[40960] f32 (1:4096), sbuf[0:128, 8192] f32 (1:32)
            }
            core 0 sync {
                   // layers.0/MatMul (MatMul)
                 0 dma_copy queue=0, sbuf[0:128, 0] f32 (1:64), hbm[0] f32 (1:8192) S[5]+=16
                   // layers.1/MatMul (MatMul)
                 1 dma_copy queue=1, sbuf[0:64, 768] f32 (1:32), hbm[32768] f32 (1:2048) S[6]+=16
            }
            """;

    @TempDir
    private Path directory;

    private Path program;

    @BeforeEach
    void assemble() throws IOException {
        var text = Files.writeString(directory.resolve("tiny.asm"), PROGRAM);
        program = directory.resolve("tiny.sx");
        systole("asm", text, "-o", program);
    }

    private static String systole(Object... args) {
        var run = CommandRun.systole(args);
        assertThat(run.code()).as(run.err()).isZero();
        return run.out();
    }

    private JsonNode json() throws IOException {
        var file = directory.resolve("profile.json");
        systole("profile", program, "--json", file);
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void bytesAreThoseOfTheTransfers() throws IOException {
        var summary = json().get("summary");
        assertThat(summary.get("hbm_read_bytes").asLong()).isEqualTo(4 * (8192 + 2048 + 4096));
        assertThat(summary.get("hbm_write_bytes").asLong()).isEqualTo(4 * (4096 + 4096));
        assertThat(summary.get("spill_save_bytes").asLong()).isEqualTo(4 * 4096);
        assertThat(summary.get("spill_reload_bytes").asLong()).isEqualTo(4 * 4096);
        assertThat(summary.get("dma_transfer_count").asLong()).isEqualTo(5);
        assertThat(summary.get("psum_write_bytes").asLong()).isEqualTo(4 * (64 * 128 + 128 * 32));
    }

    @Test
    void fp32CountsTwiceAndTransposesCountForTheHardware() throws IOException {
        var summary = json().get("summary");
        long product = 2L * 64 * 128 * 32;
        long transpose = 2L * 128 * 64 * 128;
        assertThat(summary.get("model_flops").asLong()).isEqualTo(product);
        assertThat(summary.get("transpose_flops").asLong()).isEqualTo(2 * transpose);
        assertThat(summary.get("hardware_flops").asLong()).isEqualTo(2 * (product + transpose));
        assertThat(summary.get("matmul_instruction_count").asLong()).isEqualTo(1);
        assertThat(summary.get("transpose_instruction_count").asLong()).isEqualTo(1);
    }

    @Test
    void sharesOfTheRegionsAreTheTimeInWhichSomethingIsUnderWay() throws IOException {
        var json = json();
        double sum = 0;
        for (var region : json.get("regions")) {
            sum += region.get("seconds").asDouble();
        }
        double total = json.get("summary").get("total_time").asDouble();
        assertThat(sum).isBetween(0.1 * total, total);
        assertThat(json.get("regions")).hasSize(3);
    }

    @Test
    void theSummaryPutsLayersTogetherAndSaysWhatBounds() {
        assertThat(systole("profile", program, "--regions", 2))
                .startsWith("tiny on 1 core of trn2, bound by waiting: ")
                .contains("mfu_estimated_percent", "spill_reload_bytes")
                .contains("layers.*/MatMul (MatMul)   2 nodes");
    }

    @Test
    void theTraceHasEveryIssueAndTransferInRowsThatDoNotOverlap() throws IOException {
        var trace = directory.resolve("trace.json");
        systole("profile", program, "--trace", trace);
        Map<Integer, Double> ends = new HashMap<>();
        int spans = 0;
        for (var event : new ObjectMapper().readTree(trace.toFile()).get("traceEvents")) {
            if (event.get("ph").asText().equals("X")) {
                int row = event.get("tid").asInt();
                double begin = event.get("ts").asDouble();
                assertThat(begin).isGreaterThanOrEqualTo(ends.getOrDefault(row, 0.0) - 1e-9);
                ends.put(row, begin + event.get("dur").asDouble());
                spans++;
            }
        }
        assertThat(spans).isEqualTo(11 + 5);
        double total = json().get("summary").get("total_time").asDouble() * 1e6;
        assertThat(ends.values()).allMatch(e -> e <= total);
        assertThat(ends.values().stream().mapToDouble(e -> e).max().orElseThrow())
                .isCloseTo(total, within(0.5 * total));
    }
}
