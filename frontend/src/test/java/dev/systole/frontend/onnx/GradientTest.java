package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.node;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.GraphVerifier;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Gradient nodes name, and what they make of it; the rules of single operations have a test of their own. */
class GradientTest {
    private static final String W = "initializer { name: 'w' data_type: 1 dims: 2 float_data: [2, 3] }\n";

    private static String gradient(String xs, String zs, String y, String inputs, String outputs) {
        return """
                node {
                  op_type: "Gradient" domain: "ai.onnx.preview.training" name: "/Gradient"
                  input: [%s] output: [%s]
                  attribute { name: "xs" type: STRINGS strings: [%s] }
                  attribute { name: "zs" type: STRINGS strings: [%s] }
                  attribute { name: "y" type: STRING s: "%s" }
                }
                """.replace("type: STRINGS", "type: 8")
                .replace("type: STRING", "type: 3")
                .formatted(inputs, outputs, xs, zs, y);
    }

    private static Graph read(String... parts) {
        var text = "ir_version: 8 opset_import { version: 17 } "
                + "opset_import { domain: 'ai.onnx.preview.training' version: 1 } graph { name: 'g' %s }";
        return OnnxImporter.read(ModelText.model(text.formatted(String.join("", parts))), Bindings.NONE);
    }

    private static List<List<Double>> run(Graph graph, float[]... inputs) {
        assertThat(GraphVerifier.verify(graph)).isEmpty();
        var tensors = Stream.of(inputs)
                .map(v -> Tensor.ofFloats(Shape.of(v.length), v))
                .toList();
        return GraphInterpreter.run(graph, tensors).stream()
                .map(t -> java.util.Arrays.stream(NodeCase.values(t)).boxed().toList())
                .toList();
    }

    private static float[] of(float... values) {
        return values;
    }

    @Test
    void aTensorThatIsUsedTwiceAddsUp() {
        var graph = read(
                input("a", "f32[2]"),
                input("b", "f32[2]"),
                node("Mul", "ab", "a", "b"),
                node("Add", "y", "ab", "a"),
                gradient("'a', 'b'", "", "y", "'a', 'b'", "'da', 'db'"),
                output("da"),
                output("db"));
        assertThat(run(graph, of(1, 2), of(3, 4))).containsExactly(List.of(4.0, 5.0), List.of(1.0, 2.0));
    }

    @Test
    void theFunctionNeedNotBeAnOutputNorFeedOne() {
        var graph = read(
                input("a", "f32[2]"),
                node("Mul", "y", "a", "a"),
                gradient("'a'", "", "y", "'a'", "'da'"),
                output("da"));
        assertThat(run(graph, of(1, 2))).containsExactly(List.of(2.0, 4.0));
    }

    @Test
    void operandsThatWereStretchedAreSummed() {
        var graph = read(
                input("a", "f32[1]"),
                input("b", "f32[3]"),
                node("Mul", "y", "a", "b"),
                gradient("'a'", "'b'", "y", "'a', 'b'", "'da'"),
                output("da"));
        assertThat(run(graph, of(1), of(3, 4, 5))).containsExactly(List.of(12.0));
    }

    @Test
    void anIntermediateTensorIsAVariableOfItsOwn() {
        var graph = read(
                input("a", "f32[2]"),
                node("Mul", "h", "a", "a"),
                node("Mul", "y", "h", "a"),
                gradient("'h', 'a'", "", "y", "'h', 'a'", "'dh', 'da'"),
                output("dh"),
                output("da"));
        assertThat(run(graph, of(2, 3))).containsExactly(List.of(2.0, 3.0), List.of(4.0, 9.0));
    }

    @Test
    void otherValuesComputeTheFunctionAnew() {
        var graph = read(
                input("a", "f32[2]"),
                input("b", "f32[2]"),
                node("Mul", "h", "a", "a"),
                node("Mul", "y", "h", "h"),
                gradient("'h'", "", "y", "'b'", "'dh'"),
                output("dh"));
        assertThat(run(graph, of(100, 100), of(1, 2))).containsExactly(List.of(2.0, 4.0));
    }

    @Test
    void aWeightIsAVariableThoughItsValueIsKnown() {
        var graph = read(
                W,
                input("a", "f32[2]"),
                node("Mul", "ww", "w", "w"),
                node("Mul", "y", "ww", "a"),
                gradient("'w', 'ww'", "", "ww", "'w', 'ww'", "'none', ''"),
                gradient("'w'", "'a'", "y", "'w', 'a'", "'dw'"),
                output("dw"));
        assertThat(run(graph, of(10, 100))).containsExactly(List.of(40.0, 600.0));
    }

    @Test
    void aGradientHasAGradient() {
        var graph = read(
                input("a", "f32[2]"),
                node("Mul", "aa", "a", "a"),
                node("Mul", "y", "aa", "a"),
                gradient("'a'", "", "y", "'a'", "'da'"),
                gradient("'a'", "", "da", "'a'", "'dda'"),
                output("dda"));
        assertThat(run(graph, of(1, 2))).containsExactly(List.of(6.0, 12.0));
    }

    @Test
    void wholeNumbersDoNotVary() {
        var graph = read(
                input("a", "f32[2]"),
                "node { op_type: 'Cast' input: 'a' output: 'i' attribute { name: 'to' type: 2 i: 7 } }\n",
                "node { op_type: 'Cast' input: 'i' output: 'f' attribute { name: 'to' type: 2 i: 1 } }\n",
                node("Mul", "y", "f", "a"),
                gradient("'a'", "", "y", "'a'", "'da'"),
                output("da"));
        assertThat(run(graph, of(1.5f, 2.5f))).containsExactly(List.of(1.0, 2.0));
    }

    @Test
    void saysWhatCannotBeDifferentiated() {
        assertThatThrownBy(() -> read(
                        input("a", "f32[2]"),
                        input("b", "f32[3]"),
                        node("Mul", "y", "a", "a"),
                        gradient("'a'", "", "y", "'b'", "'da'"),
                        output("da")))
                .isInstanceOf(FrontendException.class)
                .hasMessageContaining("/Gradient")
                .hasMessageContaining("\"a\" is f32[2], the input that stands for it is f32[3]");
    }
}
