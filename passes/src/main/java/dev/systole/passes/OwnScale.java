package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import java.util.Optional;

/**
 * The scale that dynamic quantisation takes of a value itself: what lies between its least and its greatest element, and 0, by a number of steps.
 * Quotients by it are no more than these steps.
 */
final class OwnScale {
    private OwnScale() {}

    /** True if {@code scale} is such a scale of {@code x}, the larger of its quotient and of 1 for a range of nothing. */
    static boolean is(Rewriting r, Value scale, Value x) {
        return defined(r, r.unspread(scale), BinaryOp.MAX)
                .flatMap(larger -> defined(r, larger.input(0), BinaryOp.DIV))
                .filter(steps ->
                        r.splat(steps.input(1)).stream().anyMatch(n -> n >= 1 && n <= FunctionRules.MOST_STEPS))
                .flatMap(steps -> defined(r, r.unspread(steps.input(0)), BinaryOp.SUB))
                .filter(range -> isEnd(r, range.input(0), BinaryOp.MAX, ReduceOp.MAX, x)
                        && isEnd(r, range.input(1), BinaryOp.MIN, ReduceOp.MIN, x))
                .isPresent();
    }

    /** True for the greatest (least) of all elements and 0, so that no element is further from 0 than the two ends are from each other. */
    private static boolean isEnd(Rewriting r, Value v, BinaryOp f, ReduceOp reduction, Value x) {
        return defined(r, r.unspread(v), f)
                .filter(n -> r.isSplat(n.input(1), 0))
                .flatMap(n -> r.definition(r.unspread(n.input(0))))
                .filter(n -> n.op() instanceof Op.Reduce(var by, var axes)
                        && by == reduction
                        && n.type().shape().elements() == 1
                        && n.input(0).equals(x))
                .isPresent();
    }

    private static Optional<Node> defined(Rewriting r, Value v, BinaryOp f) {
        return r.definition(v).filter(n -> n.op().equals(new Op.Binary(f)));
    }
}
