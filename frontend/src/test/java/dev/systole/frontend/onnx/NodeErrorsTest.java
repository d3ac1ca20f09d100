package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Nodes that contradict themselves or their operands: SYS1204, where it is, and what is wrong. */
class NodeErrorsTest {
    private static final String UP_TO_64 =
            IntStream.range(0, 64).mapToObj(Integer::toString).collect(Collectors.joining(" "));

    static final List<String> CASES =
            NodeCase.lines("""
# Operands that are absent, or of the wrong type.
Abs@13 : none => !input 0 (X) is missing
Abs@13 : bool[1] 1 => !input 0 (X) is bool; version 13 of the operator takes bf16, f16, f32, f64, i16, i32, i64, i8, u16, u32, u64, u8
Add@14 : f32[2] 1 2 => !input 1 (B) is missing
Add@14 : f32[2] 1 2; i32[2] 1 2 => !input 1 (B) is i32 where f32 came before; they are of one type
Not@1 : f32[1] 1 => !input 0 (X) is f32; version 1 of the operator takes bool
And@7 : i32[1] 1; i32[1] 1 => !input 0 (A) is i32; version 7 of the operator takes bool
BitwiseAnd@18 : f32[1] 1; f32[1] 1 => !input 0 (A) is f32; version 18 of the operator takes i16, i32, i64, i8, u16, u32, u64, u8
BitwiseNot@18 : f32[1] 1 => !input 0 (X) is f32; version 18 of the operator takes i16, i32, i64, i8, u16, u32, u64, u8
Exp@13 : =i32[1] 1 => !input 0 (input) is i32; version 13 of the operator takes bf16, f16, f32, f64
Sum@13 : => !has no inputs
Mean@13 : => !has no inputs
Max@13 : f32[1] 1; none => !input 1 is missing
Where@16 : f32[1] 1; f32[1] 1; f32[1] 1 => !input 0 (condition) is f32; version 16 of the operator takes bool
Where@16 : bool[1] 1; f32[1] 1; i32[1] 1 => !input 2 (Y) is i32 where f32 came before; they are of one type
Clip@13 : f32[2] 1 2; f64[] 0 => !input 1 (min) is f64 where f32 came before; they are of one type
MatMul@13 : f32[1,1] 1; f16[1,1] 1 => !input 1 (B) is f16 where f32 came before; they are of one type
Gather@13 : f32[3] 1 2 3; u8[2] 0 1 => !input 1 (indices) is u8; version 13 of the operator takes i32, i64
Gather@13 : f32[3] 1 2 3; f32[2] 0 1 => !input 1 (indices) is f32; version 13 of the operator takes i32, i64
Concat@13 axis=0 : f32[1] 1; i32[1] 1 => !input 1 (inputs) is i32 where f32 came before; they are of one type
QuantizeLinear@10 : f32[2] 2 4 => !input 1 (y_scale) is missing
DequantizeLinear@10 : i8[2] 2 4 => !input 1 (x_scale) is missing
LayerNormalization@17 : f32[2] 1 2 => !input 1 (Scale) is missing
Reshape@13 : f32[2] 1 2 => !input 1 (shape) is missing
Gather@13 : f32[2] 1 2 => !input 1 (indices) is missing
Slice@13 : f32[2] 1 2; =i64[1] 0 => !input 2 (ends) is missing
CastLike@15 : f32[2] 1 2 => !input 1 (target_type) is missing

# Shapes that do not fit.
Add@14 : f32[2] 1 2; f32[3] 1 2 3 => !shapes [2] and [3] do not broadcast: 2 against 3
Add@6 broadcast=1 axis=2 : f32[2] 1 2; f32[2] 1 2 => !axis 2 is outside a tensor of rank 1
Add@6 broadcast=1 axis=1 : f32[2,1] 1 2; f32[2,1] 1 2 => !operand f32[2,1] does not fit from axis 1 on
Where@16 : bool[2] 1 0; f32[3] 1 2 3; f32[1] 1 => !do not broadcast
Expand@13 : f32[2] 1 2; =i64[1] 3 => !shapes [2] and [3] do not broadcast
MatMul@13 : f32[] 1; f32[1,1] 1 => !scalars are no matrices
MatMul@13 : f32[1,2] 1 2; f32[3,1] 1 2 3 => !contracts f32[1,2] with f32[3,1]: 2 against 3
MatMulInteger@10 : u8[1,3] 1 1 1; u8[2,1] 1 1 => !
QuantizeLinear@13 : f32[2,3] 1 2 3 4 5 6; f32[2] 1 2 => !it takes one for all or one for each of 3 along axis 1
DequantizeLinear@13 axis=0 : i8[2,3] 1 2 3 4 5 6; f32[3] 1 2 3 => !it takes one for all or one for each of 2 along axis 0
QuantizeLinear@21 block_size=1 : f32[1,4] 2 4 6 8; f32[1,2] 1 2 => !blocks of 1 elements along axis 1 take [1,4]
QuantizeLinear@21 block_size=-2 : f32[1,4] 2 4 6 8; f32[1,2] 1 2 => !has blocks of -2 elements
Gemm@13 transA=1 : f32[1,1,2] 1 2; f32[2,1] 1 2 => !multiplies f32[1,1,2], which is no matrix
Gemm@13 : f32[1,1] 1; f32[1,2] 1 2; f32[3] 1 2 3 => !cannot stretch [1,3] to [1,2]
Gemm@13 : f32[1,1] 1; f32[1,1] 1; f32[2,1] 1 2 => !cannot stretch [2,1] to [1,1]
Gemm@13 : f32[1,1,2] 1 2; f32[2,1] 1 2 => !multiplies f32[1,1,2], which is no matrix
Gemm@13 : f32[1,2] 1 2; f32[2] 1 2 => !multiplies f32[2], which is no matrix
MatMulInteger@10 : u8[1,2] 1 1; u8[3,1] 1 1 1 => !2 columns against 3 rows
MatMulInteger@10 : u8[] 1; u8[1,1] 1 => !scalars are no matrices
MatMulInteger@10 : u8[1,1] 1; u8[] 1 => !scalars are no matrices
MatMulInteger@10 : u8[1,1] 1; u8[1,1] 1; u8[2] 1 2 => !it takes one number or one for each row
LayerNormalization@17 : f32[2] 1 2; f32[3] 1 2 3 => !cannot stretch [3] to [2]
LayerNormalization@17 : f32[2] 1 2; f32[3,2] 1 2 3 4 5 6 => !broadcast keeps the rank
LayerNormalization@17 : f32[2] 1 2; f32[2] 1 2; f32[3,2] 1 2 3 4 5 6 => !broadcast keeps the rank
Add@6 broadcast=1 : f32[2] 1 2; f32[2,1] 1 2 => !stretches f32[2] to f32[2,1]; only the second operand is broadcast
Pow@1 broadcast=1 : f32[2] 1 2; f32[2,1] 1 2 => !only the second operand is broadcast
Concat@13 axis=0 : => !has no inputs
QuantizeLinear@21 block_size=2 : f32[1,4] 2 4 6 8; f32[2] 1 2 => !blocks of 2 elements along axis 1 take [1,2]
QuantizeLinear@21 block_size=2 : f32[1,4] 2 4 6 8; f32[2,2] 1 2 3 4 => !blocks of 2 elements along axis 1 take [1,2]
QuantizeLinear@21 output_dtype=99 : f32[1] 1; f32[] 1 => !cannot give ONNX element type 99
QuantizeLinear@21 output_dtype=4294967298 : f32[1] 1; f32[] 1 => !cannot give ONNX element type 4294967298
DequantizeLinear@23 output_dtype=8 : u8[1] 1; f32[] 1 => !cannot give ONNX element type 8
Reshape@13 : f32[2] 1 2; =i64[1] 3 => ![2] has 2 elements, [3] has 3
Reshape@13 : f32[2] 1 2; =i64[2] 3 -1 => !cannot reshape f32[2] to [3, -1]
Reshape@13 : f32[2] 1 2; =i64[2] -1 -1 => !leaves two dimensions open: [-1, -1]
Reshape@13 : f32[2] 1 2; =i64[1] -2 => !negative extent -2 in dimension 0
Reshape@13 : f32[2] 1 2; =i64[2] 2 0 => !keeps dimension 1 of f32[2], which has none
Reshape@14 : f32[0,3]; =i64[2] 3 0 => ![0,3] has 0 elements, [3,3] has 9
Reshape@14 allowzero=1 : f32[0,3]; =i64[2] 0 -1 => !cannot reshape f32[0,3] to [0, -1]
Reshape@4 : f32[2] 1 2 => ![2] has 2 elements
Squeeze@13 : f32[2,1] 1 2; =i64[1] 0 => !squeezes dimension 0 of [2,1]
Squeeze@11 axes=[-2] : f32[2,1] 1 2 => !squeezes dimension 0 of [2,1]
Unsqueeze@13 : f32[1] 1; =i64[2] 0 -3 => !inserts a dimension twice: [0, -3]
Concat@13 axis=0 : f32[1,2] 1 2; f32[1,1] 1 => !f32[1,2] and f32[1,1] differ beside dimension 0
Concat@13 axis=0 : f32[1,2] 1 2; f32[2] 1 2 => !differ beside dimension 0
Split@13 : f32[5] 1 2 3 4 5; =i64[2] 3 3 => !splits 5 elements into [3, 3]
Split@2 split=[6] : f32[5] 1 2 3 4 5 => !splits 5 elements into [6]
Split@13 : f32[5] 1 2 3 4 5; =i64[2] -1 6 => !splits 5 elements into [-1, 6]
Split@13 : f32[5] 1 2 3 4 5; =i64[2] 1 3 => !splits 5 elements into [1, 3]
Split@13 : f32[5] 1 2 3 4 5; =i64[2] 2 3 => !splits into 2 parts, but there are 1 outputs
Split@18 num_outputs=1 : f32[1] 1; =i64[1] 1 => !has both split and num_outputs
Split@1 axis=0 : f32[1] 1; f32[1] 1 => !give them as the attribute split
Split@18 num_outputs=0 : f32[5] 1 2 3 4 5 => !num_outputs is 0, but there are 1 outputs
Split@18 num_outputs=2147483647 : f32[5] 1 2 3 4 5 => !num_outputs is 2147483647, but there are 1 outputs
Split@18 num_outputs=4294967297 : f32[5] 1 2 3 4 5 => !num_outputs is 4294967297
Transpose@13 perm=[0,0] : f32[1,1] 1 => ![0, 0] is no permutation of the dimensions of [1,1]
Transpose@13 perm=[1] : f32[1,1] 1 => ![1] is no permutation
ConstantOfShape@9 : =i64[1] -3 => !negative extent -3 in dimension 0
ConstantOfShape@9 value={f32[2] 1 2} : =i64[1] 3 => !fills with f32[2], not with one number
Unsqueeze@13 : f32[1] 1; =i64[64] %s => !gives 65 dimensions; up to 64 are supported
Reshape@13 : f32[1] 1; =i64[65] 1%s => !gives 65 dimensions; up to 64 are supported

Slice@13 : f32[2,2] 1 2 3 4; =i64[2] 0 0; =i64[1] 1 => !has 2 starts, 1 ends, 2 axes and 2 steps
Slice@13 : f32[2,2] 1 2 3 4; =i64[2] 0 0; =i64[2] 1 1; =i64[1] 0 => !has 2 starts, 2 ends, 1 axes and 2 steps
Slice@13 : f32[2,2] 1 2 3 4; =i64[2] 0 0; =i64[2] 1 1; =i64[2] 0 1; =i64[1] 1 => !2 axes and 1 steps
Slice@13 : f32[2,2] 1 2 3 4; =i64[2] 0 0; =i64[2] 1 1; =i64[2] 1 -1 => !slices along an axis twice: [1, -1]
Slice@9 starts=[0] ends=[1,2] : f32[2] 1 2 => !has 1 starts, 2 ends
Slice@1 starts=[0] : f32[2] 1 2 => !attribute "ends" is missing
Range@11 : =i64[0]; =i64[] 3; =i64[] 1 => !input 0 (start) holds 0 numbers, not one
Range@11 : =f32[] 0; =f32[2] 3 4; =f32[] 1 => !input 1 (limit) is f32[2], not one number

# Scalars have no axes.
Split@13 : f32[] 1 => !axis 0 is outside a tensor of rank 0
Gather@13 : f32[] 1; =i64[] 0 => !axis 0 is outside a tensor of rank 0
Gather@13 : f32[] 1; i64[] 0 => !axis 0 is outside a tensor of rank 0
Slice@13 : f32[] 1; =i64[1] 0; =i64[1] 1 => !axis 0 is outside a tensor of rank 0
QuantizeLinear@13 axis=0 : f32[] 1; f32[2] 1 2 => !axis 0 is outside a tensor of rank 0

# Axes, indices, steps and types that do not exist.
Concat@13 axis=1 : f32[1] 1; f32[1] 2 => !axis 1 is outside a tensor of rank 1
Concat@13 : f32[] 1; f32[] 2 => !attribute "axis" is missing
Split@13 axis=-2 : f32[2] 1 2 => !axis -2 is outside a tensor of rank 1
Gather@13 axis=1 : f32[3] 1 2 3; =i64[] 0 => !axis 1 is outside a tensor of rank 1
Gather@13 axis=-2 : f32[3] 1 2 3; i64[2] 0 1 => !axis -2 is outside a tensor of rank 1
Flatten@13 axis=3 : f32[1,1] 1 => !axis 3 is outside a tensor of rank 2
Flatten@13 : f32[] 1 => !axis 1 is outside a tensor of rank 0
Squeeze@13 : f32[1] 1; =i64[1] 1 => !axis 1 is outside a tensor of rank 1
Unsqueeze@13 : f32[2] 1 2; =i64[2] 3 0 => !axis 3 is outside a tensor of rank 3
Slice@13 : f32[2] 1 2; =i64[1] 0; =i64[1] 1; =i64[1] 1 => !axis 1 is outside a tensor of rank 1
Slice@1 starts=[0,0] ends=[1,1] : f32[2] 1 2 => !axis 1 is outside a tensor of rank 1
Slice@13 : f32[2] 1 2; =i64[1] 0; =i64[1] 1; =i64[1] 0; =i64[1] 0 => !slices in steps of 0
Softmax@13 : f32[] 1 => !axis -1 is outside a tensor of rank 0
Softmax@12 axis=2 : f32[1,1] 1 => !axis 2 is outside a tensor of rank 2
LogSoftmax@13 axis=-2 : f32[1] 1 => !axis -2 is outside a tensor of rank 1
LayerNormalization@17 axis=2 : f32[2] 1 2; f32[2] 1 2 => !axis 2 is outside a tensor of rank 1
ReduceSum@13 : f32[2] 1 2; =i64[1] 1 => !axis 1 is outside a tensor of rank 1
ReduceMax@11 axes=[-2] : f32[2] 1 2 => !axis -2 is outside a tensor of rank 1
QuantizeLinear@13 : f32[3] 1 2 3; f32[3] 1 2 4 => !axis 1 is outside a tensor of rank 1
Gather@13 : f32[3] 1 2 3; =i64[] 3 => !index 3 of 3
Gather@13 : f32[3] 1 2 3; =i64[] -4 => !index -4 of 3
Gather@13 : f32[0]; =i64[] 0 => !index 0 of 0
Gather@13 : f32[3] 1 2 3; =f32[] 0 => !input 1 (indices) is f32; version 13 of the operator takes i32, i64
Slice@13 : f32[2] 1 2; =f32[1] 0; =f32[1] 1 => !input 1 (starts) is f32; version 13 of the operator takes i32, i64
Reshape@13 : f32[2] 1 2; =f32[1] 2 => !input 1 (shape) is f32; version 13 of the operator takes i64
Gather@13 : =f32[3] 1 2 3; =i64[2] 0 3 => !gathers index 3 of 3
Gather@13 : f32[3] 1 2 3; =i64[2] 0 3 => !gathers index 3 of 3
Gather@13 axis=1 : f32[1,3] 1 2 3; =i32[2] 0 -4 => !gathers index -4 of 3
Cast@13 : f32[1] 1 => !attribute "to" is missing
Cast@13 to=8 : f32[1] 1 => !cannot give ONNX element type 8
Cast@13 to=99 : f32[1] 1 => !cannot give ONNX element type 99
Cast@5 to=STRING : f32[1] 1 => !cannot give ONNX element type 8
Constant@13 value_string=abc : => !constant of strings, which are not supported
Div@14 : =i32[1] 1; =i32[1] 0 => !divides an integer by zero
Dropout@13 : f32[1] 1; =f32[] 1; =bool[] 1 => !drops a part of 1.0 of its input
Dropout@13 : f32[1] 1; none; bool[] 0 => !input 2 (training_mode, "x2") must be known when compiling
Dropout@6 ratio=-0.5 : f32[1] 1 => !drops a part of -0.5 of its input

Dropout@12 seed=1 : f32[1] 1; f32[2] 0 0; =bool[] 1 => !input 1 (ratio) is f32[2], not one number
Cast@13 to=17 : f32[1] 1 => !cannot give f8e4m3fn; version 13 of the operator gives
Cast@13 to=0 : f32[1] 1 => !cannot give ONNX element type 0
Cast@13 to=4294967297 : f32[1] 1 => !cannot give ONNX element type 4294967297
Cast@5 to=QUBIT : f32[1] 1 => !cannot give ONNX element type 0
Cast@24 to=24 round_mode=sideways : f32[1] 1 => !rounds "sideways"; it rounds up, down or nearest
Celu@12 alpha=0.0 : f32[1] 1 => !divides by its attribute "alpha"
SwiGLU@28 : f32[2] 1 2; f32[1] 1 => !gates f32[1] by f32[2]; shapes must be equal
PRelu@9 : f32[2] 1 2; f32[2,2] 1 2 3 4 => !slopes of shape [2,2] do not broadcast to [2]
PRelu@6 : f32[1,2,3] 1 2 3 4 5 6; f32[3] 1 2 3 => !do not broadcast
Hardmax@13 axis=2 : f32[2] 1 2 => !axis 2 is outside a tensor of rank 1
Hardmax@13 : f32[] 1 => !axis -1 is outside a tensor of rank 0
Mod@13 fmod=2 : i32[1] 1; i32[1] 1 => !attribute "fmod" is 2, not 0 or 1
Mod@13 : f32[1] 1; f32[1] 1 => !takes the remainder of f32; set fmod=1 for floats
BitShift@11 direction=UP : u8[1] 1; u8[1] 1 => !shifts to "UP"; it shifts to LEFT or RIGHT
Clip@13 : f32[2] 1 2; f32[2] 0 0 => !input 1 (min) is f32[2], not one number
EyeLike@9 : i32[2] 1 2 => !takes a matrix, not i32[2]
EyeLike@9 dtype=16 : i32[1,1] 1 => !cannot give bf16
Trilu@14 : f32[2] 1 2 => !takes matrices, not f32[2]
Trilu@14 : f32[1,1] 1; i64[2] 1 2 => !input 1 (k) is i64[2], not one number
RandomUniform@1 shape=[-1] : => !negative extent -1
RandomUniform@1 shape=[4294967296] : => !draws 4294967296 random numbers
RandomUniform@1 shape=[4294967296,4294967296] : => !has more than 2^63 elements
RandomUniform@1 shape=[1] low=-3.0e38 high=3.0e38 : => !which is no range of fp32
RandomNormal@1 shape=[1] dtype=7 : => !cannot give i64
RandomNormalLike@1 : i64[2] 1 2 => !cannot give i64
Bernoulli@15 dtype=8 : f32[1] 1 => !cannot give ONNX element type 8
Multinomial@7 dtype=1 : f32[1,1] 1 => !cannot give f32
Multinomial@7 : f32[1] 1 => !takes [batch, classes] with at least one class, not f32[1]
Multinomial@7 : f32[1,0] => !takes [batch, classes] with at least one class
Multinomial@7 sample_size=0 : f32[1,1] 1 => !draws 0 samples
Multinomial@7 sample_size=4294967296 : f32[1,2] 1 2 => !in each of 1 rows; at most 67108864 comparisons
MatMulInteger@10 : u8[2,1] 1 1; u8[1,1] 1; u8[3] 1 1 1 => !it takes one number or one for each row
MatMulInteger@10 : u8[1,2] 1 1; u8[2,1] 1 1; none; u8[2,1] 1 1 => !it takes one number or one for each column
MatMulInteger@10 : u8[] 1; u8[1] 1 => !scalars are no matrices
QLinearMatMul@10 : u8[1,1] 3; f32[] 1; u8[] 1; u8[1,1] 4; f32[] 2; u8[] 0; f32[2] 4 4; u8[] 10
   => !input 6 (y_scale) is f32[2], not one number
MatMul@9 : i32[1,2] 1 1; i32[1,1] 1 => !multiplies i32[1,2] by i32[1,1]: 2 columns against 1 rows
Gemm@9 alpha=0.5 : i32[1,1] 1; i32[1,1] 1; i32[1] 1 => !"alpha", 0.5, which is not whole
QuantizeLinear@21 output_dtype=3 : f32[1] 5; f32[] 1; u8[] 1 => !has a zero point of u8, but output_dtype says i8
QuantizeLinear@21 output_dtype=1 : f32[1] 5; f32[] 1 => !cannot give f32
QuantizeLinear@23 precision=3 : f32[1] 5; f32[] 1 => !divides in ONNX element type 3
QuantizeLinear@10 : f32[2,2] 1 2 3 4; f32[2] 1 2 => !before opset 13 there is one for all
DequantizeLinear@24 : i8[1] 5; f8e8m0[] 1 => !cannot give f8e8m0
DequantizeLinear@21 : i8[2,2] 5 6 7 8; f32[2,2] 1 1 1 1 => !has scales or zero points of shape [2,2]
Dropout@13 : f32[2] 1 2; none; =bool[0] => !input 2 (training_mode) is bool[0], not one number
Constant@13 : => !has no value
Constant@13 value=3 : => !attribute "value" is a tensor, not a whole number
Exp@13 : i32[1] 1 => !takes bf16, f16, f32, f64
Softmax@13 : i32[1] 1 => !takes bf16, f16, f32, f64
Sigmoid@13 : i32[1] 1 => !takes bf16, f16, f32, f64
MatMulInteger@10 : i32[1,1] 1; i32[1,1] 1001 => !input 0 (A) is i32; version 10 of the operator takes i8, u8

DequantizeLinear@10 : i32[1] 16777217; f64[] 1 => !input 1 (x_scale) is f64; version 10 of the operator takes f32

# Attributes of another kind.
Concat@13 axis=7.5 : f32[1] 1 => !attribute "axis" is a whole number, not a number
Concat@13 axis=[0] : f32[1] 1 => !attribute "axis" is a whole number, not whole numbers
Concat@13 axis=0 axis=0 : f32[1] 1 => !has two attributes "axis"
Concat@13 axis=0 size=1 : f32[1] 1 => !has an attribute "size"; it takes axis
Unsqueeze@11 : f32[1] 1 => !attribute "axes" is missing
Unsqueeze@13 : f32[1] 1 => !input 1 (axes) is missing

# What decides about shapes must be known.
Reshape@13 : f32[2] 1 2; i64[1] 2 => !input 1 (shape, "x1") must be known when compiling, but is computed at run time; bind it: --bind x1=VALUE
Expand@13 : f32[2] 1 2; i64[1] 2 => !"x1"
Squeeze@13 : f32[1] 1; i64[1] 0 => !--bind x1=VALUE
Unsqueeze@13 : f32[1] 1; i64[1] 0 => !"x1"
Split@13 : f32[1] 1; i64[1] 1 => !"x1"
Slice@13 : f32[1] 1; =i64[1] 0; i64[1] 1 => !"x2"
Slice@13 : f32[1] 1; =i64[1] 0; =i64[1] 1; i64[1] 0 => !"x3"
ReduceSum@13 : f32[2] 1 2; i64[1] 0 => !"x1"
ConstantOfShape@9 : i64[1] 3 => !"x0"
Range@11 : =i64[] 0; i64[] 10; =i64[] 1 => !input 1 (limit, "x1") must be known

# Sizes that no machine holds.
ConstantOfShape@9 : =i64[2] 9223372036854775807 9 => !has more than 2^63 elements
ConstantOfShape@9 : =i64[1] 4611686018427387904 => !gives f32[4611686018427387904], which has more than 2^63 bytes
Expand@13 : f32[1] 1; =i64[1] 4611686018427387904 => !which has more than 2^63 bytes
Expand@13 : f32[1] 1; =i64[2] 4611686018427387904 4 => !has more than 2^63 elements
Reshape@13 : f32[2] 1 2; =i64[3] 4294967296 4294967296 -1 => !cannot reshape f32[2]
Reshape@13 : f32[2] 1 2; =i64[2] 4294967296 4294967296 => !has more than 2^63 elements
Range@11 : =i64[] 0; =i64[] 100000000000; =i64[] 1 => !counts 100000000000 elements; no more than 2147483647
Range@11 : =f32[] 0; =f32[] 1e30; =f32[] 1 => !no more than 2147483647
Range@11 : =i64[] -9223372036854775808; =i64[] 9223372036854775807; =i64[] 1 => !a size is beyond 64 bits
Range@11 : =i64[] 0; =i64[] 10; =i64[] 0 => !counts in steps of 0
Range@11 : =i64[] 1; =i64[] 1; =i64[] 0 => !counts in steps of 0
Range@11 : =f32[] 0; =f32[] 10; =f32[] 0 => !counts from 0.0 to 10.0 in steps of 0.0
Range@11 : =f32[] 0; =f32[] nan; =f32[] 1 => !counts from 0.0 to NaN
Split@13 : f32[5] 1 2 3 4 5; =i64[2] 9223372036854775807 9 => !splits 5 elements into
Transpose@13 perm=[0,9999999999] : f32[1,1] 1 => ![0, 9999999999] is no permutation of the dimensions of [1,1]
Transpose@13 perm=[0,-1] : f32[1,1] 1 => ![0, -1] is no permutation of the dimensions of [1,1]
QuantizeLinear@21 block_size=9223372036854775807 : f32[1,4] 2 4 6 8; f32[1,2] 1 2 => !blocks of 9223372036854775807
""".replace("[64] %s", "[64] " + UP_TO_64).replace("1%s", "1" + " 1".repeat(64)));

    @ParameterizedTest
    @FieldSource("CASES")
    void isRefused(String line) {
        var c = NodeCase.parse(line);
        assertThat(c.outcome()).startsWith("!");
        assertThatThrownBy(c::read)
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1204 model.onnx: ")
                .hasMessageContainingAll(
                        "/" + c.operator(),
                        "(" + c.operator() + ")",
                        c.outcome().substring(1));
    }
}
