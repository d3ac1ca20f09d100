package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;

/** How long the contiguous runs of transfers should be. */
public final class Runs {
    /** More has little benefit where a run costs nothing beside its bytes (AWS Neuron docs, DMA bandwidth guide). */
    public static final long LEAST_BYTES = 4096;

    /** Bytes of a run for one that a DMA engine could move while it takes a run up. */
    private static final int BYTES_PER_OVERHEAD = 32;

    private Runs() {}

    /** Shorter runs take a DMA engine at least twice as long as their bytes. */
    public static double shortBytes(Target target) {
        var dma = target.dma();
        return dma.minTimePerDescriptorSeconds() * dma.bytesPerSecondPerEngine() / 2;
    }

    /** The longest run that is worth its room, a power of two. */
    static long longestBytes(Target target) {
        var dma = target.dma();
        double overheadBytes = dma.descriptorOverheadSeconds() * dma.bytesPerSecondPerEngine();
        return Math.max(LEAST_BYTES, Long.highestOneBit((long) (BYTES_PER_OVERHEAD * overheadBytes)));
    }
}
