package dev.systole.cli;

import dev.systole.emulator.Emulator;
import dev.systole.frontend.FrontendException;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How fast the emulator is, as a ratio within one run. */
@Command(
        name = "emulator",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the time of emulating a model's program against ONNX Runtime's time for the model, both warm, in turns, with"
                    + " the same number of threads.",
            "Without MODEL it takes the demo's, at 1x128."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  systole bench emulator", "  systole bench emulator model.onnx --shape x=1x128 --rounds 20"})
final class EmulatorBenchCommand implements Callable<Integer> {
    private static final int WARM_UP_ROUNDS = 30;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "a model (.onnx or .sy)")
    private Optional<Path> model;

    @Mixin
    private ModelOptions options;

    @Option(names = "--inputs", paramLabel = "DIR|FILE", description = "inputs; without it they are random")
    private Optional<Path> inputs;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "15",
            description = "measured rounds (default: ${DEFAULT-VALUE})",
            converter = Jobs.Positive.class)
    private int rounds;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "2",
            description = "threads of each side (default: ${DEFAULT-VALUE})",
            converter = Jobs.Positive.class)
    private int jobs;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        var path = model.orElseGet(EmulatorBenchCommand::demoModel);
        var file = ModelFile.read(path);
        var names = file.inputs();
        var given = new LinkedHashMap<String, Tensor>();
        inputs.ifPresent(from -> given.putAll(Arrays.read(from, names, "input")));
        if (model.isEmpty() && inputs.isEmpty()) {
            names.forEach(n -> options.input.shapes.putIfAbsent(n, Shape.of(1, 128)));
        }
        var bound = options.input.bind(file, given);
        var graph = bound.graph();
        if (inputs.isEmpty()) {
            given.putAll(RandomInputs.of(graph, new Random(0)));
        }
        var program = new Compiler(
                        CompileOptions.withoutDump(options.loadTarget(), options.autoCast, options.autoCastType))
                .compile(graph)
                .program();
        var ourMilliseconds = new double[rounds];
        var theirMilliseconds = new double[rounds];
        try (var emulator = new Emulator(program, jobs);
                var runtime = new OnnxRuntimeOracle(bound.onnx(), jobs)) {
            for (int i = -WARM_UP_ROUNDS; i < rounds; i++) {
                double a = milliseconds(() -> emulator.run(given));
                double b = milliseconds(() -> runtime.run(given));
                if (i >= 0) {
                    ourMilliseconds[i] = a;
                    theirMilliseconds[i] = b;
                }
            }
        }
        double ours = median(ourMilliseconds);
        double theirs = median(theirMilliseconds);
        out.printf(
                Locale.ROOT, "%s, %d threads each, median of %d rounds in turns%n", path.getFileName(), jobs, rounds);
        out.printf(
                Locale.ROOT,
                "  emulator      %8.1f ms%n  ONNX Runtime  %8.1f ms%n  ratio         %8.2f%n",
                ours,
                theirs,
                ours / theirs);
        return 0;
    }

    private static Path demoModel() {
        var path = Path.of(System.getProperty("systole.home", "."), "target", "demo", "all-minilm-l6-v2.onnx");
        if (!Files.isRegularFile(path)) {
            throw new FrontendException("SYS6106", path + ": no such file; run systole demo once, or give a model");
        }
        return path;
    }

    private static double milliseconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        java.util.Arrays.sort(sorted);
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }
}
