/**
 * The emulator: executes a program's instructions on bytes, and says when each engine would have done so.
 *
 * <p>{@link dev.systole.emulator.Emulator} loads a program: it checks every limit and proves that there are no races. A run is a
 * simulation in the order of issue times ({@code Simulation}): engines are independent streams that meet at semaphores only, and
 * the cost model says when each completes. What an instruction does to memory stands in {@code Execution}; memories ({@code
 * OnChipMemory}, {@code HbmMemory}) know which of their bytes have been written. Kernels are in a package of their own.
 *
 * <p>Two designs were weighed. Executing engines on host threads of their own makes semaphores real and interleavings varied,
 * but the order of events and so the timeline would depend on the host. One simulation in the order of time, whose single
 * instructions are split over host threads by partitions, is deterministic by construction.
 */
package dev.systole.emulator;
