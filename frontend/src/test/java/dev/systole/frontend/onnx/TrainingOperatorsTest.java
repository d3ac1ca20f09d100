package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TrainingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # By the formulas of the specification: x = 1, gradient 2, and what is remembered.
            ai.onnx.preview.training.Adagrad@1 : f32[] 0.5; i64[] 3; f32[1] 1; f32[1] 2; f32[1] 5 => f32[1] 0.66666667; f32[1] 9
            ai.onnx.preview.training.Adagrad@1 decay_factor=0.5 epsilon=1.0 norm_coefficient=0.5
               : f32[] 0.5; i64[] 2; f64[1] 2; f64[1] 2; f64[1] 16
               => f64[1] 1.875; f64[1] 25
            ai.onnx.preview.training.Momentum@1 alpha=0.5 beta=0.25 mode=standard norm_coefficient=0.0
               : f32[] 0.5; i64[] 0; f32[2] 1 2; f32[2] 2 4; f32[2] 4 0 => f32[2] -1 0; f32[2] 4 4
            ai.onnx.preview.training.Momentum@1 alpha=0.5 beta=0.25 mode=standard norm_coefficient=0.0
               : f32[] 0.5; i64[] 1; f32[1] 1; f32[1] 2; f32[1] 4 => f32[1] -0.25; f32[1] 2.5
            ai.onnx.preview.training.Momentum@1 alpha=0.5 beta=0.25 mode=nesterov norm_coefficient=1.0
               : f32[1] 0.5; i64[1] 1; f32[] 2; f32[] 2; f32[] 4 => f32[] -0.75; f32[] 3
            ai.onnx.preview.training.Adam@1 alpha=0.5 beta=0.75 epsilon=1.0
               : f32[] 2; i64[] 1; f32[1] 1; f32[1] 2; f32[1] 2; f32[1] 4 => f32[1] -0.33333333; f32[1] 2; f32[1] 4
            ai.onnx.preview.training.Adam@1 alpha=0.5 beta=0.75 norm_coefficient=1.0 norm_coefficient_post=0.5
               : f64[] 2; i64[] 0; f32[1] 1; f32[1] 1; f32[1] 2; f32[1] 4 => f32[1] -0.5; f32[1] 2; f32[1] 4
            # Several tensors, each of its own type and shape.
            ai.onnx.preview.training.Momentum@1 alpha=1.0 beta=1.0 mode=standard norm_coefficient=0.0
               : f32[] 1; i64[] 0; f32[] 1; f64[2] 2 3; f32[] 1; f64[2] 1 1; f32[] 0; f64[2] 0 1
               => f32[] 0; f64[2] 1 1; f32[] 1; f64[2] 1 2
            ai.onnx.preview.training.Gradient@1 xs=[x0] y=x0 : f32[2] 1 2 => f32[2] 1 1
            ai.onnx.preview.training.Gradient@1 xs=[x0] zs=[x1] y=x1 : f32[2] 1 2; f32[1] 1 => f32[2] 0 0
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            ai.onnx.preview.training.Adam@1 : f32[] 1; i64[] 1; f32[] 1; f32[] 1; f32[] 1 => !has 5 inputs
            ai.onnx.preview.training.Adagrad@1 : f32[2] 1 1; i64[] 1; f32[] 1; f32[] 1; f32[] 1 => !input 0 is f32[2], not one number
            ai.onnx.preview.training.Adagrad@1 : f32[] 1; i64[] 1; f32[] 1; f32[1] 1; f32[] 1 => !its shape is []
            ai.onnx.preview.training.Momentum@1 alpha=0.5 beta=0.25 mode=fast norm_coefficient=0.0
               : f32[] 0.5; i64[] 1; f32[1] 1; f32[1] 2; f32[1] 4 => !mode is "fast"
            ai.onnx.preview.training.Gradient@1 xs=[x0,x1] y=x0 : f32[2] 1 2 => !one name for each of 1 inputs
            ai.onnx.preview.training.Gradient@1 xs=[x0,x0] y=x0 : f32[2] 1 2; f32[2] 1 2 => !one name for each of 2 inputs
            ai.onnx.preview.training.Gradient@1 xs=[x0] y=z : f32[2] 1 2 => !"z"
            ai.onnx.preview.training.Gradient@1 xs=[x0] y=x0 : i32[2] 1 2 => !differentiates "x0", which is i32[2]
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
