package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Blocks of images as channels and columns. */
class RearrangingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            SpaceToDepth@1 blocksize=2 : f32[1,2,2,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 => f32[1,8,1,2] 1 3 9 11 2 4 10 12 5 7
             13 15 6 8 14 16
            SpaceToDepth@13 blocksize=1 : f32[1,2,2,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 => f32[1,2,2,4] 1 2 3 4 5 6 7 8 9 10
             11 12 13 14 15 16
            SpaceToDepth@28 blocksize=2 : u8[1,2,2,2] 1 2 3 4 5 6 7 8 => u8[1,8,1,1] 1 5 2 6 3 7 4 8
            SpaceToDepth@28 blocksize=2 mode=CRD : u8[1,2,2,2] 1 2 3 4 5 6 7 8 => u8[1,8,1,1] 1 2 3 4 5 6 7 8
            Col2Im@18 : bool[1,4,3] 1 0 0 0 0 0 0 1 0 0 0 0; =i64[2] 2 4; =i64[2] 2 2 => bool[1,1,2,4] 1 0 0 0 0 1 0 0
            SpaceToDepth@13 blocksize=2 : u8[0,1,2,2] => u8[0,4,1,1]
            DepthToSpace@1 blocksize=2 : f32[1,8,1,2] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 => f32[1,2,2,4] 1 5 2 6 9 13 10 14 3 7
             4 8 11 15 12 16
            DepthToSpace@11 blocksize=2 mode=DCR : f32[1,8,1,2] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 => f32[1,2,2,4] 1 5 2 6 9 13
             10 14 3 7 4 8 11 15 12 16
            DepthToSpace@13 blocksize=2 mode=CRD : f32[1,8,1,2] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 => f32[1,2,2,4] 1 3 2 4 5 7
             6 8 9 11 10 12 13 15 14 16
            # Blocks that lie side by side, overlap, have gaps, or lie partly outside.
            Col2Im@18 : f32[1,4,3] 1 2 3 4 5 6 7 8 9 10 11 12; =i64[2] 2 4; =i64[2] 2 2 => f32[1,1,2,4] 1 6 8 6 7 18 20 12
            Col2Im@18 strides=[2,2] : f32[1,4,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; =i64[2] 4 4; =i64[2] 2 2 => f32[1,1,4,4] 1
             5 2 6 9 13 10 14 3 7 4 8 11 15 12 16
            Col2Im@18 strides=[1,3] dilations=[1,2] pads=[1,0,0,1] : f32[1,4,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; =i64[2] 2
             5; =i64[2] 2 2 => f32[1,1,2,5] 12 0 20 14 0 11 0 15 12 0
            Col2Im@18 strides=[1,2,2] : f32[1,4,2] 1 2 3 4 5 6 7 8; =i64[3] 1 2 4; =i64[3] 1 2 2 => f32[1,1,1,2,4] 1 3 2 4 5 7 6 8
            Col2Im@18 : i64[1,6,1] 0 1 2 3 4 5; =i64[2] 1 3; =i64[2] 1 3 => i64[1,2,1,3] 0 1 2 3 4 5
            Col2Im@18 : f32[1,3,2] 1 2 3 4 5 6; =i64[2] 1 4; =i64[2] 1 3 => f32[1,1,1,4] 1 5 9 6
            Col2Im@18 : f32[0,4,1]; =i64[2] 2 2; =i64[2] 2 2 => f32[0,1,2,2]

            # Nothing at all, narrow types, many dimensions.
            SpaceToDepth@13 blocksize=2 : f32[1,1,0,2] => f32[1,4,0,1]
            DepthToSpace@13 blocksize=2 : f32[1,0,1,1] => f32[1,0,2,2]
            """);

    static final List<String> FAULTS = NodeCase.lines("""
            SpaceToDepth@13 blocksize=2 : f32[1,1,3,2] 1 2 3 4 5 6 => !height 3 is not divisible by 2
            SpaceToDepth@13 blocksize=0 : f32[1,1,2,2] 1 2 3 4 => !blocksize is 0, not positive
            SpaceToDepth@13 blocksize=2 : f32[2,2] 1 2 3 4 => !takes [N,C,H,W], not f32[2,2]
            DepthToSpace@13 blocksize=2 : f32[1,3,1,1] 1 2 3 => !depth 3 is not divisible by 4
            DepthToSpace@13 blocksize=9223372036854775807 : f32[1,3,1,1] 1 2 3 => !
            SpaceToDepth@28 blocksize=2 mode=X : u8[1,2,2,2] 1 2 3 4 5 6 7 8 => !mode is "X"; it is DCR or CRD
            DepthToSpace@13 blocksize=1 mode=RCD : f32[1,1,1,1] 1 => !mode is "RCD"; it is DCR or CRD
            Col2Im@18 : f32[1,4,2] 1 2 3 4 5 6 7 8; =i64[2] 2 4; =i64[2] 2 2 => !takes [N, C * 4, 3] for this image and these
             blocks, not f32[1,4,2]
            Col2Im@18 : f32[1,3,3] 1 2 3 4 5 6 7 8 9; =i64[2] 2 4; =i64[2] 2 2 => !dimension 1 of extent 3 is not divisible by 4
            Col2Im@18 : f32[1,4,3] 1 2 3 4 5 6 7 8 9 10 11 12; =i64[2] 1 1; =i64[2] 2 2 => !takes [N, C * 4, 0]
            Col2Im@18 strides=[1] : f32[1,4,3] 1 2 3 4 5 6 7 8 9 10 11 12; =i64[2] 2 4; =i64[2] 2 2 => !do not have the same dimensions
            Col2Im@18 strides=[0,1] : f32[1,4,3] 1 2 3 4 5 6 7 8 9 10 11 12; =i64[2] 2 4; =i64[2] 2 2 => !blocks, strides and
             dilations are positive
            Col2Im@18 dilations=[9223372036854775807,9] : f32[1,4,3] 1 2 3 4 5 6 7 8 9 10 11 12; =i64[2] 2 4; =i64[2] 2 2 => !
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
