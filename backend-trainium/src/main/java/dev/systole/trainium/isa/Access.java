package dev.systole.trainium.isa;

import com.google.common.math.LongMath;
import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An operand: which elements of a memory, in which order.
 *
 * <p>On chip (SBUF, PSUM) the elements are {@code partitions} neighbouring partitions, each with the same pattern of free
 * dimensions that starts {@code offset} bytes into the partition. In HBM there are no partitions: {@code startPartition}
 * is 0, {@code partitions} is 1, and the dimensions walk from byte {@code offset}. Elements are ordered partition first,
 * then by the dimensions, slowest first.
 *
 * @param memory where the elements lie
 * @param object before allocation the virtual tile or buffer that {@code offset} counts from; empty once it is an address
 * @param dtype how the bytes are read or written
 * @param startPartition first partition; relative to the tile as long as the object is virtual
 * @param partitions number of partitions, at least 1
 * @param offset bytes from the start of the partition (or tile, or buffer, or HBM)
 * @param dims free dimensions, slowest first; none means one element a partition
 * @param index a register whose value moves the start, for loops
 */
public record Access(
        Memory memory,
        OptionalInt object,
        DType dtype,
        int startPartition,
        int partitions,
        long offset,
        List<Dim> dims,
        Optional<Index> index) {

    private static final double MOST_BYTES = 1L << 48;

    /** A free dimension: {@code size} steps of {@code stride} elements. */
    public record Dim(long stride, long size) {}

    /** Adds {@code register * bytesPerCount} to the offset. */
    public record Index(int register, long bytesPerCount) {}

    /** @throws LimitException if a count is not positive, or the pattern starts before its memory or reaches beyond any */
    public Access {
        dims = List.copyOf(dims);
        if (partitions < 1 || startPartition < 0 || offset < 0) {
            throw new LimitException("access starts at partition %d, byte %d, with %d partitions"
                    .formatted(startPartition, offset, partitions));
        }
        for (var d : dims) {
            if (d.size < 1) {
                throw new LimitException("access with a dimension of size " + d.size);
            }
        }
        if (memory == Memory.HBM && (startPartition != 0 || partitions != 1)) {
            throw new LimitException("an HBM access has no partitions");
        }
        if (!spansBytes(offset, dims)) {
            throw new LimitException("an access reaches beyond 2^48 bytes");
        }
        if (dtype.bits() < 8 || dtype.bits() > 32) {
            throw new LimitException("no operand has elements of type " + dtype);
        }
    }

    /** True if all that an access touches lies where no sum of bytes overflows. */
    private static boolean spansBytes(long offset, List<Dim> dims) {
        double bytes = offset;
        double elements = 1;
        for (var d : dims) {
            bytes += (double) Math.abs(d.stride) * (d.size - 1) * Integer.BYTES;
            elements *= d.size;
        }
        return bytes < MOST_BYTES && elements < MOST_BYTES;
    }

    /** A physical access without a register. */
    public static Access physical(
            Memory memory, DType dtype, int startPartition, int partitions, long offset, List<Dim> dims) {
        return new Access(
                memory, OptionalInt.empty(), dtype, startPartition, partitions, offset, dims, Optional.empty());
    }

    /** A virtual access without a register. */
    public static Access virtual(
            Memory memory, int object, DType dtype, int startPartition, int partitions, long offset, List<Dim> dims) {
        return new Access(
                memory, OptionalInt.of(object), dtype, startPartition, partitions, offset, dims, Optional.empty());
    }

    /** Elements in one partition. */
    public long free() {
        long n = 1;
        for (var d : dims) {
            n *= d.size;
        }
        return n;
    }

    /** Elements in all. */
    public long elements() {
        return partitions * free();
    }

    public long bytes() {
        return elements() * dtype.bytes();
    }

    /** Lowest byte touched, relative to {@code offset} (zero or negative), without the register. */
    public long lowestByte() {
        long low = 0;
        for (var d : dims) {
            low += Math.min(0, d.stride * (d.size - 1));
        }
        return low * dtype.bytes();
    }

    /** One past the highest byte touched, relative to {@code offset}, without the register. */
    public long highestByte() {
        long high = 0;
        for (var d : dims) {
            high += Math.max(0, d.stride * (d.size - 1));
        }
        return (high + 1) * dtype.bytes();
    }

    /** True if the elements of a partition are neighbours in ascending order. */
    public boolean isContiguous() {
        long expected = 1;
        for (int i = dims.size() - 1; i >= 0; i--) {
            if (dims.get(i).size > 1 && dims.get(i).stride != expected) {
                return false;
            }
            expected *= dims.get(i).size;
        }
        return true;
    }

    /** Stride of the innermost dimension of more than one element, in elements; 1 if there is none. */
    public long innermostStride() {
        for (int i = dims.size() - 1; i >= 0; i--) {
            if (dims.get(i).size > 1) {
                return dims.get(i).stride;
            }
        }
        return 1;
    }

    public boolean isVirtual() {
        return object.isPresent();
    }

    /** This access at an address instead of in a virtual object. */
    public Access at(int partition, long byteOffset) {
        return new Access(
                memory,
                OptionalInt.empty(),
                dtype,
                startPartition + partition,
                partitions,
                offset + byteOffset,
                dims,
                index);
    }

    /**
     * True if the two can touch a byte in common: both in one memory (and virtual object), with overlapping partitions and
     * overlapping byte ranges. Patterns are taken as their bounding ranges, unless their steps keep them apart, as they do even and odd
     * elements, or blocks of columns. With a register the range is unknown: true.
     */
    public boolean mayOverlap(Access other) {
        if (memory != other.memory || !object.equals(other.object)) {
            return false;
        }
        if (startPartition >= other.startPartition + other.partitions
                || other.startPartition >= startPartition + partitions) {
            return false;
        }
        if (index.isPresent() || other.index.isPresent()) {
            return true;
        }
        return offset + lowestByte() < other.offset + other.highestByte()
                && other.offset + other.lowestByte() < offset + highestByte()
                && !stepsPast(other);
    }

    /**
     * True if the steps of both keep them apart: dimensions of small steps make runs of bytes, and the runs of one access lie between
     * those of the other, as far apart as the common divisor of the larger steps.
     */
    private boolean stepsPast(Access other) {
        return stepsPast(other, 0) || stepsPast(other, dims, dtype) || stepsPast(other, other.dims, other.dtype);
    }

    /** As {@link #stepsPast(Access)}, with runs of what steps by at most as much as one of the dimensions. */
    private boolean stepsPast(Access other, List<Dim> dims, DType dtype) {
        for (var d : dims) {
            if (stepsPast(other, bytes(d, dtype))) {
                return true;
            }
        }
        return false;
    }

    /** As {@link #stepsPast(Access)}, with runs of what steps by at most {@code most} bytes. */
    private boolean stepsPast(Access other, long most) {
        long step = other.commonStep(most, commonStep(most, 0));
        if (step == 0) {
            return false;
        }
        long ahead = Math.floorMod(other.offset + other.lowestByte() - offset - lowestByte(), step);
        return ahead >= runBytes(most) && step - ahead >= other.runBytes(most);
    }

    private static long bytes(Dim d, DType dtype) {
        return Math.abs(d.stride) * dtype.bytes();
    }

    private long commonStep(long most, long step) {
        for (var d : dims) {
            if (d.size > 1 && bytes(d, dtype) > most) {
                step = LongMath.gcd(step, bytes(d, dtype));
            }
        }
        return step;
    }

    private long runBytes(long most) {
        long run = dtype.bytes();
        for (var d : dims) {
            if (bytes(d, dtype) <= most) {
                run += bytes(d, dtype) * (d.size - 1);
            }
        }
        return run;
    }

    /**
     * As {@code sbuf[0:128, 4096] bf16 (384:3,1:128)}: memory, partitions, byte offset, element type, and stride:size of each
     * free dimension; a virtual object prints as {@code sbuf.t17[...]}.
     */
    @Override
    public String toString() {
        var text = new StringBuilder(memory.toString());
        object.ifPresent(id -> text.append(memory == Memory.HBM ? ".b" : ".t").append(id));
        text.append('[');
        if (memory != Memory.HBM) {
            text.append(startPartition)
                    .append(':')
                    .append(startPartition + partitions)
                    .append(", ");
        }
        text.append(offset);
        index.ifPresent(i -> text.append(" + r").append(i.register).append('*').append(i.bytesPerCount));
        text.append("] ").append(dtype).append(" (");
        for (int i = 0; i < dims.size(); i++) {
            text.append(i == 0 ? "" : ",")
                    .append(dims.get(i).stride)
                    .append(':')
                    .append(dims.get(i).size);
        }
        return text.append(')').toString();
    }
}
