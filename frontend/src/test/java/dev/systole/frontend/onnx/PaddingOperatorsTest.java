package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Elements that are added at the ends of dimensions, or taken away. */
class PaddingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Pad: a constant, of whatever type.
            Pad@1 paddings=[0,1,0,2] value=1.5 : f32[2,3] 1 2 3 4 5 6 => f32[2,6] 1.5 1 2 3 1.5 1.5 1.5 4 5 6 1.5 1.5
            Pad@2 pads=[1,0,0,1] : f32[2,3] 1 2 3 4 5 6 => f32[3,4] 0 0 0 0 1 2 3 0 4 5 6 0
            Pad@11 : f32[2,3] 1 2 3 4 5 6; =i64[4] 0 0 1 0; f32[] 7 => f32[3,3] 1 2 3 4 5 6 7 7 7
            Pad@13 : bool[1] 1; =i64[2] 1 2; bool[1] 1 => bool[4] 1 1 1 1
            Pad@13 : bool[1] 1; =i64[2] 0 2 => bool[3] 1 0 0
            Pad@18 : f32[2,3] 1 2 3 4 5 6; =i64[2] 1 0; none; =i32[1] -1 => f32[2,4] 0 1 2 3 0 4 5 6
            Pad@21 : i64[] 5; =i64[0] => i64[] 5
            Pad@13 : f32[0,2]; =i64[4] 1 0 1 0 => f32[2,2] 0 0 0 0
            # Pad: negative counts take away, in every mode; a constant may take the place of all that was there.
            Pad@13 : f32[2,3] 1 2 3 4 5 6; =i64[4] -1 0 0 -1 => f32[1,2] 4 5
            Pad@13 : f32[2,3] 1 2 3 4 5 6; =i64[4] 0 -1 0 2 => f32[2,4] 2 3 0 0 5 6 0 0
            Pad@13 : f32[3] 1 2 3; =i64[2] -4 3 => f32[2] 0 0
            Pad@13 : f32[3] 1 2 3; =i64[2] 3 -4 => f32[2] 0 0
            Pad@13 : f32[3] 1 2 3; =i64[2] -2 -1 => f32[0]
            Pad@13 mode=edge : f32[4] 1 2 3 4; =i64[2] -1 2 => f32[5] 2 3 4 4 4
            Pad@19 mode=reflect : f32[4] 1 2 3 4; =i64[2] 2 -1 => f32[5] 3 2 1 2 3
            # Pad: what is there goes on, once or more often.
            Pad@2 pads=[0,1,0,2] mode=edge : f32[2,3] 1 2 3 4 5 6 => f32[2,6] 1 1 2 3 3 3 4 4 5 6 6 6
            Pad@11 mode=edge : f32[2,3] 1 2 3 4 5 6; =i64[4] 2 0 1 0 => f32[5,3] 1 2 3 1 2 3 1 2 3 4 5 6 4 5 6
            Pad@11 mode=reflect : f32[2,3] 1 2 3 4 5 6; =i64[4] 1 2 0 1 => f32[3,6] 6 5 4 5 6 5 3 2 1 2 3 2 6 5 4 5 6 5
            Pad@13 mode=reflect : f32[3] 1 2 3; =i64[2] 5 7 => f32[15] 2 1 2 3 2 1 2 3 2 1 2 3 2 1 2
            Pad@13 mode=reflect : f32[2] 1 2; =i64[2] 3 2 => f32[7] 2 1 2 1 2 1 2
            Pad@13 mode=reflect : f32[1] 1; =i64[2] 1 2 => f32[4] 1 1 1 1
            Pad@19 mode=wrap : f32[2,3] 1 2 3 4 5 6; =i64[4] 1 2 0 1 => f32[3,6] 5 6 4 5 6 4 2 3 1 2 3 1 5 6 4 5 6 4
            Pad@19 mode=wrap : f32[3] 1 2 3; =i64[2] 7 5 => f32[15] 3 1 2 3 1 2 3 1 2 3 1 2 3 1 2
            Pad@19 mode=wrap : i8[2] 3 4; =i64[2] 1 0; none; =i64[1] 0 => i8[3] 4 3 4
            # The middle of something.
            CenterCropPad@18 : f32[2,3] 1 2 3 4 5 6; =i64[2] 2 2 => f32[2,2] 1 2 4 5
            CenterCropPad@18 : f32[2,3] 1 2 3 4 5 6; =i64[2] 3 5 => f32[3,5] 0 1 2 3 0 0 4 5 6 0 0 0 0 0 0
            CenterCropPad@18 : f32[2,3] 1 2 3 4 5 6; =i64[2] 1 1 => f32[1,1] 2
            CenterCropPad@18 axes=[-1] : f32[2,3] 1 2 3 4 5 6; =i64[1] 4 => f32[2,4] 1 2 3 0 4 5 6 0
            CenterCropPad@18 axes=[0] : f32[2,3] 1 2 3 4 5 6; =i64[1] 0 => f32[0,3]
            # Repetition.
            Tile@1 : f32[2,3] 1 2 3 4 5 6; =f32[] 2; =f32[] 1 => f32[2,6] 1 2 3 1 2 3 4 5 6 4 5 6
            Tile@6 : f32[2,3] 1 2 3 4 5 6; =i64[2] 2 1 => f32[4,3] 1 2 3 4 5 6 1 2 3 4 5 6
            Tile@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 2 2 => f32[4,6] 1 2 3 1 2 3 4 5 6 4 5 6 1 2 3 1 2 3 4 5 6 4 5 6
            Tile@13 : bool[1,2] 1 0; =i64[2] 1 3 => bool[1,6] 1 0 1 0 1 0
            Tile@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 0 2 => f32[0,6]
            Tile@13 : f32[] 4; =i64[0] => f32[] 4
            Tile@13 : f32[2,0]; =i64[2] 2 3 => f32[4,0]

            # Nothing at all, narrow types, many dimensions.
            Pad@21 : i4[3] 1 -2 3; =i64[2] 1 1; i4[] 7 => i4[5] 7 1 -2 3 7
            Pad@21 mode=reflect : u4[3] 1 2 3; =i64[2] 2 1 => u4[6] 3 2 1 2 3 2
            Tile@13 : bf16[2] 1 2; =i64[1] 2 => bf16[4] 1 2 1 2
            Pad@13 mode=edge : f32[2,0]; =i64[4] 1 0 0 0 => f32[3,0]
            Pad@13 mode=reflect : f32[3,0]; =i64[4] 5 0 1 0 => f32[9,0]
            Pad@18 : f32[1,1,1,1,1,1,1,2] 1 2; =i64[2] 1 1; none; =i64[1] -1 => f32[1,1,1,1,1,1,1,4] 0 1 2 0
            """);

    static final List<String> FAULTS = NodeCase.lines("""
            Pad@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 1 1 => !has 2 pads for 2 axes, which need two each
            Pad@13 : f32[2,3] 1 2 3 4 5 6; i64[4] 0 0 0 0 => !input 1 (pads, "x1") must be known when compiling, but is computed at
             run time; bind it: --bind x1=VALUE
            Pad@13 : f32[2,3] 1 2 3 4 5 6; =i64[4] 0 -2 0 -2 => !takes more than all 3 elements of dimension 1 away
            Pad@13 mode=edge : f32[2,3] 1 2 3 4 5 6; =i64[4] 0 -4 0 2 => !takes more than all 3 elements of dimension 1 away
            Pad@18 mode=wrap : f32[2] 1 2; =i64[2] 1 1 => !mode wrap comes with version 19 of the operators
            Pad@19 mode=mirror : f32[2] 1 2; =i64[2] 1 1 => !mode is "mirror"; it is constant, reflect, edge or wrap
            Pad@19 mode=reflect : f32[0]; =i64[2] 1 1 => !dimension 0 has no elements that the padding could repeat
            Pad@18 : f32[2,3] 1 2 3 4 5 6; =i64[4] 1 1 1 1; none; =i64[2] 0 -2 => !names an axis twice: [0, -2]
            Pad@18 : f32[2,3] 1 2 3 4 5 6; =i64[2] 1 1; none; =i64[1] 2 => !axis 2 is outside a tensor of rank 2
            Pad@13 : f32[2] 1 2; =i64[2] 1 1; f32[2] 1 2 => !input 2 (constant_value) is f32[2], not one element
            Pad@13 : f32[2] 1 2; =i64[2] 9223372036854775807 9223372036854775807 => !a size is beyond 64 bits
            Pad@13 mode=edge : f32[2] 1 2; =i64[2] 9223372036854775807 1 => !
            Pad@19 mode=wrap : f32[2] 1 2; =i64[2] 9223372036854775807 1 => !
            Pad@19 mode=wrap : f32[2] 1 2; =i64[2] -9223372036854775808 1 => !
            Tile@13 : f32[2,3] 1 2 3 4 5 6; =i64[1] 1 => !repeats [1] are not one number for each dimension of f32[2,3]
            Tile@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 1 -1 => !repeats dimension 1 -1 times
            Tile@13 : f32[2,3] 1 2 3 4 5 6; =i64[2] 4294967296 4294967296 => !more than 2^63 elements
            Tile@1 : f32[2,3] 1 2 3 4 5 6; =f32[] 2; =f32[] 2 => !axis 2 is outside a tensor of rank 2
            CenterCropPad@18 : f32[2,3] 1 2 3 4 5 6; =i64[1] 1 => !shape [1] is not one extent for each of 2 axes
            CenterCropPad@18 axes=[0,0] : f32[2,3] 1 2 3 4 5 6; =i64[2] 1 1 => !names an axis twice: [0, 0]
            CenterCropPad@18 axes=[0] : f32[2,3] 1 2 3 4 5 6; =i64[1] -1 => !shape [-1] has a negative extent
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
