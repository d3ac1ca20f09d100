package dev.systole.trainium.isa;

/** What sequencers do by themselves: registers, branches, loops, semaphores. Every engine has them. */
public sealed interface ControlInstruction extends Instruction {

    /** Sets a register of the engine's sequencer. */
    record RegisterMove(Engine engine, int register, int value) implements ControlInstruction {
        @Override
        public RegisterMove through(Fields f) {
            return new RegisterMove(f.engine(engine), f.register("dst", register), f.word("value", value));
        }
    }

    /** Register arithmetic in 32 bits, wrapping: {@code d = a op b}; {@link AluOp#ADD}, SUBTRACT or MULTIPLY. */
    record RegisterAlu(Engine engine, int register, int a, AluOp op, int b) implements ControlInstruction {
        @Override
        public RegisterAlu through(Fields f) {
            return new RegisterAlu(
                    f.engine(engine),
                    f.register("dst", register),
                    f.register("a", a),
                    f.op("op", op),
                    f.register("b", b));
        }
    }

    /** Reads one 32-bit word of HBM or SBUF into a register. */
    record RegisterLoad(Engine engine, int register, Access from) implements ControlInstruction {
        @Override
        public RegisterLoad through(Fields f) {
            return new RegisterLoad(f.engine(engine), f.register("dst", register), f.from("src", from));
        }
    }

    /** Writes a register to one 32-bit word of HBM or SBUF. */
    record RegisterStore(Engine engine, Access to, int register) implements ControlInstruction {
        @Override
        public RegisterStore through(Fields f) {
            return new RegisterStore(f.engine(engine), f.to("dst", to), f.register("src", register));
        }
    }

    /** Goes on at {@code target} (an index into the stream) if {@code register compare value} holds. */
    record Branch(Engine engine, int register, AluOp compare, int value, int target) implements ControlInstruction {
        @Override
        public Branch through(Fields f) {
            return new Branch(
                    f.engine(engine),
                    f.register("register", register),
                    f.op("cmp_op", compare),
                    f.word("value", value),
                    f.label("target", target));
        }
    }

    /**
     * Hardware loop: the register counts from {@code start} to below {@code stop} in steps of {@code step}; the body is what
     * follows up to the matching {@link LoopEnd}, and is skipped if there is nothing to count. Bounds in registers are read once, when the
     * loop begins.
     */
    record LoopBegin(Engine engine, int register, Count start, Count stop, int step) implements ControlInstruction {
        @Override
        public LoopBegin through(Fields f) {
            return new LoopBegin(
                    f.engine(engine),
                    f.register("register", register),
                    f.count("start", start),
                    f.count("stop", stop),
                    f.word("step", step, 1));
        }
    }

    /** End of the body of the innermost open {@link LoopBegin}. */
    record LoopEnd(Engine engine) implements ControlInstruction {
        @Override
        public LoopEnd through(Fields f) {
            return new LoopEnd(f.engine(engine));
        }
    }

    /** Nothing but its issue's waits and update. */
    record EventSemaphore(Engine engine) implements ControlInstruction {
        @Override
        public EventSemaphore through(Fields f) {
            return new EventSemaphore(f.engine(engine));
        }
    }
}
