package dev.systole.cli;

import dev.systole.emulator.Emulator;
import dev.systole.trainium.isa.ProgramFile;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compiles a model to a program. */
@Command(
        name = "compile",
        mixinStandardHelpOptions = true,
        description = "Compiles a model to a program (.sx).",
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole compile model.onnx --shape input_ids=1x128",
            "  systole compile model.sy --dim batch=8 --target trn1 --auto-cast matmult -o model.sx",
            "  systole compile model.onnx --dump-ir dumps --time-passes"
        })
final class CompileCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "a model (.onnx or .sy)")
    private Path model;

    @Mixin
    private ModelOptions options;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "the program (default: the model's name with .sx)")
    private Optional<Path> output;

    @Mixin
    private Dumps dumps;

    @Option(names = "--time-passes", description = "prints how long each pass took")
    private boolean timePasses;

    @Option(names = "--quiet", description = "prints errors only")
    private boolean quiet;

    @Override
    public Integer call() throws Exception {
        var out = spec.commandLine().getOut();
        long start = System.nanoTime();
        var target = options.loadTarget();
        var file = ModelFile.read(model);
        var bound = options.input.bind(file, Map.of());
        var graph = bound.graph();
        var compilation = new CompileRun(spec, dumps).compile(graph, target, options);
        var to = output.orElseGet(
                () -> Path.of(model.getFileName().toString().replaceFirst("^.*\\.sy:|\\.(onnx|sy)$", "") + ".sx"));
        ProgramFile.write(compilation.program(), to);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (!quiet) {
            out.println(CompileRun.became(bound, graph, compilation, seconds));
            CompileRun.timeline(out, compilation.program(), Emulator.timeline(compilation.program()));
            CompileRun.summary(out, compilation);
            out.printf(Locale.ROOT, "  %s   %.1f MB for %s%n", to, java.nio.file.Files.size(to) / 1e6, target.name());
        }
        if (timePasses) {
            CompileRun.times(out, compilation);
        }
        return 0;
    }
}
