package dev.systole.frontend.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
    @TempDir
    private Path directory;

    private static byte[] file(String header, int dataBytes) {
        var text = header.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .array());
        out.writeBytes(text);
        out.writeBytes(new byte[dataBytes]);
        return out.toByteArray();
    }

    private static Map<String, Tensor> parse(byte[] bytes) {
        return SafeTensors.parse(MemorySegment.ofArray(bytes), "f");
    }

    @Test
    void comesBackInEveryTypeThatTheFormatHas() {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var dtype : DType.values()) {
            var type = TensorType.of(dtype, 2, 4);
            if (SafeTensors.holds(type)) {
                var tensor = Tensor.allocate(type);
                tensor.bytes().fill((byte) dtype.ordinal());
                tensors.put("a \"" + dtype + "\"", tensor);
            }
        }
        assertThat(tensors).hasSize(19);
        tensors.put("scalar", Tensor.ofFloats(Shape.SCALAR, 3));
        tensors.put("empty", Tensor.ofFloats(Shape.of(0, 3)));
        var file = directory.resolve("t.safetensors");
        SafeTensors.write(file, tensors);
        var read = SafeTensors.read(file);
        assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
        tensors.forEach(
                (name, tensor) -> assertThat(read.get(name).sameBytes(tensor)).isTrue());
    }

    /** As the reference implementation writes it. */
    @Test
    void readsMetadataAndAnyOrder() {
        var header = """
            {"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]}}\
            """;
        assertThat(parse(file(header, 8)).keySet()).containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}     | 8 | needs 8 bytes from 0 on, the file gives it 0 to 4 of 8
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}    | 12 | needs 8 bytes from 0 on
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}     | 4 | 0 to 8 of 4
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}     | 9 | holds 1 bytes behind its last tensor
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 4 | "b"
        {"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}     | 8 | elements of type "C64", which are not read
        {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}    | 4 | impossible shape
        {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}} | 4 | impossible shape
        {"a":{"dtype":"F32","shape":[2305843009213693952],"data_offsets":[0,4]}} | 4 | impossible shape
        {"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}   | 4 | has no shape or no data_offsets
        {"a":{"dtype":"F32","shape":[1]}}                          | 4 | has no shape or no data_offsets
        {"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}      | 2 | ends within a byte
        {"a":3}                                                    | 0 | "a"
        {"a":1,"a":2}                                              | 0 | not JSON
        [1]                                                        | 0 | no JSON object
        {"a"                                                       | 0 | not JSON
        """)
    void refusesWhatIsNone(String header, int bytes, String why) {
        assertThatThrownBy(() -> parse(file(header, bytes)))
                .isInstanceOf(ArrayFileException.class)
                .hasMessageStartingWith("f")
                .hasMessageContaining(why);
    }

    @Test
    void damagedFilesAreReadOrRefused() throws Exception {
        var path = directory.resolve("t.safetensors");
        SafeTensors.write(path, Map.of("x", Tensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6)));
        var whole = Files.readAllBytes(path);
        for (int i = 0; i < whole.length; i++) {
            var cut = Arrays.copyOf(whole, i);
            assertThatThrownBy(() -> parse(cut)).isInstanceOf(ArrayFileException.class);
        }
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            var damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                parse(damaged);
            } catch (ArrayFileException e) {
                assertThat(e).hasMessageStartingWith("f");
            }
        }
        assertThatThrownBy(() -> SafeTensors.read(directory.resolve("none"))).hasMessageContaining("no such file");
        assertThatThrownBy(() -> SafeTensors.write(directory.resolve("no/t"), Map.of()))
                .isInstanceOf(ArrayFileException.class);
    }
}
