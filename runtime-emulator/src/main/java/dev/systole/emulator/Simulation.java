package dev.systole.emulator;

import com.google.common.primitives.ImmutableIntArray;
import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.Program;
import dev.systole.trainium.isa.TensorInstruction;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A core's streams in time, without data: an instruction issues when its engine is free, its semaphores are high enough, and the
 * engine's own results that it touches are committed. Mutable: one simulation.
 */
final class Simulation {
    private final Program program;
    private final Target target;
    private final List<EngineClock> clocks;
    private final Optional<WrittenCheck> check;
    private final TimelineListener listener;
    private final Semaphores semaphores;
    private final DmaEngines dma;

    /** How high each semaphore rises by all that was issued so far. */
    private final long[] promised;

    private final ImmutableIntArray.Builder order = ImmutableIntArray.builder();
    private double end;
    private long multiplyAdds;

    /**
     * What a simulation finds.
     *
     * @param order position of the sequencer that issues, issue by issue
     */
    record Result(ImmutableIntArray order, Timeline timeline) {}

    /**
     * @param check follows the instructions as they issue, if given
     * @param listener is told of every one
     */
    Simulation(Program program, List<Sequencer> sequencers, Optional<WrittenCheck> check, TimelineListener listener) {
        this.program = program;
        this.target = program.target();
        var ports = new SharedPorts(target);
        this.clocks =
                sequencers.stream().map(s -> new EngineClock(s, ports, target)).toList();
        this.check = check;
        this.listener = listener;
        this.semaphores = new Semaphores(target.control().semaphores());
        this.dma = new DmaEngines(target);
        this.promised = new long[target.control().semaphores()];
    }

    /** @throws EmulatorException if the program waits for ever, or reads what nothing wrote */
    Result run() {
        clocks.forEach(c -> c.sequencer.reset());
        while (true) {
            int first = -1;
            double at = Double.POSITIVE_INFINITY;
            for (int i = 0; i < clocks.size(); i++) {
                if (!clocks.get(i).sequencer.isDone()) {
                    var time = awaited(clocks.get(i));
                    if (time.isPresent() && time.getAsDouble() < at) {
                        first = i;
                        at = time.getAsDouble();
                    }
                }
            }
            double transfer = dma.next();
            if (transfer <= at && transfer < Double.POSITIVE_INFINITY) {
                dma.advance(transfer).forEach(this::complete);
                continue;
            }
            if (first < 0) {
                break;
            }
            issue(clocks.get(first), at);
            order.add(first);
        }
        if (!clocks.stream().allMatch(c -> c.sequencer.isDone())) {
            throw deadlock();
        }
        Map<Engine, Timeline.EngineTime> engines = new EnumMap<>(Engine.class);
        clocks.forEach(c -> engines.put(c.sequencer.engine, c.time()));
        return new Result(
                order.build(),
                new Timeline(
                        end,
                        engines,
                        dma.busySeconds(),
                        dma.bytes(),
                        dma.hbmBytesRead(),
                        dma.hbmBytesWritten(),
                        dma.transfers(),
                        multiplyAdds));
    }

    /** When the next instruction can issue as far as its engine and its semaphores go; empty if nothing started raises them. */
    private OptionalDouble awaited(EngineClock clock) {
        double time = clock.free();
        for (var w : clock.sequencer.next().waits()) {
            var reached = semaphores.reaches(w.semaphore(), w.atLeast());
            if (reached.isEmpty()) {
                return OptionalDouble.empty();
            }
            time = Math.max(time, reached.getAsDouble());
        }
        return OptionalDouble.of(time);
    }

    private void issue(EngineClock clock, double awaited) {
        var sequencer = clock.sequencer;
        var issue = sequencer.next();
        var instruction = sequencer.instruction();
        var cost = clock.cost();
        try {
            check.ifPresent(c -> c.step(instruction));
        } catch (UnwrittenException e) {
            throw new EmulatorException("SYS5004", place(program, sequencer) + ": " + e.getMessage());
        }
        issue.update().ifPresent(u -> promise(sequencer, u));
        double free = clock.free();
        var last = awaited > free ? lastSemaphore(issue) : OptionalInt.empty();
        var span = clock.issue(instruction, awaited);
        var event = new TimelineListener.Event(
                sequencer.engine,
                sequencer.at(),
                issue,
                instruction,
                last,
                awaited - free,
                span.start() - awaited,
                new TimelineListener.Span(span.start(), span.end()));
        listener.issued(event);
        if (instruction instanceof DmaInstruction transfer) {
            dma.trigger(transfer, cost, event, span.end());
        } else {
            issue.update().ifPresent(u -> semaphores.raise(u.semaphore(), span.result(), u.add()));
            end = Math.max(end, span.result());
        }
        multiplyAdds += multiplyAdds(instruction);
        sequencer.advance(Optional.empty());
    }

    /** The semaphore of an instruction that can issue which was raised last. */
    private OptionalInt lastSemaphore(Issue issue) {
        return issue.waits().stream()
                .max(Comparator.comparingDouble(
                        w -> semaphores.reaches(w.semaphore(), w.atLeast()).orElseThrow()))
                .map(w -> OptionalInt.of(w.semaphore()))
                .orElse(OptionalInt.empty());
    }

    private void complete(DmaEngines.Completion transfer) {
        listener.moved(transfer.event(), transfer.moving());
        transfer.event().issue().update().ifPresent(u -> semaphores.raise(u.semaphore(), transfer.time(), u.add()));
        end = Math.max(end, transfer.time());
    }

    private static long multiplyAdds(Instruction instruction) {
        return switch (instruction) {
            case TensorInstruction.NcMatmul m ->
                m.transpose() ? 0 : m.stationary().free() * m.moving().elements() / (m.doubleRow() ? 2 : 1);
            case TensorInstruction.NcMatmulMx m ->
                4 * m.stationary().free() * m.moving().elements();
            default -> 0;
        };
    }

    private void promise(Sequencer sequencer, Issue.Update update) {
        promised[update.semaphore()] += update.add();
        if (promised[update.semaphore()] > target.control().maxSemaphoreValue()) {
            throw new EmulatorException(
                    "SYS5008",
                    place(program, sequencer) + ": semaphore " + update.semaphore() + " rises above "
                            + target.control().maxSemaphoreValue());
        }
    }

    /** Where a sequencer is, with the instruction and the model node that it serves. */
    private static String place(Program program, Sequencer s) {
        return place(program, s, s.at());
    }

    /** A place in a sequencer's stream, with the instruction and the model node that it serves. */
    static String place(Program program, Sequencer s, int at) {
        var issue = s.stream.get(at);
        return "%s @%d %s\n  node %s"
                .formatted(
                        s.engine, at, Listing.text(issue), program.locations().get(issue.location()));
    }

    private EmulatorException deadlock() {
        var text =
                new StringBuilder("deadlock: every engine that has work waits for a semaphore that nobody will raise");
        for (var clock : clocks) {
            var s = clock.sequencer;
            if (!s.isDone()) {
                text.append("\n  ").append(place(program, s));
                for (var w : s.next().waits()) {
                    if (semaphores.reaches(w.semaphore(), w.atLeast()).isEmpty()) {
                        text.append("\n    S[%d] is at most %d, awaited is %d; "
                                        .formatted(w.semaphore(), semaphores.height(w.semaphore()), w.atLeast()))
                                .append(raisers(w.semaphore()));
                    }
                }
            }
        }
        return new EmulatorException("SYS5003", text.toString());
    }

    private String raisers(int semaphore) {
        for (var clock : clocks) {
            var s = clock.sequencer;
            for (int i = s.at(); i < s.stream.size(); i++) {
                if (s.stream
                        .get(i)
                        .update()
                        .filter(u -> u.semaphore() == semaphore)
                        .isPresent()) {
                    return s.engine + " @" + i + " would raise it";
                }
            }
        }
        return "no instruction that is left raises it";
    }
}
