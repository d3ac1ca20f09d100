package dev.systole.trainium.isa;

import dev.systole.ir.target.Target;
import java.util.List;

/** What a transfer costs: the part of the cost model that is about DMA engines. */
final class TransferCost {
    /** Contiguous elements of a partition that transposing DMA engines write at a time [A2]. */
    private static final int TURNED_TOGETHER = 16;

    private TransferCost() {}

    /**
     * Every partition's contiguous runs are buffers of their own; eight partitions share a DMA engine, and a buffer costs its
     * bytes at the engine's rate and its overhead, but at least the time of a descriptor.
     */
    static Cost of(DmaInstruction dma, Target target) {
        var rates = target.dma();
        double seconds = switch (dma) {
            case DmaInstruction.DmaCompute i ->
                i.sources().stream().mapToDouble(s -> moving(i.to(), s, target)).sum() / rates.computeEfficiency();
            case DmaInstruction.DmaTranspose i -> transposing(i, target);
            default -> moving(dma.to(), dma.from(), target);
        };
        boolean indirect = dma instanceof DmaInstruction.DmaGather || dma instanceof DmaInstruction.DmaScatter;
        double cycles = indirect
                ? target.gpSimd().startOverheadCycles() + dma.chip().partitions()
                : target.vector().minIssueIntervalCycles();
        double clock = Cost.clockHz(dma.engine(), target);
        double wake = target.control().semaphoreWaitLatencyCycles() / clock;
        double completion = rates.fixedOverheadSeconds() - rates.triggerLatencySeconds();
        return new Cost(cycles / clock, completion + wake, seconds);
    }

    /**
     * Seconds that each DMA engine of a transpose is busy: all engines together write tiles of 16 contiguous elements on every partition
     * [A2]. Assumed: part of a tile takes as long as a whole one.
     */
    private static double transposing(DmaInstruction.DmaTranspose i, Target target) {
        var rates = target.dma();
        double efficiency =
                i.from().memory() == Memory.HBM ? rates.transposeEfficiency() : rates.transposeOnChipEfficiency();
        long run = run(i.to().dims(), i.to().free());
        long tiles = i.to().free() / run * Math.ceilDiv(run, TURNED_TOGETHER);
        long bytes = tiles
                * TURNED_TOGETHER
                * i.to().dtype().bytes()
                * target.memory().partitions();
        return Math.max(rates.minTimePerDescriptorSeconds(), bytes / rates.bytesPerSecondPerCore() / efficiency);
    }

    /** Seconds that each DMA engine of a copy is busy. */
    private static double moving(Access to, Access from, Target target) {
        var chip = to.memory() == Memory.HBM ? from : to;
        var other = chip == to ? from : to;
        long run = Math.min(run(chip.dims(), chip.free()), run(other.dims(), chip.free()));
        int bytes = Math.max(chip.dtype().bytes(), other.dtype().bytes());
        long buffers = chip.partitions() * Math.ceilDiv(chip.free(), run);
        double buffer = Math.max(
                target.dma().minTimePerDescriptorSeconds(),
                target.dma().descriptorOverheadSeconds()
                        + run * bytes / target.dma().bytesPerSecondPerEngine());
        // Partitions that share an engine are served one after the other.
        return Math.ceilDiv(
                        buffers * Math.min(chip.partitions(), target.dma().partitionsPerEngine()), chip.partitions())
                * buffer;
    }

    /** Elements of the innermost contiguous run of a pattern, at most {@code most}. */
    private static long run(List<Access.Dim> dims, long most) {
        long run = 1;
        for (int i = dims.size() - 1; i >= 0 && dims.get(i).stride() == run; i--) {
            run *= dims.get(i).size();
        }
        while (most % Math.min(run, most) != 0) {
            run--;
        }
        return Math.min(run, most);
    }
}
