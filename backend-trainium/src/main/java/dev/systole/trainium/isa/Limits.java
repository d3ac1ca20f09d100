package dev.systole.trainium.isa;

import dev.systole.ir.target.Target;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;

/** The documented limits of the machine: what breaks one is neither encoded nor executed. */
public final class Limits {
    private Limits() {}

    /**
     * Checks one instruction; its accesses may be virtual.
     *
     * @throws LimitException with the limit, the page it comes from, and the value
     */
    public static void check(Instruction instruction, Target target) {
        new InstructionLimits(target).check(instruction);
    }

    /**
     * Checks every issue of a program, and what holds for the program as a whole.
     *
     * @throws LimitException with the place, its model node, the limit and the value
     */
    public static void check(Program program) {
        var target = program.target();
        long hbm = target.memory().hbmBytesPerCore();
        if (program.hbmBytes() > hbm) {
            throw new LimitException(String.format(
                    Locale.ROOT,
                    "the program needs %,d bytes of HBM; a core of %s has %,d [A1]",
                    program.hbmBytes(),
                    target.name(),
                    hbm));
        }
        for (var t : program.tensors()) {
            inHbm(program, t.address(), t.address() + t.bytes(), "tensor \"" + t.name() + "\"");
        }
        var faults = program.contract()
                .faults(
                        program.inputs().stream().map(Program.Binding::type).toList(),
                        program.outputs().stream().map(Program.Binding::type).toList());
        if (!faults.isEmpty()) {
            throw new LimitException(faults.getFirst());
        }
        for (var c : program.constants()) {
            inHbm(program, c.address(), c.address() + c.bytes().byteSize(), "a constant");
        }
        var limits = new InstructionLimits(target);
        for (var core : program.cores()) {
            for (var stream : core.streams().entrySet()) {
                check(program, stream.getKey(), stream.getValue(), limits);
            }
        }
    }

    /**
     * Checks instructions whose accesses registers moved, at the addresses that they have when they are issued.
     *
     * @throws LimitException with the place, its model node, the limit and the value
     */
    static void checkMoved(Program program, Engine engine, List<ControlFlow.Traced> trace) {
        for (var t : trace) {
            if (t.instruction() != t.issue().instruction()) {
                try {
                    checkMoved(program, t.instruction());
                } catch (LimitException e) {
                    throw new LimitException("%s @%d (node %s): %s"
                            .formatted(
                                    engine,
                                    t.index(),
                                    program.locations().get(t.issue().location()),
                                    e.getMessage()));
                }
            }
        }
    }

    /**
     * Checks an instruction of a program at the addresses to which registers moved its accesses.
     *
     * @throws LimitException with the limit and the value
     */
    public static void checkMoved(Program program, Instruction instruction) {
        check(instruction, program.target());
        instruction.reads().forEach(a -> address(program, a));
        instruction.writes().forEach(a -> address(program, a));
    }

    private static void inHbm(Program program, long from, long to, String what) {
        if (from < 0 || to > program.hbmBytes()) {
            throw new LimitException("%s lies at %d..%d, outside the program's %d bytes of HBM"
                    .formatted(what, from, to, program.hbmBytes()));
        }
    }

    private static void check(Program program, Engine engine, List<Issue> stream, InstructionLimits limits) {
        var loops = new ArrayDeque<Integer>();
        for (int i = 0; i < stream.size(); i++) {
            var issue = stream.get(i);
            if (issue.location() < 0 || issue.location() >= program.locations().size()) {
                throw new LimitException("%s @%d: location %d of %d"
                        .formatted(
                                engine, i, issue.location(), program.locations().size()));
            }
            try {
                limits.check(issue.instruction());
                issue(program, engine, issue, stream.size());
            } catch (LimitException e) {
                throw new LimitException("%s @%d (node %s): %s"
                        .formatted(engine, i, program.locations().get(issue.location()), e.getMessage()));
            }
            switch (issue.instruction()) {
                case ControlInstruction.LoopBegin loop -> loops.push(i);
                case ControlInstruction.LoopEnd end
                when loops.poll() == null ->
                    throw new LimitException(engine + " @" + i + ": loop_end without loop_begin");
                default -> {}
            }
        }
        if (!loops.isEmpty()) {
            throw new LimitException(engine + " @" + loops.peek() + ": loop_begin without loop_end");
        }
    }

    private static void issue(Program program, Engine engine, Issue issue, int length) {
        var control = program.target().control();
        if (issue.instruction().engine() != engine) {
            throw new LimitException(
                    "an instruction of " + issue.instruction().engine() + " in the stream of " + engine);
        }
        for (var w : issue.waits()) {
            semaphore(w.semaphore(), control.semaphores());
            if (w.atLeast() < 0 || w.atLeast() > control.maxSemaphoreValue()) {
                throw new LimitException(
                        "a semaphore holds 0 to " + control.maxSemaphoreValue() + ", not " + w.atLeast());
            }
        }
        issue.update().ifPresent(u -> {
            semaphore(u.semaphore(), control.semaphores());
            if (u.add() <= 0) {
                throw new LimitException("semaphores rise; an update adds " + u.add());
            }
            int completion = program.target().dma().completionSemaphoreIncrement();
            if (issue.instruction() instanceof DmaInstruction && u.add() != completion) {
                throw new LimitException("a completed transfer adds " + completion + " [DMA], not " + u.add());
            }
        });
        if (issue.instruction() instanceof ControlInstruction.Branch b && (b.target() < 0 || b.target() > length)) {
            throw new LimitException("a branch to " + b.target() + " in a stream of " + length);
        }
        issue.instruction().reads().forEach(a -> address(program, a));
        issue.instruction().writes().forEach(a -> address(program, a));
    }

    private static void semaphore(int s, int count) {
        if (s < 0 || s >= count) {
            throw new LimitException("a core has semaphores 0 to " + (count - 1) + " [DRV], not " + s);
        }
    }

    private static void address(Program program, Access a) {
        if (a.isVirtual()) {
            throw new LimitException("a virtual operand: " + a);
        }
        if (a.memory() == Memory.HBM && a.index().isEmpty()) {
            inHbm(program, a.offset() + a.lowestByte(), a.offset() + a.highestByte(), a.toString());
        }
    }
}
