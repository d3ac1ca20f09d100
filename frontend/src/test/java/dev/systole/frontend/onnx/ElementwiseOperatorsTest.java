package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ElementwiseOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
# One operand.
Abs@13 : f32[3] -2.5 0 3 => f32[3] 2.5 0 3
Abs@13 : i32[3] -2 0 3 => i32[3] 2 0 3
Abs@13 : i8[2] -128 -127 => i8[2] -128 127
Abs@13 : u8[2] 200 1 => u8[2] 200 1
Neg@13 : f32[3] -2.5 inf nan => f32[3] 2.5 -inf nan
Neg@13 : i64[2] -9223372036854775807 5 => i64[2] 9223372036854775807 -5
Sign@13 : f32[4] -2.5 0 3 nan => f32[4] -1 0 1 nan
Sign@13 : i16[3] -7 0 9 => i16[3] -1 0 1
Sign@13 : u8[2] 0 255 => u8[2] 0 1
Floor@13 : f32[4] -1.5 -0.1 1.9 2 => f32[4] -2 -1 1 2
Ceil@13 : f32[4] -1.5 -0.1 1.1 2 => f32[4] -1 0 2 2
Round@11 : f32[6] 0.5 1.5 2.5 -0.5 -1.5 -2.7 => f32[6] 0 2 2 0 -2 -3
Exp@13 : f32[4] 0 1 -2 -inf => f32[4] 1 2.7182818 0.13533528 0
Exp@13 : f64[2] 1 -2 => f64[2] 2.718281828459045 0.1353352832366127
Log@13 : f32[4] 1 10 0.5 0 => f32[4] 0 2.3025851 -0.6931472 -inf
Sqrt@13 : f32[4] 4 2 0 -1 => f32[4] 2 1.4142136 0 nan
Reciprocal@13 : f32[3] 4 -0.5 0 => f32[3] 0.25 -2 inf
Tanh@13 : f32[4] -2 -0.5 0 1 => f32[4] -0.9640276 -0.46211716 0 0.7615942
Sigmoid@13 : f32[4] -2 0 1 3 => f32[4] 0.11920292 0.5 0.7310586 0.9525741
Erf@13 : f32[4] -2 -0.5 0 1 => f32[4] -0.9953223 -0.5204999 0 0.8427008
Erf@9 : i32[4] -30 -1 0 30 => i32[4] -1 0 0 1
Relu@14 : f32[4] -2 0 1.5 inf => f32[4] 0 0 1.5 inf
Relu@14 : i32[3] -2 0 7 => i32[3] 0 0 7
Relu@14 : bf16[2] -2 1.5 => bf16[2] 0 1.5
Softplus@1 : f32[4] -2 0 1 3 => f32[4] 0.12692801 0.6931472 1.3132617 3.0485874
Mish@18 : f32[4] -2 0 1 3 => f32[4] -0.25250148 0 0.8650984 2.986535
Gelu@20 : f32[4] -2 0 1 3 => f32[4] -0.04550026 0 0.84134475 2.9959503
Gelu@20 approximate=none : f32[2] -0.5 1 => f32[2] -0.15426877 0.84134475
Gelu@20 approximate=tanh : f32[4] -2 -0.5 1 3 => f32[4] -0.04540231 -0.15428599 0.841192 2.9963626
Not@1 : bool[2] 0 1 => bool[2] 1 0
BitwiseNot@18 : u8[3] 0 255 170 => u8[3] 255 0 85
BitwiseNot@18 : i32[2] 0 5 => i32[2] -1 -6
Identity@19 : i8[2] -3 4 => i8[2] -3 4
Identity@14 : f32[] 7 => f32[] 7

# Two operands, broadcast as NumPy does.
Add@14 : f32[2,1] 10 20; f32[3] 1 2 3 => f32[2,3] 11 12 13 21 22 23
Add@14 : f32[] 1; f32[1,1,2] 5 6 => f32[1,1,2] 6 7
Add@14 : u8[2] 250 1; u8[2] 10 2 => u8[2] 4 3
Add@14 : f32[0,2]; f32[2] 1 2 => f32[0,2]
Sub@14 : i64[2] 1 2; i64[] 5 => i64[2] -4 -3
Mul@14 : f32[3] 2 -3 0; f32[3] 4 5 inf => f32[3] 8 -15 nan
Mul@14 : f16[2] 2 3; f16[1] 0.5 => f16[2] 1 1.5
Div@14 : f32[4] 7 -7 1 0; f32[4] 2 2 0 0 => f32[4] 3.5 -3.5 inf nan
Div@14 : i32[4] 7 -7 7 -7; i32[4] 2 2 -2 -2 => i32[4] 3 -3 -3 3
Equal@13 : f32[3] 1 2 nan; f32[3] 1 3 nan => bool[3] 1 0 0
Equal@11 : bool[2] 0 1; bool[] 1 => bool[2] 0 1
Equal@7 : i64[2,1] 1 2; i64[2] 1 2 => bool[2,2] 1 0 0 1
Less@13 : f32[4] 1 2 3 nan; f32[4] 2 2 2 2 => bool[4] 1 0 0 0
Less@9 : u8[2] 200 1; u8[2] 100 2 => bool[2] 0 1
LessOrEqual@16 : i32[3] -1 2 3; i32[] 2 => bool[3] 1 1 0
Greater@13 : f32[3] 1 2 3; f32[] 2 => bool[3] 0 0 1
GreaterOrEqual@16 : i16[3] 1 2 3; i16[] 2 => bool[3] 0 1 1
And@7 : bool[2,1] 0 1; bool[2] 0 1 => bool[2,2] 0 0 0 1
Or@7 : bool[4] 0 0 1 1; bool[4] 0 1 0 1 => bool[4] 0 1 1 1
Xor@7 : bool[4] 0 0 1 1; bool[4] 0 1 0 1 => bool[4] 0 1 1 0
BitwiseAnd@18 : u8[2] 204 15; u8[] 170 => u8[2] 136 10
BitwiseOr@18 : i32[2] 12 -8; i32[] 3 => i32[2] 15 -5
BitwiseXor@18 : i8[2] 12 -1; i8[] 10 => i8[2] 6 -11
Pow@15 : f32[4] 2 -2 9 0; f32[4] 3 2 0.5 0 => f32[4] 8 4 3 1
Pow@13 : f32[2] 3 2; i64[] 2 => f32[2] 9 4
Pow@13 : i32[2] 4 9; f32[] 0.5 => i32[2] 2 3
Pow@13 : i32[2] 3 -2; i64[] 3 => i32[2] 27 -8

# Before opset 7 operands broadcast only when told to, from an axis of the first one on.
Add@6 broadcast=1 axis=0 : f32[2,3] 0 0 0 0 0 0; f32[2] 1 2 => f32[2,3] 1 1 1 2 2 2
Add@6 broadcast=1 axis=1 : f32[2,2,1] 0 0 0 0; f32[2,1] 1 2 => f32[2,2,1] 1 2 1 2
Sub@6 broadcast=1 : f32[2,3] 1 2 3 4 5 6; f32[3] 1 2 3 => f32[2,3] 0 0 0 3 3 3
Mul@6 broadcast=1 : f32[2] 3 4; f32[] 2 => f32[2] 6 8
Pow@1 broadcast=1 axis=0 : f32[2,1] 2 3; f32[2] 3 2 => f32[2,1] 8 9
Div@6 : f32[2] 3 4; f32[2] 2 2 => f32[2] 1.5 2

# Any number of operands.
Max@13 : f32[3] 1 5 nan; f32[3] 4 2 1; f32[1] 3 => f32[3] 4 5 nan
Max@13 : i64[2] -1 3; i64[] 0 => i64[2] 0 3
Max@8 : f32[2] 1 2 => f32[2] 1 2
Min@13 : u8[2] 200 3; u8[2] 100 7 => u8[2] 100 3
Min@8 : f32[2,1] 1 5; f32[2] 3 4 => f32[2,2] 1 1 3 4
Sum@13 : f32[2] 1 2; f32[2] 10 20; f32[2] 100 200 => f32[2] 111 222
Sum@8 : f32[2,1] 1 2; f32[1] 3 => f32[2,1] 4 5
Sum@6 : f32[2] 1 2 => f32[2] 1 2
Mean@13 : f32[2] 1 2; f32[2] 2 4; f32[2] 6 0 => f32[2] 3 2
Mean@8 : f32[2] 1 2; f32[] 2 => f32[2] 1.5 2

# A choice; bounds, which were attributes before opset 11.
Where@16 : bool[2,1] 1 0; f32[3] 1 2 3; f32[] 9 => f32[2,3] 1 2 3 9 9 9
Where@9 : bool[2] 0 1; bool[2] 1 1; bool[2] 0 0 => bool[2] 0 1
Clip@6 min=-1.0 max=1.5 : f32[4] -3 0 1 5 => f32[4] -1 0 1 1.5
Clip@6 max=1.5 : f32[2] -3 5 => f32[2] -3 1.5
Clip@6 min=-1.0 : f32[2] -3 5 => f32[2] -1 5
Clip@6 : f32[2] -3 5 => f32[2] -3 5
Clip@11 : f32[3] -3 0 5; f32[] -1; f32[] 1 => f32[3] -1 0 1
Clip@12 : i32[3] -3 0 5; i32[] -1; i32[] 1 => i32[3] -1 0 1
Clip@13 : f32[3] -3 0 5; none; =f32[] 1 => f32[3] -3 0 1
Clip@13 : f32[3] -3 0 5; =f32[] 1 => f32[3] 1 1 5
Clip@13 : f32[3] -3 0 5 => f32[3] -3 0 5
Clip@13 : f32[2] -3 5; f32[] 2; f32[] 1 => f32[2] 1 1

# Element types.
Cast@13 to=6 : f32[5] 1.9 -1.9 0.5 -0.5 7 => i32[5] 1 -1 0 0 7
Cast@13 to=9 : f32[4] 0 -0.0 0.1 -3 => bool[4] 0 0 1 1
Cast@13 to=9 : i64[3] 0 256 -1 => bool[3] 0 1 1
Cast@13 to=1 : bool[2] 0 1 => f32[2] 0 1
Cast@13 to=7 : bool[2] 0 1 => i64[2] 0 1
Cast@13 to=3 : i32[3] 127 128 -129 => i8[3] 127 -128 127
Cast@13 to=2 : i64[2] 255 257 => u8[2] 255 1
Cast@13 to=7 : f64[1] 4503599627370497 => i64[1] 4503599627370497
Cast@13 to=11 : f32[2] 0.5 3 => f64[2] 0.5 3
Cast@13 to=1 : f64[2] 0.1 1e300 => f32[2] 0.1 inf
Cast@13 to=10 : f32[4] 1 2049 65504 70000 => f16[4] 1 2048 65504 inf
Cast@13 to=16 : f32[3] 1 257 259 => bf16[3] 1 256 260
Cast@13 to=1 : f16[2] 0.333251953125 2 => f32[2] 0.333251953125 2
Cast@19 to=17 : f32[4] 17 448 500 -inf => f8e4m3fn[4] 16 448 448 -448
Cast@19 to=17 saturate=0 : f32[3] 17 448 500 => f8e4m3fn[3] 16 448 nan
Cast@19 to=19 : f32[3] 5 60000 -inf => f8e5m2[3] 5 57344 -57344
Cast@19 to=19 saturate=0 : f32[3] 5 70000 -inf => f8e5m2[3] 5 inf -inf
Cast@19 to=18 : f32[2] -0.0 300 => f8e4m3fnuz[2] 0 240
Cast@21 to=22 : i32[3] 7 -8 3 => i4[3] 7 -8 3
Cast@21 to=21 : i32[3] 15 0 9 => u4[3] 15 0 9
Cast@23 to=23 : f32[4] 1.25 5 100 -6 => f4e2m1[4] 1 4 6 -6
Cast@13 to=6 : i32[2] 1 2 => i32[2] 1 2
Cast@5 to=INT64 : f32[2] 1.5 -2.5 => i64[2] 1 -2
Cast@1 to=FLOAT : bool[2] 0 1 => f32[2] 0 1
CastLike@15 : f32[2] 1.5 -2.5; i8[1] 0 => i8[2] 1 -2
CastLike@19 saturate=0 : f32[2] 1 500; f8e4m3fn[1] 0 => f8e4m3fn[2] 1 nan

# Nothing is dropped when inferring.
Dropout@6 is_test=1 ratio=0.9 : f32[2] 1 2 => f32[2] 1 2
Dropout@7 ratio=0.9 : f32[2] 1 2 => f32[2] 1 2; f32[2] 1 1
Dropout@10 ratio=0.9 : f32[2] 1 2 => f32[2] 1 2; bool[2] 1 1
Dropout@12 : f32[2] 1 2; f32[] 0.9 => f32[2] 1 2
Dropout@13 : f32[2] 1 2; f32[] 0.9; =bool[] 0 => f32[2] 1 2; bool[2] 1 1
Dropout@22 seed=7 : f32[2] 1 2; none; =bool[] 0 => f32[2] 1 2
""");

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
