package dev.systole.cli;

import dev.systole.passes.PassException;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.ProgramFile;
import dev.systole.trainium.isa.RaceProof;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a program of text. */
@Command(
        name = "asm",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a program (.sx) of text as \"dis\" prints it. Limits of the target are checked, and that accesses are ordered.",
            "Constants that the text names by hash are found in the directory \"constants\" beside it, and in what --constants names."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole asm kernel.asm -o kernel.sx",
            "  systole dis model.sx > model.asm; systole asm model.asm --constants model.sx -o again.sx"
        })
final class AsmCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TEXT", description = "instructions, one stream an engine")
    private Path file;

    @Mixin
    private TargetOptions options;

    @Option(names = "--constants", paramLabel = "FILE", description = "a program or model that has the constants")
    private List<Path> constants = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "the program (default: the text's name with .sx)")
    private Optional<Path> output;

    @Override
    public Integer call() throws IOException {
        var source = new DumpConstants(file.toAbsolutePath().getParent());
        constants.forEach(source::add);
        var program = Assembler.parse(Texts.read(file), file.toString(), options::named, source);
        Limits.check(program);
        var races = RaceProof.check(program);
        if (!races.isEmpty()) {
            throw new PassException(
                    "SYS3302 " + file + ": the program is not ordered:\n  " + String.join("\n  ", races));
        }
        var name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "") + ".sx";
        ProgramFile.write(program, output.orElseGet(() -> Path.of(name)));
        return 0;
    }
}
