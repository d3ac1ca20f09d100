package dev.systole.cli;

import dev.systole.cli.Comparison.Tolerance;
import dev.systole.emulator.Emulator;
import dev.systole.frontend.FrontendException;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AssignPrecision.AutoCast;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares what a model's program computes with independent results. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Compares a model's emulated program with the reference interpreter, with expected outputs beside the inputs, and with"
                    + " ONNX Runtime.",
            "A result passes if the largest difference is at most 1e-4 of the largest magnitude (or of 1) and the cosine at least"
                    + " 0.99999; with --auto-cast, for dynamically quantised models, and where products or the output have 16 bits or less, if the cosine is at least"
                    + " 0.999.",
            "Given inputs that decide shapes or branches are bound to their values if the model does not compile otherwise."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole verify model.onnx --inputs test_data_set_0 --oracle onnxruntime",
            "  systole verify model.onnx --inputs test_data_set_0 --auto-cast matmult --auto-cast-type bf16",
            "  systole verify model.onnx --shape x=1x16 --seed 7"
        })
final class VerifyCommand implements Callable<Integer> {
    /** The judge that --oracle names. */
    enum Oracle {
        ONNXRUNTIME
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "a model (.onnx or .sy)")
    private Path model;

    @Mixin
    private ModelOptions options;

    @Option(
            names = "--inputs",
            paramLabel = "DIR|FILE",
            description = "inputs, and expected outputs if there are any; without it inputs are random")
    private Optional<Path> inputs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "of random inputs (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--oracle", paramLabel = "onnxruntime", description = "compares with ONNX Runtime, too")
    private Optional<Oracle> oracle;

    @Mixin
    private Dumps dumps;

    @Mixin
    private Jobs jobs;

    private boolean passed = true;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        var file = ModelFile.read(model);
        var names = file.inputs();
        var given = new LinkedHashMap<String, Tensor>();
        inputs.ifPresent(from -> given.putAll(Arrays.read(from, names, "input")));
        if (inputs.isPresent() && given.isEmpty() && !names.isEmpty()) {
            throw new FrontendException(
                    "SYS1303",
                    inputs.get() + ": holds no input of the model; it takes input_0.pb, input_0.npy or "
                            + names.getFirst() + ".npy, and so on");
        }
        var bound = options.input.bind(file, given);
        var graph = bound.graph(given, out);
        if (inputs.isPresent()) {
            given.putAll(Arrays.read(
                    inputs.get(),
                    graph.inputs().stream().map(Graph.Parameter::name).toList(),
                    "input"));
        } else {
            given.putAll(RandomInputs.of(graph, new Random(seed)));
        }
        Arrays.missing(graph.inputs().stream().map(Graph.Parameter::name).toList(), given)
                .ifPresent(name -> {
                    throw new FrontendException(
                            "SYS1303", "input \"" + name + "\" is missing from " + inputs.orElseThrow());
                });
        var ordered = new LinkedHashMap<String, Tensor>();
        for (var p : graph.inputs()) {
            var tensor = given.get(p.name());
            if (!tensor.type().equals(p.value().type())) {
                throw new FrontendException(
                        "SYS1304",
                        "input \"" + p.name() + "\" is " + tensor.type() + ", the model takes "
                                + p.value().type());
            }
            ordered.put(p.name(), tensor);
        }
        var tolerance = tolerance(bound, graph);
        var program = new CompileRun(spec, dumps)
                .compile(graph, options.loadTarget(), options)
                .program();
        try (var emulator = new Emulator(program, jobs.count)) {
            var outputs = emulator.run(ordered);
            out.println(Comparison.header());
            compare(out, outputs, interpreted(graph, ordered), "interpreter", tolerance);
            var expected = inputs.map(from -> expected(from, List.copyOf(outputs.keySet())))
                    .orElse(Map.of());
            if (!expected.isEmpty()) {
                compare(out, outputs, expected, "expected", tolerance);
            }
            if (oracle.isPresent()) {
                try (var runtime = new OnnxRuntimeOracle(bound.onnx(), jobs.count)) {
                    given.putAll(bound.bindings().values());
                    compare(out, outputs, runtime.run(given), "onnxruntime", tolerance);
                }
            }
            CompileRun.timeline(out, program, emulator.timeline());
        }
        return passed ? 0 : Systole.FAILED;
    }

    private Tolerance tolerance(BoundModel model, Graph graph) {
        boolean isNarrow = options.autoCast != AutoCast.NONE
                || model.isDynamicallyQuantised()
                || graph.nodes().stream().anyMatch(VerifyCommand::multipliesNarrowFloats);
        return isNarrow ? Tolerance.NARROW : Tolerance.FP32;
    }

    private static boolean multipliesNarrowFloats(Node node) {
        var isProduct = node.op() instanceof Op.MatMul || node.op() instanceof Op.Convolution;
        return isProduct
                && node.inputs().stream().map(v -> v.type().dtype()).anyMatch(t -> t.isFloat() && t.bits() <= 16);
    }

    private static Map<String, Tensor> expected(Path from, List<String> names) {
        return java.nio.file.Files.isDirectory(from) ? Arrays.read(from, names, "output") : Map.of();
    }

    private static Map<String, Tensor> interpreted(Graph graph, Map<String, Tensor> inputs) {
        var results = GraphInterpreter.run(graph, new ArrayList<>(inputs.values()));
        return graph.contract().visible(graph.outputNames(), results);
    }

    private void compare(
            PrintWriter out,
            Map<String, Tensor> got,
            Map<String, Tensor> reference,
            String against,
            Tolerance tolerance) {
        got.forEach((name, tensor) -> {
            if (reference.containsKey(name)) {
                var dtype = tensor.type().dtype();
                var applied = dtype.isFloat()
                        ? dtype.bits() <= 16 ? Tolerance.NARROW : tolerance
                        : tolerance == Tolerance.NARROW ? tolerance : Tolerance.EXACT;
                var comparison = Comparison.of(tensor, reference.get(name));
                out.println(comparison.row(name, tensor, against, applied));
                passed &= comparison.passes(applied);
            }
        });
    }
}
