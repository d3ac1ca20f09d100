package dev.systole.passes;

import com.google.common.primitives.ImmutableLongArray;
import dev.systole.ir.graph.Layout;
import dev.systole.ir.graph.Op;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Optional;

/**
 * How the elements of a value lie in the memory of another: element (i, j, ...) is at {@code offset + i * strides[0] + ...},
 * counted in elements.
 */
public record StridedView(long offset, Shape shape, ImmutableLongArray strides) {

    /** The view of a whole buffer by the value that it holds. */
    public static StridedView of(Shape shape, Layout layout) {
        return new StridedView(0, shape, ImmutableLongArray.copyOf(layout.strides(shape.toArray())));
    }

    /** Elements between neighbours along a dimension. */
    public long stride(int axis) {
        return strides.get(axis);
    }

    /** The view of a view operator's result, given the view of its input; empty if it would need a copy. */
    public Optional<StridedView> through(Op op) {
        return switch (op) {
            case Op.Reshape(var to) -> reshape(to);
            case Op.Broadcast(var to) -> Optional.of(broadcast(to));
            case Op.Transpose(var permutation) -> Optional.of(transpose(permutation));
            case Op.Slice(var starts, var sizes, var steps) -> Optional.of(slice(starts, sizes, steps));
            default -> Optional.empty();
        };
    }

    private StridedView broadcast(Shape to) {
        var s = strides.toArray();
        for (int i = 0; i < s.length; i++) {
            if (shape.dim(i) != to.dim(i)) {
                s[i] = 0;
            }
        }
        return new StridedView(offset, to, ImmutableLongArray.copyOf(s));
    }

    private StridedView transpose(List<Integer> permutation) {
        return new StridedView(
                offset,
                Shape.of(permutation.stream().map(shape::dim).toList()),
                ImmutableLongArray.copyOf(permutation.stream().map(strides::get).toList()));
    }

    private StridedView slice(List<Long> starts, List<Long> sizes, List<Long> steps) {
        long at = offset;
        var s = strides.toArray();
        for (int i = 0; i < s.length; i++) {
            at += starts.get(i) * s[i];
            s[i] *= steps.get(i);
        }
        return new StridedView(at, Shape.of(sizes), ImmutableLongArray.copyOf(s));
    }

    /** Groups of input dimensions whose product equals that of a group of result dimensions must lie evenly in memory. */
    private Optional<StridedView> reshape(Shape to) {
        if (shape.elements() == 0) {
            return Optional.of(new StridedView(offset, to, ImmutableLongArray.copyOf(to.strides())));
        }
        var result = new long[to.rank()];
        int in = 0;
        int out = 0;
        while (in < shape.rank() || out < to.rank()) {
            int inEnd = in;
            int outEnd = out;
            long inSize = 1;
            long outSize = 1;
            if (inEnd < shape.rank()) {
                inSize = shape.dim(inEnd++);
            }
            if (outEnd < to.rank()) {
                outSize = to.dim(outEnd++);
            }
            while (inSize != outSize) {
                if (inSize < outSize) {
                    inSize *= shape.dim(inEnd++);
                } else {
                    outSize *= to.dim(outEnd++);
                }
            }
            long stride = 0;
            long extent = 1;
            for (int i = inEnd - 1; i >= in; i--) {
                if (shape.dim(i) == 1) {
                    continue;
                }
                if (extent == 1) {
                    stride = strides.get(i);
                } else if (strides.get(i) != stride * extent) {
                    return Optional.empty();
                }
                extent *= shape.dim(i);
            }
            long step = stride;
            for (int i = outEnd - 1; i >= out; i--) {
                result[i] = step;
                step *= to.dim(i);
            }
            in = inEnd;
            out = outEnd;
        }
        return Optional.of(new StridedView(offset, to, ImmutableLongArray.copyOf(result)));
    }
}
