package dev.systole.trainium.isa;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The instructions of a stream in the order in which its sequencer issues them, with loops and branches followed and register
 * operands replaced by addresses; control instructions that carry no semaphore are left out.
 */
final class ControlFlow {
    /** Instructions that are followed at most; a longer run is not proven. */
    private static final int MOST_STEPS = 20_000_000;

    private final List<Issue> stream;
    private final Map<Integer, Integer> registers = new HashMap<>();
    private final Deque<Loop> loops = new ArrayDeque<>();
    private final List<Traced> trace = new ArrayList<>();

    /** An issue as executed: its place in the stream, and the instruction with addresses. */
    record Traced(int index, Issue issue, Instruction instruction) {}

    private record Loop(int begin, int register, int stop, int step) {}

    private ControlFlow(List<Issue> stream) {
        this.stream = stream;
    }

    /** The trace, or nothing if control depends on what memory holds or does not end within the limit. */
    static Optional<List<Traced>> of(List<Issue> stream) {
        var flow = new ControlFlow(stream);
        return flow.follow() ? Optional.of(flow.trace) : Optional.empty();
    }

    private boolean follow() {
        int at = 0;
        for (int steps = 0; at < stream.size(); steps++) {
            if (steps == MOST_STEPS) {
                return false;
            }
            var issue = stream.get(at);
            int next = at + 1;
            switch (issue.instruction()) {
                case ControlInstruction.RegisterMove i -> registers.put(i.register(), i.value());
                case ControlInstruction.RegisterAlu i -> {
                    if (!registers.containsKey(i.a()) || !registers.containsKey(i.b())) {
                        registers.remove(i.register());
                    } else {
                        registers.put(i.register(), i.op().onRegisters(registers.get(i.a()), registers.get(i.b())));
                    }
                }
                case ControlInstruction.RegisterLoad i -> registers.remove(i.register());
                case ControlInstruction.Branch i -> {
                    if (!registers.containsKey(i.register())) {
                        return false;
                    }
                    if (i.compare().holds(registers.get(i.register()), i.value())) {
                        next = i.target();
                    }
                }
                case ControlInstruction.LoopBegin i -> {
                    var start = value(i.start());
                    var stop = value(i.stop());
                    if (start.isEmpty() || stop.isEmpty()) {
                        return false;
                    }
                    if (start.getAsInt() < stop.getAsInt()) {
                        registers.put(i.register(), start.getAsInt());
                        loops.push(new Loop(at, i.register(), stop.getAsInt(), i.step()));
                    } else {
                        next = afterLoop(at);
                    }
                }
                case ControlInstruction.LoopEnd i -> {
                    if (loops.isEmpty()) {
                        return false;
                    }
                    var loop = loops.peek();
                    if (!registers.containsKey(loop.register)) {
                        return false;
                    }
                    int count = registers.get(loop.register) + loop.step;
                    if (count < loop.stop) {
                        registers.put(loop.register, count);
                        next = loop.begin + 1;
                    } else {
                        loops.pop();
                    }
                }
                default -> {}
            }
            boolean isData = !issue.instruction().reads().isEmpty()
                    || !issue.instruction().writes().isEmpty();
            if (isData || !issue.waits().isEmpty() || issue.update().isPresent()) {
                trace.add(new Traced(at, issue, resolved(issue, at)));
            }
            at = next;
        }
        return true;
    }

    private OptionalInt value(Count count) {
        return switch (count) {
            case Count.Immediate(var value) -> OptionalInt.of(value);
            case Count.Register(var number) ->
                registers.containsKey(number) ? OptionalInt.of(registers.get(number)) : OptionalInt.empty();
        };
    }

    private int afterLoop(int begin) {
        int depth = 0;
        for (int i = begin; i < stream.size(); i++) {
            if (stream.get(i).instruction() instanceof ControlInstruction.LoopBegin) {
                depth++;
            } else if (stream.get(i).instruction() instanceof ControlInstruction.LoopEnd && --depth == 0) {
                return i + 1;
            }
        }
        return stream.size();
    }

    private Instruction resolved(Issue issue, int at) {
        var instruction = issue.instruction();
        boolean moves = Stream.concat(instruction.reads().stream(), instruction.writes().stream())
                .anyMatch(a -> a.index().isPresent());
        try {
            return moves ? instruction.map(this::resolved) : instruction;
        } catch (LimitException e) {
            throw new LimitException("%s @%d: %s".formatted(instruction.engine(), at, e.getMessage()));
        }
    }

    /** With a register whose value is known the address is known; otherwise the access stays open. */
    private Access resolved(Access a) {
        var value = a.index().map(i -> Optional.ofNullable(registers.get(i.register())));
        if (value.isEmpty() || value.get().isEmpty()) {
            return a;
        }
        return Access.physical(
                a.memory(),
                a.dtype(),
                a.startPartition(),
                a.partitions(),
                a.offset() + value.get().get() * a.index().get().bytesPerCount(),
                a.dims());
    }
}
