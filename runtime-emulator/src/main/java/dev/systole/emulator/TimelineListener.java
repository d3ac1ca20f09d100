package dev.systole.emulator;

import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import java.util.OptionalInt;

/** Follows a run in time, see {@link Emulator#timeline(dev.systole.trainium.isa.Program, TimelineListener)}. */
public interface TimelineListener {
    /** An instruction issues. Called once for each, in the order in which they issue. */
    default void issued(Event event) {}

    /** The DMA engines have moved the bytes of a transfer, between these times. Called once for each transfer, some time after it issued. */
    default void moved(Event transfer, Span moving) {}

    /** Times in seconds from the start of the run, the end after the beginning. */
    record Span(double begin, double end) {
        public double seconds() {
            return end - begin;
        }
    }

    /**
     * An instruction that issues.
     *
     * @param engine whose stream holds it
     * @param at its place in the stream
     * @param instruction with addresses for its register operands
     * @param semaphore the last one that the engine waited for, if it did
     * @param semaphoreSeconds that it waited for semaphores
     * @param hazardSeconds that it then waited for a result of its own
     * @param busy when the engine executes it
     */
    record Event(
            Engine engine,
            int at,
            Issue issue,
            Instruction instruction,
            OptionalInt semaphore,
            double semaphoreSeconds,
            double hazardSeconds,
            Span busy) {}
}
