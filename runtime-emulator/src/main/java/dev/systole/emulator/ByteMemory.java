package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Bytes with rows of access patterns on them: a row is what one partition of an access reads or writes, in access order. Mutable.
 */
abstract class ByteMemory {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    final MemorySegment bytes;
    private final WrittenBytes written;

    ByteMemory(MemorySegment bytes) {
        this.bytes = bytes;
        this.written = new WrittenBytes(bytes.byteSize());
    }

    /** A position of an access: where each element of a row starts, counted from the row's first byte. */
    @FunctionalInterface
    private interface ElementVisitor {
        void visit(int element, long at);
    }

    private static void walk(List<Access.Dim> dims, int dim, long at, int elementBytes, int[] count, ElementVisitor v) {
        if (dim == dims.size()) {
            v.visit(count[0]++, at);
            return;
        }
        var d = dims.get(dim);
        long step = d.stride() * elementBytes;
        if (dim == dims.size() - 1) {
            for (long i = 0; i < d.size(); i++) {
                v.visit(count[0]++, at + i * step);
            }
            return;
        }
        for (long i = 0; i < d.size(); i++) {
            walk(dims, dim + 1, at + i * step, elementBytes, count, v);
        }
    }

    private static void elements(Access a, long start, ElementVisitor v) {
        walk(a.dims(), 0, start, a.dtype().bytes(), new int[1], v);
    }

    /** True if every byte that a row touches has been written. */
    boolean isWritten(Access a, long start) {
        int size = a.dtype().bytes();
        if (a.isContiguous()) {
            return written.all(start, start + a.free() * size);
        }
        if (isRepeated(a)) {
            return written.all(start, start + size);
        }
        var all = new boolean[] {true};
        elements(a, start, (i, at) -> all[0] &= written.all(at, at + size));
        return all[0];
    }

    void markWritten(Access a, long start) {
        int size = a.dtype().bytes();
        if (a.isContiguous()) {
            written.mark(start, start + a.free() * size);
        } else {
            elements(a, start, (i, at) -> written.mark(at, at + size));
        }
    }

    void forget() {
        written.reset();
    }

    boolean isWritten(long from, long to) {
        return written.all(from, to);
    }

    void markWritten(long from, long to) {
        written.mark(from, to);
    }

    private static boolean isRepeated(Access a) {
        for (var d : a.dims()) {
            if (d.stride() != 0 && d.size() > 1) {
                return false;
            }
        }
        return true;
    }

    /** Elements of a row as fp32. */
    void readFloats(Access a, long start, float[] out, int outAt) {
        int n = (int) a.free();
        if (isRepeated(a)) {
            java.util.Arrays.fill(out, outAt, outAt + n, readFloat(a.dtype(), start));
            return;
        }
        if (a.isContiguous()) {
            switch (a.dtype()) {
                case F32, TF32 -> MemorySegment.copy(bytes, F32, start, out, outAt, n);
                case BF16 -> {
                    for (int i = 0; i < n; i++) {
                        out[outAt + i] = Float.intBitsToFloat(bytes.get(I16, start + 2L * i) << 16);
                    }
                }
                default -> {
                    int size = a.dtype().bytes();
                    for (int i = 0; i < n; i++) {
                        out[outAt + i] = readFloat(a.dtype(), start + (long) i * size);
                    }
                }
            }
            return;
        }
        if (a.dims().size() == 1 && a.dtype() == DType.F32) {
            long step = 4 * a.dims().getFirst().stride();
            for (int i = 0; i < n; i++) {
                out[outAt + i] = bytes.get(F32, start + i * step);
            }
            return;
        }
        var dtype = a.dtype();
        elements(a, start, (i, at) -> out[outAt + i] = readFloat(dtype, at));
    }

    private float readFloat(DType dtype, long at) {
        return switch (dtype) {
            case F32, TF32 -> bytes.get(F32, at);
            case I32 -> (float) bytes.get(I32, at);
            case BF16 -> Float.intBitsToFloat(bytes.get(I16, at) << 16);
            default -> Elements.readFloat(bytes.asSlice(at, dtype.bytes()), 0, dtype);
        };
    }

    /** Rounds fp32 values to the access's type and writes a row of them. */
    void writeFloats(Access a, long start, float[] in, int inAt) {
        int n = (int) a.free();
        var dtype = a.dtype();
        if (a.isContiguous()) {
            switch (dtype) {
                case F32 -> MemorySegment.copy(in, inAt, bytes, F32, start, n);
                case BF16 -> {
                    for (int i = 0; i < n; i++) {
                        bytes.set(I16, start + 2L * i, (short) Elements.encode(in[inAt + i], DType.BF16));
                    }
                }
                default -> {
                    int size = dtype.bytes();
                    for (int i = 0; i < n; i++) {
                        writeFloat(dtype, start + (long) i * size, in[inAt + i]);
                    }
                }
            }
            return;
        }
        elements(a, start, (i, at) -> writeFloat(dtype, at, in[inAt + i]));
    }

    private void writeFloat(DType dtype, long at, float value) {
        if (dtype == DType.F32) {
            bytes.set(F32, at, value);
        } else {
            Elements.writeFloat(bytes.asSlice(at, dtype.bytes()), 0, dtype, value);
        }
    }

    /** Elements of a row as the bits they are, integers extended to 64 bits by their sign. */
    void readIntegers(Access a, long start, long[] out) {
        var dtype = a.dtype();
        if (dtype == DType.I32) {
            elements(a, start, (i, at) -> out[i] = bytes.get(I32, at));
        } else if (dtype.isInteger()) {
            elements(a, start, (i, at) -> out[i] = Elements.readInteger(bytes.asSlice(at, dtype.bytes()), 0, dtype));
        } else {
            elements(a, start, (i, at) -> out[i] = Elements.readBits(bytes.asSlice(at, dtype.bytes()), 0, dtype));
        }
    }

    /** Writes the low bits of integers. */
    void writeIntegers(Access a, long start, long[] in) {
        var dtype = a.dtype();
        if (dtype.bits() == 32) {
            elements(a, start, (i, at) -> bytes.set(I32, at, (int) in[i]));
        } else {
            elements(a, start, (i, at) -> Elements.writeBits(bytes.asSlice(at, dtype.bytes()), 0, dtype, in[i]));
        }
    }
}
