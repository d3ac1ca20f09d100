package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ShapeOperatorsTest {
    static final List<String> CASES =
            NodeCase.lines("""
# Constants.
Constant@1 value={f32[2,1] 1 2} : => f32[2,1] 1 2
Constant@13 value={i8[] -3} : => i8[] -3
Constant@13 value={f32[0]} : => f32[0]
Constant@12 value_float=1.5 : => f32[] 1.5
Constant@12 value_floats=[1.5,-2.0] : => f32[2] 1.5 -2
Constant@12 value_int=-7 : => i64[] -7
Constant@12 value_ints=[3,-1,0] : => i64[3] 3 -1 0
Constant@12 value_ints=[] : => i64[0]
ConstantOfShape@9 : =i64[2] 2 3 => f32[2,3] 0 0 0 0 0 0
ConstantOfShape@9 value={i64[1] 7} : =i64[1] 3 => i64[3] 7 7 7
ConstantOfShape@21 value={bool[1] 1} : =i64[2] 2 1 => bool[2,1] 1 1
ConstantOfShape@9 value={f32[1] 2.5} : =i64[0] => f32[] 2.5
ConstantOfShape@9 : =i64[2] 0 3 => f32[0,3]
Range@11 : =i64[] 3; =i64[] 9; =i64[] 3 => i64[2] 3 6
Range@11 : =i32[] 10; =i32[] 4; =i32[] -2 => i32[3] 10 8 6
Range@11 : =f32[] 0; =f32[] 1; =f32[] 0.3 => f32[4] 0 0.3 0.6 0.9
Range@11 : =f64[] 1; =f64[] -1; =f64[] -0.5 => f64[4] 1 0.5 0 -0.5
Range@11 : =i16[] 5; =i16[] 5; =i16[] 1 => i16[0]
Range@11 : =i64[] 5; =i64[] 1; =i64[] 1 => i64[0]
Range@11 : =i64[] 9007199254740993; =i64[] 9007199254740995; =i64[] 1 => i64[2] 9007199254740993 9007199254740994
Range@11 : =i64[] 9223372036854775806; =i64[] 9223372036854775807; =i64[] 5 => i64[1] 9223372036854775806
Range@11 : =i64[1] 1; =i64[1] -4; =i64[1] -2 => i64[3] 1 -1 -3
ConstantOfShape@9 : =i64[2] 1099511627776 0 => f32[1099511627776,0]
Expand@13 : =f32[] 1; =i64[3] 1099511627776 1099511 0 => f32[1099511627776,1099511,0]

# Shapes as values.
Shape@13 : f32[2,3,4] %1$s => i64[3] 2 3 4
Shape@1 : f32[] 5 => i64[0]
Shape@15 start=1 : f32[2,3,4] %1$s => i64[2] 3 4
Shape@15 start=-1 : f32[2,3,4] %1$s => i64[1] 4
Shape@15 end=-1 : f32[2,3,4] %1$s => i64[2] 2 3
Shape@15 start=1 end=2 : f32[2,3,4] %1$s => i64[1] 3
Shape@15 start=-9 end=9 : f32[2,3,4] %1$s => i64[3] 2 3 4
Shape@15 start=2 end=1 : f32[2,3,4] %1$s => i64[0]
Shape@15 : u8[0,2] => i64[2] 0 2
Size@13 : f32[2,3,4] %1$s => i64[] 24
Size@1 : f32[] 5 => i64[] 1
Size@13 : f32[0,3] => i64[] 0

# The same elements under another shape.
Reshape@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 3 2 => f32[3,2] 1 2 3 4 5 6
Reshape@13 : f32[2,3] 1 2 3 4 5 6; =i64[3] 0 -1 1 => f32[2,3,1] 1 2 3 4 5 6
Reshape@5 : f32[2,3] 1 2 3 4 5 6; =i64[1] -1 => f32[6] 1 2 3 4 5 6
Reshape@5 : f32[1,1] 5; =i64[0] => f32[] 5
Reshape@1 shape=[3,-1] : f32[2,3] 1 2 3 4 5 6 => f32[3,2] 1 2 3 4 5 6
Reshape@14 allowzero=1 : f32[0,3]; =i64[2] 3 0 => f32[3,0]
Reshape@14 allowzero=1 : f32[0,3]; =i64[3] 0 2 5 => f32[0,2,5]
Reshape@14 : f32[0,3]; =i64[2] 0 3 => f32[0,3]
Reshape@14 : f32[0,3]; =i64[2] -1 3 => f32[0,3]
Flatten@13 : f32[2,1,3] 1 2 3 4 5 6 => f32[2,3] 1 2 3 4 5 6
Flatten@9 axis=0 : f32[2,3] 1 2 3 4 5 6 => f32[1,6] 1 2 3 4 5 6
Flatten@9 axis=2 : f32[2,3] 1 2 3 4 5 6 => f32[6,1] 1 2 3 4 5 6
Flatten@11 axis=-1 : f32[2,1,3] 1 2 3 4 5 6 => f32[2,3] 1 2 3 4 5 6
Flatten@11 axis=-3 : f32[2,1,3] 1 2 3 4 5 6 => f32[1,6] 1 2 3 4 5 6
Flatten@13 : f32[2] 1 2 => f32[2,1] 1 2
Flatten@13 axis=0 : f32[] 1 => f32[1,1] 1
Squeeze@1 axes=[0] : f32[1,2,1] 1 2 => f32[2,1] 1 2
Squeeze@11 axes=[-1,0] : f32[1,2,1] 1 2 => f32[2] 1 2
Squeeze@11 : f32[1,2,1] 1 2 => f32[2] 1 2
Squeeze@13 : f32[1,2,1] 1 2; =i64[1] -1 => f32[1,2] 1 2
Squeeze@13 : f32[1,2,1] 1 2 => f32[2] 1 2
Squeeze@13 : f32[1,1] 1 => f32[] 1
Unsqueeze@1 axes=[0,2] : f32[2] 1 2 => f32[1,2,1] 1 2
Unsqueeze@11 axes=[-1] : f32[2] 1 2 => f32[2,1] 1 2
Unsqueeze@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 3 0 => f32[1,2,3,1] 1 2 3 4 5 6
Unsqueeze@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] -1 1 => f32[2,1,3,1] 1 2 3 4 5 6
Unsqueeze@13 : f32[] 5; =i64[1] 0 => f32[1] 5
Expand@8 : f32[2,1] 1 2; =i64[2] 2 3 => f32[2,3] 1 1 1 2 2 2
Expand@8 : f32[3] 1 2 3; =i64[3] 1 2 1 => f32[1,2,3] 1 2 3 1 2 3
Expand@13 : i64[] 4; =i64[1] 2 => i64[2] 4 4
Expand@13 : f32[1,2] 1 2; =i64[2] 0 1 => f32[0,2]

# Parts, in another order.
Transpose@13 : f32[2,3] 1 2 3 4 5 6 => f32[3,2] 1 4 2 5 3 6
Transpose@1 perm=[1,0,2] : f32[2,2,2] 1 2 3 4 5 6 7 8 => f32[2,2,2] 1 2 5 6 3 4 7 8
Transpose@21 perm=[2,0,1] : i4[1,2,3] 1 2 3 4 5 6 => i4[3,1,2] 1 4 2 5 3 6
Transpose@13 : f32[] 1 => f32[] 1
Concat@13 axis=0 : f32[1,2] 1 2; f32[2,2] 3 4 5 6 => f32[3,2] 1 2 3 4 5 6
Concat@13 axis=-1 : f32[2,1] 1 2; f32[2,2] 3 4 5 6 => f32[2,3] 1 3 4 2 5 6
Concat@1 : f32[1,1] 1; f32[1,2] 2 3 => f32[1,3] 1 2 3
Concat@4 axis=0 : i64[1] 1; i64[0]; i64[2] 2 3 => i64[3] 1 2 3
Concat@13 axis=0 : f32[2] 1 2 => f32[2] 1 2
Split@2 : f32[4] 1 2 3 4 => f32[2] 1 2; f32[2] 3 4
Split@2 axis=1 split=[1,2] : f32[2,3] 1 2 3 4 5 6 => f32[2,1] 1 4; f32[2,2] 2 3 5 6
Split@11 axis=-1 split=[1,2] : f32[1,3] 1 2 3 => f32[1,1] 1; f32[1,2] 2 3
Split@13 : f32[4] 1 2 3 4; =i64[3] 1 0 3 => f32[1] 1; f32[0]; f32[3] 2 3 4
Split@13 axis=1 : f32[2,2] 1 2 3 4 => f32[2,1] 1 3; f32[2,1] 2 4
Split@18 num_outputs=2 : f32[5] 1 2 3 4 5 => f32[3] 1 2 3; f32[2] 4 5
Split@18 num_outputs=3 axis=-1 : f32[1,7] 1 2 3 4 5 6 7 => f32[1,3] 1 2 3; f32[1,3] 4 5 6; f32[1,1] 7
Split@18 num_outputs=1 : f32[2] 1 2 => f32[2] 1 2
Split@13 : f32[4] 1 2 3 4; =i64[2] 1 3 => none; f32[3] 2 3 4
Slice@1 starts=[1,0] ends=[2,2] : f32[2,3] 1 2 3 4 5 6 => f32[1,2] 4 5
Slice@1 axes=[1] starts=[-2] ends=[1000] : f32[2,3] 1 2 3 4 5 6 => f32[2,2] 2 3 5 6
Slice@10 : f32[2,4] 1 2 3 4 5 6 7 8; =i64[2] 1 0; =i64[2] 2 3; =i64[2] 0 1; =i64[2] 1 2 => f32[1,2] 5 7
Slice@10 : f32[2,4] 1 2 3 4 5 6 7 8; =i64[2] 0 1; =i64[2] -1 1000 => f32[1,3] 2 3 4
Slice@11 : f32[4] 1 2 3 4; =i32[1] -3; =i32[1] -1; =i32[1] -1 => f32[2] 2 3
Slice@13 : f32[4] 1 2 3 4; =i64[1] 3; =i64[1] -9223372036854775808; none; =i64[1] -1 => f32[4] 4 3 2 1
Slice@13 : f32[4] 1 2 3 4; =i64[1] 9; =i64[1] -5; =i64[1] 0; =i64[1] -2 => f32[2] 4 2
Slice@13 : f32[4] 1 2 3 4; =i64[1] -1; =i64[1] 0; =i64[1] 0; =i64[1] -1 => f32[3] 4 3 2
Slice@13 : f32[4] 1 2 3 4; =i64[1] 1; =i64[1] 9223372036854775807; =i64[1] 0; =i64[1] 2 => f32[2] 2 4
Slice@13 : f32[4] 1 2 3 4; =i64[1] -9; =i64[1] 2 => f32[2] 1 2
Slice@13 : f32[4] 1 2 3 4; =i64[1] -9; =i64[1] -9; =i64[1] 0; =i64[1] -1 => f32[1] 1
Slice@13 : f32[4] 1 2 3 4; =i64[1] 3; =i64[1] 1 => f32[0]
Slice@13 : f32[4] 1 2 3 4; =i64[1] 7; =i64[1] 9 => f32[0]
Slice@13 : f32[2,0]; =i64[1] 0; =i64[1] 9; =i64[1] 1 => f32[2,0]
Slice@13 : f32[2,0]; =i64[1] -1; =i64[1] -9; =i64[1] 1; =i64[1] -1 => f32[2,0]

# Elements by index.
Gather@13 : f32[3,2] 1 2 3 4 5 6; i64[2] 2 0 => f32[2,2] 5 6 1 2
Gather@1 : f32[3,2] 1 2 3 4 5 6; i32[1,2] 1 1 => f32[1,2,2] 3 4 3 4
Gather@11 : f32[3] 1 2 3; i64[2] -1 -3 => f32[2] 3 1
Gather@13 : f32[3] 1 2 3; =i64[] -1 => f32[] 3
Gather@13 : f32[3,2] 1 2 3 4 5 6; =i64[1,1] 1 => f32[1,1,2] 3 4
Gather@13 axis=1 : f32[2,3] 1 2 3 4 5 6; i64[2] 2 0 => f32[2,2] 3 1 6 4
Gather@13 axis=-1 : f32[2,3] 1 2 3 4 5 6; i64[2,1] 1 -1 => f32[2,2,1] 2 3 5 6
Gather@13 axis=1 : f32[2,3] 1 2 3 4 5 6; =i64[] -3 => f32[2] 1 4
Gather@13 axis=1 : f32[2,2,2] 1 2 3 4 5 6 7 8; i64[1,3] 1 0 1
   => f32[2,1,3,2] 3 4 1 2 3 4 7 8 5 6 7 8
Gather@13 : bool[3] 1 0 1; i64[2] 1 2 => bool[2] 0 1
Gather@13 : f32[3,2] 1 2 3 4 5 6; i64[0] => f32[0,2]
""".replace("%1$s", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"));

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
