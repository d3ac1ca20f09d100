package dev.systole.emulator;

import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Issue;
import java.util.Optional;
import java.util.OptionalInt;

/** Follows a run in time, see {@link Emulator#timeline(dev.systole.trainium.isa.Program, TimelineListener)}. */
@FunctionalInterface
public interface TimelineListener {
    /** Called once for each instruction, in the order in which they issue. */
    void issued(Event event);

    /** Times in seconds from the start of the run, the end after the beginning. */
    record Span(double begin, double end) {
        public double seconds() {
            return end - begin;
        }
    }

    /**
     * An instruction that issued.
     *
     * @param engine whose stream holds it
     * @param at its place in the stream
     * @param instruction with addresses for its register operands
     * @param semaphoreSeconds that the engine waited for semaphores, of which {@code semaphore} was the last
     * @param hazardSeconds that the engine then waited for a result of its own
     * @param busy when the engine executed it
     * @param moving when the DMA engines moved the bytes of a transfer
     */
    record Event(
            Engine engine,
            int at,
            Issue issue,
            Instruction instruction,
            OptionalInt semaphore,
            double semaphoreSeconds,
            double hazardSeconds,
            Span busy,
            Optional<Span> moving) {}
}
