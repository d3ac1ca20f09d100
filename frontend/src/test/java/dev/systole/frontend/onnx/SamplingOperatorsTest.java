package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Expected values by onnxruntime, or by hand. */
class SamplingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Zeros beyond the borders, the border, or its reflection.
            GridSample@16 : f32[1,1,2,3] 1 2 3 4 5 6; f32[1,2,2,2] -1 -1 0 0 0.5 -0.25 1.5 0.89999998 => f32[1,1,2,2] 0.25 3.5 3.5 0
            GridSample@16 mode=bicubic align_corners=1 : f32[1,1,2,3] 1 2 3 4 5 6; f32[1,2,2,2] -1 -1 0 0 0.5 -0.25 1.5 0.89999998 =>
               f32[1,1,2,2] 1 4.15625 4.779068 3.142324
            GridSample@16 mode=nearest padding_mode=border : f32[1,1,2,3] 1 2 3 4 5 6; f32[1,2,2,2] -1 -1 0 0 0.5 -0.25 1.5 0.89999998
               => f32[1,1,2,2] 1 2 3 6
            GridSample@20 mode=linear padding_mode=reflection : f32[1,1,2,3] 1 2 3 4 5 6; f32[1,2,2,2] -1 -1 0 0 0.5 -0.25 1.5
               0.89999998 => f32[1,1,2,2] 1 3.5 3.5 5.75
            GridSample@20 mode=linear padding_mode=reflection align_corners=1 : f32[1,1,2,3] 1 2 3 4 5 6; f32[1,2,2,2] -1 -1 0 0 0.5
               -0.25 1.5 0.89999998 => f32[1,1,2,2] 1 3.5 3.625 5.3499999
            GridSample@20 mode=linear padding_mode=border align_corners=1 : f32[1,1,2,3] 1 2 3 4 5 6; f32[1,2,2,2] -1 -1 0 0 0.5 -0.25
               1.5 0.89999998 => f32[1,1,2,2] 1 3.5 3.625 5.8499999
            GridSample@22 mode=linear : f32[1,2,2,1,2] 1 2 3 4 5 6 7 8; f32[1,1,1,2,3] 0.1 0 -0.2 -1.4 0 1 => f32[1,2,1,1,2] 2.2
               0.15000004 6.1999998 0.35000008
            GridSample@16 mode=bicubic padding_mode=border : f32[1,1,1,2] 1 2; f32[1,1,1,2] -3 0 => f32[1,1,1,1] 1
            GridSample@22 : i32[1,1,1,2] 10 20; f32[1,1,1,2] 0.1 0 => i32[1,1,1,1] 16
            GridSample@22 mode=nearest : bool[1,1,1,2] 0 1; f16[1,1,2,2] 0.5 0 7 0 => bool[1,1,1,2] 1 0
            GridSample@22 mode=nearest : f32[1,1,3] 1 2 3; f32[1,2,1] 1 -1 => f32[1,1,2] 3 1
            GridSample@22 padding_mode=reflection align_corners=1 : f32[1,1,1,1] 5; f32[1,1,1,2] 7 -2 => f32[1,1,1,1] 5
            GridSample@22 : f32[1,0,1,2]; f32[1,2,1,2] 1 2 3 4 => f32[1,0,2,1]

            # Corners at the outer elements, or at their edges.
            AffineGrid@20 : f32[1,2,3] 1 0 0.5 0.5 2 -1; =i64[4] 1 1 2 3 => f32[1,2,3,2] -0.16666669 -2.3333335 0.5 -2 1.1666667
               -1.6666666 -0.16666669 -0.33333337 0.5 0 1.1666667 0.33333337
            AffineGrid@20 align_corners=1 : f32[1,2,3] 1 0 0.5 0.5 2 -1; =i64[4] 1 1 2 3 => f32[1,2,3,2] -0.5 -3.5 0.5 -3 1.5 -2.5 -0.5
               0.5 0.5 1 1.5 1.5
            AffineGrid@20 : f32[2,3,4] 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; =i64[5] 2 1 1 2 1 =>
               f32[2,1,2,1,3] 3 5 7 5 11 17 9 11 13 23 29 35
            AffineGrid@20 align_corners=1 : f32[1,2,3] 1 0 3 0 1 4; =i64[4] 1 1 1 1 => f32[1,1,1,2] 3 4
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
