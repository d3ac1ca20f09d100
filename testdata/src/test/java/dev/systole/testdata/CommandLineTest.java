package dev.systole.testdata;

import static dev.systole.testdata.CommandRun.systole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.array.Npy;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users meet: commands that do their work, and one line for each thing that is wrong with what they gave. */
class CommandLineTest {
    private static final String MODEL = """
            ir_version: 8
            opset_import { version: 17 }
            graph {
              name: "g"
              input { name: "x" type { tensor_type { elem_type: 1 shape { %s } } } }
              output { name: "y" type { tensor_type { elem_type: 1 } } }
              %s
            }
            """;

    @TempDir
    private Path directory;

    private Path mlp;
    private Path program;
    private Path x;

    @BeforeEach
    void writeFiles() throws IOException {
        mlp = TextModels.write("mlp", directory);
        program = directory.resolve("mlp.sx");
        x = directory.resolve("x.npy");
        Npy.write(x, Tensor.allocate(TensorType.of(DType.F32, 4, 6)));
    }

    private void compiled() {
        assertThat(systole("compile", mlp, "-o", program).code()).isZero();
    }

    private Path model(String dims, String nodes) throws IOException {
        return TextModels.parse(MODEL.formatted(dims, nodes), directory.resolve("model.onnx"));
    }

    private static String node(String op, String... inputs) {
        return "node { op_type: \"%s\" name: \"/%s\" input: [%s] output: [\"y\"] }"
                .formatted(
                        op,
                        op,
                        Arrays.stream(inputs)
                                .map(i -> '"' + i + '"')
                                .reduce((a, b) -> a + ", " + b)
                                .orElse(""));
    }

    /** One line on stderr that says all of this, the exit code, and no file beside those that were there. */
    private void refused(int code, List<String> said, Object... args) throws IOException {
        var before = files();
        var result = systole(args);
        assertThat(result.err()).doesNotContain("\tat ").doesNotContain("Exception");
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        assertThat(result.err().lines().filter(l -> l.startsWith("error"))).hasSize(1);
        assertThat(result.err()).contains(said);
        assertThat(files()).isEqualTo(before);
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(directory)) {
            return all.sorted().toList();
        }
    }

    @Test
    void compilesRunsAndLists() {
        var compile = systole("compile", mlp, "-o", program, "--time-passes");
        assertThat(compile.code()).isZero();
        assertThat(compile.out()).contains("modelled latency", "SBUF peak", "mlp.sx", "select-instructions");
        var results = directory.resolve("results.npz");
        var run = systole("run", program, "--input", "x=" + x, "-o", results);
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("y : f32[4,3]", "tensor", "outputs in");
        assertThat(results).exists();
        assertThat(systole("dis", program).out()).contains("nc_matmul", "core 0 vector");
        assertThat(systole("verify", mlp, "--inputs", x).code()).isZero();
    }

    @Test
    void theSameCommandWritesTheSameBytes() throws IOException {
        compiled();
        var again = directory.resolve("again.sx");
        assertThat(systole("compile", mlp, "-o", again).code()).isZero();
        assertThat(again).hasSameBinaryContentAs(program);
        for (var jobs : List.of(1, 2)) {
            systole("run", program, "--input", "x=" + x, "-o", directory.resolve("out" + jobs), "--jobs", jobs);
        }
        assertThat(directory.resolve("out1/output_0.npy"))
                .hasSameBinaryContentAs(directory.resolve("out2/output_0.npy"));
    }

    @Test
    void streamsInterleaveWithoutEffect() throws IOException {
        compiled();
        systole("run", program, "--input", "x=" + x, "-o", directory.resolve("timed"));
        for (int seed = 0; seed < 5; seed++) {
            var run = systole(
                    "run", program, "--input", "x=" + x, "-o", directory.resolve("other"), "--interleave", seed);
            assertThat(run.code()).isZero();
            assertThat(directory.resolve("other/output_0.npy"))
                    .hasSameBinaryContentAs(directory.resolve("timed/output_0.npy"));
        }
    }

    @Test
    void timingNeedsNoInputs() {
        compiled();
        var run = systole("run", program, "--timing-only");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("modelled latency", "busy cycles").doesNotContain("f32[");
        assertThat(systole("run", mlp, "--timing-only").out()).isEqualTo(run.out());
    }

    @Test
    void dumpsAreNumberedByPassAndResume() throws IOException {
        var dumps = directory.resolve("dumps");
        assertThat(systole("compile", mlp, "-o", program, "--dump-ir", dumps).code())
                .isZero();
        try (var all = Files.list(dumps)) {
            for (var dump : all.filter(Files::isRegularFile).toList()) {
                var resumed = directory.resolve("resumed.sx");
                var result = systole("opt", dump, "--resume", "-o", resumed);
                assertThat(result.code()).as(dump + ": " + result.err()).isZero();
                assertThat(resumed).hasSameBinaryContentAs(program);
            }
        }
    }

    @Test
    void instructionsAreSelectedForTilesWithoutLoops() throws IOException {
        var cases = Goldens.ROOT.resolve("passes/unroll");
        try (var files = Files.list(cases)) {
            var text = Files.readString(files.sorted().findFirst().orElseThrow());
            Files.writeString(directory.resolve("loops.tiles"), text.substring(0, text.indexOf("// ---")));
        }
        var loops = directory.resolve("loops.tiles");
        var result = systole("opt", loops, "--passes", "select-instructions");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("SYS3009 pass select-instructions takes tiles without loops; apply unroll first");
    }

    @Test
    void aListingAssemblesToTheSameProgram() throws IOException {
        compiled();
        var text = Files.writeString(
                directory.resolve("mlp.asm"), systole("dis", program).out());
        var again = directory.resolve("again.sx");
        var result = systole("asm", text, "--constants", program, "-o", again);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(again).hasSameBinaryContentAs(program);
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "compile", "run", "verify", "dis", "asm", "opt", "targets", "bench"})
    void everyCommandHasHelpWithAnExample(String command) {
        var help = systole(command, "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Examples:", "systole " + command);
    }

    @Test
    void usageIsExplained() throws IOException {
        refused(2, List.of("a command is missing"));
        refused(2, List.of("--targe"), "compile", mlp, "--targe", "trn2");
        refused(2, List.of("1y3"), "compile", mlp, "--shape", "x=1y3");
        refused(2, List.of("--jobs"), "run", mlp, "--jobs", "0");
        refused(1, List.of("trn9", "trn2"), "compile", mlp, "--target", "trn9");
    }

    @Test
    void filesThatAreNoModel() throws IOException {
        var out = directory.resolve("out.sx");
        refused(1, List.of("none.onnx", "no such file"), "compile", directory.resolve("none.onnx"), "-o", out);
        refused(1, List.of("is not a file"), "compile", directory, "-o", out);
        var text = Files.writeString(directory.resolve("text.onnx"), "this is not a model\n");
        refused(1, List.of("text.onnx", "is not a complete ONNX model"), "compile", text, "-o", out);
        var empty = Files.write(directory.resolve("empty.onnx"), new byte[0]);
        refused(1, List.of("empty.onnx", "is empty"), "compile", empty, "-o", out);
        var bytes = Files.readAllBytes(mlp);
        for (int length : new int[] {1, 17, bytes.length / 2, bytes.length - 1}) {
            var cut = Files.write(directory.resolve("cut.onnx"), Arrays.copyOf(bytes, length));
            refused(1, List.of("cut.onnx"), "compile", cut, "-o", out);
        }
    }

    @Test
    void modelsThatCannotBeImported() throws IOException {
        var out = directory.resolve("out.sx");
        var unknown = model(
                "dim { dim_value: 2 }",
                "node { op_type: \"Frob\" name: \"/f\" input: \"x\" output: \"z\" }"
                        + "node { op_type: \"Nicate\" name: \"/n\" domain: \"com.example\" input: \"z\" output: \"y\" }");
        refused(1, List.of("Frob", "/f", "Nicate", "/n"), "compile", unknown, "-o", out);
        var symbolic = model("dim { dim_param: \"rows\" } dim { dim_value: 2 }", node("Relu", "x"));
        refused(1, List.of("rows", "--dim"), "compile", symbolic, "-o", out);
        var mismatch = model(
                "dim { dim_value: 2 } dim { dim_value: 3 }",
                "initializer { name: \"w\" data_type: 1 dims: [4] float_data: [1, 2, 3, 4] }" + node("Add", "x", "w"));
        refused(1, List.of("/Add", "2,3", "4"), "compile", mismatch, "-o", out);
        var undefined = model("dim { dim_value: 2 }", node("Add", "x", "nothing"));
        refused(1, List.of("nothing", "/Add"), "compile", undefined, "-o", out);
        var huge = model("dim { dim_value: 200000 } dim { dim_value: 200000 }", node("Relu", "x"));
        refused(1, List.of("160,000,000,000", "HBM", "trn2"), "compile", huge, "-o", out);
    }

    @Test
    void arraysThatDoNotFit() throws IOException {
        compiled();
        var y = directory.resolve("y.npy");
        Npy.write(y, Tensor.ofFloats(Shape.of(3), 1, 2, 3));
        refused(1, List.of("\"x\"", "f32[4,6]", "f32[3]"), "run", program, "--input", "x=" + y);
        Npy.write(y, Tensor.allocate(TensorType.of(DType.I64, 4, 6)));
        refused(1, List.of("\"x\"", "f32[4,6]", "i64[4,6]"), "run", program, "--input", "x=" + y);
        refused(1, List.of("there is no input \"z\""), "run", program, "--input", "z=" + x);
        refused(1, List.of("input \"x\" is missing"), "run", program);
        refused(1, List.of("none.npy", "no such file"), "run", program, "--input", "x=none.npy");
        var text = Files.writeString(directory.resolve("text.npy"), "nothing");
        refused(1, List.of("text.npy"), "run", program, "--input", "x=" + text);
        var bytes = Files.readAllBytes(x);
        var cut = Files.write(directory.resolve("cut.npy"), Arrays.copyOf(bytes, bytes.length - 5));
        refused(1, List.of("cut.npy"), "run", program, "--input", "x=" + cut);
    }

    @Test
    void programsThatCannotRun() throws IOException {
        compiled();
        refused(1, List.of("is for trn2, not trn1"), "run", program, "--target", "trn1", "--input", "x=" + x);
        var bytes = Files.readAllBytes(program);
        for (int length : new int[] {0, 3, 40, bytes.length / 2, bytes.length - 1}) {
            var cut = Files.write(directory.resolve("cut.sx"), Arrays.copyOf(bytes, length));
            refused(1, List.of("cut.sx"), "run", cut, "--input", "x=" + x);
        }
        for (int at = 0; at < bytes.length; at += 97) {
            var damaged = bytes.clone();
            damaged[at] ^= 0x40;
            var file = Files.write(directory.resolve("damaged.sx"), damaged);
            refused(1, List.of("damaged.sx"), "run", file, "--input", "x=" + x);
        }
        refused(1, List.of("mlp.onnx"), "dis", mlp);
    }

    @Test
    void placesThatCannotBeWritten() throws IOException {
        refused(1, List.of("no/such/directory"), "compile", mlp, "-o", directory.resolve("no/such/directory/mlp.sx"));
    }
}
