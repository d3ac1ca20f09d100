package dev.systole.trainium.isa;

import dev.systole.ir.graph.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The printed form of instructions and programs: for each engine one line an instruction, with the semaphores it waits for
 * before it, the one it raises behind it, and a comment where the model node changes.
 */
public final class Listing {
    private Listing() {}

    /** A whole program: tensors, then the streams. */
    public static String text(Program program) {
        var out = new StringBuilder();
        lines(program).forEach(l -> out.append(l).append('\n'));
        return out.toString();
    }

    /** The lines of {@link #text(Program)}. */
    public static List<String> lines(Program program) {
        var out = new ArrayList<String>();
        out.add("program \"%s\" for %s"
                .formatted(program.name(), program.target().name()));
        for (var t : program.tensors()) {
            out.add("  %s \"%s\" : %s as %s at hbm[%d]"
                    .formatted(
                            t.role() == Program.Role.INPUT ? "input " : "output",
                            t.name(),
                            t.type(),
                            t.carrier(),
                            t.address()));
        }
        long constants = program.constants().stream()
                .mapToLong(c -> c.bytes().byteSize())
                .sum();
        out.add("  %d constants, %d bytes; hbm %d bytes"
                .formatted(program.constants().size(), constants, program.hbmBytes()));
        for (int c = 0; c < program.cores().size(); c++) {
            for (var engine : Engine.values()) {
                var stream = program.cores().get(c).stream(engine);
                if (!stream.isEmpty()) {
                    out.add("core " + c + " " + engine + " {");
                    stream(program, stream, out);
                    out.add("}");
                }
            }
        }
        return out;
    }

    private static void stream(Program program, List<Issue> stream, List<String> out) {
        int last = 0;
        for (int i = 0; i < stream.size(); i++) {
            var issue = stream.get(i);
            if (issue.location() != last
                    && !program.locations().get(issue.location()).equals(Location.COMPILER)) {
                out.add("       // " + program.locations().get(issue.location()));
            }
            last = issue.location();
            out.add("%6d %s".formatted(i, text(issue)));
        }
    }

    /** An issue, as in {@code S[8]>=16 tensor_copy ... S[1]+=1}. */
    public static String text(Issue issue) {
        var waits = issue.waits().stream()
                .map(w -> "S[" + w.semaphore() + "]>=" + w.atLeast() + " ")
                .collect(Collectors.joining());
        var update =
                issue.update().map(u -> " S[" + u.semaphore() + "]+=" + u.add()).orElse("");
        return waits + text(issue.instruction()) + update;
    }

    /** An instruction: mnemonic, destination, operands and parameters. */
    public static String text(Instruction instruction) {
        var name = instruction.mnemonic();
        return switch (instruction) {
            case Instruction.NcMatmul i ->
                "%s %s, %s, %s%s"
                        .formatted(name, i.to(), i.stationary(), i.moving(), i.accumulate() ? " accumulate" : "");
            case Instruction.Activation i ->
                "%s %s, %s, %s%s".formatted(name, i.to(), i.function(), i.data(), scaled(i.scale(), i.bias()));
            case Instruction.ActivationReduce i ->
                "%s %s, %s, %s%s, sum=%s"
                        .formatted(name, i.to(), i.function(), i.data(), scaled(i.scale(), i.bias()), i.reduceTo());
            case Instruction.TensorTensor i -> "%s %s, %s, %s, %s".formatted(name, i.to(), i.a(), i.op(), i.b());
            case Instruction.TensorScalar i ->
                "%s %s, %s%s%s"
                        .formatted(
                                name,
                                i.to(),
                                i.data(),
                                step(i.op0(), i.operand0(), i.reverse0()),
                                i.op1() == AluOp.BYPASS ? "" : step(i.op1(), i.operand1(), i.reverse1()));
            case Instruction.ScalarTensorTensor i ->
                "%s %s, %s%s, %s %s"
                        .formatted(name, i.to(), i.data(), step(i.op0(), i.operand0(), false), i.op1(), i.tensor());
            case Instruction.TensorReduce i ->
                "%s %s, %s, %s, axes=%d%s"
                        .formatted(name, i.to(), i.op(), i.data(), i.axes(), i.negate() ? " negate" : "");
            case Instruction.TensorTensorScan i ->
                "%s %s, %s, %s, initial=%s, %s, %s"
                        .formatted(name, i.to(), i.a(), i.b(), i.initial(), i.op0(), i.op1());
            case Instruction.TensorCopy i -> "%s %s, %s".formatted(name, i.to(), i.from());
            case Instruction.TensorCopyPredicated i ->
                "%s %s, %s, predicate=%s".formatted(name, i.to(), i.from(), i.predicate());
            case Instruction.Memset i -> "%s %s, %s".formatted(name, i.to(), i.value());
            case Instruction.Reciprocal i -> "%s %s, %s".formatted(name, i.to(), i.data());
            case Instruction.NcTranspose i -> "%s %s, %s".formatted(name, i.to(), i.from());
            case Instruction.Iota i ->
                "%s %s, base=%d, channel_multiplier=%d, steps=%s"
                        .formatted(name, i.to(), i.base(), i.channelMultiplier(), i.steps());
            case Instruction.AffineSelect i ->
                "%s %s, %s, base=%d, channel_multiplier=%d, steps=%s, %s, else=%s"
                        .formatted(
                                name,
                                i.to(),
                                i.data(),
                                i.base(),
                                i.channelMultiplier(),
                                i.steps(),
                                i.compare(),
                                i.otherwise());
            case Instruction.DmaCopy i ->
                "%s %s, %s, queue=%d%s"
                        .formatted(
                                name,
                                i.to(),
                                i.from(),
                                i.queue(),
                                i.indirect()
                                        .map(x -> ", rows=%s, bytes_per_row=%d, row_count=%d"
                                                .formatted(x.index(), x.bytesPerRow(), x.rows()))
                                        .orElse(""));
            case Instruction.RegisterMove i -> "%s r%d, %d".formatted(name, i.register(), i.value());
            case Instruction.RegisterAlu i ->
                "%s r%d, r%d, %s, r%d".formatted(name, i.register(), i.a(), i.op(), i.b());
            case Instruction.RegisterLoad i -> "%s r%d, %s".formatted(name, i.register(), i.from());
            case Instruction.RegisterStore i -> "%s %s, r%d".formatted(name, i.to(), i.register());
            case Instruction.Branch i ->
                "%s %d if r%d %s %d".formatted(name, i.target(), i.register(), i.compare(), i.value());
            case Instruction.LoopBegin i ->
                "%s r%d, %d..%d step %d".formatted(name, i.register(), i.start(), i.stop(), i.step());
            case Instruction.LoopEnd i -> name;
            case Instruction.EventSemaphore i -> name;
        };
    }

    private static String step(AluOp op, Scalar operand, boolean reverse) {
        return ", " + op + (reverse ? " reverse " : " ") + operand;
    }

    private static String scaled(Scalar scale, Optional<Access> bias) {
        var text = scale.equals(new Scalar.Immediate(1)) ? "" : ", scale=" + scale;
        return text + bias.map(b -> ", bias=" + b).orElse("");
    }
}
