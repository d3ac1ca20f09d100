package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Value;
import java.util.List;

/** A function of a float tensor, element by element, computed in fp32 where the tensor is narrower and rounded once. */
@FunctionalInterface
interface Formula {
    /**
     * The result, in the type of x.
     *
     * @param x floats of 32 or 64 bits
     */
    Value of(OnnxNode n, Value x);

    /** The rule of an operator that is a function of its first input. */
    static OperatorRule.OfTensors rule(Formula formula) {
        return n -> {
            var x = n.input(0);
            return List.of(n.cast(formula.of(n, n.widened(x)), x.type().dtype()));
        };
    }
}
