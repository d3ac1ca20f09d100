package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.systole.cli.Systole;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that runs test cases of the ONNX project: which inputs it binds, and what it says of a case that is refused. */
class ConformanceTest {
    private static final String LOOP = """
            node { op_type: "Constant" output: "yes" attribute { name: "value_int" i: 1 } }
            node { op_type: "Cast" input: "yes" output: "go" attribute { name: "to" i: 9 } }
            node { op_type: "ReduceSum" input: "s" output: "n" attribute { name: "keepdims" i: 0 } }
            node { op_type: "Loop" input: "n" input: "go" input: "x" output: "y" attribute { name: "body" g {
              input { name: "i" } input { name: "c" } input { name: "a" }
              node { op_type: "Identity" input: "c" output: "d" }
              node { op_type: "%s" input: "a" input: "%s" output: "b" }
              output { name: "d" } output { name: "b" } } } }
            """;

    @TempDir
    private Path directory;

    private static String node(String operator, String output, String... inputs) {
        return "node { op_type: \"%s\" output: \"%s\" input: \"%s\" }\n"
                .formatted(operator, output, String.join("\" input: \"", inputs));
    }

    /** The result of a case whose model computes y of x, four floats that are expected again as 2 by 2, and s, two integers. */
    private JsonNode result(String nodes, String functions) throws IOException {
        var test = Files.createDirectories(directory.resolve("node/case/test_data_set_0"));
        TextModels.parse("""
                ir_version: 8 opset_import { version: 17 } opset_import { domain: "f" version: 1 }
                graph { name: "g"
                  input { name: "x" type { tensor_type { elem_type: 1 shape { dim { dim_value: 4 } } } } }
                  input { name: "s" type { tensor_type { elem_type: 7 shape { dim { dim_value: 2 } } } } }
                  output { name: "y" type { tensor_type { elem_type: 1 } } }
                %s }
                %s""".formatted(nodes, functions), test.resolveSibling("model.onnx"));
        write(test.resolve("input_0.pb"), Tensor.ofFloats(Shape.of(4), 1, 2, 3, 4));
        write(test.resolve("input_1.pb"), Tensor.ofLongs(Shape.of(2), 2, 2));
        write(test.resolve("output_0.pb"), Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4));
        var json = directory.resolve("result.json");
        Systole.execute(
                new String[] {"conformance", directory.toString(), "--json", json.toString()},
                new PrintWriter(new StringWriter()),
                new PrintWriter(new StringWriter()));
        return new ObjectMapper().readTree(json.toFile()).get(0);
    }

    private static void write(Path file, Tensor tensor) throws IOException {
        Files.write(file, OnnxTensors.toProto("", tensor).toByteArray());
    }

    private void assertBinds(String nodes, String functions, String bound, String status) throws IOException {
        var result = result(nodes, functions);
        assertThat(result.get("bound")).as("%s", result).hasToString(bound);
        assertThat(result.get("status").asText()).as("%s", result).isEqualTo(status);
    }

    @Test
    void whatDecidesAShapeIsBound() throws IOException {
        assertBinds(node("Reshape", "y", "x", "s"), "", "[\"s\"]", "passed");
    }

    @Test
    void soIsWhatDoesByArithmetic() throws IOException {
        assertBinds(
                node("Neg", "n", "s") + node("Abs", "a", "n") + node("Reshape", "y", "x", "a"),
                "",
                "[\"s\"]",
                "passed");
    }

    @Test
    void alsoInsideFunctions() throws IOException {
        var function = """
                functions { domain: "f" name: "F" input: "a" input: "b" output: "r" opset_import { version: 17 }
                  node { op_type: "Abs" input: "b" output: "c" }
                  node { op_type: "Reshape" input: "a" input: "c" output: "r" } }""";
        assertBinds(
                node("F", "y", "x", "s").replace("op_type", "domain: \"f\" op_type"), function, "[\"s\"]", "passed");
    }

    @Test
    void numbersOfIterationsAre() throws IOException {
        assertBinds(LOOP.formatted("Reshape", "s"), "", "[\"s\"]", "passed");
    }

    @Test
    void dataIsNot() throws IOException {
        assertBinds(node("Gather", "y", "x", "s"), "", "[]", "failed");
        assertBinds(node("Shape", "n", "s") + node("Expand", "y", "x", "n"), "", "[]", "refused");
    }

    @Test
    void whatMeetsDataIsNot() throws IOException {
        var shape = node("Reshape", "r", "x", "s");
        assertBinds(shape + node("CastLike", "f", "s", "x") + node("Mul", "y", "r", "f"), "", "[]", "refused");
        assertBinds(node("CastLike", "f", "s", "x") + LOOP.formatted("Add", "f"), "", "[]", "refused");
    }

    @Test
    void whatLeavesTheModelIsNot() throws IOException {
        assertBinds(
                node("Reshape", "r", "x", "s") + node("Shape", "z", "r") + node("CastLike", "y", "s", "r"),
                "",
                "[]",
                "refused");
    }

    @Test
    void refusalsNameTheOperator() throws IOException {
        var result = result(node("StringConcat", "y", "x", "x"), "");
        assertThat(result.get("status").asText()).isEqualTo("refused");
        assertThat(result.get("operator").asText()).isEqualTo("StringConcat");
        assertThat(result.get("reason").asText()).contains("y (StringConcat): joins text");
        var unknown = result(node("Abs", "n", "s") + node("TopK", "y", "x", "n").replace("}", "output: \"i\" }"), "");
        assertThat(unknown.get("operator").asText()).isEqualTo("TopK");
    }
}
