package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.type.DType;
import java.util.Optional;
import java.util.function.Predicate;

/** Rounding of fp32 numbers by adding a number so large that the sum has no fraction. */
public final class Rounding {
    /** From here on every fp32 number is whole. */
    private static final double WHOLE = 0x1p23;

    /** What added and taken off rounds numbers of no more than 2^22. */
    static final double ROUNDER = 0x1.8p23;

    static final double MOST_ROUNDED = 0x1p22;

    private Rounding() {}

    /**
     * x rounded to nearest even: |x| + 2^23 - 2^23 with the sign of x; larger numbers are whole already. What is known to be small needs no
     * look at its sign.
     */
    static Value nearest(Rewriting r, Value x) {
        var shape = x.type().shape();
        if (small(r, x).isPresent()) {
            return nearestOfSmall(r, x);
        }
        var magnitude = r.unary(UnaryOp.ABS, x);
        var whole = r.splat(DType.F32, shape, WHOLE);
        var rounded = r.binary(BinaryOp.SUB, r.binary(BinaryOp.ADD, magnitude, whole), whole);
        var signed = r.binary(BinaryOp.MUL, rounded, r.unary(UnaryOp.SIGN, x));
        return r.add(new Op.Select(), r.binary(BinaryOp.LT, magnitude, whole), signed, x);
    }

    /** x rounded to nearest even, if it is no more than 2^22; larger numbers stay larger than that. */
    static Value nearestOfSmall(Rewriting r, Value x) {
        var rounder = r.splat(DType.F32, x.type().shape(), ROUNDER);
        return r.binary(BinaryOp.SUB, r.binary(BinaryOp.ADD, x, rounder), rounder);
    }

    static Value ceil(Rewriting r, Value x) {
        var nearest = nearest(r, x);
        var below = r.add(new Op.Cast(DType.F32, false), r.binary(BinaryOp.LT, nearest, x));
        return r.binary(BinaryOp.ADD, nearest, below);
    }

    static Value floor(Rewriting r, Value x) {
        var nearest = nearest(r, x);
        var above = r.add(new Op.Cast(DType.F32, false), r.binary(BinaryOp.GT, nearest, x));
        return r.binary(BinaryOp.SUB, nearest, above);
    }

    /**
     * True if a program rounds numbers to whole ones, as quantised models do. Next to a step the last bit decides then, so that sums of
     * products have to be rounded as often as the model says.
     */
    public static boolean isIn(TileProgram program) {
        return program.body().stream().anyMatch(s -> switch (s) {
            case Statement.Binary b -> isRounder(b.function(), b.b());
            case Statement.Chain c -> isRounder(c.first(), c.b()) || isRounder(c.second(), c.c());
            default -> false;
        });
    }

    private static boolean isRounder(BinaryOp f, Operand o) {
        return f == BinaryOp.ADD && o instanceof Operand.Immediate(var value) && (value == ROUNDER || value == WHOLE);
    }

    private static Optional<Clamped> small(Rewriting r, Value x) {
        return Clamped.of(r, x).filter(c -> c.most() <= MOST_ROUNDED);
    }

    /** The range of a value that {@link #nearest} made, or {@link #nearestOfSmall} and was clamped then; it may be NaN, too. */
    static Optional<WholeNumbers.Range> rangeOf(Rewriting r, Node node) {
        return switch (node.op()) {
            case Op.Select s
            when isLarge(r, node) -> Optional.of(WholeNumbers.Range.upTo(Double.POSITIVE_INFINITY, true));
            case Op.Binary(var f)
            when f == BinaryOp.SUB ->
                roundedByAdding(r, node)
                        .flatMap(x -> small(r, x))
                        .map(c -> WholeNumbers.Range.upTo(Math.ceil(c.most()), true));
            case Op.Binary(var f)
            when f == BinaryOp.MIN ->
                small(r, node.output())
                        .filter(c -> c.isWhole() && isNearest(r, c.x()))
                        .map(c -> new WholeNumbers.Range(c.low(), c.high(), true));
            default -> Optional.empty();
        };
    }

    /** True for what {@link #nearestOfSmall} made. */
    static boolean isNearest(Rewriting r, Value v) {
        return r.definition(v).flatMap(n -> roundedByAdding(r, n)).isPresent();
    }

    /** What is rounded by adding a large number and taking it off. */
    private static Optional<Value> roundedByAdding(Rewriting r, Node difference) {
        return Optional.of(difference)
                .filter(n -> n.op().equals(new Op.Binary(BinaryOp.SUB)) && r.isSplat(n.input(1), ROUNDER))
                .flatMap(n -> r.definition(n.input(0)))
                .filter(n -> n.op().equals(new Op.Binary(BinaryOp.ADD)) && r.isSplat(n.input(1), ROUNDER))
                .map(n -> n.input(0));
    }

    private static boolean isLarge(Rewriting r, Node select) {
        var x = select.input(2);
        return isBinary(r, BinaryOp.LT, select.input(0), v -> isMagnitude(r, v, x), v -> r.isSplat(v, WHOLE))
                && isBinary(
                        r,
                        BinaryOp.MUL,
                        select.input(1),
                        v -> isNearest(r, v, x),
                        v -> r.operandOf(UnaryOp.SIGN, v).equals(Optional.of(x)));
    }

    private static boolean isNearest(Rewriting r, Value v, Value x) {
        return isBinary(
                r,
                BinaryOp.SUB,
                v,
                sum -> isBinary(r, BinaryOp.ADD, sum, m -> isMagnitude(r, m, x), w -> r.isSplat(w, WHOLE)),
                w -> r.isSplat(w, WHOLE));
    }

    private static boolean isMagnitude(Rewriting r, Value v, Value x) {
        return r.operandOf(UnaryOp.ABS, v).equals(Optional.of(x));
    }

    private static boolean isBinary(Rewriting r, BinaryOp f, Value v, Predicate<Value> left, Predicate<Value> right) {
        return r.definition(v)
                .filter(n -> n.op().equals(new Op.Binary(f)) && left.test(n.input(0)) && right.test(n.input(1)))
                .isPresent();
    }
}
