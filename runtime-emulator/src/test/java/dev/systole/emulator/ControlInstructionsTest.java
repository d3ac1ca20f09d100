package dev.systole.emulator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers, loops and branches, and the accesses that registers move. */
class ControlInstructionsTest {
    private static final int LEAST = Integer.MIN_VALUE;

    @ParameterizedTest
    @CsvSource({
        "add, 7, -9, -2",
        "subtract, 7, -9, 16",
        "multiply, 7, -9, -63",
        "add, 2147483647, 1, " + LEAST,
        "subtract, " + LEAST + ", 1, 2147483647",
        "multiply, 65536, 65537, 65536"
    })
    void registersComputeIn32BitsAndWrap(String op, int a, int b, int result) {
        Script.check("""
                hbm[0] i32 () = 99
                sync register_move dst=r1, value=%2$d; register_move dst=r2, value=%3$d;
                    register_alu dst=r3, a=r1, op=%1$s, b=r2; register_store hbm[0] i32 (), src=r3
                vector register_move dst=r63, value=%2$d; register_store sbuf[96:97, 4] i32 (), src=r63
                hbm[0] i32 () : %4$d
                sbuf[96:97, 4] i32 () : %2$d
                """.formatted(op, a, b, result));
    }

    @Test
    void registersBelongToTheirEngineAndBeginAtZero() {
        Script.check("""
                hbm[0] i32 (1:2) = 9 9
                vector register_move dst=r0, value=5
                gpsimd register_store hbm[0] i32 (), src=r0
                vector register_store hbm[4] i32 (), src=r0
                hbm[0] i32 (1:2) : 0 5
                """);
    }

    @Test
    void loopsCountFromStartToBelowStop() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:8) = 8*0
                vector loop_begin register=r0, start=1, stop=6, step=2; memset sbuf[0:1, 0 + r0*4] f32 (), value=7;
                    loop_end
                sbuf[0:1, 0] f32 (1:8) : 0 7 0 7 0 7 0 0
                vector loop_begin register=r0, start=3, stop=3, step=1; memset sbuf[0:1, 0] f32 (1:8), value=1;
                    loop_begin register=r1, start=0, stop=2, step=1; loop_end; loop_end;
                    memset sbuf[0:1, 16] f32 (), value=2
                sbuf[0:1, 0] f32 (1:8) : 0 7 0 7 2 7 0 0
                vector loop_begin register=r0, start=-2, stop=0, step=1; memset sbuf[0:1, 28 + r0*4] f32 (), value=3;
                    loop_end
                sbuf[0:1, 0] f32 (1:8) : 0 7 0 7 2 3 3 0
                """);
    }

    @Test
    void loopsNest() {
        Script.check("""
                hbm[0] i32 () = 9
                gpsimd register_move dst=r2, value=1; loop_begin register=r0, start=0, stop=3, step=1;
                    loop_begin register=r1, start=0, stop=4, step=1; register_alu dst=r2, a=r2, op=add, b=r1;
                    loop_end; register_alu dst=r2, a=r2, op=multiply, b=r1; loop_end;
                    register_store hbm[0] i32 (), src=r2
                hbm[0] i32 () : 261
                """);
        Script.check("""
                gpsimd loop_begin register=r0, start=0, stop=2, step=1;
                    loop_begin register=r1, start=0, stop=3, step=1; register_move dst=r3, value=3;
                    register_alu dst=r2, a=r0, op=multiply, b=r3; register_alu dst=r2, a=r2, op=add, b=r1;
                    iota sbuf[0:2, 0 + r2*4] i32 (), offset=0, channel_multiplier=1, pattern=[]; loop_end; loop_end
                sbuf[0:2, 0] i32 (1:6) : 6*0 | 6*1
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "equal, 0 1 0",
        "not_equal, 1 0 1",
        "greater, 0 0 1",
        "greater_equal, 0 1 1",
        "less, 1 0 0",
        "less_equal, 1 1 0"
    })
    void branchesCompareWithTheirValue(String op, String taken) {
        Script.check("""
                hbm[0] i32 (1:3) = 1 1 1
                vector register_move dst=r0, value=-3; branch register=r0, cmp_op=%1$s, value=-2, target=a;
                    register_store hbm[0] i32 (), src=r9; a: register_move dst=r1, value=-2;
                    branch register=r1, cmp_op=%1$s, value=-2, target=b; register_store hbm[4] i32 (), src=r9;
                    b: register_move dst=r2, value=7; branch register=r2, cmp_op=%1$s, value=-2, target=c;
                    register_store hbm[8] i32 (), src=r9; c: register_move dst=r3, value=0
                hbm[0] i32 (1:3) : %2$s
                """.formatted(op, taken));
    }

    @Test
    void branchesGoBackwards() {
        Script.check("""
                hbm[0] i32 (1:2) = 0 0
                sync register_move dst=r0, value=0; register_move dst=r1, value=1; register_move dst=r2, value=3;
                    again: register_alu dst=r1, a=r1, op=multiply, b=r2;
                    register_alu dst=r0, a=r0, op=subtract, b=r2;
                    branch register=r0, cmp_op=greater, value=-15, target=again;
                    register_store hbm[0] i32 (), src=r1; register_store hbm[4] i32 (), src=r0
                hbm[0] i32 (1:2) : 243 -15
                """);
    }

    @Test
    void registersMoveAccessesOfEveryKind() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                sbuf[0:2, 32] f32 (1:2) = 10 100 | 20 200
                vector register_move dst=r5, value=1;
                    tensor_scalar sbuf[0:2, 64 + r5*8] f32 (1:2), sbuf[0:2, 0 + r5*8] f32 (1:2),
                        op0=multiply, operand0=sbuf[0:2, 32 + r5*4] f32 ()
                sbuf[0:2, 72] f32 (1:2) : 300 400 | 1400 1600
                scalar register_move dst=r5, value=-1;
                    activation psum[0:2, 8 + r5*8] f32 (1:2), op=copy, sbuf[0:2, 8 + r5*-4] f32 (0:2),
                        bias=sbuf[0:2, 36 + r5*4] f32 ()
                psum[0:2, 0] f32 (1:2) : 14 14 | 28 28
                tensor register_move dst=r7, value=2;
                    nc_matmul psum[0:1, 0 + r7*2048] f32 (1:2), sbuf[0:2, 0 + r7*4] f32 (),
                        sbuf[0:2, 28 + r7*2] f32 (1:2)
                psum[0:1, 4096] f32 (1:2) : 170 1700
                """);
        Script.check("""
                hbm[0] f32 (1:8) = 1 2 3 4 5 6 7 8
                sync loop_begin register=r0, start=0, stop=4, step=1;
                    dma_copy queue=1, sbuf[0:1, 16 + r0*-4] f32 (), hbm[0 + r0*8] f32 () S[200]+=16; loop_end
                sync S[200]>=64 event_semaphore
                sbuf[0:1, 4] f32 (1:4) : 7 5 3 1
                """);
    }

    @Test
    void registersAreLoadedFromMemory() {
        Script.check("""
                hbm[0] i32 (1:2) = 3 -1
                hbm[8] f32 (1:4) = 10 20 30 40
                sbuf[32:33, 8] u32 () = 2
                sbuf[0:1, 0] f32 (1:4) = 1 2 3 4
                vector register_load dst=r0, hbm[0] i32 (); register_load dst=r1, sbuf[32:33, 8] u32 ();
                    tensor_copy sbuf[0:1, 16 + r0*4] f32 (), sbuf[0:1, 0 + r1*4] f32 ()
                sync register_load dst=r0, hbm[4] i32 ();
                    dma_copy queue=1, sbuf[0:1, 4 + r0*4] f32 (1:2), hbm[16 + r0*4] f32 (1:2)
                sbuf[0:1, 28] f32 () : 3
                sbuf[0:1, 0] f32 (1:4) : 20 30 3 4
                """);
    }

    @Test
    void aLoadedRegisterMovesLoadsAndStores() {
        Script.check("""
                hbm[0] i32 (1:4) = 2 7 3 11
                sync register_load dst=r0, hbm[0] i32 (); register_load dst=r1, hbm[0 + r0*4] i32 ();
                    register_load dst=r2, hbm[0 + r1*4] i32 (); register_store hbm[0 + r0*2] i32 (), src=r2
                hbm[0] i32 (1:4) : 2 11 3 11
                """);
    }

    @Test
    void loopsCountBetweenRegisters() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:8) = 8*0
                vector register_move dst=r1, value=2; register_move dst=r2, value=7;
                    loop_begin register=r0, start=r1, stop=r2, step=2; memset sbuf[0:1, 0 + r0*4] f32 (), value=7; loop_end;
                    loop_begin register=r0, start=r2, stop=r1, step=1; memset sbuf[0:1, 0] f32 (), value=9; loop_end;
                    loop_begin register=r2, start=0, stop=r1, step=1; memset sbuf[0:1, 0 + r2*4] f32 (), value=1; loop_end
                sbuf[0:1, 0] f32 (1:8) : 1 1 7 0 7 0 7 0
                """);
    }
}
