package dev.systole.cli;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.graph.Graph;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** A model as commands take it, whatever it is written in. */
sealed interface ModelFile {
    Path path();

    /** Names of the inputs, in order. */
    List<String> inputs();

    /** Names of the outputs, in order. */
    List<String> outputs();

    /** Operators, as the model counts them. */
    int nodes();

    /** Rank that an input is declared with, if it is. */
    OptionalInt rank(String input);

    /** True if the model quantises values by what they are. */
    boolean isDynamicallyQuantised();

    /** The graph with the shapes that are bound. */
    Graph graph(Bindings bindings);

    /** Reads a model by the ending of its file. */
    static ModelFile read(Path path) {
        return new Onnx(OnnxFile.read(path));
    }

    /** An ONNX model. */
    record Onnx(OnnxFile file) implements ModelFile {
        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public List<String> inputs() {
            return OnnxImporter.inputs(file);
        }

        @Override
        public List<String> outputs() {
            return OnnxImporter.outputs(file);
        }

        @Override
        public int nodes() {
            return file.model().getGraph().getNodeCount();
        }

        @Override
        public OptionalInt rank(String input) {
            return file.model().getGraph().getInputList().stream()
                    .filter(i -> i.getName().equals(input)
                            && i.getType().getTensorType().hasShape())
                    .mapToInt(i -> i.getType().getTensorType().getShape().getDimCount())
                    .findFirst();
        }

        @Override
        public boolean isDynamicallyQuantised() {
            return file.model().getGraph().getNodeList().stream()
                    .anyMatch(n -> n.getOpType().equals("DynamicQuantizeLinear"));
        }

        @Override
        public Graph graph(Bindings bindings) {
            return OnnxImporter.read(file, bindings);
        }
    }
}
