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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A branch that no run takes for the shapes at hand, as of a sampling rate: it can only be left out where the input that decides is known. */
class DecidingInputsTest {
    private static final String MODEL = """
            ir_version: 8
            opset_import { version: 17 }
            graph {
              name: "g"
              input { name: "x" type { tensor_type { elem_type: 1 shape { dim { dim_param: "n" } dim { dim_param: "m" } } } } }
              input { name: "rate" type { tensor_type { elem_type: 7 shape { } } } }
              output { name: "y" type { tensor_type { elem_type: 1 } } }
              initializer { name: "most" data_type: %s float_data: [5.0] int64_data: [8000] }
              initializer { name: "slow" data_type: 1 dims: [2, 1] float_data: [1.0, -1.0] }
              initializer { name: "fast" data_type: 1 dims: [3, 1] float_data: [1.0, 2.0, -1.0] }
              %s
              node { op_type: "Greater" name: "/greater" input: ["%s", "most"] output: ["is_fast"] }
              node {
                op_type: "If" name: "/if" input: "is_fast" output: "y"
                attribute { name: "then_branch" type: 5 g {
                  name: "then" output { name: "t" }
                  node { op_type: "MatMul" name: "fast" input: ["x", "fast"] output: ["t"] } } }
                attribute { name: "else_branch" type: 5 g {
                  name: "else" output { name: "e" }
                  node { op_type: "MatMul" name: "slow" input: ["x", "slow"] output: ["e"] } } }
              }
            }
            """;

    @TempDir
    private Path directory;

    private Path model;
    private Path inputs;

    @BeforeEach
    void writeFiles() throws IOException {
        model = model(7, "", "rate");
        inputs = Files.createDirectory(directory.resolve("inputs"));
        Npy.write(inputs.resolve("x.npy"), Tensor.allocate(TensorType.of(DType.F32, 4, 3)));
        Npy.write(inputs.resolve("rate.npy"), Tensor.ofLongs(Shape.SCALAR, 16000));
    }

    private Path model(int type, String nodes, String compared) throws IOException {
        return TextModels.parse(MODEL.formatted(type, nodes, compared), directory.resolve("model.onnx"));
    }

    @Test
    void aModelIsVerifiedAndRunForTheGivenValue() {
        for (var command : new String[] {"verify", "run", "profile"}) {
            var result = systole(command, model, "--inputs", inputs);

            assertThat(result.err()).isEmpty();
            assertThat(result.code()).isZero();
            assertThat(result.out()).contains("compiled for the given rate, as --bind would");
        }
    }

    @Test
    void aCompileSaysWhatWouldHelp() {
        var program = directory.resolve("model.sx");

        var refused = systole("compile", model, "--shape", "x=4x3", "-o", program);
        var compiled = systole("compile", model, "--shape", "x=4x3", "--bind", "rate=16000", "-o", program);

        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("node /if/slow (MatMul)", "--bind rate=VALUE");
        assertThat(compiled.code()).isZero();
    }

    @Test
    void nothingIsSaidWhereDataDecides() throws IOException {
        var byData = model(1, """
                node { op_type: "ReduceMax" name: "/max" input: ["x"] output: ["largest"] attribute { name: "keepdims" type: 2 i: 0 } }
                """, "largest");

        var result = systole("verify", byData, "--inputs", inputs);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("node /if/slow (MatMul)").doesNotContain("--bind");
    }

    @Test
    void theOracleTakesWhatIsBound() throws IOException {
        Files.delete(inputs.resolve("rate.npy"));

        var result = systole("verify", model, "--inputs", inputs, "--bind", "rate=16000", "--oracle", "onnxruntime");

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("onnxruntime").doesNotContain("compiled for");
    }
}
