/**
 * The tile IR: structured loops over tiles, in the vocabulary of the machine.
 *
 * <p>A {@link dev.systole.ir.tile.TileProgram} moves data between {@link dev.systole.ir.tile.Buffer buffers} in HBM and
 * {@link dev.systole.ir.tile.Tile tiles} in SBUF or PSUM, and computes on tiles. A tile has a partition dimension (at
 * most 128) and a free extent; a {@link dev.systole.ir.tile.TileRef} picks a run of partitions and a strided pattern of
 * the free extent, a {@link dev.systole.ir.tile.BufferRef} a strided pattern of a buffer. Every
 * {@link dev.systole.ir.tile.Statement} but the loop is something an engine or a DMA queue does in one go (within the limits
 * of the target); which instruction and which engine that is, is not decided here.
 *
 * <p>Two designs were weighed: tiles as values (SSA, loops with carried tiles) or tiles as storage that statements write.
 * Storage won: PSUM accumulates in place, kernels written by hand think in buffers, and liveness is as easy to see.
 */
package dev.systole.ir.tile;
