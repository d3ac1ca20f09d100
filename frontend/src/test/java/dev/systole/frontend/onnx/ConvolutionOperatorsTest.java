package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Expected values by onnxruntime, or by hand. */
class ConvolutionOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Windows by pads and by auto_pad; of an odd padding the larger part is behind for SAME_UPPER, before for SAME_LOWER.
            Conv@1 : f32[1,1,4] 1 2 3 4; f32[1,1,3] 1 0 -1 => f32[1,1,2] -2 -2
            Conv@11 pads=[1,1] strides=[2] : f32[1,1,4] 1 2 3 4; f32[1,1,3] 1 2 1; f32[1] 0.5 => f32[1,1,2] 4.5 12.5
            Conv@11 auto_pad=SAME_UPPER strides=[2] : f32[1,1,5] 1 2 3 4 5; f32[1,1,2] 1 2 => f32[1,1,3] 5 11 5
            Conv@11 auto_pad=SAME_LOWER strides=[2] : f32[1,1,5] 1 2 3 4 5; f32[1,1,2] 1 2 => f32[1,1,3] 2 8 14
            Conv@11 auto_pad=VALID dilations=[2] : f32[1,1,5] 1 2 3 4 5; f32[1,1,2] 1 2 => f32[1,1,3] 7 10 13
            Conv@22 group=2 : f32[1,2,3] 1 2 3 4 5 6; f32[2,1,2] 1 2 3 4 => f32[1,2,2] 5 8 32 39
            Conv@22 pads=[0,1,1,0] : f32[1,2,2,2] 1 2 3 4 5 6 7 8; f32[2,2,2,2] 3 1 1 3 1 2 2 -2 -3 -1 -2 3 3 -3 0 2 => f32[1,2,2,2] 6
               35 17 36 7 14 -24 -16
            Conv@22 kernel_shape=[2,1,2] : f32[1,1,2,2,2] 1 2 3 4 5 6 7 8; f32[1,1,2,1,2] -3 2 -3 0 => f32[1,1,1,2,1] -14 -22
            Conv@11 auto_pad=SAME_UPPER strides=[3] : f32[1,1,4] 1 2 3 4; f32[1,1,1] 2 => f32[1,1,2] 2 8
            Conv@11 strides=[3] : f32[1,1,4] 1 2 3 4; f32[1,1,3] 1 1 1 => f32[1,1,1] 6
            Conv@11 strides=[9223372036854775807] : f32[1,1,4] 1 2 3 4; f32[1,1,1] 1 => f32[1,1,1] 1
            Conv@22 : f32[0,1,3]; f32[2,1,2] 1 2 3 4 => f32[0,2,2]
            Conv@22 : f32[1,0,3]; f32[2,0,2]; f32[2] 1 2 => f32[1,2,2] 1 1 2 2
            Conv@22 : f64[1,1,2] 1 3; f64[1,1,2] 1 -0.25 => f64[1,1,1] 0.25
            # A 16-bit sum is rounded after the bias is added.
            Conv@22 : bf16[1,1,2] 256 1; bf16[1,1,2] 1 1; bf16[1] 1 => bf16[1,1,1] 258

            # The stride spreads the input; pads, or what is left of the output shape, cut the sum.
            ConvTranspose@1 strides=[2] : f32[1,1,3] 1 2 3; f32[1,1,3] 1 2 3 => f32[1,1,7] 1 2 5 4 9 6 9
            ConvTranspose@11 strides=[2] pads=[1,1] output_padding=[1] : f32[1,1,3] 1 2 3; f32[1,1,3] 1 2 3; f32[1] 10 => f32[1,1,6] 12
               15 14 19 16 19
            ConvTranspose@11 dilations=[2] : f32[1,1,3] 1 2 3; f32[1,1,2] 1 2 => f32[1,1,5] 1 2 5 4 6
            ConvTranspose@11 strides=[2] output_shape=[5] : f32[1,1,3] 1 2 3; f32[1,1,4] 1 2 3 4 => f32[1,1,5] 5 8 9 14 9
            ConvTranspose@11 strides=[2] auto_pad=SAME_UPPER : f32[1,1,3] 1 2 3; f32[1,1,3] 1 2 3 => f32[1,1,6] 1 2 5 4 9 6
            ConvTranspose@11 strides=[2] auto_pad=SAME_LOWER : f32[1,1,3] 1 2 3; f32[1,1,3] 1 2 3 => f32[1,1,6] 2 5 4 9 6 9
            ConvTranspose@22 group=2 strides=[1,2] : f32[1,2,2,2] 1 2 3 4 5 6 7 8; f32[2,1,2,1] 2 -1 -1 -2 => f32[1,2,3,3] 2 0 4 5 0 6
               -3 0 -4 -5 0 -6 -17 0 -20 -14 0 -16
            ConvTranspose@22 pads=[3,0] : f32[1,1,4] 1 2 3 4; f32[1,1,2] 1 2 => f32[1,1,2] 10 8
            ConvTranspose@11 output_shape=[1,1,6] : f32[1,1,3] 1 2 3; f32[1,1,2] 1 2; f32[1] 5 => f32[1,1,6] 6 9 12 11 5 5
            ConvTranspose@11 auto_pad=SAME_UPPER strides=[3] : f32[1,1,2] 1 2; f32[1,1,1] 2 => f32[1,1,6] 2 0 0 4 0 0
            ConvTranspose@11 strides=[2] dilations=[3] : f32[1,1,2] 1 2; f32[1,1,2] 1 10 => f32[1,1,6] 1 0 2 10 0 20
            ConvTranspose@11 auto_pad=VALID strides=[2] : f32[1,1,2] 1 2; f32[1,1,1] 2 => f32[1,1,3] 2 0 4

            # Whole numbers, exact; the padding is the zero point.
            ConvInteger@10 : u8[1,1,2,2] 1 2 3 4; u8[1,1,2,2] 1 2 3 4 => i32[1,1,1,1] 30
            ConvInteger@10 pads=[1,1,0,0] : u8[1,1,2,2] 2 3 4 255; u8[1,1,2,2] 0 1 255 2; u8[] 1; u8[] 1 => i32[1,1,2,2] 1 256 3 1015
            ConvInteger@10 : u8[1,1,2] 3 4; i8[2,1,1] 1 -1; u8[1] 1; i8[2] 0 1 => i32[1,2,2] 2 3 -4 -6
            ConvInteger@10 group=2 : i8[1,2,1] -128 127; i8[2,1,1] -128 -128 => i32[1,2,1] 16384 -16256
            ConvInteger@10 : u8[1,0,2]; u8[1,0,1] => i32[1,1,2] 0 0

            # One weight scale, or one an output channel; a bias is of the scale of the sums.
            QLinearConv@10 : u8[1,1,2,2] 255 174 162 25; f32[] 0.003692047; u8[] 132; u8[1,1,1,1] 0; f32[1] 0.0017279458; u8[1] 255;
               f32[] 0.0016268126; u8[] 123 => u8[1,1,2,2] 0 81 93 230
            QLinearConv@10 : u8[1,1,2,2] 10 20 30 40; f32[] 0.5; u8[] 0; i8[2,1,1,1] 1 -2; f32[2] 0.25 0.5; i8[2] 0 0; f32[]
               0.69999999; u8[] 100; i32[2] 3 -40 => u8[1,2,2,2] 102 104 106 108 79 71 64 57

            # Windows whose elements are offset.
            DeformConv@19 : f32[1,1,3,3] 1 2 3 4 5 6 7 8 9; f32[1,1,2,2] 1 1 1 1; f32[1,8,2,2] 0.5 0.5 0.5 0.5 0 0 0 0 0 0 0 0 0 0 0 0
               0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 => f32[1,1,2,2] 13.5 17.5 25.5 29.5
            DeformConv@22 strides=[2,2] group=2 offset_group=2 : f32[1,2,3,3] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18;
               f32[2,1,1,1] 2 -2; f32[1,4,2,2] 0 1 0.25 0 0 -0.5 0 0 1 0 0 -1 0.5 0.5 0.5 3; f32[2] 1 2; f32[1,2,2,2] 1 0.5 2 1 1 1 0 1
               => f32[1,2,2,2] 3 6.5 22 19 -25 -10 2 2
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
