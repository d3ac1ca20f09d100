package dev.systole.emulator;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What VectorE's instructions compute. */
class VectorInstructionsTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
        # a          5   -3   0    2.5  nan  inf  -0.0 1
        # b          2   -3   1    -2   1    inf  0    nan
        trn2, bypass,        5   -3   0    2.5  nan  inf  -0.0 1
        trn2, add,           7   -6   1    0.5  nan  inf  0    nan
        trn2, subtract,      3   0    -1   4.5  nan  nan  -0.0 nan
        trn2, multiply,      10  9    0    -5   nan  inf  -0.0 nan
        trn2, maximum,       5   -3   1    2.5  nan  inf  0    nan
        trn2, minimum,       2   -3   0    -2   nan  inf  -0.0 nan
        trn2, equal,         0   1    0    0    0    1    1    0
        trn2, not_equal,     1   0    1    1    1    0    0    1
        trn2, greater_equal, 1   1    0    1    0    1    1    0
        trn2, greater,       1   0    0    1    0    0    0    0
        trn2, less_equal,    0   1    1    0    0    1    1    0
        trn2, less,          0   0    1    0    0    0    0    0
        trn2, logical_and,   1   1    0    1    1    1    0    1
        trn2, logical_or,    1   1    1    1    1    1    0    1
        trn2, logical_xor,   0   0    1    0    0    0    0    0
        trn3, abs_max,       5   3    1    2.5  nan  inf  0    nan
        trn3, abs_min,       2   3    0    2    nan  inf  0    nan
        """)
    void operatorsOfFloats(String target, String op, String results) {
        Script.check(target, """
                sbuf[0:1, 0] f32 (1:8) = 5 -3 0 2.5 nan inf -0.0 1
                sbuf[0:1, 64] f32 (1:8) = 2 -3 1 -2 1 inf 0 nan
                vector tensor_tensor sbuf[0:1, 128] f32 (1:8), sbuf[0:1, 0] f32 (1:8), op=%1$s, sbuf[0:1, 64] f32 (1:8)
                sbuf[0:1, 128] f32 (1:8) : %2$s
                vector tensor_copy sbuf[0:1, 160] f32 (1:8), sbuf[0:1, 64] f32 (1:8)
                vector scalar_tensor_tensor sbuf[0:1, 192] f32 (1:8), sbuf[0:1, 0] f32 (1:8), op0=bypass, operand0=7,
                        op1=%1$s, sbuf[0:1, 160] f32 (1:8)
                sbuf[0:1, 192] f32 (1:8) : %2$s
                """.formatted(op, results));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        # a              12  -1         5          -2147483648
        # b              10  255        1          4
        bitwise_and,     8   255        1          0
        bitwise_or,      14  -1         5          -2147483644
        bitwise_xor,     6   -256       4          -2147483644
        bitwise_invert,  -13 0          -6         2147483647
        left_shift,      12288 0        10         0
        right_shift,     0   0          2          134217728
        """)
    void operatorsOfBits(String op, String results) {
        Script.check("""
                sbuf[0:1, 0] i32 (1:4) = 12 -1 5 -2147483648
                sbuf[0:1, 64] i32 (1:4) = 10 255 1 4
                vector tensor_tensor sbuf[0:1, 128] i32 (1:4), sbuf[0:1, 0] i32 (1:4), op=%s, sbuf[0:1, 64] i32 (1:4)
                sbuf[0:1, 128] i32 (1:4) : %s
                """.formatted(op, results));
    }

    @Test
    void bitOperatorsTakeScalars() {
        Script.check("""
                sbuf[0:2, 0] i32 (1:2) = -1 5 | 16 17
                sbuf[0:2, 16] f32 () = 1 | 3
                vector tensor_scalar sbuf[0:2, 64] i32 (1:2), sbuf[0:2, 0] i32 (1:2), op0=left_shift, operand0=4,
                        op1=right_shift, operand1=4
                sbuf[0:2, 64] i32 (1:2) : 0x0fffffff 5 | 16 17
                vector tensor_scalar sbuf[0:2, 64] i32 (1:2), sbuf[0:2, 0] i32 (1:2),
                        op0=bitwise_and, operand0=sbuf[0:2, 16] f32 ()
                sbuf[0:2, 64] i32 (1:2) : 1 1 | 0 1
                vector tensor_scalar sbuf[0:2, 64] i32 (1:2), sbuf[0:2, 0] i32 (1:2), op0=bitwise_and, operand0=7,
                        op1=left_shift, operand1=1, reverse1
                sbuf[0:2, 64] i32 (1:2) : 128 32 | 1 2
                sbuf[0:1, 128] u8 (1:3) = 129 255 1
                vector tensor_scalar sbuf[0:1, 136] u8 (1:3), sbuf[0:1, 128] u8 (1:3), op0=right_shift, operand0=1,
                        op1=bitwise_xor, operand1=255
                sbuf[0:1, 136] u8 (1:3) : 191 128 255
                sbuf[0:1, 144] u16 (1:2) = 32769 65535
                vector tensor_tensor sbuf[0:1, 148] u16 (1:2), sbuf[0:1, 144] u16 (1:2), op=right_shift,
                    sbuf[0:1, 128] u8 (2:2)
                vector tensor_scalar sbuf[0:1, 152] u16 (1:2), sbuf[0:1, 144] u16 (1:2), op0=right_shift, operand0=4
                sbuf[0:1, 148] u16 (1:4) : 0 32767 2048 4095
                """);
    }

    @Test
    void scalarsAreConstantsOrColumns() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:3) = 1 2 3 | 4 5 6
                sbuf[0:2, 32] f32 (1:2) = 10 100 | 20 200
                vector tensor_scalar sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 0] f32 (1:3), op0=multiply, operand0=2
                sbuf[0:2, 64] f32 (1:3) : 2 4 6 | 8 10 12
                vector tensor_scalar sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 0] f32 (1:3),
                        op0=multiply, operand0=sbuf[0:2, 32] f32 (), op1=add, operand1=sbuf[0:2, 36] f32 ()
                sbuf[0:2, 64] f32 (1:3) : 110 120 130 | 280 300 320
                vector tensor_scalar sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 0] f32 (1:3),
                        op0=subtract, operand0=sbuf[0:2, 32] f32 (), op1=maximum, operand1=-15
                sbuf[0:2, 64] f32 (1:3) : -9 -8 -7 | -15 -15 -14
                vector tensor_tensor psum[0:2, 0] f32 (1:2), sbuf[0:2, 32] f32 (1:2), op=add, sbuf[0:2, 32] f32 (1:2)
                vector tensor_scalar sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 0] f32 (1:3), op0=add,
                    operand0=psum[0:2, 0] f32 ()
                sbuf[0:2, 64] f32 (1:3) : 21 22 23 | 44 45 46
                """);
    }

    @Test
    void aReversedOperatorHasItsScalarOnTheLeft() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:3) = 1 2 3
                vector tensor_scalar sbuf[0:1, 64] f32 (1:3), sbuf[0:1, 0] f32 (1:3), op0=subtract,
                    operand0=10, reverse0
                vector tensor_scalar sbuf[0:1, 76] f32 (1:3), sbuf[0:1, 0] f32 (1:3), op0=subtract, operand0=10,
                        op1=subtract, operand1=100, reverse1
                vector tensor_scalar sbuf[0:1, 88] f32 (1:3), sbuf[0:1, 0] f32 (1:3),
                        op0=subtract, operand0=10, reverse0, op1=subtract, operand1=100, reverse1
                vector tensor_scalar sbuf[0:1, 100] f32 (1:3), sbuf[0:1, 0] f32 (1:3), op0=greater, operand0=2, reverse0
                vector tensor_scalar sbuf[0:1, 112] f32 (1:3), sbuf[0:1, 0] f32 (1:3), op0=bypass, operand0=2,
                        op1=less, operand1=2
                sbuf[0:1, 64] f32 (1:15) : 9 8 7 | 109 108 107 | 91 92 93 | 1 0 0 | 1 0 0
                """);
    }

    @Test
    void scalarTensorTensorTakesItsTensorOnTheRight() {
        Script.check("""
                sbuf[0:2, 0] bf16 (1:2) = 1 2 | 3 4
                sbuf[0:2, 16] f32 (1:2) = 10 20 | 30 40
                sbuf[0:2, 32] f32 () = 2 | 3
                vector scalar_tensor_tensor sbuf[0:2, 64] f32 (1:2), sbuf[0:2, 0] bf16 (1:2),
                        op0=multiply, operand0=sbuf[0:2, 32] f32 (), op1=subtract, sbuf[0:2, 16] f32 (1:2)
                sbuf[0:2, 64] f32 (1:2) : -8 -16 | -21 -28
                vector scalar_tensor_tensor sbuf[0:2, 16] f32 (1:2), sbuf[0:2, 0] bf16 (1:2), op0=add, operand0=0.5,
                        op1=multiply, sbuf[0:2, 16] f32 (1:2)
                sbuf[0:2, 16] f32 (1:2) : 15 50 | 105 180
                """);
    }

    @Test
    void reducesTheLastAxes() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:12) = 1 2 3 4 5 6 7 8 9 10 11 12 | 12 11 10 9 8 7 6 5 4 3 2 1
                vector tensor_reduce sbuf[0:2, 64] f32 (1:6), op=add, sbuf[0:2, 0] f32 (6:2,2:3,1:2), axes=1
                sbuf[0:2, 64] f32 (1:6) : 3 7 11 15 19 23 | 23 19 15 11 7 3
                vector tensor_reduce sbuf[0:2, 64] bf16 (1:2), op=maximum, sbuf[0:2, 0] f32 (6:2,2:3,1:2), axes=2
                sbuf[0:2, 64] bf16 (1:2) : 6 12 | 12 6
                vector tensor_reduce sbuf[0:2, 64] f32 (), op=minimum, sbuf[0:2, 0] f32 (6:2,2:3,1:2), axes=3, negate
                sbuf[0:2, 64] f32 () : -1 | -1
                vector tensor_reduce sbuf[0:2, 64] f32 (1:3), op=subtract, sbuf[0:2, 0] f32 (2:3,6:2), axes=1
                sbuf[0:2, 64] f32 (1:3) : -6 -6 -6 | 6 6 6
                vector tensor_reduce sbuf[0:2, 64] f32 (), op=multiply, sbuf[0:2, 0] f32 (1:5), axes=1
                sbuf[0:2, 64] f32 () : 120 | 95040
                vector tensor_reduce sbuf[0:2, 64] f32 (2:2), op=add, sbuf[0:2, 44] f32 (-6:2,-1:6), axes=1, negate
                sbuf[0:2, 64] f32 (2:2) : -57 -21 | -21 -57
                """);
    }

    @Test
    void reducesTruthsAndIntegers() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 2 0 3 1 | 5 6 7 8
                vector tensor_reduce sbuf[0:2, 64] f32 (), op=logical_and, sbuf[0:2, 0] f32 (1:4), axes=1
                vector tensor_reduce sbuf[0:2, 68] f32 (), op=logical_or, sbuf[0:2, 0] f32 (1:4), axes=1
                vector tensor_reduce sbuf[0:2, 72] f32 (), op=logical_xor, sbuf[0:2, 0] f32 (1:4), axes=1
                vector tensor_reduce sbuf[0:2, 76] i8 (), op=add, sbuf[0:2, 0] f32 (1:4), axes=1
                sbuf[0:2, 64] f32 (1:3) : 0 1 1 | 1 1 0
                sbuf[0:2, 76] i8 () : 6 | 26
                sbuf[0:1, 128] i32 (1:3) = 16777216 1 -5
                vector tensor_reduce sbuf[0:1, 160] i32 (), op=add, sbuf[0:1, 128] i32 (1:3), axes=1
                sbuf[0:1, 160] i32 () : 16777211
                """);
    }

    /** In fp32 2^27 + 3 and 2^27 + 1 are 2^27, so that only the order of the elements gives 11. */
    @ParameterizedTest
    @CsvSource({"f32, 1", "f32, 2", "bf16, 1"})
    void sumsRunInElementOrder(String dtype, int stride) {
        for (int partitions : new int[] {1, 3, 4, 7}) {
            Script.check("""
                    sbuf[0:%1$d, 0] %2$s (%3$d:18) = %4$s
                    vector tensor_reduce sbuf[0:%1$d, 256] f32 (), op=add, sbuf[0:%1$d, 0] %2$s (%3$d:18), axes=1
                    sbuf[0:%1$d, 256] f32 () : %1$d*11
                    """.formatted(
                            partitions, dtype, stride, "3*1 134217728 5*1 -134217728 3 1 2 5*1 ".repeat(partitions)));
        }
    }

    @Test
    void aScanRunsInFp32() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 2 3 4 5 | 1 1 1 1
                sbuf[0:2, 16] f32 (1:4) = 1 1 1 1 | 1 2 3 4
                sbuf[0:2, 32] f32 () = 10 | 100
                vector tensor_tensor_scan sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 16] f32 (1:4),
                        initial=10, op0=multiply, op1=add
                sbuf[0:2, 64] f32 (1:4) : 21 64 257 1286 | 11 13 16 20
                vector tensor_tensor_scan sbuf[0:2, 64] bf16 (1:4), sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 16] f32 (1:4),
                        initial=10, op0=multiply, op1=add
                sbuf[0:2, 64] bf16 (1:4) : 21 64 256 1288 | 11 13 16 20
                vector tensor_tensor_scan sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 16] f32 (1:4),
                        initial=sbuf[0:2, 32] f32 (), op0=subtract, op1=maximum
                sbuf[0:2, 64] f32 (1:4) : 1 2 2 3 | 1 2 3 4
                vector tensor_tensor_scan sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 12] f32 (-1:4),
                        sbuf[0:2, 16] f32 (0:4), initial=0, op0=add, op1=subtract
                sbuf[0:2, 64] f32 (1:4) : 4 7 9 10 | 0 0 0 0
                """);
    }

    @Test
    void aPredicatedCopyMovesBitsWhereThePredicateIsNotZero() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 0x7f800001 2 3 4 | 5 6 7 8
                sbuf[0:2, 16] f32 (1:4) = 9 0xffc00001 9 9 | 9 9 9 9
                sbuf[0:2, 32] u8 (1:4) = 1 0 255 0 | 0 0 128 1
                vector tensor_copy_predicated sbuf[0:2, 16] f32 (1:4), sbuf[0:2, 0] f32 (1:4), sbuf[0:2, 32] u8 (1:4)
                sbuf[0:2, 16] f32 (1:4) : 0x7f800001 0xffc00001 3 9 | 9 9 7 8
                sbuf[0:1, 64] u32 (1:3) = 0 2147483648 1
                vector tensor_copy_predicated sbuf[0:1, 0] bf16 (2:3), sbuf[0:1, 2] bf16 (2:3), sbuf[0:1, 64] u32 (1:3)
                sbuf[0:1, 0] u16 (1:6) : 0x0001 0x7f80 0x4000 0x4000 0x4040 0x4040
                """);
    }

    @Test
    void memsetRoundsItsValue() {
        Script.check("""
                sbuf[0:2, 0] u8 (1:16) = 32*7
                vector memset sbuf[0:2, 0] bf16 (), value=257
                vector memset sbuf[0:2, 2] u8 (2:2), value=300
                vector memset sbuf[0:2, 8] i32 (), value=-2.5
                vector memset sbuf[0:2, 12] f32 (), value=-0.0
                vector memset psum[0:2, 2044] f32 (1:2), value=0.1
                sbuf[0:1, 0] u8 (1:16) : 128 67 255 7 255 7 7 7 254 255 255 255 0 0 0 128
                psum[0:2, 2044] f32 (1:2) : 4*0x3dcccccd
                """);
    }

    @Test
    void reciprocalIsCorrectlyRounded() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:8) = 3 -4 0 -0.0 inf -inf nan 0x7f000000
                vector reciprocal sbuf[0:1, 64] f32 (1:8), sbuf[0:1, 0] f32 (1:8)
                sbuf[0:1, 64] f32 (1:8) : 0x3eaaaaab -0.25 inf -inf 0 -0.0 nan 0x00400000
                vector reciprocal sbuf[0:1, 96] bf16 (1:2), sbuf[0:1, 0] f32 (1:2)
                sbuf[0:1, 96] bf16 (1:2) : 0x3eab -0.25
                """);
    }

    @Test
    void transposesABlock() {
        Script.check("""
                sbuf[32:34, 0] f32 (1:3) = 0x7f800001 2 3 | 4 0xffc00001 6
                vector nc_transpose sbuf[64:67, 4] f32 (2:2), sbuf[32:34, 0] f32 (1:3)
                sbuf[64:67, 4] f32 (2:2) : 0x7f800001 4 | 2 0xffc00001 | 3 6
                sbuf[0:3, 0] f8e4m3 (1:3) = 0x79 1 2 | 3 4 5 | 6 7 8
                vector nc_transpose sbuf[0:3, 0] f8e4m3 (1:3), sbuf[0:3, 0] f8e4m3 (1:3)
                sbuf[0:3, 0] f8e4m3 (1:3) : 0x79 3 6 | 1 4 7 | 2 5 8
                gpsimd iota sbuf[0:32, 64] i32 (1:32), offset=0, channel_multiplier=100, pattern=[1]
                vector nc_transpose psum[0:32, 0] i32 (1:32), sbuf[0:32, 64] i32 (1:32)
                psum[0:2, 0] i32 (1:3) : 0 100 200 | 1 101 201
                psum[0:32, 124] i32 () : %s
                """.formatted(
                        IntStream.range(0, 32).mapToObj(f -> "" + (3100 + f)).collect(Collectors.joining(" "))));
    }

    @Test
    void shufflesWithinQuadrants() {
        var mask = IntStream.range(0, 32)
                .mapToObj(p -> p == 1 ? "255" : "" + (31 - p))
                .collect(Collectors.joining(","));
        Script.check("""
                gpsimd iota sbuf[0:64, 0] i32 (1:2), offset=16777217, channel_multiplier=10, pattern=[1]
                vector memset sbuf[0:64, 64] i32 (1:3), value=7
                vector nc_stream_shuffle sbuf[0:64, 64] i32 (2:2), sbuf[0:64, 0] i32 (1:2), shuffle_mask=[%s]
                sbuf[0:3, 64] i32 (1:3) : 16777527 7 16777528 | 7 7 7 | 16777507 7 16777508
                sbuf[32:35, 64] i32 (1:3) : 16777847 7 16777848 | 7 7 7 | 16777827 7 16777828
                vector nc_stream_shuffle sbuf[0:32, 0] i32 (1:2), sbuf[0:32, 0] i32 (1:2), shuffle_mask=[%s]
                sbuf[0:32, 0] i32 () : %s
                """.formatted(mask, "5,".repeat(31) + "0", "16777267 ".repeat(31) + "16777217"));
    }

    @Test
    void statisticsOfEvenAndOddElements() {
        Script.check("""
                sbuf[0:2, 0] bf16 (1:6) = 1 2 3 4 8 6 | 5 5 5 5 5 5
                vector bn_stats sbuf[0:2, 64] f32 (1:6), sbuf[0:2, 0] bf16 (1:6)
                sbuf[0:2, 64] f32 (1:6) : 3 4 26 3 4 8 | 3 5 0 3 5 0
                vector bn_stats sbuf[0:2, 64] f32 (1:6), sbuf[0:2, 10] bf16 (-1:5)
                sbuf[0:2, 64] f32 (1:6) : 3 4 8 2 5.5 12.5 | 3 5 0 2 5 0
                vector bn_stats sbuf[0:2, 64] i8 (1:6), sbuf[0:2, 0] bf16 ()
                sbuf[0:2, 64] i8 (1:6) : 1 1 0 0 0 0 | 1 5 0 0 0 0
                """);
    }

    @Test
    void statisticsAreAggregated() {
        // 1 2 3 4 8 6 has mean 4 and a sum of squared distances of 34.
        Script.check("""
                sbuf[0:2, 0] f32 (1:6) = 3 4 26 3 4 8 | 1 2 0 3 6 0
                vector bn_aggr sbuf[0:2, 64] f32 (1:2), sbuf[0:2, 0] f32 (1:6)
                sbuf[0:2, 64] f32 (1:2) : 4 0x40b55555 | 5 3
                vector bn_aggr sbuf[0:2, 64] bf16 (2:2), sbuf[0:2, 0] f32 (1:3)
                sbuf[0:2, 64] bf16 (2:2) : 4 0x410b | 2 0
                """);
    }
}
