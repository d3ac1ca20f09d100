package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.ArrayClock;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.TensorInstruction;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** The engines and DMA queues as the cost model has them while instructions are issued one after the other. Mutable. */
final class IssueClock {
    /** How long before its data could move a transfer is triggered, so that it never keeps the DMA engines waiting. */
    private static final double AHEAD_SECONDS = 20e-6;

    private final Target target;
    private final Map<Engine, Double> free = new EnumMap<>(Engine.class);
    private final ArrayClock array;
    private final Map<Integer, Double> queueFree = new HashMap<>();
    private double transfersFree;

    IssueClock(Target target) {
        this.target = target;
        this.array = new ArrayClock(target);
        for (var e : Engine.values()) {
            free.put(e, 0.0);
        }
    }

    /**
     * When an instruction would start whose operands are ready; a transfer is not triggered long before its data could move.
     *
     * @return seconds since the start of the program
     */
    double start(Instruction instruction, double ready) {
        if (instruction instanceof TensorInstruction product) {
            return array.start(product, ready);
        }
        double start = Math.max(free.get(instruction.engine()), ready);
        return instruction instanceof DmaInstruction ? Math.max(start, transfersFree - AHEAD_SECONDS) : start;
    }

    /**
     * True if a transfer that is triggered now is done before anybody could begin with its data.
     *
     * @param needed before when nobody could, in seconds since the start of the program
     */
    boolean isEarly(DmaInstruction transfer, StepCost cost, double ready, double needed) {
        double begin = begin(transfer, start(transfer, ready));
        return Double.isFinite(needed) && begin + cost.transferSeconds() + cost.resultSeconds() < needed;
    }

    /** When others would see the result of an instruction if nothing else was under way. */
    double seen(Instruction instruction, StepCost cost, double start) {
        return instruction instanceof DmaInstruction
                ? start + target.dma().triggerLatencySeconds() + cost.transferSeconds() + cost.resultSeconds()
                : start + cost.resultSeconds();
    }

    /** When a transfer moves its data. */
    private double begin(DmaInstruction transfer, double start) {
        return Math.max(
                start + target.dma().triggerLatencySeconds(),
                Math.max(transfersFree, queueFree.getOrDefault(transfer.queue(), 0.0)));
    }

    /** Issues an instruction and says when others see its result. */
    double issue(Instruction instruction, StepCost cost, double start) {
        free.merge(instruction.engine(), start + cost.issueSeconds(), Math::max);
        if (instruction instanceof TensorInstruction product) {
            array.take(product, start, start + cost.issueSeconds());
        }
        if (!(instruction instanceof DmaInstruction dma)) {
            return start + cost.resultSeconds();
        }
        transfersFree = begin(dma, start) + cost.transferSeconds();
        queueFree.put(dma.queue(), transfersFree);
        return transfersFree + cost.resultSeconds();
    }
}
