package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Expected values by onnxruntime, or by hand. */
class RegionOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Samples in parts of a region; without a ratio as many as a part is long.
            RoiAlign@10 output_height=2 output_width=2 sampling_ratio=2 : f32[1,1,4,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; f32[1,4]
               0 0 3 3; i64[1] 0 => f32[1,1,2,2] 4.75 6.25 10.75 12.25
            RoiAlign@16 output_height=1 output_width=2 sampling_ratio=2 : f32[2,1,3,3] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18;
               f32[2,4] 0 0 2 2 1 -1 4 2; i64[2] 1 0 => f32[2,1,1,2] 11.625 12.5 3.375 2.0625
            RoiAlign@16 output_height=2 output_width=1 mode=max spatial_scale=0.5 : f32[1,1,4,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
               16; f32[1,4] 0 0 7 7; i64[1] 0 => f32[1,1,2,1] 4.0625 7.3125
            RoiAlign@16 output_height=2 output_width=2 coordinate_transformation_mode=output_half_pixel : f32[1,1,4,4] 1 2 3 4 5 6 7 8
               9 10 11 12 13 14 15 16; f32[1,4] -2 1 30 3; i64[1] 0 => f32[1,1,2,2] 2.65625 0 3.90625 0
            RoiAlign@16 mode=max : f32[1,1,4,4] -1 -2 -3 -4 -5 -6 -7 -8 -9 -10 -11 -12 -13 -14 -15 -16; f32[1,4] -9 1 30 3; i64[1] 0 =>
               f32[1,1,1,1] 0
            RoiAlign@16 : f32[1,1,2,2] 1 2 3 4; f32[1,4] 1 1 1 1; i64[1] 0 => f32[1,1,1,1] 0
            RoiAlign@16 : f16[1,1,2,2] 1 2 3 4; f16[1,4] 0 0 2 2; i64[1] 0 => f16[1,1,1,1] 2.5
            RoiAlign@16 : f32[1,1,2,2] 1 2 3 4; f32[0,4]; i64[0] => f32[0,1,1,1]

            # The largest elements of parts of a region; 0 for parts outside.
            MaxRoiPool@1 pooled_shape=[2,2] : f32[1,1,4,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; f32[1,5] 0 0 0 3 3 => f32[1,1,2,2] 6
               8 14 16
            MaxRoiPool@1 pooled_shape=[1,3] spatial_scale=0.5 : f32[2,1,4,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22
               23 24 25 26 27 28 29 30 31 32; f32[2,5] 1 1 1 5 4 0 9 0 9 2 => f32[2,1,1,3] 26 27 28 0 0 0
            MaxRoiPool@22 pooled_shape=[1,1] : f32[1,2,1,3] -1 -2 -3 -4 -5 -6; f32[1,5] 0 0.5 0 2 0 => f32[1,2,1,1] -2 -5
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
