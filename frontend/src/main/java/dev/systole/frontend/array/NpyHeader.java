package dev.systole.frontend.array;

import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The header of an .npy file.
 *
 * @param swapped true if the data is big endian
 * @param fortran true if the first dimension varies fastest
 * @param dataAt first byte of the data
 */
record NpyHeader(TensorType type, boolean swapped, boolean fortran, long dataAt) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>|=])([a-z])(\\d+)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\sL]*)\\)");
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ALIGNMENT = 64;
    private static final int EXCERPT = 100;

    /** As in NumPy. */
    private static final int MOST_DIMENSIONS = 64;

    /** So many bytes tell how long the header is. */
    static final int START = 12;

    /** A header is a line; NumPy reads no more than 10,000 characters unless it is told to. */
    private static final long LONGEST = 1 << 20;

    /** @throws ArrayFileException if the bytes do not begin with a header that we understand */
    static NpyHeader parse(MemorySegment bytes, String source) {
        long dataAt = dataAt(bytes, source);
        if (dataAt > bytes.byteSize()) {
            throw new ArrayFileException(source + ": ends in its header; the file is truncated");
        }
        boolean old = bytes.get(ValueLayout.JAVA_BYTE, 6) == 1;
        var text = new String(
                bytes.asSlice(old ? 10 : 12, dataAt - (old ? 10 : 12)).toArray(ValueLayout.JAVA_BYTE),
                bytes.get(ValueLayout.JAVA_BYTE, 6) == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        return parse(text, dataAt, source);
    }

    /** The length of the header, by its first {@link #START} bytes. */
    static long dataAt(MemorySegment bytes, String source) {
        if (bytes.byteSize() < START
                || !Arrays.equals(bytes.asSlice(0, MAGIC.length).toArray(ValueLayout.JAVA_BYTE), MAGIC)) {
            throw new ArrayFileException(source + ": is not an .npy file");
        }
        int version = Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, 6));
        if (version < 1 || version > 3) {
            throw new ArrayFileException(source + ": has .npy version " + version + "; versions 1 to 3 are read");
        }
        long length = version == 1
                ? 10 + Short.toUnsignedLong(bytes.get(U16, 8))
                : START + Integer.toUnsignedLong(bytes.get(U32, 8));
        if (length > LONGEST) {
            throw new ArrayFileException(source + ": has a header of " + length + " bytes; no array needs that");
        }
        return length;
    }

    /** @throws ArrayFileException if the data is not all there */
    void requireHeld(long bytes, String source) {
        if (bytes < type.bytes()) {
            throw new ArrayFileException(
                    source + ": " + type + " needs " + type.bytes() + " bytes of data, the file holds " + bytes);
        }
    }

    private static NpyHeader parse(String text, long dataAt, String source) {
        var descr = DESCR.matcher(text);
        var order = ORDER.matcher(text);
        var shape = SHAPE.matcher(text);
        if (!descr.find() || !order.find() || !shape.find()) {
            throw new ArrayFileException(source + ": has a header that is not understood: " + excerpt(text));
        }
        var dtype = dtype(descr.group(2), descr.group(3), source);
        try {
            var dims = Arrays.stream(shape.group(1).split(","))
                    .map(s -> s.replace("L", "").strip())
                    .filter(s -> !s.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
            if (dims.length > MOST_DIMENSIONS) {
                throw new ArrayFileException(
                        source + ": has " + dims.length + " dimensions; up to " + MOST_DIMENSIONS + " are read");
            }
            var type = new TensorType(dtype, Shape.of(dims));
            type.bytes();
            boolean swapped = descr.group(1).equals(">") && dtype.bits() > 8;
            return new NpyHeader(type, swapped, order.group(1).equals("True"), dataAt);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ArrayFileException(source + ": has an impossible shape (" + excerpt(shape.group(1)) + ")");
        }
    }

    /** The beginning of a text of a file, on one line. */
    private static String excerpt(String text) {
        var start = text.strip().replaceAll("\\p{Cntrl}", "?");
        return start.length() <= EXCERPT ? start : start.substring(0, EXCERPT) + "…";
    }

    private static DType dtype(String kind, String size, String source) {
        return switch (kind + size) {
            case "f2" -> DType.F16;
            case "f4" -> DType.F32;
            case "f8" -> DType.F64;
            case "i1" -> DType.I8;
            case "i2" -> DType.I16;
            case "i4" -> DType.I32;
            case "i8" -> DType.I64;
            case "u1" -> DType.U8;
            case "u2" -> DType.U16;
            case "u4" -> DType.U32;
            case "u8" -> DType.U64;
            case "b1" -> DType.BOOL;
            default ->
                throw new ArrayFileException(source + ": has elements of type " + excerpt(kind + size)
                        + "; save it with a float, integer or bool type");
        };
    }

    /** The bytes of a header for a tensor, row-major and little endian. */
    static byte[] of(TensorType type, String name) {
        var kind = switch (type.dtype()) {
            case F16 -> "<f2";
            case F32 -> "<f4";
            case F64 -> "<f8";
            case I8 -> "|i1";
            case I16 -> "<i2";
            case I32 -> "<i4";
            case I64 -> "<i8";
            case U8 -> "|u1";
            case U16 -> "<u2";
            case U32 -> "<u4";
            case U64 -> "<u8";
            case BOOL -> "|b1";
            default ->
                throw new ArrayFileException(name + ": .npy has no element type " + type.dtype()
                        + "; write it as a TensorProto with --format pb");
        };
        var dims = type.shape().rank() == 1
                ? type.shape() + ","
                : type.shape().toString().replace(",", ", ");
        var text = "{'descr': '" + kind + "', 'fortran_order': False, 'shape': (" + dims + "), }";
        int padded = Math.ceilDiv(10 + text.length() + 1, ALIGNMENT) * ALIGNMENT;
        var bytes = new byte[padded];
        Arrays.fill(bytes, (byte) ' ');
        System.arraycopy(MAGIC, 0, bytes, 0, MAGIC.length);
        bytes[6] = 1;
        bytes[7] = 0;
        bytes[8] = (byte) (padded - 10);
        bytes[9] = (byte) ((padded - 10) >> 8);
        System.arraycopy(text.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 10, text.length());
        bytes[padded - 1] = '\n';
        return bytes;
    }
}
