package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class DeterminantOperatorTest {
    static final List<String> CASES = NodeCase.lines("""
            Det@11 : f32[2,2] 3 3 0 -2 => f32[] -6
            Det@11 : f64[1,1] -4 => f64[] -4
            Det@11 : f64[2,3,3] -1 -1 -5 -5 5 2 -3 -1 5 4 3 -1 0 2 -4 1 -2 4 => f64[2] -146 -10
            Det@11 : f64[3,3] 0 2 1 3 0 0 1 1 1 => f64[] -3
            Det@11 : f64[3,3] 1 2 3 2 4 6 1 0 1 => f64[] 0
            Det@11 : f64[1,2,4,4] -4 2 4 -3 4 4 -5 2 -5 0 -1 -3 -2 3 -2 -4 2 -1 3 -3 -2 3 0 0 -3 -5 4 -4 3 -1 5 -1 => f64[1,2]
               -363 292
            Det@11 : f64[0,2,2] => f64[0]
            Det@11 : f64[3,0,0] => f64[3] 1 1 1
            Det@22 : bf16[3,3] 1 2 3 0 1 4 5 6 0 => bf16[] 1
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            Det@11 : f32[2] 1 2 => !takes square matrices
            Det@11 : f32[1,2] 1 2 => !takes square matrices
            Det@11 : f32[0,65,65] => !eliminates 65 rows
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
