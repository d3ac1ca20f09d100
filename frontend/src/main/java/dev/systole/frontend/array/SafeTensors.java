package dev.systole.frontend.array;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.collect.ImmutableBiMap;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Several tensors in the .safetensors format (github.com/huggingface/safetensors): the length of a header in 8 bytes, the header, which
 * is JSON, and the tensors one after the other.
 */
public final class SafeTensors {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ALIGNMENT = 8;
    private static final long MOST_HEADER_BYTES = 100_000_000;
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The format's element types; those of 6 bits and complex numbers have no counterpart. */
    private static final ImmutableBiMap<String, DType> TYPES = ImmutableBiMap.<String, DType>builder()
            .put("BOOL", DType.BOOL)
            .put("F4", DType.F4E2M1)
            .put("U8", DType.U8)
            .put("I8", DType.I8)
            .put("F8_E5M2", DType.F8E5M2)
            .put("F8_E4M3", DType.F8E4M3FN)
            .put("F8_E8M0", DType.F8E8M0)
            .put("F8_E4M3FNUZ", DType.F8E4M3FNUZ)
            .put("F8_E5M2FNUZ", DType.F8E5M2FNUZ)
            .put("I16", DType.I16)
            .put("U16", DType.U16)
            .put("F16", DType.F16)
            .put("BF16", DType.BF16)
            .put("I32", DType.I32)
            .put("U32", DType.U32)
            .put("F32", DType.F32)
            .put("F64", DType.F64)
            .put("I64", DType.I64)
            .put("U64", DType.U64)
            .build();

    private SafeTensors() {}

    /** A tensor in the file, by its place behind the header. */
    private record Entry(String name, TensorType type, long begin, long end) {}

    /** True if the format has the tensor's element type, and the tensor fills whole bytes. */
    public static boolean holds(TensorType type) {
        return TYPES.containsValue(type.dtype())
                && type.shape().elements() * type.dtype().bits() % 8 == 0;
    }

    /**
     * Maps all tensors, in the order of the file; none is copied.
     *
     * @throws ArrayFileException if there is no such file, or it is no complete .safetensors file of numbers
     */
    public static Map<String, Tensor> read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new ArrayFileException(path + ": no such file");
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return parse(
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()), path.toString());
        } catch (IOException e) {
            throw new ArrayFileException(path + ": cannot be read: " + e.getMessage());
        }
    }

    /**
     * The tensors of a file's bytes, which they share.
     *
     * @param source for messages
     * @throws ArrayFileException if they are no complete .safetensors file of numbers
     */
    public static Map<String, Tensor> parse(MemorySegment bytes, String source) {
        long length = bytes.byteSize() < ALIGNMENT ? -1 : bytes.get(U64, 0);
        if (length < 0 || length > MOST_HEADER_BYTES || length > bytes.byteSize() - ALIGNMENT) {
            throw new ArrayFileException(source + ": is not a .safetensors file, or is truncated");
        }
        var data = bytes.asSlice(ALIGNMENT + length);
        var entries = entries(bytes.asSlice(ALIGNMENT, length).toArray(ValueLayout.JAVA_BYTE), source);
        long end = 0;
        for (var e : entries) {
            if (e.begin != end || e.end - e.begin != e.type.bytes() || e.end > data.byteSize()) {
                throw new ArrayFileException(
                        "%s: \"%s\" of type %s needs %d bytes from %d on, the file gives it %d to %d of %d"
                                .formatted(
                                        source, e.name, e.type, e.type.bytes(), end, e.begin, e.end, data.byteSize()));
            }
            end = e.end;
        }
        if (end != data.byteSize()) {
            throw new ArrayFileException(
                    "%s: holds %d bytes behind its last tensor".formatted(source, data.byteSize() - end));
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        entries.forEach(e -> tensors.put(e.name, new Tensor(e.type, data.asSlice(e.begin, e.end - e.begin))));
        return tensors;
    }

    /** The header's tensors, sorted by their places. */
    private static List<Entry> entries(byte[] header, String source) {
        JsonNode root;
        try {
            root = JSON.readTree(header);
        } catch (JsonProcessingException e) {
            throw new ArrayFileException(source + ": has a header that is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ArrayFileException(source + ": has a header that cannot be read: " + e.getMessage());
        }
        if (!root.isObject()) {
            throw new ArrayFileException(source + ": has a header that is no JSON object");
        }
        var entries = new ArrayList<Entry>();
        for (var property : root.properties()) {
            if (!property.getKey().equals(METADATA)) {
                entries.add(entry(property.getKey(), property.getValue(), source));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        return entries;
    }

    private static Entry entry(String name, JsonNode json, String source) {
        var element = json.path("dtype").asText();
        var dtype = Optional.ofNullable(TYPES.get(element))
                .orElseThrow(() -> new ArrayFileException(
                        "%s: \"%s\" has elements of type \"%s\", which are not read".formatted(source, name, element)));
        var dims = longs(json.path("shape"));
        var offsets = longs(json.path("data_offsets"));
        if (dims.isEmpty() || offsets.filter(o -> o.length == 2).isEmpty()) {
            throw new ArrayFileException("%s: \"%s\" has no shape or no data_offsets".formatted(source, name));
        }
        try {
            var type = new TensorType(dtype, Shape.of(dims.get()));
            if (!holds(type)) {
                throw new ArrayFileException("%s: \"%s\" of type %s ends within a byte".formatted(source, name, type));
            }
            type.bytes();
            return new Entry(name, type, offsets.get()[0], offsets.get()[1]);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ArrayFileException("%s: \"%s\" has an impossible shape".formatted(source, name));
        }
    }

    private static Optional<long[]> longs(JsonNode json) {
        var values = new long[json.size()];
        boolean whole = json.isArray();
        for (int i = 0; i < values.length && whole; i++) {
            whole = json.get(i).isIntegralNumber() && json.get(i).canConvertToLong();
            values[i] = json.get(i).asLong();
        }
        return whole ? Optional.of(values) : Optional.empty();
    }

    /**
     * Writes tensors under a temporary name and moves the file into place. The same tensors give the same bytes.
     *
     * @throws ArrayFileException if the format has no element type for a tensor, or the file cannot be written
     */
    public static void write(Path path, Map<String, Tensor> tensors) {
        var header = header(path, tensors);
        var temporary = path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (var out = Files.newOutputStream(temporary)) {
                out.write(ByteBuffer.allocate(ALIGNMENT)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .array());
                out.write(header);
                for (var tensor : tensors.values()) {
                    write(out, tensor.bytes());
                }
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ArrayFileException(path + ": cannot be written: " + e.getMessage());
        }
    }

    private static byte[] header(Path path, Map<String, Tensor> tensors) {
        var root = JsonNodeFactory.instance.objectNode();
        long begin = 0;
        for (var e : tensors.entrySet()) {
            var type = e.getValue().type();
            if (!holds(type)) {
                throw new ArrayFileException(
                        "%s: .safetensors cannot hold \"%s\" of type %s".formatted(path, e.getKey(), type));
            }
            var json = root.putObject(e.getKey());
            json.put("dtype", TYPES.inverse().get(type.dtype()));
            ArrayNode dims = json.putArray("shape");
            type.shape().dims().forEach(dims::add);
            json.putArray("data_offsets").add(begin).add(begin + type.bytes());
            begin += type.bytes();
        }
        try {
            var text = JSON.writeValueAsBytes(root);
            var padded = new byte[Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT];
            java.util.Arrays.fill(padded, (byte) ' ');
            System.arraycopy(text, 0, padded, 0, text.length);
            return padded;
        } catch (JsonProcessingException e) {
            throw new ArrayFileException(path + ": cannot be written: " + e.getOriginalMessage());
        }
    }

    private static void write(OutputStream out, MemorySegment bytes) throws IOException {
        var channel = Channels.newChannel(out);
        long size = bytes.byteSize();
        for (long from = 0; from < size; from += 1 << 30) {
            var part = bytes.asSlice(from, Math.min(size - from, 1 << 30)).asByteBuffer();
            while (part.hasRemaining()) {
                channel.write(part);
            }
        }
    }
}
