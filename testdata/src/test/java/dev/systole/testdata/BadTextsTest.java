package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no text of its form, by hand: each is refused with what is wrong, where, and what to do. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BadTextsTest {
    private static final int CUTS = 40;

    @TempDir
    private Path directory;

    private String text(TextForm form) throws IOException {
        return form.texts(directory, List.of("mlp")).getFirst();
    }

    private TextFuzzTest.Outcome read(TextForm form, byte[] bytes) throws IOException {
        Files.write(form.file(directory), bytes);
        return TextFuzzTest.read(form, directory);
    }

    private TextFuzzTest.Outcome read(TextForm form, String text) throws IOException {
        return read(form, text.getBytes(StandardCharsets.UTF_8));
    }

    private void assertRefused(TextForm form, byte[] bytes, String what) throws IOException {
        var name = form.file(directory).getFileName().toString();
        assertThat(read(form, bytes)).satisfies(o -> {
            assertThat(o.isRefusal()).as("%s", o).isTrue();
            assertThat(o.err()).contains(name).contains(what);
            assertThat(o.err().length()).isLessThan(2_000);
        });
    }

    private void assertRefused(TextForm form, String text, String what) throws IOException {
        assertRefused(form, text.getBytes(StandardCharsets.UTF_8), what);
    }

    @ParameterizedTest
    @EnumSource
    void bytesThatAreNoText(TextForm form) throws IOException {
        var text = text(form);
        int at = text.indexOf('\n') + 3;
        var place = ":2:3: ";
        assertRefused(form, text.substring(0, at) + '\0' + text.substring(at), place);
        var invalid = text.getBytes(StandardCharsets.UTF_8);
        invalid[at] = (byte) 0xff;
        assertRefused(form, invalid, "byte 0xff is not UTF-8; save the file as UTF-8");
        assertRefused(form, invalid, place);
        var latin = (text.substring(0, at) + "\u00e9" + text.substring(at)).getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(form, latin, place);
        assertRefused(form, text.getBytes(StandardCharsets.UTF_16), ":1:1: ");
        assertRefused(form, text.getBytes(StandardCharsets.UTF_16LE), "a NUL stands here");
    }

    @ParameterizedTest
    @EnumSource
    void marksAndLineEndsMeanNothing(TextForm form) throws IOException {
        var text = text(form);
        var plain = read(form, text);
        assertThat(plain.isReading()).as("%s", plain).isTrue();
        for (var other : new String[] {"\uFEFF" + text, text.replace("\n", "\r\n")}) {
            var outcome = read(form, other);
            boolean reformats = form == TextForm.FORMATTED;
            assertThat(outcome.isReading()).as("%s", outcome).isTrue();
            assertThat(outcome.out()).satisfies(out -> {
                if (!reformats) {
                    assertThat(out).isEqualTo(plain.out());
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void textsThatEndAnywhere(TextForm form) throws IOException {
        var text = text(form).stripTrailing();
        for (int i = 0; i < CUTS; i++) {
            var cut = text.substring(0, (int) ((long) i * text.length() / CUTS));
            var outcome = read(form, cut);
            // A listing may end behind any stream, and what is no model can be formatted.
            boolean whole = form == TextForm.ASM || form == TextForm.FORMATTED;
            assertThat(outcome.isRefusal() || whole && outcome.isReading())
                    .as("cut at %d: %s", cut.length(), outcome)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatNestsDeep(TextForm form) throws IOException {
        var text = text(form);
        for (var bracket : new String[] {"(", "[", "{"}) {
            for (int at : new int[] {0, within(text, bracket)}) {
                var outcome = read(form, text.substring(0, at) + bracket.repeat(10_000) + text.substring(at));
                assertThat(outcome.isRefusal())
                        .as("%s at %d: %s", bracket, at, outcome)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void listsThatAreTooLong(TextForm form) throws IOException {
        var text = text(form);
        int at = within(text, "[");
        for (int length : new int[] {65, 1_000_000}) {
            var outcome = read(form, text.substring(0, at) + "1, ".repeat(length) + text.substring(at));
            assertThat(outcome.isRefusal() || form == TextForm.FORMATTED && outcome.isReading())
                    .as("%d: %s", length, outcome.isRefusal() ? "" : outcome)
                    .isTrue();
            assertThat(outcome.err().length()).isLessThan(2_000);
        }
    }

    /** The place behind a bracket that stands in no comment and no quotes; 0 if there is none. */
    private static int within(String text, String bracket) {
        int begin = 0;
        for (var line : text.split("\n")) {
            if (!line.contains("//") && !line.contains("\"") && line.contains(bracket)) {
                return begin + line.indexOf(bracket) + 1;
            }
            begin += line.length() + 1;
        }
        return 0;
    }

    @ParameterizedTest
    @CsvSource({
        "GRAPH, 'graph \"g\" {', '}'",
        "TILE, 'tiles \"g\" {', '}'",
        "CODE, 'code \"g\" {', '}'",
        "ALLOCATED, 'allocated \"g\" { hbm 0 sbuf_peak 0 psum_peak 0 spilled 0', '}'",
        "ASM, 'program \"g\" for \"trn2\" hbm 0', ''",
    })
    void wordsThatOnlyBeginAsOthersDo(TextForm form, String begin, String end) throws IOException {
        for (var word : new String[] {"states", "extents", "outputs", "t", "tensors"}) {
            assertRefused(form, "%s\n %s\n%s\n".formatted(begin, word, end), ":2:");
        }
    }

    @Test
    void graphsThatContradictThemselves() throws IOException {
        var convolution = """
                graph "g" {
                  %0 = input "x" : f32[1,1,4,4]
                  %1 = input "w" : f32[1,1,2,2]
                  %2 = convolution %0, %1 : f32[1,1,3,3] {strides: [1,1], low: [0,0], high: [0,0], dilations: [1], groups: 1}
                  output "y" %2
                }
                """;
        var outcome = read(TextForm.GRAPH, convolution);
        assertThat(outcome.isRefusal()).as("%s", outcome).isTrue();
        assertThat(outcome.err()).contains("2 strides and another number of paddings or dilations");
        var empty = """
                graph "g" {
                  %0 = constant : f32[0] {splat: 1.0}
                  output "y" %0
                }
                """;
        assertRefused(TextForm.GRAPH, empty, ":2:");
    }

    @Test
    void queuesThatTwoEnginesFeed() throws IOException {
        var allocated = """
                allocated "g" {
                  hbm 4096 sbuf_peak 0 psum_peak 0 spilled 0
                  sync dma_copy queue=0, sbuf[0:1, 0] f32 (), hbm[0] f32 ()
                  gpsimd dma_copy queue=0, sbuf[0:1, 4] f32 (), hbm[4] f32 ()
                }
                """;
        var outcome = read(TextForm.ALLOCATED, allocated);
        assertThat(outcome.isRefusal()).as("%s", outcome).isTrue();
        assertThat(outcome.err()).contains("queue 0 is fed by one engine, not by sync and gpsimd");
    }

    @Test
    void moreBytesThanALongCounts() throws IOException {
        var graph = """
                graph "g" {
                  %0 = input "x" : bf16[1,9223372036854775807]
                  output "y" %0
                }
                """;
        assertRefused(TextForm.GRAPH, graph, "a tensor has fewer than 2^63 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void anAxisThatTheResultDoesNotHave(int axis) throws IOException {
        var graph = """
                graph "g" {
                  %%0 = input "x" : f32[130,64]
                  %%1, %%2 = topk %%0 : f32[1320], i64[130,20] {axis: %d}
                  output "values" %%1
                }
                """.formatted(axis);
        assertRefused(TextForm.GRAPH, graph, "has no axis " + axis);
    }

    @Test
    void longNamesAreShownInPart() throws IOException {
        var text = "{\"name\": \"x\", \"extends\": \"trn2\", \"values\": {\"%s\": 1}}".formatted("p".repeat(40_000));
        assertRefused(TextForm.TARGET, text, "is no parameter");
    }

    @ParameterizedTest
    @EnumSource
    void wordsThatAreLongStandInErrorsInPart(TextForm form) throws IOException {
        var text = text(form);
        for (int at : new int[] {within(text, "{"), within(text, "(") + 1, text.length() / 2}) {
            var outcome = read(form, text.substring(0, at) + "a".repeat(100_000) + text.substring(at));
            assertThat(outcome.isRefusal() || outcome.isReading()).isTrue();
            assertThat(outcome.err().length()).isLessThan(5_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLineOfHundredMegabytes(TextForm form) throws IOException {
        text(form);
        var line = new byte[100 << 20];
        Arrays.fill(line, (byte) 'a');
        assertRefused(form, line, "");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoFile(TextForm form) throws IOException {
        text(form);
        if (form != TextForm.FORMATTED) {
            assertRefused(form, "", "");
        }
        var file = form.file(directory);
        Files.deleteIfExists(file);
        assertThat(TextFuzzTest.read(form, directory).err()).contains(file + ": no such file");
        Files.createDirectory(file);
        assertThat(TextFuzzTest.read(form, directory).err()).contains(file + ": is a directory");
        Files.delete(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        assumeFalse(Files.isReadable(file), "this user reads everything");
        assertThat(TextFuzzTest.read(form, directory).err()).contains(file + ": access denied");
    }
}
