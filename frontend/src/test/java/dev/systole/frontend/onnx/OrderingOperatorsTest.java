package dev.systole.frontend.onnx;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The largest, the first, the sum so far, and what there is more than once. */
class OrderingOperatorsTest {
    static final List<String> CASES = NodeCase.lines("""
            TopK@1 k=2 : f32[2,3] 3 1 2 6 6 4 => f32[2,2] 3 2 6 6; i64[2,2] 0 2 0 1
            TopK@10 axis=0 : f32[2,3] 3 1 2 6 6 4; =i64[1] 1 => f32[1,3] 6 6 4; i64[1,3] 1 1 1
            TopK@11 largest=0 : f32[2,3] 3 1 2 6 6 4; =i64[1] 2 => f32[2,2] 1 2 4 6; i64[2,2] 1 2 2 0
            TopK@11 sorted=0 axis=-2 : f32[2,3] 3 1 2 6 6 4; =i64[1] 2 => f32[2,3] 6 6 4 3 1 2; i64[2,3] 1 1 1 0 0 0
            TopK@11 : u8[3] 5 200 7; =i64[1] 3 => u8[3] 200 7 5; i64[3] 1 2 0
            TopK@24 : f32[2,3] 3 1 2 6 6 4; =i64[1] 0 => f32[2,0]; i64[2,0]
            ArgMax@1 : f32[2,3] 3 1 2 6 6 4 => i64[1,3] 1 1 1
            ArgMax@11 axis=-1 keepdims=0 : f32[2,3] 3 1 2 6 6 4 => i64[2] 0 0
            ArgMax@13 : i32[4] 4 4 9 9 => i64[1] 2
            ArgMax@12 select_last_index=1 : i32[4] 4 4 9 9 => i64[1] 3
            ArgMax@13 axis=1 : f32[0,2] => i64[0,1]
            ArgMin@1 : f32[2,3] 3 1 2 6 6 4 => i64[1,3] 0 0 0
            ArgMin@11 axis=-1 keepdims=0 : f32[2,3] 3 1 2 6 6 4 => i64[2] 1 2
            ArgMin@13 : i32[4] 4 4 9 9 => i64[1] 0
            ArgMin@12 select_last_index=1 : i32[4] 4 4 9 9 => i64[1] 1
            ArgMin@13 axis=1 : f32[0,2] => i64[0,1]
            # Running sums and products.
            CumSum@11 : f32[2,3] 1 2 3 4 5 6; =i32[] 1 => f32[2,3] 1 3 6 4 9 15
            CumSum@14 reverse=1 : f32[2,3] 1 2 3 4 5 6; =i64[1] -1 => f32[2,3] 6 5 3 15 11 6
            CumSum@14 exclusive=1 : f32[2,3] 1 2 3 4 5 6; =i64[] 0 => f32[2,3] 0 0 0 1 2 3
            CumSum@14 exclusive=1 reverse=1 : i64[3] 1 2 3; =i32[] 0 => i64[3] 5 3 0
            CumSum@14 : f32[2,0]; =i32[] 1 => f32[2,0]
            CumProd@26 : f32[4] 1 2 3 4; =i32[] 0 => f32[4] 1 2 6 24
            CumProd@26 exclusive=1 : f32[4] 1 2 3 4; =i32[] 0 => f32[4] 1 1 2 6
            CumProd@26 exclusive=1 reverse=1 : f32[4] 1 2 3 4; =i32[] 0 => f32[4] 24 12 4 1
            # What there is more than once.
            Unique@11 : f32[6] 2 1 1 3 4 3 => f32[4] 1 2 3 4; i64[4] 1 0 3 4; i64[6] 1 0 0 2 3 2; i64[4] 2 1 2 1
            Unique@11 sorted=0 : f32[6] 2 1 1 3 4 3 => f32[4] 2 1 3 4; i64[4] 0 1 3 4; i64[6] 0 1 1 2 3 2; i64[4] 1 2 2 1
            Unique@11 axis=0 : f32[3,3] 1 0 0 1 0 0 2 3 4 => f32[2,3] 1 0 0 2 3 4; i64[2] 0 2; i64[3] 0 0 1; i64[2] 2 1
            Unique@11 axis=-1 sorted=0 : f32[3,3] 1 0 0 1 0 0 2 3 4 => f32[3,3] 1 0 0 1 0 0 2 3 4; i64[3] 0 1 2; i64[3] 0 1 2;
             i64[3] 1 1 1
            Unique@11 axis=1 : i64[2,4] 3 1 3 1 0 2 0 1 => i64[2,3] 1 1 3 1 2 0; i64[3] 3 1 0; i64[4] 2 1 2 0; i64[3] 1 1 2
            Unique@11 axis=1 sorted=0 : i64[2,4] 3 1 3 1 0 2 0 1 => i64[2,3] 3 1 1 0 2 1; i64[3] 0 1 3; i64[4] 0 1 0 2; i64[3] 2 1 1
            Unique@11 : bool[3] 1 0 1 => bool[2] 0 1; i64[2] 1 0; i64[3] 1 0 1; i64[2] 1 2
            Unique@11 : i8[] 7 => i8[1] 7; i64[1] 0; i64[1] 0; i64[1] 1
            Unique@11 : f32[3] nan 1 nan => f32[2] 1 nan; i64[2] 1 0; i64[3] 1 0 1; i64[2] 1 2
            Unique@11 : f32[0] => f32[0]; i64[0]; i64[0]; i64[0]
            Unique@11 axis=0 : f32[3,0] => f32[1,0]; i64[1] 0; i64[3] 0 0 0; i64[1] 3
            Unique@11 : f32[6] 2 1 1 3 4 3 => f32[4] 1 2 3 4; none; i64[6] 1 0 0 2 3 2

            # Nothing at all, narrow types, many dimensions.
            TopK@11 axis=0 : f32[2,0]; =i64[1] 1 => f32[1,0]; i64[1,0]
            TopK@11 : f32[2,0]; =i64[1] 0 => f32[2,0]; i64[2,0]
            Unique@11 axis=1 : f32[2,0] => f32[2,0]; i64[0]; i64[0]; i64[0]
            CumSum@14 : f32[0,3]; =i32[] 1 => f32[0,3]
            Unique@11 axis=0 : f32[2,5] 1 2 3 4 5 1 2 3 4 4 => f32[2,5] 1 2 3 4 4 1 2 3 4 5; i64[2] 1 0; i64[2] 1 0; i64[2] 1 1
            """);

    static final List<String> FAULTS = NodeCase.lines("""
            TopK@11 : f32[2,3] 3 1 2 6 6 4; =i64[1] 4 => !takes 4 of 3 elements
            TopK@1 k=-1 : f32[2,3] 3 1 2 6 6 4 => !takes -1 of 3 elements
            TopK@11 : f32[2,3] 3 1 2 6 6 4; =i64[2] 1 1 => !input 1 (K) holds 2 numbers, not one
            TopK@11 : f32[2,3] 3 1 2 6 6 4; i64[1] 1 => !input 1 (K, "x1") must be known
            TopK@11 axis=2 : f32[2,3] 3 1 2 6 6 4; =i64[1] 1 => !axis 2 is outside a tensor of rank 2
            ArgMax@13 : f32[0,2] => !argmax needs at least one element along dimension 0
            ArgMin@13 axis=-3 : f32[2,3] 3 1 2 6 6 4 => !axis -3 is outside a tensor of rank 2
            ArgMin@13 : f32[] 1 => !axis 0 is outside a tensor of rank 0
            CumSum@14 : f32[2,3] 1 2 3 4 5 6; =i32[] 2 => !axis 2 is outside a tensor of rank 2
            CumSum@14 : f32[2,3] 1 2 3 4 5 6; i32[] 1 => !input 1 (axis, "x1") must be known
            CumProd@26 : f32[2,3] 1 2 3 4 5 6; =i64[2] 0 1 => !input 1 (axis) holds 2 numbers, not one
            Unique@11 axis=1 : f32[2] 1 2 => !axis 1 is outside a tensor of rank 1
            """);

    @ParameterizedTest
    @FieldSource("CASES")
    void computes(String line) {
        NodeCase.parse(line).check();
    }

    @ParameterizedTest
    @FieldSource("FAULTS")
    void isRefused(String line) {
        NodeCase.parse(line).checkRefusal();
    }
}
