package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ReductionOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
# Booleans are ordered, too; nothing has no largest element.
ReduceMax@20 keepdims=0 : bool[2,2] 0 1 0 0; =i64[1] 1 => bool[2] 1 0
ReduceMin@20 : bool[2,2] 1 1 1 0; =i64[1] 0 => bool[1,2] 1 0
ReduceMax@20 keepdims=0 : bool[0,1]; =i64[1] 0 => bool[1] 0
ReduceMin@20 keepdims=0 : bool[0,1]; =i64[1] 0 => bool[1] 1

# Axes are an attribute of ReduceSum before opset 13, an input since.
ReduceSum@1 axes=[1] : f32[2,3] 1 2 3 4 5 6 => f32[2,1] 6 15
ReduceSum@11 axes=[-2] keepdims=0 : f32[2,3] 1 2 3 4 5 6 => f32[3] 5 7 9
ReduceSum@11 axes=[0,2] : f32[2,2,2] 1 2 3 4 5 6 7 8 => f32[1,2,1] 14 22
ReduceSum@11 : f32[2,3] 1 2 3 4 5 6 => f32[1,1] 21
ReduceSum@13 : f32[2,3] 1 2 3 4 5 6; =i64[1] 1 => f32[2,1] 6 15
ReduceSum@13 keepdims=0 : f32[2,3] 1 2 3 4 5 6; =i64[2] -1 0 => f32[] 21
ReduceSum@13 keepdims=0 : f32[2,3] 1 2 3 4 5 6 => f32[] 21
ReduceSum@13 keepdims=0 : f32[2,3] 1 2 3 4 5 6; =i64[0] => f32[] 21
ReduceSum@13 noop_with_empty_axes=1 : f32[2] 1 2; =i64[0] => f32[2] 1 2
ReduceSum@13 noop_with_empty_axes=1 keepdims=0 : f32[2] 1 2 => f32[2] 1 2
ReduceSum@13 noop_with_empty_axes=1 : f32[2] 1 2; =i64[1] 0 => f32[1] 3
ReduceSum@13 : i64[3] 1 2 -5; =i64[1] 0 => i64[1] -2
ReduceSum@13 keepdims=0 : f32[2,0]; =i64[1] 1 => f32[2] 0 0
ReduceSum@13 : f32[] 5 => f32[] 5
ReduceSum@13 : bf16[2] 256 1.5 => bf16[1] 258

# Of the other reductions, since opset 18.
ReduceProd@13 axes=[1] keepdims=0 : f32[2,3] 1 2 3 4 5 6 => f32[2] 6 120
ReduceProd@18 : i32[2,2] 1 2 3 4; =i64[1] 0 => i32[1,2] 3 8
ReduceProd@18 : f32[2,0]; =i64[1] 1 => f32[2,1] 1 1
ReduceMax@12 axes=[0] : f32[2,3] 1 5 3 4 2 6 => f32[1,3] 4 5 6
ReduceMax@18 keepdims=0 : i8[2,2] -5 -3 7 1; =i64[1] -1 => i8[2] -3 7
ReduceMax@18 : f32[2,2] 1 inf nan 3; =i64[1] 1 => f32[2,1] inf nan
ReduceMin@13 axes=[0] : f32[2,3] 1 5 3 4 2 6 => f32[1,3] 1 2 3
ReduceMin@18 keepdims=0 : u8[2,2] 5 250 7 1; =i64[1] 1 => u8[2] 5 1
ReduceMax@20 : bool[2,2] 0 1 0 0; =i64[1] 1 => bool[2,1] 1 0
ReduceMin@20 keepdims=0 : bool[2,2] 1 1 0 1; =i64[1] 1 => bool[2] 1 0
ReduceMin@20 noop_with_empty_axes=1 : f32[2] 1 2 => f32[2] 1 2
ReduceMean@11 axes=[-1] : f32[2,3] 1 2 3 4 5 9 => f32[2,1] 2 6
ReduceMean@18 keepdims=0 : f32[2,3] 1 2 3 4 5 9; =i64[2] 0 1 => f32[] 4
ReduceMean@13 : i32[3] 1 2 5 => i32[1] 2
ReduceL1@13 axes=[1] : f32[2,3] 1 -2 3 -4 5 -6 => f32[2,1] 6 15
ReduceL1@18 keepdims=0 : i32[2] -3 4; =i64[1] 0 => i32[] 7
ReduceL2@13 axes=[1] keepdims=0 : f32[2,3] 1 -2 3 1 3 5 => f32[2] 3.7416574 5.91608
ReduceL2@18 : f32[2] 3 -4; =i64[1] 0 => f32[1] 5
ReduceSumSquare@13 axes=[1] keepdims=0 : f32[2,3] 1 -2 3 1 3 5 => f32[2] 14 35
ReduceSumSquare@18 : i64[2] 3 -4; =i64[1] 0 => i64[1] 25
ReduceLogSum@13 axes=[1] keepdims=0 : f32[2,3] 1 2 3 1 3 5 => f32[2] 1.7917595 2.1972246
ReduceLogSum@18 : f32[2] 0.25 0.75; =i64[1] 0 => f32[1] 0
ReduceLogSumExp@13 axes=[1] : f32[2,3] 1 2 3 1 3 5 => f32[2,1] 3.407606 5.1429316
ReduceLogSumExp@18 : f32[2,3] 1 2 3 1 3 5; =i64[1] 0 => f32[1,3] 1.6931472 3.3132617 5.126928
ReduceLogSumExp@18 keepdims=0 : f32[2,3] 1 2 3 1 3 5 => f32[] 5.305342
ReduceLogSumExp@18 : f32[2] 1000 1000 => f32[1] 1000.69318
ReduceLogSumExp@18 : f32[2] -1000 -1000 => f32[1] -999.30685
ReduceLogSumExp@18 : f32[2,2] -inf -inf inf 1; =i64[1] 1 => f32[2,1] -inf inf
ReduceLogSumExp@18 : f32[2] nan 1 => f32[1] nan
ReduceLogSumExp@18 : f32[2,0]; =i64[1] 1 => f32[2,1] -inf -inf

# Over no axes only the steps around the sum are left.
ReduceL1@18 noop_with_empty_axes=1 : f32[2] -1 2 => f32[2] 1 2
ReduceL2@18 noop_with_empty_axes=1 keepdims=0 : f32[2] -1 2 => f32[2] 1 2
ReduceSumSquare@18 noop_with_empty_axes=1 : f32[2] -1 2; =i64[0] => f32[2] 1 4
ReduceLogSum@18 noop_with_empty_axes=1 : f32[1] 1 => f32[1] 0
ReduceLogSumExp@18 noop_with_empty_axes=1 : f32[2] -1 200 => f32[2] -1 200
ReduceMean@18 noop_with_empty_axes=1 : f32[2] -1 2 => f32[2] -1 2
ReduceL1@13 : f32[] -3 => f32[] 3

# Of integers the result is cut off.
ReduceL2@13 : i32[2] 1 2 => i32[1] 2
ReduceLogSum@13 : i64[2] 20 1 => i64[1] 3
ReduceLogSumExp@13 : i32[2] 1000 1000 => i32[1] 1000

# Softmax is over one dimension since opset 13, over all from the axis on before.
Softmax@13 : f32[2,3] 1 2 3 1 3 5 => f32[2,3] 0.09003057 0.24472847 0.66524096 0.01587624 0.11731043 0.86681333
Softmax@13 axis=0 : f32[2,3] 1 2 3 1 3 5 => f32[2,3] 0.5 0.26894142 0.11920292 0.5 0.73105858 0.88079708
Softmax@13 axis=1 : f32[1,2,3] 1 2 3 1 3 5 => f32[1,2,3] 0.5 0.26894142 0.11920292 0.5 0.73105858 0.88079708
Softmax@11 : f32[1,2,3] 1 2 3 1 3 5
   => f32[1,2,3] 0.01349627 0.03668667 0.0997247 0.01349627 0.0997247 0.73687139
Softmax@1 axis=0 : f32[2,3] 1 2 3 1 3 5
   => f32[2,3] 0.01349627 0.03668667 0.0997247 0.01349627 0.0997247 0.73687139
Softmax@11 axis=-1 : f32[1,2,3] 1 2 3 1 3 5
   => f32[1,2,3] 0.09003057 0.24472847 0.66524096 0.01587624 0.11731043 0.86681333
Softmax@13 : f32[2] 1000 1000 => f32[2] 0.5 0.5
Softmax@13 : f32[2,2] 100 2 0 -100 => f32[2,2] 1 0 1 0
Softmax@13 : f32[2,0] => f32[2,0]
LogSoftmax@13 : f32[2,3] 1 2 3 1 3 5
   => f32[2,3] -2.40760596 -1.40760596 -0.40760596 -4.14293163 -2.14293163 -0.14293163
LogSoftmax@13 axis=0 : f32[2,3] 1 2 3 1 3 5
   => f32[2,3] -0.69314718 -1.31326169 -2.12692801 -0.69314718 -0.31326169 -0.12692801
LogSoftmax@11 : f32[1,2,3] 1 2 3 1 3 5
   => f32[1,2,3] -4.3053419 -3.3053419 -2.3053419 -4.3053419 -2.3053419 -0.3053419
LogSoftmax@13 : f32[2] 1000 0 => f32[2] 0 -1000

# Normalised over all dimensions from the axis on; mean and inverse deviation where they are wanted.
LayerNormalization@17 : f32[2,4] 1 2 3 4 2 4 4 2; f32[4] 1 1 1 1
   => f32[2,4] -1.34163542 -0.44721181 0.44721181 1.34163542 -0.999995 0.999995 0.999995 -0.999995
LayerNormalization@17 : f32[1,4] 1 2 3 4; f32[4] 1 2 0 -1; f32[4] 0 1 5 0
   => f32[1,4] -1.34163542 0.10557638 5 -1.34163542
LayerNormalization@17 epsilon=1.0 : f32[2,4] 1 2 3 4 2 4 4 2; f32[4] 1 1 1 1; none
   => f32[2,4] -1 -0.33333333 0.33333333 1 -0.70710678 0.70710678 0.70710678 -0.70710678;
   f32[2,1] 2.5 3; f32[2,1] 0.66666667 0.70710678
LayerNormalization@17 axis=0 : f32[2,4] 1 2 3 4 2 4 4 2; f32[2,4] 1 1 1 1 1 1 1 1; f32[4] 0 0 0 1
   => f32[2,4] -1.60590338 -0.6882443 0.22941477 2.14707384 -0.6882443 1.14707384 1.14707384 0.3117557;
   f32[1,1] 2.75; f32[1,1] 0.91765907
LayerNormalization@17 axis=-2 : f32[1,2,2] 1 2 3 4; f32[1] 2
   => f32[1,2,2] -2.68327084 -0.89442361 0.89442361 2.68327084; none; f32[1,1,1] 0.89442361
LayerNormalization@17 : f16[1,4] 1 2 3 4; f16[4] 1 1 1 1
   => f16[1,4] -1.3416 -0.4472 0.4472 1.3416; f32[1,1] 2.5
""");

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
