package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import java.util.Optional;

/** A value of floats that is kept between two numbers: the smaller of {@code high} and the larger of {@code low} and x. */
record Clamped(Value x, double low, double high) {
    /** What a value is, if it was clamped so. */
    static Optional<Clamped> of(Rewriting r, Value v) {
        var outer = binary(r, v, BinaryOp.MIN);
        var inner = outer.flatMap(n -> binary(r, n.input(0), BinaryOp.MAX));
        if (inner.isEmpty() || !v.type().dtype().isFloat()) {
            return Optional.empty();
        }
        var high = r.splat(outer.get().input(1));
        var low = r.splat(inner.get().input(1));
        return high.isPresent() && low.isPresent()
                ? Optional.of(new Clamped(inner.get().input(0), low.getAsDouble(), high.getAsDouble()))
                : Optional.empty();
    }

    private static Optional<Node> binary(Rewriting r, Value v, BinaryOp f) {
        return r.definition(v).filter(n -> n.op().equals(new Op.Binary(f)));
    }

    /** An fp32 value, clamped. */
    static Value add(Rewriting r, Value x, double low, double high) {
        var shape = x.type().shape();
        var above = r.binary(BinaryOp.MAX, x, r.splat(DType.F32, shape, low));
        return r.binary(BinaryOp.MIN, above, r.splat(DType.F32, shape, high));
    }

    /** The largest magnitude of what is no NaN. */
    double most() {
        return Math.max(Math.abs(low), Math.abs(high));
    }
}
