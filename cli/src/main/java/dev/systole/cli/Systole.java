package dev.systole.cli;

import com.google.common.base.Throwables;
import dev.systole.cli.conformance.ConformanceCommand;
import dev.systole.cli.demo.DemoCommand;
import dev.systole.emulator.EmulatorException;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.array.ArrayFileException;
import dev.systole.frontend.sy.SyException;
import dev.systole.ir.target.TargetException;
import dev.systole.ir.text.TextException;
import dev.systole.ir.type.Shape;
import dev.systole.passes.PassException;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.ProgramFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "systole",
        mixinStandardHelpOptions = true,
        version = "systole 0.1.0",
        description =
                "Compiles models for NeuronCores of the AWS Trainium family, and runs the programs on an emulator.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            CompileCommand.class,
            RunCommand.class,
            ProfileCommand.class,
            VerifyCommand.class,
            DisCommand.class,
            AsmCommand.class,
            OptCommand.class,
            FmtCommand.class,
            ConvertCommand.class,
            DiffCommand.class,
            GoldenCommand.class,
            ConformanceCommand.class,
            OperatorsCommand.class,
            TargetsCommand.class,
            BenchCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole demo",
            "  systole compile model.onnx --shape input_ids=1x128 --target trn2 -o model.sx",
            "  systole run model.sx --inputs test_data_set_0 --output results",
            "  systole verify model.onnx --inputs test_data_set_0 --oracle onnxruntime",
            "%nExit codes: 0 done; 1 the model or a comparison failed; 2 wrong usage; 3 a fault of Systole's own."
        })
public final class Systole implements Runnable {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int FAULT = 3;
    private static final int LONGEST_LINE = 1000;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }

    public static void main(String[] args) {
        System.exit(execute(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
    }

    /** Runs a command line and returns its exit code. */
    public static int execute(String[] args, PrintWriter out, PrintWriter err) {
        var line = new CommandLine(new Systole())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .registerConverter(Shape.class, new InputOptions.ShapeConverter())
                .setParameterExceptionHandler((e, a) -> usage(e))
                .setExecutionExceptionHandler((e, command, parsed) -> failure(e, err, args));
        line.getSubcommands()
                .get("generate-completion")
                .getCommandSpec()
                .usageMessage()
                .hidden(true);
        try {
            return line.execute(args);
        } catch (OutOfMemoryError e) {
            return failure(e, err, args);
        }
    }

    private static int usage(CommandLine.ParameterException e) {
        var err = e.getCommandLine().getErr();
        err.println("error: " + e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("  see: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }

    /** Says what went wrong on a command line and returns the exit code. */
    static int failure(Throwable e, PrintWriter err, String[] args) {
        var error = error(e);
        if (error.isEmpty()) {
            return fault(e, err, args);
        }
        err.println(shortened(error.get()));
        return FAILED;
    }

    /** What is to be said of what went wrong; empty for a fault of Systole's own. */
    private static Optional<String> error(Throwable e) {
        return Optional.ofNullable(
                switch (e) {
                    case SyException x -> x.getMessage();
                    case FrontendException x -> "error " + x.getMessage();
                    case PassException x -> "error " + x.getMessage();
                    case EmulatorException x -> "error " + x.getMessage();
                    case TargetException x -> "error SYS2001 " + x.getMessage();
                    case ProgramFileException x -> "error " + x.getMessage();
                    case LimitException x -> "error SYS3301 " + x.getMessage();
                    case TextException x -> "error SYS1401 " + x.getMessage();
                    case ArrayFileException x -> "error SYS1301 " + x.getMessage();
                    case IOException x -> "error SYS1001 " + describe(x);
                    case UncheckedIOException x -> "error SYS1001 " + describe(x.getCause());
                    case OutOfMemoryError x ->
                        "error SYS1004 this needs more memory than Java has (" + x.getMessage()
                                + "); give it more: SYSTOLE_JAVA_OPTIONS=-Xmx16g";
                    default -> null;
                });
    }

    /** Names in a file may be as long as the file. */
    private static String shortened(String message) {
        return message.lines()
                .map(l -> l.length() > LONGEST_LINE ? l.substring(0, LONGEST_LINE) + "..." : l)
                .collect(Collectors.joining("\n"));
    }

    private static String describe(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? e.getMessage() + ": no such file or directory"
                : e instanceof java.nio.file.AccessDeniedException
                        ? e.getMessage() + ": access denied"
                        : e.getMessage();
    }

    /** What went wrong inside goes to a file that a report can attach. */
    private static int fault(Throwable e, PrintWriter err, String[] args) {
        err.println(shortened("error SYS9001 a fault of Systole's own: " + e.getMessage()));
        try {
            var report = Files.createTempFile("systole-fault-", ".txt");
            Files.writeString(
                    report, "systole " + String.join(" ", args) + "\n\n" + Throwables.getStackTraceAsString(e));
            err.println("  please report it with the model and this file: " + report);
        } catch (IOException x) {
            err.println("  no report could be written (" + x.getMessage()
                    + "); make room for temporary files and run it again");
        }
        return FAULT;
    }

    /** True if the output goes to a person's terminal. */
    static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    /** A path with its last element replaced by a temporary name beside it, to be moved into place. */
    static Path temporary(Path path) {
        return path.resolveSibling(
                "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    }
}
