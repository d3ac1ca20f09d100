package dev.systole.cli;

import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.ProgramFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a program. */
@Command(
        name = "dis",
        mixinStandardHelpOptions = true,
        description = "Prints the instructions of a program, one stream an engine, headed by the model's nodes.",
        footerHeading = "%nExamples:%n",
        footer = {"  systole dis model.sx | less"})
final class DisCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "PROGRAM", description = "a program (.sx)")
    private Path file;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        Listing.lines(ProgramFile.read(file)).forEach(out::println);
        return 0;
    }
}
