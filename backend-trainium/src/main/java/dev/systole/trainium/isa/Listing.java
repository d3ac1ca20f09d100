package dev.systole.trainium.isa;

import dev.systole.ir.text.Literals;
import dev.systole.ir.text.Scanner;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The printed form of instructions and programs: for each engine one line an instruction, with the semaphores it waits for before it,
 * the one it raises behind it, and a comment where the model node changes. {@link Assembler} reads the form.
 */
public final class Listing {
    private Listing() {}

    /** A whole program: tensors and constants, then the streams. */
    public static String text(Program program) {
        var out = new StringBuilder();
        lines(program).forEach(l -> out.append(l).append('\n'));
        return out.toString();
    }

    /** The lines of {@link #text(Program)}. */
    public static List<String> lines(Program program) {
        var out = new ArrayList<String>();
        out.add("program %s for %s"
                .formatted(
                        Scanner.quoted(program.name()),
                        Scanner.quoted(program.target().name())));
        out.add("hbm " + program.hbmBytes());
        for (var t : program.tensors()) {
            out.add("%s %s : %s as %s at %d"
                    .formatted(
                            t.role() == Program.Role.INPUT ? "input" : "output",
                            Scanner.quoted(t.name()),
                            t.type(),
                            t.carrier(),
                            t.address()));
        }
        program.contract().lines("").lines().forEach(out::add);
        for (var c : program.constants()) {
            var type = TensorType.of(DType.U8, c.bytes().byteSize());
            out.add("constant : %s at %d {%s}"
                    .formatted(type, c.address(), Literals.print(new Tensor(type, c.bytes()))));
        }
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
        var targets = new TreeSet<Integer>();
        stream.forEach(i -> {
            if (i.instruction() instanceof ControlInstruction.Branch b) {
                targets.add(b.target());
            }
        });
        int last = -1;
        for (int i = 0; i < stream.size(); i++) {
            var issue = stream.get(i);
            if (issue.location() != last) {
                out.add(("       // "
                                + Scanner.escaped(program.locations()
                                        .get(issue.location())
                                        .toString()))
                        .stripTrailing());
            }
            last = issue.location();
            if (targets.contains(i)) {
                out.add("L" + i + ":");
            }
            out.add("%6d %s".formatted(i, text(issue)));
        }
        if (targets.contains(stream.size())) {
            out.add("L" + stream.size() + ":");
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

    /** An instruction: its name, then its fields; operands by their place, everything else by name. */
    public static String text(Instruction instruction) {
        var fields = new Printing();
        instruction.through(fields);
        return fields.parts.isEmpty()
                ? instruction.mnemonic()
                : instruction.mnemonic() + " " + String.join(", ", fields.parts);
    }

    private static final class Printing extends Fields.Unchanged {
        private final List<String> parts = new ArrayList<>();

        private void add(String name, Object value) {
            parts.add(name + "=" + value);
        }

        @Override
        public Access to(String name, Access a) {
            parts.add(a.toString());
            return a;
        }

        @Override
        public Access from(String name, Access a) {
            parts.add(a.toString());
            return a;
        }

        @Override
        public Access update(String name, Access a) {
            return to(name, a);
        }

        @Override
        public Optional<Access> from(String name, Optional<Access> a) {
            a.ifPresent(x -> add(name, x));
            return a;
        }

        @Override
        public Optional<Access> to(String name, Optional<Access> a) {
            a.ifPresent(x -> add(name, x));
            return a;
        }

        @Override
        public List<Access> from(String name, List<Access> list) {
            add(name, list);
            return list;
        }

        @Override
        public Scalar scalar(String name, Scalar s) {
            add(name, s);
            return s;
        }

        @Override
        public Scalar scalar(String name, Scalar s, Scalar otherwise) {
            return s.equals(otherwise) ? s : scalar(name, s);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value) {
            add(name, value);
            return value;
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise) {
            return value == otherwise ? value : choice(name, values, value);
        }

        @Override
        public boolean flag(String name, boolean b) {
            if (b) {
                parts.add(name);
            }
            return b;
        }

        @Override
        public long integer(String name, long n) {
            add(name, n);
            return n;
        }

        @Override
        public long integer(String name, long n, long otherwise) {
            return n == otherwise ? n : integer(name, n);
        }

        @Override
        public List<Integer> integers(String name, List<Integer> list) {
            add(name, list);
            return list;
        }

        @Override
        public float real(String name, float x) {
            add(name, x);
            return x;
        }

        @Override
        public int register(String name, int r) {
            add(name, "r" + r);
            return r;
        }

        @Override
        public Count count(String name, Count c) {
            add(name, c);
            return c;
        }

        @Override
        public int label(String name, int at) {
            add(name, "L" + at);
            return at;
        }
    }
}
