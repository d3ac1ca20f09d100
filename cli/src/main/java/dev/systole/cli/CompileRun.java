package dev.systole.cli;

import dev.systole.emulator.Timeline;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.target.Target;
import dev.systole.trainium.Compilation;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Program;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** Compiles for a command, with progress, dumps, times and a summary. */
final class CompileRun {
    private final PrintWriter out;
    private final PrintWriter err;
    private final Dumps dumps;

    CompileRun(CommandSpec spec, Dumps dumps) {
        this.out = spec.commandLine().getOut();
        this.err = spec.commandLine().getErr();
        this.dumps = dumps;
    }

    Compilation compile(Graph graph, Target target, ModelOptions options) {
        dumps.accept(out, "import", new Level.OfGraph(graph));
        var compile = new CompileOptions(target, options.autoCast, options.autoCastType, (pass, level) -> {
            if (Systole.isTerminal()) {
                err.print("\r\033[K  " + pass);
                err.flush();
            }
            dumps.accept(out, pass, level);
        });
        try {
            return new Compiler(compile).compile(graph);
        } finally {
            if (Systole.isTerminal()) {
                err.print("\r\033[K");
                err.flush();
            }
        }
    }

    /** The first line of a summary: what the model is and what became of it. */
    static String became(BoundModel model, Graph graph, Compilation compilation, double seconds) {
        long parameters = graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.Constant)
                .mapToLong(n -> n.type().shape().elements())
                .sum();
        return String.format(
                Locale.ROOT,
                "%s: %,d nodes, %.1f M parameters → %,d regions, %,d instructions   %.2f s",
                model.onnx().path().getFileName(),
                model.nodes(),
                parameters / 1e6,
                compilation.regions(),
                compilation.program().instructions(),
                seconds);
    }

    static void summary(PrintWriter out, Compilation compilation) {
        var program = compilation.program();
        var memory = program.target().memory();
        long constants = program.constants().stream()
                .mapToLong(c -> c.bytes().byteSize())
                .sum();
        out.printf(
                Locale.ROOT,
                "  SBUF peak %.1f of %.1f MiB    PSUM peak %d of %d banks    HBM %.1f MB (%.1f MB of constants)    spilled %.1f MB%n",
                compilation.sbufPeakBytesPerPartition() * memory.partitions() / (double) (1 << 20),
                memory.sbufBytesPerCore() / (double) (1 << 20),
                compilation.psumPeakBanks(),
                memory.psumBanks(),
                program.hbmBytes() / 1e6,
                constants / 1e6,
                compilation.spilledBytes() / 1e6);
    }

    static void times(PrintWriter out, Compilation compilation) {
        double total = compilation.timings().stream()
                .mapToDouble(t -> t.time().toNanos())
                .sum();
        out.println("pass                                     ms    share");
        for (var t : compilation.timings()) {
            out.printf(
                    Locale.ROOT,
                    "%-34s %8.2f   %5.1f %%%n",
                    t.pass(),
                    t.time().toNanos() / 1e6,
                    100 * t.time().toNanos() / total);
        }
        out.printf(Locale.ROOT, "%-34s %8.2f%n", "total", total / 1e6);
    }

    /** What a run would have taken on the machine. */
    static void timeline(PrintWriter out, Program program, Timeline timeline) {
        if (timeline.seconds() == 0) {
            out.printf("  nothing to do on %s%n", program.target().name());
            return;
        }
        double utilisation = 2.0
                * timeline.multiplyAdds()
                / timeline.seconds()
                / program.target().tensor().peak().bf16Flops();
        out.printf(
                Locale.ROOT,
                "  modelled latency %.1f µs on 1 core of %s    bound by %s    MFU %.1f %% of bf16 peak%n",
                timeline.seconds() * 1e6,
                program.target().name(),
                busiest(timeline),
                100 * utilisation);
        var line = new StringBuilder("  engines  ");
        for (var engine : Engine.values()) {
            Optional.ofNullable(timeline.engines().get(engine))
                    .ifPresent(t -> line.append(String.format(
                            Locale.ROOT, " %s %.0f %%", engine, 100 * t.busySeconds() / timeline.seconds())));
        }
        line.append(String.format(Locale.ROOT, " DMA %.0f %%", 100 * timeline.dmaBusySeconds() / timeline.seconds()));
        out.println(line);
    }

    private static String busiest(Timeline timeline) {
        var name = "DMA";
        double most = timeline.dmaBusySeconds();
        for (var engine : Engine.values()) {
            var t = timeline.engines().get(engine);
            if (t != null && t.busySeconds() > most) {
                most = t.busySeconds();
                name = engine.toString();
            }
        }
        return String.format(Locale.ROOT, "%s, busy %.0f %%", name, 100 * most / timeline.seconds());
    }

    /** Cycles of each engine, busy and stalled. */
    static void cycles(PrintWriter out, Timeline timeline) {
        out.println("engine    instructions   busy cycles   stalled: semaphore       own results");
        for (var engine : Engine.values()) {
            var t = timeline.engines().get(engine);
            if (t != null) {
                out.printf(
                        Locale.ROOT,
                        "%-9s %12d %13d %20d %17d%n",
                        engine,
                        t.instructions(),
                        t.busyCycles(),
                        Math.round(t.semaphoreSeconds() * t.clockHz()),
                        Math.round(t.hazardSeconds() * t.clockHz()));
            }
        }
    }
}
