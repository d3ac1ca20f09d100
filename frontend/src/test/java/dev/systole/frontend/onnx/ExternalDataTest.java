package dev.systole.frontend.onnx;

import static dev.systole.frontend.onnx.ModelText.input;
import static dev.systole.frontend.onnx.ModelText.node;
import static dev.systole.frontend.onnx.ModelText.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.StringStringEntryProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in files beside the model: {@code weights.bin} holds the floats 0 to 7. */
class ExternalDataTest {
    @TempDir
    private Path root;

    private Path directory;

    @BeforeEach
    void writeWeights() throws IOException {
        directory = Files.createDirectories(root.resolve("model"));
        Files.write(directory.resolve("weights.bin"), floats(0, 1, 2, 3, 4, 5, 6, 7));
        Files.createDirectories(directory.resolve("parts"));
        Files.write(directory.resolve("parts/more.bin"), floats(100, 200));
        Files.write(directory.resolve("empty.bin"), new byte[0]);
        Files.write(root.resolve("secret.bin"), floats(9, 9));
        Files.write(Files.createDirectories(root.resolve("model-2")).resolve("other.bin"), floats(9, 9));
    }

    private static byte[] floats(float... values) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (var v : values) {
            bytes.putFloat(v);
        }
        return bytes.array();
    }

    /** An external tensor of {@code elements} floats; keys and values of its data alternate. */
    private static TensorProto tensor(int elements, String... data) {
        var proto = TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(elements)
                .setDataLocation(1);
        for (int i = 0; i < data.length; i += 2) {
            proto.addExternalData(
                    StringStringEntryProto.newBuilder().setKey(data[i]).setValue(data[i + 1]));
        }
        return proto.build();
    }

    private double[] read(TensorProto proto) {
        return NodeCase.values(OnnxTensors.of(proto, "\"w\"", directory));
    }

    private void refused(TensorProto proto, String... said) {
        assertThatThrownBy(() -> read(proto))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1108 \"w\": ")
                .hasMessageContainingAll(said);
    }

    @Test
    void offsetAndLengthHaveDefaults() {
        assertThat(read(tensor(8, "location", "weights.bin"))).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(read(tensor(2, "location", "weights.bin"))).containsExactly(0, 1);
        assertThat(read(tensor(2, "location", "weights.bin", "offset", "16"))).containsExactly(4, 5);
        assertThat(read(tensor(2, "location", "weights.bin", "length", "8"))).containsExactly(0, 1);
        assertThat(read(tensor(2, "length", "8", "offset", "24", "location", "weights.bin", "checksum", "abc")))
                .containsExactly(6, 7);
        assertThat(read(tensor(0, "location", "weights.bin", "offset", "32"))).isEmpty();
        assertThat(read(tensor(0, "location", "empty.bin"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"parts/more.bin", "./parts/more.bin", "parts/../parts/more.bin"})
    void locationsBelowTheModel(String location) {
        assertThat(read(tensor(2, "location", location))).containsExactly(100, 200);
    }

    /** The data need not be aligned, and is mapped, not copied. */
    @Test
    void offsetsOfAnyByte() throws IOException {
        var bytes = ByteBuffer.allocate(11).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(3);
        bytes.putFloat(1.5f).putFloat(-2);
        Files.write(directory.resolve("odd.bin"), bytes.array());
        var tensor = OnnxTensors.of(tensor(2, "location", "odd.bin", "offset", "3"), "w", directory);
        assertThat(NodeCase.values(tensor)).containsExactly(1.5, -2);
        assertThat(tensor.bytes().isMapped()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.bin",
                "parts/../../secret.bin",
                "../model-2/other.bin",
                "../model/../secret.bin",
                "/etc/passwd"
            })
    void locationsOutside(String location) {
        refused(tensor(2, "location", location), "\"" + location + "\" does not lie beside the model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "parts/..", "..", "../model"})
    void locationsThatAreTheDirectory(String location) {
        refused(tensor(2, "location", location), "\"" + location + "\" does not lie beside the model");
    }

    /** The model's own directory may be reached by a link. */
    @Test
    void linksThatStayBesideTheModel() throws IOException {
        Files.createSymbolicLink(directory.resolve("w.bin"), Path.of("weights.bin"));
        assertThat(read(tensor(2, "location", "w.bin"))).containsExactly(0, 1);
        var link = Files.createSymbolicLink(root.resolve("link"), directory);
        assertThat(NodeCase.values(OnnxTensors.of(tensor(2, "location", "w.bin"), "w", link)))
                .containsExactly(0, 1);
    }

    @Test
    void linksThatLeadOutside() throws IOException {
        Files.createSymbolicLink(directory.resolve("w.bin"), root.resolve("secret.bin"));
        refused(tensor(2, "location", "w.bin"), "\"w.bin\" does not lie beside the model; copy it there");
        Files.createSymbolicLink(directory.resolve("up"), root);
        refused(tensor(2, "location", "up/secret.bin"), "does not lie beside the model");
    }

    @Test
    void locationsThatNoFileSystemHas() {
        refused(tensor(2, "location", "a\0b"), "does not lie beside the model");
    }

    @Test
    void booleansAreZeroOrOne() throws IOException {
        Files.write(directory.resolve("bools.bin"), new byte[] {7, 0, 1});
        var proto =
                tensor(3, "location", "bools.bin").toBuilder().setDataType(9).build();
        assertThat(read(proto)).containsExactly(1, 0, 1);
    }

    @Test
    void locationsThatAreNoFiles() {
        refused(tensor(2), "external data \"\"");
        refused(tensor(2, "offset", "0"), "external data \"\"");
        refused(tensor(2, "location", "none.bin"), directory.resolve("none.bin") + " is missing");
        refused(tensor(2, "location", "parts"), directory.resolve("parts") + " is missing");
        refused(tensor(2, "location", "weights.bin/x"), "is missing");
        refused(tensor(2, "location", "file:///etc/passwd"), "is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "9, 0, 36, 36 at 0 of a file of 32",
        "2, 28, 8, 8 at 28 of a file of 32",
        "2, 33, 8, 8 at 33 of a file of 32",
        "2, -8, 8, 8 at -8 of a file of 32",
        "2, 9223372036854775807, 8, 8 at 9223372036854775807 of a file of 32",
        "2, 0, 4, needs 8 bytes",
        "2, 0, 16, needs 8 bytes",
        "2, 0, -8, needs 8 bytes",
        "0, 33, 0, 0 at 33 of a file of 32",
    })
    void partsThatTheFileDoesNotHold(int elements, String offset, String length, String said) {
        refused(tensor(elements, "location", "weights.bin", "offset", offset, "length", length), said);
    }

    @ParameterizedTest
    @CsvSource({"offset, x", "offset, 1.5", "offset, ''", "offset, 99999999999999999999", "length, 0x8", "length, ' 8'"
    })
    void numbersThatAreNone(String key, String value) {
        refused(tensor(2, "location", "weights.bin", key, value), "a malformed offset or length");
    }

    @Test
    void aShapeThatNoFileHolds() {
        var large = tensor(1, "location", "weights.bin").toBuilder()
                .addDims(1L << 40)
                .build();
        refused(large, "needs 4398046511104 bytes", "a file of 32 bytes");
    }

    @Test
    void modelsFindTheirDataBesideThem() throws IOException {
        var text = "ir_version: 8 opset_import { version: 17 } graph { " + input("x", "f32[2]")
                + "initializer { name: \"w\" data_type: 1 dims: 2 data_location: 1"
                + " external_data { key: \"location\" value: \"weights.bin\" }"
                + " external_data { key: \"offset\" value: \"%s\" } }"
                + node("Add", "y", "x", "w") + output("y") + " }";
        var good = OnnxFile.read(write(text.formatted("20")));
        var graph = OnnxImporter.read(good, Bindings.NONE);
        var sum = GraphInterpreter.run(graph, List.of(Tensor.ofFloats(Shape.of(2), 10, 20)));
        assertThat(NodeCase.values(sum.getFirst())).containsExactly(15, 26);
        assertThat(NodeCase.values(OnnxImporter.initializers(good).getFirst())).containsExactly(5, 6);

        var bad = OnnxFile.read(write(text.formatted("30")));
        for (Runnable reading :
                List.<Runnable>of(() -> OnnxImporter.read(bad, Bindings.NONE), () -> OnnxImporter.initializers(bad))) {
            assertThatThrownBy(reading::run)
                    .isInstanceOf(FrontendException.class)
                    .hasMessageStartingWith("SYS1108 ")
                    .hasMessageContainingAll("m.onnx: initializer \"w\"", "needs 8 bytes", "30 of a file of 32 bytes");
        }
    }

    private Path write(String text) throws IOException {
        return Files.write(
                directory.resolve("m.onnx"), ModelText.model(text).model().toByteArray());
    }
}
