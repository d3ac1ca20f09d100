package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Updates at indices. */
class ScatteringOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            Scatter@9 : f32[3,3] 0 0 0 0 0 0 0 0 0; i64[2,3] 1 0 2 0 2 1; f32[2,3] 1 2 3 4 5 6 => f32[3,3] 4 2 0 1 0 6 0 5 3
            ScatterElements@11 axis=1 : f32[1,5] 1 2 3 4 5; i64[1,2] 1 3; f32[1,2] 9 8 => f32[1,5] 1 9 3 8 5
            ScatterElements@13 axis=-1 : f32[1,5] 1 2 3 4 5; i32[1,2] -1 0; f32[1,2] 9 8 => f32[1,5] 8 2 3 4 9
            ScatterElements@16 axis=1 reduction=add : f32[2,2] 1 2 3 4; i64[2,2] 1 1 0 0; f32[2,2] 1 2 3 4 => f32[2,2] 1 5 10 4
            ScatterElements@16 reduction=mul : i32[2] 2 3; i64[2] 1 1; i32[2] 2 5 => i32[2] 2 30
            ScatterElements@18 reduction=max : f32[3] 1 2 3; i64[3] 0 2 2; f32[3] 0 1 9 => f32[3] 1 2 9
            ScatterElements@16 reduction=add : bool[3] 0 0 1; i64[3] 0 0 2; bool[3] 1 1 0 => bool[3] 1 0 1
            ScatterND@16 reduction=mul : bool[3] 1 0 1; i64[3,1] 0 0 2; bool[3] 1 0 1 => bool[3] 0 0 1
            ScatterND@18 reduction=max : bool[2] 0 0; i64[1,1] 1; bool[1] 1 => bool[2] 0 1
            ScatterElements@18 reduction=min : bool[2] 1 1; i64[1] 1; bool[1] 0 => bool[2] 1 0
            ScatterElements@18 reduction=min : f32[3] 1 2 3; i64[3] 0 2 2; f32[3] 0 1 9 => f32[3] 0 2 1
            ScatterElements@18 axis=2 : u8[1,2,2] 0 0 0 0; i64[1,1,1] 1; u8[1,1,1] 7 => u8[1,2,2] 0 7 0 0
            ScatterElements@18 axis=1 : f32[2,2] 1 2 3 4; i64[2,0]; f32[2,0] => f32[2,2] 1 2 3 4
            ScatterElements@18 : bool[2] 1 0; i64[1] 1; bool[1] 1 => bool[2] 1 1
            ScatterND@11 : f32[4] 1 2 3 4; i64[2,1] 3 1; f32[2] 9 8 => f32[4] 1 8 3 9
            ScatterND@13 : f32[2,2] 1 2 3 4; i64[1,1] -1; f32[1,2] 9 8 => f32[2,2] 1 2 9 8
            ScatterND@16 reduction=add : f32[2,2] 1 2 3 4; i64[2,2] 0 1 0 -1; f32[2] 5 6 => f32[2,2] 1 13 3 4
            ScatterND@16 reduction=mul : f32[2,2] 1 2 3 4; i64[2,1] 0 0; f32[2,2] 2 3 4 5 => f32[2,2] 8 30 3 4
            ScatterND@18 reduction=max : f32[2,2] 1 2 3 4; i64[2] 0 1; f32[] 7 => f32[2,2] 1 7 3 4
            ScatterND@18 reduction=min : f32[2,2] 1 2 3 4; i64[2] 1 0; f32[] -1 => f32[2,2] 1 2 -1 4
            ScatterND@18 : f32[2,2] 1 2 3 4; i64[0,1]; f32[0,2] => f32[2,2] 1 2 3 4
            TensorScatter@24 : f32[2,3,1] 1 2 3 4 5 6; f32[2,2,1] 7 8 9 10 => f32[2,3,1] 7 8 3 9 10 6
            TensorScatter@24 : f32[2,3,1] 1 2 3 4 5 6; f32[2,1,1] 7 8; i64[2] 2 0 => f32[2,3,1] 1 2 7 8 5 6
            TensorScatter@24 mode=circular : f32[2,3,1] 1 2 3 4 5 6; f32[2,2,1] 7 8 9 10; i64[2] 2 -4 => f32[2,3,1] 8 2 7 10 5 9
            TensorScatter@24 axis=2 : f32[1,2,3] 1 2 3 4 5 6; f32[1,2,1] 7 8; i64[1] 1 => f32[1,2,3] 1 7 3 4 8 6
            TensorScatter@24 axis=1 : f32[1,0,2]; f32[1,0,2]; i64[1] 0 => f32[1,0,2]

            # Nothing at all, narrow types, many dimensions.
            TensorScatter@24 : i4[1,3,1] 1 2 3; i4[1,1,1] -4; i64[1] 1 => i4[1,3,1] 1 -4 3
            TensorScatter@24 : f8e4m3fn[1,3,1] 1 2 3; f8e4m3fn[1,1,1] 0.5; i64[1] 2 => f8e4m3fn[1,3,1] 1 2 0.5
            TensorScatter@24 axis=1 : f32[0,3]; f32[0,2]; i64[0] => f32[0,3]
            TensorScatter@24 axis=1 mode=circular : f32[1,3] 1 2 3; f32[1,0]; i64[1] 7 => f32[1,3] 1 2 3
            ScatterElements@18 : f32[0,2]; i64[0,2]; f32[0,2] => f32[0,2]
            ScatterND@18 : f32[0,2]; i64[0,1]; f32[0,2] => f32[0,2]
            ScatterND@18 : f32[2,0]; i64[1,1] 1; f32[1,0] => f32[2,0]
            """);

    static final List<String> FAULTS = NodeCase.lines("""
            ScatterElements@16 reduction=max : f32[2] 1 2; i64[1] 0; f32[1] 1 => !reductions max and min come with version 18 of
             the operators
            ScatterElements@18 reduction=sum : f32[2] 1 2; i64[1] 0; f32[1] 1 => !reduction is "sum"; it is none, add, mul, max or min
            ScatterElements@18 : f32[2] 1 2; i64[1] 0; f32[2] 1 2 => !input 2 (updates) is f32[2]; these data and indices take [1]
            ScatterElements@18 : f32[2,2] 1 2 3 4; i64[1,3] 0 0 0; f32[1,3] 1 2 3 => !indices [1,3] do not lie within data [2,2]
             beside axis 0
            ScatterElements@18 : f32[] 1; i64[] 0; f32[] 1 => !axis 0 is outside a tensor of rank 0
            ScatterND@18 : f32[2,2] 1 2 3 4; i64[3] 0 0 0; f32[] 1 => !indices [3] are of 3 numbers; data [2,2] takes 1 to 2
            ScatterND@18 : f32[2,2] 1 2 3 4; i64[] 0; f32[] 1 => !indices [] are of 0 numbers
            ScatterND@18 : f32[2,2] 1 2 3 4; i64[1] 0; f32[] 1 => !input 2 (updates) is f32[]; these data and indices take [2]
            TensorScatter@24 axis=0 : f32[2,3,1] 1 2 3 4 5 6; f32[2,3,1] 1 2 3 4 5 6 => !update [2,3,1] is no part of cache [2,3,1]
             along axis 0, which is not the batch
            TensorScatter@24 : f32[2,3,1] 1 2 3 4 5 6; f32[2,4,1] 1 2 3 4 5 6 7 8 => !writes 4 steps into a linear cache of 3
            TensorScatter@24 mode=ring : f32[2,3,1] 1 2 3 4 5 6; f32[2,3,1] 1 2 3 4 5 6 => !the mode is linear or circular
            TensorScatter@24 : f32[2,3,1] 1 2 3 4 5 6; f32[1,1,1] 1 => !is no part of cache
            TensorScatter@24 : f32[2,3,1] 1 2 3 4 5 6; f32[2,1,1] 1 2; i64[1] 0 => !input 2 (write_indices) is i64[1], not an index
             for each of 2 samples
            TensorScatter@24 : f32[2,3,1] 1 2 3 4 5 6; f32[2,2,1] 1 2 3 4; =i64[2] 0 2 => !write_indices [0, 2] are not from 0 to 1
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
