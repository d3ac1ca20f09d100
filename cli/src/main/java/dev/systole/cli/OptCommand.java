package dev.systole.cli;

import dev.systole.passes.PassException;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import dev.systole.trainium.Stage;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs passes on a dump. */
@Command(
        name = "opt",
        mixinStandardHelpOptions = true,
        description = {
            "Runs passes on a dump of any level and prints the result, or writes it as a dump or a program.",
            "Constants that a dump names by hash are found in the directory \"constants\" beside it, and in what --constants names."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole opt dumps/21-fuse.graph --passes assign-layouts,tile",
            "  systole opt dumps/21-fuse.graph --resume -o model.sx",
            "  systole opt kernel.tiles --passes unroll --target trn1",
            "  systole opt --list"
        })
final class OptCommand implements Callable<Integer> {
    private static final Pattern NUMBER = Pattern.compile("(\\d+)-.*");

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "DUMP", description = "a dump: graph, tiles, code, allocated or program")
    private Optional<Path> file;

    @Mixin
    private TargetOptions options;

    @Option(names = "--passes", paramLabel = "A,B,C", split = ",", description = "what to run, in order")
    private List<String> passes = List.of();

    @Option(
            names = "--resume",
            description = "runs what the compiler runs after the pass whose number the dump's name begins with")
    private boolean resume;

    @Option(names = "--constants", paramLabel = "FILE", description = "a program or model that has the constants")
    private List<Path> constants = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where the result goes: a program if it ends in .sx, else a dump")
    private Optional<Path> output;

    @Option(names = "--list", description = "lists the passes in the compiler's order")
    private boolean list;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        var compile = CompileOptions.withoutDump(options.loadTarget(), options.autoCast, options.autoCastType);
        var pipeline = Compiler.pipeline(compile);
        if (list) {
            for (int i = 0; i < pipeline.size(); i++) {
                out.printf("%02d %s%n", i + 1, pipeline.get(i).name());
            }
            return 0;
        }
        var path = file.orElseThrow(() -> new ParameterException(spec.commandLine(), "a dump is missing"));
        if (resume == !passes.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "say what to run: --passes or --resume");
        }
        var stages = resume ? rest(path, pipeline) : named(pipeline);
        var source = new DumpConstants(path.toAbsolutePath().getParent());
        constants.forEach(source::add);
        var level = Level.parse(Texts.read(path), path.toString(), name -> options.named(name), source);
        var result = new Compiler(compile).apply(stages, level);
        if (output.isEmpty()) {
            out.print(result.text());
            out.flush();
        } else if (output.get().toString().endsWith(".sx")) {
            if (!(result instanceof Level.OfProgram(var program))) {
                throw new PassException("SYS3007 the passes end with " + result.name()
                        + ", not a program; go on to synchronise, or write a dump");
            }
            ProgramFile.write(program, output.get());
        } else {
            Texts.write(output.get(), result.text());
        }
        return 0;
    }

    private List<Stage> rest(Path path, List<Stage> pipeline) {
        var number = NUMBER.matcher(path.getFileName().toString());
        int done = number.matches() ? Integer.parseInt(number.group(1)) : -1;
        if (done < 0 || done > pipeline.size()) {
            throw new ParameterException(
                    spec.commandLine(),
                    path + ": its name does not begin with the number of a pass, as 21-fuse.graph does");
        }
        return pipeline.subList(done, pipeline.size());
    }

    private List<Stage> named(List<Stage> pipeline) {
        var stages = new ArrayList<Stage>();
        for (var name : passes) {
            stages.add(pipeline.stream()
                    .filter(s -> s.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(),
                            "there is no pass \"" + name + "\"; the passes are "
                                    + pipeline.stream()
                                            .map(Stage::name)
                                            .distinct()
                                            .collect(Collectors.joining(", ")))));
        }
        return stages;
    }
}
