package dev.systole.testdata;

import com.google.protobuf.TextFormat;
import dev.systole.frontend.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

    /** Writes a model's text as an ONNX file. */
    static Path parse(String text, Path file) throws IOException {
        return Files.write(file, TextFormat.parse(text, ModelProto.class).toByteArray());
    }
}
