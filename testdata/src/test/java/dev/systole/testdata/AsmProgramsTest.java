package dev.systole.testdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.systole.emulator.Emulator;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Targets;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Assembler;
import dev.systole.trainium.isa.ControlInstruction.Branch;
import dev.systole.trainium.isa.ControlInstruction.EventSemaphore;
import dev.systole.trainium.isa.DmaInstruction.DmaCopy;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.Program.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
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
    private static final List<String> TARGETS = List.of("trn1", "inf2", "trn2", "trn3");
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

    /** Of each documented instruction, on each target: tested, or refused by a rule that is tested, or neither. */
    @Test
    void everyInstructionIsCovered() throws IOException {
        var table = new StringBuilder("%-26s".formatted("instruction"));
        TARGETS.forEach(t -> table.append("%-9s".formatted(t)));
        table.append('\n');
        for (var instruction : documented()) {
            var line = new StringBuilder("%-26s".formatted(instruction));
            for (var target : TARGETS) {
                line.append("%-9s".formatted(coverage(instruction, target)));
            }
            assertThat(line).as("%s", line).contains("tested");
            table.append(line.toString().stripTrailing()).append('\n');
        }
        Goldens.check(Goldens.ROOT.resolve("goldens").resolve("instruction-coverage.txt"), table.toString());
    }

    private static String coverage(String instruction, String target) throws IOException {
        var refused = "-";
        for (var source : sources()) {
            if (instructions(source).contains(instruction)) {
                if (source.targets().contains(target)) {
                    return "tested";
                }
                refused = source.refusals().containsKey(target) ? "refused" : refused;
            }
        }
        return refused;
    }

    private static Set<String> instructions(Source source) {
        var found = new TreeSet<String>();
        assemble(source, source.targets().getFirst())
                .cores()
                .forEach(c -> c.streams()
                        .values()
                        .forEach(s -> s.forEach(i -> found.add(i.instruction().mnemonic()))));
        return found;
    }

    private static List<String> documented() throws IOException {
        var text = Files.readString(Goldens.ROOT.resolve("../docs/instruction-set.md"));
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
