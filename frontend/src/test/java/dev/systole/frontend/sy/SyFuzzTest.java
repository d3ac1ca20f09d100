package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.Bindings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.Token;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that are damaged, strange or large: they are read, or refused with a place, in a time and a memory that are bounded. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SyFuzzTest {
    private static final String MODEL = """
        // Everything in a few lines.
        model m(x: f32[2, 4], c: bool[]) -> (y: f32[2, 4]) {
          opset 21
          state s: f32[2, 4]
          let h = dense(x[0:2, ..., ::1], 4) + s // beside
          for i in 0..2 {
            h = Softmax(h * (i + 1), axis=-1)
          }
          if 1 > 0 { s = h } else { s = -x }
          let (a, _) = Split(einsum("a b -> b a", h), axis=0, num_outputs=2)
          let z = If(c, then_branch={ x }, else_branch={ let t = x * 2.5 return t })
          y = Where(h > 0.5 and not (h < 0.1), z, h) ** 2 + a.shape(0) % 3
        }

        fn dense(x: f32[n, m], width: int) -> f32[n, width] {
          param w: f32[m, width] = normal(0.05, seed=2)
          param b: f32[width] = values([1, -2.5e-1, 3, 4])
          return x @ w + b
        }
        """;
    private static final String HEAD = "model m(x: f32[2]) -> (y: f32[2]) { y = ";
    private static final int MUTANTS = 3000;

    @TempDir
    private Path directory;

    /** Reads, formats and elaborates a text; true if it is a model. */
    private static boolean isModel(String text) {
        try {
            var file = SyFile.parse(Path.of("m.sy"), text);
            var formatted = SyFormatter.format(Path.of("m.sy"), text);
            assertThat(words(formatted)).isEqualTo(words(text));
            assertThat(SyFormatter.format(Path.of("m.sy"), formatted)).isEqualTo(formatted);
            file.elaborate(Bindings.NONE);
            return true;
        } catch (SyException | FrontendException e) {
            return false;
        }
    }

    private static List<String> words(String text) {
        var source = new SourceText(Path.of("m.sy"), text);
        return SyTokens.of(source, new Faults(source)).stream()
                .filter(t -> t.getType() != Token.EOF)
                .map(CommonToken::getText)
                .map(String::stripTrailing)
                .toList();
    }

    @Test
    void textsThatAreCutAnywhereAreReadOrRefused() {
        assertThat(isModel(MODEL)).isTrue();
        for (int i = 0; i < MODEL.length(); i++) {
            isModel(MODEL.substring(0, i));
            isModel(MODEL.substring(i));
        }
    }

    @Test
    void damagedTextsAreReadOrRefused() {
        var random = new Random(1);
        var words = words(MODEL);
        for (int i = 0; i < MUTANTS; i++) {
            var text = new StringBuilder(MODEL);
            for (int k = random.nextInt(4); k >= 0; k--) {
                int at = random.nextInt(text.length());
                int to = Math.min(text.length(), at + random.nextInt(12));
                switch (random.nextInt(4)) {
                    case 0 -> text.setCharAt(at, (char) random.nextInt(0x3000));
                    case 1 -> text.delete(at, to);
                    case 2 -> text.insert(at, text.substring(at, to));
                    default -> text.insert(at, words.get(random.nextInt(words.size())));
                }
            }
            isModel(text.toString());
        }
    }

    @Test
    void bytesThatAreNoTextAreRefusedWithTheirPlace() throws IOException {
        var bytes = HEAD.concat("\nx }").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            var strange = bytes.clone();
            strange[i] = (byte) 0xff;
            refuses(strange, "error SYS1501: byte 0xff is not UTF-8");
            strange[i] = 0;
            refuses(strange, "error SYS1501: a NUL stands here");
        }
        refuses(HEAD.getBytes(StandardCharsets.UTF_16), "m.sy:1:1: error SYS1501: byte 0xfe");
        refuses(HEAD.getBytes(StandardCharsets.UTF_16LE), "m.sy:1:2: error SYS1501: a NUL");
        refuses("model é".getBytes(StandardCharsets.ISO_8859_1), "m.sy:1:7: error SYS1501: byte 0xe9");
        refuses(Arrays.copyOf("// é".getBytes(StandardCharsets.UTF_8), 4), "m.sy:1:4: error SYS1501: byte 0xc3");
        var marked = Files.writeString(directory.resolve("m.sy"), "\uFEFF" + MODEL);
        assertThat(SyFile.read(marked).inputs()).containsExactly("x", "c");
        assertThatThrownBy(() -> SyFile.read(directory)).hasMessageContaining("is a directory; name a file in it");
    }

    private void refuses(byte[] bytes, String why) throws IOException {
        var file = Files.write(directory.resolve("m.sy"), bytes);
        assertThatThrownBy(() -> SyFile.read(file))
                .isInstanceOf(SyException.class)
                .hasMessageContaining(why);
    }

    @Test
    void filesThatAreTooLongAreNotRead() throws IOException {
        var file = Files.writeString(directory.resolve("m.sy"), HEAD + "x + ".repeat(25_000_000));
        assertThatThrownBy(() -> SyFile.read(file))
                .isInstanceOf(FrontendException.class)
                .hasMessageContaining("has 100000040 bytes; a model's text has at most 16777216");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(", "[", "f(", "f(a=", "f(a={", "x[", "-", "not ", "x ** ", "x + ", "x @ (", "x.a", "[0]", "((", "{"
            })
    void whatNestsDeepIsRefused(String part) {
        assertThatThrownBy(() -> SyFile.parse(Path.of("m.sy"), HEAD + part.repeat(10_000)))
                .isInstanceOf(SyException.class)
                .hasMessageContaining("error SYS1502");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "let a = b + c(d, e)\n",
                "let a = = b\n",
                "model ",
                "} ",
                ") ",
                "1 ",
                "x = ",
                "# ",
                "\"\n",
                "let (a, b, ",
                "f(x, ",
                "// a\n",
                "if 1 { } ",
                "fn f(x: f32[n]) -> f32[n] { return x }\n"
            })
    void longTextsAreReadOrRefusedInTime(String part) {
        isModel(HEAD + "x\n" + part.repeat(2_000_000 / part.length()));
        isModel(part.repeat(2_000_000 / part.length()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for i in 0..1000000000000 {} y = x",
                "let z = x for i in 0..1000000000000 { z = z + 1 } y = z",
                "for i in 0..100 { param p: f32[100000, 5000] = zeros() } y = x",
                "y = deep1(x)"
            })
    void workIsBounded(String statements) {
        var functions = new StringBuilder("model m(x: f32[2]) -> (y: f32[2]) { " + statements + " }\n");
        for (int i = 1; i < 500; i++) {
            functions.append("fn deep%d(x: f32[n]) -> f32[n] { if 1 { if 1 { let z = deep%d(x) } } return deep%d(x) }\n"
                    .formatted(i, i + 1, i + 1));
        }
        assertThatThrownBy(() ->
                        SyFile.parse(Path.of("m.sy"), functions.toString()).elaborate(Bindings.NONE))
                .isInstanceOf(SyException.class)
                .hasMessageContaining("error SYS1515");
    }
}
