package dev.systole.frontend.onnx;

import com.google.protobuf.TextFormat;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.type.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Models that are written as text. */
final class ModelText {
    private static final String MODEL = """
            ir_version: 8
            opset_import { version: 17 }
            graph { name: "g" %s }
            """;

    private ModelText() {}

    /** The model of a graph, at opset 17. */
    static OnnxFile graph(String text) {
        return model(MODEL.formatted(text));
    }

    static OnnxFile model(String text) {
        try {
            return new OnnxFile(Path.of("model.onnx"), TextFormat.parse(text, ModelProto.class));
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    static Graph read(String graph) {
        return OnnxImporter.read(graph(graph), Bindings.NONE);
    }

    /** A node that is called like its operator. */
    static String node(String operator, String output, String... inputs) {
        var list = inputs.length == 0 ? "" : '"' + String.join("\", \"", inputs) + '"';
        return "node { op_type: \"%s\" name: \"/%s\" input: [%s] output: \"%s\" }\n"
                .formatted(operator, operator, list, output);
    }

    /** An input such as {@code f32[batch,3,?]}; other element types are given by their ONNX number, as {@code 8[2]}. */
    static String input(String name, String type) {
        var element = type.substring(0, type.indexOf('['));
        var dims = new StringBuilder();
        for (var d : type.substring(type.indexOf('[') + 1, type.length() - 1).split(",")) {
            var dim = d.matches("-?\\d+") ? "dim_value: " + d : d.equals("?") ? "" : "dim_param: \"" + d + "\"";
            dims.append(d.isEmpty() ? "" : "dim { " + dim + " } ");
        }
        return "input { name: \"%s\" type { tensor_type { elem_type: %s shape { %s} } } }\n"
                .formatted(
                        name,
                        DType.parse(element)
                                .flatMap(OnnxTensors::number)
                                .map(n -> "" + n)
                                .orElse(element),
                        dims);
    }

    static String output(String name) {
        return "output { name: \"%s\" }\n".formatted(name);
    }

    /** An i64 initializer of one dimension. */
    static String longs(String name, long... values) {
        var list = Arrays.toString(values);
        return "initializer { name: \"%s\" data_type: 7 dims: %d int64_data: %s }\n"
                .formatted(name, values.length, list);
    }
}
