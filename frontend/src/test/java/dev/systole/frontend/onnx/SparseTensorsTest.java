package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.proto.ModelProto;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sparse tensors of models are dense ones once they are read. */
class SparseTensorsTest {
    private static final String INPUT =
            "input { name: \"x\" type { tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_value: 3 } } } } }";
    private static final String OUTPUT =
            "output { name: \"y\" type { tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_value: 3 } } } } }";
    private static final String ADD = "node { op_type: \"Add\" input: [\"x\", \"w\"] output: \"y\" }";

    private static OnnxFile file(String graph) {
        try {
            var text = "ir_version: 8 opset_import { version: 17 } graph { name: \"g\" %s %s %s }"
                    .formatted(INPUT, OUTPUT, graph);
            var bytes = TextFormat.parse(text, ModelProto.class).toByteArray();
            return OnnxFile.parse(Path.of("model.onnx"), ByteBuffer.wrap(bytes));
        } catch (TextFormat.ParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String sparse(String values, String indices, String dims) {
        return "values { name: \"w\" data_type: 1 %s } indices { data_type: 7 %s } dims: [%s]"
                .formatted(values, indices, dims);
    }

    /** What a model gives for zeros. */
    private static List<Double> run(String graph) {
        var y = GraphInterpreter.run(
                        OnnxImporter.read(file(graph), Bindings.NONE),
                        List.of(Tensor.ofFloats(Shape.of(2, 3), 0, 0, 0, 0, 0, 0)))
                .getFirst();
        return LongStream.range(0, y.type().shape().elements())
                .mapToObj(i -> Elements.readDouble(y.bytes(), i, y.type().dtype()))
                .toList();
    }

    @Test
    void initializersHaveValuesByPlaceOrByCoordinates() {
        var values = "dims: 2 float_data: [5, 7]";
        assertThat(run(ADD + " sparse_initializer { " + sparse(values, "dims: 2 int64_data: [1, 5]", "2, 3") + " }"))
                .containsExactly(0.0, 5.0, 0.0, 0.0, 0.0, 7.0);
        assertThat(run(ADD + " sparse_initializer { " + sparse(values, "dims: [2, 2] int64_data: [0, 2, 1, 0]", "2, 3")
                        + " }"))
                .containsExactly(0.0, 0.0, 5.0, 7.0, 0.0, 0.0);
        assertThat(run(ADD + " sparse_initializer { " + sparse("dims: 0", "dims: 0", "2, 3") + " }"))
                .containsOnly(0.0);
    }

    @Test
    void constantsAndGraphsInsideHaveThem() {
        var constant =
                "node { op_type: \"Constant\" output: \"w\" attribute { name: \"sparse_value\" type: 11 sparse_tensor { "
                        + sparse("dims: 1 float_data: 4", "dims: 1 int64_data: 3", "2, 3") + " } } } ";
        assertThat(run(constant + ADD)).containsExactly(0.0, 0.0, 0.0, 4.0, 0.0, 0.0);
        var inside = "sparse_initializer { " + sparse("dims: 1 float_data: 4", "dims: 1 int64_data: 0", "2, 3") + " } "
                + ADD.replace("\"y\"", "\"z\"") + " output { name: \"z\" }";
        assertThat(run(
                        "initializer { name: \"c\" data_type: 9 int32_data: 1 } node { op_type: \"If\" input: \"c\" output: \"y\""
                                + " attribute { name: \"then_branch\" type: 5 g { " + inside + " } }"
                                + " attribute { name: \"else_branch\" type: 5 g { " + inside + " } } }"))
                .containsExactly(4.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dims: 2 float_data: [5, 7] | dims: 2 int64_data: [1, 6]           | 2, 3 | index 6 is not in 0..5
            dims: 2 float_data: [5, 7] | dims: 2 int64_data: [-1, 5]          | 2, 3 | index -1 is not in 0..5
            dims: 2 float_data: [5, 7] | dims: [2, 2] int64_data: [0, 0, 0, 3] | 2, 3 | index 3 is not in 0..2
            dims: 2 float_data: [5, 7] | dims: 2 int64_data: [1, 1]           | 2, 3 | its indices do not ascend, at 1
            dims: 2 float_data: [5, 7] | dims: 1 int64_data: [1]              | 2, 3 | i64[1] indices do not fit values of type f32[2]; they are i64[2] or i64[2,2]
            dims: [1, 1] float_data: 5 | dims: 1 int64_data: [1]              | 2, 3 | i64[1] indices do not fit values of type f32[1,1]
            dims: 1 float_data: 5      | dims: 1 int64_data: [1]              | -2, 3 | -2
            dims: 1 float_data: 5      | dims: 1 int64_data: [1]              | 65536, 65536 | a protocol buffer holds less than 2 GiB
            """)
    void whatDoesNotFitIsRefused(String values, String indices, String dims, String error) {
        assertThatThrownBy(() -> file(ADD + " sparse_initializer { " + sparse(values, indices, dims) + " }"))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1")
                .hasMessageContaining("model.onnx: sparse initializer \"w\"")
                .hasMessageContaining(error);
    }
}
