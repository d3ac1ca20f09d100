package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.Memory;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** One engine's stream as it is executed: where it is, when it is free, its registers and what it has not yet committed. Mutable. */
final class Sequencer {
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    final Engine engine;
    final List<Issue> stream;
    private final Cost[] costs;
    private final List<List<Access>> reads = new ArrayList<>();
    private final List<List<Access>> writes = new ArrayList<>();
    private final int[] registers;
    private final Deque<Loop> loops = new ArrayDeque<>();
    private final List<Pending> pending = new ArrayList<>();
    private final boolean[] dynamic;
    int at;
    double free;
    long issued;
    double busy;
    double semaphoreWait;
    double hazardWait;

    private record Loop(int begin, int register, int stop, int step) {}

    /** A result that other instructions of the engine can read from a time on. */
    private record Pending(Access access, double commit, boolean sum) {}

    Sequencer(Engine engine, List<Issue> stream, Target target) {
        this.engine = engine;
        this.stream = stream;
        this.costs = new Cost[stream.size()];
        this.dynamic = new boolean[stream.size()];
        this.registers = new int[target.control().registersPerSequencer()];
        for (int i = 0; i < stream.size(); i++) {
            var instruction = stream.get(i).instruction();
            costs[i] = Cost.of(instruction, target);
            reads.add(instruction.reads());
            writes.add(instruction.writes());
            dynamic[i] = java.util.stream.Stream.concat(reads.get(i).stream(), writes.get(i).stream())
                    .anyMatch(a -> a.index().isPresent());
        }
    }

    void reset() {
        at = 0;
        free = 0;
        issued = 0;
        busy = 0;
        semaphoreWait = 0;
        hazardWait = 0;
        loops.clear();
        pending.clear();
        java.util.Arrays.fill(registers, 0);
    }

    boolean isDone() {
        return at >= stream.size();
    }

    Issue next() {
        return stream.get(at);
    }

    Cost cost() {
        return costs[at];
    }

    /** The instruction with its register operands replaced by addresses. */
    Instruction instruction() {
        var instruction = next().instruction();
        return dynamic[at] ? instruction.map(this::resolved) : instruction;
    }

    private Access resolved(Access a) {
        return a.index()
                .map(i -> Access.physical(
                        a.memory(),
                        a.dtype(),
                        a.startPartition(),
                        a.partitions(),
                        a.offset() + registers[i.register()] * i.bytesPerCount(),
                        a.dims()))
                .orElse(a);
    }

    /** When the engine's own earlier results that the next instruction touches are committed. */
    double hazard(double from) {
        pending.removeIf(p -> p.commit <= from);
        double until = from;
        boolean sum = next().instruction() instanceof Instruction.NcMatmul m && m.accumulate();
        for (var p : pending) {
            // The adder beside PSUM takes one product after the other.
            boolean touches = reads.get(at).stream()
                    .anyMatch(a -> a.mayOverlap(p.access) && !(sum && p.sum && a.memory() == Memory.PSUM));
            touches |= !(sum && p.sum) && writes.get(at).stream().anyMatch(a -> a.mayOverlap(p.access));
            if (touches) {
                until = Math.max(until, p.commit);
            }
        }
        return until;
    }

    /** Accounts for the instruction at a time and moves on, following loops and branches. */
    void issue(double time, Memories memories) {
        var issue = next();
        var cost = costs[at];
        busy += cost.issueSeconds();
        free = time + cost.issueSeconds();
        issued++;
        if (!(issue.instruction() instanceof Instruction.DmaCopy)) {
            boolean sum = issue.instruction() instanceof Instruction.NcMatmul;
            writes.get(at).forEach(a -> pending.add(new Pending(a, time + cost.resultSeconds(), sum)));
        }
        at = control(issue.instruction(), memories);
    }

    private int control(Instruction instruction, Memories memories) {
        switch (instruction) {
            case Instruction.RegisterMove i -> registers[i.register()] = i.value();
            case Instruction.RegisterAlu i ->
                registers[i.register()] = i.op().onRegisters(registers[i.a()], registers[i.b()]);
            case Instruction.RegisterLoad i -> {
                var from = resolved(i.from());
                var memory = memories.of(from.memory());
                Memories.requireWritten(memory, from, memories.start(from, 0), 0);
                registers[i.register()] = memory.bytes.get(WORD, memories.start(from, 0));
            }
            case Instruction.RegisterStore i -> {
                var to = resolved(i.to());
                var memory = memories.of(to.memory());
                memory.bytes.set(WORD, memories.start(to, 0), registers[i.register()]);
                memory.markWritten(to, memories.start(to, 0));
            }
            case Instruction.Branch i -> {
                if (i.compare().holds(registers[i.register()], i.value())) {
                    return i.target();
                }
            }
            case Instruction.LoopBegin i -> {
                if (i.start() >= i.stop()) {
                    return afterLoop();
                }
                registers[i.register()] = i.start();
                loops.push(new Loop(at, i.register(), i.stop(), i.step()));
            }
            case Instruction.LoopEnd i -> {
                var loop = loops.element();
                int count = registers[loop.register] + loop.step;
                if (count < loop.stop) {
                    registers[loop.register] = count;
                    return loop.begin + 1;
                }
                loops.pop();
            }
            default -> {}
        }
        return at + 1;
    }

    private int afterLoop() {
        int depth = 0;
        for (int i = at; i < stream.size(); i++) {
            if (stream.get(i).instruction() instanceof Instruction.LoopBegin) {
                depth++;
            } else if (stream.get(i).instruction() instanceof Instruction.LoopEnd && --depth == 0) {
                return i + 1;
            }
        }
        return stream.size();
    }
}
