package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Expected values by onnxruntime or NumPy. */
class NormalisationOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Training is an attribute since version 14; before, outputs ask for it, and before version 7 what is no test.
            BatchNormalization@7 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2] 1 2; f32[2] 0 1; f32[2] 1 2; f32[2] 4 1 => f32[2,2,2] 0 0.4999994
               2.99999 4.99998 1.9999977 2.4999971 10.999949 12.99994
            BatchNormalization@15 epsilon=0.5 : f32[2,2] 1 2 3 4; f32[2] 1 2; f32[2] 0 1; f32[2] 1 2; f32[2] 4 1 => f32[2,2] 0 1
               0.9428091 4.2659864
            BatchNormalization@14 training_mode=1 momentum=0.5 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2] 1 2; f32[2] 0 1; f32[2] 1 2; f32[2]
               4 1 => f32[2,2,2] -1.2126768 -0.72760606 -1.4253535 -0.45521212 0.72760606 1.2126768 2.4552121 3.4253535; f32[2] 2.25
               3.75; f32[2] 4.125 2.625
            BatchNormalization@6 is_test=1 epsilon=0.5 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2] 1 2; f32[2] 0 1; f32[2] 1 2; f32[2] 4 1 =>
               f32[2,2,2] 0 0.47140452 2.6329932 4.2659864 1.8856181 2.3570225 9.1649656 10.797959
            BatchNormalization@7 spatial=0 epsilon=0.5 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2,2] 1 2 3 4; f32[2,2] 0 0 0 0; f32[2,2] 1 2 3
               4; f32[2,2] 3.5 3.5 3.5 3.5 => f32[2,2,2] 0 0 0 0 2 4 6 8
            BatchNormalization@9 momentum=0.5 epsilon=0.5 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2] 1 2; f32[2] 0 1; f32[2] 1 2; f32[2] 4 1
               => f32[2,2,2] -1.1470786 -0.6882472 -1.2941574 -0.37649441 0.6882472 1.1470786 2.3764944 3.2941573; f32[2] 2.25 3.75;
               f32[2] 4.125 2.625; f32[2] 3.5 5.5; f32[2] 4.25 4.25
            BatchNormalization@1 consumed_inputs=[0,0] epsilon=0.5 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2] 1 2; f32[2] 0 1; f32[2] 1 2;
               f32[2] 4 1 => f32[2,2,2] -1.1470786 -0.6882472 -1.2941574 -0.37649441 0.6882472 1.1470786 2.3764944 3.2941573
            BatchNormalization@6 spatial=0 epsilon=0.5 momentum=0.5 : f32[2,2,2] 1 2 3 4 5 6 7 8; f32[2,2] 1 2 3 4; f32[2,2] 0 0 0 0;
               f32[2,2] 1 2 3 4; f32[2,2] 3.5 3.5 3.5 3.5 => f32[2,2,2] -0.94280905 -1.8856181 -2.8284271 -3.7712362 0.94280905
               1.8856181 2.8284271 3.7712362; f32[2,2] 2 3 4 5; f32[2,2] 3.75 3.75 3.75 3.75
            BatchNormalization@9 epsilon=0.5 : f32[3] 1 2 3; f32[1] 2; f32[1] 1; f32[1] 0; f32[1] 3.5 => f32[3] 2 3 4

            # Per channel and per group of channels; the parameters of groups were one a group.
            InstanceNormalization@6 epsilon=0.5 : f32[1,2,3] 1 2 3 4 5 6; f32[2] 1 2; f32[2] 0 1 => f32[1,2,3] -0.92581999 0 0.92582011
               -0.85163975 1 2.8516407
            GroupNormalization@21 num_groups=2 epsilon=0.5 : f32[1,4,2] 1 2 3 4 5 6 7 8; f32[4] 1 2 3 4; f32[4] 0 1 2 3 => f32[1,4,2]
               -1.1338935 -0.3779645 1.755929 3.267787 -1.4016805 0.86610651 4.511858 7.535574
            GroupNormalization@21 num_groups=1 : f32[1,2,2] 1 2 3 4; f32[2] 1 2; f32[2] 0 1 => f32[1,2,2] -1.3416355 -0.44721183
               1.8944237 3.6832709
            GroupNormalization@18 num_groups=2 epsilon=0.75 : f32[1,4,1] 1 2 3 4; f32[2] 1 2; f32[2] 0 10 => f32[1,4,1] -0.5 0.5 9 11
            InstanceNormalization@22 : f16[1,1,2] 60000 20000; f16[1] 1; f16[1] 0 => f16[1,1,2] 1 -1

            # By the root of the mean square.
            RMSNormalization@23 : f32[2,2] 1 2 3 4; f32[2] 1 2 => f32[2,2] 0.63245428 2.5298171 0.84852779 2.2627409
            RMSNormalization@23 axis=0 epsilon=0.5 : f32[2,2] 1 2 3 4; f32[2] 1 2 => f32[2,2] 0.35355338 1.4142135 1.0606601 2.8284271
            RMSNormalization@23 epsilon=0.0 : f16[2] 300 400; f32[2] 1 2 => f32[2] 0.84863281 2.2636719

            # By a norm; zeros stay zeros.
            LpNormalization@1 : f32[2,2] 3 4 6 8 => f32[2,2] 0.60000002 0.80000001 0.60000002 0.80000001
            LpNormalization@22 axis=0 p=1 : f32[2,2] 3 0 -1 0 => f32[2,2] 0.75 0 -0.25 0

            # To mean 0 and variance 1.
            MeanVarianceNormalization@9 : f32[2,1,2,1] 1 2 3 4 => f32[2,1,2,1] -1.3416407 -0.44721359 0.44721359 1.3416407
            MeanVarianceNormalization@13 axes=[-1] : f32[2,3] 1 2 3 4 5 6 => f32[2,3] -1.2247448 0 1.2247448 -1.2247448 0 1.2247448

            # By the channels around each; of an even number one more behind.
            LRN@1 size=3 alpha=3.0 beta=0.5 bias=1.0 : f32[1,4,1,1] 1 2 3 4 => f32[1,4,1,1] 0.40824828 0.51639777 0.54772258 0.7844646
            LRN@13 size=2 alpha=2.0 beta=1.0 bias=1.0 : f32[1,3,1] 1 2 3 => f32[1,3,1] 0.16666667 0.14285714 0.3
            LRN@13 size=9 alpha=9.0 beta=1.0 bias=0.0 : f32[1,2,1] 1 2 => f32[1,2,1] 0.2 0.4
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
