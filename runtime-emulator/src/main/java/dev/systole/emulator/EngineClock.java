package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Access;
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
    private final List<Pending> pending = new ArrayList<>();
    private final double clockHz;
    double free;
    private long issued;
    private double busy;
    private double semaphoreWait;
    private double hazardWait;

    /** A result that other instructions of the engine can read from a time on. */
    private record Pending(Access access, double commit, boolean sum) {}

    EngineClock(Sequencer sequencer, Target target) {
        this.sequencer = sequencer;
        this.clockHz = Cost.clockHz(sequencer.engine, target);
        this.costs = sequencer.stream.stream()
                .map(i -> Cost.of(i.instruction(), target))
                .toArray(Cost[]::new);
    }

    Cost cost() {
        return costs[sequencer.at()];
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
     * @return when it issues
     */
    double issue(Instruction instruction, double awaited) {
        double time = hazard(instruction, awaited);
        var cost = cost();
        semaphoreWait += awaited - free;
        hazardWait += time - awaited;
        busy += cost.issueSeconds();
        free = time + cost.issueSeconds();
        issued++;
        if (!(instruction instanceof DmaInstruction)) {
            boolean sum = instruction instanceof TensorInstruction.NcMatmul;
            instruction.writes().forEach(a -> pending.add(new Pending(a, time + cost.resultSeconds(), sum)));
        }
        return time;
    }

    Timeline.EngineTime time() {
        return new Timeline.EngineTime(issued, busy, semaphoreWait, hazardWait, clockHz);
    }
}
