package dev.systole.cli;

import dev.systole.frontend.array.SafeTensors;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.frontend.sy.SyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Models of one form in the other. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = {
            "Converts an ONNX model to the model language, its weights beside it in a .safetensors file, or a model of"
                    + " the language to ONNX."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole convert model.onnx -o model.sy",
            "  systole convert encoder.sy --dim batch=1 -o encoder.onnx"
        })
final class ConvertCommand implements Callable<Integer> {
    private static final String ONNX = ".onnx";
    private static final String SY = ".sy";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "a model (.onnx or .sy)")
    private Path model;

    @Mixin
    private InputOptions input;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "the model in the other form (.sy or .onnx)")
    private Path output;

    @Override
    public Integer call() throws IOException {
        boolean toSy = output.toString().endsWith(SY);
        if (toSy == ModelFile.isSy(model) || !toSy && !output.toString().endsWith(ONNX)) {
            throw new ParameterException(
                    spec.commandLine(), model + " and " + output + ": one is an .onnx file, the other a .sy file");
        }
        if (toSy) {
            toSy();
        } else {
            toOnnx();
        }
        return 0;
    }

    private void toSy() throws IOException {
        var stem = output.getFileName().toString();
        var weights = output.resolveSibling(stem.substring(0, stem.length() - SY.length()) + ".safetensors");
        var written = SyWriter.write(OnnxFile.read(model), weights.getFileName().toString());
        if (!written.weights().isEmpty()) {
            SafeTensors.write(weights, written.weights());
            say(weights);
        }
        Texts.write(output, written.text());
        say(output);
    }

    private void toOnnx() throws IOException {
        var bytes = input.bind(ModelFile.read(model), Map.of()).onnx().serialized();
        var temporary = Systole.temporary(output);
        Files.write(temporary, bytes);
        Files.move(temporary, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        say(output);
    }

    private void say(Path file) throws IOException {
        spec.commandLine().getOut().printf("%s   %,d bytes%n", file, Files.size(file));
    }
}
