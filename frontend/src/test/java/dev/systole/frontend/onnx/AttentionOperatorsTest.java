package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class AttentionOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            Attention@23 : f64[1,1,2,2] 0.6 0.6 0 -0.4; f64[1,1,3,2] -0.9 -0.2 -0.2 -0.9 -0.9 1; f64[1,1,3,1] 0.3 -0.5 -0.1 =>
               f64[1,1,2,1] -0.1 -0.129879175
            Attention@23 q_num_heads=2 kv_num_heads=1 scale=0.5 : f64[1,2,4] 0.9 0.8 0.7 -0.2 0 0.4 -0.9 0.1; f64[1,2,2] -0.5 0.8
               -0.9 0.4; f64[1,2,1] 0.7 -0.5 => f64[1,2,2] 0.201028624 0.129975024 0.123987207 0.0521021402
            Attention@23 is_causal=1 softcap=1.5 qk_matmul_output_mode=1 : f64[1,2,2,1] 0.8 0.7 -1 0.4; f64[1,1,2,1] -1 0;
               f64[1,1,2,1] -0.1 -0.6; none; f64[1,1,1,1] -0.4; f64[1,1,1,1] 0.6 => f64[1,2,2,1] 0.321877817 -0.0865054185
               0.167015743 -0.0617026822; f64[1,1,3,1] -0.4 -1 0; f64[1,1,3,1] 0.6 -0.1 -0.6; f64[1,2,2,3] -0.315232257
               -0.731887474 0 -0.276792549 -0.653253171 0 0.390780669 0.874174418 0 -0.159395934 -0.390780669 0
            Attention@23 qk_matmul_output_mode=2 : f64[1,1,2,2] -0.4 -0.7 0.4 -0.1; f64[1,1,2,2] 0.6 -0.5 -0.4 0.6; f64[1,1,2,1] 0
               0; bool[2,2] 1 0 0 0 => f64[1,1,2,1] 0 0; none; none; f64[1,1,2,2] 0.0777817459 -inf -inf -inf
            Attention@24 qk_matmul_output_mode=3 : f64[1,1,2,1] -0.5 -1; f64[1,1,3,1] 0.9 -0.8 0.7; f64[1,1,3,2] -0.3 0.9 -0.2 0.9
               0.1 -0.5; f64[1,2,2] 0.5 0.3 0.4 -0.1 => f64[1,1,2,2] -0.234298954 0.9 -0.223147522 0.9; none; none; f64[1,1,2,3]
               0.342989537 0.657010463 0 0.231475217 0.768524783 0
            Attention@24 is_causal=1 : f64[2,1,2,1] -0.6 0.3 -0.8 0.4; f64[2,1,3,1] 0.3 -0.2 0.6 -0.6 -0.2 0.6; f64[2,1,3,1] -0.2
               0.4 0.2 0.9 1 0.4; none; none; none; i64[2] 3 1 => f64[2,1,2,1] 0.14466551 0.122887484 0 0.9
            Attention@25 left_window_size=1 right_window_size=0 : f64[1,1,3,1] 0.6 -0.7 0.4; f64[1,1,3,1] 0.7 -0.2 0.1;
               f64[1,1,3,1] 0 0.9 -0.4 => f64[1,1,3,1] 0 0.587240516 0.211046733
            Attention@24 softmax_precision=11 : f32[1,1,1,2] -0.2 -1; f32[1,1,2,2] -0.2 0.3 0.9 0.8; f32[1,1,2,1] -0.3 1 =>
               f32[1,1,1,1] 0.18802074
            ai.onnx.preview.FlexAttention@1 scale=0.5 : f64[1,2,1,2] 0.9 0.8 0.7 -0.2; f64[1,1,2,2] -0.5 0.8 -0.9 0.4; f64[1,1,2,1] 0.7 -0.5
               => f64[1,2,1,1] 0.201028624 0.129975024
            # A mask of one row counts for all queries, also where only some keys come before them.
            Attention@23 is_causal=1 : f64[1,1,2,1] 0 0; f64[1,1,2,1] 0 0; f64[1,1,2,1] 1 3; bool[1,2] 1 1 => f64[1,1,2,1] 1 2
            Attention@23 : f64[1,1,0,1]; f64[1,1,1,1] 1; f64[1,1,1,1] 1 => f64[1,1,0,1]
            Attention@23 scale=-1.0 : f64[1,1,1,1] 1; f64[1,1,2,1] 0 0.69314718056; f64[1,1,2,1] 0 3 => f64[1,1,1,1] 1
            RotaryEmbedding@23 : f32[1,1,2,4] 0.6 0.6 0 -0.4 -0.9 -0.2 -0.2 -0.9; f32[1,2,2] -0.9 1 0.3 -0.5; f32[1,2,2] -0.1 0.9
               0.8 0.7 => f32[1,1,2,4] -0.54 0.96000004 -0.060000002 0.14000002 -0.11 0.73 -0.78 0.31
            RotaryEmbedding@23 interleaved=1 : f32[1,2,1,4] -0.2 0 0.4 -0.9 0.1 -0.5 0.8 -0.9; f32[3,2] 0.4 0.7 -0.5 0.8 0.7 -1;
               f32[3,2] 0.4 -1 0 -0.1 -0.6 -0.4; i64[1,1] 2 => f32[1,2,1,4] -0.14 0.120000005 -0.76 0.73999995 -0.23000002 -0.41
               -1.16 0.5799999
            RotaryEmbedding@23 num_heads=2 rotary_embedding_dim=2 : f32[1,2,6] 0.6 -0.4 -0.7 0.4 -0.1 0.6 -0.5 -0.4 0.6 0 0 -0.5;
               f32[1,2,1] -1 0.9; f32[1,2,1] -0.8 0.7 => f32[1,2,6] -0.9200001 -0.08000001 -0.7 -0.48000002 -0.22000003 0.6
               -0.16999999 -0.71 0.6 0 0 -0.5
            LinearAttention@27 q_num_heads=1 kv_num_heads=1 update_rule=linear : f32[1,2,2] 0.6 0.6 0 -0.4; f32[1,2,2] -0.9 -0.2
               -0.2 -0.9; f32[1,2,1] -0.9 1 => f32[1,2,1] 0.4200214 0.20364675; f32[1,1,2,1] 0.60999995 -0.71999997
            LinearAttention@27 q_num_heads=2 kv_num_heads=1 update_rule=gated scale=0.5 : f32[1,2,2] 0.3 -0.5 -0.1 0.9; f32[1,2,1]
               0.8 0.7; f32[1,2,2] -0.2 0 0.4 -0.9; f32[1,1,1,2] 0.1 -0.5; f32[1,2,1] -0.8 -0.9 => f32[1,2,4] -0.017260069
               -0.033699673 0.02876678 0.056166116 -0.01166086 0.036067087 0.10494774 -0.32460377; f32[1,1,1,2] 0.2332172
               -0.7213417
            LinearAttention@27 q_num_heads=1 kv_num_heads=1 update_rule=delta : f32[1,2,2] 0.4 0.7 -0.5 0.8; f32[1,2,2] 0.7 -1 0.4
               -1; f32[1,2,1] 0 -0.1; none; none; f32[1,2,1] 0.6 0.4 => f32[1,2,1] 0 0.028284274; f32[1,1,2,1] -0.016 0.040000003
            LinearAttention@27 q_num_heads=2 kv_num_heads=2 : f32[1,2,4] 0.6 -0.4 -0.7 0.4 -0.1 0.6 -0.5 -0.4; f32[1,2,4] 0.6 0 0
               -0.5 -1 0.9 -0.8 0.7; f32[1,2,2] -0.3 0.9 -0.2 0.9; f32[1,2,2,1] 0.1 -0.5 0.5 0.3; f32[1,2,4] -0.4 -0.1 -0.6 -0.3
               -0.8 -0.4 -0.3 -0.2; f32[1,2,1] 0.6 0.6 => f32[1,2,2] 0.10443921 -0.15876004 -0.11386275 0.003372728; f32[1,2,2,1]
               -0.053728834 -0.2773319 -0.32908428 0.39943093
            CausalConvWithState@27 : f32[1,2,3] -0.2 0.6 -0.2 0.4 0.2 0.9; f32[2,1,2] 1 0.4 0.6 -0.7 => f32[1,2,3] -0.080000006
               0.040000007 0.52000004 -0.28 0.10000001 -0.51; f32[1,2,1] -0.2 0.9
            CausalConvWithState@27 activation=silu : f32[1,1,2] 0.4 0.7; f32[1,1,4] -0.2 0.1 0 0.9; f32[1] -0.4; f32[1,1,3] -0.2
               -1 -0.2 => f32[1,1,2] -0.04750209 0.24644603; f32[1,1,3] -0.2 0.4 0.7
            CausalConvWithState@27 activation=swish : f32[2,1,2] 0.3 0.9 0.8 -0.3; f32[1,1,1] 1 => f32[2,1,2] 0.17233276 0.6398545
               0.5519796 -0.12766725; f32[2,1,0]
            LinearAttention@27 q_num_heads=1 kv_num_heads=1 update_rule=linear : f32[1,0,1]; f32[1,0,1]; f32[1,0,1]
               => f32[1,0,1]; f32[1,1,1,1] 0
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            Attention@23 : f32[1,1] 1; f32[1,1] 1; f32[1,1] 1 => !it has rank 3
            Attention@23 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !attribute "q_num_heads" is missing
            Attention@23 q_num_heads=2 kv_num_heads=1 : f32[1,1,3] 1 1 1; f32[1,1,1] 1; f32[1,1,1] 1 => !does not come out even
            Attention@23 q_num_heads=0 kv_num_heads=1 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !into 0 heads
            Attention@23 : f32[1,3,1,1] 1 1 1; f32[1,2,1,1] 1 1; f32[1,2,1,1] 1 1 => !do not belong together
            Attention@23 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,2,1] 1 1 => !do not belong together
            Attention@23 : f32[1,0,1,1]; f32[1,0,1,1]; f32[1,0,1,1] => !do not belong together
            Attention@23 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 1; none; f32[1,1,1,1] 1 => !past_key and past_value come together
            Attention@23 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,2] 1 1 => !attn_mask is f32[1,2]
            Attention@23 qk_matmul_output_mode=4 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 1 => !qk_matmul_output_mode
            Attention@23 softmax_precision=7 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 1 => !attribute "softmax_precision" is 7
            Attention@25 left_window_size=-2 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 1 => !left_window_size is -2
            Attention@25 q_num_heads=1 : f32[1,1,1,1] 1; f32[1,1,1,1] 1; f32[1,1,1,1] 1 => !three-dimensional inputs
            ai.onnx.preview.FlexAttention@1 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !it has rank 4
            RotaryEmbedding@23 : f32[1,1,1,3] 1 1 1; f32[1,1,1] 1; f32[1,1,1] 1 => !rotates pairs of the first 3 of 3 features
            RotaryEmbedding@23 : f32[1,1,2] 1 1; f32[1,1,1] 1; f32[1,1,1] 1 => !num_heads
            RotaryEmbedding@23 : f32[1,1,1,2] 1 1; f32[1,1,2] 1 1; f32[1,1,1] 1 => !its shape is [1,1,1]
            LinearAttention@27 q_num_heads=1 kv_num_heads=1 : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !takes a decay and takes a beta
            LinearAttention@27 q_num_heads=1 kv_num_heads=1 update_rule=x : f32[1,1,1] 1; f32[1,1,1] 1; f32[1,1,1] 1 => !update_rule is "x"
            LinearAttention@27 q_num_heads=1 kv_num_heads=1 update_rule=linear : f32[1,2,1] 1 1; f32[1,1,1] 1; f32[1,1,1] 1
               => !has 2 queries, but 1 keys
            CausalConvWithState@27 activation=relu : f32[1,1,1] 1; f32[1,1,1] 1 => !activation is "relu"
            CausalConvWithState@27 : f32[1,1,1] 1; f32[1,1,0] => !a window of no elements
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
