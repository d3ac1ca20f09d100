package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.Value;
import java.util.List;

/** Builds the graph operations of one ONNX node. */
@FunctionalInterface
public interface OperatorRule {
    /** The node's outputs; trailing optional ones that the rule does not compute may be left out. */
    List<Value> build(OnnxNode node);
}
