package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Expected values by the ONNX reference implementation, or by hand. */
class ResizingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # The first versions: from the origin on, to the element before, or behind where a dimension shrinks.
            Upsample@7 scales=[1.0,1.0,2.0,3.0] : f32[1,1,2,2] 1 2 3 4 => f32[1,1,4,6] 1 1 1 2 2 2 1 1 1 2 2 2 3 3 3 4 4 4 3 3 3 4 4 4
            Upsample@9 mode=linear : f32[1,1,1,2] 1 2; =f32[4] 1 1 1 2 => f32[1,1,1,4] 1 1.5 2 2
            Resize@10 : f32[1,1,1,4] 1 2 3 4; =f32[4] 1 1 1 0.60000002 => f32[1,1,1,2] 1 3
            Resize@10 mode=linear : f32[1,1,1,2] 1 2; =f32[4] 1 1 1 2 => f32[1,1,1,4] 1 1.5 2 2
            Upsample@1 height_scale=2.0 width_scale=1.0 mode=bilinear : f32[1,1,2,1] 1 3 => f32[1,1,4,1] 1 2 3 3

            # Nearest elements, linear and cubic interpolation, at places by the transformation.
            Resize@11 : f32[4] 1 2 3 4; =f32[0]; =f32[1] 1.5 => f32[6] 1 1 2 3 3 4
            Resize@13 nearest_mode=round_prefer_ceil coordinate_transformation_mode=half_pixel : f32[4] 1 2 3 4; none; none; =i64[1] 6
               => f32[6] 1 2 2 3 4 4
            Resize@13 nearest_mode=floor coordinate_transformation_mode=half_pixel : f32[4] 1 2 3 4; none; none; =i64[1] 6 => f32[6] 1
               1 2 2 3 4
            Resize@13 nearest_mode=ceil coordinate_transformation_mode=half_pixel : f32[4] 1 2 3 4; none; none; =i64[1] 6 => f32[6] 1 2
               3 3 4 4
            Resize@13 mode=linear coordinate_transformation_mode=half_pixel : f32[4] 1 2 3 4; none; =f32[1] 0.80000001 => f32[3] 1.125
               2.375 3.625
            Resize@13 mode=linear coordinate_transformation_mode=pytorch_half_pixel : f32[4] 1 2 3 4; none; =f32[1] 0.80000001 =>
               f32[3] 1.125 2.375 3.625
            Resize@13 mode=linear coordinate_transformation_mode=align_corners : f32[4] 1 2 3 4; none; =f32[1] 0.80000001 => f32[3] 1
               2.3636363 3.7272727
            Resize@13 mode=linear coordinate_transformation_mode=asymmetric : f32[4] 1 2 3 4; none; =f32[1] 0.80000001 => f32[3] 1 2.25
               3.5
            Resize@19 mode=linear coordinate_transformation_mode=half_pixel_symmetric : f32[4] 1 2 3 4; none; =f32[1] 0.60000002 =>
               f32[2] 1.6666667 3.3333333
            Resize@13 mode=linear coordinate_transformation_mode=tf_crop_and_resize extrapolation_value=10.0 : f32[4] 1 2 3 4; =f32[2]
               0.5 1.25; none; =i64[1] 4 => f32[4] 2.5 3.25 4 10
            Resize@13 mode=nearest coordinate_transformation_mode=tf_crop_and_resize extrapolation_value=10.0 : f32[4] 1 2 3 4; =f32[2]
               -0.5 0.5; none; =i64[1] 3 => f32[3] 10 1 2
            Resize@13 mode=cubic : f32[4] 1 2 3 4; none; =f32[1] 2 => f32[8] 0.89453125 1.1914062 1.6679688 2.296875 2.703125 3.3320312
               3.8085938 4.1054688
            Resize@13 mode=cubic cubic_coeff_a=-0.5 exclude_outside=1 : f32[4] 1 2 3 4; none; =f32[1] 0.80000001 => f32[3] 1.0736253
               2.375 3.7188354
            Resize@18 mode=linear antialias=1 : f32[4] 1 2 3 4; none; none; =i64[1] 2 => f32[2] 1.625 3.375
            Resize@18 mode=cubic antialias=1 : f32[4] 1 2 3 4; none; =f32[1] 0.60000002 => f32[2] 1.3036144 3.0714285
            Resize@18 mode=linear axes=[1] : f32[2,2] 1 2 3 4; none; none; =i64[1] 3 => f32[2,3] 1 1.5 2 3 3.5 4
            Resize@18 axes=[0,1] keep_aspect_ratio_policy=not_larger : f32[2,2] 1 2 3 4; none; none; =i64[2] 6 3 => f32[3,3] 1 1 2 1 1
               2 3 3 4
            Resize@18 keep_aspect_ratio_policy=not_smaller : f32[2,2] 1 2 3 4; none; none; =i64[2] 3 1 => f32[3,3] 1 1 2 1 1 2 3 3 4
            Resize@13 mode=linear : u8[2] 0 255; none; none; =i64[1] 4 => u8[4] 0 64 191 255
            Resize@13 mode=cubic : u8[4] 0 0 255 255; none; none; =i64[1] 8 => u8[8] 0 0 0 58 197 255 255 255
            Resize@11 coordinate_transformation_mode=tf_half_pixel_for_nn : f32[4] 1 2 3 4; =f32[0]; =f32[1] 0.5 => f32[2] 2 4
            Resize@13 mode=linear coordinate_transformation_mode=pytorch_half_pixel : f32[4] 1 2 3 4; none; none; =i64[1] 1 => f32[1] 1
            Resize@13 : bool[2] 1 0; none; =f32[1] 2 => bool[4] 1 1 0 0
            Resize@13 mode=linear : f16[2] 1 3; none; =f32[1] 2 => f16[4] 1 1.5 2.5 3
            Resize@13 mode=linear : f64[2] 1 3; none; =f32[1] 2 => f64[4] 1 1.5 2.5 3
            Resize@13 mode=linear coordinate_transformation_mode=tf_crop_and_resize extrapolation_value=300.0 : u8[2] 1 3; =f32[2] 2 3; none; =i64[1] 2 => u8[2] 255 255
            Resize@13 coordinate_transformation_mode=tf_crop_and_resize extrapolation_value=300.0 : u8[2] 1 3; =f32[2] 0 2; none; =i64[1] 2 => u8[2] 1 255
            Resize@18 axes=[] : f32[2] 1 2; none; =f32[0] => f32[2] 1 2
            Resize@13 : f32[2,3] 1 2 3 4 5 6; none; none; =i64[2] 0 5 => f32[0,5]
            Resize@13 : f32[0,2]; none; =f32[2] 2 2 => f32[0,4]
            Resize@13 : f32[] 5; none; none; =i64[0] => f32[] 5
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
