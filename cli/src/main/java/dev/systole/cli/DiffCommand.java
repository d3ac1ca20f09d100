package dev.systole.cli;

import dev.systole.ir.text.Literals.Constants;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.ProgramFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says how two programs or dumps differ, by model node. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Compares two programs, or two dumps of one level, by the model node that instructions and operations come from.",
            "Of programs it shows instructions and cycles, of dumps the lines. The exit code is 0 if nothing differs, else 1."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  systole diff before.sx after.sx",
            "  systole diff dumps/10-decompose.graph other/10-decompose.graph"
        })
final class DiffCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "A", description = "a program (.sx) or a dump")
    private Path before;

    @Parameters(index = "1", paramLabel = "B", description = "another one")
    private Path after;

    @Mixin
    private TargetOptions options;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        var a = program(before);
        var b = program(after);
        boolean same = a.isPresent() && b.isPresent()
                ? ProgramDifference.print(out, NodeCode.of(a.get()), NodeCode.of(b.get()))
                : lines(out, NodeLines.of(text(before, a)), NodeLines.of(text(after, b)));
        return same ? 0 : Systole.FAILED;
    }

    private Optional<Program> program(Path file) throws IOException {
        if (file.toString().endsWith(".sx")) {
            return Optional.of(ProgramFile.read(file));
        }
        var text = Texts.read(file);
        // What constants hold makes no difference to instructions.
        Constants any = (type, hash) -> Optional.of(dev.systole.ir.type.Tensor.allocate(type));
        return text.stripLeading().startsWith("program ")
                ? Optional.of(Assembler.parse(text, file.toString(), options::named, any))
                : Optional.empty();
    }

    private static String text(Path file, Optional<Program> program) throws IOException {
        return program.isPresent() ? dev.systole.trainium.isa.Listing.text(program.get()) : Texts.read(file);
    }

    /** True if both have the same lines for every node, but for numbers. */
    private static boolean lines(PrintWriter out, NodeLines a, NodeLines b) {
        var nodes = new LinkedHashSet<>(a.lines().keySet());
        nodes.addAll(b.lines().keySet());
        boolean same = true;
        for (var node : nodes) {
            var gone = without(a, b, node);
            var come = without(b, a, node);
            if (!gone.isEmpty() || !come.isEmpty()) {
                same = false;
                out.println(node.isEmpty() ? "(no node)" : node);
                gone.forEach(l -> out.println("  - " + l.strip()));
                come.forEach(l -> out.println("  + " + l.strip()));
            }
        }
        if (same) {
            out.println("no difference");
        }
        return same;
    }

    /** Lines of a node that the other has not, as they stand in the dump. */
    private static List<String> without(NodeLines a, NodeLines b, String node) {
        var others = new ArrayList<>(b.plain(node));
        var plain = a.plain(node);
        var left = new ArrayList<String>();
        for (int i = 0; i < plain.size(); i++) {
            if (!others.remove(plain.get(i))) {
                left.add(a.lines().get(node).get(i));
            }
        }
        return left;
    }
}
