package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.OperatorSetIdProto;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Models whose values are not only tensors of known extents: sequences, optionals, graphs, results as long as data says. */
class StructuresTest {
    private static final Tensor X = Tensor.ofFloats(Shape.of(3), 1, 2, 3);

    private static OnnxFile onnx(String text, Bindings bindings) {
        return SyFile.parse(Path.of("m.sy"), text).elaborate(bindings);
    }

    private static Graph graph(String text, Bindings bindings) {
        return OnnxImporter.read(onnx(text, bindings), new Bindings(Map.of(), bindings.shapes(), bindings.values()));
    }

    private static Bindings shapes(Map<String, Shape> shapes) {
        return new Bindings(Map.of(), shapes, Map.of());
    }

    private static List<Double> values(Tensor tensor) {
        return IntStream.range(0, (int) tensor.type().shape().elements())
                .mapToObj(i -> (double)
                        Elements.readFloat(tensor.bytes(), i, tensor.type().dtype()))
                .toList();
    }

    private static void assertGives(String text, Bindings bindings, List<Tensor> inputs, Double... first) {
        var results = GraphInterpreter.run(graph(text, bindings), inputs);
        assertThat(values(results.getFirst())).containsExactly(first);
    }

    @Test
    void sequencesEnterAndLeave() {
        var text = """
            model m(s: seq(f32[...]), k: f32[3]) -> (t: seq(f32[...]), n: i64[]) {
              t = SequenceInsert(s, k)
              n = SequenceLength(s)
            }
            """;
        var graph = graph(text, shapes(Map.of("s[0]", Shape.of(2), "s[1]", Shape.of(1))));
        assertThat(graph.outputNames()).containsExactly("t[0]", "t[1]", "t[2]", "n");
        assertThat(graph.inputs()).hasSize(3);
    }

    @Test
    void optionalsHoldWhatIsBound() {
        var text = """
            model m(o: optional(f32[3]), x: f32[3]) -> (y: f32[3]) {
              y = If(OptionalHasElement(o), then_branch={ OptionalGetElement(o) }, else_branch={ x + 1 })
            }
            """;
        assertGives(text, shapes(Map.of("o", Shape.of(3))), List.of(X, X), 1.0, 2.0, 3.0);
        assertGives(text, Bindings.NONE, List.of(X), 2.0, 3.0, 4.0);
    }

    @Test
    void typesOfTypesAreChecked() {
        assertThatThrownBy(() -> onnx("model m(s: list(f32[3])) -> (y: f32[3]) { y = s }", Bindings.NONE))
                .hasMessageContaining("m.sy:1:12: error SYS1505: there are sequences");
        assertThatThrownBy(() -> onnx("model m(s: seq(f32[3])) -> (y: f32[3]) { y = s }", Bindings.NONE))
                .hasMessageContaining("m.sy:1:46: error SYS1505: a tensor is wanted here, not seq(f32)");
        assertThatThrownBy(() -> onnx("model m(x: f32[3]) -> (y: seq(f32[3])) { y = x }", Bindings.NONE))
                .hasMessageContaining("m.sy:1:46: error SYS1505: \"y\" is seq(f32[3]), not f32[3]");
        assertThatThrownBy(() -> onnx(
                        "model m(s: seq(f32[3])) -> (y: seq(f32[3])) { y = s }", shapes(Map.of("s[0]", Shape.of(4)))))
                .hasMessageContaining("SYS1511: \"s[0]\" is given as f32[4], the model declares f32[3]");
    }

    @Test
    void aGraphTakesWhatItsNodeGivesItFirst() {
        var text = """
            model m(x: f32[3]) -> (y: f32[3, 1]) {
              let (last, parts) = Loop(3, _, x, body={ i: _, go: _, v: _ ->
                let at = Unsqueeze(i, [0])
                return go, v, Slice(v, at, at + 1)
              })
              y = parts
            }
            """;
        assertGives(text, Bindings.NONE, List.of(X), 1.0, 2.0, 3.0);
    }

    @Test
    void whatDependsOnTheIterationIsNoAttribute() {
        assertThatThrownBy(() -> onnx(
                        "model m(x: f32[3]) -> (y: f32[3]) {"
                                + " y = Loop(3, _, x, body={ i: _, go: _, v: _ -> go, Concat(v, axis=i) }) }",
                        Bindings.NONE))
                .hasMessageContaining("SYS1507");
    }

    @Test
    void onlyTheBranchThatIsTakenMustFit() {
        var text = """
            model m(x: f32[n]) -> (y: f32[n]) {
              y = If(Shape(x) == [3], then_branch={ x + 1 }, else_branch={ Squeeze(x, [0]) })
            }
            """;
        assertGives(text, shapes(Map.of("x", Shape.of(3))), List.of(X), 2.0, 3.0, 4.0);
    }

    @Test
    void extentsThatDependOnDataAreAsWrittenOrMore() {
        var text = "model m(x: f32[3]) -> (y: i64[1, 2]) { y = NonZero(x) }";
        var graph = graph(text, Bindings.NONE);
        assertThat(graph.contract().extents()).hasSize(1);
        assertThatThrownBy(() -> onnx(text.replace("2]", "4]"), Bindings.NONE))
                .hasMessageContaining("\"y\" is i64[1,4], not i64[1,3]");
    }

    @Test
    void operatorSetsAreImported() {
        var text = "model m(x: f32[3]) -> (y: f32[3]) { %s y = ai.onnx.ml.Scaler(x, scale=[2.0], offset=[0.0]) }";
        assertThat(onnx(text.formatted(""), Bindings.NONE).model().getOpsetImportList())
                .extracting(OperatorSetIdProto::getDomain)
                .containsExactly("", "ai.onnx.ml");
        assertThat(onnx(text.formatted("opset ai.onnx.ml 3 opset 17"), Bindings.NONE)
                        .model()
                        .getOpsetImportList())
                .extracting(OperatorSetIdProto::getVersion)
                .containsExactly(17L, 3L);
        assertThatThrownBy(() -> onnx(text.formatted("opset ai.onnx.ml 99"), Bindings.NONE))
                .hasMessageContaining("of the operators of ai.onnx.ml are known");
    }
}
