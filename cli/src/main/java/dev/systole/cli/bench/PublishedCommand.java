package dev.systole.cli.bench;

import dev.systole.cli.profile.Metric;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Modelled times against measurements that others published. */
@Command(
        name = "published",
        mixinStandardHelpOptions = true,
        description = {
            "Compares modelled times with published measurements on real chips: kernels of NKIBench in fp32, and whole models of AWS"
                    + " with matmuls in bf16.",
            "The measurements are read from tables (.csv); docs/benchmarks.md says what columns they have."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole bench published --kernels published-kernels.csv",
            "  systole bench published --models published-models.csv --filter 'resnet' --json models.json"
        })
public final class PublishedCommand implements Callable<Integer> {
    private static final List<Table.Column> KERNEL_COLUMNS = List.of(
            new Table.Column("kernel", 24),
            new Table.Column("bound", 10),
            new Table.Column("modelled", 10),
            new Table.Column("ratio", 7),
            new Table.Column("measured", 10),
            new Table.Column("ratio", 6),
            new Table.Column("best", 10),
            new Table.Column("ratio", 6),
            new Table.Column("modelled/measured", 17),
            new Table.Column("compile", 8));

    private static final List<Table.Column> MODEL_COLUMNS = List.of(
            new Table.Column("model", 40),
            new Table.Column("target", 6),
            new Table.Column("roofline", 10),
            new Table.Column("of", 6),
            new Table.Column("modelled", 10),
            new Table.Column("ratio", 6),
            new Table.Column("AWS p50", 10),
            new Table.Column("AWS core", 10),
            new Table.Column("modelled/core", 13),
            new Table.Column("compile", 8));

    @Spec
    private CommandSpec spec;

    @Option(names = "--kernels", paramLabel = "FILE", description = "measurements of kernels (.csv)")
    private Optional<Path> kernels;

    @Option(names = "--models", paramLabel = "FILE", description = "measurements of models (.csv)")
    private Optional<Path> models;

    @Option(
            names = "--filter",
            paramLabel = "GLOB",
            defaultValue = "*",
            description = "kernels and models by name: all that contain this, in which * stands for anything")
    private String filter;

    @Option(names = "--json", paramLabel = "FILE", description = "writes all figures")
    private Optional<Path> json;

    @Override
    public Integer call() throws IOException {
        if (kernels.isEmpty() && models.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "give --kernels FILE.csv, --models FILE.csv or both");
        }
        var results = new LinkedHashMap<String, Object>();
        if (kernels.isPresent()) {
            results.put("kernels", kernels(kernels.get()));
        }
        if (models.isPresent()) {
            results.put("models", models(models.get()));
        }
        if (json.isPresent()) {
            Results.write(json.get(), results);
        }
        return 0;
    }

    private List<Map<String, Object>> kernels(Path csv) throws IOException {
        var measurements = PublishedKernel.read(csv);
        var workloads = Workload.list(Workload.own().resolve("nkibench.json"));
        var table = new Table(spec.commandLine().getOut(), KERNEL_COLUMNS);
        table.headings("busiest");
        var results = new ArrayList<Map<String, Object>>();
        for (var kernel : measurements) {
            var workload = kernel.workload(workloads);
            if (workload.isPresent() && Names.matches(filter, kernel.name())) {
                var target = Targets.load(kernel.target());
                var measured = Measurement.of(workload.get(), target, AutoCast.NONE, DType.F32);
                print(table, kernel, measured);
                var result = Results.of(kernel.name(), target, measured);
                measured.bounds()
                        .ifPresent(r -> result.put("benchmark_bound_seconds", PublishedKernel.boundSeconds(r)));
                result.put("measured_seconds", kernel.measuredSeconds());
                result.put("best_known_seconds", kernel.bestKnownSeconds());
                results.add(result);
            }
        }
        return results;
    }

    private static void print(Table table, PublishedKernel kernel, Measurement measured) {
        switch (measured) {
            case Measurement.Failed f -> {
                var cells = new ArrayList<>(List.of(kernel.name()));
                f.bounds().ifPresent(r -> cells.add(Metric.time(PublishedKernel.boundSeconds(r))));
                table.row(cells, f.error());
            }
            case Measurement.Modelled m -> {
                double bound = PublishedKernel.boundSeconds(m.roofline());
                double modelled = m.profile().timeline().seconds();
                table.row(
                        List.of(
                                kernel.name(),
                                Metric.time(bound),
                                Metric.time(modelled),
                                ratio(modelled / bound),
                                Metric.time(kernel.measuredSeconds()),
                                ratio(kernel.measuredSeconds() / bound),
                                Metric.time(kernel.bestKnownSeconds()),
                                ratio(kernel.bestKnownSeconds() / bound),
                                ratio(modelled / kernel.measuredSeconds()),
                                String.format(Locale.ROOT, "%.1f s", m.compileSeconds())),
                        m.profile().busiest());
            }
        }
    }

    private List<Map<String, Object>> models(Path csv) throws IOException {
        var measurements = PublishedModel.read(csv);
        var architectures = PublishedModel.architectures();
        var table = new Table(spec.commandLine().getOut(), MODEL_COLUMNS);
        table.headings("busiest");
        var results = new ArrayList<Map<String, Object>>();
        for (var model : measurements) {
            var workload = model.workload(architectures);
            if (workload.isPresent() && Names.matches(filter, model.label())) {
                var target = Targets.load(model.target());
                var measured = Measurement.of(workload.get(), target, model.autoCast(), DType.BF16);
                print(table, model, measured);
                var result = Results.of(model.label(), target, measured);
                result.put("published_latency_seconds", model.latencySeconds());
                result.put("published_batch_seconds", model.batchSeconds());
                results.add(result);
            }
        }
        return results;
    }

    private static void print(Table table, PublishedModel model, Measurement measured) {
        switch (measured) {
            case Measurement.Failed f -> {
                var cells = new ArrayList<>(List.of(model.label(), model.target()));
                f.bounds().ifPresent(r -> cells.addAll(List.of(Metric.time(r.seconds()), r.bound())));
                table.row(cells, f.error());
            }
            case Measurement.Modelled m -> {
                double modelled = m.profile().timeline().seconds();
                table.row(
                        List.of(
                                model.label(),
                                model.target(),
                                Metric.time(m.roofline().seconds()),
                                m.roofline().bound(),
                                Metric.time(modelled),
                                ratio(m.ratio()),
                                Metric.time(model.latencySeconds()),
                                Metric.time(model.batchSeconds()),
                                ratio(modelled / model.batchSeconds()),
                                String.format(Locale.ROOT, "%.1f s", m.compileSeconds())),
                        m.profile().busiest());
            }
        }
    }

    private static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }
}
