package dev.systole.ir.type;

import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Extents of a tensor, outermost first. A scalar has rank 0; an extent of 0 makes an empty tensor. */
public record Shape(ImmutableLongArray dims) {
    /** The shape of a scalar. */
    public static final Shape SCALAR = Shape.of();

    /** @throws IllegalArgumentException if an extent is negative or the element count overflows 63 bits */
    public Shape {
        long count = 1;
        for (int i = 0; i < dims.length(); i++) {
            if (dims.get(i) < 0) {
                throw new IllegalArgumentException("negative extent " + dims.get(i) + " in dimension " + i);
            }
            if (dims.get(i) != 0 && count > Long.MAX_VALUE / dims.get(i)) {
                throw new IllegalArgumentException("shape " + dims + " has more than 2^63 elements");
            }
            count *= Math.max(1, dims.get(i));
        }
    }

    public static Shape of(long... dims) {
        return new Shape(ImmutableLongArray.copyOf(dims));
    }

    public static Shape of(List<Long> dims) {
        return new Shape(ImmutableLongArray.copyOf(dims));
    }

    public int rank() {
        return dims.length();
    }

    public long dim(int axis) {
        return dims.get(axis);
    }

    public long[] toArray() {
        return dims.toArray();
    }

    /** Product of the extents; 1 for a scalar. */
    public long elements() {
        long n = 1;
        for (int i = 0; i < dims.length(); i++) {
            n *= dims.get(i);
        }
        return n;
    }

    /** Row-major strides in elements: the last dimension has stride 1. */
    public long[] strides() {
        var strides = new long[rank()];
        long stride = 1;
        for (int i = rank() - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims.get(i);
        }
        return strides;
    }

    /** This shape with one extent replaced. */
    public Shape with(int axis, long extent) {
        var a = dims.toArray();
        a[axis] = extent;
        return Shape.of(a);
    }

    /** This shape behind as many extents of 1 as it has fewer than {@code rank}; the same elements. */
    public Shape withRank(int rank) {
        int missing = Math.max(0, rank - rank());
        return new Shape(ImmutableLongArray.builder(missing + rank())
                .addAll(LongStream.generate(() -> 1).limit(missing))
                .addAll(dims)
                .build());
    }

    /** The extents joined by commas, as in {@code 1,128,384}; empty for a scalar. */
    @Override
    public String toString() {
        return dims.stream().mapToObj(Long::toString).collect(Collectors.joining(","));
    }
}
