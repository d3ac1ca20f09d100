package dev.systole.frontend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX tensors as ours and back; for external data see {@link ExternalDataTest}. */
class TensorsTest {
    private static Tensor read(String text) throws IOException {
        return OnnxTensors.of(TextFormat.parse(text, TensorProto.class), "\"t\"", Path.of("."));
    }

    private static void refused(String text, String code, String said) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith(code + " \"t\": ")
                .hasMessageContaining(said);
    }

    /** Element type by its ONNX number, in the field that ONNX wants for it; narrow floats are their bits. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1  | float_data: [1.5, -2]                      | f32         | 1.5 -2
            11 | double_data: [1.5, -2]                     | f64         | 1.5 -2
            2  | int32_data: [7, 255]                       | u8          | 7 255
            3  | int32_data: [7, -128]                      | i8          | 7 -128
            4  | int32_data: [7, 65535]                     | u16         | 7 65535
            5  | int32_data: [7, -32768]                    | i16         | 7 -32768
            6  | int32_data: [7, -2147483648]               | i32         | 7 -2147483648
            7  | int64_data: [7, -9007199254740992]         | i64         | 7 -9007199254740992
            9  | int32_data: [1, 0]                         | bool        | 1 0
            10 | int32_data: [15872, 49152]                 | f16         | 1.5 -2
            12 | uint64_data: [7, 4294967295]               | u32         | 7 4294967295
            13 | uint64_data: [7, 9223372036854775808]      | u64         | 7 9223372036854775808
            16 | int32_data: [16320, 49152]                 | bf16        | 1.5 -2
            17 | int32_data: [60, 192]                      | f8e4m3fn    | 1.5 -2
            18 | int32_data: [68, 200]                      | f8e4m3fnuz  | 1.5 -2
            19 | int32_data: [62, 192]                      | f8e5m2      | 1.5 -2
            20 | int32_data: [66, 196]                      | f8e5m2fnuz  | 1.5 -2
            21 | int32_data: [231]                          | u4          | 7 14
            22 | int32_data: [231]                          | i4          | 7 -2
            23 | int32_data: [195]                          | f4e2m1      | 1.5 -2
            24 | int32_data: [127, 129]                     | f8e8m0      | 1 4
            25 | int32_data: [9]                            | u2          | 1 2
            26 | int32_data: [9]                            | i2          | 1 -2
            """)
    void readsTypedFields(int number, String field, String dtype, String values) throws IOException {
        var tensor = read("data_type: " + number + " dims: 2 " + field);
        var expected = Arrays.stream(values.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertThat(tensor.type()).hasToString(dtype + "[2]");
        assertThat(NodeCase.values(tensor)).containsExactly(expected);
        assertThat(OnnxTensors.dtype(number)).hasValue(tensor.type().dtype());
        assertThat(OnnxTensors.number(tensor.type().dtype())).hasValue(number);

        var raw = OnnxTensors.toProto("t", tensor);
        assertThat(raw.getDataType()).isEqualTo(number);
        assertThat(OnnxTensors.of(raw, "t", Path.of(".")).sameBytes(tensor)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0000c03f, 1.5",
        "6, ffffffff, -1",
        "7, 0001000000000000, 256",
        "9, 01, 1",
        "10, 003e, 1.5",
        "16, c03f, 1.5",
        "22, 0f, -1"
    })
    void readsRawData(int number, String hex, double value) throws IOException {
        var proto = TensorProto.newBuilder()
                .setDataType(number)
                .setRawData(ByteString.copyFrom(HexFormat.of().parseHex(hex)))
                .build();
        assertThat(NodeCase.values(OnnxTensors.of(proto, "t", Path.of(".")))).containsExactly(value);
    }

    @Test
    void readsAllShapes() throws IOException {
        assertThat(read("data_type: 1 float_data: 3").type()).hasToString("f32[]");
        assertThat(read("data_type: 1 dims: 0").type()).hasToString("f32[0]");
        assertThat(read("data_type: 1 dims: [2, 0, 3] raw_data: \"\"").type()).hasToString("f32[2,0,3]");
        assertThat(read("data_type: 22 dims: 3 int32_data: [33, 3]").type()).hasToString("i4[3]");
        assertThat(NodeCase.values(read("data_type: 22 dims: 3 int32_data: [33, 3]")))
                .containsExactly(1, 2, 3);
        assertThat(NodeCase.values(read("data_type: 25 dims: 5 raw_data: \"\\344\\001\"")))
                .containsExactly(0, 1, 2, 3, 1);
    }

    @Test
    void whatDoesNotFitTheShape() {
        refused("data_type: 22 dims: 3 int32_data: [1, 2, 3]", "SYS1107", "i4[3] needs 2 values, the file holds 3");
        refused("data_type: 22 dims: 3 raw_data: \"abc\"", "SYS1107", "i4[3] needs 2 bytes, the file holds 3");
        refused("data_type: 1 raw_data: \"\"", "SYS1107", "f32[] needs 4 bytes, the file holds 0");
        refused("data_type: 1", "SYS1107", "f32[] needs 1 values, the file holds 0");
        refused("data_type: 7 dims: 1 int32_data: 1", "SYS1107", "i64[1] needs 1 values, the file holds 0");
        refused("data_type: 10 dims: 1 float_data: 1", "SYS1107", "f16[1] needs 1 values, the file holds 0");
        refused("data_type: 1 dims: -1", "SYS1107", "negative extent -1 in dimension 0");
        refused("data_type: 1 dims: [2147483648, 4294967296, 2]", "SYS1107", "more than 2^63 elements");
        refused("data_type: 7 dims: 1152921504606846976", "SYS1107", "[1152921504606846976] is too large");
        refused("data_type: 2 dims: 1000000000000000", "SYS1107", "needs 1000000000000000 values, the file holds 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2  | 300    | u8
            2  | -1     | u8
            3  | 128    | i8
            3  | -129   | i8
            4  | 65536  | u16
            5  | 32768  | i16
            10 | 65536  | f16
            17 | 256    | f8e4m3fn
            21 | 256    | u4
            """)
    void valuesBeyondTheType(int number, int value, String dtype) {
        var text = "data_type: %d dims: 1 int32_data: %d".formatted(number, value);
        refused(text, "SYS1107", "value " + value + " at position 0 does not fit " + dtype);
    }

    @Test
    void valuesBeyondU32() {
        refused("data_type: 12 dims: 1 uint64_data: 4294967296", "SYS1107", "value 4294967296 at position 0");
    }

    /** As NumPy has them: any byte but 0 is true. */
    @Test
    void booleansAreZeroOrOne() throws IOException {
        for (var field : new String[] {"raw_data: '\\007\\000\\001'", "int32_data: [7, 0, 1]"}) {
            var tensor = read("data_type: 9 dims: 3 " + field);
            assertThat(tensor.bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 0, 1);
        }
    }

    @Test
    void tensorsOfTooManyDimensions() {
        refused("data_type: 1 float_data: 1" + " dims: 1".repeat(65), "SYS1107", "has 65 dimensions; up to 64");
    }

    /** The file is sparse: it takes no space. */
    @Test
    void tensorsThatNoProtocolBufferHolds(@TempDir Path directory) throws IOException {
        var tensor = sparse(directory.resolve("large.bin"), (1L << 31) + 8);
        assertThatThrownBy(() -> OnnxTensors.toProto("t", tensor))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1103 t: ")
                .hasMessageContaining("2147483656 bytes; a protocol buffer holds less than 2 GiB");
    }

    private static Tensor sparse(Path path, long bytes) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(bytes);
            var mapped = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, bytes, Arena.ofAuto());
            return new Tensor(TensorType.of(DType.U8, bytes), mapped);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 14, 15, 27, 1000, -1})
    void typesThatAreNoNumbers(int number) {
        refused("data_type: " + number, "SYS1106", OnnxTensors.described(number) + " is not a number type");
        assertThat(OnnxTensors.dtype(number)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {"TF32", "F8E4M3", ".*X4"})
    void typesThatOnnxHasNot(DType dtype) {
        assertThat(OnnxTensors.number(dtype)).isEmpty();
        assertThatThrownBy(() -> OnnxTensors.toProto("t", Tensor.allocate(TensorType.of(dtype, 2))))
                .isInstanceOf(FrontendException.class)
                .hasMessageStartingWith("SYS1106 t: ")
                .hasMessageContaining("no element type " + dtype);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"TF32", "F8E4M3", ".*X4"})
    void filesComeBack(DType dtype, @TempDir Path directory) throws IOException {
        var tensor = Tensor.allocate(TensorType.of(dtype, 3, 5));
        for (int i = 0; i < 15; i++) {
            Elements.writeBits(tensor.bytes(), i, dtype, dtype == DType.BOOL ? i % 2 : i * 0x1111_2222_3333L);
        }
        var file = Files.write(
                directory.resolve("t.pb"), OnnxTensors.toProto("t", tensor).toByteArray());
        var proto = OnnxFile.readTensor(file);
        assertThat(proto.getName()).isEqualTo("t");
        assertThat(OnnxTensors.of(proto, "t", directory).sameBytes(tensor)).isTrue();
    }
}
