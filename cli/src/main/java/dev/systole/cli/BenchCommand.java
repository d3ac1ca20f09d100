package dev.systole.cli;

import dev.systole.cli.bench.KernelsCommand;
import dev.systole.cli.bench.PublishedCommand;
import dev.systole.cli.calibration.CalibrationCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Speed of Systole itself, and quality of its code. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures the speed of Systole itself, and the quality of its code.",
        subcommands = {
            EmulatorBenchCommand.class,
            KernelsCommand.class,
            PublishedCommand.class,
            CalibrationCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole bench emulator                       the emulator against ONNX Runtime",
            "  systole bench kernels --filter matmul        programs against what the machine could do at best",
            "  systole bench published --kernels measured.csv   programs against measurements on chips",
            "  systole bench calibration                    the timeline against measurements of the same instructions"
        })
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "what to measure is missing: emulator, kernels, published or calibration");
    }
}
