package dev.systole.trainium.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formulas of docs/instruction-set.md for single instructions. */
class CostTest {
    private static Cost cost(String target, String engine, String text) {
        return cost(Targets.load(target), engine, text);
    }

    private static Cost cost(Target target, String engine, String text) {
        var s = new Scanner(text, "test");
        var instruction = Assembler.instruction(s, Assembler.engine(new Scanner(engine, "test")));
        assertThat(s.isAtEnd()).isTrue();
        Limits.check(instruction, target);
        return Cost.of(instruction, target);
    }

    private static double clockHz(String target, String engine) {
        return switch (engine) {
            case "tensor" -> target.equals("trn1") ? 2.8e9 : 2.4e9;
            case "vector" -> target.equals("trn1") ? 1.12e9 : target.equals("trn2") ? 0.96e9 : 1.2e9;
            default -> target.equals("trn1") ? 1.4e9 : 1.2e9;
        };
    }

    @ParameterizedTest(name = "{0} on {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            512  | trn1 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] bf16 (1:128), sbuf[0:128, 512] bf16 (1:512)
            512  | trn2 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] bf16 (1:128), sbuf[0:128, 512] bf16 (1:512)
            512  | trn2 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] tf32 (1:128), sbuf[0:128, 512] tf32 (1:512)
            2304 | trn1 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:512)
            2304 | trn2 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:512)
            64   | trn2 | tensor | nc_matmul psum[0:128, 0] f32 (1:8), sbuf[0:128, 0] bf16 (1:128), sbuf[0:128, 512] bf16 (1:8)
            32   | trn2 | tensor | nc_matmul psum[0:32, 0] f32 (1:8), sbuf[0:128, 0] bf16 (1:32), sbuf[0:128, 512] bf16 (1:8)
            512  | trn1 | tensor | nc_matmul psum[0:128, 0] f32 (1:8), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:8)
            128  | trn2 | tensor | nc_matmul psum[0:128, 0] bf16 (1:128), sbuf[0:128, 0] bf16 (1:128), sbuf[0:128, 512] bf16 (1:128), is_transpose
            256  | trn2 | tensor | nc_matmul psum[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:128), is_transpose
            1084 | trn1 | vector | tensor_tensor sbuf[0:1, 0] f16 (1:512), sbuf[0:1, 4096] f16 (1:512), op=add, sbuf[0:1, 8192] f16 (1:512)
            572  | trn1 | vector | scalar_tensor_tensor sbuf[0:1, 0] bf16 (1:512), sbuf[0:1, 4096] bf16 (1:512), op0=subtract, operand0=1, op1=multiply, sbuf[0:1, 8192] bf16 (1:512)
            2198 | trn2 | gpsimd | tensor_scalar sbuf[0:1, 0] f32 (1:512), sbuf[0:1, 4096] f32 (1:512), op0=rsqrt, operand0=0
            316  | trn3 | scalar | tensor_copy sbuf[0:1, 0] bf16 (1:512), sbuf[0:1, 4096] bf16 (1:512)
            1084 | trn1 | vector | tensor_tensor sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512), op=add, sbuf[0:128, 4096] f32 (1:512)
            1084 | trn2 | vector | tensor_tensor sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512), op=add, sbuf[0:128, 4096] f32 (1:512)
            572  | trn1 | vector | tensor_tensor sbuf[0:128, 0] f32 (1:512), psum[0:128, 0] f32 (1:512), op=add, sbuf[0:128, 4096] f32 (1:512)
            572  | trn2 | vector | tensor_tensor sbuf[0:128, 0] f32 (1:512), psum[0:128, 0] f32 (1:512), op=add, sbuf[0:128, 4096] f32 (1:512)
            572  | trn1 | vector | tensor_tensor sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op=add, sbuf[0:128, 4096] bf16 (1:512)
            1084 | trn1 | vector | tensor_tensor sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (2:512), op=add, sbuf[0:128, 4096] bf16 (1:512)
            572  | trn2 | vector | tensor_tensor sbuf[0:128, 0] bf16 (1:512), psum[0:128, 0] bf16 (1:512), op=add, sbuf[0:128, 4096] bf16 (1:512)
            1084 | trn1 | vector | tensor_tensor sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op=maximum, sbuf[0:128, 4096] bf16 (1:512)
            316  | trn2 | vector | tensor_tensor sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op=add, sbuf[0:128, 4096] bf16 (1:512)
            572  | trn2 | vector | tensor_tensor sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op=maximum, sbuf[0:128, 4096] bf16 (1:512)
            124  | trn2 | vector | tensor_tensor sbuf[0:128, 0] f32 (1:32), sbuf[0:128, 2048] f32 (1:32), op=add, sbuf[0:128, 4096] f32 (1:32)
            2198 | trn2 | gpsimd | tensor_tensor sbuf[0:128, 0] i32 (1:512), sbuf[0:128, 2048] i32 (1:512), op=add, sbuf[0:128, 4096] i32 (1:512)
            572  | trn1 | vector | tensor_scalar sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op0=multiply, operand0=2, op1=add, operand1=1
            188  | trn2 | vector | tensor_scalar sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op0=multiply, operand0=2, op1=add, operand1=1
            316  | trn2 | vector | tensor_scalar sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (2:512), op0=multiply, operand0=2
            316  | trn2 | vector | tensor_scalar psum[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op0=multiply, operand0=2
            572  | trn2 | vector | tensor_scalar sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] bf16 (1:512), op0=multiply, operand0=2
            572  | trn2 | scalar | tensor_scalar sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512), op0=multiply, operand0=2
            572  | trn1 | vector | tensor_copy sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512)
            188  | trn2 | vector | tensor_copy sbuf[0:128, 0] f16 (1:512), sbuf[0:128, 2048] bf16 (1:512)
            662  | trn2 | gpsimd | tensor_copy sbuf[0:128, 0] bf16 (1:512), sbuf[0:128, 2048] bf16 (1:512)
            572  | trn2 | vector | tensor_copy sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 4096] f32 (4:512)
            1084 | trn2 | vector | tensor_copy sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 4096] f32 (5:512)
            1084 | trn1 | vector | tensor_copy sbuf[0:128, 16380] f32 (1:512), sbuf[0:128, 14336] f32 (-5:512)
            316  | trn1 | vector | tensor_reduce sbuf[0:128, 0] bf16 (), op=maximum, sbuf[0:128, 2048] bf16 (1:512), axes=1
            572  | trn1 | vector | tensor_reduce sbuf[0:128, 0] f32 (), op=maximum, sbuf[0:128, 2048] bf16 (1:512), axes=1
            1084 | trn2 | vector | tensor_tensor_scan sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512), sbuf[0:128, 4096] f32 (1:512), initial=0, op0=multiply, op1=add
            1084 | trn2 | vector | scalar_tensor_tensor sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512), op0=multiply, operand0=2, op1=add, sbuf[0:128, 4096] f32 (1:512)
            1084 | trn2 | vector | tensor_copy_predicated sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512), sbuf[0:128, 4096] u8 (1:512)
            572  | trn2 | vector | tensor_copy_predicated sbuf[0:128, 0] f32 (1:512), psum[0:128, 0] f32 (1:512), sbuf[0:128, 4096] u8 (1:512)
            316  | trn1 | vector | memset sbuf[0:128, 0] bf16 (1:512), value=0
            572  | trn1 | vector | memset sbuf[0:128, 0] bf16 (1:512), value=1
            1084 | trn2 | vector | reciprocal sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512)
            64   | trn2 | vector | reciprocal sbuf[0:128, 0] f32 (), sbuf[0:128, 2048] f32 ()
            92   | trn2 | vector | nc_transpose sbuf[0:32, 0] f32 (1:32), sbuf[0:32, 2048] f32 (1:32)
            572  | trn1 | scalar | activation sbuf[0:128, 0] f32 (1:512), op=exp, sbuf[0:128, 2048] f32 (1:512)
            572  | trn2 | scalar | activation sbuf[0:128, 0] bf16 (1:512), op=gelu, psum[0:128, 0] f32 (1:512), scale=2, bias=sbuf[0:128, 2048] f32 ()
            68   | trn2 | scalar | activation sbuf[0:128, 0] f32 (1:8), op=exp, sbuf[0:128, 2048] f32 (1:8)
            636  | trn2 | scalar | activation_reduce sbuf[0:128, 0] f32 (1:512), op=exp, sbuf[0:128, 2048] f32 (1:512), sbuf[0:128, 4096] f32 ()
            662  | trn2 | gpsimd | iota sbuf[0:128, 0] i32 (1:512), offset=0, channel_multiplier=0, pattern=[1]
            662  | trn1 | gpsimd | affine_select sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512), offset=0, channel_multiplier=1, pattern=[-1], cmp_op=greater_equal, on_false=0
            600  | trn2 | vector | memset sbuf[0:128, 0 + r1*4] f32 (1:512), value=1
            600  | trn1 | vector | tensor_copy sbuf[0:128, 0] f32 (1:512), psum[0:128, 0 + r1*4] f32 (1:512)
            1084 | trn2 | vector | memset sbuf[0:128, 0 + r1*4] f32 (1:1024), value=1
            100  | trn2 | sync   | loop_end
            """)
    void issueInterval(double cycles, String target, String engine, String text) {
        assertThat(cost(target, engine, text).issueSeconds() * clockHz(target, engine))
                .isCloseTo(cycles, within(1e-6));
    }

    @ParameterizedTest(name = "{0} on {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            948  | trn1 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] bf16 (1:128), sbuf[0:128, 512] bf16 (1:512)
            2740 | trn2 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:512)
            264  | trn1 | vector | memset sbuf[0:128, 0] f32 (), value=0
            772  | trn2 | scalar | activation sbuf[0:128, 0] f32 (1:512), op=exp, sbuf[0:128, 2048] f32 (1:512)
            """)
    void resultIsSeenByAnotherEngineAfter(double cycles, String target, String engine, String text) {
        assertThat(cost(target, engine, text).resultSeconds() * clockHz(target, engine))
                .isCloseTo(cycles, within(1e-6));
    }

    @ParameterizedTest(name = "{0} ns on {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            1168          | trn1 | dma_copy queue=0, sbuf[0:128, 0] f32 (1:512), hbm[0] f32 (512:128,1:512)
            864           | trn2 | dma_copy queue=0, sbuf[0:128, 0] f32 (1:512), hbm[0] f32 (512:128,1:512)
            864           | trn2 | dma_copy queue=0, hbm[0] f32 (512:128,1:512), sbuf[0:128, 0] f32 (1:512)
            864           | trn2 | dma_copy queue=0, sbuf[0:128, 0] f32 (1:8), hbm[0] f32 (8:128,1:8)
            1990.97872340 | trn1 | dma_copy queue=0, sbuf[0:128, 0] f32 (1:1024), hbm[0] f32 (1024:128,1:1024)
            1424.69565217 | trn2 | dma_copy queue=0, sbuf[0:128, 0] f32 (1:1024), hbm[0] f32 (1024:128,1:1024)
            3456          | trn2 | dma_copy queue=0, sbuf[0:128, 0] f32 (1:512), hbm[0] f32 (512:128,256:4,1:128)
            432           | trn2 | dma_copy queue=0, sbuf[0:4, 0] f32 (1:512), hbm[0] f32 (512:4,1:512)
            864           | trn2 | dma_copy queue=0, sbuf[0:64, 0] f32 (1:512), hbm[0] f32 (512:64,1:512)
            """)
    void transfer(double nanoseconds, String target, String text) {
        var cost = cost(target, "sync", text);
        assertThat(cost.transferSeconds() * 1e9).isCloseTo(nanoseconds, within(1e-6));
        assertThat(cost.issueSeconds() * clockHz(target, "sync")).isCloseTo(64, within(1e-6));
        assertThat(cost.resultSeconds()).isCloseTo(0.7e-6 + 36 / clockHz(target, "sync"), within(1e-15));
    }

    @Test
    void aLargeTransferRunsAtTheRateOfTheEngines() {
        var text = "dma_copy queue=0, sbuf[0:128, 0] f32 (1:8192), hbm[0] f32 (8192:128,1:8192)";
        assertThat(128 * 32768 / cost("trn2", "sync", text).transferSeconds()).isCloseTo(368e9, within(1.0));
        // A row of 32 KiB takes 31 ns beside its bytes.
        assertThat(128 * 32768 / cost("trn1", "sync", text).transferSeconds())
                .isCloseTo(16 / (1 / 18.8e9 + 31e-9 / 32768), within(1.0));
    }

    @ParameterizedTest(name = "{0} on {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            matmul_fp32_pass_overhead_cycles     | 0 | 2048 | tensor | nc_matmul psum[0:128, 0] f32 (1:512), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:512)
            matmul_fp32_pass_overhead_cycles     | 0 | 256  | tensor | nc_matmul psum[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:128), is_moving_onezero
            vector_reciprocal_cycles_per_element | 8 | 4156 | vector | reciprocal sbuf[0:128, 0] f32 (1:512), sbuf[0:128, 2048] f32 (1:512)
            sbuf_psum_access_overhead_cycles     | 0 | 512  | vector | memset sbuf[0:128, 0] f32 (1:512), value=1
            sbuf_psum_access_overhead_cycles     | 0 | 64   | scalar | activation sbuf[0:128, 0] f32 (1:8), op=exp, sbuf[0:128, 2048] f32 (1:8)
            """)
    void aMeasuredParameterIsTheTargets(String key, int value, double cycles, String engine, String text) {
        var target = Targets.parse(
                "{\"name\": \"mine\", \"extends\": \"trn1\", \"values\": {\"%s\": %d}}".formatted(key, value), "test");
        assertThat(cost(target, engine, text).issueSeconds() * clockHz("trn1", engine))
                .isCloseTo(cycles, within(1e-6));
    }

    @Test
    void theNumbersAreTheTargets() {
        var json = Targets.json(Targets.load("trn2"));
        var slow =
                Targets.parse(json.replace("\"vector_clock_hz\": 960000000", "\"vector_clock_hz\": 480000000"), "test");
        var text = "memset sbuf[0:128, 0] f32 (1:480), value=1";
        assertThat(cost(slow, "vector", text).issueSeconds()).isCloseTo(540 / 480e6, within(1e-15));
        assertThat(cost("trn2", "vector", text).issueSeconds()).isCloseTo(540 / 960e6, within(1e-15));
    }
}
