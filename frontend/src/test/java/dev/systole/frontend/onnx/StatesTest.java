package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.graph.Contract;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatesTest {
    private static OnnxFile model(String input, String output) {
        return ModelText.model("""
            ir_version: 8 opset_import { version: 17 }
            metadata_props { key: "author" value: "x" }
            metadata_props { key: "systole.state.%s" value: "%s" }
            graph { name: "g" %s %s %s %s %s %s }
            """.formatted(
                        input,
                        output,
                        ModelText.input("x", "f32[2]"),
                        ModelText.input("s", "f32[2]"),
                        ModelText.output("y"),
                        ModelText.output("narrow"),
                        ModelText.node("Exp", "y", "x"),
                        ModelText.node("ReduceSum", "narrow", "x")));
    }

    @Test
    void metadataJoinsAnInputAndItsNextValue() {
        var file = model("s", "y");
        assertThat(States.of(file)).containsExactly(Map.entry("s", "y"));
        assertThat(OnnxImporter.read(file, Bindings.NONE).contract().states())
                .containsExactly(new Contract.State(1, 0));
    }

    @Test
    void metadataThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> OnnxImporter.read(model("t", "y"), Bindings.NONE))
                .isInstanceOf(FrontendException.class)
                .hasMessage(
                        "SYS1210 model.onnx: the metadata says that \"y\" is the next value of \"t\"; the model has no"
                                + " such input");
        assertThatThrownBy(() -> OnnxImporter.read(model("s", "z"), Bindings.NONE))
                .hasMessageContaining("the model has no such output");
        assertThatThrownBy(() -> OnnxImporter.read(model("s", "narrow"), Bindings.NONE))
                .hasMessageContaining("state \"s\" is f32[2], its next value \"narrow\" is f32[1]");
    }
}
