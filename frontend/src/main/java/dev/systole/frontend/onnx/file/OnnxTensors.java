package dev.systole.frontend.onnx.file;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.Booleans;
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
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** ONNX tensors as ours, and back. Raw and external data is aliased, not copied. */
public final class OnnxTensors {
    /** More than any framework makes; what is done for each pair of dimensions stays cheap. */
    public static final int MOST_DIMENSIONS = 64;

    private static final int EXTERNAL = 1;

    private static final int STRING = 8;
    private static final int COMPLEX64 = 14;
    private static final int COMPLEX128 = 15;

    /** A little is left for the fields around the data. */
    private static final int MOST_BYTES_OF_A_PROTO = Integer.MAX_VALUE - 65_536;

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

    /** What an ONNX element type stands for that is none of our types: text or complex numbers. */
    public static Optional<String> other(int number) {
        return switch (number) {
            case STRING -> Optional.of("text");
            case COMPLEX64, COMPLEX128 -> Optional.of("complex numbers");
            default -> Optional.empty();
        };
    }

    /** An element type that is no number type, as messages say it. */
    public static String described(int number) {
        return "element type " + number + other(number).map(o -> " (" + o + ")").orElse("");
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
                        "SYS1106", where + ": " + described(proto.getDataType()) + " is not a number type"));
        var type = new TensorType(dtype, shape(proto.getDimsList(), where));
        long count;
        try {
            count = type.bytes();
        } catch (ArithmeticException e) {
            throw new FrontendException("SYS1107", where + ": shape [" + type.shape() + "] is too large");
        }
        if (proto.getDataLocation() == EXTERNAL) {
            return Booleans.normalised(new Tensor(type, external(proto, where, directory, count)));
        }
        if (proto.hasRawData()) {
            var raw = MemorySegment.ofBuffer(proto.getRawData().asReadOnlyByteBuffer());
            if (raw.byteSize() != count) {
                throw new FrontendException(
                        "SYS1107",
                        where + ": " + type + " needs " + count + " bytes, the file holds " + raw.byteSize());
            }
            return Booleans.normalised(new Tensor(type, raw));
        }
        return typed(proto, type, where);
    }

    /** @throws FrontendException if it is no shape, or has too many dimensions */
    static Shape shape(List<Long> dims, String where) {
        if (dims.size() > MOST_DIMENSIONS) {
            throw new FrontendException(
                    "SYS1107",
                    "%s: has %d dimensions; up to %d are supported".formatted(where, dims.size(), MOST_DIMENSIONS));
        }
        try {
            return Shape.of(dims);
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
                case U64 -> Elements.writeInteger(result.bytes(), i, dtype, proto.getUint64Data(i));
                case U32 ->
                    Elements.writeInteger(result.bytes(), i, dtype, inRange(proto.getUint64Data(i), dtype, i, where));
                case BOOL -> Elements.writeBits(result.bytes(), i, dtype, proto.getInt32Data(i) == 0 ? 0 : 1);
                default ->
                    Elements.writeBits(
                            result.bytes(),
                            i,
                            packed ? DType.U8 : dtype,
                            inRange(proto.getInt32Data(i), dtype, i, where));
            }
        }
        return result;
    }

    /** A value of a field that is wider than the element type; of floats and packed elements it is the bits. */
    private static long inRange(long value, DType dtype, int position, String where) {
        boolean whole = dtype.isInteger() && dtype.bits() >= 8;
        int bits = Math.max(8, dtype.bits());
        long low = whole && !dtype.isSigned() ? 0 : -1L << (bits - 1);
        long high = whole && dtype.isSigned() ? -1 - low : (1L << bits) - 1;
        if (value < low || value > high) {
            throw new FrontendException(
                    "SYS1107", where + ": value " + value + " at position " + position + " does not fit " + dtype);
        }
        return value;
    }

    private static MemorySegment external(TensorProto proto, String where, Path directory, long count) {
        Map<String, String> keys = proto.getExternalDataList().stream()
                .collect(Collectors.toMap(
                        StringStringEntryProto::getKey, StringStringEntryProto::getValue, (a, b) -> b));
        var file = beside(directory, keys.getOrDefault("location", ""), where);
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

    /** The file at a location, which neither steps nor symbolic links lead out of the directory. */
    private static Path beside(Path directory, String location, String where) {
        try {
            var base = directory.toAbsolutePath().normalize();
            var file = base.resolve(location).normalize();
            if (location.isEmpty() || !file.startsWith(base) || file.equals(base)) {
                throw outside(where, location);
            }
            if (!Files.isRegularFile(file)) {
                throw new FrontendException("SYS1108", where + ": external data file " + file + " is missing");
            }
            if (!file.toRealPath().startsWith(base.toRealPath())) {
                throw outside(where, location);
            }
            return file;
        } catch (InvalidPathException e) {
            throw outside(where, location);
        } catch (IOException e) {
            throw new FrontendException(
                    "SYS1108", where + ": external data \"" + location + "\" cannot be read: " + e.getMessage());
        }
    }

    private static FrontendException outside(String where, String location) {
        return new FrontendException(
                "SYS1108", where + ": external data \"" + location + "\" does not lie beside the model; copy it there");
    }

    /**
     * A serialized form of a tensor.
     *
     * @throws FrontendException for element types that ONNX does not have, and for 2 GiB or more
     */
    public static TensorProto toProto(String name, Tensor tensor) {
        var number = number(tensor.type().dtype())
                .orElseThrow(() -> new FrontendException(
                        "SYS1106",
                        name + ": ONNX has no element type " + tensor.type().dtype()));
        requireSmall(tensor.type(), name);
        ByteString raw = UnsafeByteOperations.unsafeWrap(tensor.bytes().asByteBuffer());
        var proto = TensorProto.newBuilder().setName(name).setDataType(number).setRawData(raw);
        tensor.type().shape().dims().forEach(proto::addDims);
        return proto.build();
    }

    /** @throws FrontendException if the bytes of a type are more than a protocol buffer holds */
    static void requireSmall(TensorType type, String where) {
        long bytes;
        try {
            bytes = type.bytes();
        } catch (ArithmeticException e) {
            bytes = Long.MAX_VALUE;
        }
        if (bytes > MOST_BYTES_OF_A_PROTO) {
            throw new FrontendException(
                    "SYS1103",
                    where + ": " + type + " has " + bytes + " bytes; a protocol buffer holds less than 2 GiB");
        }
    }
}
