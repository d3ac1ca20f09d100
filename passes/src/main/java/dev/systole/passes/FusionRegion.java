package dev.systole.passes;

import dev.systole.ir.graph.Op.FusionKind;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;

/** Nodes of a graph that become one fused node, as it grows. Mutable. */
final class FusionRegion {
    final FusionKind kind;

    /** What all operations iterate over, before a reduction. */
    final Shape space;

    /** Places in the graph, as they joined. */
    final List<Integer> members = new ArrayList<>();

    /** Trailing dimensions that its reductions reduce; 0 is none yet. */
    int reduced;

    FusionRegion(FusionKind kind, Shape space) {
        this.kind = kind;
        this.space = space;
    }

    int first() {
        return members.stream().mapToInt(i -> i).min().orElseThrow();
    }

    int last() {
        return members.stream().mapToInt(i -> i).max().orElseThrow();
    }

    /** True for the shape of what reductions leave. */
    boolean isColumn(Shape shape) {
        return reduced > 0 && shape.equals(columns());
    }

    private Shape columns() {
        var dims = space.toArray();
        for (int i = dims.length - reduced; i < dims.length; i++) {
            dims[i] = 1;
        }
        return Shape.of(dims);
    }

    /** Elements of a row if so many trailing dimensions make one. */
    long row(int trailing) {
        long n = 1;
        for (int i = space.rank() - trailing; i < space.rank(); i++) {
            n *= space.dim(i);
        }
        return n;
    }
}
