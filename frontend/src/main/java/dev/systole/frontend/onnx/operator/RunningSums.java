package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import java.util.List;
import java.util.Map;

/** Sums and products of the elements up to each one. */
final class RunningSums {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("CumSum", running(ReduceOp.SUM), "CumProd", running(ReduceOp.PROD));

    private RunningSums() {}

    private static OperatorRule.OfTensors running(ReduceOp f) {
        return n -> {
            int axis = n.axis(n.whole(1), n.input(0).type().shape().rank());
            return List.of(n.add(
                    new Op.Scan(
                            f,
                            axis,
                            n.attributes().flag("exclusive"),
                            n.attributes().flag("reverse")),
                    n.input(0)));
        };
    }
}
