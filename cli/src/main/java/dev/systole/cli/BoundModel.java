package dev.systole.cli;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.graph.Graph;

/** A model as ONNX says it, with what the command line fixes. */
record BoundModel(OnnxFile onnx, Bindings bindings) {
    Graph graph() {
        return OnnxImporter.read(onnx, bindings);
    }

    /** Operators, as the model counts them. */
    int nodes() {
        return onnx.model().getGraph().getNodeCount();
    }

    /** True if the model quantises values by what they are. */
    boolean isDynamicallyQuantised() {
        return onnx.model().getGraph().getNodeList().stream()
                .anyMatch(n -> n.getOpType().equals("DynamicQuantizeLinear"));
    }
}
