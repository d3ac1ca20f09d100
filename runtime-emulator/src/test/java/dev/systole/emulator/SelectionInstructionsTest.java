package dev.systole.emulator;

import org.junit.jupiter.api.Test;

/** What VectorE finds, keeps and replaces; selections that reduce are in {@link AccumulatorsTest}. */
class SelectionInstructionsTest {
    @Test
    void theEightLargestAreSorted() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:10) = 3 -1 4 1 -5 9 2 6 5 3 | -1 -2 -3 -4 -5 -6 -7 -8 -9 -10
                vector max8 sbuf[0:2, 64] f32 (1:8), sbuf[0:2, 0] f32 (1:10)
                sbuf[0:2, 64] f32 (1:8) : 9 6 5 4 3 3 2 1 | -1 -2 -3 -4 -5 -6 -7 -8
                vector max8 sbuf[0:2, 71] i8 (-1:8), sbuf[0:2, 36] f32 (-1:2,-2:5)
                sbuf[0:2, 64] i8 (1:8) : 1 2 3 3 4 5 6 9 | -8 -7 -6 -5 -4 -3 -2 -1
                sbuf[0:1, 128] f32 (1:9) = nan 1 inf -0.0 0 -inf -1 0x00000001 -inf
                vector max8 sbuf[0:1, 192] f32 (1:8), sbuf[0:1, 128] f32 (1:9)
                sbuf[0:1, 192] f32 (1:8) : nan inf 1 0x00000001 0 -0.0 -1 -inf
                """);
    }

    @Test
    void equalValuesAreFoundAtSuccessivePlaces() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:9) = 3 1 3 2 3 0 nan 5 1 | 9*7
                sbuf[0:2, 64] f32 (1:8) = 3 1 3 8 nan 1 3 3 | 7 6 7 7 7 7 7 7
                vector nc_find_index8 sbuf[0:2, 128] u16 (1:8), sbuf[0:2, 0] f32 (1:9), sbuf[0:2, 64] f32 (1:8)
                sbuf[0:2, 128] u16 (1:8) : 0 1 2 65535 65535 8 4 65535 | 0 65535 1 2 3 4 5 6
                vector nc_find_index8 sbuf[0:2, 128] u32 (1:8), sbuf[0:2, 32] f32 (-1:9), sbuf[0:2, 64] f32 (1:8)
                sbuf[0:2, 128] u32 (1:8) : 4 0 6 4294967295 4294967295 7 8 4294967295 | 0 4294967295 1 2 3 4 5 6
                """);
        Script.check("""
                sbuf[0:1, 0] bf16 (1:8) = 1 2 3 -0.0 5 6 7 8
                sbuf[0:1, 32] f32 (1:8) = 0 8 1 9 9 9 9 9
                vector nc_find_index8 sbuf[0:1, 64] u32 (1:8), sbuf[0:1, 0] bf16 (1:8), sbuf[0:1, 32] f32 (1:8)
                sbuf[0:1, 64] u32 (1:8) : 3 7 0 5*4294967295
                """);
    }

    @Test
    void matchesAreReplacedLastValueFirst() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:9) = 3 1 3 2 3 0 nan 5 1
                sbuf[0:1, 64] f32 (1:8) = 3 1 8 nan 1 3 9 5
                vector nc_match_replace8 sbuf[0:1, 128] bf16 (1:9), sbuf[0:1, 0] f32 (1:9), sbuf[0:1, 64] f32 (1:8),
                    imm=-257, dst_idx=sbuf[0:1, 192] u16 (1:8)
                sbuf[0:1, 128] bf16 (1:9) : -256 -256 -256 2 3 0 nan -256 -256
                sbuf[0:1, 192] u16 (1:8) : 2 8 65535 65535 1 0 65535 7
                vector nc_match_replace8 sbuf[0:1, 0] f32 (1:9), sbuf[0:1, 0] f32 (1:9), sbuf[0:1, 64] f32 (1:8), imm=1
                sbuf[0:1, 0] f32 (1:9) : 1 1 1 2 3 0 nan 1 1
                """);
    }

    @Test
    void topOfARowByRounds() {
        // How a top 16 is made of the instructions: the eight largest, then they are taken away.
        Script.check("""
                sbuf[0:1, 0] f32 (1:16) = 5 5 1 2 9 9 9 3 4 8 7 6 0 -1 -2 9
                vector max8 sbuf[0:1, 64] f32 (1:8), sbuf[0:1, 0] f32 (1:16)
                vector nc_match_replace8 sbuf[0:1, 0] f32 (1:16), sbuf[0:1, 0] f32 (1:16), sbuf[0:1, 64] f32 (1:8),
                    imm=-1e30, dst_idx=sbuf[0:1, 192] u32 (1:8)
                vector max8 sbuf[0:1, 96] f32 (1:8), sbuf[0:1, 0] f32 (1:16)
                sbuf[0:1, 64] f32 (1:16) : 9 9 9 9 8 7 6 5 5 4 3 2 1 0 -1 -2
                sbuf[0:1, 192] u32 (1:8) : 15 6 5 4 9 10 11 0
                """);
    }
}
