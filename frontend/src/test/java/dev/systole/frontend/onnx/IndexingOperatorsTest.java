package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Elements and slices by index. */
class IndexingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            GatherElements@11 axis=1 : f32[2,3] 1 2 3 4 5 6; i64[2,2] 0 2 -1 1 => f32[2,2] 1 3 6 5
            GatherElements@13 : f32[2,3] 1 2 3 4 5 6; i32[1,3] 1 0 -1 => f32[1,3] 4 2 6
            GatherElements@13 axis=-1 : f32[2,3] 1 2 3 4 5 6; i64[1,1] -3 => f32[1,1] 1
            GatherElements@13 axis=1 : f32[2,3] 1 2 3 4 5 6; i64[2,0] => f32[2,0]
            GatherElements@13 : f32[3] 1 2 3; i64[5] 2 2 0 0 1 => f32[5] 3 3 1 1 2
            GatherND@11 : f32[2,3] 1 2 3 4 5 6; i64[2,2] 0 0 1 -1 => f32[2] 1 6
            GatherND@11 : f32[2,3] 1 2 3 4 5 6; i64[2,1] 1 -2 => f32[2,3] 4 5 6 1 2 3
            GatherND@12 batch_dims=1 : f32[2,2,2] 1 2 3 4 5 6 7 8; i64[2,1] 1 0 => f32[2,2] 3 4 5 6
            GatherND@13 batch_dims=1 : f32[2,2,2] 1 2 3 4 5 6 7 8; i64[2,2] 1 0 0 -1 => f32[2] 3 6
            GatherND@13 batch_dims=1 : f32[2,2,2] 1 2 3 4 5 6 7 8; i64[2,2,1] 1 1 0 0 => f32[2,2,2] 3 4 3 4 5 6 5 6
            GatherND@13 : f32[2,3] 1 2 3 4 5 6; i64[2] 1 1 => f32[] 5
            GatherND@13 : f32[2,3] 1 2 3 4 5 6; i64[0,2] => f32[0]
            OneHot@9 : i64[2] 0 2; =i64[] 3; f32[2] 2 5 => f32[2,3] 5 2 2 2 2 5
            OneHot@9 : i64[2] -1 3; =i64[] 3; f32[2] 2 5 => f32[2,3] 2 2 2 2 2 2
            OneHot@11 : i64[2] -1 3; =i64[1] 3; f32[2] 2 5 => f32[2,3] 2 2 5 2 2 2
            OneHot@11 : i64[2] -3 -4; =i64[1] 3; f32[2] 2 5 => f32[2,3] 5 2 2 2 2 2
            OneHot@11 axis=0 : i64[2] 0 2; =i64[] 3; f32[2] 2 5 => f32[3,2] 5 2 2 2 2 5
            OneHot@11 axis=-2 : i64[1] 1; =i64[] 2; bool[2] 0 1 => bool[2,1] 0 1
            OneHot@11 : f32[2] 1.9 -0.5; =f32[] 2.7; f32[2] 2 5 => f32[2,2] 2 5 5 2
            OneHot@11 : u8[] 1; =i32[] 2; i64[2] 3 4 => i64[2] 3 4
            OneHot@11 : i64[1] 0; =i64[] 0; f32[2] 2 5 => f32[1,0]
            ReverseSequence@10 : f32[3,2] 1 2 3 4 5 6; i64[2] 3 2 => f32[3,2] 5 4 3 2 1 6
            ReverseSequence@10 batch_axis=0 time_axis=1 : f32[3,2] 1 2 3 4 5 6; i64[3] 1 2 0 => f32[3,2] 1 2 4 3 5 6
            ReverseSequence@10 batch_axis=1 time_axis=0 : f32[2,1,2] 1 2 3 4; i64[1] 2 => f32[2,1,2] 3 4 1 2
            ReverseSequence@10 : f32[0,2]; i64[2] 0 0 => f32[0,2]

            # Nothing at all, narrow types, many dimensions.
            GatherND@13 : f32[0,3]; i64[0,1] => f32[0,3]
            GatherND@13 batch_dims=1 : f32[0,3]; i64[0,1] => f32[0]
            OneHot@11 : i64[0,2]; =i64[] 2; f32[2] 0 1 => f32[0,2,2]
            ReverseSequence@10 : f32[2,0]; i64[0] => f32[2,0]
            """);

    static final List<String> FAULTS = NodeCase.lines("""
            GatherElements@13 : f32[2,3] 1 2 3 4 5 6; i64[1] 0 => !indices [1] do not lie within data [2,3] beside axis 0
            GatherElements@13 : f32[2,3] 1 2 3 4 5 6; i64[1,4] 0 0 0 0 => !indices [1,4] do not lie within data [2,3] beside axis 0
            GatherElements@13 axis=2 : f32[2,3] 1 2 3 4 5 6; i64[1,1] 0 => !axis 2 is outside a tensor of rank 2
            GatherElements@13 : =f32[2] 1 2; =i64[1] 2 => !index 2
            GatherND@13 : f32[2,3] 1 2 3 4 5 6; i64[3] 0 0 0 => !indices [3] are of 3 numbers; data [2,3] takes 1 to 2
            GatherND@13 : f32[2,3] 1 2 3 4 5 6; i64[2,0] => !indices [2,0] are of 0 numbers; data [2,3] takes 1 to 2
            GatherND@13 : f32[2,3] 1 2 3 4 5 6; i64[] 0 => !0 batch dimensions are too many for data [2,3] and indices []
            GatherND@13 batch_dims=-1 : f32[2,3] 1 2 3 4 5 6; i64[1] 0 => !-1 batch dimensions
            GatherND@13 batch_dims=2 : f32[2,3] 1 2 3 4 5 6; i64[2,3,1] 0 0 0 0 0 0 => !2 batch dimensions are too many
            GatherND@13 batch_dims=1 : f32[2,3] 1 2 3 4 5 6; i64[3,1] 0 0 0 => !the first 1 dimensions of data [2,3] and indices
             [3,1] differ
            OneHot@11 : i64[1] 0; =i64[] -1; f32[2] 2 5 => !input 1 (depth) is -1.0; it is from 0 to 2147483647
            OneHot@11 : i64[1] 0; =i64[2] 1 2; f32[2] 2 5 => !input 1 (depth) is i64[2], not one number
            OneHot@11 : i64[1] 0; =i64[1] 2; f32[3] 1 2 3 => !input 2 (values) is f32[3], not a value for off and one for on
            OneHot@11 axis=2 : i64[1] 0; =i64[1] 2; f32[2] 2 5 => !axis 2 is outside a tensor of rank 2
            OneHot@11 : i64[1] 0; i64[1] 2; f32[2] 2 5 => !input 1 (depth, "x1") must be known
            ReverseSequence@10 : f32[3] 1 2 3; i64[2] 3 2 => !takes batches and times in the first two dimensions
            ReverseSequence@10 time_axis=1 : f32[3,2] 1 2 3 4 5 6; i64[2] 3 2 => !takes batches and times in the first two dimensions
            ReverseSequence@10 batch_axis=-1 time_axis=2 : f32[3,2] 1 2 3 4 5 6; i64[2] 3 2 => !takes batches and times in the
             first two dimensions
            ReverseSequence@10 : f32[3,2] 1 2 3 4 5 6; i64[1] 3 => !input 1 (sequence_lens) is i64[1], not a length for each of 2
             sequences
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
