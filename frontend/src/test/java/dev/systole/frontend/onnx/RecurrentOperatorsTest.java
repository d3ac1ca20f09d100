package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class RecurrentOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            # Expected values of ONNX Runtime.
            RNN@7 hidden_size=2 : f32[2,1,2] 0.6 0.6 0 -0.4; f32[1,2,2] -0.9 -0.2 -0.2 -0.9; f32[1,2,2] -0.9 1 0.3 -0.5 =>
               f32[2,1,1,2] -0.5783634 -0.5783634 0.022160053 0.44277132; f32[1,1,2] 0.022160053 0.44277132
            RNN@14 direction=reverse activations=[Relu] hidden_size=2 : f32[2,2,1] -0.1 0.9 0.8 0.7; f32[1,2,1] -0.2 0; f32[1,2,2]
               0.4 -0.9 0.1 -0.5; f32[1,4] 0.8 -0.9 0.4 0.7; none; f32[1,2,2] -0.5 0.8 0.7 -1 => f32[2,1,2,2] 1.268 0 1.5830002 0
               0.120000064 0 2.24 0.37; f32[1,2,2] 1.268 0 1.5830002 0
            RNN@22 direction=bidirectional activations=[LeakyRelu,Affine] activation_alpha=[0.2,0.5] activation_beta=[0.1]
               hidden_size=1 : f32[3,2,1] 0.4 -1 0 -0.1 -0.6 -0.4; f32[2,1,1] 0.6 -0.4; f32[2,1,1] -0.7 0.4; f32[2,2] -0.1 0.6
               -0.5 -0.4; i32[2] 1 3; f32[2,2,1] 0.6 0 0 -0.5 => f32[3,2,2,1] 0.32 -0.020000005 -0.42999998 -0.23079997 0 0.454 0
               -0.40399995 0 -0.01156 0 -0.36999997; f32[2,2,1] 0.32 -0.01156 -0.42999998 -0.23079997
            RNN@14 activations=[ScaledTanh] hidden_size=2 activation_alpha=[0.7] activation_beta=[1.5] : f32[1,2,2] -1 0.9 -0.8
               0.7; f32[1,2,2] -0.3 0.9 -0.2 0.9; f32[1,2,2] 0.1 -0.5 0.5 0.3 => none; f32[1,2,2] 0.6516213 0.63547564 0.60410345
               0.58031523
            RNN@14 activations=[HardSigmoid] hidden_size=2 : f32[1,2,2] 0.4 -0.1 -0.6 0.3; f32[1,2,2] -0.8 0.4 0.3 -0.2;
               f32[1,2,2] 0.6 -0.6 -0.2 0.6 => none; f32[1,2,2] 0.428 0.528 0.62 0.452
            RNN@14 activations=[Elu] hidden_size=2 : f32[1,2,2] -0.2 0.4 0.2 0.9; f32[1,2,2] 1 0.4 0.6 -0.7; f32[1,2,2] 0.4 0.7
               -0.2 0.1 => none; f32[1,2,2] -0.039210558 -0.32967997 0.56 -0.39950442
            RNN@14 activations=[Softsign] hidden_size=2 : f32[1,2,2] 0 0.9 -0.4 -0.2; f32[1,2,2] -1 -0.2 0.3 0.9; f32[1,2,2] 0.8
               -0.3 1 -0.6 => none; f32[1,2,2] -0.15254237 0.4475138 0.30555555 -0.23076925
            RNN@14 activations=[Softplus] hidden_size=2 : f32[1,2,2] 0.6 -0.7 -0.2 -0.9; f32[1,2,2] 0.7 0.7 -0.7 0.1; f32[1,2,2]
               -0.5 0 0.1 -0.8 => none; f32[1,2,2] 0.65875953 0.4778641 0.38049805 0.7184596
            RNN@14 activations=[ThresholdedRelu] hidden_size=2 activation_alpha=[0.25] : f32[1,2,2] 0.7 -0.4 -0.1 -0.9; f32[1,2,2]
               -1 -0.6 -0.3 0.9; f32[1,2,2] 0.8 0 -0.1 0.3 => none; f32[1,2,2] 0 0 0.64 0
            RNN@14 clip=0.25 hidden_size=2 : f32[2,1,2] 0.7 -0.3 0.6 -0.2; f32[1,2,2] 0.2 0.5 0 0.4; f32[1,2,2] 0.4 -1 -0.9 -0.7
               => f32[2,1,1,2] -0.009999633 -0.119427264 0.13460553 0.012598038; f32[1,1,2] 0.13460553 0.012598038
            GRU@7 hidden_size=1 : f32[2,2,1] -0.6 -0.6 -0.9 -0.6; f32[1,3,1] 0.2 0.8 -0.3; f32[1,3,1] -0.3 -0.2 0.4; f32[1,6] 0.6
               0.9 -0.2 0.4 -0.3 0.6 => f32[2,1,2,1] 0.1532339 0.1532339 0.29528305 0.27202293; f32[1,2,1] 0.29528305 0.27202293
            GRU@14 hidden_size=2 linear_before_reset=1 : f32[2,1,1] -0.5 0.7; f32[1,6,1] 0 0.5 0.1 -0.4 0 -0.9; f32[1,6,2] -0.9
               0.1 0 0.7 -1 0.1 0 0.2 0.5 0 0.1 0; f32[1,12] 0.2 -0.5 0.1 0.3 -0.6 1 0.5 0.9 -0.4 -0.1 -0.5 -0.9; none; f32[1,1,2]
               -1 -0.5 => f32[2,1,1,2] -0.9732225 0.16210285 -0.95312583 0.079532824; f32[1,1,2] -0.95312583 0.079532824
            GRU@22 hidden_size=1 direction=bidirectional linear_before_reset=1 : f32[2,2,1] 0.7 -0.7 0.4 -0.5; f32[2,3,1] -0.9
               -0.6 0.4 0 0.1 -0.1; f32[2,3,1] -0.5 0 0.8 -0.6 0.5 -0.5; f32[2,6] -0.6 -0.4 -0.8 0.9 -0.3 -0.6 -1 -0.9 -0.6 -0.2
               0.2 1; i32[2] 2 1 => f32[2,2,2,1] -0.33940038 -0.24650009 -0.2815929 -0.16164699 -0.5139895 0 -0.22336067 0;
               f32[2,2,1] -0.5139895 -0.24650009 -0.2815929 -0.16164699
            LSTM@7 hidden_size=1 : f32[2,2,1] 0.8 -0.5 0.2 0.8; f32[1,4,1] -0.8 0.7 -0.2 0.6; f32[1,4,1] -0.4 0.3 0 -0.8 =>
               f32[2,1,2,1] 0.09728596 -0.071373865 0.051072482 0.05817306; f32[1,2,1] 0.051072482 0.05817306; f32[1,2,1]
               0.09447573 0.09238315
            LSTM@14 hidden_size=1 direction=bidirectional : f32[2,2,1] 0.5 0.6 0 -0.2; f32[2,4,1] 0.9 -0.3 0.8 -0.2 -0.3 -0.3 -0.9
               -0.4; f32[2,4,1] -0.5 -0.9 0.1 -0.1 -0.9 -0.7 0.8 -0.7; f32[2,8] -0.3 0.9 -0.8 -0.2 0.6 -1 -0.9 0.9 0.4 -0.5 0 -0.5
               0.8 0.9 -0.9 0; i32[2] 1 2; f32[2,2,1] -0.6 -0.2 0.5 0.4; f32[2,2,1] -0.6 -0.3 -0.1 -0.2; f32[2,3] 0.4 0.6 -0.3
               -0.1 -0.9 -0.3 => f32[2,2,2,1] 0.15459166 0.1518392 -0.2907295 -0.30949256 0 0.18265955 0 -0.31080532; f32[2,2,1]
               0.15459166 0.18265955 -0.2907295 -0.30949256; f32[2,2,1] 0.25925946 0.37330136 -0.53506005 -0.47236258
            LSTM@22 hidden_size=2 input_forget=1 activations=[Sigmoid,Relu,Tanh] : f32[2,1,1] 0.9 0; f32[1,8,1] 0.1 0.2 0.1 0.6
               -0.5 -0.4 0.8 0; f32[1,8,2] 0.9 -0.7 0.6 -0.1 -0.1 0.8 -0.7 0 -0.5 -0.3 0.6 -0.2 0.6 -1 1 0.9; f32[1,16] 0.4 -0.6
               0.3 -0.6 -0.3 -0.9 -0.9 -0.7 -0.6 0.7 -0.5 0.7 -1 -0.9 -0.9 0.9; none; none; f32[1,1,2] 0.6 -1; f32[1,6] 0.9 -0.5
               -0.5 0.2 -0.6 0.9 => f32[2,1,1,2] 0.10289215 -0.11340052 0.044082735 0.018518899; f32[1,1,2] 0.044082735
               0.018518899; f32[1,1,2] 0.10734304 0.03641232
            # Batch first: the first case with dimensions exchanged. The first version of GRU misspells its default direction.
            RNN@14 layout=1 : f32[1,2,2] 0.6 0.6 0 -0.4; f32[1,2,2] -0.9 -0.2 -0.2 -0.9; f32[1,2,2] -0.9 1 0.3 -0.5
               => f32[1,2,1,2] -0.57836342 -0.57836342 0.022160053 0.44277132; f32[1,1,2] 0.022160053 0.44277132
            GRU@1 : f32[1,1,1] 0; f32[1,3,1] 1 1 1; f32[1,3,1] 1 1 1 => f32[1,1,1,1] 0; f32[1,1,1] 0
            # No steps, no batch, steps of nothing.
            RNN@14 : f32[0,1,1]; f32[1,1,1] 1; f32[1,1,1] 1; none; none; f32[1,1,1] 0.5 => f32[0,1,1,1]; f32[1,1,1] 0.5
            LSTM@14 : f32[1,0,1]; f32[1,4,1] 1 1 1 1; f32[1,4,1] 1 1 1 1 => f32[1,1,0,1]; f32[1,0,1]; f32[1,0,1]
            RNN@14 : f16[1,1,1] 1; f16[1,1,1] 0; f16[1,1,1] 1 => f16[1,1,1,1] 0; f16[1,1,1] 0
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            RNN@14 : f32[1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !input 0 (X) is f32[1,1]; it has rank 3
            RNN@14 : f32[1,1,1] 1; f32[1,1,2] 1 1; f32[1,1,1] 1 => !input 1 (W) is f32[1,1,2]; its shape is [1,1,1]
            RNN@14 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1] 1 => !input 2 (R) is f32[1]; it has rank 3
            RNN@14 direction=bidirectional : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !its shape is [2,1,1]
            RNN@14 direction=up : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !direction is "up"
            RNN@14 hidden_size=2 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !hidden_size is 2
            RNN@14 activations=[Sine] : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !activation function "sine"
            LSTM@14 activations=[Tanh] : f32[1,1,1] 1; f32[1,4,1] 1 1 1 1; f32[1,4,1] 1 1 1 1 => !names 1 activation functions; it needs 3
            RNN@14 clip=-1.0 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !clips to a negative threshold
            RNN@14 : f32[5000,1,0]; f32[1,1,0]; f32[1,1,1] 1 => !unrolls 5000 steps
            GRU@14 : f32[1,1,1] 1; f32[1,3,1] 1 1 1; f32[1,3,1] 1 1 1; f32[1,3] 1 1 1 => !input 3 (B) is f32[1,3]; its shape is [1,6]
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
