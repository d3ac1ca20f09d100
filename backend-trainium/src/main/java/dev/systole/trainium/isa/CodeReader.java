package dev.systole.trainium.isa;

import dev.systole.ir.type.DType;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads what {@link CodeWriter} writes. Mutable. Every count is checked against the bytes that are left before anything is
 * allocated; what does not fit is a {@link MalformedException}.
 */
final class CodeReader {
    private static final List<Memory> MEMORIES = List.of(Memory.values());
    private static final List<DType> TYPES = List.of(DType.values());

    private final ByteBuffer bytes;

    /** The bytes are not what a writer writes. */
    static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    CodeReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    private ByteBuffer left(int n) {
        if (n < 0 || bytes.remaining() < n) {
            throw new MalformedException("a section ends in the middle of a field");
        }
        return bytes;
    }

    boolean isAtEnd() {
        return !bytes.hasRemaining();
    }

    int u8() {
        return Byte.toUnsignedInt(left(1).get());
    }

    int u16() {
        return Short.toUnsignedInt(left(2).getShort());
    }

    int i32() {
        return left(4).getInt();
    }

    long i64() {
        return left(8).getLong();
    }

    float f32() {
        return Float.intBitsToFloat(i32());
    }

    boolean flag() {
        int v = u8();
        if (v > 1) {
            throw new MalformedException("a flag is " + v);
        }
        return v == 1;
    }

    String text() {
        int length = i32();
        var utf8 = new byte[Math.min(Math.max(0, length), left(length).remaining())];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** A number of things of which each takes at least {@code leastBytes} bytes. */
    int count(int leastBytes) {
        int n = i32();
        if (n < 0 || n > bytes.remaining() / leastBytes) {
            throw new MalformedException("a count of " + n + " does not fit its section");
        }
        return n;
    }

    <T> T pick(List<T> values, String what) {
        int v = u8();
        if (v >= values.size()) {
            throw new MalformedException("there is no " + what + " " + v);
        }
        return values.get(v);
    }

    DType dtype() {
        return pick(TYPES, "element type");
    }

    Access access() {
        var memory = pick(MEMORIES, "memory");
        var dtype = dtype();
        int start = u16();
        int partitions = u16();
        int count = u8();
        boolean indexed = flag();
        long offset = i64();
        var dims = new ArrayList<Access.Dim>(count);
        for (int i = 0; i < count; i++) {
            dims.add(new Access.Dim(i64(), i64()));
        }
        Optional<Access.Index> index = indexed ? Optional.of(new Access.Index(u8(), i64())) : Optional.empty();
        var access = new Access(memory, OptionalInt.empty(), dtype, start, partitions, offset, dims, index);
        requireSane(access);
        return access;
    }

    /** Sizes and strides whose product leaves 62 bits are no address of any machine. */
    private static void requireSane(Access a) {
        double elements = a.partitions();
        double reach = Math.abs((double) a.offset());
        for (var d : a.dims()) {
            elements *= d.size();
            reach += Math.abs((double) d.stride()) * d.size() * 8;
        }
        if (elements > 0x1p61 || reach > 0x1p61) {
            throw new MalformedException("an access reaches beyond every address");
        }
    }

    Optional<Access> optional() {
        return flag() ? Optional.of(access()) : Optional.empty();
    }

    Scalar scalar() {
        int kind = u8();
        return switch (kind) {
            case 0 -> new Scalar.Immediate(f32());
            case 1 -> new Scalar.Column(access());
            default -> throw new MalformedException("there is no scalar operand of kind " + kind);
        };
    }

    List<Integer> integers() {
        int n = u8();
        var list = new ArrayList<Integer>(n);
        for (int i = 0; i < n; i++) {
            list.add(i32());
        }
        return list;
    }

    /** Runs a reading that may hit limits of records, and turns whatever it hits into one kind of failure. */
    static <T> T guarded(java.util.function.Supplier<T> reading) {
        try {
            return reading.get();
        } catch (LimitException | IllegalArgumentException e) {
            throw new MalformedException(e.getMessage());
        } catch (ArithmeticException | BufferUnderflowException e) {
            throw new MalformedException("a number goes beyond its section");
        }
    }
}
