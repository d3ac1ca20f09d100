package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.Assembler;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Programs whose results were wrong once. */
class EmulatorFaultsTest {

    @Test
    void dmaBetweenDifferentPartitionCountsOverruns() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:8) = 1 2 3 4 5 6 7 8
                sbuf[0:2, 64] f32 (1:8) = 16*0
                sync dma_copy queue=0, sbuf[0:2, 64] f32 (1:4), sbuf[0:1, 0] f32 (1:8)
                sbuf[0:2, 64] f32 (1:8) : 1 2 3 4 0 0 0 0 | 5 6 7 8 0 0 0 0
                """);
    }

    @Test
    void dmaBetweenDifferentPartitionCountsLeavesOut() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 5 6 7 8
                sync dma_copy queue=0, sbuf[0:1, 64] f32 (1:8), sbuf[0:2, 0] f32 (1:4)
                sbuf[0:1, 64] f32 (1:8) : 1 2 3 4 5 6 7 8
                """);
    }

    @Test
    void secondOperandIsTheDestination() {
        Script.check("""
                sbuf[0:2, 0] f32 () = 100 | 200
                sbuf[0:2, 4] f32 () = 3 | 4
                vector tensor_scalar sbuf[0:2, 0] f32 (), sbuf[0:2, 4] f32 (), op0=multiply, operand0=2, op1=add,
                    operand1=sbuf[0:2, 0] f32 ()
                sbuf[0:2, 0] f32 () : 106 208
                """);
    }

    @Test
    void integerPowers() {
        Script.check("""
                sbuf[0:1, 0] i32 (1:4) = 2 5 -8 7
                sbuf[0:1, 16] i32 (1:4) = 3 2 1 4
                gpsimd tensor_tensor sbuf[0:1, 32] i32 (1:4), sbuf[0:1, 0] i32 (1:4), op=power, sbuf[0:1, 16] i32 (1:4)
                sbuf[0:1, 32] i32 (1:4) : 8 25 -8 2401
                """);
    }

    @Test
    void rightShiftOfNarrowSignedIntegers() {
        Script.check("""
                sbuf[0:1, 0] i8 (1:2) = -128 64
                vector tensor_scalar sbuf[0:1, 8] i8 (1:2), sbuf[0:1, 0] i8 (1:2), op0=right_shift, operand0=1
                sbuf[0:1, 8] i8 (1:2) : 64 32
                """);
    }

    @Test
    void scalesOfTinyBlocks() {
        Script.check("trn3", """
                gpsimd memset sbuf[0:32, 0] bf16 (1:4), value=2.350988701644575e-38
                vector quantize_mx sbuf[0:32, 64] f8e4m3fnx4 (), sbuf[0:32, 0] bf16 (1:4), sbuf[0:4, 128] u8 ()
                sbuf[0:4, 128] u8 () : 4*0
                """);
    }

    @Test
    void aScaleThatIsNoNumber() {
        Script.check("trn3", """
                gpsimd memset sbuf[0:32, 0] u32 (1:2), value=0
                gpsimd memset sbuf[0:32, 64] u8 (1:2), value=255
                tensor nc_matmul_mx psum[0:2, 0] f32 (1:2), sbuf[0:32, 0] f8e4m3fnx4 (1:2), sbuf[0:32, 0] f8e4m3fnx4 (1:2),
                    sbuf[0:4, 64] u8 (1:2), sbuf[0:4, 64] u8 (1:2)
                psum[0:2, 0] f32 (1:2) : 4*nan
                """);
    }

    @Test
    void integerResultsToFloats() {
        Script.check("""
                sbuf[0:1, 0] i32 (1:2) = 2147483647 -100
                sbuf[0:1, 16] u32 () = 4294967295
                gpsimd tensor_tensor sbuf[0:1, 24] f32 (1:2), sbuf[0:1, 0] i32 (1:2), op=add, sbuf[0:1, 0] i32 (1:2)
                gpsimd tensor_tensor sbuf[0:1, 32] f32 (), sbuf[0:1, 16] u32 (), op=multiply, sbuf[0:1, 16] u32 ()
                sbuf[0:1, 24] f32 (1:3) : -2 -200 1
                """);
    }

    @Test
    void oneRowHasOneNan() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:20) = 20*1
                sbuf[0:1, 128] f32 () = 0x7fc00000
                vector tensor_scalar sbuf[0:1, 256] f32 (1:20), sbuf[0:1, 0] f32 (1:20), op0=subtract,
                    operand0=sbuf[0:1, 128] f32 ()
                sbuf[0:1, 256] f32 (1:20) : 20*0x7fc00000
                """);
    }

    @Test
    void nansAreCanonical() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:2) = inf 0xffc12345
                sbuf[0:1, 64] f32 (1:2) = -inf 0
                vector tensor_tensor sbuf[0:1, 128] f32 (1:2), sbuf[0:1, 0] f32 (1:2), op=add, sbuf[0:1, 64] f32 (1:2)
                sbuf[0:1, 128] f32 (1:2) : 2*0x7fc00000
                """);
    }

    @Test
    void negativeZeroAndTheShortCut() {
        Script.check("""
                sbuf[0:1, 0] f32 () = -0.0
                sbuf[0:1, 64] f32 () = 0
                scalar activation sbuf[0:1, 8] f32 (), op=reciprocal, sbuf[0:1, 0] f32 (), scale=2, bias=sbuf[0:1, 64] f32 ()
                scalar activation sbuf[0:1, 12] f32 (), op=reciprocal, sbuf[0:1, 0] f32 (), scale=1, bias=sbuf[0:1, 64] f32 ()
                sbuf[0:1, 8] f32 (1:2) : inf inf
                """);
    }

    @Test
    void aFailureOfTheRunBefore() {
        var program = Assembler.parse("""
                program "p" for "trn2"
                hbm 262144
                input "s" : f32[16384] as f32 at 0
                input "i" : f32[16384] as f32 at 65536
                core 0 sync {
                  dma_copy queue=0, sbuf[0:128, 0] f32 (1:128), hbm[0] f32 (1:16384) S[0]+=16
                  dma_copy queue=0, sbuf[0:128, 512] f32 (1:128), hbm[65536] f32 (1:16384) S[1]+=16
                }
                core 0 tensor {
                  S[0]>=16 S[1]>=16 nc_matmul psum[0:128, 0] f32 (1:128), sbuf[0:128, 0] f32 (1:128), sbuf[0:128, 512] f32 (1:128), is_transpose
                }
                """, "test", Targets::load, Constants.NONE);
        var zero = new float[16384];
        var identity = new float[16384];
        for (int i = 0; i < 128; i++) {
            identity[i * 129] = 1;
        }
        var s = Tensor.ofFloats(Shape.of(16384), identity);
        try (var emulator = new Emulator(program, 2)) {
            assertThatThrownBy(() -> emulator.run(Map.of("s", s, "i", Tensor.ofFloats(Shape.of(16384), zero))))
                    .hasMessageStartingWith("SYS5007 tensor");
            emulator.run(Map.of("s", s, "i", s));
        }
    }

    @Test
    void movedBelowItsMemory() {
        assertThatThrownBy(() -> Script.check("""
                        sbuf[0:1, 0] i32 () = -1
                        vector register_load dst=r0, sbuf[0:1, 0] i32 ()
                        vector tensor_copy sbuf[0:1, 128] f32 (), sbuf[0:1, 0 + r0*4] f32 ()
                        """))
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5001 vector @1");
    }

    @Test
    void movedFarAboveItsMemory() {
        assertThatThrownBy(() -> Script.check("""
                        sbuf[0:1, 0] i32 () = 100000000
                        vector register_load dst=r0, sbuf[0:1, 0] i32 ()
                        vector tensor_copy sbuf[0:1, 0 + r0*4] f32 (), sbuf[0:1, 0] f32 ()
                        """))
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5001 vector @1");
    }

    @Test
    void theSimulationsZeroIsNoAddress() {
        Script.check("""
                hbm[0] i32 () = 5
                sbuf[0:1, 0] f32 (1:4) = 1 2 3 4
                vector register_load dst=r0, hbm[0] i32 (); register_move dst=r1, value=3;
                    register_alu dst=r2, a=r0, op=subtract, b=r1; tensor_copy sbuf[0:1, 64] f32 (), sbuf[0:1, 0 + r2*4] f32 ()
                sbuf[0:1, 64] f32 () : 3
                """);
    }

    @Test
    void doublesThatDoNotFit() {
        var x = Tensor.allocate(TensorType.of(DType.F64, 1));
        Elements.writeDouble(x.bytes(), 0, DType.F64, 1e300);
        var program = Assembler.parse("""
                program "p" for "trn2"
                hbm 4096
                input "x" : f64[1] as f32 at 0
                core 0 vector { event_semaphore }
                """, "test", Targets::load, Constants.NONE);
        try (var emulator = new Emulator(program, 1)) {
            assertThatThrownBy(() -> emulator.run(Map.of("x", x))).hasMessageStartingWith("SYS5013");
        }
    }

    @Test
    void theStateOfNoGenerator() {
        assertThatThrownBy(() ->
                        Script.check("gpsimd rand_get_state sbuf[0:1, 16] u32 (1:6)\nsbuf[0:1, 16] u32 (1:6) :\n"))
                .hasMessageStartingWith("SYS5015");
    }

    @Test
    void integersToNarrowerIntegers() {
        Script.check("""
                gpsimd iota sbuf[0:1, 0] u8 (1:4), offset=-2, channel_multiplier=0, pattern=[200]
                sbuf[0:1, 0] u8 (1:4) : 0 198 255 255
                sbuf[0:1, 16] i32 (1:2) = 100 -100
                gpsimd tensor_tensor sbuf[0:1, 32] i8 (1:2), sbuf[0:1, 16] i32 (1:2), op=add, sbuf[0:1, 16] i32 (1:2)
                sbuf[0:1, 32] i8 (1:2) : 127 -128
                """);
    }

    @Test
    void choosingKeepsBits() {
        Script.check("""
                sbuf[0:1, 0] i32 (1:2) = 16777217 5
                gpsimd affine_select sbuf[0:1, 8] i32 (1:2), sbuf[0:1, 0] i32 (1:2), offset=0, channel_multiplier=0, pattern=[-1],
                    cmp_op=greater_equal, on_false=7
                sbuf[0:1, 8] i32 (1:2) : 16777217 7
                """);
    }

    @Test
    void tf32ReadsElevenBits() {
        Script.check("""
                sbuf[0:1, 0] f32 () = 0x3f800001
                vector tensor_copy sbuf[0:1, 8] f32 (), sbuf[0:1, 0] tf32 ()
                sbuf[0:1, 8] f32 () : 1
                """);
    }

    @Test
    void theTruthOfOneElement() {
        Script.check("""
                sbuf[0:1, 0] f32 () = 5
                vector tensor_reduce sbuf[0:1, 16] f32 (), op=logical_or, sbuf[0:1, 0] f32 (1:1), axes=1
                sbuf[0:1, 16] f32 () : 1
                """);
    }

    @Test
    void bypassReversed() {
        Script.check("""
                sbuf[0:1, 0] u32 () = 7
                vector tensor_scalar sbuf[0:1, 8] u32 (), sbuf[0:1, 0] u32 (), op0=bitwise_and, operand0=3, reverse1
                sbuf[0:1, 8] u32 () : 3
                """);
    }

    @Test
    void hyperbolicTangentOfNegativeZero() {
        Script.check("""
                sbuf[0:1, 0] f32 () = -0.0
                scalar activation sbuf[0:1, 8] f32 (), op=tanh, sbuf[0:1, 0] f32 ()
                sbuf[0:1, 8] f32 () : -0.0
                """);
    }

    @Test
    void rowsOfHbmThatBeginWithinAStep() {
        Script.check("""
                hbm[0] f32 (1:20) = 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
                sync dma_copy queue=0, sbuf[0:2, 0] f32 (1:6), hbm[0] f32 (8:3,1:4)
                sbuf[0:2, 0] f32 (1:6) : 0 1 2 3 8 9 | 10 11 16 17 18 19
                """);
    }
}
