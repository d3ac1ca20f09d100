package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.graph;
import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.longs;
import static dev.systole.frontend.onnx.ModelText.node;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;

import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models as exporters write them. */
class OnnxImporterTest {
    private static final String WEIGHT = "initializer { name: \"w\" data_type: 1 dims: 2 float_data: [10, 20] }";
    private static final String SUM = node("Add", "y", "x", "w") + output("y");

    private static Graph read(String graph, Bindings bindings) {
        return OnnxImporter.read(graph(graph), bindings);
    }

    private static double[] run(Graph graph, Tensor... inputs) {
        return NodeCase.values(GraphInterpreter.run(graph, List.of(inputs)).getFirst());
    }

    private static String type(Graph graph) {
        return graph.outputs().getFirst().value().type().toString();
    }

    @Test
    void readsAFile(@TempDir Path directory) throws IOException {
        var file = directory.resolve("sum.onnx");
        var text = input("x", "f32[2]") + WEIGHT + SUM;
        Files.write(file, graph(text).model().toByteArray());
        var onnx = OnnxFile.read(file);
        assertThat(onnx.model()).isEqualTo(graph(text).model());
        assertThat(run(OnnxImporter.read(onnx, Bindings.NONE), Tensor.ofFloats(Shape.of(2), 1, 2)))
                .containsExactly(11, 22);
    }

    @Test
    void initializersAreNoInputsWhetherListedOrNot() {
        for (var listed : List.of("", input("w", "f32[2]"))) {
            var file = graph(listed + input("x", "f32[2]") + WEIGHT + SUM);
            assertThat(OnnxImporter.inputs(file)).containsExactly("x");
            assertThat(OnnxImporter.outputs(file)).containsExactly("y");
            assertThat(OnnxImporter.initializers(file))
                    .singleElement()
                    .satisfies(t -> assertThat(NodeCase.values(t)).containsExactly(10, 20));
            assertThat(run(OnnxImporter.read(file, Bindings.NONE), Tensor.ofFloats(Shape.of(2), 1, 2)))
                    .containsExactly(11, 22);
        }
    }

    @Test
    void weightsMayBeConstantNodes() {
        var constant = """
                node {
                  op_type: "Constant" output: "w"
                  attribute { name: "value" t { data_type: 1 dims: 2 float_data: [10, 20] } }
                }
                """;
        var graph = read(input("x", "f32[2]") + constant + SUM, Bindings.NONE);
        assertThat(run(graph, Tensor.ofFloats(Shape.of(2), 1, 2))).containsExactly(11, 22);
    }

    @Test
    void namesAndTheirOrderAreTheModels() {
        var graph = read(
                input("b", "f32[1]") + input("a", "f32[1]") + output("z") + output("a") + node("Sub", "z", "b", "a"),
                Bindings.NONE);
        assertThat(graph.name()).isEqualTo("g");
        assertThat(graph.inputs()).extracting(Graph.Parameter::name).containsExactly("b", "a");
        assertThat(graph.outputs()).extracting(Graph.Result::name).containsExactly("z", "a");
        assertThat(graph.nodes().getFirst().location()).hasToString("/Sub (Sub)");
    }

    @Test
    void outputsMayBeInputsInitializersOrShared() {
        var graph = read(
                input("x", "f32[2]")
                        + WEIGHT
                        + output("x")
                        + output("w")
                        + output("y")
                        + output("z")
                        + node("Relu", "y", "x")
                        + node("Identity", "z", "y"),
                Bindings.NONE);
        var results = GraphInterpreter.run(graph, List.of(Tensor.ofFloats(Shape.of(2), -1, 1)));
        assertThat(results).extracting(t -> NodeCase.values(t)[0]).containsExactly(-1.0, 10.0, 0.0, 0.0);
    }

    @Test
    void whatNoOutputNeedsIsLeftOut() {
        var graph = read(
                input("x", "f32[2]")
                        + node("NobodyKnowsThis", "u", "x")
                        + node("Relu", "y", "x")
                        + node("Neg", "v", "y")
                        + "initializer { name: \"text\" data_type: 8 dims: 1 string_data: \"a\" }"
                        + output("y"),
                Bindings.NONE);
        assertThat(graph.nodes()).hasSize(1);
    }

    /** The declared shape of an output is no more than a note: exporters name its dimensions after nodes. */
    @Test
    void declaredShapesOfOutputsDoNotMatter() {
        var odd = "output { name: \"y\" type { tensor_type { elem_type: 1 shape {"
                + " dim { dim_param: \"Addy_dim_0\" } dim { dim_value: 9 } } } } }";
        assertThat(type(read(input("x", "f32[2]") + WEIGHT + node("Add", "y", "x", "w") + odd, Bindings.NONE)))
                .isEqualTo("f32[2]");
    }

    @Test
    void dimensionsAreBoundByName() {
        var model = input("x", "f32[batch,3,n]") + node("Relu", "y", "x") + output("y");
        assertThat(type(read(model, new Bindings(Map.of("batch", 2L, "n", 0L), Map.of(), Map.of()))))
                .isEqualTo("f32[2,3,0]");
    }

    /** Two dimensions with one name and different extents, as all-minilm-l6-v2 has them. */
    @Test
    void aShapeWinsOverDimensionsByName() {
        var model =
                input("x", "f32[batch,batch]") + input("z", "f32[batch]") + node("Add", "y", "x", "z") + output("y");
        var bindings = new Bindings(Map.of("batch", 128L), Map.of("x", Shape.of(1, 128)), Map.of());
        assertThat(type(read(model, bindings))).isEqualTo("f32[1,128]");
        var noShape = "input { name: \"x\" type { tensor_type { elem_type: 1 } } }";
        assertThat(type(read(
                        noShape + node("Relu", "y", "x") + output("y"),
                        new Bindings(Map.of(), Map.of("x", Shape.of(4, 1)), Map.of()))))
                .isEqualTo("f32[4,1]");
        assertThat(type(read(
                        input("x", "f32[-1,2]") + node("Relu", "y", "x") + output("y"),
                        new Bindings(Map.of(), Map.of("x", Shape.of(3, 2)), Map.of()))))
                .isEqualTo("f32[3,2]");
    }

    @Test
    void aBoundInputIsAConstant() {
        var model = input("x", "f32[6]") + input("s", "i64[k]") + node("Reshape", "y", "x", "s") + output("y");
        var graph = read(model, new Bindings(Map.of(), Map.of(), Map.of("s", Tensor.ofLongs(Shape.of(2), 2, -1))));
        assertThat(graph.inputs()).extracting(Graph.Parameter::name).containsExactly("x");
        assertThat(type(graph)).isEqualTo("f32[2,3]");
    }

    /** What PyTorch writes for {@code x.view(x.shape[0], -1)}. */
    @Test
    void shapeArithmeticIsFolded() {
        var graph = read(
                input("x", "f32[n,3,4]")
                        + longs("zero", 0)
                        + longs("rest", -1)
                        + node("Shape", "dims", "x")
                        + node("Gather", "first", "dims", "zero")
                        + node("Concat", "shape", "first", "rest")
                                .replace("output:", "attribute { name: \"axis\" i: 0 } output:")
                        + node("Cast", "narrow", "shape").replace("output:", "attribute { name: \"to\" i: 6 } output:")
                        + node("CastLike", "wide", "narrow", "zero")
                        + node("Reshape", "y", "x", "wide")
                        + output("y"),
                new Bindings(Map.of("n", 5L), Map.of(), Map.of()));
        assertThat(type(graph)).isEqualTo("f32[5,12]");
    }

    /** A trailing operand without a name is as absent as none. */
    @Test
    void emptyNamesAreAbsentOperands() {
        var model = input("x", "f32[2]") + node("Clip", "y", "x", "", "") + output("y");
        assertThat(read(model, Bindings.NONE).nodes()).isEmpty();
    }

    @Test
    void aGraphWithoutANameIsCalledMain() {
        var file = ModelText.model("ir_version: 8 opset_import { version: 17 } graph { " + input("x", "f32[2]")
                + node("Relu", "y", "x") + output("y") + " }");
        assertThat(OnnxImporter.read(file, Bindings.NONE).name()).isEqualTo("main");
    }

    @Test
    void theSameModelGivesTheSameGraph() {
        var model = input("x", "f32[2]") + WEIGHT + SUM;
        assertThat(read(model, Bindings.NONE))
                .hasToString(read(model, Bindings.NONE).toString());
    }
}
