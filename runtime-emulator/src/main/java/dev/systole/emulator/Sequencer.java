package dev.systole.emulator;

import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.Count;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.LimitException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Where an engine is in its stream: the next instruction, the registers, the open loops. Mutable. */
final class Sequencer {
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    final Engine engine;
    final List<Issue> stream;
    private final int[] registers;

    /** Registers whose value comes from memory that a simulation does not have. */
    private final boolean[] unknown;

    private final Deque<Loop> loops = new ArrayDeque<>();
    private final boolean[] dynamic;
    private int at;

    private record Loop(int begin, int register, int stop, int step) {}

    Sequencer(Engine engine, List<Issue> stream, int registers) {
        this.engine = engine;
        this.stream = stream;
        this.registers = new int[registers];
        this.unknown = new boolean[registers];
        this.dynamic = new boolean[stream.size()];
        for (int i = 0; i < dynamic.length; i++) {
            var instruction = stream.get(i).instruction();
            dynamic[i] = instruction.reads().stream().anyMatch(a -> a.index().isPresent())
                    || instruction.writes().stream().anyMatch(a -> a.index().isPresent());
        }
    }

    void reset() {
        at = 0;
        loops.clear();
        Arrays.fill(registers, 0);
        Arrays.fill(unknown, false);
    }

    boolean isDone() {
        return at >= stream.size();
    }

    /** Place of the next instruction in the stream. */
    int at() {
        return at;
    }

    Issue next() {
        return stream.get(at);
    }

    /** True if registers move the next instruction's accesses. */
    boolean isDynamic() {
        return dynamic[at];
    }

    /**
     * The next instruction with its register operands replaced by addresses; by where they start if their register is not known.
     *
     * @throws LimitException if an address is outside of every memory
     */
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
                        unknown[i.register()] ? a.offset() : a.offset() + registers[i.register()] * i.bytesPerCount(),
                        a.dims()))
                .orElse(a);
    }

    /**
     * Moves on, following loops and branches.
     *
     * @param memories for loads and stores of registers; without them what a load gives is not known
     */
    void advance(Optional<Memories> memories) {
        at = after(next().instruction(), memories);
    }

    private int after(Instruction instruction, Optional<Memories> memories) {
        switch (instruction) {
            case ControlInstruction.RegisterMove i -> set(i.register(), i.value());
            case ControlInstruction.RegisterAlu i -> {
                boolean open = unknown[i.a()] || unknown[i.b()];
                set(i.register(), i.op().onRegisters(registers[i.a()], registers[i.b()]));
                unknown[i.register()] = open;
            }
            case ControlInstruction.RegisterLoad i -> {
                set(
                        i.register(),
                        memories.map(m -> m.operand(resolved(i.from())))
                                .map(from -> from.memory.bytes.get(WORD, from.row(0)))
                                .orElse(0));
                unknown[i.register()] = memories.isEmpty();
            }
            case ControlInstruction.RegisterStore i ->
                memories.map(m -> m.operand(resolved(i.to())))
                        .ifPresent(to -> to.memory.bytes.set(WORD, to.row(0), registers[i.register()]));
            case ControlInstruction.Branch i -> {
                if (i.compare().holds(registers[i.register()], i.value())) {
                    return i.target();
                }
            }
            case ControlInstruction.LoopBegin i -> {
                int start = value(i.start());
                int stop = value(i.stop());
                if (start >= stop) {
                    return afterLoop();
                }
                set(i.register(), start);
                loops.push(new Loop(at, i.register(), stop, i.step()));
            }
            case ControlInstruction.LoopEnd i -> {
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

    private void set(int register, int value) {
        registers[register] = value;
        unknown[register] = false;
    }

    private int value(Count count) {
        return switch (count) {
            case Count.Immediate(var value) -> value;
            case Count.Register(var number) -> registers[number];
        };
    }

    private int afterLoop() {
        int depth = 0;
        for (int i = at; i < stream.size(); i++) {
            if (stream.get(i).instruction() instanceof ControlInstruction.LoopBegin) {
                depth++;
            } else if (stream.get(i).instruction() instanceof ControlInstruction.LoopEnd && --depth == 0) {
                return i + 1;
            }
        }
        return stream.size();
    }
}
