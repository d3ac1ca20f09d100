package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.LimitException;
import dev.systole.trainium.isa.Listing;
import dev.systole.trainium.isa.Program;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Executes a core's streams in the order of the times at which their instructions issue. An instruction issues when its engine
 * is free, its semaphores are high enough, and the engine's own results that it touches are committed. Mutable: one run.
 */
final class Simulation {
    private final Program program;
    private final Target target;
    private final List<Sequencer> sequencers;
    private final Memories memories;
    private final Execution execution;
    private final Semaphores semaphores;
    private final DmaEngines dma;
    private double end;
    private long multiplyAdds;

    Simulation(Program program, List<Sequencer> sequencers, Memories memories, Execution execution) {
        this.program = program;
        this.target = program.target();
        this.sequencers = sequencers;
        this.memories = memories;
        this.execution = execution;
        this.semaphores =
                new Semaphores(target.control().semaphores(), target.control().maxSemaphoreValue());
        this.dma = new DmaEngines(target);
    }

    Timeline run() {
        sequencers.forEach(Sequencer::reset);
        while (true) {
            Sequencer first = null;
            double at = Double.POSITIVE_INFINITY;
            for (var s : sequencers) {
                if (!s.isDone()) {
                    var time = awaited(s);
                    if (time.isPresent() && time.getAsDouble() < at) {
                        first = s;
                        at = time.getAsDouble();
                    }
                }
            }
            if (first == null) {
                break;
            }
            issue(first, at);
        }
        if (!sequencers.stream().allMatch(Sequencer::isDone)) {
            throw deadlock();
        }
        return timeline();
    }

    /** When the next instruction can issue as far as its engine and its semaphores go; empty if nothing started raises them. */
    private OptionalDouble awaited(Sequencer s) {
        double time = s.free;
        double wake =
                target.control().semaphoreWaitLatencyCycles() / dev.systole.trainium.isa.Cost.clockHz(s.engine, target);
        for (var w : s.next().waits()) {
            var reached = semaphores.reaches(w.semaphore(), w.atLeast());
            if (reached.isEmpty()) {
                return OptionalDouble.empty();
            }
            if (reached.getAsDouble() > s.free) {
                time = Math.max(time, reached.getAsDouble() + wake);
            }
        }
        return OptionalDouble.of(time);
    }

    private void issue(Sequencer s, double awaited) {
        double time = s.hazard(awaited);
        s.semaphoreWait += awaited - s.free;
        s.hazardWait += time - awaited;
        var issue = s.next();
        int index = s.at;
        var cost = s.cost();
        try {
            var instruction = s.instruction();
            execution.execute(instruction);
            double complete = time + cost.resultSeconds();
            if (instruction instanceof Instruction.DmaCopy copy) {
                complete = dma.transfer(copy, cost, time + cost.issueSeconds()) + cost.resultSeconds();
            } else if (instruction instanceof Instruction.NcMatmul m && !m.transpose()) {
                multiplyAdds += m.to().elements() * m.moving().partitions();
            }
            s.issue(time, memories);
            double completion = complete;
            issue.update().ifPresent(u -> semaphores.raise(u.semaphore(), completion, u.add()));
            end = Math.max(end, complete);
        } catch (Memories.UnwrittenException e) {
            throw new EmulatorException("SYS5004", place(s, index, issue) + ": " + e.getMessage());
        } catch (LimitException e) {
            throw new EmulatorException("SYS5001", place(s, index, issue) + ": " + e.getMessage());
        } catch (EmulatorException e) {
            var parts = e.getMessage().split(" ", 2);
            throw new EmulatorException(parts[0], place(s, index, issue) + ": " + parts[1]);
        }
    }

    private String place(Sequencer s, int index, Issue issue) {
        return "%s @%d %s\n  node %s"
                .formatted(
                        s.engine,
                        index,
                        Listing.text(issue),
                        program.locations().get(issue.location()));
    }

    private EmulatorException deadlock() {
        var text =
                new StringBuilder("deadlock: every engine that has work waits for a semaphore that nobody will raise");
        for (var s : sequencers) {
            if (!s.isDone()) {
                text.append("\n  ").append(place(s, s.at, s.next()));
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
        for (var s : sequencers) {
            for (int i = s.at; i < s.stream.size(); i++) {
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

    private Timeline timeline() {
        Map<Engine, Timeline.EngineTime> engines = new EnumMap<>(Engine.class);
        for (var s : sequencers) {
            engines.put(
                    s.engine,
                    new Timeline.EngineTime(
                            s.issued,
                            s.busy,
                            s.semaphoreWait,
                            s.hazardWait,
                            dev.systole.trainium.isa.Cost.clockHz(s.engine, target)));
        }
        return new Timeline(end, engines, dma.busySeconds(), dma.bytes(), dma.transfers(), multiplyAdds);
    }
}
