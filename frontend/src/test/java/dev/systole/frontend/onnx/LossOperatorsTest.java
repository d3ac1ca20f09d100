package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class LossOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            NegativeLogLikelihoodLoss@13 reduction=none : f64[2,3] 0.6 0.6 0 -0.4 -0.9 -0.2; i64[2] 2 0 => f64[2] 0 0.4
            NegativeLogLikelihoodLoss@13 reduction=sum : f64[2,3] -0.2 -0.9 -0.9 1 0.3 -0.5; i64[2] 2 0 => f64[] -0.1
            NegativeLogLikelihoodLoss@13 reduction=mean : f64[2,3] -0.1 0.9 0.8 0.7 -0.2 0; i64[2] 2 0 => f64[] -0.75
            NegativeLogLikelihoodLoss@12 ignore_index=1 : f64[3,2] 0.4 -0.9 0.1 -0.5 0.8 -0.9; i64[3] 1 0 0; f64[2] 0.4 0.7 =>
               f64[] -0.45
            NegativeLogLikelihoodLoss@22 ignore_index=-5 reduction=none : f64[1,2,3] -0.5 0.8 0.7 -1 0.4 -1; i64[1,3] 0 -5 1 =>
               f64[1,3] 0.5 0 1
            NegativeLogLikelihoodLoss@13 reduction=sum : f64[1,2,2,1] 0 -0.1 -0.6 -0.4; i32[1,2,1] 0 1; f64[2] 0.6 0.4 => f64[]
               0.16
            SoftmaxCrossEntropyLoss@12 : f64[2,3] -0.7 0.4 -0.1 0.6 -0.5 -0.4; i64[2] 2 0 => f64[] 0.846724592
            SoftmaxCrossEntropyLoss@13 reduction=none ignore_index=0 : f64[1,2,2] 0.6 0 0 -0.5; i64[1,2] 0 1 => f64[1,2] 0
               0.974076984; f64[1,2,2] -0.43748795 -0.474076984 -1.03748795 -0.974076984
            SoftmaxCrossEntropyLoss@13 : f64[2,2] -1 0.9 -0.8 0.7; i64[2] 1 0; f64[2] 0.3 0.9 => f64[] 0.529893388; f64[2,2]
               -2.03938676 -0.139386758 -1.70141328 -0.201413278
            # All labels ignored: a mean of nothing.
            NegativeLogLikelihoodLoss@13 ignore_index=1 : f32[1,2] 1 2; i64[1] 1 => f32[] nan
            NegativeLogLikelihoodLoss@13 reduction=sum : f32[0,2]; i64[0] => f32[] 0
            NegativeLogLikelihoodLoss@13 reduction=none : f32[1,2] -inf 2; i64[1] 1 => f32[1] -2
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            NegativeLogLikelihoodLoss@13 : f32[2] 1 2; i64[2] 0 0 => !scores are f32[2]
            NegativeLogLikelihoodLoss@13 : f32[2,2] 1 2 3 4; i64[1] 0 => !input 1 (target) is i64[1]; its shape is [2]
            NegativeLogLikelihoodLoss@13 : f32[1,2] 1 2; i64[1] 0; f32[3] 1 1 1 => !input 2 (weight) is f32[3]; its shape is [2]
            SoftmaxCrossEntropyLoss@13 reduction=max : f32[1,2] 1 2; i64[1] 0 => !reduction is "max"
            SoftmaxCrossEntropyLoss@13 ignore_index=4294967296 : f32[1,2] 1 2; i32[1] 0 => !no label of type i32
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    @ParameterizedTest
    @FieldSource("ERRORS")
    void isRefused(String line) {
        var c = NodeCase.parse(line);
        assertThatThrownBy(c::read)
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1204 model.onnx: ")
                .hasMessageContaining(c.outcome().substring(1));
    }
}
