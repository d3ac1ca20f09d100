package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the systolic array computes. */
class TensorInstructionsTest {
    /** Stationary [K, M] and moving [K, N] to [M, N]. */
    @Test
    void multipliesTheTransposeOfTheStationary() {
        Script.check("""
                sbuf[0:3, 0] f32 (1:2) = 1 2 | 3 4 | 5 6
                sbuf[0:3, 16] f32 (1:4) = 1 0 2 -1 | 0 1 2 -1 | 0 0 2 -1
                tensor nc_matmul psum[0:2, 0] f32 (1:4), sbuf[0:3, 0] f32 (1:2), sbuf[0:3, 16] f32 (1:4)
                psum[0:2, 0] f32 (1:4) : 1 3 18 -9 | 2 4 24 -12
                """);
    }

    @Test
    void addsInRowOrderWithFusedMultiplyAdds() {
        // 2^27 + 1 is 2^27 in fp32: any other order of the rows gives another sum.
        Script.check("""
                sbuf[0:6, 0] f32 (1:2) = 3 1 | 134217728 1 | 1 1 | -134217728 1 | 5 1 | 2 1
                sbuf[0:6, 16] f32 () = 6*1
                tensor nc_matmul psum[0:2, 0] f32 (), sbuf[0:6, 0] f32 (1:2), sbuf[0:6, 16] f32 ()
                psum[0:2, 0] f32 () : 7 | 6
                """);
        // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24, of which a rounded product has lost the end.
        Script.check("""
                sbuf[0:2, 0] f32 () = -1.00048828125 | 1.000244140625
                sbuf[0:2, 16] f32 () = 1 | 1.000244140625
                tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:2, 0] f32 (), sbuf[0:2, 16] f32 ()
                psum[0:1, 0] f32 () : 0x33800000
                """);
    }

    @Test
    void sumsBeginAtPositiveZero() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:2) = -0.0 -1
                sbuf[0:1, 16] f32 (1:2) = 1 0
                tensor nc_matmul psum[0:2, 0] f32 (1:2), sbuf[0:1, 0] f32 (1:2), sbuf[0:1, 16] f32 (1:2)
                psum[0:2, 0] f32 (1:2) : 0 0 | -1 0
                """);
    }

    @Test
    void accumulatesWithOneAdditionOfTheWholeSum() {
        // 2^27 + 1 is 2^27, but 2^27 + 9 is 2^27 + 16.
        Script.check("""
                sbuf[0:9, 0] f32 () = 9*1
                sbuf[0:9, 16] f32 () = 9*1
                sbuf[0:1, 32] f32 () = 134217728
                tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 32] f32 (), sbuf[0:1, 0] f32 ()
                tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:9, 0] f32 (), sbuf[0:9, 16] f32 (), accumulate
                psum[0:1, 0] f32 () : 134217744
                """);
        Script.check("""
                sbuf[0:2, 0] f32 (1:2) = 1 2 | 3 4
                tensor nc_matmul psum[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2)
                tensor nc_matmul psum[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2), accumulate
                psum[0:2, 0] f32 (1:2) : 20 28 | 28 40
                tensor nc_matmul psum[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2)
                psum[0:2, 0] f32 (1:2) : 10 14 | 14 20
                """);
    }

    @Test
    void accumulatingAddsOnlyWhatIsWritten() {
        Script.check("""
                sbuf[0:1, 0] f32 (1:4) = 1 2 3 4
                sbuf[0:1, 16] f32 () = 10
                tensor nc_matmul psum[0:1, 0] f32 (1:4), sbuf[0:1, 16] f32 (), sbuf[0:1, 0] f32 (1:4)
                tensor nc_matmul psum[0:1, 4] f32 (2:2), sbuf[0:1, 16] f32 (), sbuf[0:1, 0] f32 (1:2), accumulate
                psum[0:1, 0] f32 (1:4) : 10 30 30 60
                sbuf[0:1, 32] f32 (1:2) = 1 100
                tensor nc_matmul psum[0:2, 64] f32 (1:4), sbuf[0:1, 32] f32 (1:2), sbuf[0:1, 0] f32 (1:4)
                tensor nc_matmul psum[0:2, 64] f32 (3:2), sbuf[0:1, 32] f32 (1:2), sbuf[0:1, 0] f32 (1:2), accumulate
                psum[0:2, 64] f32 (1:4) : 2 2 3 6 | 200 200 300 600
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "trn2, f32, tf32",
        "trn2, bf16, bf16",
        "trn2, f16, bf16",
        "trn2, f8e4m3, f16",
        "trn2, f8e5m2, f8e4m3",
        "trn3, f8e4m3fn, bf16"
    })
    void typesMayDiffer(String target, String stationary, String moving) {
        Script.check(target, """
                sbuf[0:2, 0] %s (1:3) = 1.5 -2 0.5 | 1 8 -0.25
                sbuf[0:2, 16] %s (1:2) = 3 -1 | 0.5 16
                tensor nc_matmul psum[0:3, 0] f32 (1:2), sbuf[0:2, 0] %1$s (1:3), sbuf[0:2, 16] %2$s (1:2)
                psum[0:3, 0] f32 (1:2) : 5 14.5 | -2 130 | 1.375 -4.5
                """.formatted(stationary, moving));
    }

    @Test
    void productsOfNarrowTypesAreExact() {
        // 65504^2 = 2047^2 * 2^10 is far outside f16.
        Script.check("""
                sbuf[0:1, 0] f16 (1:2) = 65504 0.00390625
                sbuf[0:1, 16] f16 () = 65504
                tensor nc_matmul psum[0:2, 0] f32 (), sbuf[0:1, 0] f16 (1:2), sbuf[0:1, 16] f16 ()
                psum[0:2, 0] f32 () : 4290774016 | 255.875
                """);
    }

    @Test
    void notANumberAndInfinitySpreadAlongTheirRow() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:2) = 1 0 | 1 0
                sbuf[0:2, 16] f32 (1:3) = nan 1 -inf | 1 inf inf
                tensor nc_matmul psum[0:2, 0] f32 (1:3), sbuf[0:2, 0] f32 (1:2), sbuf[0:2, 16] f32 (1:3)
                psum[0:2, 0] f32 (1:3) : nan inf nan | nan nan nan
                """);
    }

    @Test
    void operandsHavePatterns() {
        Script.check("""
                sbuf[0:2, 0] bf16 (1:4) = 1 2 3 4 | 5 6 7 8
                sbuf[0:2, 16] bf16 (1:6) = 1 2 3 4 5 6 | 6 5 4 3 2 1
                tensor nc_matmul psum[0:2, 0] f32 (1:4), sbuf[0:2, 6] bf16 (-2:2), sbuf[0:2, 16] bf16 (3:2,0:2)
                psum[0:2, 0] f32 (1:4) : 52 52 40 40 | 38 38 26 26
                tensor nc_matmul psum[0:2, 72] f32 (1:2,-2:2), sbuf[0:2, 0] bf16 (1:1,0:2), sbuf[0:2, 16] bf16 (1:2,3:2)
                psum[0:2, 64] f32 (1:4) : 19 15 31 27 | 19 15 31 27
                """);
    }

    @Test
    void rowsAndResultsLieOnAnyQuadrant() {
        Script.check("""
                sbuf[32:34, 0] f32 (1:2) = 1 2 | 3 4
                sbuf[32:34, 16] f32 (1:2) = 1 0 | 0 1
                tensor nc_matmul psum[96:98, 2044] f32 (), sbuf[32:34, 0] f32 (1:2), sbuf[32:34, 16] f32 ()
                tensor nc_matmul psum[64:66, 14336] f32 (1:2), sbuf[32:34, 0] f32 (1:2), sbuf[32:34, 16] f32 (1:2)
                psum[96:98, 2044] f32 () : 1 | 2
                psum[64:66, 14336] f32 (1:2) : 1 3 | 2 4
                """);
    }

    @Test
    void bf16SumsRoundAfterTheFp32AdditionOnTrn3() {
        Script.check("trn3", """
                sbuf[0:1, 0] bf16 (1:3) = 256 3 1
                sbuf[0:1, 16] bf16 () = 1
                tensor nc_matmul psum[0:1, 0] bf16 (1:3), sbuf[0:1, 16] bf16 (), sbuf[0:1, 0] bf16 (0:3)
                tensor nc_matmul psum[0:1, 0] bf16 (1:3), sbuf[0:1, 16] bf16 (), sbuf[0:1, 0] bf16 (1:3), accumulate
                psum[0:1, 0] bf16 (1:3) : 512 260 256
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "f32, 0x7f800001 0xffc12345 -0.0 | inf 5 0x00000001, 0x7f800001 inf | 0xffc12345 5 | -0.0 0x00000001",
        "bf16, 0x7f81 0xffc1 -0.0 | inf 5 0x0001, 0x7f81 inf | 0xffc1 5 | -0.0 0x0001",
        "f16, 0x7c01 0xfe01 -0.0 | inf 5 0x0001, 0x7c01 inf | 0xfe01 5 | -0.0 0x0001",
        "f8e4m3, 0x79 0xff -0.0 | inf 5 0x01, 0x79 inf | 0xff 5 | -0.0 0x01"
    })
    void aTransposeMovesBits(String dtype, String values, String transposed) {
        Script.check("""
                sbuf[0:2, 0] %1$s (1:3) = %2$s
                sbuf[0:2, 16] %1$s (1:2) = 1 0 | 0 1
                tensor nc_matmul psum[0:3, 0] %1$s (1:2), sbuf[0:2, 0] %1$s (1:3), sbuf[0:2, 16] %1$s (1:2),
                    is_transpose
                psum[0:3, 0] %1$s (1:2) : %3$s
                """.formatted(dtype, values, transposed));
    }

    @Test
    void aTransposeHasPatterns() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:4) = 1 2 3 4 | 5 6 7 8
                sbuf[0:2, 16] f32 (1:2) = 1 0 | 0 1
                tensor nc_matmul psum[0:4, 64] f32 (2:2), sbuf[0:2, 4] f32 (2:2,-1:2), sbuf[0:2, 16] f32 (1:2),
                    is_transpose
                psum[0:4, 64] f32 (2:2) : 2 6 | 1 5 | 4 8 | 3 7
                """);
    }

    /** Sizes of no multiple of anything, against a loop; rows are added in order, so every bit counts. */
    @ParameterizedTest
    @CsvSource({"trn2, 70, 37, 83", "trn2, 128, 128, 20", "trn2, 3, 5, 512", "trn3, 5, 3, 1030", "trn2, 1, 1, 1"})
    void everySizeGivesTheSameBitsAsALoop(String target, int k, int m, int n) {
        var random = new Random(k + m + n);
        var stationary = new float[k * m];
        var moving = new float[k * n];
        for (int i = 0; i < stationary.length; i++) {
            stationary[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < moving.length; i++) {
            moving[i] = (float) random.nextGaussian();
        }
        var once = new float[m * n];
        var twice = new float[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                float sum = 0;
                for (int r = 0; r < k; r++) {
                    sum = Math.fma(stationary[r * m + i], moving[r * n + j], sum);
                }
                once[i * n + j] = sum;
                twice[i * n + j] = sum + sum;
            }
        }
        Script.check(target, """
                sbuf[0:%1$d, 0] f32 (1:%2$d) = %4$s
                sbuf[0:%1$d, 1024] f32 (1:%3$d) = %5$s
                tensor nc_matmul psum[0:%2$d, 0] f32 (1:%3$d), sbuf[0:%1$d, 0] f32 (1:%2$d),
                    sbuf[0:%1$d, 1024] f32 (1:%3$d)
                psum[0:%2$d, 0] f32 (1:%3$d) : %6$s
                tensor nc_matmul psum[0:%2$d, 0] f32 (1:%3$d), sbuf[0:%1$d, 0] f32 (1:%2$d),
                        sbuf[0:%1$d, 1024] f32 (1:%3$d), accumulate
                psum[0:%2$d, 0] f32 (1:%3$d) : %7$s
                """.formatted(k, m, n, bits(stationary), bits(moving), bits(once), bits(twice)));
    }

    private static String bits(float[] values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> "0x%08x".formatted(Float.floatToRawIntBits(values[i])))
                .collect(Collectors.joining(" "));
    }

    @Test
    void aDoubleRowIsTwoRowsAPartition() {
        Script.check("""
                sbuf[0:2, 0] f8e4m3 (1:4) = 1 2 3 4 | 5 6 7 8
                sbuf[0:2, 16] f8e5m2 (1:6) = 1 0 2 0 1 2 | 1 1 1 2 0 -1
                tensor nc_matmul psum[0:2, 0] f32 (1:3), sbuf[0:2, 0] f8e4m3 (2:2,1:2),
                    sbuf[0:2, 16] f8e5m2 (3:2,1:3), double_row
                psum[0:2, 0] f32 (1:3) : 20 8 6 | 24 10 10
                tensor nc_matmul psum[0:2, 0] f32 (1:3), sbuf[0:2, 0] f8e4m3 (2:2,1:2),
                    sbuf[0:2, 16] f8e5m2 (3:2,1:3), accumulate, double_row
                psum[0:2, 0] f32 (1:3) : 40 16 12 | 48 20 20
                """);
        // Beside 57344^2 64 and 32 are lost.
        Script.check("""
                sbuf[0:2, 0] f8e5m2 (1:2) = 57344 1 | -57344 1
                sbuf[0:2, 16] f8e5m2 (1:2) = 57344 64 | 57344 32
                tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:2, 0] f8e5m2 (1:2,1:1),
                    sbuf[0:2, 16] f8e5m2 (1:2,1:1), double_row
                tensor nc_matmul psum[0:1, 4] f32 (), sbuf[0:2, 1] f8e5m2 (-1:2,1:1),
                    sbuf[0:2, 17] f8e5m2 (-1:2,1:1), double_row
                psum[0:1, 0] f32 (1:2) : 32 0
                """);
    }

    @Test
    void promisesOfZerosAndOnesAreKept() {
        Script.check("""
                sbuf[0:2, 0] f32 (1:2) = 1 0 | -0.0 1
                sbuf[0:2, 16] f32 (1:2) = 1.5 2 | 3 nan
                tensor nc_matmul psum[0:2, 0] f32 (), sbuf[0:2, 0] f32 (1:2), sbuf[0:2, 16] f32 (),
                    is_stationary_onezero
                tensor nc_matmul psum[0:2, 4] f32 (1:2), sbuf[0:2, 16] f32 (0:2), sbuf[0:2, 0] f32 (1:2),
                    is_moving_onezero
                psum[0:2, 0] f32 (1:3) : 1.5 1.5 3 | 3 1.5 3
                """);
        for (var flag : new String[] {"is_stationary_onezero", "is_moving_onezero"}) {
            assertThatThrownBy(() -> Script.check("""
                            sbuf[0:1, 0] f32 () = 0.5
                            tensor nc_matmul psum[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), sbuf[0:1, 0] f32 (), FLAG
                            """.replace("FLAG", flag)))
                    .isInstanceOf(EmulatorException.class)
                    .hasMessageStartingWith("SYS5007 tensor @0")
                    .hasMessageEndingWith("an operand of zeros and ones holds 0.5");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 0 1 1", "1 0 0 2", "1 0 0 0", "0 1 1 0", "1 0 0 nan"})
    void aTransposeNeedsAnIdentity(String moving) {
        assertThatThrownBy(() -> Script.check("""
                        sbuf[0:2, 0] f32 (1:2) = %s
                        tensor nc_matmul psum[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2), sbuf[0:2, 0] f32 (1:2),
                            is_transpose
                        """.formatted(moving)))
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5007 tensor @0 S[0]>=16 nc_matmul")
                .hasMessageEndingWith("a transpose needs an identity as its moving operand");
    }
}
