package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import java.util.EnumMap;
import java.util.Map;

/** How long each engine has been given work for, in seconds, as instructions are selected. Mutable. */
final class EngineLoad {
    /** Work longer ago does not count: an engine that had none then cannot make up for it. */
    private static final double MEMORY_SECONDS = 50e-6;

    private final Target target;
    private final Map<Engine, Double> seconds = new EnumMap<>(Engine.class);
    private double latest;

    EngineLoad(Target target) {
        this.target = target;
    }

    void add(Instruction instruction) {
        double done = doneWith(instruction);
        seconds.put(instruction.engine(), done);
        latest = Math.max(latest, done);
    }

    /** The one that would be done first, {@code a} if both would. */
    Instruction first(Instruction a, Instruction b) {
        return doneWith(a) <= doneWith(b) ? a : b;
    }

    private double doneWith(Instruction instruction) {
        double busy = seconds.getOrDefault(instruction.engine(), 0.0);
        return Math.max(busy, latest - MEMORY_SECONDS)
                + StepCost.of(instruction, target).issueSeconds();
    }
}
