package dev.systole.testdata;

import com.google.protobuf.TextFormat;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** ONNX models that are written as text. */
final class TextModels {
    private TextModels() {}

    /** Writes {@code models/NAME.textproto} as NAME.onnx to a directory. */
    static Path write(String name, Path directory) throws IOException {
        return parse(read(name), directory.resolve(name + ".onnx"));
    }

    /** The text of a model of {@code testdata/models}. */
    static String read(String name) throws IOException {
        return Files.readString(Goldens.ROOT.resolve("models").resolve(name + ".textproto"));
    }

    /** Extents of those dimensions that the model leaves open. */
    static Bindings bindings(String name) throws IOException {
        var text = read(name);
        var dimensions = new HashMap<>(SyModels.BINDINGS.dimensions());
        dimensions.keySet().removeIf(d -> !text.contains("dim_param: \"" + d + "\""));
        return new Bindings(dimensions, Map.of(), Map.of());
    }

    /** Writes a model's text as an ONNX file. */
    static Path parse(String text, Path file) throws IOException {
        return Files.write(file, TextFormat.parse(text, ModelProto.class).toByteArray());
    }
}
