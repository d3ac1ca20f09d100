package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ArithmeticOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
        # An integer to a whole power is exact, to another one truncated.
        Pow@13 : i32[2] 7 -3; f32[2] 10 3 => i32[2] 282475249 -27
        Pow@13 : i64[3] 7 2 100; f32[3] 20 -1 0.5 => i64[3] 79792266297612001 0 10
        Pow@13 : i32[3] 3 -1 2; i64[3] 20 4294967297 0 => i32[3] -808182895 -1 1
        Pow@12 : f16[2] 2 3; i32[2] 10 -1 => f16[2] 1024 0.333251953125
        Pow@13 : f64[1] 2; f32[1] 0.5 => f64[1] 1.4142135623
        Pow@15 : f32[1,2] 2 3; bf16[2,1] 2 1 => f32[2,2] 4 9 2 3
        Pow@13 : f32[2] 2 3; u8[2] 3 2 => f32[2] 8 9

        # The remainder has the sign of the divisor or, with fmod, of the dividend.
        Mod@13 : i32[6] -4 7 5 4 -7 8; i32[6] 2 -3 8 -2 3 5 => i32[6] 0 -2 5 0 2 3
        Mod@10 : i8[4] 7 -7 7 -7; i8[4] 3 3 -3 -3 => i8[4] 1 2 -2 -1
        Mod@10 : i8[1] -128; i8[1] -1 => i8[1] 0
        Mod@13 : i64[2] -9223372036854775807 5; i64[] 7 => i64[2] 0 5
        Mod@13 : u8[2,1] 250 7; u8[2] 7 255 => u8[2,2] 5 250 0 7
        Mod@13 fmod=1 : i64[4] 7 -7 7 -7; i64[4] 3 3 -3 -3 => i64[4] 1 -1 1 -1
        Mod@13 fmod=1 : f32[4] 7.5 -7.5 5 -5; f32[4] 2 2 inf -3 => f32[4] 1.5 -1.5 5 -2
        Mod@13 fmod=1 : f32[3] inf 1 nan; f32[3] 2 0 1 => f32[3] nan nan nan
        Mod@10 fmod=1 : f16[2] 5.5 -5.5; f16[] 4 => f16[2] 1.5 -1.5

        BitShift@11 direction=LEFT : u8[3] 1 255 3; u8[3] 7 1 9 => u8[3] 128 254 0
        BitShift@11 direction=RIGHT : u64[2] 256 1; u64[] 8 => u64[2] 1 0
        BitShift@11 direction=RIGHT : u32[2,1] 4294967295 8; u32[2] 31 0 => u32[2,2] 1 4294967295 0 8

        # Signed shifts to the right keep the sign; counts that are negative or too large shift everything out.
        BitShift@28 direction=RIGHT : i8[6] -128 -1 7 -7 -7 7; i8[6] 1 7 1 8 -1 -1 => i8[6] -64 -1 3 -1 -1 0
        BitShift@28 direction=LEFT : i32[4] -1 1 3 5; i32[4] 31 31 -1 32 => i32[4] -2147483648 -2147483648 0 0
        BitShift@28 direction=RIGHT : i64[2] -5 5; i64[] 1 => i64[2] -3 2

        # From opset 28 on the quotient of floats may be rounded down.
        Mod@28 : f32[6] 7.5 -7.5 7.5 -7.5 4 -4; f32[6] 2 2 -2 -2 -2 2 => f32[6] 1.5 0.5 -0.5 -1.5 0 0
        Mod@28 : f32[6] 3 -3 inf 1 nan 0; f32[6] inf inf 2 0 1 -3 => f32[6] 3 inf nan nan nan 0
        Mod@28 : f16[2] -5.5 5.5; f16[] 4 => f16[2] 2.5 1.5

        Clip@12 : u8[3] 1 100 255; u8[] 10; u8[1] 200 => u8[3] 10 100 200
        Clip@13 : bf16[2] -2 5; none; bf16[] 1 => bf16[2] -2 1
        Clip@11 : f64[2,1] nan 7; f64[] 0; f64[] 1 => f64[2,1] nan 1

        IsNaN@9 : f32[4] nan 0 inf -1 => bool[4] 1 0 0 0
        IsNaN@20 : f8e4m3fn[2] nan 448 => bool[2] 1 0
        IsInf@10 : f32[4] nan 0 inf -inf => bool[4] 0 0 1 1
        IsInf@10 detect_negative=0 : f64[3] 0 inf -inf => bool[3] 0 1 0
        IsInf@20 detect_positive=0 : f16[3] 65504 inf -inf => bool[3] 0 0 1
        IsInf@20 detect_positive=0 detect_negative=0 : f32[2] inf -inf => bool[2] 0 0
        IsInf@20 : f8e5m2[3] inf nan 57344 => bool[3] 1 0 0
        IsInf@20 : f8e4m3fn[2] nan 448 => bool[2] 0 0

        # Ones on a diagonal; triangles of matrices.
        EyeLike@9 : i32[2,3] 9 9 9 9 9 9 => i32[2,3] 1 0 0 0 1 0
        EyeLike@9 k=1 dtype=1 : i32[2,3] 9 9 9 9 9 9 => f32[2,3] 0 1 0 0 0 1
        EyeLike@22 k=-1 dtype=9 : bf16[2,2] 9 9 9 9 => bool[2,2] 0 0 1 0
        EyeLike@22 k=9223372036854775807 : u8[1,2] 9 9 => u8[1,2] 0 0
        EyeLike@22 k=-9223372036854775808 : bool[1,2] 1 1 => bool[1,2] 0 0
        EyeLike@22 : f64[0,2] => f64[0,2]
        Trilu@14 : f32[2,3] 1 2 3 4 5 6 => f32[2,3] 1 2 3 0 5 6
        Trilu@14 upper=0 : f32[2,3] 1 2 3 4 5 6 => f32[2,3] 1 0 0 4 5 0
        Trilu@14 : i64[2,3] 1 2 3 4 5 6; i64[] 1 => i64[2,3] 0 2 3 0 0 6
        Trilu@14 upper=0 : u8[2,3] 1 2 3 4 5 6; i64[1] 1 => u8[2,3] 1 2 0 4 5 6
        Trilu@14 upper=0 : bool[2,2,2] 1 1 1 1 1 1 1 1; i64[] -1 => bool[2,2,2] 0 0 1 0 0 0 1 0
        Trilu@14 : f32[1,2] 1 2; i64[] 9223372036854775807 => f32[1,2] 0 0
        Trilu@14 upper=0 : f32[1,2] inf nan; i64[] -9223372036854775808 => f32[1,2] 0 0
        Trilu@14 : f32[2,0,3] => f32[2,0,3]
        """);

    static final List<String> FAULTS = NodeCase.lines("""
        BitShift@11 direction=LEFT : i8[1] 1; i8[1] 1 => !input 0 (X) is i8; version 11 of the operator takes u16, u32, u64, u8
        Mod@13 : f32[1] 1; f32[1] 2 => !takes the remainder of f32; set fmod=1 for floats
        """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    @ParameterizedTest
    @FieldSource("FAULTS")
    void isRefused(String line) {
        NodeCase.parse(line).checkRefusal();
    }
}
