package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.systole.emulator.Emulator;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.ControlInstruction.Branch;
import dev.systole.trainium.isa.ControlInstruction.EventSemaphore;
import dev.systole.trainium.isa.DmaInstruction.DmaCopy;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Fields;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.Limits;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.Program.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Hand-written programs ({@code asm/NAME.asm}): instructions, with lines {@code given ACCESS = VALUES} for what memory holds before and
 * {@code expect ACCESS = VALUES} for what it holds after. {@code targets: A, B} names the targets that have the instructions (all of
 * them otherwise), {@code refused on A: TEXT} one that refuses them and what it says.
 */
class AsmProgramsTest {
    private static final Path PROGRAMS = Goldens.ROOT.resolve("asm");
    private static final Path INSTRUCTIONS = Goldens.ROOT.resolveSibling("docs/instruction-set.md");
    private static final String COVERAGE =
            "## Tested\n\nPrograms by hand in `testdata/asm` run each instruction and hold memory"
                    + " against what it must be. Of the pairs of an operand and a\ntype that a target accepts for an instruction, so many"
                    + " occur in them; an instruction that a target has not is refused by the name of the\nrule.\n\n";
    private static final List<String> TARGETS = List.of("trn1", "inf2", "trn2", "trn3");

    /** The types that operands of most instructions have on every generation. */
    private static final Set<DType> FORMATS = EnumSet.of(
            DType.F32,
            DType.TF32,
            DType.BF16,
            DType.F16,
            DType.F8E4M3,
            DType.F8E5M2,
            DType.I32,
            DType.I16,
            DType.I8,
            DType.U32,
            DType.U16,
            DType.U8);

    private static final int LOADED = 255;
    private static final int DONE = 254;
    private static final int STORED = 253;
    private static final int LOAD_QUEUE = 15;
    private static final int STORE_QUEUE = 14;
    private static final long STAGING = 1 << 20;
    private static final long ALIGNMENT = 64;

    /** Memory with what it holds. */
    private record Content(Access access, List<String> values) {}

    /** A file taken apart. */
    private record Source(
            String name,
            String text,
            List<Content> given,
            List<Content> expected,
            List<String> targets,
            Map<String, String> refusals) {}

    @TestFactory
    Stream<DynamicTest> programs() throws IOException {
        return sources().stream()
                .flatMap(source -> Stream.concat(
                        source.targets().stream()
                                .map(t -> dynamicTest(source.name() + " on " + t, () -> run(source, t))),
                        source.refusals().entrySet().stream()
                                .map(r -> dynamicTest(
                                        source.name() + " refused on " + r.getKey(),
                                        () -> refuse(source, r.getKey(), r.getValue())))));
    }

    /** Of each documented instruction, on each target: which operands were tested in which types, or that a tested rule refuses it. */
    @Test
    void everyInstructionIsCovered() throws IOException {
        var sources = sources();
        var tested = new HashMap<String, Types>();
        var accepted = new HashMap<String, Types>();
        for (var source : sources) {
            for (var target : source.targets()) {
                for (var instruction : instructions(source, target)) {
                    var key = instruction.mnemonic() + " " + target;
                    operands(instruction, tested.computeIfAbsent(key, k -> new Types(new TreeSet<>())));
                    accepted(
                            instruction,
                            Targets.load(target),
                            accepted.computeIfAbsent(key, k -> new Types(new TreeSet<>())));
                }
            }
        }
        var table = new StringBuilder("| instruction | " + String.join(" | ", TARGETS) + " |\n");
        table.append("|---".repeat(1 + TARGETS.size())).append("|\n");
        for (var instruction : documented()) {
            table.append("| ").append(instruction);
            for (var target : TARGETS) {
                var key = instruction + " " + target;
                var refused = refused(sources, instruction, target);
                assertThat(tested.containsKey(key) || refused).as(key).isTrue();
                table.append(" | ").append(refused ? "refused" : covered(tested.get(key), accepted.get(key)));
            }
            table.append(" |\n");
        }
        var document = Files.readString(INSTRUCTIONS);
        int begin = document.indexOf(COVERAGE) + COVERAGE.length();
        int end = document.indexOf("\n## ", begin);
        Goldens.check(INSTRUCTIONS, document.substring(0, begin) + table + document.substring(end));
    }

    /** Operands of an instruction with their types. */
    private record Types(Set<String> operands) {
        void add(String operand, DType type) {
            operands.add(operand + " " + type);
        }
    }

    private static String covered(Types tested, Types accepted) {
        var both = new TreeSet<>(tested.operands());
        both.retainAll(accepted.operands());
        return accepted.operands().isEmpty()
                ? "tested"
                : both.size() + " of " + accepted.operands().size();
    }

    private static Map<String, Access> operands(Instruction instruction, Types types) {
        var operands = new LinkedHashMap<String, Access>();
        instruction.through(new Fields.Unchanged() {
            @Override
            public Access from(String name, Access a) {
                return to(name, a);
            }

            @Override
            public Access update(String name, Access a) {
                return to(name, a);
            }

            @Override
            public Access to(String name, Access a) {
                types.add(name, a.dtype());
                operands.put(name, a);
                return a;
            }
        });
        return operands;
    }

    /** Adds the types that an operand may have instead of its own. */
    private static void accepted(Instruction instruction, Target target, Types types) {
        for (var operand : operands(instruction, new Types(new TreeSet<>())).entrySet()) {
            for (var type : FORMATS) {
                if (isWithinLimits(instruction, operand.getValue(), type, target)) {
                    types.add(operand.getKey(), type);
                }
            }
        }
    }

    private static Access withType(Access a, DType type) {
        return new Access(
                a.memory(), a.object(), type, a.startPartition(), a.partitions(), a.offset(), a.dims(), a.index());
    }

    private static boolean isWithinLimits(Instruction instruction, Access operand, DType type, Target target) {
        try {
            Limits.check(instruction.map(a -> a.equals(operand) ? withType(a, type) : a), target);
            return true;
        } catch (LimitException e) {
            return false;
        }
    }

    private static boolean refused(List<Source> sources, String instruction, String target) {
        boolean runs = sources.stream()
                .filter(s -> s.targets().contains(target))
                .flatMap(s -> instructions(s, target).stream())
                .anyMatch(i -> i.mnemonic().equals(instruction));
        return !runs
                && sources.stream()
                        .filter(s -> s.refusals().containsKey(target))
                        .flatMap(s -> instructions(s, s.targets().getFirst()).stream())
                        .anyMatch(i -> i.mnemonic().equals(instruction));
    }

    private static List<Instruction> instructions(Source source, String target) {
        return assemble(source, target).cores().stream()
                .flatMap(c -> c.streams().values().stream())
                .flatMap(List::stream)
                .map(Issue::instruction)
                .toList();
    }

    private static List<String> documented() throws IOException {
        var text = Files.readString(INSTRUCTIONS);
        return java.util.regex.Pattern.compile("(?m)^\\| \\d+ \\| ([a-z0-9_]+) \\|")
                .matcher(text)
                .results()
                .map(r -> r.group(1))
                .toList();
    }

    private static List<Source> sources() throws IOException {
        try (var files = Files.list(PROGRAMS)) {
            var sources = new ArrayList<Source>();
            for (var file :
                    files.filter(f -> f.toString().endsWith(".asm")).sorted().toList()) {
                sources.add(read(file));
            }
            return sources;
        }
    }

    private static Source read(Path file) throws IOException {
        var text = new StringBuilder();
        var given = new ArrayList<Content>();
        var expected = new ArrayList<Content>();
        var targets = TARGETS;
        var refusals = new LinkedHashMap<String, String>();
        for (var line : Files.readAllLines(file)) {
            if (line.startsWith("given ")) {
                given.add(content(line.substring(6)));
            } else if (line.startsWith("expect ")) {
                expected.add(content(line.substring(7)));
            } else if (line.startsWith("targets: ")) {
                targets = List.of(line.substring(9).split(", "));
            } else if (line.startsWith("refused on ")) {
                int colon = line.indexOf(": ");
                refusals.put(line.substring(11, colon), line.substring(colon + 2));
            } else {
                text.append(line);
            }
            text.append('\n');
        }
        var name = file.getFileName().toString().replace(".asm", "");
        return new Source(name, text.toString(), given, expected, targets, refusals);
    }

    private static Content content(String line) {
        var parts = line.split(" = ");
        return new Content(
                Assembler.access(new Scanner(parts[0], line)),
                List.of(parts[1].strip().split(" +")));
    }

    private static Program assemble(Source source, String target) {
        var heading = "program \"%s\" for \"%s\" hbm %d ".formatted(source.name(), target, 4 * STAGING);
        return Assembler.parse(heading + source.text(), source.name() + ".asm", Targets::load, Constants.NONE);
    }

    private static void refuse(Source source, String target, String message) {
        var program = whole(source, assemble(source, target));
        assertThatThrownBy(() -> new Emulator(program, 1)).hasMessageContaining(message);
    }

    private static void run(Source source, String target) {
        var program = whole(source, assemble(source, target));
        var listing = Listing.text(program);
        assertThat(Listing.text(Assembler.parse(listing, "listing", Targets::load, Constants.NONE)))
                .isEqualTo(listing);
        var inputs = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < source.given().size(); i++) {
            inputs.put("given " + i, tensor(source.given().get(i)));
        }
        try (var emulator = new Emulator(program, 1)) {
            var outputs = emulator.run(inputs);
            for (int i = 0; i < source.expected().size(); i++) {
                var expected = source.expected().get(i);
                assertThat(texts(outputs.get("expected " + i)))
                        .as("%s", expected.access())
                        .isEqualTo(texts(tensor(expected)));
            }
        }
    }

    private static Tensor tensor(Content content) {
        var tensor = Tensor.allocate(type(content));
        var dtype = content.access().dtype();
        assertThat(content.values()).as("%s", content.access()).hasSize((int)
                content.access().elements());
        for (int i = 0; i < content.values().size(); i++) {
            var text = content.values().get(i);
            if (dtype.isFloat()) {
                Elements.writeFloat(tensor.bytes(), i, dtype, Float.parseFloat(text));
            } else {
                Elements.writeInteger(tensor.bytes(), i, dtype, Long.decode(text));
            }
        }
        return tensor;
    }

    private static TensorType type(Content content) {
        return TensorType.of(content.access().dtype(), content.access().elements());
    }

    private static List<String> texts(Tensor t) {
        var texts = new ArrayList<String>();
        var dtype = t.type().dtype();
        for (long i = 0; i < t.type().shape().elements(); i++) {
            texts.add(
                    dtype.isFloat()
                            ? Float.toString(Elements.readFloat(t.bytes(), i, dtype))
                            : Long.toString(Elements.readInteger(t.bytes(), i, dtype)));
        }
        return texts;
    }

    /** The program between transfers that bring what is given and take away what is expected. */
    private static Program whole(Source source, Program body) {
        var tensors = new ArrayList<Program.Binding>();
        var loads = new ArrayList<Issue>();
        var stores = new ArrayList<Issue>();
        long address = STAGING;
        for (int i = 0; i < source.given().size(); i++) {
            var content = source.given().get(i);
            boolean inHbm = content.access().memory() == Memory.HBM;
            long at = inHbm ? content.access().offset() : address;
            tensors.add(binding(Role.INPUT, "given " + i, content, at));
            if (!inHbm) {
                loads.add(issue(
                        new DmaCopy(Engine.SYNC, LOAD_QUEUE, content.access(), hbm(content, at)),
                        Optional.empty(),
                        Optional.of(new Issue.Update(LOADED, 16))));
                address = next(address, content);
            }
        }
        for (int i = 0; i < source.expected().size(); i++) {
            var content = source.expected().get(i);
            boolean inHbm = content.access().memory() == Memory.HBM;
            long at = inHbm ? content.access().offset() : address;
            tensors.add(binding(Role.OUTPUT, "expected " + i, content, at));
            if (!inHbm) {
                stores.add(issue(
                        new DmaCopy(Engine.SYNC, STORE_QUEUE, hbm(content, at), content.access()),
                        Optional.empty(),
                        Optional.of(new Issue.Update(STORED, 16))));
                address = next(address, content);
            }
        }
        var streams = new EnumMap<Engine, List<Issue>>(Engine.class);
        int others = 0;
        for (var engine : Engine.values()) {
            var stream = body.cores().isEmpty() ? List.<Issue>of() : body.cores().getFirst().stream(engine);
            if (engine == Engine.SYNC) {
                streams.put(engine, sync(stream, loads, stores, others));
            } else if (!stream.isEmpty()) {
                others++;
                var all = new ArrayList<Issue>();
                all.add(event(engine, Optional.of(new Issue.Wait(LOADED, 16 * loads.size())), Optional.empty()));
                stream.forEach(i -> all.add(moved(i, 1)));
                all.add(event(engine, Optional.empty(), Optional.of(new Issue.Update(DONE, 1))));
                streams.put(engine, all);
            }
        }
        return new Program(
                body.name(),
                body.target(),
                tensors,
                body.contract(),
                body.constants(),
                body.hbmBytes(),
                List.of(new Program.Core(streams)),
                body.locations());
    }

    private static List<Issue> sync(List<Issue> stream, List<Issue> loads, List<Issue> stores, int others) {
        var all = new ArrayList<>(loads);
        all.add(event(Engine.SYNC, Optional.of(new Issue.Wait(LOADED, 16 * loads.size())), Optional.empty()));
        int before = all.size();
        stream.forEach(i -> all.add(moved(i, before)));
        all.add(event(Engine.SYNC, Optional.of(new Issue.Wait(DONE, others)), Optional.empty()));
        all.addAll(stores);
        return all;
    }

    private static Issue moved(Issue issue, int by) {
        return issue.instruction() instanceof Branch(var engine, var register, var compare, var value, var target)
                ? new Issue(
                        new Branch(engine, register, compare, value, target + by),
                        issue.waits(),
                        issue.update(),
                        issue.location())
                : issue;
    }

    private static Issue event(Engine engine, Optional<Issue.Wait> wait, Optional<Issue.Update> update) {
        return issue(new EventSemaphore(engine), wait, update);
    }

    private static Issue issue(Instruction instruction, Optional<Issue.Wait> wait, Optional<Issue.Update> update) {
        return new Issue(instruction, wait.stream().toList(), update, 0);
    }

    private static Program.Binding binding(Role role, String name, Content content, long at) {
        return new Program.Binding(role, name, type(content), content.access().dtype(), at);
    }

    private static Access hbm(Content content, long at) {
        return Access.physical(
                Memory.HBM,
                content.access().dtype(),
                0,
                1,
                at,
                List.of(new Access.Dim(1, content.access().elements())));
    }

    private static long next(long address, Content content) {
        return Math.ceilDiv(address + content.access().bytes(), ALIGNMENT) * ALIGNMENT;
    }
}
