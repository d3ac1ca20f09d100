package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.cli.Systole;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real texts of every form, damaged: each is read, or refused with a proper error within two seconds of
 * work, more only where a text may make two gigabytes of numbers.
 * {@code -Dfuzz.minutes=10 -Dfuzz.form=graph} does one form for that long; {@code -Dfuzz.seed} begins elsewhere.
 */
class TextFuzzTest {
    private static final int MUTANTS = 100;
    private static final Pattern ERROR =
            Pattern.compile("(?s)(error SYS[0-8]\\d{3} |[^\n]*:\\d+:\\d+: error SYS\\d{4}: ).*");
    private static final Pattern WORD = Pattern.compile("[A-Za-z_]+|-?[0-9.]+|\\S");
    private static final List<String> STRANGE = List.of(
            "0",
            "-1",
            "1",
            "2147483648",
            "-9223372036854775808",
            "9223372036854775807",
            "99999999999999999999",
            "1e999",
            "NaN",
            "\0",
            "\uFEFF",
            "\u2028",
            "\r",
            "\t",
            "\u00e9",
            "\ud83d\ude00",
            "\"",
            "\\",
            "//",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            ",",
            ":",
            "?",
            "...",
            "\\u00",
            "%",
            "@",
            "i0*",
            "null");
    private static final List<byte[]> BYTES =
            List.of(new byte[] {(byte) 0xff}, new byte[] {(byte) 0xc3}, new byte[] {0}, new byte[] {
                (byte) 0xed, (byte) 0xa0, (byte) 0x80
            });

    @TempDir
    private Path directory;

    /**
     * What became of a text.
     *
     * @param milliseconds of work
     */
    record Outcome(int code, String out, String err, long milliseconds) {
        /** True if the text was refused as it should be. */
        boolean isRefusal() {
            return code == 1 && ERROR.matcher(err).matches();
        }

        /** True if the text was read, whatever was found in it. */
        boolean isReading() {
            return code == 0 || code == 1 && err.isEmpty() && !out.isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void damagedTextsAreReadOrRefused(TextForm form) throws IOException {
        var chosen = System.getProperty("fuzz.form", "");
        if (!chosen.isBlank() && !form.name().equalsIgnoreCase(chosen)) {
            return;
        }
        fuzz(form, directory, Long.getLong("fuzz.seed", 1), Integer.getInteger("fuzz.minutes", 0));
    }

    /** Returns how many texts were read or refused. */
    static long fuzz(TextForm form, Path directory, long seed, int minutes) throws IOException {
        var texts = form.texts(directory, minutes > 0 ? TextForm.MODELS : List.of("mlp", "lstm"));
        assertThat(texts).as("%s", form).isNotEmpty();
        for (var text : texts) {
            Files.writeString(form.file(directory), text);
            assertThat(read(form, directory))
                    .satisfies(o -> assertThat(o.isReading()).as("%s", o).isTrue());
        }
        var mutation = new Mutation(texts, new Random(seed));
        long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
        long done = 0;
        while (minutes == 0 ? done < MUTANTS : System.nanoTime() < end) {
            var bytes = mutation.next();
            Files.write(form.file(directory), bytes);
            var outcome = read(form, directory);
            boolean proper =
                    outcome.isRefusal() && outcome.milliseconds() < form.mostMilliseconds() || outcome.isReading();
            if (!proper) {
                var kept = Files.write(Files.createTempFile("fuzz-" + form + "-", ".txt"), bytes);
                assertThat(outcome)
                        .as("mutant %d of seed %d, kept as %s", done, seed, kept)
                        .isNull();
            }
            done++;
        }
        return done;
    }

    /** Reads the text that lies in a directory. */
    static Outcome read(TextForm form, Path directory) {
        var out = new StringWriter();
        var err = new StringWriter();
        var cpu = ManagementFactory.getThreadMXBean();
        long start = cpu.getCurrentThreadCpuTime();
        int code = Systole.execute(form.command(directory), new PrintWriter(out), new PrintWriter(err));
        return new Outcome(code, out.toString(), err.toString(), (cpu.getCurrentThreadCpuTime() - start) / 1_000_000);
    }

    /** Damages texts. Mutable. */
    private static final class Mutation {
        private final List<String> texts;
        private final List<List<String>> words = new ArrayList<>();
        private final Random random;

        Mutation(List<String> texts, Random random) {
            this.texts = texts;
            this.random = random;
            texts.forEach(t -> words.add(
                    WORD.matcher(t).results().map(r -> r.group()).distinct().toList()));
        }

        byte[] next() {
            int which = random.nextInt(texts.size());
            var text = new StringBuilder(texts.get(which));
            for (int k = random.nextInt(4); k >= 0 && !text.isEmpty(); k--) {
                damage(text, words.get(which));
            }
            var bytes = text.toString().getBytes(encoding());
            return random.nextInt(20) == 0 ? withStrangeBytes(bytes) : bytes;
        }

        private java.nio.charset.Charset encoding() {
            return switch (random.nextInt(60)) {
                case 0 -> StandardCharsets.UTF_16;
                case 1 -> StandardCharsets.UTF_16LE;
                case 2 -> StandardCharsets.ISO_8859_1;
                default -> StandardCharsets.UTF_8;
            };
        }

        private byte[] withStrangeBytes(byte[] bytes) {
            int at = random.nextInt(bytes.length + 1);
            var out = new ByteArrayOutputStream();
            out.write(bytes, 0, at);
            out.writeBytes(pick(BYTES));
            out.write(bytes, at, bytes.length - at);
            return out.toByteArray();
        }

        private <T> T pick(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        private void damage(StringBuilder text, List<String> words) {
            int at = random.nextInt(text.length());
            int to = Math.min(text.length(), at + 1 + random.nextInt(24));
            switch (random.nextInt(12)) {
                case 0 -> text.delete(at, to);
                case 1 -> text.insert(at, text.substring(at, to));
                case 2 -> text.insert(at, pick(words));
                case 3 -> text.insert(at, pick(STRANGE));
                case 4 -> text.setLength(at);
                case 5 -> text.setCharAt(at, (char) random.nextInt(random.nextBoolean() ? 0x80 : 0x3000));
                case 6 ->
                    text.insert(at, pick(List.of("(", "[", "{", "-", "\"")).repeat(1 + random.nextInt(20_000)));
                case 7 -> line(text, at, true);
                case 8 -> line(text, at, false);
                case 9 -> splice(text, at);
                default -> replaceWord(text, at, random.nextBoolean() ? pick(words) : pick(STRANGE));
            }
        }

        /** Removes a line, or repeats it a few times. */
        private void line(StringBuilder text, int at, boolean removes) {
            int begin = text.lastIndexOf("\n", at) + 1;
            int end = text.indexOf("\n", at);
            end = end < begin ? text.length() : end + 1;
            if (removes) {
                text.delete(begin, end);
            } else {
                text.insert(begin, text.substring(begin, end).repeat(1 + random.nextInt(3)));
            }
        }

        private void splice(StringBuilder text, int at) {
            var other = pick(texts);
            int from = random.nextInt(other.length());
            text.insert(at, other, from, Math.min(other.length(), from + random.nextInt(300)));
        }

        private static void replaceWord(StringBuilder text, int at, String by) {
            var found = WORD.matcher(text);
            if (found.find(at)) {
                text.replace(found.start(), found.end(), by);
            }
        }
    }
}
