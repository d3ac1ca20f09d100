package dev.systole.emulator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What GpSimd's instructions compute. */
class GpSimdInstructionsTest {
    @Test
    void iotaCountsAlongPartitionsAndDimensions() {
        Script.check("""
                gpsimd iota sbuf[0:3, 0] i32 (), offset=7, channel_multiplier=-2, pattern=[]
                sbuf[0:3, 0] i32 () : 7 | 5 | 3
                gpsimd iota sbuf[32:34, 0] i32 (1:4), offset=0, channel_multiplier=100, pattern=[3]
                sbuf[32:34, 0] i32 (1:4) : 0 3 6 9 | 100 103 106 109
                gpsimd iota sbuf[0:2, 0] f32 (3:2,1:3), offset=-5, channel_multiplier=0, pattern=[10,1]
                sbuf[0:2, 0] f32 (1:6) : -5 -4 -3 5 6 7 | -5 -4 -3 5 6 7
                gpsimd iota sbuf[0:1, 0] u8 (1:2,2:3), offset=1, channel_multiplier=1, pattern=[100,0]
                sbuf[0:1, 0] u8 (1:6) : 1 101 1 101 1 101
                gpsimd iota sbuf[0:1, 0] i16 (8:2,4:2,2:2,1:2), offset=0, channel_multiplier=0, pattern=[1000,100,10,-1]
                sbuf[0:1, 0] i16 (1:8) : 0 -1 10 9 100 99 110 109
                sbuf[0:1, 16] i16 (1:8) : 1000 999 1010 1009 1100 1099 1110 1109
                """);
    }

    @Test
    void iotaIsOfInt32ThenConverted() {
        Script.check("""
                gpsimd iota sbuf[0:1, 0] i32 (1:3), offset=2147483647, channel_multiplier=0, pattern=[1]
                gpsimd iota sbuf[0:1, 16] f32 (1:3), offset=16777216, channel_multiplier=0, pattern=[1]
                gpsimd iota sbuf[0:1, 32] bf16 (1:3), offset=256, channel_multiplier=0, pattern=[1]
                sbuf[0:1, 0] i32 (1:3) : 2147483647 -2147483648 -2147483647
                sbuf[0:1, 16] f32 (1:3) : 16777216 16777216 16777218
                sbuf[0:1, 32] bf16 (1:3) : 256 256 258
                """);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        # affine values   -1 0 1 2  0 1 2 3
        equal,            9 2 9 9 | 5 9 9 9
        not_equal,        1 9 3 4 | 9 6 7 8
        greater_equal,    9 2 3 4 | 5 6 7 8
        greater,          9 9 3 4 | 9 6 7 8
        less_equal,       1 2 9 9 | 5 9 9 9
        less,             1 9 9 9 | 9 9 9 9
        """)
    void affineSelectComparesWithZero(String op, String results) {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                gpsimd affine_select sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4),
                        offset=-1, channel_multiplier=1, pattern=[1], cmp_op=%s, on_false=9
                sbuf[0:2, 64] f32 (1:4) : %s
                """.formatted(op, results));
    }

    @Test
    void affineSelectCountsAlongItsSource() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:6) = 1 2 3 4 5 6
                gpsimd affine_select sbuf[0:1, 64] bf16 (2:6), sbuf[0:1, 0] f32 (3:2,1:3),
                        offset=0, channel_multiplier=0, pattern=[1,-1], cmp_op=greater_equal, on_false=-1e39
                sbuf[0:1, 64] bf16 (2:6) : 1 -inf -inf 4 5 -inf
                """);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        # a            2147483647  -7  16777217 5
        # b            1           3   2        5
        add,           -2147483648 -4  16777219 10
        subtract,      2147483646  -10 16777215 0
        multiply,      2147483647  -21 33554434 25
        maximum,       2147483647  3   16777217 5
        minimum,       1           -7  2        5
        equal,         0           0   0        1
        not_equal,     1           1   1        0
        greater_equal, 1           0   1        1
        greater,       1           0   1        0
        less_equal,    0           1   0        1
        less,          0           1   0        0
        logical_and,   1           1   1        1
        logical_or,    1           1   1        1
        logical_xor,   0           0   0        0
        bitwise_and,   1           1   0        5
        bitwise_xor,   2147483646  -6  16777219 0
        left_shift,    -2          -56 67108868 160
        """)
    void integersOf32BitsAreExact(String op, String results) {
        Script.check("""
                sbuf[0:1, 0] i32 (1:4) = 2147483647 -7 16777217 5
                sbuf[0:1, 16] i32 (1:4) = 1 3 2 5
                gpsimd tensor_tensor sbuf[0:1, 32] i32 (1:4), sbuf[0:1, 0] i32 (1:4), op=%s, sbuf[0:1, 16] i32 (1:4)
                sbuf[0:1, 32] i32 (1:4) : %s
                """.formatted(op, results));
    }

    @Test
    void unsignedIntegersCompareAndMultiplyAsUnsigned() {
        Script.check("""
                sbuf[0:1, 0] u32 (1:2) = 4294967295 65536
                sbuf[0:1, 8] u32 (1:2) = 2 65537
                gpsimd tensor_tensor sbuf[0:1, 16] u32 (1:2), sbuf[0:1, 0] u32 (1:2), op=maximum, sbuf[0:1, 8] u32 (1:2)
                gpsimd tensor_tensor sbuf[0:1, 24] u32 (1:2), sbuf[0:1, 0] u32 (1:2), op=multiply,
                    sbuf[0:1, 8] u32 (1:2)
                gpsimd tensor_tensor sbuf[0:1, 32] f32 (1:2), sbuf[0:1, 0] u32 (1:2), op=minimum, sbuf[0:1, 8] u32 (1:2)
                gpsimd tensor_tensor sbuf[0:1, 40] u32 (1:2), sbuf[0:1, 0] u32 (1:2), op=right_shift,
                        sbuf[0:1, 12] u32 (-1:2)
                sbuf[0:1, 16] u32 (1:4) : 4294967295 65537 | 4294967294 65536
                sbuf[0:1, 32] f32 (1:2) : 2 65536
                sbuf[0:1, 40] u32 (1:2) : 0 16384
                """);
    }

    @Test
    void vectorComputesTheSameIntegersInFp32() {
        Script.check("""
                sbuf[0:1, 0] i32 (1:2) = 16777217 2147483647
                vector tensor_tensor sbuf[0:1, 8] i32 (1:2), sbuf[0:1, 0] i32 (1:2), op=add, sbuf[0:1, 0] i32 (1:2)
                sbuf[0:1, 8] i32 (1:2) : 33554432 2147483647
                """);
    }

    @Test
    void raisesToPowers() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:9) = 2 -2 -2 9 0 0 inf nan -8
                sbuf[0:1, 64] f32 (1:9) = 10 3 0.5 0.5 0 -1 -1 0 -1
                gpsimd tensor_tensor sbuf[0:1, 128] f32 (1:9), sbuf[0:1, 0] f32 (1:9), op=power, sbuf[0:1, 64] f32 (1:9)
                sbuf[0:1, 128] f32 (1:9) : 1024 -8 nan 3 1 inf 0 1 -0.125
                """);
    }

    @Test
    void reciprocalSquareRootIgnoresItsOperand() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 4 2 0 -1 | 0.25 3 inf nan
                gpsimd tensor_scalar sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:4), op0=rsqrt, operand0=5
                sbuf[0:2, 64] f32 (1:4) : 0.5 0.70710677 inf nan | 2 0.57735026 0 nan
                gpsimd tensor_scalar sbuf[0:2, 64] bf16 (1:2), sbuf[0:2, 0] f32 (1:2), op0=rsqrt, operand0=0,
                        op1=multiply, operand1=8
                sbuf[0:2, 64] bf16 (1:2) : 4 0x40b5 | 16 0x4094
                """);
    }

    @Test
    void fills() {
        Script.check("""
                gpsimd memset sbuf[96:98, 2] bf16 (2:3), value=0.3
                sbuf[96:98, 2] bf16 (2:3) : 6*0x3e9a
                """);
    }

    /** Place i of partition p is at 16 i + p of a processor's list. */
    @Test
    void aProcessorsPartitionsGatherByOneList() {
        Script.check("""
                gpsimd iota sbuf[0:32, 0] i32 (1:8), offset=0, channel_multiplier=100, pattern=[1]
                vector memset sbuf[0:32, 64] u16 (1:2), value=0
                sbuf[0:1, 64] u16 (1:2) = 3 7
                gpsimd iota sbuf[0:32, 128] u16 (1:2), offset=0, channel_multiplier=1, pattern=[0]
                vector tensor_scalar sbuf[0:32, 128] u16 (1:2), sbuf[0:32, 128] u16 (1:2), op0=bitwise_and, operand0=7
                gpsimd local_gather sbuf[0:32, 256] i32 (1:32), sbuf[0:32, 0] i32 (1:8), sbuf[0:32, 64] u16 (1:2)
                sbuf[0:3, 256] i32 (16:2) : 3 7 | 103 107 | 203 207
                sbuf[0:1, 256] i32 (1:5) : 3 0 0 0 0
                gpsimd local_gather sbuf[0:32, 256] i32 (1:32), sbuf[0:32, 0] i32 (1:8), sbuf[0:32, 128] u16 (1:2)
                sbuf[0:1, 256] i32 (1:18) : 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1
                sbuf[0:2, 280] i32 (1:4) : 6 7 0 1 | 106 107 100 101
                """);
    }

    @Test
    void anIndexNamesARunOfElements() {
        Script.check("""
                gpsimd iota sbuf[0:16, 0] bf16 (1:8), offset=0, channel_multiplier=16, pattern=[1]
                gpsimd iota sbuf[0:16, 64] u16 (), offset=4, channel_multiplier=0, pattern=[]
                sbuf[0:1, 64] u16 () = 2
                gpsimd local_gather sbuf[0:16, 128] bf16 (1:64), sbuf[0:16, 0] bf16 (1:8), sbuf[0:16, 64] u16 (),
                    num_elem_per_idx=4
                sbuf[0:2, 128] bf16 (1:12) : 2 3 4 5 4 5 6 7 4 5 6 7 | 18 19 20 21 20 21 22 23 20 21 22 23
                """);
    }

    @Test
    void aPartitionGathersByItsOwnIndices() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:3) = 1 0x7f800001 3 | 4 5 6
                sbuf[0:2, 16] u32 (1:4) = 2 1 0 2 | 0 0 0 1
                gpsimd nc_n_gather sbuf[0:2, 64] f32 (2:4), sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 16] u32 (1:4)
                sbuf[0:2, 64] f32 (2:4) : 3 0x7f800001 1 3 | 4 4 4 5
                gpsimd nc_n_gather sbuf[0:2, 64] f32 (1:4), sbuf[0:2, 8] f32 (-1:3), sbuf[0:2, 28] u32 (-1:4)
                sbuf[0:2, 64] f32 (1:4) : 1 3 0x7f800001 1 | 5 6 6 6
                """);
    }

    @Test
    void partitionsAreReducedInTheirOrder() {
        // 2^27 + 3 and 2^27 + 1 are 2^27 in fp32.
        Script.check("""
                sbuf[0:6, 0] f32 (1:2) = 3 1 | 134217728 -2 | 1 7 | -134217728 -0.0 | 2 5 | 4 6
                gpsimd tensor_partition_reduce sbuf[0:1, 64] f32 (1:2), op=add, sbuf[0:6, 0] f32 (1:2)
                gpsimd tensor_partition_reduce sbuf[32:33, 64] bf16 (-1:1,1:2), op=maximum, sbuf[0:6, 0] f32 (1:2)
                sbuf[0:1, 64] f32 (1:2) : 6 17
                sbuf[32:33, 64] bf16 (1:2) : 134217728 7
                sbuf[0:3, 128] i32 (1:2) = 12 1 | 10 16777217 | 9 -2147483648
                gpsimd tensor_partition_reduce sbuf[0:1, 192] i32 (1:2), op=bitwise_and, sbuf[0:3, 128] i32 (1:2)
                gpsimd tensor_partition_reduce sbuf[0:1, 200] i32 (1:2), op=bitwise_or, sbuf[0:3, 128] i32 (1:2)
                sbuf[0:1, 192] i32 (1:4) : 8 0 15 -2130706431
                """);
    }

    @Test
    void segmentsHaveBounds() {
        Script.check("""
                sbuf[0:1, 0] i32 (1:9) = 5 5 0 2 2 2 0 0 9
                gpsimd sequence_bounds sbuf[0:1, 64] i32 (1:18), sbuf[0:1, 0] i32 (1:9)
                sbuf[0:1, 64] i32 (1:18) : 0 0 9 3 3 3 9 9 8 2 2 -1 6 6 6 -1 -1 9
                gpsimd sequence_bounds sbuf[0:1, 64] f32 (1:2), sbuf[0:1, 0] i32 ()
                sbuf[0:1, 64] f32 (1:2) : 0 1
                """);
    }

    @Test
    void nonzerosAreListedOnEvery16thPartition() {
        Script.check("""
                gpsimd memset sbuf[0:32, 0] f32 (1:4), value=1
                gpsimd memset sbuf[0:32, 64] i32 (1:5), value=9
                sbuf[0:1, 0] f32 (1:4) = 0 -0.0 2 nan
                gpsimd nonzero_with_count sbuf[0:17, 64] i32 (1:5), sbuf[0:17, 0] f32 (1:4)
                sbuf[0:17, 64] i32 (1:5) : 2 3 -1 -1 2 75*9 0 1 2 3 4
                gpsimd nonzero_with_count sbuf[0:1, 64] i32 (1:5),
                    sbuf[0:1, 0] f32 (1:4), index_offset=1000, padding_val=-7
                sbuf[0:1, 64] i32 (1:5) : 1002 1003 -7 -7 2
                """);
    }
}
