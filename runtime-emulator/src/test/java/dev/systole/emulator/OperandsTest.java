package dev.systole.emulator;

import org.junit.jupiter.api.Test;

/** What instructions read and write: types, patterns, partitions. Most use a copy, which computes nothing. */
class OperandsTest {
    @Test
    void narrowFloatsRoundToNearestEven() {
        // Eight bits count: from 256 on every second integer.
        Script.check("""
                sbuf[0:1, 0] f32 (1:6) = 257 259 257.5 -259 1e39 -3.4e38
                vector tensor_copy sbuf[0:1, 64] bf16 (1:6), sbuf[0:1, 0] f32 (1:6)
                sbuf[0:1, 64] bf16 (1:6) : 256 260 258 -260 inf 0xff80
                """);
        // Eleven bits count; the smallest is 2^-24, the largest 65504.
        Script.check("""
                sbuf[0:1, 0] f32 (1:8) = 2049 2051 65519 65520 -7e4 0x33000000 0x33c00000 -0.0
                vector tensor_copy sbuf[0:1, 64] f16 (1:8), sbuf[0:1, 0] f32 (1:8)
                sbuf[0:1, 64] f16 (1:8) : 2048 2052 65504 inf -inf 0 0x2 -0.0
                vector tensor_copy sbuf[0:1, 96] tf32 (1:8), sbuf[0:1, 0] f32 (1:8)
                sbuf[0:1, 96] tf32 (1:8) : 2048 2052 65504 65536 -70016 0x33000000 0x33c00000 -0.0
                """);
    }

    @Test
    void eightBitFloatsRoundToNearestEven() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:8) = 17 19 247 248 -1000 0.0009765625 0.0029296875 -0.0
                vector tensor_copy sbuf[0:1, 64] f8e4m3 (1:8), sbuf[0:1, 0] f32 (1:8)
                sbuf[0:1, 64] f8e4m3 (1:8) : 16 20 240 inf -inf 0 0x02 -0.0
                """);
        Script.check("""
                sbuf[0:1, 0] f32 (1:6) = 9 11 61439 61440 -1e9 1.5
                vector tensor_copy sbuf[0:1, 64] f8e5m2 (1:6), sbuf[0:1, 0] f32 (1:6)
                sbuf[0:1, 64] f8e5m2 (1:6) : 8 12 57344 inf -inf 1.5
                """);
        Script.check("trn3", """
                sbuf[0:1, 0] f32 (1:5) = 17 464 465 -inf -448
                vector tensor_copy sbuf[0:1, 64] f8e4m3fn (1:5), sbuf[0:1, 0] f32 (1:5)
                sbuf[0:1, 64] f8e4m3fn (1:5) : 16 448 0x7f nan -448
                """);
    }

    @Test
    void aNanBecomesTheCanonicalOneOfAnotherType() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:2) = 0x7f812345 0xffc00001
                vector tensor_copy sbuf[0:1, 16] bf16 (1:2), sbuf[0:1, 0] f32 (1:2)
                vector tensor_copy sbuf[0:1, 20] f16 (1:2), sbuf[0:1, 0] f32 (1:2)
                vector tensor_copy sbuf[0:1, 24] f8e4m3 (1:2), sbuf[0:1, 0] f32 (1:2)
                vector tensor_copy sbuf[0:1, 26] f8e5m2 (1:2), sbuf[0:1, 0] f32 (1:2)
                vector tensor_copy sbuf[0:1, 28] tf32 (1:2), sbuf[0:1, 0] f32 (1:2)
                sbuf[0:1, 16] bf16 (1:2) : 2*0x7fc0
                sbuf[0:1, 20] f16 (1:2) : 2*0x7e00
                sbuf[0:1, 24] f8e4m3 (1:2) : 2*0x7c
                sbuf[0:1, 26] f8e5m2 (1:2) : 2*0x7e
                sbuf[0:1, 28] tf32 (1:2) : 2*0x7fc00000
                """);
    }

    @Test
    void integersRoundToNearestEvenAndSaturate() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:12) = 0.5 1.5 2.5 -0.5 -1.5 127.4 127.5 -128.5 -300 inf -inf nan
                vector tensor_copy sbuf[0:1, 64] i8 (1:12), sbuf[0:1, 0] f32 (1:12)
                sbuf[0:1, 64] i8 (1:12) : 0 2 2 0 -2 127 127 -128 -128 127 -128 0
                vector tensor_copy sbuf[0:1, 96] u8 (1:12), sbuf[0:1, 0] f32 (1:12)
                sbuf[0:1, 96] u8 (1:12) : 0 2 2 0 0 127 128 0 0 255 0 0
                """);
        Script.check("""
                sbuf[0:1, 0] f32 (1:7) = 32767.5 -40000 65534.5 2147483648 -3e9 3e9 4294967296
                vector tensor_copy sbuf[0:1, 64] i16 (1:7), sbuf[0:1, 0] f32 (1:7)
                vector tensor_copy sbuf[0:1, 96] u16 (1:7), sbuf[0:1, 0] f32 (1:7)
                vector tensor_copy sbuf[0:1, 128] i32 (1:7), sbuf[0:1, 0] f32 (1:7)
                vector tensor_copy sbuf[0:1, 160] u32 (1:7), sbuf[0:1, 0] f32 (1:7)
                sbuf[0:1, 64] i16 (1:7) : 32767 -32768 32767 32767 -32768 32767 32767
                sbuf[0:1, 96] u16 (1:7) : 32768 0 65534 65535 0 65535 65535
                sbuf[0:1, 128] i32 (1:7) : 32768 -40000 65534 2147483647 -2147483648 2147483647 2147483647
                sbuf[0:1, 160] u32 (1:7) : 32768 0 65534 2147483648 0 3000000000 4294967295
                """);
    }

    @Test
    void operandsAreReadAsFp32() {
        Script.check("""
                sbuf[0:1, 0] i32 (1:4) = 16777217 16777219 -2147483648 2147483647
                vector tensor_copy sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 0] i32 (1:4)
                vector tensor_copy sbuf[0:1, 80] f32 (1:4), sbuf[0:1, 0] u32 (1:4)
                sbuf[0:1, 64] f32 (1:8) : 16777216 16777220 -2147483648 2147483648 16777216 16777220 2147483648 2147483648
                """);
        Script.check("""
                sbuf[0:1, 0] u8 (1:8) = 0 127 128 255 0x38 0x01 0x77 0x78
                vector tensor_copy sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 0] u8 (1:4)
                vector tensor_copy sbuf[0:1, 80] f32 (1:4), sbuf[0:1, 0] i8 (1:4)
                vector tensor_copy sbuf[0:1, 96] f32 (1:2), sbuf[0:1, 0] i16 (1:2)
                vector tensor_copy sbuf[0:1, 104] f32 (1:2), sbuf[0:1, 0] u16 (1:2)
                vector tensor_copy sbuf[0:1, 112] f32 (1:4), sbuf[0:1, 4] f8e4m3 (1:4)
                vector tensor_copy sbuf[0:1, 128] f32 (1:4), sbuf[0:1, 4] f8e5m2 (1:4)
                sbuf[0:1, 64] f32 (1:8) : 0 127 128 255 | 0 127 -128 -1
                sbuf[0:1, 96] f32 (1:4) : 32512 -128 | 32512 65408
                sbuf[0:1, 112] f32 (1:4) : 1 0.001953125 240 inf
                sbuf[0:1, 128] f32 (1:4) : 0.5 0.0000152587890625 28672 32768
                """);
        Script.check("""
                sbuf[0:1, 0] u16 (1:4) = 0x0001 0x8000 0x7f80 0x3dcd
                vector tensor_copy sbuf[0:1, 64] f32 (1:4), sbuf[0:1, 0] bf16 (1:4)
                vector tensor_copy sbuf[0:1, 80] f32 (1:4), sbuf[0:1, 0] f16 (1:4)
                sbuf[0:1, 64] f32 (1:4) : 0x00010000 -0.0 inf 0x3dcd0000
                sbuf[0:1, 80] f32 (1:4) : 0x33800000 -0.0 nan 0x3fb9a000
                """);
    }

    @Test
    void resultsAreRoundedOnceAtTheEnd() {
        Script.check("""
                sbuf[0:1, 0] bf16 (1:2) = 256 1
                vector tensor_scalar sbuf[0:1, 8] bf16 (1:2), sbuf[0:1, 0] bf16 (1:2), op0=add, operand0=1,
                        op1=subtract, operand1=256
                sbuf[0:1, 8] bf16 (1:2) : 1 -254
                sbuf[0:1, 16] i8 (1:2) = 100 -7
                vector tensor_scalar sbuf[0:1, 24] i8 (1:2), sbuf[0:1, 16] i8 (1:2), op0=multiply, operand0=2,
                        op1=multiply, operand1=0.5
                sbuf[0:1, 24] i8 (1:2) : 100 -7
                sbuf[0:1, 32] i32 (1:2) = 16777217 7
                vector tensor_scalar sbuf[0:1, 40] i32 (1:2), sbuf[0:1, 32] i32 (1:2), op0=add, operand0=0
                sbuf[0:1, 40] i32 (1:2) : 16777216 7
                """);
    }

    @Test
    void copiesBetweenEqualTypesMoveBits() {
        for (var engine : new String[] {"vector", "scalar", "gpsimd"}) {
            Script.check("""
                    sbuf[0:1, 0] f32 (1:3) = 0x7f800001 0xffc12345 0x80000001
                    sbuf[0:1, 16] bf16 (1:3) = 0x7f81 0xffc1 0x8001
                    sbuf[0:1, 32] f8e4m3 (1:3) = 0x79 0xff 0x81
                    sbuf[0:1, 48] i32 (1:3) = 16777217 -1 -2147483648
                    ENGINE tensor_copy sbuf[0:1, 64] f32 (2:3), sbuf[0:1, 0] f32 (1:3)
                    ENGINE tensor_copy sbuf[0:1, 96] bf16 (2:3), sbuf[0:1, 16] bf16 (1:3)
                    ENGINE tensor_copy sbuf[0:1, 112] f8e4m3 (2:3), sbuf[0:1, 32] f8e4m3 (1:3)
                    ENGINE tensor_copy sbuf[0:1, 128] i32 (1:3), sbuf[0:1, 48] i32 (1:3)
                    sbuf[0:1, 64] f32 (2:3) : 0x7f800001 0xffc12345 0x80000001
                    sbuf[0:1, 96] bf16 (2:3) : 0x7f81 0xffc1 0x8001
                    sbuf[0:1, 112] f8e4m3 (2:3) : 0x79 0xff 0x81
                    sbuf[0:1, 128] i32 (1:3) : 16777217 -1 -2147483648
                    ENGINE tensor_copy sbuf[0:1, 144] u32 (1:3), sbuf[0:1, 48] i32 (1:3)
                    sbuf[0:1, 144] u32 (1:3) : 16777216 0 0
                    """.replace("ENGINE", engine));
        }
    }

    @Test
    void readsRepeatAndGoBackwards() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                vector tensor_copy sbuf[0:2, 64] f32 (1:3), sbuf[0:2, 4] f32 (0:3)
                vector tensor_copy sbuf[0:2, 96] f32 (1:4), sbuf[0:2, 12] f32 (-1:4)
                vector tensor_copy sbuf[0:2, 128] f32 (1:4), sbuf[0:2, 0] f32 (0:2,2:2)
                vector tensor_copy sbuf[0:2, 160] f32 (1:4), sbuf[0:2, 4] f32 (2:2,0:2)
                vector tensor_copy sbuf[0:2, 192] f32 (1:4), sbuf[0:2, 8] f32 (-2:2,1:2)
                sbuf[0:2, 64] f32 (1:3) : 2 2 2 | 6 6 6
                sbuf[0:2, 96] f32 (1:4) : 4 3 2 1 | 8 7 6 5
                sbuf[0:2, 128] f32 (1:4) : 1 3 1 3 | 5 7 5 7
                sbuf[0:2, 160] f32 (1:4) : 2 2 4 4 | 6 6 8 8
                sbuf[0:2, 192] f32 (1:4) : 3 4 1 2 | 7 8 5 6
                """);
        Script.check("""
                sbuf[0:1, 0] bf16 (1:4) = 1 2 3 4
                vector tensor_copy sbuf[0:1, 64] f32 (1:8), sbuf[0:1, 6] bf16 (-1:4,0:2)
                vector tensor_scalar sbuf[0:1, 96] f32 (1:4), sbuf[0:1, 4] bf16 (0:4), op0=multiply, operand0=2
                sbuf[0:1, 64] f32 (1:8) : 4 4 3 3 2 2 1 1
                sbuf[0:1, 96] f32 (1:4) : 6 6 6 6
                """);
    }

    @Test
    void writesLeaveWhatLiesBetween() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                sbuf[0:2, 64] f32 (1:8) = 16*9
                vector tensor_copy sbuf[0:2, 64] f32 (2:4), sbuf[0:2, 0] f32 (1:4)
                sbuf[0:2, 64] f32 (1:8) : 1 9 2 9 3 9 4 9 | 5 9 6 9 7 9 8 9
                sbuf[0:2, 128] i8 (1:8) = 16*9
                vector tensor_copy sbuf[0:2, 135] i8 (-2:4), sbuf[0:2, 0] f32 (1:4)
                sbuf[0:2, 128] i8 (1:8) : 9 4 9 3 9 2 9 1 | 9 8 9 7 9 6 9 5
                """);
    }

    @Test
    void dimensionsRunSlowestFirst() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:6) = 1 2 3 4 5 6
                vector tensor_copy sbuf[0:1, 64] f32 (1:6), sbuf[0:1, 0] f32 (1:3,3:2)
                vector tensor_copy sbuf[0:1, 96] f32 (1:3,3:2), sbuf[0:1, 0] f32 (1:6)
                sbuf[0:1, 64] f32 (1:6) : 1 4 2 5 3 6
                sbuf[0:1, 96] f32 (1:6) : 1 3 5 2 4 6
                """);
        Script.check("""
                sbuf[0:1, 0] u8 (1:24) = 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
                vector tensor_copy sbuf[0:1, 65] u8 (1:16), sbuf[0:1, 0] u8 (1:2,12:2,2:2,4:2)
                sbuf[0:1, 65] u8 (1:16) : 0 4 2 6 12 16 14 18 1 5 3 7 13 17 15 19
                vector tensor_copy sbuf[0:1, 96] i16 (2:2,1:2), sbuf[0:1, 0] u8 (8:2,3:1,1:2)
                sbuf[0:1, 96] i16 (1:4) : 0 1 8 9
                """);
    }

    @Test
    void partitionsMayMoveByQuadrants() {
        Script.check("""
                sbuf[32:34, 0] f32 (1:2) = 1 2 | 3 4
                vector tensor_copy sbuf[96:98, 8] f32 (1:2), sbuf[32:34, 0] f32 (1:2)
                scalar activation psum[64:66, 4] f32 (1:2), op=copy, sbuf[96:98, 8] f32 (1:2)
                vector tensor_tensor sbuf[0:2, 0] f32 (1:2), psum[64:66, 4] f32 (1:2), op=add, sbuf[32:34, 0] f32 (1:2)
                sbuf[0:2, 0] f32 (1:2) : 2 4 | 6 8
                sbuf[96:98, 8] f32 (1:2) : 1 2 | 3 4
                """);
        Script.check("""
                gpsimd iota sbuf[0:40, 0] f32 (), offset=0, channel_multiplier=1, pattern=[]
                vector tensor_copy sbuf[64:104, 0] f32 (), sbuf[0:40, 0] f32 ()
                sbuf[96:104, 0] f32 () : 32 33 34 35 36 37 38 39
                """);
    }

    @Test
    void typesMayBeReinterpreted() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:2) = 1 -2
                vector tensor_copy sbuf[0:1, 16] i32 (1:2), sbuf[0:1, 0] i32 (1:2)
                vector tensor_scalar sbuf[0:1, 24] u16 (1:2), sbuf[0:1, 2] u16 (2:2), op0=bitwise_and, operand0=65408
                sbuf[0:1, 16] i32 (1:2) : 0x3f800000 0xc0000000
                sbuf[0:1, 24] bf16 (1:2) : 1 -2
                """);
    }

    @Test
    void anInstructionMayWriteOverItsSource() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:3) = 1 2 3 | 4 5 6
                vector tensor_tensor sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 0] f32 (1:3), op=multiply, sbuf[0:2, 0] f32 (1:3)
                sbuf[0:2, 0] f32 (1:3) : 1 4 9 | 16 25 36
                vector scalar_tensor_tensor sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 0] f32 (1:3), op0=add, operand0=1,
                        op1=multiply, sbuf[0:2, 0] f32 (1:3)
                sbuf[0:2, 0] f32 (1:3) : 2 20 90 | 272 650 1332
                vector tensor_tensor_scan sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 0] f32 (1:3), sbuf[0:2, 0] f32 (1:3),
                        initial=1, op0=add, op1=subtract
                sbuf[0:2, 0] f32 (1:3) : 1 1 1 | 1 1 1
                """);
    }
}
