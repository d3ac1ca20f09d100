/**
 * From the graph to loops over tiles.
 *
 * <p>{@link dev.systole.passes.tiling.Tiling} walks the graph and gives each region a loop nest that loads tiles from the buffers of its
 * operands, computes, and stores tiles to the buffers of its results. {@code Placement} says where values lie: a buffer in HBM with the
 * value's layout for each that is not a view, and a {@code Source} for how it is read.
 *
 * <ul>
 *   <li>{@code ProductLoops}: matmuls. {@code ContractedOperand} brings what is contracted to partitions, {@code ProductResult} is sums, what
 *       follows on them, and stores.
 *   <li>{@code RowLoops}: elementwise operations, reductions and recurrences; {@code RowSpace} makes rows of their dimensions,
 *       by what {@code RowSeconds} expects of them.
 *   <li>{@code AttentionLoops} and {@code TransposedAttention}: attention that is never in memory as a whole.
 *   <li>{@code Convolutions}: convolutions as {@code BandLoops} or {@code ConvolutionLoops}, and a few images at a time; {@code WindowLoops}.
 *   <li>{@code MoveLoops}: what only moves data; {@code GroupTurn}, {@code Repetition}, {@code PackedLoops} and {@code TopLoops} by their names.
 * </ul>
 *
 * <p>{@code Expression} evaluates the body of any region on tiles.
 *
 * <p>Two designs were weighed. Deciding residence in SBUF while tiling gives each kernel the best code at once, but every
 * kernel must then know every other one's shape of tiles. Here each kernel stands alone and correct, values meet in HBM, and
 * later passes on straight-line tile code ({@code KeepInSbuf}, {@code ReuseLoads}) remove the round trips that they can
 * prove unnecessary; where they cannot, HBM is the fallback that always works.
 */
package dev.systole.passes.tiling;
