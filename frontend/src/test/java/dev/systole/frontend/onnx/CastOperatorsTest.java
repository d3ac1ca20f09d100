package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class CastOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
        # Bits as they are.
        BitCast@26 to=6 : f32[3] 1 -2 0 => i32[3] 1065353216 -1073741824 0
        BitCast@26 to=2 : i8[2] -1 3 => u8[2] 255 3
        BitCast@26 to=2 : bool[2] 1 0 => u8[2] 1 0
        BitCast@26 to=9 : u8[2] 5 0 => bool[2] 1 0
        BitCast@26 to=1 : u32[1] 1065353216 => f32[1] 1
        # A float keeps the low bits of its whole part in an integer of less than a byte, as an integer does.
        Cast@21 to=22 : f32[6] -9 -8.9 7 8 15.9 nan => i4[6] 7 -8 7 -8 -1 0
        Cast@21 to=21 : f16[4] -9 15 16 -1 => u4[4] 7 15 0 15
        Cast@25 to=26 : f64[7] -3 -2 -1 0 1 2 3 => i2[7] 1 -2 -1 0 1 -2 -1
        Cast@25 to=25 : f32[4] -3 -1 3 5 => u2[4] 1 3 3 1
        Cast@21 to=22 : i32[3] 200 -9 8 => i4[3] -8 7 -8
        Cast@25 to=25 : bool[2] 0 1 => u2[2] 0 1
        Cast@21 to=1 : u4[3] 0 7 15 => f32[3] 0 7 15
        CastLike@25 : f32[3] -3 1 2; i2[] 0 => i2[3] 1 1 -2

        # Powers of two: up away from zero, down, or the nearest, halves up.
        Cast@24 to=24 : f32[6] 0 0.124 0.25 1.1 8 3e38 => f8e8m0[6] 5.877472e-39 0.125 0.25 2 8 1.7014118e38
        Cast@24 to=24 round_mode=up : f16[3] 1.5 2 1.0009765625 => f8e8m0[3] 2 2 2
        Cast@24 to=24 round_mode=down : f32[5] 1.99 2 0.3 inf 1e-40 => f8e8m0[5] 1 2 0.25 1.7014118e38 5.877472e-39
        Cast@24 to=24 round_mode=nearest : f32[6] 1.49 1.5 3 2.9 0.75 1 => f8e8m0[6] 1 2 4 2 1 1
        Cast@24 to=24 : f32[2] nan -inf => f8e8m0[2] nan nan
        Cast@24 to=24 saturate=0 round_mode=nearest : f32[5] 0 inf 1e-39 2e38 3 => f8e8m0[5] nan nan nan nan 4
        Cast@24 to=24 : i32[3] 1 3 4 => f8e8m0[3] 1 4 4
        Cast@24 to=1 : f8e8m0[2] 0.25 8 => f32[2] 0.25 8
        CastLike@24 round_mode=down : f64[2] 1.9 5; f8e8m0[1] 1 => f8e8m0[2] 1 4

        Cast@1 to=BOOL : f32[2] 0 0.5 => bool[2] 0 1
        Cast@5 to=UINT64 : i8[2] 1 127 => u64[2] 1 127
        Cast@23 to=23 saturate=0 : f32[3] 100 -inf 0.3 => f4e2m1[3] 6 -6 0.5
        Cast@13 to=1 : f32[0,2] => f32[0,2]
        """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
