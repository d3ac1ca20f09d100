package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Nodes with windows, resized dimensions, regions and channels that contradict themselves or their operands, or are too large. */
class SpatialErrorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Windows.
            Conv@11 : f32[2,3] 1 2 3 4 5 6; f32[2,3] 1 2 3 4 5 6 => !takes [N, C, spatial...], not f32[2,3]
            Conv@11 : f32[1,1,3] 1 2 3; f32[1,1,1,1] 1 => !has weights f32[1,1,1,1] for f32[1,1,3]; their ranks are equal
            Conv@11 kernel_shape=[2] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has kernel_shape [2] and weights f32[1,1,1]
            Conv@11 : f32[1,1,3] 1 2 3; f32[1,1,0] => !without elements
            Conv@11 : f32[1,1,3] 1 2 3; f32[1,1,4] 1 2 3 4 => !has windows of 4 elements over 3, where none fits
            Conv@11 strides=[0] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has strides [0]; they are positive
            Conv@11 strides=[1,1] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has strides [1, 1], not 1 numbers
            Conv@11 dilations=[-1] : f32[1,1,3] 1 2 3; f32[1,1,2] 1 2 => !has dilations [-1]; they are positive
            Conv@11 pads=[-1,0] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has pads [-1, 0]; they are not negative
            Conv@11 pads=[1] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has pads [1], not 2 numbers
            Conv@11 auto_pad=VALID pads=[1,0] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has pads beside auto_pad VALID; give one of them
            Conv@11 auto_pad=SAME : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !has auto_pad "SAME"; there are NOTSET, SAME_UPPER, SAME_LOWER and VALID
            Conv@11 group=2 : f32[1,3,1] 1 2 3; f32[2,1,1] 1 2 => !divides 3 channels into 2 groups
            Conv@11 group=0 : f32[1,1,1] 1; f32[1,1,1] 1 => !divides 1 channels into 0 groups
            Conv@11 group=4611686018427387905 : f32[1,4,1] 1 2 3 4; f32[0,4,1] => !groups
            Conv@11 : f32[1,3,1] 1 2 3; f32[2,1,1] 1 2 => !3 channels in 1 groups
            Conv@11 : f32[1,1,1] 1; f32[2,1,1] 1 2; f32[1] 1 => !has f32[1] where 2 channels take a vector of as many
            Conv@11 pads=[9223372036854775807,1] : f32[1,1,1] 1; f32[1,1,1] 1 => !
            Conv@11 dilations=[9223372036854775807] : f32[1,1,1] 1; f32[1,1,3] 1 2 3 => !
            Conv@11 pads=[1073741824,1073741824] strides=[1073741824] : =f32[1,1,1] 1; =f32[1,1,1] 1 => !which is too much
            ConvTranspose@11 output_shape=[1,2] : f32[1,1,1] 1; f32[1,1,1] 1 => !has output_shape [1, 2], not 1 numbers
            ConvTranspose@11 output_padding=[-1] : f32[1,1,1] 1; f32[1,1,1] 1 => !has output_padding [-1]
            ConvTranspose@11 pads=[1,1] : f32[1,1,2] 1 2; f32[1,1,1] 1 => !gives 0 elements along dimension 2
            ConvTranspose@11 : f32[1,1,0]; f32[1,1,1] 1 => !for an input [1,1,0]
            ConvTranspose@11 : f32[1,1,1] 1; f32[2,1,1] 1 2 => !has weights f32[2,1,1] for 1 channels
            ConvTranspose@11 auto_pad=SAME : f32[1,1,1] 1; f32[1,1,1] 1 => !has auto_pad "SAME"
            ConvTranspose@11 strides=[9223372036854775807] : f32[1,1,3] 1 2 3; f32[1,1,1] 1 => !
            ConvTranspose@11 dilations=[1073741824] pads=[1073741824,0] : =f32[1,1,1] 1; =f32[1,1,2] 1 2 => !
            ConvInteger@10 : u8[1,1,1] 1; u8[2,1,1] 1 2; u8[] 1; u8[3] 1 2 3 => !has zero points u8[3] for weights u8[2,1,1]
            ConvInteger@10 : u8[1,1,1] 1; u8[1,1,1] 1; u8[2] 1 2 => !takes one scale and zero point for all of a tensor
            ConvInteger@10 : u8[1,2,1] 1 2; u8[1,1,1] 1 => !in 1 groups
            DeformConv@19 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 0 => !has an input 2 f32[1,1,1,1]; it is [1,2,1,1]
            DeformConv@19 offset_group=2 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,4,1,1] 0 0 0 0 => !with 2 offset groups
            MaxPool@12 kernel_shape=[] : f32[1,1,1] 1 => !
            MaxPool@12 kernel_shape=[2] : f32[1,1,1] 1 => !has windows of 2 elements over 1
            MaxPool@12 kernel_shape=[0] : f32[1,1,1] 1 => !has kernel_shape [0]; they are positive
            LpPool@1 : f32[1,1,1] 1 => !attribute "kernel_shape" is missing
            LpPool@2 kernel_shape=[1] p=0 : f32[1,1,1] 1 => !has a norm of order 0.0
            GlobalMaxPool@1 : f32[2] 1 2 => !takes [N, C, spatial...], not f32[2]
            MaxUnpool@11 kernel_shape=[1] : f32[1,1,1] 1; i64[1,1,2] 0 0 => !and indices of that shape
            MaxUnpool@11 kernel_shape=[1] : f32[1,1,1] 1; i64[1,1,1] 0; =i64[3] 1 2 1 => !unpools f32[1,1,1] to [1, 2, 1]
            MaxUnpool@11 kernel_shape=[1] : f32[1,1,1] 1; i64[1,1,1] 0; i64[3] 1 1 1 => !must be known when compiling
            MaxUnpool@11 kernel_shape=[1] pads=[2,0] : f32[1,1,1] 1; i64[1,1,1] 0 => !

            # Normalisation.
            BatchNormalization@15 : f32[] 1; f32[1] 1; f32[1] 1; f32[1] 1; f32[1] 1 => !takes [N, C, ...], not f32[]
            BatchNormalization@15 : f32[1,2] 1 2; f32[1] 1; f32[2] 1 1; f32[2] 1 1; f32[2] 1 1 => !it needs 2 elements
            InstanceNormalization@6 : f32[1] 1; f32[1] 1; f32[1] 1 => !takes [N, C, ...], not f32[1]
            InstanceNormalization@6 : f32[1,2,1] 1 2; f32[1] 1; f32[2] 1 1 => !2 channels take a vector of as many
            GroupNormalization@21 num_groups=2 : f32[1,3,1] 1 2 3; f32[3] 1 1 1; f32[3] 1 1 1 => !divides 3 channels into 2 groups
            GroupNormalization@21 num_groups=0 : f32[1,1,1] 1; f32[1] 1; f32[1] 1 => !into 0 groups
            GroupNormalization@21 num_groups=1 stash_type=7 : f32[1,1,1] 1; f32[1] 1; f32[1] 1 => !has stash_type 7, which is no float type
            RMSNormalization@23 : f32[1] 1; f32[2] 1 2 => !larger than f32[1]
            RMSNormalization@23 axis=1 : f32[1] 1; f32[1] 1 => !axis 1 is outside a tensor of rank 1
            LpNormalization@22 p=3 : f32[1] 1 => !a norm of order 3; 1 and 2 are defined
            MeanVarianceNormalization@13 : f32[1,1] 1 => !axis 2 is outside a tensor of rank 2
            LRN@13 size=0 : f32[1,1,1,1] 1 => !sums over 0 channels
            LRN@13 size=1 : f32[1] 1 => !takes [N, C, ...], not f32[1]

            # Sizes.
            Resize@13 : f32[2] 1 2; none; f32[1] 2 => !must be known when compiling
            Resize@13 : f32[2] 1 2 => !needs either scales or sizes
            Resize@13 : f32[2] 1 2; none; =f32[1] 1; =i64[1] 2 => !needs either scales or sizes
            Resize@13 : f32[2] 1 2; none; =f32[2] 1 1 => !has 2 scales for 1 axes
            Resize@13 : f32[2] 1 2; none; =f32[1] 0 => !has scales [0.0]; they are positive
            Resize@13 : f32[2] 1 2; none; =f32[1] inf => !they are positive
            Resize@13 : f32[2] 1 2; none; =f32[1] 1e30 => !
            Resize@13 : f32[2] 1 2; none; none; =i64[1] -1 => !resizes dimension 0 of f32[2] to -1 elements
            Resize@13 : f32[0]; none; none; =i64[1] 1 => !resizes dimension 0 of f32[0] to 1 elements
            Resize@13 : f32[2] 1 2; none; none; =i64[1] 1000000000 => !along an axis are supported
            Resize@13 mode=area : f32[2] 1 2; none; =f32[1] 2 => !has mode "area"; there are nearest, linear and cubic
            Resize@13 nearest_mode=up : f32[2] 1 2; none; =f32[1] 2 => !has nearest_mode "up"
            Resize@13 coordinate_transformation_mode=half_pixel_symmetric : f32[2] 1 2; none; =f32[1] 2 => !has coordinate_transformation_mode
            Resize@13 coordinate_transformation_mode=tf_crop_and_resize : f32[2] 1 2; =f32[1] 1; =f32[1] 2 => !has a roi of 1 numbers for 1 axes
            Resize@18 axes=[0,-1] : f32[2] 1 2; none; =f32[2] 2 2 => !resizes an axis twice: [0, 0]
            Resize@18 axes=[1] : f32[2] 1 2; none; =f32[1] 2 => !axis 1 is outside a tensor of rank 1
            Resize@18 antialias=1 : f32[2] 1 2; none; =f32[1] 2 => !has antialias for mode "nearest"
            Resize@18 keep_aspect_ratio_policy=none : f32[2] 1 2; none; none; =i64[1] 2 => !has keep_aspect_ratio_policy "none"
            Upsample@9 : f32[2] 1 2; =f32[1] 0.5 => !has scales [0.5]; they are 1 or more
            Upsample@1 width_scale=1.0 height_scale=2.0 : f32[2] 1 2 => !takes [N, C, height, width], not f32[2]

            # Samples and regions.
            GridSample@16 : f32[1,1,1] 1; f32[1,1,1] 0 => !samples f32[1,1,1] with a grid f32[1,1,1]
            GridSample@20 : f32[1,1,1,1] 1; f32[1,1,1,3] 0 0 0 => !samples f32[1,1,1,1] with a grid f32[1,1,1,3]
            GridSample@20 mode=bilinear : f32[1,1,1,1] 1; f32[1,1,1,2] 0 0 => !has mode "bilinear"; there are nearest, linear and cubic
            GridSample@20 padding_mode=wrap : f32[1,1,1,1] 1; f32[1,1,1,2] 0 0 => !has padding_mode "wrap"
            GridSample@20 : f32[1,1,0,1]; f32[1,1,1,2] 0 0 => !samples f32[1,1,0,1], which has no elements
            AffineGrid@20 : f32[1,2,3] 1 0 0 0 1 0; i64[4] 1 1 2 2 => !must be known when compiling
            AffineGrid@20 : f32[1,2,3] 1 0 0 0 1 0; =i64[4] 2 1 2 2 => !has theta f32[1,2,3] for size [2, 1, 2, 2]
            AffineGrid@20 : f32[1,2,3] 1 0 0 0 1 0; =i64[4] 1 1 -2 2 => !for size [1, 1, -2, 2]
            RoiAlign@16 : f32[1,1,1] 1; f32[1,4] 0 0 1 1; i64[1] 0 => !takes X [N, C, H, W]
            RoiAlign@16 mode=sum : f32[1,1,1,1] 1; f32[1,4] 0 0 1 1; i64[1] 0 => !has mode "sum"; there are avg and max
            RoiAlign@16 output_height=0 : f32[1,1,1,1] 1; f32[1,4] 0 0 1 1; i64[1] 0 => !gives 0 by 1 parts
            RoiAlign@16 sampling_ratio=-1 : f32[1,1,1,1] 1; f32[1,4] 0 0 1 1; i64[1] 0 => !with sampling_ratio -1
            RoiAlign@16 coordinate_transformation_mode=none : f32[1,1,1,1] 1; f32[1,4] 0 0 1 1; i64[1] 0 => !has coordinate_transformation_mode "none"
            RoiAlign@16 mode=max sampling_ratio=1000000 : f32[1,1,1,1] 1; f32[1,4] 0 0 1 1; i64[1] 0 => !too many
            MaxRoiPool@1 pooled_shape=[1] : f32[1,1,1,1] 1; f32[1,5] 0 0 0 1 1 => !for parts [1]
            """);

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
