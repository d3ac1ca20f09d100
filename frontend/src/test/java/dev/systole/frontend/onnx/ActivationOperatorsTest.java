package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ActivationOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
        Celu@12 alpha=2.0 : f32[4] -3 -0.5 0 3 => f32[4] -1.5537397 -0.44239843 0 3
        Celu@12 : f32[3] -1 0 1e30 => f32[3] -0.63212056 0 1e30
        Celu@28 alpha=2.0 : bf16[2] -0.5 3 => bf16[2] -0.443359375 3
        Elu@22 alpha=0.5 : f32[4] -3 -0.5 0 3 => f32[4] -0.47510647 -0.19673467 0 3
        Elu@6 : f32[3] -inf 1000 nan => f32[3] -1 1000 nan
        Elu@1 consumed_inputs=[0] : f16[2] -0.5 2 => f16[2] -0.3935546875 2
        Selu@1 : f32[4] -3 -0.5 0 3 => f32[4] -1.670504 -0.69173139 0 3.1521
        Selu@6 : f32[4] -3 -0.5 0 3 => f32[4] -1.6705687 -0.69175819 0 3.1521031
        Selu@22 alpha=2.0 gamma=3.0 : f64[4] -3 -0.5 0 3 => f64[4] -5.7012776 -2.360816 0 9
        HardSigmoid@6 : f32[4] -3 -0.5 0 3 => f32[4] 0 0.4 0.5 1
        HardSigmoid@22 alpha=0.5 beta=0.25 : f32[4] -3 -0.5 0 3 => f32[4] 0 0 0.25 1
        HardSwish@14 : f32[5] -4 -1 0 2 5 => f32[5] 0 -0.33333333 0 1.6666667 5
        LeakyRelu@16 : f32[4] -3 -0.5 0 3 => f32[4] -0.03 -0.005 0 3
        LeakyRelu@1 alpha=0.25 : f32[2] -4 4 => f32[2] -1 4
        LeakyRelu@6 alpha=2.0 : f32[2] -inf inf => f32[2] -inf inf
        ThresholdedRelu@10 : f32[4] 0.5 1 1.5 nan => f32[4] 0 0 1.5 0
        ThresholdedRelu@22 alpha=-2.0 : f32[3] -3 -2 -1 => f32[3] 0 0 -1
        Softsign@1 : f32[4] -3 -0.5 0 3 => f32[4] -0.75 -0.33333333 0 0.75
        Swish@24 : f32[4] -3 -0.5 0 3 => f32[4] -0.14227762 -0.18877033 0 2.8577224
        Swish@24 alpha=0.5 : f32[4] -3 -0.5 0 3 => f32[4] -0.54727657 -0.21891175 0 2.4527234
        SwiGLU@28 : f32[4] -3 -0.5 0 3; f32[4] 1 2 3 4 => f32[4] -0.14227762 -0.37754067 0 11.43089
        SwiGLU@28 alpha=0.5 : f32[1,1] 3; f32[1,1] 2 => f32[1,1] 4.9054469
        Softsign@22 : f32[0] => f32[0]

        # One slope, one a channel before opset 7, or what broadcasts to the operand.
        PRelu@1 : f32[1,2,2] -1 2 -3 4; f32[1] 0.5 => f32[1,2,2] -0.5 2 -1.5 4
        PRelu@6 : f32[1,2,2] -1 2 -3 -4; f32[2] 0.5 2 => f32[1,2,2] -0.5 2 -6 -8
        PRelu@6 : f32[2] -1 -3; f32[2] 0.5 2 => f32[2] -0.5 -6
        PRelu@7 : f32[2,2] -1 2 -3 -4; f32[2] 0.5 2 => f32[2,2] -0.5 2 -1.5 -8
        PRelu@9 : i32[2,2] -1 2 -3 -4; i32[2,1] 5 2 => i32[2,2] -5 2 -6 -8
        PRelu@9 : u64[2] 1 2; u64[] 5 => u64[2] 1 2
        PRelu@16 : bf16[2] -2 3; bf16[1,1] 0.25 => bf16[2] -0.5 3

        Shrink@9 : f32[5] -2 -0.5 0 0.5 2 => f32[5] -2 0 0 0 2
        Shrink@9 lambd=1.5 bias=0.5 : f32[5] -2 -1.5 0 1 2 => f32[5] -1.5 0 0 0 1.5
        Shrink@9 lambd=1.5 bias=1.5 : i8[5] -4 -2 0 1 2 => i8[5] -2 0 0 0 0
        Shrink@9 lambd=2.0 : u16[3] 1 2 60000 => u16[3] 0 0 60000
        Shrink@9 lambd=2.0 bias=1.0 : i64[3] -16777217 2 16777219 => i64[3] -16777216 0 16777218

        # The first of the largest; before opset 13 all dimensions from the axis on are one.
        Hardmax@13 : f32[2,3] 1 3 3 -1 -2 -1 => f32[2,3] 0 1 0 1 0 0
        Hardmax@13 axis=0 : f32[2,3] 1 3 -3 1 4 -2 => f32[2,3] 1 0 0 0 1 1
        Hardmax@11 : f32[1,2,2] 1 5 6 6 => f32[1,2,2] 0 0 1 0
        Hardmax@11 axis=-1 : f32[1,2,2] 1 5 6 6 => f32[1,2,2] 0 1 1 0
        Hardmax@1 axis=0 : f16[2,2] 1 5 6 6 => f16[2,2] 0 0 1 0
        Hardmax@13 : f64[1] -7 => f64[1] 1
        Hardmax@13 axis=1 : f32[2,0] => f32[2,0]
        """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }
}
