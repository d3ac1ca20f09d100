package dev.systole.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.systole.cli.profile.Profile;
import dev.systole.cli.profile.ProfileText;
import dev.systole.cli.profile.Profiler;
import dev.systole.cli.profile.TraceFile;
import dev.systole.frontend.FrontendException;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Where a program's time goes. */
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        description = {
            "Says how long a program (.sx) or a model (.onnx or .sy) runs on the machine, what bounds it, and which model nodes cost"
                    + " most, in the words of neuron-profile's summary.",
            "Nothing is executed: the timeline does not depend on data. Inputs are given for their shapes only."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole profile model.onnx --shape input_ids=1x128",
            "  systole profile model.sx --json profile.json",
            "  systole profile model.sx --trace trace.json        then open it in ui.perfetto.dev"
        })
final class ProfileCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "PROGRAM", description = "a program (.sx) or a model (.onnx or .sy)")
    private Path file;

    @Mixin
    private ModelOptions options;

    @Option(names = "--inputs", paramLabel = "DIR|FILE", description = "inputs whose shapes a model is compiled for")
    private Optional<Path> inputs;

    @Option(
            names = "--regions",
            paramLabel = "N",
            defaultValue = "3",
            description = "model nodes to show (default: ${DEFAULT-VALUE})",
            converter = Jobs.Positive.class)
    private int regions;

    @Option(names = "--json", paramLabel = "FILE", description = "writes every figure and every region")
    private Optional<Path> json;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "writes the timeline as a trace that Perfetto and Chrome show")
    private Optional<Path> trace;

    @Override
    public Integer call() throws IOException {
        var program = program();
        var profile = profile(program);
        ProfileText.print(spec.commandLine().getOut(), profile, regions);
        if (json.isPresent()) {
            var mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            Texts.write(json.get(), mapper.writeValueAsString(ProfileText.json(profile)) + "\n");
        }
        return 0;
    }

    private Profile profile(Program program) throws IOException {
        if (trace.isEmpty()) {
            return Profiler.of(program);
        }
        try (var to = new TraceFile(program, Files.newBufferedWriter(trace.get()))) {
            return Profiler.of(program, to);
        }
    }

    private Program program() {
        if (file.toString().endsWith(".sx")) {
            var program = ProgramFile.read(file);
            if (spec.commandLine().getParseResult().hasMatchedOption("--target")
                    && !options.loadTarget().name().equals(program.target().name())) {
                throw new FrontendException(
                        "SYS4102",
                        file + ": is for " + program.target().name() + ", not " + options.target
                                + "; compile the model for " + options.target);
            }
            return program;
        }
        var model = ModelFile.read(file);
        Map<String, Tensor> given = new LinkedHashMap<>();
        inputs.ifPresent(from -> given.putAll(Arrays.read(from, model.inputs(), "input")));
        return new CompileRun(spec, new Dumps())
                .compile(
                        options.input
                                .bind(model, given)
                                .graph(given, spec.commandLine().getOut()),
                        options.loadTarget(),
                        options)
                .program();
    }
}
