package dev.systole.frontend.onnx.file;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.onnx.proto.StringStringEntryProto;
import dev.systole.frontend.onnx.proto.TensorProto;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** ONNX tensors as ours, and back. Raw and external data is aliased, not copied. */
public final class OnnxTensors {
    private static final int EXTERNAL = 1;

    /** ONNX's element types by number; those without a counterpart here (strings, complex numbers) are empty. */
    private static final DType[] TYPES = {
        null,
        DType.F32,
        DType.U8,
        DType.I8,
        DType.U16,
        DType.I16,
        DType.I32,
        DType.I64,
        null,
        DType.BOOL,
        DType.F16,
        DType.F64,
        DType.U32,
        DType.U64,
        null,
        null,
        DType.BF16,
        DType.F8E4M3FN,
        DType.F8E4M3FNUZ,
        DType.F8E5M2,
        DType.F8E5M2FNUZ,
        DType.U4,
        DType.I4,
        DType.F4E2M1,
        DType.F8E8M0,
        DType.U2,
        DType.I2
    };

    private OnnxTensors() {}

    /** Our type for an ONNX element type; empty for strings, complex numbers and numbers that ONNX does not define. */
    public static Optional<DType> dtype(int number) {
        return number < 0 || number >= TYPES.length ? Optional.empty() : Optional.ofNullable(TYPES[number]);
    }

    /** ONNX's number of an element type; empty for tf32 and the IEEE-style e4m3. */
    public static Optional<Integer> number(DType dtype) {
        for (int i = 0; i < TYPES.length; i++) {
            if (TYPES[i] == dtype) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    /**
     * A tensor.
     *
     * @param where the file and tensor, for messages
     * @param directory in which external data lies
     * @throws FrontendException if the element type is not numeric, or the data does not fit the shape
     */
    public static Tensor of(TensorProto proto, String where, Path directory) {
        var dtype = dtype(proto.getDataType())
                .orElseThrow(() -> new FrontendException(
                        "SYS1106", where + ": element type " + proto.getDataType() + " is not a number type"));
        var type = new TensorType(dtype, shape(proto, where));
        long count;
        try {
            count = type.bytes();
        } catch (ArithmeticException e) {
            throw new FrontendException("SYS1107", where + ": shape [" + type.shape() + "] is too large");
        }
        if (proto.getDataLocation() == EXTERNAL) {
            return new Tensor(type, external(proto, where, directory, count));
        }
        if (proto.hasRawData()) {
            var raw = MemorySegment.ofBuffer(proto.getRawData().asReadOnlyByteBuffer());
            if (raw.byteSize() != count) {
                throw new FrontendException(
                        "SYS1107",
                        where + ": " + type + " needs " + count + " bytes, the file holds " + raw.byteSize());
            }
            return new Tensor(type, raw);
        }
        return typed(proto, type, where);
    }

    private static Shape shape(TensorProto proto, String where) {
        try {
            return Shape.of(proto.getDimsList());
        } catch (IllegalArgumentException e) {
            throw new FrontendException("SYS1107", where + ": " + e.getMessage());
        }
    }

    private static Tensor typed(TensorProto proto, TensorType type, String where) {
        var dtype = type.dtype();
        long elements = type.shape().elements();
        boolean packed = dtype.bits() < 8;
        int held = switch (dtype) {
            case F32 -> proto.getFloatDataCount();
            case F64 -> proto.getDoubleDataCount();
            case I64 -> proto.getInt64DataCount();
            case U32, U64 -> proto.getUint64DataCount();
            default -> proto.getInt32DataCount();
        };
        long needed = packed ? type.bytes() : elements;
        if (held != needed) {
            throw new FrontendException(
                    "SYS1107", where + ": " + type + " needs " + needed + " values, the file holds " + held);
        }
        var result = Tensor.allocate(type);
        for (int i = 0; i < held; i++) {
            switch (dtype) {
                case F32 -> Elements.writeFloat(result.bytes(), i, dtype, proto.getFloatData(i));
                case F64 -> Elements.writeDouble(result.bytes(), i, dtype, proto.getDoubleData(i));
                case I64 -> Elements.writeInteger(result.bytes(), i, dtype, proto.getInt64Data(i));
                case U32, U64 -> Elements.writeInteger(result.bytes(), i, dtype, proto.getUint64Data(i));
                default -> Elements.writeBits(result.bytes(), i, packed ? DType.U8 : dtype, proto.getInt32Data(i));
            }
        }
        return result;
    }

    private static MemorySegment external(TensorProto proto, String where, Path directory, long count) {
        Map<String, String> keys = proto.getExternalDataList().stream()
                .collect(Collectors.toMap(
                        StringStringEntryProto::getKey, StringStringEntryProto::getValue, (a, b) -> b));
        var location = keys.getOrDefault("location", "");
        var base = directory.toAbsolutePath().normalize();
        var file = base.resolve(location).normalize();
        if (location.isEmpty() || !file.startsWith(base) || file.equals(base)) {
            throw new FrontendException(
                    "SYS1108", where + ": external data \"" + location + "\" does not lie beside the model");
        }
        if (!Files.isRegularFile(file)) {
            throw new FrontendException("SYS1108", where + ": external data file " + file + " is missing");
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long offset = Long.parseLong(keys.getOrDefault("offset", "0"));
            long length = Long.parseLong(keys.getOrDefault("length", Long.toString(count)));
            if (length != count || offset < 0 || offset > channel.size() - length) {
                throw new FrontendException(
                        "SYS1108",
                        "%s: needs %d bytes, external data gives %d at %d of a file of %d bytes"
                                .formatted(where, count, length, offset, channel.size()));
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length, Arena.ofAuto());
        } catch (NumberFormatException e) {
            throw new FrontendException("SYS1108", where + ": external data has a malformed offset or length");
        } catch (IOException e) {
            throw new FrontendException(
                    "SYS1108", where + ": external data " + file + " cannot be read: " + e.getMessage());
        }
    }

    /**
     * A serialized form of a tensor.
     *
     * @throws FrontendException for element types that ONNX does not have
     */
    public static TensorProto toProto(String name, Tensor tensor) {
        var number = number(tensor.type().dtype())
                .orElseThrow(() -> new FrontendException(
                        "SYS1106",
                        name + ": ONNX has no element type " + tensor.type().dtype()));
        ByteString raw = UnsafeByteOperations.unsafeWrap(tensor.bytes().asByteBuffer());
        var proto = TensorProto.newBuilder().setName(name).setDataType(number).setRawData(raw);
        tensor.type().shape().dims().forEach(proto::addDims);
        return proto.build();
    }
}
