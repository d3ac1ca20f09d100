/**
 * From straight-line tile code to a machine program: select instructions, schedule, allocate, synchronise.
 *
 * <p>{@link dev.systole.trainium.codegen.VirtualCode} is what passes between them: instructions whose operands name virtual
 * tiles and buffers, in one order that respects every dependence. {@code SelectInstructions} (in {@code selection}) makes it, {@code Schedule}
 * reorders it, {@code Allocate} replaces virtual objects by addresses, and {@code Synchronise} splits it into engine streams
 * that meet at semaphores.
 *
 * <p>Two designs were weighed for the schedule. Keeping streams apart from the start needs cross-stream bookkeeping in every
 * step. One list in issue order, from which each engine's stream is simply its own instructions, keeps liveness, allocation
 * and synchronisation single passes over a list, and rules deadlock out: every wait points backwards in it.
 */
package dev.systole.trainium.codegen;
