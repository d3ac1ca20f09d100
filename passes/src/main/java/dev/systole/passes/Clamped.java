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
        return binary(r, v, BinaryOp.MIN).flatMap(n -> of(r, n.input(0), n.input(1)));
    }

    /** What the smaller of two values is, if that is clamped so. */
    static Optional<Clamped> of(Rewriting r, Value above, Value most) {
        var inner = binary(r, above, BinaryOp.MAX);
        if (inner.isEmpty() || !above.type().dtype().isFloat()) {
            return Optional.empty();
        }
        var high = r.splat(most);
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

    /** True if both numbers are whole. */
    boolean isWhole() {
        return low == Math.rint(low) && high == Math.rint(high);
    }

    /** The largest magnitude of what is no NaN. */
    double most() {
        return Math.max(Math.abs(low), Math.abs(high));
    }
}
