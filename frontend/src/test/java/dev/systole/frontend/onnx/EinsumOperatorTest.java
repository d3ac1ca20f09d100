package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class EinsumOperatorTest {
    static final List<String> CASES = NodeCase.lines("""
            Einsum@12 equation=ij->ji : f64[2,3] 3 3 0 -2 -4 -1 => f64[3,2] 3 -2 3 -4 0 -1
            Einsum@12 equation=ij-> : f64[2,2] -1 -5 -5 5 => f64[] -6
            Einsum@12 equation=ii->i : f64[3,3] 2 -3 -1 5 4 3 -1 0 2 => f64[3] 2 4 2
            Einsum@12 equation=ii : f64[2,2] -4 1 -2 4 => f64[] 0
            Einsum@12 equation=iji->ji : f64[2,3,2] -4 2 4 -3 4 4 -5 2 -5 0 -1 -3 => f64[3,2] -4 2 4 0 4 -3
            Einsum@12 equation=ij,jk->ik : f64[2,3] -2 3 -2 -4 2 -1; f64[3,2] 3 -3 -2 3 0 0 => f64[2,2] -12 15 -16 18
            Einsum@12 equation=bij,bkj->bik : f64[2,1,2] -3 -5 4 -4; f64[2,2,2] 3 -1 5 -1 4 1 -3 2 => f64[2,1,2] -4 -10 12 -20
            Einsum@12 equation=i,j->ij : f64[2] 2 2; f64[3] 0 -3 1 => f64[2,3] 0 -6 2 0 -6 2
            Einsum@12 equation=i,i : f64[3] -4 2 1; f64[3] -1 3 -3 => f64[] 7
            Einsum@12 equation=ij,jk->ik : i32[2,2] -1 3 -1 2; i32[2,2] 1 4 5 2 => i32[2,2] 14 2 9 0
            Einsum@12 equation=...ij,jk->...ik : f64[2,1,2] 3 -3 2 3; f64[2,2] -1 1 0 5 => f64[2,1,2] -3 -12 -2 17
            Einsum@12 equation=...i,...i->... : f64[2,1,2] -2 -1 -5 -1; f64[3,2] 1 4 4 -2 5 -3 => f64[2,3] -6 -6 -7 -9 -18 -22
            Einsum@12 equation=b...a->a...b : f64[1,2,3] 3 -3 -1 -4 4 3 => f64[3,2,1] 3 -4 -3 4 -1 3
            Einsum@12 equation=ij,jk,kl->il : f64[1,2] -4 0; f64[2,2] -2 0 1 -4; f64[2,2] 4 -2 -1 -4 => f64[1,2] 32 -16
            Einsum@12 equation=aA->Aa : f64[1,2] -5 -3 => f64[2,1] -5 -3
            Einsum@12 equation=ba : f64[1,2] -2 4 => f64[2,1] -2 4
            Einsum@12 equation=,i->i : f64[] 4; f64[2] 0 0 => f64[2] 0 0
            Einsum@12 equation=ij,jk->ik : f64[2,0]; f64[0,1] => f64[2,1] 0 0
            Einsum@12 equation=ij,j->i : f64[2,1] 2 4; f64[3] -2 3 -1 => f64[2] 0 0
            Einsum@12 equation=...i->i : f64[2,2] 1 2 3 4 => f64[2] 4 6
            Einsum@12 equation=... : f64[2] 1 2 => f64[2] 1 2
            """);

    static final List<String> ERRORS = NodeCase.lines("""
            Einsum@12 equation=i,j : f32[1] 1 => !has 2 terms for 1 inputs
            Einsum@12 equation=i : f32[1,1] 1 => !does not fit f32[1,1]
            Einsum@12 equation=ijk : f32[1,1] 1 => !does not fit f32[1,1]
            Einsum@12 equation=i->j : f32[1] 1 => !one that no term has
            Einsum@12 equation=i->ii : f32[1] 1 => !gives a label twice
            Einsum@12 equation=1->1 : f32[1] 1 => !more than letters
            Einsum@12 equation=......->... : f32[] 1 => !
            Einsum@12 equation=i,i : f32[2] 1 2; f32[3] 1 2 3 => !dimensions of extent 2 and 3 have one label
            Einsum@12 equation=ii : f32[1,2] 1 2 => !dimensions of extent 1 and 2 have one label
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
