/**
 * From the graph to loops over tiles.
 *
 * <p>{@link dev.systole.passes.tiling.Tiling} walks the graph and gives every value that is not a view a buffer in HBM with the
 * value's layout. Each region becomes a loop nest that loads tiles from the buffers of its operands, computes, and stores
 * tiles to the buffers of its results: {@code ProductLoops} for matmuls with their epilogues, {@code RowLoops} for
 * elementwise operations and reductions, {@code MoveLoops} for what only moves data. {@code Expression} evaluates a region's
 * body on tiles for both kinds of region.
 *
 * <p>Two designs were weighed. Deciding residence in SBUF while tiling gives each kernel the best code at once, but every
 * kernel must then know every other one's shape of tiles. Here each kernel stands alone and correct, values meet in HBM, and
 * later passes on straight-line tile code ({@code KeepInSbuf}, {@code ReuseLoads}) remove the round trips that they can
 * prove unnecessary; where they cannot, HBM is the fallback that always works.
 */
package dev.systole.passes.tiling;
