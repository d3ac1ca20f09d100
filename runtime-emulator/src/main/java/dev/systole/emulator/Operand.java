package dev.systole.emulator;

import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An operand as an engine walks it, decoded once: in each partition a row of elements in access order. */
final class Operand {
    /** How fp32 values lie in memory. */
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    final ByteMemory memory;
    final DType dtype;
    final int partitions;

    /** Elements of a row. */
    final int free;

    private final int elementBytes;
    private final int[] sizes;
    private final long[] steps;
    private final RowPattern pattern;
    private final int startPartition;
    private final long offset;

    Operand(ByteMemory memory, Access access) {
        this.memory = memory;
        this.dtype = access.dtype();
        this.partitions = access.partitions();
        this.free = Math.toIntExact(access.free());
        this.elementBytes = dtype.bytes();
        this.pattern = RowPattern.of(access.dims(), elementBytes);
        this.sizes = pattern.sizes();
        this.steps = pattern.steps();
        this.startPartition = access.startPartition();
        this.offset = access.offset();
    }

    /** True if the elements of a row are neighbours in ascending order. */
    boolean isContiguous() {
        return pattern.isContiguous();
    }

    /** True if a row is one even run, of which a part can be read or written. */
    boolean isEven() {
        return pattern.isEven();
    }

    /** The partition of the memory that row {@code p} lies on. */
    int partition(int p) {
        return startPartition + p;
    }

    /** First byte of a partition's row in its memory. */
    long row(int p) {
        return memory.at(startPartition + p, offset);
    }

    /** Bytes from a partition's row to the next one's. */
    long rowStride() {
        return row(1) - row(0);
    }

    int rowBytes() {
        return free * elementBytes;
    }

    /** A partition's row as fp32. */
    void readFloats(int p, float[] out, int at) {
        readFloatsAt(row(p), out, at);
    }

    /** As {@link #readFloats}, but only the elements {@code from} up to, not including, {@code until} of an even row. */
    void readFloats(int p, int from, int until, float[] out, int at) {
        readRun(row(p) + from * steps[0], steps[0], until - from, out, at);
    }

    /** True if rows are fp32 values in a run, which kernels can work on where they lie. */
    boolean isDirect() {
        return dtype == DType.F32 && isContiguous();
    }

    /** Where kernels find the rows of the operand: its memory, or scratch if the rows are not direct. */
    MemorySegment floats(MemorySegment scratch) {
        return isDirect() ? memory.bytes : scratch;
    }

    /**
     * Makes a partition's row available to a kernel.
     *
     * @param scratch for rows that are not direct
     * @param row room for as many elements
     * @return the row's address in {@link #floats}
     */
    long load(int p, MemorySegment scratch, float[] row) {
        if (isDirect()) {
            return row(p);
        }
        readFloats(p, row, 0);
        MemorySegment.copy(row, 0, scratch, F32, 0, free);
        return 0;
    }

    /** Where a kernel puts a partition's row, in {@link #floats}. */
    long place(int p) {
        return isDirect() ? row(p) : 0;
    }

    /** Brings the row that a kernel put into scratch to where it belongs. */
    void store(int p, MemorySegment scratch, float[] row) {
        if (!isDirect()) {
            MemorySegment.copy(scratch, F32, 0, row, 0, free);
            writeFloats(p, row, 0);
        }
    }

    /** As {@link #readFloats}, from a row that starts at {@code start}. */
    void readFloatsAt(long start, float[] out, int at) {
        readFloats(start, 0, out, at);
    }

    /** The one element of a partition's row. */
    float readFloat(int p) {
        return readFloat(row(p));
    }

    private float readFloat(long at) {
        return switch (dtype) {
            case F32 -> memory.bytes.get(F32, at);
            case TF32 -> Elements.rounded(memory.bytes.get(F32, at), DType.TF32);
            case I32 -> (float) memory.bytes.get(I32, at);
            case BF16 -> Float.intBitsToFloat(memory.bytes.get(I16, at) << 16);
            default -> Elements.readFloat(memory.bytes.asSlice(at, elementBytes), 0, dtype);
        };
    }

    private int readFloats(long start, int dim, float[] out, int at) {
        int n = sizes[dim];
        long step = steps[dim];
        if (dim + 1 < sizes.length) {
            int next = at;
            for (int i = 0; i < n; i++) {
                next = readFloats(start + i * step, dim + 1, out, next);
            }
            return next;
        }
        readRun(start, step, n, out, at);
        return at + n;
    }

    /** {@code n} elements at even steps. */
    private void readRun(long start, long step, int n, float[] out, int at) {
        if (step == 0) {
            Arrays.fill(out, at, at + n, readFloat(start));
            return;
        }
        var bytes = memory.bytes;
        switch (dtype) {
            case F32 -> {
                if (step == elementBytes) {
                    MemorySegment.copy(bytes, F32, start, out, at, n);
                } else {
                    for (int i = 0; i < n; i++) {
                        out[at + i] = bytes.get(F32, start + i * step);
                    }
                }
            }
            case BF16 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = Float.intBitsToFloat(bytes.get(I16, start + i * step) << 16);
                }
            }
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = Float.float16ToFloat(bytes.get(I16, start + i * step));
                }
            }
            case I32 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = (float) bytes.get(I32, start + i * step);
                }
            }
            case U8 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = bytes.get(ValueLayout.JAVA_BYTE, start + i * step) & 0xFF;
                }
            }
            case I8 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = bytes.get(ValueLayout.JAVA_BYTE, start + i * step);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = readFloat(start + i * step);
                }
            }
        }
    }

    /** Rounds fp32 values to the operand's type and writes them to a partition's row. */
    void writeFloats(int p, float[] in, int at) {
        writeFloats(row(p), 0, in, at);
    }

    /** As {@link #writeFloats}, to a row that starts at {@code start}. */
    void writeFloatsAt(long start, float[] in, int at) {
        writeFloats(start, 0, in, at);
    }

    /** Rounds one value to the operand's type and writes it to a partition's row, which has one element. */
    void writeFloat(int p, float value) {
        writeFloats(p, new float[] {value}, 0);
    }

    /**
     * Writes exact integers: to a word of 32 bits its low bits, to a narrower integer saturated, to a float type rounded.
     *
     * @param row room for as many elements
     */
    void writeNumbers(int p, long[] values, float[] row) {
        if (dtype.isInteger()) {
            for (int k = 0; dtype.bits() < Integer.SIZE && k < values.length; k++) {
                values[k] = Elements.saturated(values[k], dtype);
            }
            writeIntegers(p, values);
            return;
        }
        for (int k = 0; k < values.length; k++) {
            row[k] = values[k];
        }
        writeFloats(p, row, 0);
    }

    private int writeFloats(long start, int dim, float[] in, int at) {
        int n = sizes[dim];
        long step = steps[dim];
        if (dim + 1 < sizes.length) {
            int next = at;
            for (int i = 0; i < n; i++) {
                next = writeFloats(start + i * step, dim + 1, in, next);
            }
            return next;
        }
        writeRun(start, step, n, in, at);
        return at + n;
    }

    private void writeRun(long start, long step, int n, float[] in, int at) {
        var bytes = memory.bytes;
        switch (dtype) {
            case F32 -> {
                if (step == elementBytes) {
                    MemorySegment.copy(in, at, bytes, F32, start, n);
                } else {
                    for (int i = 0; i < n; i++) {
                        bytes.set(F32, start + i * step, in[at + i]);
                    }
                }
            }
            case BF16, F16 -> {
                for (int i = 0; i < n; i++) {
                    bytes.set(I16, start + i * step, (short) Elements.encode(in[at + i], dtype));
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    Elements.writeFloat(bytes.asSlice(start + i * step, elementBytes), 0, dtype, in[at + i]);
                }
            }
        }
    }

    /** A partition's row as the bits it holds; integers extended to 64 bits by their sign. */
    void readIntegers(int p, long[] out) {
        readIntegersAt(row(p), out);
    }

    /** As {@link #readIntegers}, from a row that starts at {@code start}. */
    void readIntegersAt(long start, long[] out) {
        readIntegers(start, 0, out, 0);
    }

    private int readIntegers(long start, int dim, long[] out, int at) {
        int n = sizes[dim];
        long step = steps[dim];
        if (dim + 1 < sizes.length) {
            int next = at;
            for (int i = 0; i < n; i++) {
                next = readIntegers(start + i * step, dim + 1, out, next);
            }
            return next;
        }
        var bytes = memory.bytes;
        boolean signed = dtype.isInteger() && dtype.isSigned();
        for (int i = 0; i < n; i++) {
            long from = start + i * step;
            out[at + i] = switch (elementBytes) {
                case 1 ->
                    signed ? bytes.get(ValueLayout.JAVA_BYTE, from) : bytes.get(ValueLayout.JAVA_BYTE, from) & 0xFF;
                case 2 -> signed ? bytes.get(I16, from) : bytes.get(I16, from) & 0xFFFF;
                default -> signed ? bytes.get(I32, from) : bytes.get(I32, from) & 0xFFFFFFFFL;
            };
        }
        return at + n;
    }

    /** Writes the low bits of integers to a partition's row. */
    void writeIntegers(int p, long[] in) {
        writeIntegersAt(row(p), in);
    }

    /** As {@link #writeIntegers}, to a row that starts at {@code start}. */
    void writeIntegersAt(long start, long[] in) {
        writeIntegers(start, 0, in, 0);
    }

    private int writeIntegers(long start, int dim, long[] in, int at) {
        int n = sizes[dim];
        long step = steps[dim];
        if (dim + 1 < sizes.length) {
            int next = at;
            for (int i = 0; i < n; i++) {
                next = writeIntegers(start + i * step, dim + 1, in, next);
            }
            return next;
        }
        var bytes = memory.bytes;
        for (int i = 0; i < n; i++) {
            long to = start + i * step;
            switch (elementBytes) {
                case 1 -> bytes.set(ValueLayout.JAVA_BYTE, to, (byte) in[at + i]);
                case 2 -> bytes.set(I16, to, (short) in[at + i]);
                default -> bytes.set(I32, to, (int) in[at + i]);
            }
        }
        return at + n;
    }
}
