package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.Assembler;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders of the streams that the semaphores allow. */
class InterleavingTest {
    /** Two halves of x go through two engines each, a loop and three queues, and meet again. */
    private static final String PROGRAM = """
            program "p" for "trn2"
            hbm 8192
            input "x" : f32[2,4] as f32 at 0
            output "y" : f32[2,4] as f32 at 4096
            core 0 sync {
              dma_copy queue=0, sbuf[0:1, 0] f32 (1:4), hbm[0] f32 (1:4) S[0]+=16
              dma_copy queue=1, sbuf[0:1, 16] f32 (1:4), hbm[16] f32 (1:4) S[1]+=16
              S[3]>=1 dma_copy queue=2, hbm[4096] f32 (1:8), sbuf[0:1, 0] f32 (1:8) S[4]+=16
            }
            core 0 scalar {
              S[0]>=16 activation sbuf[0:1, 0] f32 (1:4), op=square, sbuf[0:1, 0] f32 (1:4) S[2]+=1
              S[1]>=16 activation sbuf[0:1, 16] f32 (1:4), op=square, sbuf[0:1, 16] f32 (1:4) S[2]+=1
            }
            core 0 vector {
              S[2]>=1 loop_begin register=r0, start=0, stop=3, step=1
              tensor_scalar sbuf[0:1, 0] f32 (1:4), sbuf[0:1, 0] f32 (1:4), op0=add, operand0=1
              loop_end
              S[2]>=2 tensor_tensor sbuf[0:1, 16] f32 (1:4), sbuf[0:1, 0] f32 (1:4), op=add, sbuf[0:1, 16] f32 (1:4) S[3]+=1
            }
            """;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, -1, 1L << 40})
    void resultsDoNotDependOnIt(long seed) {
        var program = Assembler.parse(PROGRAM, "test", Targets::load, Constants.NONE);
        var x = Map.of("x", Tensor.ofFloats(Shape.of(2, 4), 1, 2, 3, 4, 5, 6, 7, 8));
        try (var emulator = new Emulator(program, 1)) {
            var expected = Tensor.ofFloats(Shape.of(2, 4), 4, 7, 12, 19, 29, 43, 61, 83);
            assertThat(emulator.run(x).get("y").sameBytes(expected)).isTrue();
            assertThat(emulator.runInterleaved(x, seed).get("y").sameBytes(expected))
                    .isTrue();
        }
    }

    /** Which of two words a transfer leaves would depend on the order, so the program is refused before any order is tried. */
    @Test
    void ordersThatWouldMatterAreRefused() {
        var racing = PROGRAM.replace("S[3]>=1 dma_copy", "dma_copy");
        var program = Assembler.parse(racing, "test", Targets::load, Constants.NONE);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> new Emulator(program, 1))
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5010");
    }
}
