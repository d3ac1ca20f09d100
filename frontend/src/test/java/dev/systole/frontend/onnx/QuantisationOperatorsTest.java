package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class QuantisationOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
# The range is widened to hold 0; halves round to even.
DynamicQuantizeLinear@11 : f32[6] 0 2 -3 -2.5 1.34 0.5
   => u8[6] 153 255 0 26 221 179; f32[] 0.019607844; u8[] 153
DynamicQuantizeLinear@11 : f32[2,3] -1 -2.1 -1.3 -2.5 -3.34 -4
   => u8[2,3] 191 121 172 96 42 0; f32[] 0.015686275; u8[] 255
DynamicQuantizeLinear@11 : f32[1,6,1] 1 2.1 1.3 2.5 3.34 4
   => u8[1,6,1] 64 134 83 159 213 255; f32[] 0.015686275; u8[] 0
DynamicQuantizeLinear@11 : f32[4] 0 255 100.5 101.5 => u8[4] 0 255 100 102; f32[] 1; u8[] 0
DynamicQuantizeLinear@11 : f32[] -5 => u8[] 0; f32[] 0.019607844; u8[] 255
DynamicQuantizeLinear@11 : f32[2] 0 255 => none; f32[] 1

DynamicQuantizeLinear@11 : f32[3] 0 0 0 => u8[3] 0 0 0; f32[] 1; u8[] 0
DynamicQuantizeLinear@11 : f32[0] => u8[0]; f32[] 1; u8[] 0

# One scale for all.
QuantizeLinear@10 : f32[6] 0 2 3 1000 -254 -1000; f32[] 2; u8[] 128 => u8[6] 128 129 130 255 1 0
QuantizeLinear@10 : f32[6] 0.5 1.5 2.5 -0.5 -1.5 300; f32[] 1 => u8[6] 0 2 2 0 0 255
QuantizeLinear@13 : f32[5] 0.5 1.5 -2.5 300 -300; f32[1] 1; i8[1] 1 => i8[5] 1 3 -1 127 -128
QuantizeLinear@10 : i32[3] 10 -7 1000; f32[] 4; i8[] 0 => i8[3] 2 -2 127
QuantizeLinear@21 : f32[3] 1 -70000 70000; f32[] 1; i16[] -1 => i16[3] 0 -32768 32767
QuantizeLinear@21 : f32[3] 1 -70000 70000; f32[] 1; u16[] 9 => u16[3] 10 0 65535
QuantizeLinear@21 : f32[4] 1 -3 20 -20; f32[] 2; i4[] 1 => i4[4] 1 -1 7 -8
QuantizeLinear@21 : f32[4] 1 -3 20 40; f32[] 2; u4[] 1 => u4[4] 1 0 11 15
QuantizeLinear@25 : f32[4] 1 -3 20 -20; f32[] 2; i2[] 0 => i2[4] 0 -2 1 -2
QuantizeLinear@19 : f32[3] 34 1000 -1.5; f32[] 2; f8e4m3fn[] 0 => f8e4m3fn[3] 16 448 -0.75
QuantizeLinear@19 saturate=0 : f32[3] 34 1000 -1.5; f32[] 2; f8e4m3fn[] 0 => f8e4m3fn[3] 16 nan -0.75
QuantizeLinear@19 : f32[2] 10 1e6; f32[] 2; f8e5m2[] 0 => f8e5m2[2] 5 57344
QuantizeLinear@19 : f16[3] 1 2 -3; f16[] 0.5; u8[] 7 => u8[3] 9 11 1
QuantizeLinear@21 output_dtype=3 : f32[2] 5 -500; f32[] 1 => i8[2] 5 -128
QuantizeLinear@21 output_dtype=22 : f32[2] 5 -500; f32[] 1 => i4[2] 5 -8

QuantizeLinear@23 precision=1 : f16[1] 2049; f16[] 10; u8[] 0 => u8[1] 205
QuantizeLinear@23 : f32[2] 2.4990234375 -7; f16[] 1; i8[1] 1 => i8[2] 3 -6
QuantizeLinear@19 : f16[1] 1001; f16[] 400; u8[] 0 => u8[1] 3
QuantizeLinear@23 : f32[1] 1001; f16[] 400; u8[] 0 => u8[1] 3
QuantizeLinear@23 precision=1 : f32[1] 1000; f16[] 400; u8[] 0 => u8[1] 2
QuantizeLinear@19 : i32[2] 7 -9; i32[] 2; i8[] 0 => i8[2] 4 -4
QuantizeLinear@24 : f32[3] 3 -5 0.3; f8e8m0[] 0.5; i8[] 0 => i8[3] 6 -10 1
QuantizeLinear@23 : f32[4] 1 -30 5.1 1e30; f32[] 2; f4e2m1[] 1 => f4e2m1[4] 1.5 -6 4 6
QuantizeLinear@21 output_dtype=2 : f32[1] 5; f32[] 1; u8[] 1 => u8[1] 6
QuantizeLinear@13 : f32[0,3]; f32[3] 1 2 4 => u8[0,3]
QuantizeLinear@13 : f32[3,0]; f32[0] => u8[3,0]
QuantizeLinear@21 block_size=2 : f32[3,0]; f32[3,0] => u8[3,0]

# One an index of an axis, one a block along it.
QuantizeLinear@13 : f32[2,3] 2 4 6 8 10 12; f32[3] 1 2 4; u8[3] 0 10 20 => u8[2,3] 2 12 22 8 15 23
QuantizeLinear@13 axis=0 : f32[2,3] 2 4 6 8 10 12; f32[2] 2 4; i8[2] 0 -1 => i8[2,3] 1 2 3 1 1 2
QuantizeLinear@13 axis=-2 : f32[2,3] 2 4 6 8 10 12; f32[2] 2 4 => u8[2,3] 1 2 3 2 2 3
QuantizeLinear@13 axis=1 : f32[1,2,2] 2 4 6 8; f32[2] 2 4; u8[2] 0 1 => u8[1,2,2] 1 2 3 3
QuantizeLinear@13 axis=0 : f32[1,2] 2 4; f32[1] 2; u8[1] 1 => u8[1,2] 2 3
QuantizeLinear@21 block_size=2 : f32[1,4] 2 4 6 8; f32[1,2] 1 2; u8[1,2] 0 1 => u8[1,4] 2 4 4 5
QuantizeLinear@21 block_size=2 : f32[2,3] 2 4 6 8 10 12; f32[2,2] 1 2 4 3 => u8[2,3] 2 4 3 2 2 4
QuantizeLinear@21 block_size=2 axis=0 : f32[3,1] 2 4 6; f32[2,1] 2 3 => u8[3,1] 1 2 2
QuantizeLinear@21 block_size=9 axis=0 : f32[3,2] 2 4 6 8 10 12; f32[1,2] 2 4 => u8[3,2] 1 1 3 2 5 3

# And back.
DequantizeLinear@10 : u8[4] 0 3 128 255; f32[] 2; u8[] 128 => f32[4] -256 -250 0 254
DequantizeLinear@10 : i8[3] -128 0 127; f32[] 0.5 => f32[3] -64 0 63.5
DequantizeLinear@10 : i32[2] -100000 7; f32[] 0.25 => f32[2] -25000 1.75
DequantizeLinear@13 : u8[2,3] 2 12 22 8 15 23; f32[3] 1 2 4; u8[3] 0 10 20 => f32[2,3] 2 4 8 8 10 12
DequantizeLinear@13 axis=0 : i8[2,2] 1 2 3 4; f32[2] 2 4; i8[2] 0 -1 => f32[2,2] 2 4 16 20
DequantizeLinear@13 axis=-1 : i8[1,2,2] 1 2 3 4; f32[2] 2 4 => f32[1,2,2] 2 8 6 16
DequantizeLinear@13 : i8[3] 1 2 3; f32[1] 2; i8[1] 1 => f32[3] 0 2 4
DequantizeLinear@19 : f8e4m3fn[2] 16 -0.75; f32[] 2 => f32[2] 32 -1.5
DequantizeLinear@19 : u8[2] 3 5; f16[] 0.5; u8[] 4 => f16[2] -0.5 0.5
DequantizeLinear@19 : i8[2] 3 -5; bf16[] 0.5 => bf16[2] 1.5 -2.5
DequantizeLinear@21 : i4[3] -8 0 7; f32[] 0.5; i4[] 1 => f32[3] -4.5 -0.5 3
DequantizeLinear@21 : u4[3] 0 1 15; f32[] 2 => f32[3] 0 2 30
DequantizeLinear@21 : i16[2] -300 5; f32[] 2; i16[] 5 => f32[2] -610 0
DequantizeLinear@21 : u16[2] 40000 5; f32[] 2 => f32[2] 80000 10
DequantizeLinear@21 block_size=2 : u8[1,4] 2 4 4 5; f32[1,2] 1 2; u8[1,2] 0 1 => f32[1,4] 2 4 6 8
DequantizeLinear@21 block_size=3 axis=0 : i4[4,1] 1 2 3 4; f32[2,1] 1 10 => f32[4,1] 1 2 3 40
DequantizeLinear@23 output_dtype=10 : i8[2] 3 -5; f32[] 0.5 => f16[2] 1.5 -2.5
DequantizeLinear@24 output_dtype=1 : f4e2m1[2] 6 -0.5; f8e8m0[] 4 => f32[2] 24 -2
DequantizeLinear@21 block_size=9223372036854775807 axis=0 : u4[3,2] 1 2 3 4 5 6; f32[1,2] 1 10
   => f32[3,2] 1 20 3 40 5 60
DequantizeLinear@19 : f8e5m2[2] 1.5 -3; bf16[] 2; f8e5m2[] 0 => bf16[2] 3 -6
DequantizeLinear@25 : i2[4] -2 -1 0 1; f32[] 3 => f32[4] -6 -3 0 3
""");

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
