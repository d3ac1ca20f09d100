package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SignalOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            DFT@17 : f64[1,3,1] 0.6 0.6 0 => f64[1,3,2] 1.2 0 0.3 -0.519615242 0.3 0.519615242
            DFT@17 axis=0 inverse=1 : f64[2,1,2] -0.4 -0.9 -0.2 -0.2 => f64[2,1,2] -0.3 -0.55 -0.1 -0.35
            DFT@17 onesided=1 : f64[1,3,1] -0.9 -0.9 1; =i64[] 4 => f64[1,3,2] -0.8 0 -1.9 0.9 1 0
            DFT@20 : f64[3,2] 0.3 -0.5 -0.1 0.9 0.8 0.7; =i64[] 2 => f64[2,2] 0.2 0.4 0.4 -1.4
            DFT@20 onesided=1 : f64[2,4,1] -0.2 0 0.4 -0.9 0.1 -0.5 0.8 -0.9; none; =i64[] -3 => f64[2,4,2] -0.1 0 -0.5 0 1.2 0
               -1.8 0 -0.3 0 0.5 0 -0.4 0 0 0
            DFT@20 onesided=1 inverse=1 : f64[3,2] 0.4 0.7 -0.5 0.8 0.7 -1 => f64[4,1] 0.025 -0.475 0.525 0.325
            DFT@20 onesided=1 inverse=1 : f64[3,2] 0.4 -1 0 -0.1 -0.6 -0.4; =i64[] 5 => f64[5,1] -0.16 0.40625198 -0.122821711
               0.134493554 0.142076178
            DFT@20 inverse=1 : f64[3,1] 0.6 -0.4 -0.7 => f64[3,2] -0.166666667 0 0.383333333 0.0866025404 0.383333333
               -0.0866025404
            STFT@17 : f64[1,5,1] 0.4 -0.1 0.6 -0.5 -0.4; =i64[] 2; none; =i64[] 3 => f64[1,2,2,2] 0.9 0 0.15 0.606217783 -0.3 0
               1.05 0.0866025404
            STFT@17 onesided=0 : f64[1,4,2] 0.6 0 0 -0.5 -1 0.9 -0.8 0.7; =i64[] 1; f64[2] -0.3 0.9 => f64[1,3,2,2] -0.18 -0.45
               -0.18 0.45 -0.9 0.96 0.9 -0.66 -0.42 0.36 1.02 -0.9
            STFT@17 : f64[2,6,1] -0.2 0.9 0.1 -0.5 0.5 0.3 0.4 -0.1 -0.6 0.3 -0.8 0.4; =i64[] 4; f64[2] 0.3 -0.2; =i64[] 2 =>
               f64[2,2,2,2] -0.24 0 0.12 0 0.09 0 0.21 0 0.14 0 0.1 0 -0.32 0 -0.16 0
            DFT@20 : f16[2,1] 1 3; none; =i64[] 0 => f16[2,2] 4 0 -2 -0
            DFT@20 : f64[0,2,1] => f64[0,2,2]
            # Frames of two elements, one element apart: put together from two pieces; the last elements fill no frame.
            STFT@17 onesided=0 : f64[1,6,1] 1 2 3 4 5 6; =i64[] 1; none; =i64[] 2
               => f64[1,5,2,2] 3 0 -1 0 5 0 -1 0 7 0 -1 0 9 0 -1 0 11 0 -1 0
            HannWindow@17 : =i64[] 4 => f32[4] 0 0.5 1 0.5
            HannWindow@17 periodic=0 : =i64[] 5 => f32[5] 0 0.5 1 0.5 0.000000000000007642743
            HammingWindow@17 : =i64[] 4 => f32[4] 0.08695652 0.5434783 1 0.54347825
            HammingWindow@17 periodic=0 : =i64[] 5 => f32[5] 0.08695652 0.5434783 1 0.54347825 0.08695652
            BlackmanWindow@17 : =i64[] 4 => f32[4] 0 0.34 1 0.34
            BlackmanWindow@17 periodic=0 : =i64[] 5 => f32[5] 0 0.34 1 0.34 0
            MelWeightMatrix@17 : =i64[] 3; =i64[] 16; =i64[] 8192; =f32[] 0; =f32[] 4000 => f32[9,3] 1 0 0 0 1 0 0 0.5 0.5 0 0 1 0
               0 0.5 0 0 0 0 0 0 0 0 0 0 0 0
            HannWindow@17 : =i32[] 0 => f32[0]
            HannWindow@17 periodic=0 : =i32[] 1 => f32[1] 1
            HannWindow@17 output_datatype=7 : =i32[1] 4 => i64[4] 0 0 1 0
            MelWeightMatrix@17 : =i32[] 0; =i32[] 4; =i32[] 8; =f32[] 0; =f32[] 4 => f32[3,0]
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            DFT@17 : f32[3] 1 2 3 => !its last dimension holds 1 or 2 parts of a number
            DFT@17 axis=2 : f32[1,2,1] 1 2 => !that of the parts of a number
            DFT@17 axis=5 : f32[1,2,1] 1 2 => !axis 5 is outside
            DFT@17 onesided=1 : f32[1,2,2] 1 2 3 4 => !onesided goes from real numbers to complex ones
            DFT@20 onesided=1 inverse=1 : f32[1,2] 1 2 => !transforms 0 elements
            DFT@20 : f32[2,1] 1 2; =i64[] 0 => !transforms 0 elements
            DFT@20 : f32[2,1] 1 2; =i64[] 9223372036854775807 => !
            DFT@20 : f32[2,1] 1 2; i64[] 2 => !must be known when compiling
            STFT@17 : f32[1,4,1] 1 2 3 4; =i64[] 0; none; =i64[] 2 => !in steps of 0
            STFT@17 : f32[1,4,1] 1 2 3 4; =i64[] 1; none; =i64[] 5 => !cuts frames of 5 elements
            STFT@17 : f32[1,4,2] 1 2 3 4 5 6 7 8; =i64[] 1; none; =i64[] 2 => !it holds real numbers
            STFT@17 : f32[4] 1 2 3 4; =i64[] 1; none; =i64[] 2 => !it has rank 3
            HannWindow@17 : =i64[] -1 => !gives -1 times 1 elements
            HannWindow@17 : =i64[] 9223372036854775807 => !are supported
            HannWindow@17 output_datatype=9 : =i64[] 4 => !output_datatype is 9
            HannWindow@17 : i64[] 4 => !must be known when compiling
            MelWeightMatrix@17 : =i32[] 4; =i32[] 16; =i32[] 8; =f32[] 0; =f32[] 100 => !are not within 0 and half
            MelWeightMatrix@17 : =i32[] 4; =i32[] 16; =i32[] 0; =f32[] 0; =f32[] 4 => !both are positive
            MelWeightMatrix@17 : =i32[] 4; =i32[] 16; =i32[] 8; =f32[] nan; =f32[] 4 => !are not within 0 and half
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
