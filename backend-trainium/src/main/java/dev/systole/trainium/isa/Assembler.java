package dev.systole.trainium.isa;

import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.text.Literals;
import dev.systole.ir.text.Literals.Constants;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.text.TextException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Reads the printed form of programs, see {@link Listing}, with three liberties for people: the numbers in front of instructions may be
 * left out, a label may have any name, and {@code define NAME = NUMBER} between streams lets a name stand for a number. Mutable: one
 * text.
 */
public final class Assembler {
    private final Scanner s;
    private final Map<Location, Integer> locations = new LinkedHashMap<>();
    private int location;

    private Assembler(Scanner s) {
        this.s = s;
        locations.put(Location.COMPILER, 0);
    }

    /**
     * A program.
     *
     * @param source the file, as messages call it
     * @param targets gives the target with the name that the text has
     * @param constants where constants that are printed as hashes come from
     * @throws TextException if the text is no program; what {@link Limits} and {@link RaceProof} ask is not checked
     */
    public static Program parse(String text, String source, Function<String, Target> targets, Constants constants) {
        var s = new Scanner(text, source);
        return new Assembler(s).program(targets, constants);
    }

    private Program program(Function<String, Target> targets, Constants constants) {
        s.expectWord("program");
        var name = s.string("the program's name");
        s.expectWord("for");
        var target = targets.apply(s.string("the target's name"));
        s.expectWord("hbm");
        long hbmBytes = s.integer("bytes of HBM");
        var tensors = new ArrayList<Program.Binding>();
        var contract = Contract.NONE;
        var data = new ArrayList<Program.Constant>();
        var cores = new ArrayList<Map<Engine, List<Issue>>>();
        while (!s.isAtEnd()) {
            if (s.acceptWord("input")) {
                tensors.add(binding(Program.Role.INPUT));
            } else if (s.acceptWord("output")) {
                tensors.add(binding(Program.Role.OUTPUT));
            } else if (s.seesWord("state") || s.seesWord("extent")) {
                contract = contract.and(Contract.parse(s));
            } else if (s.acceptWord("constant")) {
                data.add(constant(constants));
            } else if (s.acceptWord("define")) {
                var symbol = s.word("a name");
                s.expect("=");
                s.define(symbol, s.integer("a value"));
            } else {
                s.expectWord("core");
                core(cores);
            }
        }
        return new Program(
                name,
                target,
                tensors,
                contract,
                data,
                hbmBytes,
                cores.stream().map(Program.Core::new).toList(),
                List.copyOf(locations.keySet()));
    }

    private Program.Binding binding(Program.Role role) {
        var name = s.string("the tensor's name");
        s.expect(":");
        var type = Literals.type(s);
        s.expectWord("as");
        var carrier = Literals.dtype(s);
        s.expectWord("at");
        return new Program.Binding(role, name, type, carrier, s.integer("an address"));
    }

    private Program.Constant constant(Constants constants) {
        s.expect(":");
        var type = Literals.type(s);
        s.expectWord("at");
        long address = s.integer("an address");
        s.expect("{");
        var value = Literals.parse(s, type, constants);
        s.expect("}");
        return new Program.Constant(address, value.bytes());
    }

    private void core(List<Map<Engine, List<Issue>>> cores) {
        int place = s.mark();
        int number = s.integer("a core", 0, 1023);
        if (number > cores.size()) {
            throw s.fault("core " + cores.size() + " comes before this one", place);
        }
        if (number == cores.size()) {
            cores.add(new EnumMap<>(Engine.class));
        }
        place = s.mark();
        var engine = engine(s);
        if (cores.get(number).containsKey(engine)) {
            throw s.fault("the stream of " + engine + " is there twice", place);
        }
        s.expect("{");
        cores.get(number).put(engine, stream(engine));
    }

    /** An engine by its printed name. */
    public static Engine engine(Scanner s) {
        int place = s.mark();
        var name = s.word("an engine");
        for (var e : Engine.values()) {
            if (e.toString().equals(name)) {
                return e;
            }
        }
        throw s.fault("the engines are tensor, vector, scalar, gpsimd and sync", place);
    }

    private List<Issue> stream(Engine engine) {
        var labels = new HashMap<String, Integer>();
        var uses = new HashMap<String, Integer>();
        var placeholders = new ArrayList<String>();
        var issues = new ArrayList<Issue>();
        location = 0;
        for (readLocation(); !s.accept("}"); readLocation()) {
            int place = s.mark();
            if (!s.sees("S[")) {
                var word = s.word("an instruction");
                if (s.acceptOnLine(":")) {
                    if (labels.putIfAbsent(word, issues.size()) != null) {
                        throw s.fault("the label is there twice", place);
                    }
                    continue;
                }
                if (!word.chars().allMatch(Character::isDigit)) {
                    issues.add(issue(List.of(), word, place, engine, placeholders, uses));
                    continue;
                }
            }
            var waits = waits();
            place = s.mark();
            issues.add(issue(waits, s.word("an instruction"), place, engine, placeholders, uses));
        }
        uses.forEach((label, place) -> {
            if (!labels.containsKey(label)) {
                throw s.fault("there is no label \"" + label + "\" in this stream", place);
            }
        });
        return issues.stream().map(i -> resolved(i, placeholders, labels)).toList();
    }

    /** Branches name their target by position in the list of labels used, until all labels are known. */
    private static Issue resolved(Issue issue, List<String> used, Map<String, Integer> labels) {
        if (!(issue.instruction() instanceof ControlInstruction.Branch b)) {
            return issue;
        }
        var branch = new ControlInstruction.Branch(
                b.engine(), b.register(), b.compare(), b.value(), labels.get(used.get(b.target())));
        return new Issue(branch, issue.waits(), issue.update(), issue.location());
    }

    private void readLocation() {
        for (var heading = s.commentBefore(); heading.isPresent(); heading = s.commentBefore()) {
            var text = s.unescaped(heading.get());
            var at = text.isEmpty() ? Location.COMPILER : Location.parse(text);
            location = locations.computeIfAbsent(at, k -> locations.size());
        }
    }

    private List<Issue.Wait> waits() {
        var waits = new ArrayList<Issue.Wait>();
        while (s.accept("S[")) {
            int semaphore = s.integer("a semaphore", 0, 0xFFFF);
            s.expect("]");
            s.expect(">=");
            waits.add(new Issue.Wait(semaphore, s.integer("a value", 0, Integer.MAX_VALUE)));
        }
        return waits;
    }

    private Issue issue(
            List<Issue.Wait> waits,
            String mnemonic,
            int place,
            Engine engine,
            List<String> placeholders,
            Map<String, Integer> uses) {
        var instruction = instruction(s, mnemonic, place, engine, (label, at) -> {
            placeholders.add(label);
            uses.putIfAbsent(label, at);
            return placeholders.size() - 1;
        });
        Optional<Issue.Update> update = Optional.empty();
        if (s.acceptOnLine("S[")) {
            int semaphore = s.integer("a semaphore", 0, 0xFFFF);
            s.expect("]");
            s.expect("+=");
            update = Optional.of(new Issue.Update(semaphore, s.integer("an increment", 1, Integer.MAX_VALUE)));
        }
        try {
            return new Issue(instruction, waits, update, location);
        } catch (LimitException e) {
            throw s.fault(e.getMessage(), place);
        }
    }

    /** Gives the position that stands for a label. */
    @FunctionalInterface
    private interface Labels {
        int target(String label, int place);
    }

    /** An instruction of an engine as {@link Listing#text(Instruction)} prints it; without branches. */
    public static Instruction instruction(Scanner s, Engine engine) {
        int place = s.mark();
        return instruction(s, s.word("an instruction"), place, engine, (label, at) -> {
            throw s.fault("there are no branches here", at);
        });
    }

    private static Instruction instruction(Scanner s, String mnemonic, int place, Engine engine, Labels labels) {
        var opcode =
                Opcode.of(mnemonic).orElseThrow(() -> s.fault("there is no instruction \"" + mnemonic + "\"", place));
        try {
            var instruction = opcode.example().through(new Parsing(s, engine, labels));
            if (instruction.engine() != engine) {
                throw s.fault(mnemonic + " does not run on " + engine, place);
            }
            return instruction;
        } catch (LimitException e) {
            throw s.fault(e.getMessage(), place);
        }
    }

    /** An access as it is printed. */
    public static Access access(Scanner s) {
        int place = s.mark();
        var memory = memory(s.word("an operand in hbm, sbuf or psum"))
                .orElseThrow(() -> s.fault("an operand lies in hbm, sbuf or psum", place));
        var object = OptionalInt.empty();
        if (s.accept(memory == Memory.HBM ? ".b" : ".t")) {
            object = OptionalInt.of(s.integer("a number", 0, Integer.MAX_VALUE));
        }
        s.expect("[");
        int start = 0;
        int partitions = 1;
        if (memory != Memory.HBM) {
            start = s.integer("a partition", 0, 1 << 16);
            s.expect(":");
            partitions = s.integer("a partition", 0, 1 << 16) - start;
            s.expect(",");
        }
        long offset = s.integer("an offset");
        Optional<Access.Index> index = Optional.empty();
        if (s.accept("+")) {
            int register = register(s);
            s.expect("*");
            index = Optional.of(new Access.Index(register, s.integer("bytes")));
        }
        s.expect("]");
        var dtype = Literals.dtype(s);
        s.expect("(");
        var dims = new ArrayList<Access.Dim>();
        if (!s.accept(")")) {
            do {
                long stride = s.integer("a stride");
                s.expect(":");
                dims.add(new Access.Dim(stride, s.integer("a size")));
            } while (s.accept(","));
            s.expect(")");
        }
        try {
            return new Access(memory, object, dtype, start, partitions, offset, dims, index);
        } catch (LimitException e) {
            throw s.fault(e.getMessage(), place);
        }
    }

    private static Optional<Memory> memory(String name) {
        for (var m : Memory.values()) {
            if (m.toString().equals(name)) {
                return Optional.of(m);
            }
        }
        return Optional.empty();
    }

    private static int register(Scanner s) {
        int place = s.mark();
        var name = s.word("a register");
        if (!name.matches("r\\d{1,3}")) {
            throw s.fault("a register is r0, r1, ...", place);
        }
        return Integer.parseInt(name.substring(1));
    }

    /** Gives what is parsed for whatever it takes. */
    private static final class Parsing implements Fields {
        private final Scanner s;
        private final Engine stream;
        private final Labels labels;
        private boolean first = true;

        Parsing(Scanner s, Engine stream, Labels labels) {
            this.s = s;
            this.stream = stream;
            this.labels = labels;
        }

        private void separator() {
            if (!first) {
                s.expect(",");
            }
            first = false;
        }

        private void name(String name) {
            separator();
            s.expectWord(name);
            s.expect("=");
        }

        /** Reads the beginning of a field that may be left out. */
        private boolean hasName(String name) {
            if (first) {
                if (!s.acceptOnLine(name)) {
                    return false;
                }
                first = false;
            } else if (!s.acceptAfterComma(name)) {
                return false;
            }
            return true;
        }

        private boolean hasValue(String name) {
            boolean has = hasName(name);
            if (has) {
                s.expect("=");
            }
            return has;
        }

        @Override
        public Access to(String name, Access a) {
            separator();
            return access(s);
        }

        @Override
        public Access from(String name, Access a) {
            return to(name, a);
        }

        @Override
        public Access update(String name, Access a) {
            return to(name, a);
        }

        @Override
        public Optional<Access> from(String name, Optional<Access> a) {
            return hasValue(name) ? Optional.of(access(s)) : Optional.empty();
        }

        @Override
        public Optional<Access> to(String name, Optional<Access> a) {
            return from(name, a);
        }

        @Override
        public List<Access> from(String name, List<Access> list) {
            name(name);
            s.expect("[");
            var accesses = new ArrayList<Access>();
            do {
                accesses.add(access(s));
            } while (s.accept(","));
            s.expect("]");
            return accesses;
        }

        private Scalar scalarValue() {
            if (s.sees("sbuf") || s.sees("psum") || s.sees("hbm")) {
                return new Scalar.Column(access(s));
            }
            return new Scalar.Immediate(realValue());
        }

        private float realValue() {
            int place = s.mark();
            try {
                return Float.parseFloat(s.number("a number"));
            } catch (NumberFormatException e) {
                throw s.fault("expected a number", place);
            }
        }

        @Override
        public Scalar scalar(String name, Scalar scalar) {
            name(name);
            return scalarValue();
        }

        @Override
        public Scalar scalar(String name, Scalar scalar, Scalar otherwise) {
            return hasValue(name) ? scalarValue() : otherwise;
        }

        private <E extends Enum<E>> E chosen(String name, List<E> values) {
            int place = s.mark();
            var word = s.word("a value of " + name);
            for (var value : values) {
                if (value.toString().equals(word)) {
                    return value;
                }
            }
            throw s.fault("\"" + word + "\" is no value of " + name, place);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value) {
            name(name);
            return chosen(name, values);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise) {
            return hasValue(name) ? chosen(name, values) : otherwise;
        }

        @Override
        public boolean flag(String name, boolean b) {
            return hasName(name);
        }

        @Override
        public long integer(String name, long n) {
            name(name);
            return s.integer(name);
        }

        @Override
        public long integer(String name, long n, long otherwise) {
            return hasValue(name) ? s.integer(name) : otherwise;
        }

        @Override
        public int word(String name, int n) {
            name(name);
            return s.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }

        @Override
        public int word(String name, int n, int otherwise) {
            return hasValue(name) ? s.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE) : otherwise;
        }

        @Override
        public List<Integer> integers(String name, List<Integer> list) {
            name(name);
            int place = s.mark();
            var values = s.integers("a number");
            if (values.stream().anyMatch(v -> v != v.intValue())) {
                throw s.fault(name + " holds 32-bit numbers", place);
            }
            return values.stream().map(Long::intValue).toList();
        }

        @Override
        public float real(String name, float x) {
            name(name);
            return realValue();
        }

        @Override
        public int register(String name, int r) {
            name(name);
            return Assembler.register(s);
        }

        @Override
        public Count count(String name, Count c) {
            name(name);
            return s.sees("r")
                    ? new Count.Register(Assembler.register(s))
                    : new Count.Immediate(s.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }

        @Override
        public int label(String name, int at) {
            name(name);
            int place = s.mark();
            return labels.target(s.word("a label"), place);
        }

        @Override
        public Engine engine(Engine e) {
            return stream;
        }
    }
}
