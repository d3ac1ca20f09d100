package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.Npy;
import dev.systole.frontend.array.Npz;
import dev.systole.frontend.array.SafeTensors;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.NodeProto;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models become in ONNX: nodes, names, parameters, states, and what the command line binds. */
class ModelsTest {
    @TempDir
    private Path directory;

    private static OnnxFile elaborate(String text) {
        return SyFile.parse(Path.of("m.sy"), text).elaborate(Bindings.NONE);
    }

    private static String nodes(OnnxFile file) {
        return file.model().getGraph().getNodeList().stream()
                .map(ModelsTest::text)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String text(NodeProto node) {
        return "%s = %s(%s)  %s"
                .formatted(
                        String.join(", ", node.getOutputList()),
                        node.getOpType(),
                        String.join(", ", node.getInputList()),
                        node.getName());
    }

    private static List<String> initializers(OnnxFile file) {
        return file.model().getGraph().getInitializerList().stream()
                .map(t -> t.getName())
                .toList();
    }

    @Test
    void valuesAreNamedAfterTheirVariablesAndNodesAfterTheirCalls() {
        var file = elaborate("""
            model m(x: f32[2, 4]) -> (y: f32[2, 4]) {
              let h = Relu(dense(x, 8))
              let g = dense(h, 8)
              for i in 0..2 {
                g = dense(g, 8)
                h = h + dense(g, 8)
              }
              y = dense(h, 4)
            }

            fn dense(x: f32[n, m], width: int) -> f32[n, width] {
              param w: f32[m, width] = normal(0.1)
              return x @ w
            }
            """);
        assertThat(nodes(file)).isEqualTo("""
            dense/MatMul = MatMul(x, dense.w)  dense/MatMul
            h = Relu(dense/MatMul)  Relu
            g = MatMul(h, g.w)  g/MatMul
            g.0 = MatMul(g, g.0.w)  g.0/MatMul
            dense.0/MatMul = MatMul(g.0, dense.0.w)  dense.0/MatMul
            h.0 = Add(h, dense.0/MatMul)  Add.0
            g.1 = MatMul(g.0, g.1.w)  g.1/MatMul
            dense.1/MatMul = MatMul(g.1, dense.1.w)  dense.1/MatMul
            h.1 = Add(h.0, dense.1/MatMul)  Add.1
            y = MatMul(h.1, y.w)  y/MatMul
            """);
        assertThat(initializers(file))
                .containsExactly("dense.w", "g.w", "g.0.w", "dense.0.w", "g.1.w", "dense.1.w", "y.w");
    }

    @Test
    void statesAreInputsWithAnOutputEach() {
        var file = elaborate("""
            model m(x: f32[4]) -> (y: f32[4]) {
              state total: f32[4]
              total = total + x
              y = total + delayed(x)
            }

            fn delayed(x: f32[n]) -> f32[n] {
              state last: f32[n]
              let before = last
              last = x
              return before
            }
            """);
        assertThat(OnnxImporter.inputs(file)).containsExactly("x", "total", "delayed.last");
        assertThat(OnnxImporter.outputs(file)).containsExactly("y", "total_next", "delayed.last_next");
        assertThat(OnnxImporter.read(file, Bindings.NONE).contract().states())
                .containsExactly(new Contract.State(1, 1), new Contract.State(2, 2));
        var bound = new Bindings(Map.of(), Map.of(), Map.of("total", Tensor.allocate(TensorType.of(DType.F32, 4))));
        assertThat(OnnxImporter.read(file, bound).contract().states()).containsExactly(new Contract.State(1, 2));
    }

    @Test
    void aFileOfSeveralModelsMeansTheOneOfItsName() {
        var text = "model a(x: f32[1]) -> (y: f32[1]) { y = x }\nmodel b(z: f32[1]) -> (y: f32[1]) { y = z }\n";
        assertThat(SyFile.parse(Path.of("b.sy"), text).inputs()).containsExactly("z");
        assertThatThrownBy(() -> SyFile.parse(Path.of("c.sy"), text).inputs())
                .isInstanceOf(FrontendException.class)
                .hasMessage(
                        "SYS1516 c.sy: holds the models a, b; say which, as in c.sy:a, or name one like the file, c");
        assertThatThrownBy(() -> SyFile.parse(Path.of("c.sy"), "// nothing\n").inputs())
                .hasMessage("SYS1516 c.sy: holds no model");
        assertThatThrownBy(() -> SyFile.parse(Path.of("a.sy"), text + text))
                .hasMessageContaining("a model \"a\" already");
    }

    @Test
    void whatTheCommandLineFixesHolds() {
        var file = SyFile.parse(Path.of("m.sy"), """
            model m(x: f32[batch, width], n: i64[?]) -> (y: f32[batch, width]) {
              y = x
            }
            """);
        assertThat(file.rank("x")).hasValue(2);
        assertThat(file.rank("n")).hasValue(1);
        assertThat(file.rank("z")).isEmpty();
        var graph = OnnxImporter.read(
                file.elaborate(new Bindings(
                        Map.of("width", 3L, "batch", 9L),
                        Map.of("x", Shape.of(2, 3)),
                        Map.of("n", Tensor.ofLongs(Shape.of(2), 1, 2)))),
                Bindings.NONE);
        assertThat(graph.inputs().getFirst().value().type()).hasToString("f32[2,3]");
        assertThatThrownBy(() -> file.elaborate(new Bindings(Map.of(), Map.of("x", Shape.of(2)), Map.of())))
                .hasMessageContaining("input \"x\" is given as [2], the model declares f32[?,?]")
                .hasMessageContaining("input \"n\" has unknown dimension ?; give --shape n=8");
    }

    @Test
    void parametersComeFromFiles() throws Exception {
        var two = Tensor.ofFloats(Shape.of(2), 1, 2);
        Npy.write(directory.resolve("a.npy"), two);
        Npz.write(directory.resolve("b.npz"), Map.of("b", two));
        SafeTensors.write(directory.resolve("c.safetensors"), Map.of("inner.c", two, "d", two));
        var text = """
            model m(x: f32[2]) -> (y: f32[2]) {
              param a: f32[2] = file("a.npy")
              param b: f32[2] = file("b.npz", "b")
              param d: f32[2]
              y = x + a + b + d + inner(x)
              weights "c.safetensors"
            }

            fn inner(x: f32[n]) -> f32[n] {
              param c: f32[n]
              return c
            }
            """;
        var file =
                SyFile.read(Files.writeString(directory.resolve("m.sy"), text)).elaborate(Bindings.NONE);
        assertThat(initializers(file)).containsExactly("a", "b", "d", "inner.c");
        assertThat(OnnxImporter.initializers(file)).allMatch(two::sameBytes);
        var onnx = Files.write(directory.resolve("w.onnx"), file.serialized());
        var again = SyFile.read(Files.writeString(
                        directory.resolve("m.sy"),
                        text.replace("c.safetensors", onnx.getFileName().toString())))
                .elaborate(Bindings.NONE);
        assertThat(again.model()).isEqualTo(file.model());
    }

    @Test
    void graphsAreAttributesAndSeeWhatIsAroundThem() {
        var file = elaborate("""
            model m(x: f32[4], c: bool[]) -> (y: f32[4], z: f32[4], s: f32[3]) {
              y = If(c, then_branch={ x }, else_branch={ let t = x * 2 return t + 1 })
              let (v, sums) = Loop(3, _, x, body={ i: i64[], go: bool[], v: f32[4] -> go, v + x, ReduceSum(v, keepdims=0) })
              z = v
              s = sums
            }
            """);
        var graph = file.model().getGraph();
        var branches = graph.getNode(0).getAttributeList();
        assertThat(branches.get(0).getG().getNodeList())
                .map(NodeProto::getOpType)
                .containsExactly("Identity");
        assertThat(branches.get(1).getG().getNodeList())
                .map(NodeProto::getOpType)
                .containsExactly("Mul", "Add");
        var body = graph.getNode(1).getAttribute(0).getG();
        assertThat(body.getInputCount()).isEqualTo(3);
        assertThat(body.getNodeList()).map(NodeProto::getOpType).containsExactly("Add", "ReduceSum", "Identity");
    }

    @Test
    void theVersionOfTheOperatorsIsSaid() {
        var text = "model m(x: f32[2, 2]) -> (y: f32[2, 2]) { opset 11 y = ReduceSum(x, axes=[1]) + x }";
        assertThat(elaborate(text).model().getOpsetImport(0).getVersion()).isEqualTo(11);
        assertThat(elaborate(text.replace("opset 11", "").replace("axes=[1]", "[1]"))
                        .model()
                        .getOpsetImport(0)
                        .getVersion())
                .isEqualTo(21);
    }
}
