package dev.systole.cli.calibration;

import dev.systole.cli.bench.Csv;
import dev.systole.emulator.Emulator;
import dev.systole.emulator.Timeline;
import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The modelled timeline of kernels that were measured instruction for instruction, beside what the chip needed. */
@Command(
        name = "calibration",
        mixinStandardHelpOptions = true,
        description = {
            "Runs kernels of NKIBench through the timeline, written instruction for instruction as they were measured on trn1, and prints"
                    + " latency, active engines, HBM traffic and DMA rate.",
            "With --measured the measured figures stand beside them, and the errors; docs/targets.md says what was learned from them."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole bench calibration --measured testdata/calibration/measured.csv",
            "  systole bench calibration --target my-chip.json --csv"
        })
public final class CalibrationCommand implements Callable<Integer> {
    /** The kernels at the shapes that were measured, by workload. */
    private static final Map<String, Function<Target, Program>> KERNELS = new LinkedHashMap<>();

    static {
        KERNELS.put("silu", t -> Kernels.silu(t, 32, 7168));
        KERNELS.put("rope_single_freq_apply", t -> Kernels.rope(t, 64 * 4096));
        KERNELS.put("matmul", t -> MatmulKernels.matmul(t, 4096, 5120, 12288));
        KERNELS.put("transpose_matmul", t -> MatmulKernels.transposeMatmul(t, 4096, 2048, 10944));
    }

    /** Unit and value of a figure of a timeline; shares and errors are fractions. */
    private enum Figure {
        LATENCY("ms", "measured_ms"),
        TENSOR("%", ""),
        VECTOR("%", "vector_engine_active_time_percent"),
        SCALAR("%", "scalar_engine_active_time_percent"),
        GPSIMD("%", "gpsimd_engine_active_time_percent"),
        HBM_READ("GB", "hbm_read_bytes"),
        HBM_WRITTEN("GB", "hbm_write_bytes"),
        DMA_RATE("GB/s", "");

        private final String unit;
        private final String column;

        Figure(String unit, String column) {
            this.unit = unit;
            this.column = column;
        }

        double modelled(Timeline t) {
            return switch (this) {
                case LATENCY -> t.seconds() * 1e3;
                case TENSOR -> 100 * active(t, Engine.TENSOR);
                case VECTOR -> 100 * active(t, Engine.VECTOR);
                case SCALAR -> 100 * active(t, Engine.SCALAR);
                case GPSIMD -> 100 * active(t, Engine.GPSIMD);
                case HBM_READ -> t.hbmBytesRead() / 1e9;
                case HBM_WRITTEN -> t.hbmBytesWritten() / 1e9;
                case DMA_RATE -> (t.hbmBytesRead() + t.hbmBytesWritten()) / t.seconds() / 1e9;
            };
        }

        private static double active(Timeline t, Engine engine) {
            var time = t.engines().get(engine);
            return time == null ? 0 : time.activeSeconds() / t.seconds();
        }

        Optional<Double> measured(Map<String, String> row) {
            if (this == DMA_RATE) {
                return HBM_READ.measured(row)
                        .flatMap(read -> HBM_WRITTEN
                                .measured(row)
                                .flatMap(written -> LATENCY.measured(row).map(ms -> (read + written) / ms * 1e3)));
            }
            var cell = Optional.ofNullable(row.get(column)).filter(text -> !text.isEmpty());
            return cell.map(Double::valueOf).map(x -> switch (this) {
                case HBM_READ, HBM_WRITTEN -> x / 1e9;
                case TENSOR, VECTOR, SCALAR, GPSIMD -> 100 * x;
                default -> x;
            });
        }
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            defaultValue = "trn1",
            description = "trn1, inf2, trn2, trn3 or a target file (default: ${DEFAULT-VALUE})")
    private String target;

    @Option(
            names = "--measured",
            paramLabel = "FILE",
            description = "what the chip needed: a table (.csv) with a column workload")
    private Optional<Path> measured;

    @Option(names = "--csv", description = "prints comma-separated values")
    private boolean csv;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        var machine = Targets.load(target);
        var rows = new HashMap<String, Map<String, String>>();
        if (measured.isPresent()) {
            Csv.read(measured.get(), List.of("workload", "measured_ms"))
                    .forEach(row -> rows.put(row.get("workload"), row));
        }
        out.println(
                csv
                        ? "workload,figure,unit,modelled,measured,relative_error"
                        : "%-24s %-12s %-5s %12s %12s %9s"
                                .formatted("workload", "figure", "unit", "modelled", "measured", "error"));
        var errors = new ArrayList<Double>();
        KERNELS.forEach((workload, kernel) -> {
            var timeline = Emulator.timeline(kernel.apply(machine));
            var row = Optional.ofNullable(rows.get(workload));
            for (var figure : Figure.values()) {
                double model = figure.modelled(timeline);
                var chip = row.flatMap(figure::measured);
                var error = chip.filter(x -> x != 0).map(x -> model / x - 1);
                if (figure == Figure.LATENCY) {
                    error.map(Math::abs).ifPresent(errors::add);
                }
                out.println(line(workload, figure, model, chip, error, csv));
            }
        });
        if (!errors.isEmpty()) {
            double largest = errors.stream().mapToDouble(e -> e).max().orElseThrow();
            out.println(
                    csv
                            ? String.format(Locale.ROOT, "median,error,,,,%.4f", median(errors))
                            : String.format(
                                    Locale.ROOT,
                                    "errors of latency: median %.1f %%, largest %.1f %%",
                                    100 * median(errors),
                                    100 * largest));
        }
        out.flush();
        return 0;
    }

    private static String line(
            String workload, Figure figure, double model, Optional<Double> chip, Optional<Double> error, boolean csv) {
        var name = figure.name().toLowerCase(Locale.ROOT);
        if (csv) {
            return String.join(
                    ",",
                    workload,
                    name,
                    figure.unit,
                    number("%.6g", Optional.of(model)),
                    number("%.6g", chip),
                    number("%.4f", error));
        }
        return String.format(
                Locale.ROOT,
                "%-24s %-12s %-5s %12.4f %12s %9s",
                workload,
                name,
                figure.unit,
                model,
                number("%.4f", chip),
                number("%+.1f %%", error.map(e -> 100 * e)));
    }

    private static String number(String format, Optional<Double> x) {
        return x.map(v -> String.format(Locale.ROOT, format, v)).orElse("");
    }

    private static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        int n = sorted.size();
        return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    }
}
