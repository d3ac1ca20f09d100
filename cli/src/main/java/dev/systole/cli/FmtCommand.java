package dev.systole.cli;

import dev.systole.frontend.sy.SyException;
import dev.systole.frontend.sy.SyFormatter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Formats models of the model language. */
@Command(
        name = "fmt",
        mixinStandardHelpOptions = true,
        description = "Formats models (.sy) in place; comments stay where they are.",
        footerHeading = "%nExamples:%n",
        footer = {"  systole fmt encoder.sy", "  systole fmt --check models/*.sy"})
final class FmtCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "models (.sy)")
    private List<Path> files;

    @Option(names = "--check", description = "changes nothing, names the files that would change, and exits with 1")
    private boolean check;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        boolean failed = false;
        for (var file : files) {
            try {
                var text = SyFormatter.read(file);
                var formatted = SyFormatter.format(file, text);
                if (!formatted.equals(text)) {
                    out.println(file);
                    failed |= check;
                    if (!check) {
                        Texts.write(file, formatted);
                    }
                }
            } catch (SyException e) {
                spec.commandLine().getErr().println(e.getMessage());
                failed = true;
            }
        }
        return failed ? Systole.FAILED : 0;
    }
}
