package dev.systole.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The generators, by what is published of their kinds. */
class RandomInstructionsTest {
    private static final String SEEDED = "sbuf[0:1, 0] u32 () = 4000000000\nvector set_rng_seed sbuf[0:1, 0] u32 ()\n";

    private static long[] integers(Tensor t) {
        return IntStream.range(0, (int) t.type().shape().elements())
                .mapToLong(i -> Elements.readInteger(t.bytes(), i, t.type().dtype()))
                .toArray();
    }

    private static Tensor only(String target, String script) {
        return Script.outputs(target, script, 1).values().iterator().next();
    }

    /**
     * A register of x^32 + x^22 + x^2 + x + 1: every bit is the sum of those 1, 2, 22 and 32 steps before, and so it is if only
     * every 32nd step counts.
     */
    @Test
    void vectorHasAShiftRegisterBeforeV4() {
        var w = integers(only("trn2", SEEDED + "vector rng sbuf[0:2, 64] u32 (1:200)\nsbuf[0:2, 64] u32 (1:200) :\n"));
        for (int p = 0; p < 2; p++) {
            for (int i = p * 200 + 32; i < (p + 1) * 200; i++) {
                assertThat(w[i]).isEqualTo(w[i - 1] ^ w[i - 2] ^ w[i - 22] ^ w[i - 32]);
            }
        }
        assertThat(IntStream.range(0, 400).mapToLong(i -> w[i]).distinct()).hasSizeGreaterThan(390);
    }

    @Test
    void narrowTypesKeepTheLowBits() {
        var words = integers(only("trn2", SEEDED + "vector rng sbuf[0:1, 64] u32 (1:9)\nsbuf[0:1, 64] u32 (1:9) :\n"));
        var bytes = integers(only("trn2", SEEDED + """
                vector rng sbuf[0:1, 64] u16 (1:3)
                vector rng sbuf[0:1, 70] u8 (1:6)
                sbuf[0:1, 64] u8 (1:12) :
                """));
        for (int i = 0; i < 9; i++) {
            if (i < 3) {
                assertThat(bytes[2 * i] | bytes[2 * i + 1] << 8).isEqualTo(words[i] & 0xFFFF);
            } else {
                assertThat(bytes[3 + i]).isEqualTo(words[i] & 0xFF);
            }
        }
    }

    /** The output that George Marsaglia's program gives from the state in his paper on xorshift generators. */
    private static final String MARSAGLIA = "123456789 362436069 521288629 88675123 5783321 6615241";

    private static long[] xorwow(long[] state, int n) {
        var s = state.clone();
        var out = new long[n];
        long mask = 0xFFFFFFFFL;
        for (int i = 0; i < n; i++) {
            long t = s[0] ^ s[0] >> 2;
            s[0] = s[1];
            s[1] = s[2];
            s[2] = s[3];
            s[3] = s[4];
            s[4] = (s[4] ^ s[4] << 4) & mask ^ (t ^ t << 1) & mask;
            s[5] = s[5] + 362437 & mask;
            out[i] = s[5] + s[4] & mask;
        }
        return out;
    }

    @Test
    void gpSimdHasXorwow() {
        var state = new long[] {123456789, 362436069, 521288629, 88675123, 5783321, 6615241};
        var w = integers(only("trn2", """
                sbuf[0:2, 0] u32 (1:6) = STATE | STATE
                gpsimd rand_set_state sbuf[0:2, 0] u32 (1:6)
                gpsimd rng sbuf[0:2, 64] u32 (1:50)
                gpsimd rng sbuf[0:1, 264] u32 (1:10)
                gpsimd rand_get_state sbuf[0:2, 512] u32 (1:6)
                sbuf[0:1, 64] u32 (1:60) :
                """.replace("STATE", MARSAGLIA)));
        assertThat(w).isEqualTo(xorwow(state, 60));
    }

    @Test
    void statesComeBack() {
        Script.check("""
                sbuf[32:34, 0] u32 (1:6) = 1 2 3 4 5 6 | 4294967295 8 9 10 11 12
                gpsimd rand_set_state sbuf[32:34, 0] u32 (1:6)
                gpsimd rand_get_state sbuf[32:34, 64] u32 (1:6)
                sbuf[32:34, 64] u32 (1:6) : 1 2 3 4 5 6 | 4294967295 8 9 10 11 12
                gpsimd rng sbuf[32:34, 128] u32 ()
                gpsimd rand_get_state sbuf[32:34, 64] u32 (1:6)
                sbuf[32:33, 64] u32 (1:6) : 2 3 4 5 86 362443
                sbuf[32:33, 128] u32 () : 362529
                """);
    }

    @Test
    void vectorHasFourXorwowFromV4InTurn() {
        var state = IntStream.rangeClosed(1, 24).mapToObj(i -> "" + i * 1000003).toList();
        var w = integers(only("trn3", """
                sbuf[0:1, 0] u32 (1:24) = STATE
                vector rand_set_state sbuf[0:1, 0] u32 (1:24)
                vector rng sbuf[0:1, 128] u32 (1:40)
                sbuf[0:1, 128] u32 (1:40) :
                """.replace("STATE", String.join(" ", state))));
        for (int g = 0; g < 4; g++) {
            var own = state.subList(6 * g, 6 * g + 6).stream()
                    .mapToLong(Long::parseLong)
                    .toArray();
            var expected = xorwow(own, 10);
            for (int i = 0; i < 10; i++) {
                assertThat(w[4 * i + g]).isEqualTo(expected[i]);
            }
        }
    }

    @Test
    void aSeedIsSpreadBySplitmix() {
        var state = integers(
                only("trn3", SEEDED + "vector rand_get_state sbuf[0:4, 64] u32 (1:24)\nsbuf[0:4, 64] u32 (1:24) :\n"));
        for (int p = 0; p < 4; p++) {
            var splitmix = new SplittableRandom(4000000000L << 32 | p);
            for (int i = 0; i < 24; i++) {
                assertThat(state[p * 24 + i]).isEqualTo(splitmix.nextLong() >>> 32);
            }
        }
    }

    @Test
    void uniformNumbersAreOfTheUpper24Bits() {
        var script = SEEDED + "vector %s sbuf[0:2, 64] %s (1:100)%s\nsbuf[0:2, 64] %2$s (1:100) :\n";
        var bits = integers(only("trn3", script.formatted("rng", "u32", "")));
        var numbers = only("trn3", script.formatted("rand2", "f32", ", min=-2, max=6"));
        for (int i = 0; i < bits.length; i++) {
            float u = (bits[i] >>> 8) * 0x1p-24f;
            assertThat(Elements.readFloat(numbers.bytes(), i, numbers.type().dtype()))
                    .isEqualTo(-2 + u * 8);
        }
        var columns = only("trn3", SEEDED + """
                sbuf[0:2, 8] f32 (1:2) = 1 1 | 5 5
                vector rand2 sbuf[0:2, 64] bf16 (1:4), min=sbuf[0:2, 8] f32 (), max=sbuf[0:2, 12] f32 ()
                sbuf[0:2, 64] bf16 (1:4) :
                """);
        for (int i = 0; i < 8; i++) {
            assertThat(Elements.readFloat(columns.bytes(), i, columns.type().dtype()))
                    .isEqualTo(i < 4 ? 1 : 5);
        }
    }

    @Test
    void dropoutKeepsWhereTheNumberIsNotBelowTheProbability() {
        var bits = integers(only("trn2", SEEDED + "vector rng sbuf[0:2, 64] u32 (1:64)\nsbuf[0:2, 64] u32 (1:64) :\n"));
        var kept = only("trn2", SEEDED + """
                gpsimd iota sbuf[0:2, 64] f32 (1:64), offset=1, channel_multiplier=64, pattern=[1]
                sbuf[0:2, 8] f32 () = 0.25 | 0.75
                vector dropout sbuf[0:2, 64] f32 (1:64), sbuf[0:2, 64] f32 (1:64), prob=sbuf[0:2, 8] f32 ()
                sbuf[0:2, 64] f32 (1:64) :
                """);
        for (int i = 0; i < bits.length; i++) {
            boolean drops = (bits[i] >>> 8) * 0x1p-24 < (i < 64 ? 0.25 : 0.75);
            assertThat(Elements.readFloat(kept.bytes(), i, kept.type().dtype())).isEqualTo(drops ? 0 : i + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vector rng sbuf[0:1, 64] u8 ()",
                "gpsimd rng sbuf[0:1, 64] u8 ()",
                "vector dropout sbuf[0:1, 64] f32 (), sbuf[0:1, 0] f32 (), prob=0.5"
            })
    void aGeneratorWithoutASeedGivesNothing(String instruction) {
        assertThatThrownBy(() -> Script.check("sbuf[0:1, 0] f32 () = 1\n" + instruction))
                .isInstanceOf(EmulatorException.class)
                .hasMessageStartingWith("SYS5015 " + instruction.split(" ")[0] + " @0")
                .hasMessageEndingWith("the random generator of partition 0 was not seeded");
    }
}
