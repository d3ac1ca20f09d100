package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.node;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.NodeProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files whose nodes stand before those that they read, as converters to 16 bits leave them. */
class NodeOrderTest {
    private static final String X = input("x", "f32[2,3]") + input("c", "9[]");

    private static OnnxFile file(String graph) {
        var bytes = ModelText.graph(graph).model().toByteArray();
        return OnnxFile.parse(Path.of("model.onnx"), ByteBuffer.wrap(bytes));
    }

    private static List<String> nodes(String graph) {
        return file(graph).model().getGraph().getNodeList().stream()
                .map(NodeProto::getName)
                .toList();
    }

    @Test
    void comeBehindWhatTheyRead() {
        var graph = X
                + node("Neg", "a", "b")
                + node("Abs", "d", "x")
                + node("Add", "e", "a", "d")
                + node("Relu", "b", "x")
                + output("e");

        assertThat(nodes(graph)).containsExactly("/Abs", "/Relu", "/Neg", "/Add");
        assertThat(OnnxImporter.read(file(graph), Bindings.NONE).nodes()).hasSize(4);
    }

    @Test
    void whatABranchReadsComesBeforeIt() {
        var branch = "attribute { name: \"%s\" type: 5 g { name: \"g\" output { name: \"%s\" } %s } }";
        var condition = "node { op_type: \"If\" name: \"/If\" input: \"c\" output: \"y\" "
                + branch.formatted("then_branch", "t", node("Neg", "t", "b"))
                + branch.formatted("else_branch", "b", "")
                + "}\n";

        assertThat(nodes(X + condition + node("Relu", "b", "x") + output("y"))).containsExactly("/Relu", "/If");
    }

    @Test
    void keepTheirOrderIfItWillDo() {
        var graph = X + node("Relu", "b", "x") + node("Abs", "d", "x") + node("Neg", "a", "b") + output("a");

        assertThat(nodes(graph)).containsExactly("/Relu", "/Abs", "/Neg");
    }

    @Test
    void whatWaitsForEachOtherIsRefused() {
        var circle = X + node("Add", "a", "x", "b") + node("Relu", "b", "a") + node("Abs", "d", "x") + output("b");

        assertThat(nodes(circle)).containsExactly("/Abs", "/Add", "/Relu");
        assertThatThrownBy(() -> OnnxImporter.read(file(circle), Bindings.NONE))
                .isInstanceOf(FrontendException.class)
                .hasMessageContainingAll("SYS1205", "/Add", "which nothing before it defines");
    }
}
