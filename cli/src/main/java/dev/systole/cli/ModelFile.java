package dev.systole.cli;

import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.sy.SyFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A model as commands take it, whatever it is written in. */
sealed interface ModelFile {
    Path path();

    /** Names of the inputs that the file declares, in order; binding the model may bring further ones, which are states. */
    List<String> inputs();

    /** Rank that an input is declared with, if it is. */
    OptionalInt rank(String input);

    /** The model with the shapes that are bound. */
    BoundModel bind(Bindings bindings);

    /** True for the model language's ending. */
    static boolean isSy(Path path) {
        return path.toString().endsWith(".sy");
    }

    /** Reads a model by the ending of its file; {@code FILE.sy:NAME} is one of several that the file holds. */
    static ModelFile read(Path path) {
        var name = path.getFileName().toString();
        int colon = name.lastIndexOf(".sy:");
        if (colon >= 0) {
            var file = path.resolveSibling(name.substring(0, colon + ".sy".length()));
            return new Sy(SyFile.read(file).only(name.substring(colon + ".sy:".length())));
        }
        return isSy(path) ? new Sy(SyFile.read(path)) : new Onnx(OnnxFile.read(path));
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
        public OptionalInt rank(String input) {
            return file.model().getGraph().getInputList().stream()
                    .filter(i -> i.getName().equals(input)
                            && i.getType().getTensorType().hasShape())
                    .mapToInt(i -> i.getType().getTensorType().getShape().getDimCount())
                    .findFirst();
        }

        @Override
        public BoundModel bind(Bindings bindings) {
            return new BoundModel(file, bindings);
        }
    }

    /** A model in the model language. */
    record Sy(SyFile file) implements ModelFile {
        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public List<String> inputs() {
            return file.inputs();
        }

        @Override
        public OptionalInt rank(String input) {
            return file.rank(input);
        }

        @Override
        public BoundModel bind(Bindings bindings) {
            var rest = new Bindings(Map.of(), bindings.shapes(), bindings.values());
            return new BoundModel(file.elaborate(bindings), rest);
        }
    }
}
