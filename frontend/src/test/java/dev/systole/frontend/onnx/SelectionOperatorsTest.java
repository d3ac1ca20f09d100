package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What there is of something depends on data. */
class SelectionOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            Compress@9 axis=0 : f32[3,2] 1 2 3 4 5 6; bool[3] 0 1 1 => f32[2,2] 3 4 5 6
            Compress@11 axis=-1 : f32[3,2] 1 2 3 4 5 6; bool[2] 0 1 => f32[3,1] 2 4 6
            Compress@11 axis=0 : f32[3,2] 1 2 3 4 5 6; bool[1] 1 => f32[1,2] 1 2
            Compress@9 : f32[3,2] 1 2 3 4 5 6; bool[5] 0 1 0 0 1 => f32[2] 2 5
            Compress@11 : f32[3,2] 1 2 3 4 5 6; bool[2] 0 0 => f32[0]
            Compress@11 axis=1 : f32[3,2] 1 2 3 4 5 6; bool[0] => f32[3,0]
            Compress@11 axis=1 : f32[2,3,2] 1 2 3 4 5 6 7 8 9 10 11 12; bool[3] 1 0 1 => f32[2,2,2] 1 2 5 6 7 8 11 12
            NonZero@9 : f32[2,2] 1 0 -2 3 => i64[2,3] 0 1 1 0 0 1
            NonZero@13 : bool[4] 0 1 1 0 => i64[1,2] 1 2
            NonZero@13 : i8[2] 0 0 => i64[1,0]
            NonZero@13 : f32[2] nan 0 => i64[1,1] 0
            NonZero@13 : f32[0,2] => i64[2,0]
            NonZero@13 : u8[2,1,2] 0 1 1 0 => i64[3,2] 0 1 0 0 1 0
            NonZero@13 : f32[] 4 => i64[0,1]
            NonZero@13 : f32[] 0 => i64[0,0]
            # Boxes: the first two overlap by 2/3 of their union, the third lies apart.
            NonMaxSuppression@10 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 3; f32[1] 0.5 => i64[2,3] 0
             0 0 0 0 2
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 3; f32[1] 0.7 => i64[3,3] 0
             0 0 0 0 1 0 0 2
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 3; f32[] 0.7; f32[] 0.75 =>
             i64[2,3] 0 0 0 0 0 1
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 3; f32[1] 0.7; f32[1] 0.95
             => i64[0,3]
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 1; f32[1] 0.5 => i64[1,3] 0 0 0
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 3 => i64[2,3] 0 0 0 0 0 2
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7 => i64[0,3]
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] -1 => i64[0,3]
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 9223372036854775807; f32[1]
             1 => i64[3,3] 0 0 0 0 0 1 0 0 2
            NonMaxSuppression@11 : f32[1,0,4]; f32[1,1,0]; =i64[1] 2 => i64[0,3]
            # Two identical boxes; a union of nothing; equal scores go by index; classes and batches do not see each other.
            NonMaxSuppression@11 : f32[1,2,4] 0 0 1 1 1 1 0 0; f32[1,1,2] 0.5 0.5; =i64[1] 2; f32[1] 0.9 => i64[1,3] 0 0 0
            NonMaxSuppression@11 : f32[1,2,4] 0 0 0 0 0 0 0 0; f32[1,1,2] 0.5 0.5; =i64[1] 2; f32[1] 0.9 => i64[2,3] 0 0 0 0 0 1
            NonMaxSuppression@11 : f32[1,2,4] 0 0 1 1 0 0 1 1; f32[1,2,2] 0.1 0.5 0.9 0.5; =i64[1] 2; f32[1] 0.5 => i64[2,3] 0 0 1 0 1 0
            NonMaxSuppression@11 : f32[2,1,4] 0 0 1 1 0 0 1 1; f32[2,1,1] 0.1 0.5; =i64[1] 2; f32[1] 0.5 => i64[2,3] 0 0 0 1 0 0
            # Half of each of two boxes is common, a third of the union.
            NonMaxSuppression@11 center_point_box=1 : f32[1,2,4] 1 1 2 2 2 1 2 2; f32[1,1,2] 0.5 0.6; =i64[1] 2; f32[1] 0.3 =>
             i64[1,3] 0 0 1
            NonMaxSuppression@11 center_point_box=1 : f32[1,2,4] 1 1 2 2 2 1 2 2; f32[1,1,2] 0.5 0.6; =i64[1] 2; f32[1] 0.4 =>
             i64[2,3] 0 0 1 0 0 0

            # Nothing at all, narrow types, many dimensions.
            Compress@11 axis=1 : f32[0,2]; bool[2] 1 0 => f32[0,1]
            Compress@11 : f32[0,2]; bool[0] => f32[0]
            NonMaxSuppression@11 : f32[0,3,4]; f32[0,2,3]; =i64[] 2 => i64[0,3]
            NonMaxSuppression@11 : f32[1,3,4] 0 0 1 1 0 0 1 1 0 0 1 1; f32[1,0,3]; =i64[] 2 => i64[0,3]
            """);

    static final List<String> FAULTS = NodeCase.lines("""
            Compress@11 axis=0 : f32[3,2] 1 2 3 4 5 6; bool[4] 1 1 1 1 => !input 1 (condition) is bool[4]; it is a row of at most 3
            Compress@11 : f32[3,2] 1 2 3 4 5 6; bool[1,1] 1 => !input 1 (condition) is bool[1,1]; it is a row of at most 6
            Compress@11 axis=2 : f32[3,2] 1 2 3 4 5 6; bool[1] 1 => !axis 2 is outside a tensor of rank 2
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,2] 1 2 => !takes boxes [batches, boxes, 4] and
             scores [batches, classes, boxes], not f32[1,3,4] and f32[1,1,2]
            NonMaxSuppression@11 : f32[3,4] 1 2 3 4 5 6 7 8 9 10 11 12; f32[1,1,2] 1 2 => !takes boxes [batches, boxes, 4]
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; i64[1] 3 => !input 2
             (max_output_boxes_per_class, "x2") must be known
            NonMaxSuppression@11 : f32[1,3,4] 0 0 4 5 0 1 4 6 9 9 8 8; f32[1,1,3] 0.9 0.8 0.7; =i64[1] 3; f32[2] 1 2 => !input 3 is
             f32[2], not one number
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
