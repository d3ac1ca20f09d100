package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.SafeTensors;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyWriterTest {
    @TempDir
    private Path directory;

    private static final String F32 =
            "type { tensor_type { elem_type: 1 shape { dim { dim_param: \"n\" } dim { dim_value: 2 } } } }";
    private static final String BOOL = "type { tensor_type { elem_type: 9 shape { } } }";

    private static SyWriter.Written write(String graph) throws TextFormat.ParseException {
        var text = "ir_version: 8 opset_import { version: 17 } graph { name: \"g\" %s }".formatted(graph);
        return SyWriter.write(
                new OnnxFile(Path.of("g.onnx"), TextFormat.parse(text, ModelProto.class)), "g.safetensors");
    }

    private static void writes(String graph, String expected) throws TextFormat.ParseException {
        var written = write(graph);
        assertThat(written.text()).isEqualTo(expected);
        assertThat(SyFormatter.format(Path.of("g.sy"), written.text())).isEqualTo(written.text());
    }

    private static String input(String name, String type) {
        return "input { name: \"%s\" %s }\n".formatted(name, type);
    }

    private static String output(String name, String type) {
        return "output { name: \"%s\" %s }\n".formatted(name, type);
    }

    private static String node(String operator, String inputs, String output, String more) {
        return "node { op_type: \"%s\" name: \"%s\" input: [%s] output: [%s] %s }\n"
                .formatted(operator, output.replace("\"", ""), inputs, output, more);
    }

    @Test
    void signsStandBetweenWhatIsReadOnce() throws Exception {
        writes(
                input("/x.1", F32)
                        + output("and", F32)
                        + "initializer { name: \"two\" data_type: 1 float_data: 2 }\n"
                        + "initializer { name: \"W\" data_type: 1 dims: [2, 2] float_data: [1, 2, 3, 4] }\n"
                        + node("Sub", "\"/x.1\", \"two\"", "\"1\"", "")
                        + node("Sub", "\"/x.1\", \"1\"", "\"2\"", "")
                        + node("MatMul", "\"2\", \"W\"", "\"3\"", "")
                        + node("Neg", "\"3\"", "\"4\"", "")
                        + node("Pow", "\"4\", \"two\"", "\"5\"", "")
                        + node("Add", "\"5\", \"/x.1\"", "\"6\"", "")
                        + node("Relu", "\"6\"", "\"7\"", "")
                        + node("Mul", "\"7\", \"7\"", "\"8\"", "")
                        + node("Identity", "\"8\"", "\"and\"", ""),
                """
                model g(x_1: f32[n, 2]) -> (and_2: f32[n, 2]) {
                  opset 17
                  weights "g.safetensors"
                  param W: f32[2, 2]
                  let v7 = Relu((-((x_1 - (x_1 - 2.0)) @ W)) ** f32(2.0) + x_1)
                  and_2 = v7 * v7
                }
                """);
        assertThat(write(input("x", F32) + output("x", F32)).weights()).isEmpty();
    }

    @Test
    void attributesAreWhatTheyAre() throws Exception {
        writes(
                input("x", F32)
                        + output("y", F32)
                        + node("Cast", "\"x\"", "\"h\"", "attribute { name: \"to\" type: 2 i: 10 }")
                        + node("Foo", "\"h\", \"\", \"x\", \"\"", "\"y\"", """
                            domain: "com.acme"
                            attribute { name: "a" type: 1 f: 1e-5 }
                            attribute { name: "b" type: 3 s: "q\\"\\\\\\n" }
                            attribute { name: "c" type: 6 floats: [1, 2.5] }
                            attribute { name: "d" type: 7 ints: [1, -2] }
                            attribute { name: "e" type: 8 strings: ["a", "b"] }
                            attribute { name: "f" type: 4 t { data_type: 7 dims: [2] int64_data: [3, 4] } }
                            """)
                        + node("Softmax", "\"y\"", "\"unused\"", "attribute { name: \"axis\" type: 2 i: -1 }"),
                """
                model g(x: f32[n, 2]) -> (y: f32[n, 2]) {
                  opset 17
                  y = com.acme.Foo(f16(x), _, x, a=1.0e-5, b="q\\"\\\\\\n", c=[1.0, 2.5], d=[1, -2], e=["a", "b"], f=[3, 4])
                  let unused = Softmax(y)
                }
                """);
    }

    @Test
    void graphsAreInBraces() throws Exception {
        var inside = "graph_output { name: \"r\" }".replace("graph_output", "output");
        writes(
                input("x", F32)
                        + input("c", BOOL)
                        + output("y", F32)
                        + node(
                                "If",
                                "\"c\"",
                                "\"y\"",
                                "attribute { name: \"then_branch\" type: 5 g { node { op_type: \"Exp\" input: \"x\""
                                        + " output: \"t\" } node { op_type: \"Mul\" input: [\"t\", \"t\"] output:"
                                        + " \"r\" } " + inside
                                        + " } }"
                                        + "attribute { name: \"else_branch\" type: 5 g { output { name: \"x\" } } }"),
                """
                model g(x: f32[n, 2], c: bool[]) -> (y: f32[n, 2]) {
                  opset 17
                  y = If(
                    c,
                    then_branch={
                      let t = Exp(x)
                      let r = t * t
                      return r
                    },
                    else_branch={ x }
                  )
                }
                """);
    }

    @Test
    void statesThatChangePlacesAreAssignedAtOnce() throws Exception {
        var text = """
            ir_version: 8 opset_import { version: 21 }
            metadata_props { key: "systole.state.a" value: "b" } metadata_props { key: "systole.state.b" value: "a_next" }
            graph { name: "g" input { name: "a" %s } input { name: "b" %s } output { name: "b" %s } output { name: "a_next" %s }
              node { op_type: "Identity" input: "a" output: "a_next" } }
            """.formatted(F32, F32, F32, F32);
        var written = SyWriter.write(new OnnxFile(Path.of("g.onnx"), TextFormat.parse(text, ModelProto.class)), "w");
        assertThat(written.text()).contains("model g() -> () {", "(a, b) = (b, a)");
    }

    @Test
    void sequencesAndOptionalsHaveTypes() throws Exception {
        var tensor = "tensor_type { elem_type: 1 shape { dim { dim_param: \"n\" } } }";
        var sequence = "sequence_type { elem_type { %s } }".formatted(tensor);
        writes(
                input("s", "type { " + sequence + " }")
                        + input("o", "type { optional_type { elem_type { " + sequence + " } } }")
                        + output("y", "type { sequence_type { elem_type { tensor_type { elem_type: 1 } } } }")
                        + node("OptionalGetElement", "\"o\"", "\"t\"", "")
                        + node("SequenceAt", "\"t\", \"k\"", "\"x\"", "")
                        + "initializer { name: \"k\" data_type: 7 int64_data: 0 }\n"
                        + node("SequenceInsert", "\"s\", \"x\"", "\"y\"", ""),
                """
                model g(s: seq(f32[?]), o: optional(seq(f32[?]))) -> (y: seq(f32[...])) {
                  opset 17
                  y = SequenceInsert(s, SequenceAt(OptionalGetElement(o), i64(0)))
                }
                """);
    }

    @Test
    void inputsOfGraphsNeedNoType() throws Exception {
        writes(
                input("x", F32)
                        + output("y", F32)
                        + "initializer { name: \"m\" data_type: 7 int64_data: 3 }\n"
                        + node("Loop", "\"m\", \"\", \"x\"", "\"y\"", """
                                attribute { name: "body" type: 5 g {
                                  input { name: "i" } input { name: "c" } input { name: "v" }
                                  output { name: "c" } output { name: "w" }
                                  node { op_type: "Exp" name: "w" input: "v" output: "w" } } }"""),
                """
                model g(x: f32[n, 2]) -> (y: f32[n, 2]) {
                  opset 17
                  y = Loop(i64(3), _, x, body={ i: _, c: _, v: _ -> c, Exp(v) })
                }
                """);
    }

    @Test
    void resultsThatLeaveTheModelAreAssignedTogether() throws Exception {
        writes(
                input("x", F32)
                        + output("y", F32)
                        + output("i", F32)
                        + node("Unique", "\"x\"", "\"y\", \"\", \"i\"", ""),
                """
                model g(x: f32[n, 2]) -> (y: f32[n, 2], i: f32[n, 2]) {
                  opset 17
                  (y, _, i) = Unique(x)
                }
                """);
    }

    @Test
    void otherOperatorSetsAreNamedIfTheyAreNotTheNewest() throws Exception {
        var text = """
            ir_version: 8 opset_import { version: 21 } opset_import { domain: "ai.onnx.ml" version: 3 }
            graph { name: "g" input { name: "x" %s } output { name: "y" %s }
              node { op_type: "Scaler" domain: "ai.onnx.ml" input: "x" output: "y" } }
            """.formatted(F32, F32);
        var written = SyWriter.write(new OnnxFile(Path.of("g.onnx"), TextFormat.parse(text, ModelProto.class)), "w");
        assertThat(written.text()).isEqualTo("""
            model g(x: f32[n, 2]) -> (y: f32[n, 2]) {
              opset ai.onnx.ml 3
              y = ai.onnx.ml.Scaler(x)
            }
            """);
    }

    private static final String DENSE = """
            functions { name: "dense" domain: "local" input: ["x", "w", "b"] output: "y" attribute: "alpha"
              opset_import { version: 16 }
              node { op_type: "MatMul" input: ["x", "w"] output: "0" }
              node { op_type: "Clip" input: ["0", "b"] output: "h" }
              node { op_type: "LeakyRelu" name: "leaky" input: "h" output: "y"
                attribute { name: "alpha" ref_attr_name: "alpha" type: 1 } } }
            """;
    private static final String BLOCK = """
            functions { name: "block" domain: "local" input: ["x", "w"] output: ["y", "x", "n"]
              opset_import { version: 17 } opset_import { domain: "local" version: 1 }
              opset_import { domain: "ai.onnx.ml" version: 1 }
              node { op_type: "Constant" output: "low" attribute { name: "value_float" f: -1 type: 1 } }
              node { op_type: "dense" domain: "local" name: "first" input: ["x", "w"] output: "z"
                attribute { name: "alpha" f: 0.5 type: 1 } }
              node { op_type: "dense" domain: "local" name: "second" input: ["z", "w", "low"] output: "y" }
              node { op_type: "Binarizer" domain: "ai.onnx.ml" input: "y" output: "n" } }
            """;

    private static OnnxFile withFunctions(String functions, String nodes) throws TextFormat.ParseException {
        var graph = input("x", F32)
                + output("y", F32)
                + "initializer { name: \"W\" data_type: 1 dims: [2, 2] float_data: [1, -2, 3, 4] }\n" + nodes;
        var text =
                "ir_version: 8 opset_import { version: 17 } opset_import { domain: \"local\" version: 1 } %s graph { name: \"g\" %s }"
                        .formatted(functions, graph);
        return new OnnxFile(Path.of("g.onnx"), TextFormat.parse(text, ModelProto.class));
    }

    @Test
    void functionsAreWrittenWhereTheyAreCalled() throws Exception {
        var call =
                "node { op_type: \"block\" domain: \"local\" name: \"/b\" input: [\"x\", \"W\"] output: [\"y\", \"same\"] }";
        var file = withFunctions(DENSE + BLOCK, output("same", F32) + call);
        var written = SyWriter.write(file, "g.safetensors");
        assertThat(written.text()).isEqualTo("""
                model g(x: f32[n, 2]) -> (y: f32[n, 2], same: f32[n, 2]) {
                  opset 17
                  opset ai.onnx.ml 1
                  weights "g.safetensors"
                  let b_low = Constant(value_float=-1.0)
                  param W: f32[2, 2]
                  let b_first_h = Clip(x @ W)
                  let b_z = LeakyRelu(b_first_h, alpha=0.5)
                  let b_second_h = Clip(b_z @ W, b_low)
                  y = LeakyRelu(b_second_h)
                  let b_n = ai.onnx.ml.Binarizer(y)
                  same = x
                }
                """);
        SafeTensors.write(directory.resolve("g.safetensors"), written.weights());
        var text = SyFile.parse(directory.resolve("g.sy"), written.text());
        var bindings = new Bindings(Map.of("n", 3L), Map.of(), Map.of());
        var x = Tensor.ofFloats(Shape.of(3, 2), 1, 2, -3, 4, 5, -6);
        assertThat(run(text.elaborate(bindings), Bindings.NONE, x)).isEqualTo(run(file, bindings, x));
    }

    private static List<List<Double>> run(OnnxFile file, Bindings bindings, Tensor x) {
        return GraphInterpreter.run(OnnxImporter.read(file, bindings), List.of(x)).stream()
                .map(y -> LongStream.range(0, y.type().shape().elements())
                        .mapToObj(
                                i -> Elements.readDouble(y.bytes(), i, y.type().dtype()))
                        .toList())
                .toList();
    }

    @Test
    void functionsThatATextCannotHoldAreRefused() throws Exception {
        var call = "node { op_type: \"dense\" domain: \"local\" name: \"a\" input: [\"x\", \"W\"] output: \"y\" }";
        refuses(
                DENSE,
                call.replace("\"W\"", "\"W\", \"x\", \"x\""),
                "function \"dense\" takes 3 inputs, not 4, at a (local.dense)");
        refuses(DENSE, call.replace("\"y\"", "[\"y\", \"z\"]"), "function \"dense\" has 1 outputs, not 2");
        refuses(DENSE.replace("\"MatMul\"", "\"dense\" domain: \"local\""), call, "the function calls itself");
        refuses(
                DENSE.replace("version: 16", "version: 10"),
                call,
                "function \"dense\" means MatMul of version 10, the model has version 17; convert the model to one version first");
        var doubling = new StringBuilder(DENSE);
        for (int i = 0; i < 40; i++) {
            doubling.append(
                    "functions { name: \"f%d\" domain: \"local\" node { op_type: \"f%d\" domain: \"local\" } node { op_type: \"f%d\" domain: \"local\" } }"
                            .formatted(i, i + 1, i + 1));
        }
        refuses(
                doubling.toString(),
                "node { op_type: \"f0\" domain: \"local\" }",
                "its functions are more than 131072 nodes together");
    }

    private static void refuses(String functions, String node, String error) throws TextFormat.ParseException {
        var file = withFunctions(functions, node);
        assertThatThrownBy(() -> SyWriter.write(file, "g.safetensors"))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1518 g.onnx: cannot be written as a text: ")
                .hasMessageContaining(error);
    }

    @Test
    void whatTheLanguageHasNotIsRefused() {
        assertThatThrownBy(() -> write(input("x", "type { sequence_type { } }") + output("x", F32)))
                .isInstanceOf(FrontendException.class)
                .hasMessage(
                        "SYS1518 g.onnx: cannot be written as a text: \"x\" is not said to be a tensor, a sequence or an optional");
        assertThatThrownBy(() -> write(input("x", "type { tensor_type { elem_type: 8 } }") + output("x", F32)))
                .hasMessageContaining("\"x\" holds text, not numbers");
        assertThatThrownBy(() -> write(input("x", F32) + output("y", F32) + node("Exp", "\"z\"", "\"y\"", "")))
                .hasMessageContaining("\"z\" is read and nothing defines it");
        assertThatThrownBy(() -> write(input("x", F32) + output("y", F32) + node("a-b", "\"x\"", "\"y\"", "")))
                .hasMessageContaining("\"a-b\" is no name of an operator");
    }
}
