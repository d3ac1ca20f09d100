package dev.systole.emulator;

import dev.systole.emulator.kernel.ElementKernel;
import dev.systole.trainium.isa.AluOp;
import dev.systole.trainium.isa.ReduceCommand;

/** The accumulators of an engine: an fp32 value for each partition, which holds something once a command has set it. Mutable. */
final class Accumulators {
    private final float[] values;
    private final boolean[] holds;

    Accumulators(int partitions) {
        values = new float[partitions];
        holds = new boolean[partitions];
    }

    /** What a reduction of nothing is. */
    static float identity(AluOp op) {
        return switch (op) {
            case MULTIPLY -> 1;
            case MAXIMUM -> Float.NEGATIVE_INFINITY;
            case MINIMUM, ABS_MIN -> Float.POSITIVE_INFINITY;
            default -> 0;
        };
    }

    /** What the accumulator starts from. */
    float start(int partition, AluOp op, ReduceCommand command, float loaded) {
        return switch (command) {
            case IDLE, RESET, RESET_REDUCE -> identity(op);
            case REDUCE -> get(partition);
            case LOAD_REDUCE -> loaded;
        };
    }

    /** Does what a command says with the first {@code n} results of a partition. */
    void reduce(int partition, AluOp op, ReduceCommand command, float[] results, int n) {
        if (command == ReduceCommand.IDLE) {
            holds[partition] = false;
            return;
        }
        float running = start(partition, op, command, 0);
        for (int i = 0; command.reduces() && i < n; i++) {
            running = ElementKernel.apply(op, running, results[i]);
        }
        set(partition, running);
    }

    void set(int partition, float value) {
        values[partition] = value;
        holds[partition] = true;
    }

    /** @throws EmulatorException if no command has set it since an idle instruction */
    float get(int partition) {
        if (!holds[partition]) {
            throw new EmulatorException(
                    "SYS5014", "the accumulator of partition " + partition + " holds nothing; reset it first");
        }
        return values[partition];
    }

    /** Forgets everything, as before a run. */
    void clear() {
        java.util.Arrays.fill(holds, false);
    }
}
