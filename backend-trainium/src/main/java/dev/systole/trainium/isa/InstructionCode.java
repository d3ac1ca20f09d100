package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The encoding of issues: opcode, engine, semaphores, location, then the instruction's fields in the order of its record. */
final class InstructionCode {
    private static final List<Engine> ENGINES = List.of(Engine.values());

    private InstructionCode() {}

    static void write(CodeWriter w, Issue issue) {
        w.u8(Opcode.of(issue.instruction()).number());
        w.u8(issue.instruction().engine().ordinal());
        w.u8(issue.waits().size());
        w.flag(issue.update().isPresent());
        w.i32(issue.location());
        for (var wait : issue.waits()) {
            w.u16(wait.semaphore());
            w.i32(wait.atLeast());
        }
        issue.update().ifPresent(u -> {
            w.u16(u.semaphore());
            w.i32(u.add());
        });
        issue.instruction().through(new Writing(w));
    }

    static Issue read(CodeReader r) {
        int opcode = r.u8();
        var engine = r.pick(ENGINES, "engine");
        int waitCount = r.u8();
        boolean updates = r.flag();
        int location = r.i32();
        var waits = new ArrayList<Issue.Wait>();
        for (int i = 0; i < waitCount; i++) {
            waits.add(new Issue.Wait(r.u16(), r.i32()));
        }
        Optional<Issue.Update> update = updates ? Optional.of(new Issue.Update(r.u16(), r.i32())) : Optional.empty();
        var instruction = Opcode.of(opcode)
                .orElseThrow(() -> new CodeReader.MalformedException("there is no instruction " + opcode))
                .example()
                .through(new Reading(r, engine));
        if (instruction.engine() != engine) {
            throw new CodeReader.MalformedException(instruction.mnemonic() + " does not run on " + engine);
        }
        return new Issue(instruction, waits, update, location);
    }

    private static final class Writing extends Fields.Unchanged {
        private final CodeWriter w;

        Writing(CodeWriter w) {
            this.w = w;
        }

        @Override
        public Access to(String name, Access a) {
            w.access(a);
            return a;
        }

        @Override
        public Access from(String name, Access a) {
            w.access(a);
            return a;
        }

        @Override
        public Access update(String name, Access a) {
            w.access(a);
            return a;
        }

        @Override
        public Optional<Access> from(String name, Optional<Access> a) {
            w.optional(a);
            return a;
        }

        @Override
        public Optional<Access> to(String name, Optional<Access> a) {
            w.optional(a);
            return a;
        }

        @Override
        public List<Access> from(String name, List<Access> list) {
            w.u8(list.size());
            list.forEach(w::access);
            return list;
        }

        @Override
        public Scalar scalar(String name, Scalar s) {
            w.scalar(s);
            return s;
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value) {
            w.u8(value.ordinal());
            return value;
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise) {
            return choice(name, values, value);
        }

        @Override
        public boolean flag(String name, boolean b) {
            w.flag(b);
            return b;
        }

        @Override
        public long integer(String name, long n) {
            w.i64(n);
            return n;
        }

        @Override
        public long integer(String name, long n, long otherwise) {
            return integer(name, n);
        }

        @Override
        public List<Integer> integers(String name, List<Integer> list) {
            w.integers(list);
            return list;
        }

        @Override
        public float real(String name, float x) {
            w.f32(x);
            return x;
        }

        @Override
        public int register(String name, int r) {
            w.u8(r);
            return r;
        }

        @Override
        public Count count(String name, Count c) {
            switch (c) {
                case Count.Immediate(var value) -> {
                    w.u8(0);
                    w.i32(value);
                }
                case Count.Register(var number) -> {
                    w.u8(1);
                    w.u8(number);
                }
            }
            return c;
        }

        @Override
        public int label(String name, int at) {
            w.i32(at);
            return at;
        }
    }

    /** Gives what is read for whatever it takes. */
    private record Reading(CodeReader r, Engine stream) implements Fields {
        @Override
        public Access to(String name, Access a) {
            return r.access();
        }

        @Override
        public Access from(String name, Access a) {
            return r.access();
        }

        @Override
        public Access update(String name, Access a) {
            return r.access();
        }

        @Override
        public Optional<Access> from(String name, Optional<Access> a) {
            return r.optional();
        }

        @Override
        public Optional<Access> to(String name, Optional<Access> a) {
            return r.optional();
        }

        @Override
        public List<Access> from(String name, List<Access> list) {
            int n = r.u8();
            var accesses = new ArrayList<Access>();
            for (int i = 0; i < n; i++) {
                accesses.add(r.access());
            }
            return accesses;
        }

        @Override
        public Scalar scalar(String name, Scalar s) {
            return r.scalar();
        }

        @Override
        public Scalar scalar(String name, Scalar s, Scalar otherwise) {
            return r.scalar();
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value) {
            return r.pick(values, name);
        }

        @Override
        public <E extends Enum<E>> E choice(String name, List<E> values, E value, E otherwise) {
            return r.pick(values, name);
        }

        @Override
        public boolean flag(String name, boolean b) {
            return r.flag();
        }

        @Override
        public long integer(String name, long n) {
            return r.i64();
        }

        @Override
        public long integer(String name, long n, long otherwise) {
            return r.i64();
        }

        @Override
        public List<Integer> integers(String name, List<Integer> list) {
            return r.integers();
        }

        @Override
        public float real(String name, float x) {
            return r.f32();
        }

        @Override
        public int register(String name, int number) {
            return r.u8();
        }

        @Override
        public Count count(String name, Count c) {
            return r.flag() ? new Count.Register(r.u8()) : new Count.Immediate(r.i32());
        }

        @Override
        public int label(String name, int at) {
            return r.i32();
        }

        @Override
        public Engine engine(Engine e) {
            return stream;
        }
    }
}
