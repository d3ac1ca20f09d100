package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Expected values by onnxruntime, or by hand. */
class PoolingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # A window that would begin in the padding behind is left out; indices are of the first largest element.
            MaxPool@8 kernel_shape=[2] : f32[1,1,4] 1 2 3 4 => f32[1,1,3] 2 3 4
            MaxPool@12 kernel_shape=[2,2] strides=[2,2] pads=[1,1,0,0] : f32[1,1,3,3] 3 1 1 3 1 2 2 -2 -3 => f32[1,1,2,2] 3 1 3 2;
               i64[1,1,2,2] 0 1 3 5
            MaxPool@12 kernel_shape=[2,2] storage_order=1 : f32[1,2,2,3] -1 -2 3 3 -3 0 2 -3 2 -3 0 2 => f32[1,2,1,2] 3 3 2 2;
               i64[1,2,1,2] 1 4 6 10
            MaxPool@12 kernel_shape=[2] strides=[2] ceil_mode=1 : f32[1,1,5] 1 2 3 4 5 => f32[1,1,3] 2 4 5
            MaxPool@12 kernel_shape=[1] strides=[2] ceil_mode=1 : f32[1,1,4] 1 2 3 4 => f32[1,1,2] 1 3
            MaxPool@12 kernel_shape=[2] dilations=[2] : f32[1,1,5] 1 0 -1 -2 -3 => f32[1,1,3] 1 0 -1; i64[1,1,3] 0 1 2
            MaxPool@12 kernel_shape=[3] auto_pad=SAME_LOWER strides=[2] : u8[1,1,4] 5 250 3 7 => u8[1,1,2] 250 250
            MaxPool@22 kernel_shape=[2] pads=[1,1] : i8[1,1,3] -128 -128 5 => i8[1,1,4] -128 -128 5 5; i64[1,1,4] 0 0 2 2
            MaxPool@22 kernel_shape=[2] : f32[1,1,3] -inf -inf 1 => f32[1,1,2] -inf 1; i64[1,1,2] 0 2
            MaxPool@22 kernel_shape=[2] pads=[1,0] : f32[1,2,2] -inf -inf 1 1 => f32[1,2,2] -inf -inf 1 1; i64[1,2,2] 0 0 2 2
            MaxPool@22 kernel_shape=[2] strides=[4] : f32[1,1,5] 5 4 3 2 1 => f32[1,1,1] 5; i64[1,1,1] 0
            MaxPool@22 kernel_shape=[2] : f32[0,2,3] => f32[0,2,2]; i64[0,2,2]
            MaxPool@22 kernel_shape=[2] auto_pad=SAME_UPPER dilations=[2] : f32[1,1,4] 4 3 2 1 => f32[1,1,4] 3 4 3 2

            # The padding counts if the node says so; what a window reaches beyond it never does.
            AveragePool@1 kernel_shape=[2] pads=[1,1] : f32[1,1,3] 1 2 3 => f32[1,1,4] 1 1.5 2.5 3
            AveragePool@7 kernel_shape=[2] pads=[1,1] count_include_pad=1 : f32[1,1,3] 1 2 3 => f32[1,1,4] 0.5 1.5 2.5 1.5
            AveragePool@10 kernel_shape=[3] strides=[2] ceil_mode=1 : f32[1,1,6] 1 2 3 4 5 6 => f32[1,1,3] 2 4 5.5
            AveragePool@19 kernel_shape=[2] strides=[2] ceil_mode=1 pads=[1,1] count_include_pad=1 : f32[1,1,6] 1 2 3 4 5 6 =>
               f32[1,1,4] 0.5 2.5 4.5 3
            AveragePool@22 kernel_shape=[2,2] dilations=[1,2] auto_pad=VALID : f32[1,1,2,4] 1 2 3 4 5 6 7 8 => f32[1,1,1,2] 4 5
            AveragePool@22 kernel_shape=[2] auto_pad=SAME_UPPER : f32[1,1,3] 1 2 3 => f32[1,1,3] 1.5 2.5 3
            AveragePool@22 kernel_shape=[2] : f16[1,1,2] 60000 50016 => f16[1,1,1] 55008

            # Norms of windows.
            LpPool@2 kernel_shape=[2] : f32[1,1,3] 3 -4 0 => f32[1,1,2] 5 4
            LpPool@11 kernel_shape=[2] p=1 pads=[1,0] : f32[1,1,3] 3 -4 0 => f32[1,1,3] 3 7 4
            LpPool@18 kernel_shape=[2] p=3 dilations=[2] : f32[1,1,3] 3 -4 1 => f32[1,1,1] 3.0365891
            LpPool@1 kernel_shape=[2] p=1.0 : f32[1,1,2] 3 -4 => f32[1,1,1] 7

            # All spatial dimensions.
            GlobalAveragePool@1 : f32[1,2,2,2] 1 2 3 4 5 6 7 8 => f32[1,2,1,1] 2.5 6.5
            GlobalMaxPool@22 : f32[1,2,3] 1 2 3 4 5 6 => f32[1,2,1] 3 6
            GlobalLpPool@2 : f32[1,2,2] 3 -4 0 2 => f32[1,2,1] 5 2
            GlobalAveragePool@22 : f16[1,1,2] 60000 50016 => f16[1,1,1] 55008
            GlobalLpPool@1 p=1.0 : f32[1,1,2] 3 -4 => f32[1,1,1] 7

            # Indices count in the shape without what a larger output shape adds; a smaller one is more padding.
            MaxUnpool@9 kernel_shape=[2] strides=[2] : f32[1,1,2] 5 6; i64[1,1,2] 1 2 => f32[1,1,4] 0 5 6 0
            MaxUnpool@11 kernel_shape=[2,2] strides=[2,2] : f32[1,1,1,2] 1 2; i64[1,1,1,2] 1 7 => f32[1,1,2,4] 0 1 0 0 0 0 0 2
            MaxUnpool@11 kernel_shape=[2] strides=[2] : f32[1,1,2] 5 6; i64[1,1,2] 1 2; =i64[3] 1 1 5 => f32[1,1,5] 0 5 6 0 0
            MaxUnpool@22 kernel_shape=[2] strides=[2] : f32[1,1,2] 5 6; i64[1,1,2] 1 2; =i64[3] 1 1 3 => f32[1,1,3] 0 5 6
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
