package dev.systole.testdata;

import static dev.systole.testdata.CommandRun.systole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.array.Npy;
import dev.systole.frontend.array.Npz;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on models of the language. */
class SyCommandsTest {
    private static final String COUNTER = """
        model counter(x: f32[n]) -> (y: f32[n]) {
          state total: f32[n]
          total = total + x
          y = total
        }
        """;

    @TempDir
    private Path directory;

    private Path counter;

    @BeforeEach
    void writeModel() throws IOException {
        counter = Files.writeString(directory.resolve("counter.sy"), COUNTER);
    }

    @Test
    void everyCommandThatTakesAModelTakesOne() throws IOException {
        var program = directory.resolve("counter.sx");
        assertThat(systole("compile", counter, "--dim", "n=4", "-o", program)).satisfies(r -> {
            assertThat(r.err()).isEmpty();
            assertThat(r.out()).startsWith("counter.sy: 3 nodes");
        });
        assertThat(systole("verify", counter, "--dim", "n=4", "--oracle", "onnxruntime"))
                .satisfies(r -> {
                    assertThat(r.code()).isZero();
                    assertThat(r.out()).contains("total_next").contains("onnxruntime");
                });
        var arrays = directory.resolve("in.npz");
        Npz.write(
                arrays, Map.of("x", Tensor.ofFloats(Shape.of(2), 1, 2), "total", Tensor.ofFloats(Shape.of(2), 10, 20)));
        assertThat(systole("run", counter, "--inputs", arrays).out())
                .contains("y : f32[2]  11.0 22.0", "total_next : f32[2]  11.0 22.0");
        Npz.write(arrays, Map.of("x", Tensor.ofFloats(Shape.of(2), 1, 2)));
        assertThat(systole("run", counter, "--inputs", arrays).err()).contains("input \"total\" is missing");
        assertThat(systole("bench", "emulator", counter, "--dim", "n=4", "--rounds", "1")
                        .code())
                .isZero();
        assertThat(systole("golden", "record", counter, "--dim", "n=4").code()).isZero();
        assertThat(systole("golden", "check", directory).out())
                .contains("counter.sy")
                .contains("ok");
    }

    @Test
    void aResultThatIsNoNumberLeavesTheOthersToBeCompared() throws IOException {
        var model = Files.writeString(
                directory.resolve("logs.sy"), "model logs(x: f32[n]) -> (y: f32[n]) {\n  y = Log(x)\n}\n");
        var data = Files.createDirectory(directory.resolve("data"));
        Npy.write(data.resolve("x.npy"), Tensor.ofFloats(Shape.of(3), -1, 0, 1));
        var expected = data.resolve("y.npy");

        Npy.write(expected, Tensor.ofFloats(Shape.of(3), Float.NaN, Float.NEGATIVE_INFINITY, 0));
        assertThat(systole("verify", model, "--inputs", data)).satisfies(r -> {
            assertThat(r.code()).isZero();
            assertThat(r.out()).contains("expected");
        });
        Npy.write(expected, Tensor.ofFloats(Shape.of(3), Float.NaN, Float.NEGATIVE_INFINITY, 1e-3f));
        assertThat(systole("verify", model, "--inputs", data).code()).isEqualTo(1);
    }

    @Test
    void tensorsWithoutElementsAreNothingToDo() throws IOException {
        var empty = Files.writeString(
                directory.resolve("empty.sy"),
                "model empty(x: f32[2,3,4], w: f32[2,4,0]) -> (y: f32[2,3,0]) {\n  y = x @ w\n}\n");

        var verified = systole("verify", empty);
        var profiled = systole("profile", empty);

        assertThat(verified.code()).isZero();
        assertThat(verified.out()).contains("none  ok", "nothing to do on trn2").doesNotContain("NaN");
        assertThat(profiled.code()).isZero();
        assertThat(profiled.out()).doesNotContain("NaN");
    }

    @Test
    void whatNarrowProductsGiveIsComparedAsNarrow() throws IOException {
        var text =
                "model scaled(x: f32[2,2]) -> (y: f32[2,2]) {\n  let a = Cast(x, to=%s)\n  y = Cast(a @ a, to=f32)\n}\n";
        var data = Files.createDirectory(directory.resolve("data"));
        Npy.write(data.resolve("x.npy"), Tensor.ofFloats(Shape.of(2, 2), 1, 0, 0, 2));
        Npy.write(data.resolve("y.npy"), Tensor.ofFloats(Shape.of(2, 2), 1, 0, 0, 4.01f));

        var narrow = Files.writeString(directory.resolve("narrow.sy"), text.formatted("f16"));
        assertThat(systole("verify", narrow, "--inputs", data).code()).isZero();
        var wide = Files.writeString(directory.resolve("wide.sy"), text.formatted("f32"));
        assertThat(systole("verify", wide, "--inputs", data).code()).isEqualTo(1);
    }

    @Test
    void errorsSayWhere() throws IOException {
        var broken = Files.writeString(
                directory.resolve("broken.sy"),
                COUNTER.replace("total + x", "totl + x").replace("y = total", "y = z"));
        assertThat(systole("compile", broken, "--dim", "n=4")).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.err()).isEqualTo("""
                %s:3:11: error SYS1503: there is no variable "totl"
                  total = totl + x
                          ^~~~
                did you mean total?
                %s:4:7: error SYS1503: there is no variable "z"
                  y = z
                      ^
                """.formatted(broken, broken));
        });
        assertThat(systole("compile", counter).err()).contains("counter.sy:1:15: error SYS1511", "--dim n=8");
        assertThat(systole("compile", counter, "--dim", "n=4", "--shape", "z=4").err())
                .contains("there is no input \"z\"");
        assertThat(systole("compile", directory.resolve("none.sy"))).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.err()).contains("error SYS1501").contains("no such file");
        });
    }

    @Test
    void fmtFormatsInPlaceOrSaysWhatItWould() throws IOException {
        var ugly = Files.writeString(directory.resolve("ugly.sy"), COUNTER.replace("\n  ", " "));
        var broken = Files.writeString(directory.resolve("broken.sy"), "model");
        assertThat(systole("fmt", "--check", counter)).isEqualTo(new CommandRun(0, "", ""));
        assertThat(systole("fmt", "--check", counter, ugly)).isEqualTo(new CommandRun(1, ugly + "\n", ""));
        assertThat(ugly).content().isNotEqualTo(COUNTER);
        assertThat(systole("fmt", broken, ugly)).satisfies(r -> {
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.out()).isEqualTo(ugly + "\n");
            assertThat(r.err()).contains("broken.sy:1:6: error SYS1502: expected a name");
        });
        assertThat(ugly).content().isEqualTo(COUNTER);
        assertThat(broken).content().isEqualTo("model");
    }

    @Test
    void convertNeedsOneOfBoth() {
        assertThat(systole("convert", counter, "-o", "other.sy").code()).isEqualTo(2);
        assertThat(systole("convert", counter, "-o", "other.txt").code()).isEqualTo(2);
        assertThat(systole("convert", "a.onnx", "-o", "b.onnx").code()).isEqualTo(2);
        assertThat(systole("convert", counter).code()).isEqualTo(2);
    }
}
