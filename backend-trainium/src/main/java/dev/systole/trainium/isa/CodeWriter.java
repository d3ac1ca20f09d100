package dev.systole.trainium.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Writes a section of a program file, field by field, as docs/program-file.md describes. Mutable. */
final class CodeWriter {
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    private ByteBuffer room(int n) {
        if (bytes.remaining() < n) {
            int capacity = Math.max(bytes.capacity() * 2, bytes.position() + n);
            bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), capacity))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .position(bytes.position());
        }
        return bytes;
    }

    void u8(int v) {
        room(1).put((byte) v);
    }

    void u16(int v) {
        room(2).putShort((short) v);
    }

    void i32(int v) {
        room(4).putInt(v);
    }

    void i64(long v) {
        room(8).putLong(v);
    }

    void f32(float v) {
        room(4).putInt(Float.floatToRawIntBits(v));
    }

    void text(String s) {
        var utf8 = s.getBytes(StandardCharsets.UTF_8);
        i32(utf8.length);
        room(utf8.length).put(utf8);
    }

    void flag(boolean b) {
        u8(b ? 1 : 0);
    }

    /** @throws LimitException for a virtual access, which has no address to encode */
    void access(Access a) {
        if (a.isVirtual()) {
            throw new LimitException("a virtual operand cannot be encoded: " + a);
        }
        u8(a.memory().ordinal());
        u8(a.dtype().ordinal());
        u16(a.startPartition());
        u16(a.partitions());
        u8(a.dims().size());
        flag(a.index().isPresent());
        i64(a.offset());
        for (var d : a.dims()) {
            i64(d.stride());
            i64(d.size());
        }
        a.index().ifPresent(i -> {
            u8(i.register());
            i64(i.bytesPerCount());
        });
    }

    void optional(Optional<Access> a) {
        flag(a.isPresent());
        a.ifPresent(this::access);
    }

    void scalar(Scalar s) {
        switch (s) {
            case Scalar.Immediate(var value) -> {
                u8(0);
                f32(value);
            }
            case Scalar.Column(var access) -> {
                u8(1);
                access(access);
            }
        }
    }

    void integers(List<Integer> values) {
        u8(values.size());
        values.forEach(this::i32);
    }

    ByteBuffer finished() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip();
    }
}
