package dev.systole.cli;

import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.Npy;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What the command line says of a model's inputs. */
final class InputOptions {
    @Option(names = "--shape", paramLabel = "NAME=1x128", description = "shape of an input; wins over --dim")
    Map<String, Shape> shapes = new LinkedHashMap<>();

    @Option(names = "--dim", paramLabel = "NAME=128", description = "extent of a symbolic dimension")
    Map<String, Long> dimensions = new LinkedHashMap<>();

    @Option(
            names = "--bind",
            paramLabel = "NAME=VALUE",
            description = "makes an input a constant: an integer, integers joined by commas, or an .npy file")
    Map<String, String> bound = new LinkedHashMap<>();

    /** Reads {@code 1x3x224x224}; {@code scalar} is rank 0. The command line registers it for every option of shapes. */
    static final class ShapeConverter implements ITypeConverter<Shape> {
        @Override
        public Shape convert(String text) {
            if (text.equals("scalar")) {
                return Shape.SCALAR;
            }
            try {
                return Shape.of(java.util.Arrays.stream(text.split("[x,]"))
                        .mapToLong(Long::parseLong)
                        .toArray());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' is not a shape such as 1x128");
            }
        }
    }

    /**
     * Fixes the shapes of a model.
     *
     * @param given inputs whose shapes hold where no option says otherwise
     */
    BoundModel bind(ModelFile file, Map<String, Tensor> given) {
        var all = new HashMap<String, Shape>();
        var names = file.inputs();
        given.forEach((name, tensor) -> {
            if (names.contains(name)) {
                all.put(name, tensor.type().shape());
            }
        });
        all.putAll(shapes);
        var values = new HashMap<String, Tensor>();
        bound.forEach((name, text) -> {
            var value = value(file, name, text);
            values.put(name, value);
            all.remove(name);
        });
        return file.bind(new Bindings(dimensions, all, values));
    }

    private static Tensor value(ModelFile file, String name, String text) {
        if (text.endsWith(".npy")) {
            return Npy.read(Path.of(text));
        }
        try {
            var numbers = java.util.Arrays.stream(text.split(","))
                    .mapToLong(Long::parseLong)
                    .toArray();
            boolean scalar = file.rank(name).orElse(1) == 0;
            return Tensor.ofLongs(scalar ? Shape.SCALAR : Shape.of(numbers.length), numbers);
        } catch (NumberFormatException e) {
            throw new FrontendException(
                    "SYS1208", "--bind " + name + "=" + text + ": give integers joined by commas or an .npy file");
        }
    }
}
