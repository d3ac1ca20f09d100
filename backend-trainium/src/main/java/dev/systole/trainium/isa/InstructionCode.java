package dev.systole.trainium.isa;

import dev.systole.ir.number.ActivationFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The encoding of issues: opcode, engine, semaphores, location, then the instruction's fields in the order of its record. */
final class InstructionCode {
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
        var engine = r.pick(Engine.values(), "engine");
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
        public Scalar scalar(String name, Scalar s) {
            w.scalar(s);
            return s;
        }

        @Override
        public AluOp op(String name, AluOp op) {
            w.u8(op.ordinal());
            return op;
        }

        @Override
        public AluOp op(String name, AluOp op, AluOp otherwise) {
            return op(name, op);
        }

        @Override
        public ActivationFunction function(String name, ActivationFunction f) {
            w.u8(f.ordinal());
            return f;
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
        public Scalar scalar(String name, Scalar s) {
            return r.scalar();
        }

        @Override
        public Scalar scalar(String name, Scalar s, Scalar otherwise) {
            return r.scalar();
        }

        @Override
        public AluOp op(String name, AluOp op) {
            return r.pick(AluOp.values(), "operator");
        }

        @Override
        public AluOp op(String name, AluOp op, AluOp otherwise) {
            return op(name, op);
        }

        @Override
        public ActivationFunction function(String name, ActivationFunction f) {
            return r.pick(ActivationFunction.values(), "activation function");
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
        public int label(String name, int at) {
            return r.i32();
        }

        @Override
        public Engine engine(Engine e) {
            return stream;
        }
    }
}
