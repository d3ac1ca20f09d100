package dev.systole.cli;

import dev.systole.ir.target.Provenance;
import dev.systole.ir.target.Targets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what is known of a chip. */
@Command(
        name = "targets",
        mixinStandardHelpOptions = true,
        description = "Lists the targets, or everything known of one, each number with its source or as an assumption.",
        footerHeading = "%nExamples:%n",
        footer = {"  systole targets", "  systole targets trn2", "  systole targets my-chip.json"})
final class TargetsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "TARGET", description = "a built-in target or a target file")
    private Optional<String> name;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        if (name.isEmpty()) {
            out.println("target   core   SBUF       HBM per core   tensor clock   bf16 per core   DMA per core");
            for (var builtIn : Targets.builtIn()) {
                var t = Targets.load(builtIn);
                out.printf(
                        Locale.ROOT,
                        "%-8s v%d     %2.0f MiB     %5.1f GiB      %.1f GHz        %3.0f TFLOPS      %3.0f GB/s%n",
                        t.name(),
                        t.generation(),
                        t.memory().sbufBytesPerCore() / (double) (1 << 20),
                        t.memory().hbmBytesPerCore() / (double) (1 << 30),
                        t.tensor().clockHz() / 1e9,
                        t.tensor().peak().bf16Flops() / 1e12,
                        t.dma().bytesPerSecondPerCore() / 1e9);
            }
            return 0;
        }
        var target = Targets.load(name.get());
        out.println(target.name() + ", NeuronCore v" + target.generation());
        for (var p : target.parameters()) {
            var origin = switch (p.provenance()) {
                case Provenance.Source s -> s.toString();
                case Provenance.Assumption a -> "assumption: " + a;
            };
            out.printf("  %-52s %-18s %-12s %s%n", p.group() + "." + p.key(), p.value(), p.unit(), origin);
        }
        return 0;
    }
}
