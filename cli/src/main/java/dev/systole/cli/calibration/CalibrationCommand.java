package dev.systole.cli.calibration;

import dev.systole.cli.Texts;
import dev.systole.ir.target.Targets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The timeline of kernels that were measured on a chip. */
@Command(
        name = "calibration",
        mixinStandardHelpOptions = true,
        description =
                "The modelled timeline of kernels that were measured on a real chip (trn1), built as they were, beside the measured"
                        + " figures.",
        footerHeading = "%nExamples:%n",
        footer = {"  systole bench calibration", "  systole bench calibration --measured published-kernels.csv --csv"})
public final class CalibrationCommand implements Callable<Integer> {
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
            description = "what the chip needed, comma-separated, with a column workload")
    private Optional<Path> measured;

    @Option(names = "--csv", description = "comma-separated values")
    private boolean csv;

    @Override
    public Integer call() throws IOException {
        var table = measured.isPresent()
                ? Optional.of(Measurements.parse(
                        Texts.read(measured.get()), measured.get().toString()))
                : Optional.<Measurements>empty();
        var out = spec.commandLine().getOut();
        CalibrationBench.run(Targets.load(target), table, csv, out);
        out.flush();
        return 0;
    }
}
