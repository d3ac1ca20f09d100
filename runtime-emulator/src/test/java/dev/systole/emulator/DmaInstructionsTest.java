package dev.systole.emulator;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What transfers move. */
class DmaInstructionsTest {
    @Test
    void eachPartitionTakesTheNextRow() {
        Script.check("""
                hbm[64] f32 (1:6) = 1 2 3 4 5 6
                sync dma_copy queue=0, sbuf[64:66, 8] f32 (1:3), hbm[64] f32 (1:6)
                sbuf[64:66, 8] f32 (1:3) : 1 2 3 | 4 5 6
                scalar dma_copy queue=1, sbuf[0:3, 0] f32 (1:2), hbm[64] f32 (2:3,1:2)
                sbuf[0:3, 0] f32 (1:2) : 1 2 | 3 4 | 5 6
                gpsimd dma_copy queue=2, hbm[256] f32 (1:6), sbuf[0:3, 4] f32 (-1:2)
                hbm[256] f32 (1:6) : 2 1 4 3 6 5
                """);
    }

    @Test
    void rowsHavePatternsInHbm() {
        Script.check("""
                hbm[0] u8 (1:24) = 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
                sync dma_copy queue=0, sbuf[0:3, 0] u8 (1:4), hbm[0] u8 (1:3,3:4)
                sbuf[0:3, 0] u8 (1:4) : 0 3 6 9 | 1 4 7 10 | 2 5 8 11
                sync dma_copy queue=0, sbuf[0:3, 8] u8 (1:2), hbm[1] u8 (0:3,5:2)
                sbuf[0:3, 8] u8 (1:2) : 1 6 | 1 6 | 1 6
                sync dma_copy queue=0, sbuf[0:2, 16] u8 (4:3,1:2), hbm[11] u8 (-1:12)
                sbuf[0:2, 16] u8 (4:3,1:2) : 11 10 9 8 7 6 | 5 4 3 2 1 0
                sync dma_copy queue=0, sbuf[0:4, 32] u8 (1:4), hbm[0] u8 (12:2,2:2,6:2,1:2)
                sbuf[0:4, 32] u8 (1:4) : 0 1 6 7 | 2 3 8 9 | 12 13 18 19 | 14 15 20 21
                sync dma_copy queue=0, sbuf[0:8, 40] u8 (1:2), hbm[0] u8 (12:2,3:2,6:2,1:2)
                sbuf[0:8, 40] u8 (1:2) : 0 1 | 6 7 | 3 4 | 9 10 | 12 13 | 18 19 | 15 16 | 21 22
                sync dma_copy queue=0, sbuf[0:4, 44] u8 (1:2), hbm[0] u8 (13:2,3:4)
                sbuf[0:4, 44] u8 (1:2) : 0 3 | 6 9 | 13 16 | 19 22
                sync dma_copy queue=0, sbuf[0:1, 48] u8 (1:16), hbm[0] u8 (1:2,2:2,4:2,8:1,8:2)
                sbuf[0:1, 48] u8 (1:16) : 0 8 4 12 2 10 6 14 1 9 5 13 3 11 7 15
                """);
    }

    @Test
    void rowsOfHbmAreWrittenInPatterns() {
        Script.check("""
                hbm[0] f32 (1:8) = 8*9
                sbuf[0:2, 0] f32 (1:3) = 1 2 3 | 4 5 6
                sync dma_copy queue=0, hbm[0] f32 (1:2,2:3), sbuf[0:2, 0] f32 (1:3)
                hbm[0] f32 (1:8) : 1 4 2 5 3 6 9 9
                """);
    }

    @Test
    void movesWithinAMemory() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                sync dma_copy queue=0, sbuf[32:34, 64] f32 (1:4), sbuf[0:2, 0] f32 (1:2,2:2)
                sbuf[32:34, 64] f32 (1:4) : 1 3 2 4 | 5 7 6 8
                sync dma_copy queue=0, sbuf[0:2, 32] bf16 (2:4), sbuf[0:2, 0] f32 (1:4)
                sbuf[0:2, 32] bf16 (2:4) : 1 2 3 4 | 5 6 7 8
                """);
        Script.check("""
                hbm[0] f32 (1:6) = 1 2 3 4 5 6
                sync dma_copy queue=0, hbm[128] f32 (1:6), hbm[0] f32 (1:3,3:2)
                hbm[128] f32 (1:6) : 1 4 2 5 3 6
                sync dma_copy queue=0, hbm[256] i16 (1:3,3:2), hbm[0] f32 (1:6)
                hbm[256] i16 (1:6) : 1 3 5 2 4 6
                """);
    }

    @Test
    void equalTypesMoveBits() {
        Script.check("""
                hbm[0] f32 (1:2) = 0x7f800001 0xffc12345
                hbm[16] bf16 (1:2) = 0x7f81 0xffc1
                hbm[32] i32 (1:2) = 16777217 -16777219
                sync dma_copy queue=0, sbuf[0:1, 0] f32 (2:2), hbm[0] f32 (1:2)
                sync dma_copy queue=0, sbuf[0:1, 16] bf16 (2:2), hbm[16] bf16 (1:2)
                sync dma_copy queue=0, sbuf[0:2, 32] i32 (), hbm[32] i32 (1:2)
                sbuf[0:1, 0] f32 (2:2) : 0x7f800001 0xffc12345
                sbuf[0:1, 16] bf16 (2:2) : 0x7f81 0xffc1
                sbuf[0:2, 32] i32 () : 16777217 | -16777219
                """);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        f32,    bf16,   257 -259 1e39 0xffc00001, 256 -260 inf 0x7fc0
        f32,    f16,    2049 -65520 3 0xffc00001, 2048 -inf 3 0x7e00
        f32,    f8e4m3, 17 248 0.1015625 nan,     16 inf 0.1015625 0x7c
        f32,    tf32,   2049 2051 1 nan,          2048 2052 1 0x7fc00000
        f32,    i32,    2.5 -3.5 3e9 nan,         2 -4 2147483647 0
        f32,    u8,     2.5 -3.5 300 nan,         2 0 255 0
        bf16,   f32,    1.5 0x0001 -inf 0x7f81,   1.5 0x00010000 -inf nan
        f16,    bf16,   1.00390625 3 65504 nan,   1 3 65536 0x7fc0
        f8e5m2, f16,    57344 -0.0 0x01 inf,      57344 -0.0 0x0100 inf
        i32,    f32,    16777217 -5 0 2147483647, 16777216 -5 0 2147483648
        i32,    u32,    16777217 -5 0 2147483647, 16777216 0 0 2147483648
        u8,     i8,     255 127 128 0,            127 127 127 0
        """)
    void otherTypesGoThroughFp32(String from, String to, String values, String results) {
        Script.check("""
                hbm[0] %1$s (1:4) = %3$s
                sync dma_copy queue=0, sbuf[0:2, 0] %2$s (1:2), hbm[0] %1$s (1:4)
                sync dma_copy queue=0, hbm[64] %2$s (1:4), hbm[0] %1$s (1:4)
                sbuf[0:2, 0] %2$s (1:2) : %4$s
                hbm[64] %2$s (1:4) : %4$s
                """.formatted(from, to, values, results));
    }

    @Test
    void aGatherTakesTheRowsThatItsIndexNames() {
        Script.check("""
                hbm[0] f32 (1:8) = 1 2 3 4 5 6 7 8
                sbuf[0:4, 0] i32 () = 3 | 0 | 3 | 1
                gpsimd dma_gather queue=2, sbuf[0:4, 16] f32 (1:2), hbm[0] f32 (1:2), sbuf[0:4, 0] i32 (),
                        bytes_per_row=8, rows=4
                sbuf[0:4, 16] f32 (1:2) : 7 8 | 1 2 | 7 8 | 3 4
                gpsimd dma_gather queue=2, sbuf[0:4, 18] bf16 (-1:2), hbm[4] f32 (1:2), sbuf[0:4, 0] u32 (),
                        bytes_per_row=4, rows=4
                sbuf[0:4, 16] bf16 (1:2) : 6 5 | 3 2 | 6 5 | 4 3
                """);
    }

    @Test
    void aScatterWritesTheRowsThatItsIndexNames() {
        Script.check("""
                hbm[0] f32 (1:8) = 8*9
                sbuf[64:67, 0] u32 () = 2 | 0 | 2
                sbuf[64:67, 16] f32 (1:2) = 1 2 | 3 4 | 5 6
                gpsimd dma_scatter queue=2, hbm[0] f32 (1:2), sbuf[64:67, 16] f32 (1:2), sbuf[64:67, 0] u32 (),
                        bytes_per_row=8, rows=4
                hbm[0] f32 (1:8) : 3 4 9 9 5 6 9 9
                """);
        Script.check("""
                hbm[0] i8 (1:8) = 8*9
                sbuf[0:2, 0] i32 () = 1 | 0
                sbuf[0:2, 16] f32 (1:2) = 1.5 200 | 3 4
                gpsimd dma_scatter queue=2, hbm[1] i8 (2:2), sbuf[0:2, 16] f32 (1:2), sbuf[0:2, 0] i32 (),
                        bytes_per_row=4, rows=2
                hbm[0] i8 (1:8) : 9 3 9 4 9 2 9 127
                """);
    }

    @Test
    void transposesExchangeTheFirstAndTheLastDimension() {
        Script.check(
                """
                gpsimd iota sbuf[0:16, 0] u16 (1:3), offset=0, channel_multiplier=10, pattern=[1]
                sync dma_transpose queue=0, sbuf[32:35, 0] u16 (1:16), sbuf[0:16, 0] u16 (1:3)
                sbuf[32:35, 0] u16 (1:4) : 0 10 20 30 | 1 11 21 31 | 2 12 22 32
                sbuf[32:35, 30] u16 () : 150 | 151 | 152
                hbm[0] bf16 (1:64) = 0x7f81 0xffc1 %s
                sync dma_transpose queue=0, sbuf[0:2, 0] bf16 (2:32), hbm[0] bf16 (2:32,1:2)
                sbuf[0:2, 0] bf16 (2:4) : 0x7f81 2 4 6 | 0xffc1 3 5 7
                sync dma_transpose queue=0, sbuf[0:2, 128] bf16 (1:32), hbm[0] bf16 (32:2,2:16,1:2)
                sbuf[0:2, 128] bf16 (1:6) : 0x7f81 32 2 34 4 36 | 0xffc1 33 3 35 5 37
                sync dma_transpose queue=0, sbuf[0:4, 256] bf16 (1:16), hbm[0] bf16 (32:2,16:1,4:8,1:4)
                sbuf[0:4, 256] bf16 (1:4) : 0x7f81 32 4 36 | 0xffc1 33 5 37 | 2 34 6 38 | 3 35 7 39
                """.formatted(IntStream.range(2, 64).mapToObj(Integer::toString).collect(Collectors.joining(" "))));
    }

    @Test
    void sourcesAreAddedInFp32AndInTheirOrder() {
        // 2^27 + 3 and 2^27 + 1 are 2^27 in fp32, 257 is 256 in bf16.
        Script.check("""
                hbm[0] f32 (1:4) = 134217728 256 1 nan
                hbm[64] bf16 (1:4) = 3 1 2 1
                hbm[128] f32 (1:4) = -134217728 -256 4 1
                sbuf[0:2, 0] i8 (1:2) = 5 -1 | -8 1
                sync dma_compute queue=0, sbuf[0:2, 64] f32 (1:2),
                    srcs=[hbm[0] f32 (1:4), hbm[64] bf16 (1:4), hbm[128] f32 (1:4), sbuf[0:2, 0] i8 (1:2)]
                sbuf[0:2, 64] f32 (1:2) : 5 0 | -1 nan
                sync dma_compute queue=0, hbm[260] bf16 (-1:3), srcs=[hbm[4] f32 (1:3), hbm[66] bf16 (1:3)]
                sync dma_compute queue=0, sbuf[0:1, 128] i8 (1:4), srcs=[hbm[0] f32 (1:4)]
                sbuf[0:1, 128] i8 (1:4) : 127 127 1 0
                hbm[256] bf16 (1:3) : nan 3 256
                """);
    }
}
