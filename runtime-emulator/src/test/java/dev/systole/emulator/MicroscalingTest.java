package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packed elements and their scales (v4). */
class MicroscalingTest {
    private static String join(int n, IntFunction<String> value) {
        return IntStream.range(0, n).mapToObj(value).collect(Collectors.joining(" "));
    }

    /**
     * The largest element of a block is brought into [2^(Emax - 1), 2^Emax), Emax being 8 of e4m3fn and 15 of e5m2: 448, of
     * exponent 8, has the scale 2^(8 - 7) or 2^(8 - 14).
     */
    @ParameterizedTest
    @CsvSource({
        "f8e4m3fnx4, 128 0 119 124, 0x763c3830 0x8000 0xf4f4f4f4 0x74747474 0x78787878",
        "f8e5m2x4, 121 0 112 117, 0x775a5854 0x8000 0xf6f6f6f6 0x76767676 0x78787878"
    })
    void aBlockOfEightPartitionsSharesAScale(String type, String scales, String packed) {
        var words = packed.split(" ");
        var values = join(32, p -> switch (p / 8) {
            case 0 -> "1 2 3 448";
            case 1 -> "0 -0.0 0 0";
            case 2 -> "4*-0.75";
            default -> p == 31 ? "4*31" : "4*24";
        });
        Script.check("trn3", """
                sbuf[0:32, 0] bf16 (1:4) = %1$s
                sbuf[0:32, 128] u8 () = 32*9
                vector quantize_mx sbuf[0:32, 64] %2$s (), sbuf[0:32, 0] bf16 (1:4), sbuf[0:4, 128] u8 ()
                sbuf[0:32, 128] u8 () : %3$s 28*9
                sbuf[0:32, 64] u32 () : %4$s
                vector quantize_mx sbuf[0:32, 64] %2$s (), sbuf[0:32, 0] bf16 (1:4), sbuf[12:16, 128] u8 ()
                sbuf[0:32, 128] u8 () : %3$s 8*9 %3$s 16*9
                """.formatted(values, type, scales, join(32, p -> words[p == 31 ? 4 : p / 8])));
    }

    @Test
    void everyFourElementsOfAQuadrantHaveScales() {
        Script.check("trn3", """
                gpsimd memset sbuf[0:64, 0] f16 (1:8), value=1
                gpsimd memset sbuf[32:64, 0] f16 (1:4), value=64
                vector memset sbuf[0:64, 128] u8 (1:2), value=9
                vector quantize_mx sbuf[0:64, 64] f8e4m3fnx4 (1:2), sbuf[0:64, 0] f16 (1:8), sbuf[8:44, 128] u8 (1:2)
                sbuf[0:64, 128] u8 (1:2) : 16*9 8*120 56*9 126 120 126 120 126 120 126 120 40*9
                sbuf[0:64, 64] u32 (1:2) : 128*0x70707070
                """);
    }

    /** The sum runs over the four numbers of an element, then over the partitions. */
    @ParameterizedTest
    @CsvSource({"f8e4m3fn, f8e5m2, 1", "f8e5m2, f8e5m2, 2", "f4e2m1, f8e4m3fn, 3", "f4e2m1, f4e2m1, 4"})
    void productsAreScaledAndAddedInPackedOrder(String stationary, String moving, int seed) {
        var random = new Random(seed);
        var types = new DType[] {
            DType.parse(stationary).orElseThrow(), DType.parse(moving).orElseThrow()
        };
        int[] columns = {2, 3};
        var numbers = new float[2][];
        var packed = new String[2];
        var scales = new int[2][];
        for (int o = 0; o < 2; o++) {
            var type = types[o];
            int n = columns[o];
            numbers[o] = new float[32 * n * 4];
            var codes = new int[numbers[o].length];
            for (int i = 0; i < codes.length; i++) {
                // The upper half of the exponents of 8-bit types is left out, and with it what is no number.
                codes[i] = random.nextInt(1 << type.bits()) & (type.bits() == 4 ? 0xF : 0xBF);
                numbers[o][i] = Elements.decode(codes[i], type);
            }
            packed[o] = join(32 * n, i -> {
                long word = 0;
                for (int j = 0; j < 4; j++) {
                    word |= (long) codes[4 * i + j] << j * type.bits();
                }
                return "0x" + Long.toHexString(word);
            });
            scales[o] = random.ints(4L * n, 117, 140).toArray();
        }
        var sums = new float[6];
        for (int m = 0; m < 2; m++) {
            for (int n = 0; n < 3; n++) {
                for (int k = 0; k < 32; k++) {
                    double scale = Math.pow(2, scales[0][k / 8 * 2 + m] - 127 + scales[1][k / 8 * 3 + n] - 127);
                    for (int j = 0; j < 4; j++) {
                        float product = numbers[0][(k * 2 + m) * 4 + j] * numbers[1][(k * 3 + n) * 4 + j];
                        sums[m * 3 + n] += (float) (product * scale);
                    }
                }
            }
        }
        Script.check("trn3", """
                sbuf[0:32, 0] %9$s (1:2) = %3$s
                sbuf[0:32, 64] %10$s (1:3) = %4$s
                sbuf[0:4, 128] u8 (1:2) = %5$s
                sbuf[0:4, 256] u8 (1:3) = %6$s
                tensor nc_matmul_mx psum[0:2, 0] f32 (1:3), sbuf[0:32, 0] %1$sx4 (1:2), sbuf[0:32, 64] %2$sx4 (1:3),
                    sbuf[0:4, 128] u8 (1:2), sbuf[0:4, 256] f8e8m0 (1:3)
                psum[0:2, 0] f32 (1:3) : %7$s
                tensor nc_matmul_mx psum[0:2, 0] f32 (1:3), sbuf[0:32, 0] %1$sx4 (1:2), sbuf[0:32, 64] %2$sx4 (1:3),
                    sbuf[0:4, 128] u8 (1:2), sbuf[0:4, 256] f8e8m0 (1:3), accumulate
                psum[0:2, 0] f32 (1:3) : %8$s
                """.formatted(
                        stationary,
                        moving,
                        packed[0],
                        packed[1],
                        join(scales[0].length, i -> "" + scales[0][i]),
                        join(scales[1].length, i -> "" + scales[1][i]),
                        join(6, i -> "0x%08x".formatted(Float.floatToIntBits(sums[i]))),
                        join(6, i -> "0x%08x".formatted(Float.floatToIntBits(sums[i] + sums[i]))),
                        types[0].bits() == 4 ? "u16" : "u32",
                        types[1].bits() == 4 ? "u16" : "u32"));
    }

    @Test
    void aQuantisedProductIsThatOfItsNumbers() {
        // 128 products of 3 * 2^-20 and 5, each exact.
        Script.check("trn3", """
                gpsimd memset sbuf[0:32, 0] bf16 (1:8), value=2.861022949e-6
                gpsimd memset sbuf[0:32, 32] bf16 (1:4), value=5
                vector quantize_mx sbuf[0:32, 64] f8e4m3fnx4 (1:2), sbuf[0:32, 0] bf16 (1:8), sbuf[0:4, 128] u8 (1:2)
                vector quantize_mx sbuf[0:32, 96] f8e5m2x4 (), sbuf[0:32, 32] bf16 (1:4), sbuf[4:8, 128] u8 ()
                tensor nc_matmul_mx psum[0:2, 0] bf16 (), sbuf[0:32, 64] f8e4m3fnx4 (1:2), sbuf[0:32, 96] f8e5m2x4 (),
                    sbuf[0:4, 128] u8 (1:2), sbuf[4:8, 128] u8 ()
                psum[0:2, 0] bf16 () : 2*0.0018310546875
                """);
    }
}
