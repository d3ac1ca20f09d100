package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Value;
import java.util.List;

/** Builds the graph operations of one ONNX node. */
public sealed interface OperatorRule {
    /** A rule of tensors alone, which most are. */
    @FunctionalInterface
    non-sealed interface OfTensors extends OperatorRule {
        /** The node's outputs; trailing optional ones that the rule does not compute may be left out. */
        List<Value> build(OnnxNode node);
    }

    /** A rule that takes or gives sequences and optionals, or imports graphs of the node. */
    @FunctionalInterface
    non-sealed interface OfStructure extends OperatorRule {
        /** The node's outputs. */
        List<OnnxValue> build(OnnxNode node);
    }
}
