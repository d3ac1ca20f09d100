package dev.systole.trainium.isa;

import java.util.List;
import java.util.Optional;

/**
 * A place in an engine's stream: wait until the semaphores are high enough, execute, raise a semaphore on completion.
 *
 * @param waits at most two; an engine that needs more waits in {@link ControlInstruction.EventSemaphore} instructions before
 * @param update raised when the instruction, or the transfer that it starts, has completed
 * @param location index into the program's location table
 */
public record Issue(Instruction instruction, List<Wait> waits, Optional<Update> update, int location) {
    /** Holds until the semaphore is at least a value. */
    public record Wait(int semaphore, int atLeast) {}

    /** Adds to a semaphore. A completed DMA transfer adds the target's completion increment, once an engine. */
    public record Update(int semaphore, int add) {}

    /** Waits that one instruction can carry. */
    public static final int MAX_WAITS = 2;

    /** @throws LimitException if there are more waits than an instruction carries */
    public Issue {
        waits = List.copyOf(waits);
        if (waits.size() > MAX_WAITS) {
            throw new LimitException(waits.size() + " waits on one instruction; it carries " + MAX_WAITS);
        }
    }
}
