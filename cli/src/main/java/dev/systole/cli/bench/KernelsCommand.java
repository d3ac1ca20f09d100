package dev.systole.cli.bench;

import dev.systole.cli.profile.Metric;
import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignPrecision.AutoCast;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Programs of known kernels against the least that the machine needs for them. */
@Command(
        name = "kernels",
        mixinStandardHelpOptions = true,
        description = {
            "Compiles matmuls, attention, normalisations and whole models in bf16 and compares their modelled time on one core with"
                    + " the roofline: multiply-adds at the array's peak, and every input, output and constant once over HBM.",
            "Also: bytes over HBM against the least, and the peak of SBUF against what is live at once."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole bench kernels",
            "  systole bench kernels --filter 'matmul*' --target trn1",
            "  systole bench kernels mine.json --json figures.json"
        })
public final class KernelsCommand implements Callable<Integer> {
    private static final List<Table.Column> COLUMNS = List.of(
            new Table.Column("workload", 28),
            new Table.Column("roofline", 10),
            new Table.Column("of", 6),
            new Table.Column("modelled", 10),
            new Table.Column("ratio", 6),
            new Table.Column("HBM", 8),
            new Table.Column("least", 8),
            new Table.Column("ratio", 6),
            new Table.Column("SBUF", 9),
            new Table.Column("live", 9),
            new Table.Column("in order", 9),
            new Table.Column("compile", 8));

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "a list of workloads of your own (.json), as docs/benchmarks.md shows one")
    private Optional<Path> list;

    @Option(
            names = "--filter",
            paramLabel = "GLOB",
            defaultValue = "*",
            description = "workloads by name: all that contain this, in which * stands for anything")
    private String filter;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            defaultValue = "trn2",
            description = "trn1, inf2, trn2, trn3 or a target file (default: ${DEFAULT-VALUE})")
    private String target;

    @Option(names = "--json", paramLabel = "FILE", description = "writes all figures")
    private Optional<Path> json;

    @Override
    public Integer call() throws IOException {
        var machine = Targets.load(target);
        var workloads = Workload.list(list.orElse(Workload.own().resolve("kernels.json")));
        var table = new Table(spec.commandLine().getOut(), COLUMNS);
        table.headings("busiest");
        var results = new ArrayList<Map<String, Object>>();
        for (var workload : workloads) {
            if (Names.matches(filter, workload.name())) {
                var measured = Measurement.of(workload, machine, AutoCast.NONE, DType.BF16);
                print(table, workload, machine, measured);
                results.add(Results.of(workload.name(), machine, measured));
            }
        }
        if (json.isPresent()) {
            Results.write(json.get(), new LinkedHashMap<>(Map.of("kernels", results)));
        }
        return 0;
    }

    private static void print(Table table, Workload workload, Target target, Measurement measured) {
        switch (measured) {
            case Measurement.Failed f -> {
                var cells = new ArrayList<>(List.of(workload.name()));
                f.bounds().ifPresent(r -> cells.addAll(List.of(Metric.time(r.seconds()), r.bound())));
                table.row(cells, f.error());
            }
            case Measurement.Modelled m -> {
                var roofline = m.roofline();
                var profile = m.profile();
                table.row(
                        List.of(
                                workload.name(),
                                Metric.time(roofline.seconds()),
                                roofline.bound(),
                                Metric.time(profile.timeline().seconds()),
                                number("%.2f", m.ratio()),
                                number("%.1f MB", profile.hbmBytes() / 1e6),
                                number("%.1f MB", roofline.hbmBytes() / 1e6),
                                number("%.2f", (double) profile.hbmBytes() / roofline.hbmBytes()),
                                mebibytes(m.sbufPeakBytesPerPartition(), target),
                                m.sbufLiveBytesPerPartition().stream()
                                        .mapToObj(bytes -> mebibytes(bytes, target))
                                        .findFirst()
                                        .orElse("-"),
                                mebibytes(m.sbufInOrderBytesPerPartition(), target),
                                number("%.1f s", m.compileSeconds())),
                        profile.busiest());
            }
        }
    }

    private static String mebibytes(long bytesPerPartition, Target target) {
        return number("%.1f MiB", (double) bytesPerPartition * target.memory().partitions() / (1 << 20));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
