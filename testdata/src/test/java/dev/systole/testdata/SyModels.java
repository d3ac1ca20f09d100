package dev.systole.testdata;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.sy.SyFile;
import dev.systole.ir.graph.Graph;
import java.nio.file.Path;
import java.util.Map;

/** The models of {@code sy/}. */
final class SyModels {
    /** Extents of the dimensions that small models leave open. */
    static final Bindings BINDINGS = new Bindings(Map.of("batch", 2L, "sequence", 5L), Map.of(), Map.of());

    private SyModels() {}

    static Path path(String name) {
        return Goldens.ROOT.resolve("sy").resolve(name + ".sy");
    }

    /** {@code sy/NAME.sy} as an ONNX model. */
    static OnnxFile read(String name) {
        return SyFile.read(path(name)).elaborate(BINDINGS);
    }

    /** The graph of a model whose dimensions are fixed. */
    static Graph graph(OnnxFile file) {
        return OnnxImporter.read(file, Bindings.NONE);
    }
}
