package dev.systole.emulator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ScalarE's instructions compute. Values of functions are from 60 digits, rounded to fp32. */
class ScalarInstructionsTest {
    private static void check(String function, int n, String values, String results) {
        Script.check("""
                sbuf[0:1, 0] f32 (1:%2$d) = %3$s
                scalar activation sbuf[0:1, 64] f32 (1:%2$d), op=%1$s, sbuf[0:1, 0] f32 (1:%2$d)
                scalar activation psum[0:1, 64] f32 (1:%2$d), op=%1$s, sbuf[0:1, 0] f32 (1:%2$d), scale=1
                sbuf[0:1, 64] f32 (1:%2$d) : %4$s
                psum[0:1, 64] f32 (1:%2$d) : %4$s
                """.formatted(function, n, values, results));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        #                      -6 -3 -0.5 0.75 2 6
        copy,                  -6 -3 -0.5 0.75 2 6
        square,                36 9 0.25 0.5625 4 36
        sigmoid,               0.0024726233 0.047425874 0.37754068 0.6791787 0.8807971 0.99752736
        relu,                  0 0 0 0.75 2 6
        gelu,                  -5.9195258e-09 -0.004049694 -0.15426877 0.5800295 1.9544997 6
        gelu_dx,               -3.546871e-08 -0.011945647 0.13250488 0.99922574 1.0852318 1
        gelu_apprx_tanh,       -8.439647e-11 -0.003637392 -0.154286 0.5799606 1.9545977 6
        gelu_apprx_sigmoid,    -0.00022035356 -0.01807131 -0.14961156 0.5863901 1.9356586 5.9997797
        gelu_apprx_sigmoid_dx, -0.00033830237 -0.024548324 0.12077809 0.99957156 1.0738153 1.0003383
        silu,                  -0.014835739 -0.14227761 -0.18877034 0.50938404 1.7615942 5.985164
        silu_dx,               -0.012326432 -0.08810411 0.26003882 0.8425999 1.0907842 1.0123265
        tanh,                  -0.9999877 -0.9950548 -0.46211717 0.63514894 0.9640276 0.9999877
        softplus,              0.0024756852 0.048587352 0.474077 1.136871 2.126928 6.0024757
        mish,                  -0.01485408 -0.14564747 -0.22074378 0.6100183 1.943959 5.9999266
        erf,                   -1 -0.9999779 -0.5204999 0.71115565 0.9953223 1
        erf_dx,                2.6173014e-16 0.00013925305 0.8787826 0.64293104 0.020666985 2.6173014e-16
        exp,                   0.0024787523 0.049787067 0.60653067 2.117 7.389056 403.4288
        sign,                  -1 -1 -1 1 1 1
        abs,                   6 3 0.5 0.75 2 6
        """)
    void functionsOfAllNumbers(String function, String results) {
        check(function, 6, "-6 -3 -0.5 0.75 2 6", results);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        log,        5.421011e-20 0.25 1 1.5 1.8446744e+19, -44.36142 -1.3862944 0 0.4054651 44.36142
        sin,        -3.1415925 -1.5 -0.5 2 3.1415925, -1.509958e-07 -0.997495 -0.47942555 0.9092974 1.509958e-07
        arctan,     -1.5707963 -1 -0.3 0.75 1.5707963, -1.0038848 -0.7853982 -0.29145682 0.6435011 1.0038848
        sqrt,       1.2037062e-35 2 3 0.1 3.32307e+35, 3.469447e-18 1.4142135 1.7320508 0.31622776 5.7646075e+17
        rsqrt,      6.4623485e-27 2 3 0.1 1.5845633e+29, 1.2439554e+13 0.70710677 0.57735026 3.1622777 2.5121479e-15
        reciprocal, -4.3980465e+12 -3 0.7 3 4.3980465e+12, -2.2737368e-13 -0.33333334 1.4285715 0.33333334 2.2737368e-13
        """)
    void functionsOfARange(String function, String values, String results) {
        check(function, 5, values, results);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        #                      0         inf -inf
        copy,                  0         inf -inf
        square,                0         inf inf
        sigmoid,               0.5       1   0
        relu,                  0         inf 0
        gelu,                  0         inf -0.0
        gelu_dx,               0.5       1   0
        gelu_apprx_tanh,       0         inf -0.0
        gelu_apprx_sigmoid,    0         inf -0.0
        gelu_apprx_sigmoid_dx, 0.5       1   0
        silu,                  0         inf -0.0
        silu_dx,               0.5       1   0
        softplus,              0.6931472 inf 0
        mish,                  0         inf -0.0
        erf,                   0         1   -1
        erf_dx,                1.1283792 0   0
        exp,                   1         inf 0
        log,                   -inf      inf nan
        sqrt,                  0         inf nan
        rsqrt,                 inf       0   nan
        reciprocal,            inf       0   -0.0
        sign,                  0         1   -1
        abs,                   0         inf inf
        """)
    void functionsOfSpecialNumbers(String function, String results) {
        check(function, 4, "0 inf -inf nan", results + " nan");
    }

    @Test
    void exponentialsLeaveTheRangeOfFp32() {
        check("exp", 6, "88.72283 88.72284 -87.3 -103.97 -104 -1e30", "0x7f7fff84 inf 0x0084c38b 0x00000001 0 0");
        check("sigmoid", 4, "-88 -200 17 100", "0x0041edc4 0 0.99999994 1");
        check("tanh", 4, "9.1 -30 0.001 1e-20", "1 -1 0.00099999966 1e-20");
    }

    @Test
    void sineReducesNothing() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:2) = 20 -20
                scalar activation sbuf[0:1, 8] f32 (1:2), op=sin, sbuf[0:1, 0] f32 (1:2)
                scalar activation sbuf[0:1, 8] f32 (1:2), op=abs, sbuf[0:1, 8] f32 (1:2)
                vector tensor_scalar sbuf[0:1, 8] f32 (1:2), sbuf[0:1, 8] f32 (1:2), op0=greater, operand0=1
                sbuf[0:1, 8] f32 (1:2) : 1 1
                """);
    }

    @Test
    void scaleAndBiasComeFirst() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:3) = 1 2 3 | 4 5 6
                sbuf[0:2, 16] f32 () = 10 | -1
                sbuf[0:2, 20] bf16 () = 0.5 | -100
                scalar activation sbuf[0:2, 64] f32 (1:3), op=copy, sbuf[0:2, 0] f32 (1:3), scale=-2
                sbuf[0:2, 64] f32 (1:3) : -2 -4 -6 | -8 -10 -12
                scalar activation sbuf[0:2, 64] f32 (1:3), op=copy, sbuf[0:2, 0] f32 (1:3), bias=sbuf[0:2, 20] bf16 ()
                sbuf[0:2, 64] f32 (1:3) : 1.5 2.5 3.5 | -96 -95 -94
                scalar activation sbuf[0:2, 64] bf16 (1:3), op=relu, sbuf[0:2, 0] f32 (1:3), scale=sbuf[0:2, 16] f32 ()
                sbuf[0:2, 64] bf16 (1:3) : 10 20 30 | 0 0 0
                scalar activation psum[0:2, 0] i32 (1:3), op=square, sbuf[0:2, 8] f32 (-1:3),
                        scale=sbuf[0:2, 16] f32 (), bias=sbuf[0:2, 20] bf16 ()
                psum[0:2, 0] i32 (1:3) : 930 420 110 | 11236 11025 10816
                """);
    }

    @Test
    void scaleAndBiasAreOneFusedMultiplyAdd() {
        // (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24, of which a rounded product leaves nothing.
        for (int n : new int[] {1, 40}) {
            Script.check("""
                    sbuf[0:1, 0] f32 (1:%1$d) = %1$d*1.000244140625
                    sbuf[0:1, 256] f32 () = -1.00048828125
                    scalar activation sbuf[0:1, 512] f32 (1:%1$d), op=copy, sbuf[0:1, 0] f32 (1:%1$d),
                            scale=1.000244140625, bias=sbuf[0:1, 256] f32 ()
                    sbuf[0:1, 512] f32 (1:%1$d) : %1$d*0x33800000
                    """.formatted(n));
        }
    }

    @Test
    void typesAreCast() {
        Script.check("""
                sbuf[0:1, 0] i8 (1:4) = -128 -1 1 127
                scalar activation sbuf[0:1, 64] u8 (1:4), op=abs, sbuf[0:1, 0] i8 (1:4), scale=2
                scalar activation sbuf[0:1, 72] f16 (1:4), op=square, sbuf[0:1, 0] i8 (1:4), scale=4
                sbuf[0:1, 64] u8 (1:4) : 255 2 2 254
                sbuf[0:1, 72] f16 (1:4) : inf 16 16 inf
                """);
    }

    @Test
    void activationReduceSumsWhatWasNotYetRounded() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:3) = 257 1 -2 | 0.5 0.5 0.5
                sbuf[0:2, 16] f32 () = 1 | 2
                sbuf[0:2, 20] f32 () = 0 | 3
                scalar activation_reduce sbuf[0:2, 64] bf16 (1:3), op=copy, sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 72] f32 ()
                sbuf[0:2, 64] bf16 (1:3) : 256 1 -2 | 3*0.5
                sbuf[0:2, 72] f32 () : 256 | 1.5
                scalar activation_reduce sbuf[0:2, 64] i8 (1:3), op=square, sbuf[0:2, 0] f32 (1:3),
                        scale=sbuf[0:2, 16] f32 (), bias=sbuf[0:2, 20] f32 (), psum[0:2, 0] bf16 ()
                sbuf[0:2, 64] i8 (1:3) : 127 1 4 | 16 16 16
                psum[0:2, 0] bf16 () : 66048 | 48
                """);
    }

    @Test
    void activationReduceSumsInElementOrderFromZero() {
        // 2^27 + 3 and 2^27 + 1 are 2^27 in fp32.
        Script.check("""
                sbuf[0:2, 0] f32 (1:18) = 3*1 134217728 5*1 -134217728 3 1 2 5*1 | 18*-0.0
                scalar activation_reduce sbuf[0:2, 128] f32 (1:18), op=copy, sbuf[0:2, 0] f32 (1:18), sbuf[0:2, 256] f32 ()
                sbuf[0:2, 256] f32 () : 11 | 0
                scalar activation_reduce sbuf[0:2, 128] f32 (1:18), op=exp, sbuf[0:2, 0] f32 (0:18),
                        scale=0, sbuf[0:2, 256] f32 ()
                sbuf[0:2, 256] f32 () : 18 | 18
                """);
    }

    @Test
    void multipliesAndAddsAsVectorDoes() {
        Script.check("""
                psum[0:2, 0] f32 (1:3) = 1 2 3 | 4 5 6
                sbuf[0:2, 16] f32 () = 10 | 20
                scalar tensor_scalar sbuf[0:2, 64] f32 (1:3), psum[0:2, 0] f32 (1:3),
                        op0=multiply, operand0=sbuf[0:2, 16] f32 (), op1=add, operand1=0.5
                sbuf[0:2, 64] f32 (1:3) : 10.5 20.5 30.5 | 80.5 100.5 120.5
                scalar tensor_scalar sbuf[0:2, 64] bf16 (1:3), psum[0:2, 0] f32 (1:3), op0=add, operand0=256
                sbuf[0:2, 64] bf16 (1:3) : 256 258 260 | 260 260 262
                """);
        // Two operators are two roundings: see scaleAndBiasAreOneFusedMultiplyAdd.
        Script.check("""
                sbuf[0:1, 0] f32 (1:20) = 20*1.000244140625
                scalar tensor_scalar sbuf[0:1, 128] f32 (1:20), sbuf[0:1, 0] f32 (1:20),
                        op0=multiply, operand0=1.000244140625, op1=add, operand1=-1.00048828125
                sbuf[0:1, 128] f32 (1:20) : 20*0
                """);
    }
}
