package dev.systole.cli;

import dev.systole.emulator.Emulator;
import dev.systole.emulator.Timeline;
import dev.systole.frontend.FrontendException;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.ProgramFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Executes a program, or a model that it compiles first, on the emulator. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Executes a program (.sx) or a model (.onnx or .sy) on the emulator.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole run model.sx --inputs test_data_set_0",
            "  systole run model.sx --input x=x.npy --output results.npz",
            "  systole run model.onnx --inputs inputs.npz --output results"
        })
final class RunCommand implements Callable<Integer> {
    private static final int SHOWN = 6;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "PROGRAM", description = "a program (.sx) or a model (.onnx or .sy)")
    private Path file;

    @Mixin
    private ModelOptions options;

    @Option(
            names = "--inputs",
            paramLabel = "DIR|FILE",
            description = "a directory like test_data_set_0, an .npz file, or one array")
    private Optional<Path> inputs;

    @Option(names = "--input", paramLabel = "NAME=FILE", description = "one input (.npy or .pb)")
    private Map<String, Path> single = new LinkedHashMap<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR|FILE.npz",
            description = "where the outputs go")
    private Optional<Path> output;

    @Option(
            names = "--format",
            paramLabel = "npy|pb",
            defaultValue = "npy",
            description = "of outputs in a directory (default: ${DEFAULT-VALUE})")
    private String format;

    @Option(
            names = "--interleave",
            paramLabel = "SEED",
            description =
                    "executes the streams in another order that the semaphores allow, drawn from a seed; results never differ")
    private Optional<Long> interleave = Optional.empty();

    @Option(
            names = "--timing-only",
            description = "only says when the program would run on the machine; takes no inputs and computes no values")
    private boolean timingOnly;

    @Mixin
    private Jobs jobs;

    @Override
    public Integer call() {
        if (!format.equals("npy") && !format.equals("pb")) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(), "--format is npy or pb, not " + format);
        }
        var out = spec.commandLine().getOut();
        var given = new LinkedHashMap<String, Tensor>();
        Program program;
        if (file.toString().endsWith(".sx")) {
            program = ProgramFile.read(file);
            var wanted = spec.commandLine().getParseResult().hasMatchedOption("--target")
                    ? options.target
                    : program.target().name();
            if (!dev.systole.ir.target.Targets.load(wanted)
                    .name()
                    .equals(program.target().name())) {
                throw new FrontendException(
                        "SYS4102",
                        file + ": is for " + program.target().name() + ", not " + wanted + "; compile the model for "
                                + wanted);
            }
            collect(given, program.inputs().stream().map(Program.Binding::name).toList());
        } else {
            var model = ModelFile.read(file);
            find(given, model.inputs());
            var graph = options.input.bind(model, given).graph(given, out);
            collect(given, graph.inputs().stream().map(Graph.Parameter::name).toList());
            program = new CompileRun(spec, new Dumps())
                    .compile(graph, options.loadTarget(), options)
                    .program();
        }
        if (timingOnly) {
            timeline(out, program, Emulator.timeline(program));
            return 0;
        }
        try (var emulator = new Emulator(program, jobs.count)) {
            var outputs =
                    interleave.map(seed -> emulator.runInterleaved(given, seed)).orElseGet(() -> emulator.run(given));
            outputs.forEach((name, tensor) -> out.println(name + " : " + tensor.type() + "  " + first(tensor)));
            timeline(out, program, emulator.timeline());
            output.ifPresent(to -> {
                Arrays.write(to, outputs, format);
                out.println("outputs in " + to);
            });
        }
        return 0;
    }

    private static void timeline(PrintWriter out, Program program, Timeline timeline) {
        CompileRun.timeline(out, program, timeline);
        CompileRun.cycles(out, timeline);
    }

    private void find(Map<String, Tensor> given, List<String> names) {
        inputs.ifPresent(from -> given.putAll(Arrays.read(from, names, "input")));
        single.forEach((name, path) -> {
            if (names.contains(name)) {
                given.put(name, Arrays.readOne(path));
            }
        });
    }

    private void collect(Map<String, Tensor> given, List<String> names) {
        if (timingOnly) {
            return;
        }
        find(given, names);
        single.keySet().stream()
                .filter(name -> !names.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new FrontendException(
                            "SYS1206",
                            "there is no input \"" + name + "\"; the inputs are " + String.join(", ", names));
                });
        Arrays.missing(names, given).ifPresent(name -> {
            throw new FrontendException(
                    "SYS1303", "input \"" + name + "\" is missing; give it: --input " + name + "=FILE.npy");
        });
    }

    private static String first(Tensor t) {
        var text = new StringBuilder();
        long n = t.type().shape().elements();
        for (long i = 0; i < Math.min(n, SHOWN); i++) {
            text.append(i == 0 ? "" : " ")
                    .append(
                            t.type().dtype().isFloat()
                                    ? Float.toString(Elements.readFloat(
                                            t.bytes(), i, t.type().dtype()))
                                    : Long.toString(Elements.readInteger(
                                            t.bytes(), i, t.type().dtype())));
        }
        return text.append(n > SHOWN ? " …" : "").toString();
    }
}
