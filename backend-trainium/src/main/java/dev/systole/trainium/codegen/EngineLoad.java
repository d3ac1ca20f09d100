package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import java.util.EnumMap;
import java.util.Map;

/** How long each engine has been given work for, in seconds, as instructions are selected. Mutable. */
final class EngineLoad {
    private final Target target;
    private final Map<Engine, Double> seconds = new EnumMap<>(Engine.class);

    EngineLoad(Target target) {
        this.target = target;
    }

    void add(Instruction instruction) {
        seconds.merge(instruction.engine(), StepCost.of(instruction, target).issueSeconds(), Double::sum);
    }

    /** True if VectorE would be done with {@code cycles} more cycles no later than ScalarE with as many elements. */
    boolean prefersVector(long cycles) {
        double vector = seconds.getOrDefault(Engine.VECTOR, 0.0)
                + (double) cycles / target.vector().clockHz();
        double scalar = seconds.getOrDefault(Engine.SCALAR, 0.0)
                + (double) cycles / target.scalar().clockHz();
        return vector <= scalar;
    }
}
