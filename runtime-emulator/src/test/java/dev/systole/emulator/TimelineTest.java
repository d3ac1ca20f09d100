package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Engine;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How instructions of several streams meet in time, each mechanism by a program of a few instructions. Times are in microseconds. */
class TimelineTest {
    private static final Offset<Double> EXACT = within(1e-6);

    /** Cycles of trn1's clocks in a microsecond. */
    private static final double VECTOR = 1120;

    private static final double SCALAR = 1400;

    /** A transfer of 128 rows of 4 KiB on trn1: eight for each engine. */
    private static final double LOAD = 8 * (31e-3 + 4096 / 18.8e3);

    private static final double TRIGGER = 1.3;
    private static final double COMPLETION = 0.7 + 36 / SCALAR;

    private static Timeline timeline(String target, String body) {
        return timeline(Targets.load(target), body);
    }

    private static Timeline timeline(Target target, String body) {
        var text = "program \"p\" for \"any\"\nhbm 8388608\n" + body;
        return Emulator.timeline(Assembler.parse(text, "test", name -> target, Constants.NONE));
    }

    private static Target with(String parent, Map<String, Object> values) {
        var list = new StringBuilder();
        values.forEach((key, value) -> list.append(list.isEmpty() ? "" : ", ")
                .append('"')
                .append(key)
                .append("\": ")
                .append(value));
        return Targets.parse(
                "{\"name\": \"mine\", \"extends\": \"%s\", \"values\": {%s}}".formatted(parent, list), "test");
    }

    private static double waited(Timeline t, Engine engine) {
        return t.engines().get(engine).semaphoreSeconds() * 1e6;
    }

    private static String load(int queue, int partitions, int at, int semaphore) {
        return "dma_copy queue=%d, sbuf[0:%d, %d] f32 (1:1024), hbm[%d] f32 (1024:%d,1:1024) S[%d]+=16\n"
                .formatted(queue, partitions, at, 1024 * at, partitions, semaphore);
    }

    @Test
    void dependentInstructionsOfOneElementStart264CyclesApart() {
        var t = timeline("trn1", """
                core 0 scalar {
                  activation sbuf[0:1, 0] f32 (), op=exp, sbuf[0:1, 4] f32 ()
                  activation sbuf[0:1, 8] f32 (), op=exp, sbuf[0:1, 0] f32 ()
                  activation sbuf[0:1, 12] f32 (), op=exp, sbuf[0:1, 8] f32 ()
                }
                """);
        assertThat(t.seconds() * 1e6).isCloseTo(3 * 264 / SCALAR, EXACT);
        assertThat(t.engines().get(Engine.SCALAR).hazardSeconds() * 1e6).isCloseTo(2 * 200 / SCALAR, EXACT);
    }

    @Test
    void independentInstructionsFollowAtTheirIssueInterval() {
        var t = timeline("trn1", """
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:512), value=1
                  memset sbuf[0:128, 2048] f32 (1:512), value=1
                }
                """);
        assertThat(t.seconds() * 1e6).isCloseTo((2 * 572 + 200) / VECTOR, EXACT);
        assertThat(t.engines().get(Engine.VECTOR).activeSeconds() * 1e6).isCloseTo((2 * 572 + 164) / VECTOR, EXACT);
    }

    @Test
    void anEngineGoesOnOnceASemaphoreThatItAwaitsHasRisen() {
        var t = timeline("trn1", """
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:512), value=1 S[0]+=1
                }
                core 0 scalar {
                  S[0]>=1 activation sbuf[0:128, 0] f32 (1:512), op=exp, sbuf[0:128, 0] f32 (1:512)
                }
                """);
        assertThat(waited(t, Engine.SCALAR)).isCloseTo((572 + 164 + 36) / VECTOR, EXACT);
        assertThat(t.seconds() * 1e6).isCloseTo((572 + 200) / VECTOR + (572 + 200) / SCALAR, EXACT);
    }

    @Test
    void aTransferStartsMovesAndCompletes() {
        var t = timeline("trn1", "core 0 sync {\n" + load(0, 128, 0, 0) + "}");
        assertThat(t.seconds() * 1e6).isCloseTo(64 / SCALAR + TRIGGER + LOAD + COMPLETION, EXACT);
        assertThat(t.dmaBusySeconds() * 1e6).isCloseTo(LOAD, EXACT);
        assertThat(t.hbmBytesRead()).isEqualTo(128 * 4096);
        assertThat(t.hbmBytesWritten()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2"})
    void transfersOfOneQueueFollowEachOtherThoseOfTwoShareTheEngines(int secondQueue, double loads) {
        var t = timeline("trn1", "core 0 sync {\n" + load(0, 128, 0, 0) + load(secondQueue, 128, 4096, 1) + """
                        }
                        core 0 vector {
                          S[0]>=16 event_semaphore
                        }
                        """);
        // The second one is triggered 64 cycles after the first, which has the engines to itself until then.
        double alone = secondQueue == 0 ? 0 : 64 / SCALAR;
        assertThat(waited(t, Engine.VECTOR))
                .isCloseTo(64 / SCALAR + TRIGGER + loads * LOAD - alone + COMPLETION, EXACT);
        assertThat(t.seconds() * 1e6).isCloseTo(64 / SCALAR + TRIGGER + 2 * LOAD + COMPLETION, EXACT);
    }

    @Test
    void fewerPartitionsUseFewerEngines() {
        var t = timeline("trn1", "core 0 sync {\n" + load(0, 16, 0, 0) + "}");
        assertThat(t.seconds() * 1e6).isCloseTo(64 / SCALAR + TRIGGER + LOAD + COMPLETION, EXACT);
        assertThat(t.dmaBusySeconds() * 1e6).isCloseTo(LOAD * 2 / 16, EXACT);
    }

    /** All engines write 16 elements on every partition at a time, at a part of the rate of a copy. */
    @ParameterizedTest
    @CsvSource({
        "'sbuf[0:128, 0] bf16 (1:128)', 'sbuf[0:128, 512] bf16 (1:128)', 128, 0.5",
        "'sbuf[0:128, 0] bf16 (1:512)', 'hbm[0] bf16 (128:16,2048:32,1:128)', 512, 0.9",
        "'sbuf[0:128, 0] bf16 (64:8,1:16)', 'sbuf[0:128, 2048] bf16 (1:128)', 128, 0.5",
        "'sbuf[0:128, 0] bf16 (16:16,1:8)', 'sbuf[0:128, 2048] bf16 (1:128)', 256, 0.5",
    })
    void transposingEnginesWriteTilesTogether(String to, String from, int elements, double efficiency) {
        var t = timeline("trn2", "core 0 sync {\n  dma_transpose queue=0, " + to + ", " + from + "\n}");
        assertThat(t.dmaBusySeconds() * 1e6).isCloseTo(elements * 128 * 2 / (16 * 23e3) / efficiency, EXACT);
    }

    @Test
    void hbmLimitsTheEnginesTogether() {
        var slow = with("trn1", Map.of("hbm_bandwidth_bytes_per_s_per_chip", 2e11));
        var t = timeline(slow, "core 0 sync {\n" + load(0, 128, 0, 0) + "}");
        assertThat(t.seconds() * 1e6).isCloseTo(64 / SCALAR + TRIGGER + 128 * 4096 / 1e5 + COMPLETION, EXACT);
    }

    @ParameterizedTest
    @CsvSource({"trn1, true", "trn2, false"})
    void vectorAndGpSimdTakeTurnsInSbufOnV2(String target, boolean turns) {
        var t = timeline(target, """
                core 0 vector {
                  memset sbuf[0:128, 0] f32 (1:512), value=1
                }
                core 0 gpsimd {
                  memset sbuf[0:128, 4096] f32 (1:512), value=1
                }
                """);
        assertThat(t.engines().get(Engine.GPSIMD).portSeconds() * 1e6).isCloseTo(turns ? 572 / VECTOR : 0, EXACT);
    }

    @ParameterizedTest
    @CsvSource({"trn1, 0, 1, 0", "trn1, 2048, 1, 0", "trn2, 0, 0, 1", "trn2, 2048, 0, 0"})
    void vectorAndScalarShareAPortOfPsumOnV2AndABankLater(String target, int offset, int waits, int slows) {
        var t = timeline(target, """
                core 0 vector {
                  tensor_copy sbuf[0:128, 0] f32 (1:256), psum[0:128, 0] f32 (1:256)
                }
                core 0 scalar {
                  activation sbuf[0:128, 4096] f32 (1:256), op=exp, psum[0:128, %d] f32 (1:256)
                }
                """.formatted(offset));
        double vector = 316 / (target.equals("trn1") ? VECTOR : 960);
        double scalar = 316 / (target.equals("trn1") ? SCALAR : 1200);
        var time = t.engines().get(Engine.SCALAR);
        assertThat(time.portSeconds() * 1e6).isCloseTo(waits * vector, EXACT);
        assertThat(time.busySeconds() * 1e6).isCloseTo(scalar + slows * Math.min(vector, scalar), EXACT);
    }

    @Test
    void theArrayOfV3WorksAtHalfItsRateForThreeMicrosecondsAfterAPause() {
        var matmul =
                "nc_matmul psum[0:128, %d] f32 (1:512), sbuf[0:128, 0] bf16 (1:128), sbuf[0:128, 512] bf16 (1:512)\n";
        var body = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            body.append(matmul.formatted(2048 * (i % 8)));
        }
        double each = 512 / 2400.0;
        double run = 16 * each + 1.5;
        var once = timeline("trn2", "core 0 tensor {\n" + body + "}");
        assertThat(busy(once)).isCloseTo(run, EXACT);
        var v2 = timeline("trn1", "core 0 tensor {\n" + body + "}");
        assertThat(busy(v2)).isCloseTo(16 * 512 / 2800.0, EXACT);
        var pause = "core 0 vector {\nmemset sbuf[0:128, 0] f32 (1:%d), value=1 S[0]+=1\n}\n" + "core 0 tensor {\n"
                + body + "S[0]>=1 " + body + "}";
        assertThat(busy(timeline("trn2", pause.formatted(12000)))).isCloseTo(2 * run, EXACT);
        assertThat(busy(timeline("trn2", pause.formatted(6000)))).isCloseTo(run + 16 * each, EXACT);
    }

    @ParameterizedTest
    @CsvSource({"64, 64, 2048, 576", "64, 64, 0, 1024", "64, 0, 2048, 1024", "128, 0, 2048, 1024"})
    void productsOnDifferentRowTilesRunAtTheSameTime(int rows, int start, int to, int cycles) {
        var matmul =
                "nc_matmul psum[0:128, %d] f32 (1:512), sbuf[%d:%d, 0] bf16 (1:128), sbuf[%d:%d, 512] bf16 (1:512)\n";
        var t = timeline(
                "trn1",
                "core 0 tensor {\n" + matmul.formatted(0, 0, rows, 0, rows)
                        + matmul.formatted(to, start, start + rows, start, start + rows) + "}");
        assertThat(busy(t)).isCloseTo(cycles / 2800.0, EXACT);
    }

    private static double busy(Timeline t) {
        return t.engines().get(Engine.TENSOR).busySeconds() * 1e6;
    }
}
