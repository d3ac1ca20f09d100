package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.ArrayClock;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.TensorInstruction;
import java.util.ArrayList;
import java.util.List;

/** An engine in time: when it is free, what it has not yet committed, how it spent its time. Mutable. */
final class EngineClock {
    final Sequencer sequencer;
    private final Cost[] costs;
    private final SharedPorts ports;
    private final ArrayRamp ramp;
    private final ArrayClock array;
    private final List<Pending> pending = new ArrayList<>();
    private final double clockHz;
    private final double wakeSeconds;
    private double free;
    private long issued;
    private double busy;
    private double active;
    private double activeUntil;
    private double semaphoreWait;
    private double hazardWait;
    private double portWait;

    /** A result that other instructions of the engine can read from a time on. */
    private record Pending(Access access, double commit, boolean sum) {}

    /**
     * When an instruction ran.
     *
     * @param start when it issued
     * @param end when the engine is free again
     * @param result when another engine sees its result
     */
    record Span(double start, double end, double result) {}

    EngineClock(Sequencer sequencer, SharedPorts ports, Target target) {
        this.sequencer = sequencer;
        this.ports = ports;
        this.ramp = new ArrayRamp(target);
        this.array = new ArrayClock(target);
        this.clockHz = Cost.clockHz(sequencer.engine, target);
        this.wakeSeconds = target.control().semaphoreWaitLatencyCycles() / clockHz;
        this.costs = sequencer.stream.stream()
                .map(i -> Cost.of(i.instruction(), target))
                .toArray(Cost[]::new);
    }

    Cost cost() {
        return costs[sequencer.at()];
    }

    /** When the engine is free for its next instruction: a product needs its part of the systolic array only. */
    double free() {
        return sequencer.next().instruction() instanceof TensorInstruction product ? array.start(product, 0) : free;
    }

    /** When the engine's own earlier results that an instruction touches are committed, at {@code from} or later. */
    private double hazard(Instruction instruction, double from) {
        pending.removeIf(p -> p.commit <= from);
        if (pending.isEmpty()) {
            return from;
        }
        double until = from;
        boolean sum = instruction instanceof TensorInstruction.NcMatmul m && m.accumulate();
        var reads = instruction.reads();
        var writes = instruction.writes();
        for (var p : pending) {
            // The adder beside PSUM takes one product after the other.
            boolean touches = reads.stream()
                    .anyMatch(a -> a.mayOverlap(p.access) && !(sum && p.sum && a.memory() == Memory.PSUM));
            touches |= !(sum && p.sum) && writes.stream().anyMatch(a -> a.mayOverlap(p.access));
            if (touches) {
                until = Math.max(until, p.commit);
            }
        }
        return until;
    }

    /**
     * Accounts for the next instruction.
     *
     * @param awaited when its semaphores let it issue
     */
    Span issue(Instruction instruction, double awaited) {
        double awaitedFrom = free();
        double ready = hazard(instruction, awaited);
        double start = ports.free(instruction, ready);
        var cost = cost();
        double lasts = cost.issueSeconds();
        if (instruction instanceof TensorInstruction product) {
            lasts = ramp.lasts(start, lasts);
            array.take(product, start, start + lasts);
        }
        lasts += ports.take(instruction, start, lasts);
        semaphoreWait += awaited - awaitedFrom;
        hazardWait += ready - awaited;
        portWait += start - ready;
        double end = start + lasts;
        busy += Math.max(0, end - Math.max(start, free));
        issued++;
        free = Math.max(free, end);
        if (instruction instanceof DmaInstruction) {
            activeTo(start, end);
            return new Span(start, end, end);
        }
        double result = end + cost.resultSeconds() - cost.issueSeconds();
        activeTo(start, instruction instanceof ControlInstruction ? end : result - wakeSeconds);
        boolean sum = instruction instanceof TensorInstruction.NcMatmul;
        instruction.writes().forEach(a -> pending.add(new Pending(a, result, sum)));
        return new Span(start, end, result);
    }

    private void activeTo(double start, double until) {
        active += Math.max(0, until - Math.max(start, activeUntil));
        activeUntil = Math.max(activeUntil, until);
    }

    Timeline.EngineTime time() {
        return new Timeline.EngineTime(issued, busy, active, semaphoreWait, hazardWait, portWait, clockHz);
    }
}
