package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes into the accumulators of VectorE and ScalarE, and what comes out. */
class AccumulatorsTest {
    // 257 rounds to 256 in bf16.
    @ParameterizedTest
    @CsvSource({"add, 253 | 2", "multiply, 4112 | 1.25", "maximum, 257 | 2.5", "minimum, -4 | -1"})
    void tensorScalarReducesWhatWasNotYetRounded(String op, String results) {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 256 1 -3 -5 | 1.5 0 -1.5 -2
                vector tensor_scalar_reduce sbuf[0:2, 64] bf16 (1:4), sbuf[0:2, 0] f32 (1:4), op0=add, operand0=1,
                    reduce_op=%1$s, sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] bf16 (1:4) : 256 2 -2 -4 | 2.5 1 -0.5 -1
                sbuf[0:2, 128] f32 () : %2$s
                """.formatted(op, results));
    }

    @Test
    void tensorScalarReducesInElementOrder() {
        // 2^27 + 3 and 2^27 + 1 are 2^27 in fp32.
        Script.check("""
                sbuf[0:2, 0] f32 (1:18) = 3*1 134217728 5*1 -134217728 3 1 2 5*1 | 18*-0.0
                sbuf[0:2, 128] f32 () = 1 | 1
                vector tensor_scalar_reduce sbuf[0:2, 256] f32 (1:18), sbuf[0:2, 0] f32 (1:18), op0=multiply,
                    operand0=sbuf[0:2, 128] f32 (), reduce_op=add, sbuf[0:2, 512] bf16 ()
                vector tensor_scalar_reduce sbuf[0:2, 256] f32 (1:3), sbuf[0:2, 0] f32 (1:3), op0=subtract,
                    operand0=9, reverse0, reduce_op=add, psum[0:2, 0] f32 ()
                sbuf[0:2, 512] bf16 () : 11 | 0
                psum[0:2, 0] f32 () : 24 | 27
                sbuf[0:2, 256] f32 (1:3) : 8 8 8 | 9 9 9
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "add, 2 5 9 14, 15 16 17 18",
        "multiply, 2 6 24 120, 120 120 120 120",
        "maximum, 2 3 4 5, 5 5 5 5",
        "minimum, 2 2 2 2, 1 1 1 1",
        "subtract, 2 1 3 2, -1 2 -1 2"
    })
    void cumulativeGoesOnFromTheAccumulator(String op, String reset, String reduce) {
        Script.check("""
                sbuf[0:1, 0] bf16 (1:4) = 1 2 3 4
                vector tensor_scalar_cumulative sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 0] bf16 (1:4), op0=add, imm0=1,
                    op1=%1$s
                vector tensor_scalar_cumulative sbuf[0:1, 96] f32 (1:4), sbuf[0:1, 0] bf16 (0:4), op0=bypass,
                    imm0=0, op1=%1$s, reduce_cmd=reduce
                sbuf[0:1, 64] f32 (1:4) : %2$s
                sbuf[0:1, 96] f32 (1:4) : %3$s
                """.formatted(op, reset, reduce));
    }

    @Test
    void cumulativeLoadsAndStaysInFp32() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:3) = 1 1 1 | 2 3 4
                sbuf[0:2, 16] f32 () = 256 | -1
                sbuf[0:2, 20] f32 () = 1 | 3
                vector tensor_scalar_cumulative sbuf[0:2, 64] bf16 (1:3), sbuf[0:2, 0] f32 (1:3), op0=multiply,
                    imm0=sbuf[0:2, 20] f32 (), op1=add, reduce_cmd=load_reduce, imm1=sbuf[0:2, 16] f32 ()
                sbuf[0:2, 64] bf16 (1:3) : 256 258 260 | 5 14 26
                vector tensor_scalar_cumulative sbuf[0:2, 64] f32 (), sbuf[0:2, 0] f32 (), op0=multiply, imm0=0,
                    op1=add, reduce_cmd=reduce
                sbuf[0:2, 64] f32 () : 259 | 26
                vector tensor_scalar_cumulative sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 8] f32 (-1:3), op0=add, imm0=0,
                    op1=maximum, reduce_cmd=load_reduce, imm1=3.5
                sbuf[0:2, 64] f32 (1:3) : 3.5 3.5 3.5 | 4 4 4
                """);
    }

    @Test
    void exponentialTakesOffTheMaximumFirst() {
        Script.check("trn3", """
                sbuf[0:2, 0] f32 (1:3) = 1 2 3 | 1000 1001 -inf
                sbuf[0:2, 16] f32 () = 3 | 1001
                vector exponential sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 0] f32 (1:3), max_value=sbuf[0:2, 16] f32 (),
                    reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] f32 (1:3) : 0.13533528 0.36787945 1 | 0.36787945 1 0
                sbuf[0:2, 128] f32 () : 1.5032147 | 1.3678794
                vector exponential sbuf[0:2, 64] bf16 (), sbuf[0:2, 16] f32 (), max_value=sbuf[0:2, 16] f32 (),
                    reduce_cmd=reduce, reduce_res=sbuf[0:2, 128] bf16 ()
                sbuf[0:2, 64] bf16 () : 1 | 1
                sbuf[0:2, 128] bf16 () : 2.5 | 2.375
                vector exponential sbuf[0:2, 64] f32 (), sbuf[0:2, 16] f32 (), max_value=0
                sbuf[0:2, 64] f32 () : 20.085537 | inf
                """);
    }

    @Test
    void selectReduceKeepsTheMaximum() {
        Script.check("""
                sbuf[0:2, 0] u8 (1:4) = 1 0 255 0 | 0 0 0 0
                sbuf[0:2, 8] i16 (1:4) = -1 0 0 -32768 | 1 0 1 0
                sbuf[0:2, 16] bf16 (1:4) = 1 2 3 4 | -5 -6 -7 -8
                sbuf[0:2, 32] f32 () = 0.5 | -9
                vector select_reduce sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] u8 (1:4), sbuf[0:2, 16] bf16 (1:4),
                    on_false=sbuf[0:2, 32] f32 (), reduce_cmd=reset_reduce, reduce_res=sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] f32 (1:4) : 1 0.5 3 0.5 | -9 -9 -9 -9
                sbuf[0:2, 128] f32 () : 3 | -9
                vector select_reduce sbuf[0:2, 64] i8 (1:4), sbuf[0:2, 8] i16 (1:4), sbuf[0:2, 16] bf16 (1:4),
                    on_false=-1000, reduce_cmd=reduce, reduce_res=sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] i8 (1:4) : 1 -128 -128 4 | -5 -128 -7 -128
                sbuf[0:2, 128] f32 () : 4 | -5
                vector select_reduce sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] u8 (1:4),
                    sbuf[0:2, 16] bf16 (1:4), on_false=7, reduce_cmd=reset, reduce_res=sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] f32 (1:4) : 1 7 3 7 | 7 7 7 7
                sbuf[0:2, 128] f32 () : -inf | -inf
                """);
    }

    @Test
    void rangeSelectComparesPlacesWithItsBounds() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                sbuf[0:2, 16] f32 (1:2) = 11 13 | 0 12.5
                vector range_select sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), comp_op0=greater_equal,
                    sbuf[0:2, 16] f32 (), comp_op1=less, sbuf[0:2, 20] f32 (), range_start=10, reduce_cmd=reset_reduce,
                    reduce_res=sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] f32 (1:4) : 0xff7fffff 2 3 0xff7fffff | 5 6 7 0xff7fffff
                sbuf[0:2, 128] f32 () : 3 | 7
                vector range_select sbuf[0:2, 64] f16 (1:4), sbuf[0:2, 12] f32 (-1:4), comp_op0=equal,
                    sbuf[0:2, 16] f32 (),
                    comp_op1=not_equal, sbuf[0:2, 20] f32 (), reduce_cmd=reduce, reduce_res=sbuf[0:2, 128] f32 ()
                sbuf[0:2, 64] f16 (1:4) : -inf -inf -inf -inf | 8 -inf -inf -inf
                sbuf[0:2, 128] f32 () : 3 | 8
                """);
    }

    @Test
    void activationsSumIntoTheAccumulator() {
        Script.check("""
                sbuf[32:34, 0] f32 (1:3) = 257 1 -2 | 0.5 0.5 0.5
                scalar activation sbuf[32:34, 64] bf16 (1:3), op=copy, sbuf[32:34, 0] f32 (1:3), reduce_cmd=reset_reduce
                scalar activation sbuf[32:34, 96] f32 (1:3), op=square, sbuf[32:34, 0] f32 (1:3), scale=2,
                    reduce_cmd=reduce
                scalar act_read_accumulator sbuf[32:34, 128] f32 ()
                sbuf[32:34, 64] bf16 (1:3) : 256 1 -2 | 3*0.5
                sbuf[32:34, 96] f32 (1:3) : 264196 4 16 | 3*1
                sbuf[32:34, 128] f32 () : 264472 | 4.5
                scalar activation_reduce sbuf[32:34, 64] f32 (1:2), op=copy, sbuf[32:34, 0] f32 (1:2),
                    sbuf[32:34, 132] f32 ()
                scalar act_read_accumulator psum[32:34, 0] bf16 ()
                sbuf[32:34, 132] f32 () : 258 | 1
                psum[32:34, 0] bf16 () : 258 | 1
                scalar activation sbuf[32:34, 64] f32 (), op=copy, sbuf[32:34, 0] f32 (), reduce_cmd=reset
                scalar act_read_accumulator sbuf[32:34, 128] f32 ()
                sbuf[32:34, 128] f32 () : 0 | 0
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "op0=multiply; imm0=3, add, 3 -6 9, 6, 12",
        "op0=add; imm0=10, maximum, 11 8 13, 13, 13",
        "op0=subtract; imm0=10, minimum, -9 -12 -7, -12, -12",
        "op0=subtract; imm0=10; reverse0, abs_max, 9 12 7, 12, 12",
        "op0=multiply; imm0=2; op1=subtract; imm1=1, abs_min, 1 -5 5, 1, 1",
        "op0=multiply; imm0=2; op1=subtract; imm1=1; reverse1, add, -1 5 -5, -1, -2"
    })
    void activate2HasTwoOperatorsAndAReduction(String operators, String op, String results, String once, String twice) {
        Script.check("trn3", """
                sbuf[0:1, 0] f32 (1:3) = 1 -2 3
                scalar activate2 sbuf[0:1, 64] f32 (1:3), op=copy, sbuf[0:1, 0] f32 (1:3), %1$s, reduce_op=%2$s,
                    reduce_cmd=reset_reduce, reduce_res=sbuf[0:1, 128] f32 ()
                scalar activate2 sbuf[0:1, 96] f32 (1:3), op=copy, sbuf[0:1, 0] f32 (1:3), %1$s, reduce_op=%2$s,
                    reduce_cmd=reduce
                scalar act_read_accumulator sbuf[0:1, 132] f32 ()
                sbuf[0:1, 64] f32 (1:3) : %3$s
                sbuf[0:1, 96] f32 (1:3) : %3$s
                sbuf[0:1, 128] f32 (1:2) : %4$s %5$s
                """.formatted(operators.replace(';', ','), op, results, once, twice));
    }

    @Test
    void activate2TakesColumnsAndFunctions() {
        Script.check("trn3", """
                sbuf[0:2, 0] f32 (1:2) = 1 -2 | 3 4
                sbuf[0:2, 16] f32 (1:2) = 2 1 | -1 0
                scalar activate2 sbuf[0:2, 64] bf16 (1:2), op=relu, sbuf[0:2, 0] f32 (1:2), op0=multiply,
                    imm0=sbuf[0:2, 16] f32 (), op1=add, imm1=sbuf[0:2, 20] f32 ()
                sbuf[0:2, 64] bf16 (1:2) : 3 0 | 0 0
                scalar activate2 sbuf[0:2, 64] f32 (1:2), op=square, sbuf[0:2, 0] f32 (1:2)
                sbuf[0:2, 64] f32 (1:2) : 1 4 | 9 16
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scalar act_read_accumulator sbuf[0:1, 64] f32 ()",
                "scalar activation sbuf[0:1, 64] f32 (), op=copy, sbuf[0:1, 0] f32 (), reduce_cmd=reduce",
                "vector tensor_scalar_cumulative sbuf[0:1, 64] f32 (), sbuf[0:1, 0] f32 (), op0=add, imm0=1, op1=add,"
                        + " reduce_cmd=reduce"
            })
    void anAccumulatorThatNothingResetHoldsNothing(String instruction) {
        assertThatThrownBy(() -> Script.check("sbuf[0:1, 0] f32 () = 1\n" + instruction))
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5014 " + instruction.split(" ")[0] + " @0")
                .hasMessageEndingWith("the accumulator of partition 0 holds nothing; reset it first");
    }
}
