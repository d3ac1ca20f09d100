package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.Instruction;

/**
 * What a scheduler asks of an instruction, in seconds.
 *
 * @param issueSeconds how long its engine is busy
 * @param resultSeconds from its start to the moment when another engine sees its result; for a transfer, from the moment when
 *     its data moves
 * @param transferSeconds how long a transfer keeps the DMA engines of the core busy; 0 for other instructions
 */
record StepCost(double issueSeconds, double resultSeconds, double transferSeconds) {
    static StepCost of(Instruction instruction, Target target) {
        var cost = Cost.of(instruction, target);
        return new StepCost(cost.issueSeconds(), cost.resultSeconds(), cost.transferSeconds());
    }
}
