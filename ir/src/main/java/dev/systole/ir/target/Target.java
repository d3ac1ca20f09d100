package dev.systole.ir.target;

import java.util.List;
import java.util.OptionalInt;

/**
 * A NeuronCore as the compiler and the emulator see it. Every number comes from the target's JSON file; {@link #parameters} has
 * all of them with their provenance.
 *
 * @param name that reports use
 * @param generation of the NeuronCore, 2 to 4: decides which instructions exist
 */
public record Target(
        String name,
        int generation,
        Memory memory,
        AccessPatterns accessPatterns,
        TensorEngine tensor,
        VectorEngine vector,
        ScalarEngine scalar,
        GpSimd gpSimd,
        Sync sync,
        Control control,
        Dma dma,
        List<Parameter> parameters) {

    /**
     * Memories of one core.
     *
     * @param hbmBytesPerCore an equal share of the stack that the core sits on
     * @param hbmBytesPerSecondPerCore an equal share of the chip's rate
     * @param hbmBytesPerSecondPerStack what the cores on one stack share, and what one of them has if the others rest
     * @param quadrantPartitions partitions that a run of so many or fewer may start at a multiple of
     * @param stridePenaltyThresholdBytes innermost stride above which an operand streams slower
     * @param stridePenaltyFactor how many times slower that is
     * @param accessOverheadCycles before the first element of a VectorE or ScalarE instruction
     * @param vectorGpSimdShareSbuf true if VectorE and GpSimd take turns in SBUF
     * @param vectorScalarSharePsum true if VectorE and ScalarE take turns in PSUM
     */
    public record Memory(
            long hbmBytesPerCore,
            double hbmBytesPerSecondPerCore,
            double hbmBytesPerSecondPerStack,
            int partitions,
            int quadrantPartitions,
            int sbufBytesPerPartition,
            int sbufAlignmentBytes,
            int psumBanks,
            int psumBankBytesPerPartition,
            int psumAlignmentBytes,
            int stridePenaltyThresholdBytes,
            double stridePenaltyFactor,
            int accessOverheadCycles,
            boolean vectorGpSimdShareSbuf,
            boolean vectorScalarSharePsum) {
        public long sbufBytesPerCore() {
            return (long) partitions * sbufBytesPerPartition;
        }

        public int psumBytesPerPartition() {
            return psumBanks * psumBankBytesPerPartition;
        }
    }

    /** What an instruction can say about the elements of an operand; strides and sizes count elements. */
    public record AccessPatterns(
            int maxFreeDims,
            long maxSize,
            long minStride,
            long maxStride,
            int maxFreeElementsSbuf,
            int maxFreeElementsPsum) {}

    /**
     * The systolic array.
     *
     * @param maxMovingFree columns of a moving tile with an fp32 result
     * @param maxMovingFreeBf16 columns of a moving tile with a bf16 result in PSUM, if there are such results
     * @param rowTileSizes rows of the parts that the array can be split into, largest first
     * @param fp32PassFactor how often fp32 operands pass through the array
     * @param fp32OneZeroPassFactor how many times fewer passes it takes if one of them holds zeros and ones
     * @param fp32PassOverheadCycles of each such pass, beside its columns
     * @param latencyOverheadCycles from the last element into the array to a result that another engine sees
     * @param rampSeconds of work until the array runs at full rate after a pause
     * @param rampShare of the full rate until then
     */
    public record TensorEngine(
            double clockHz,
            int rows,
            int columns,
            int maxContractionRows,
            int maxStationaryFree,
            int maxMovingFree,
            OptionalInt maxMovingFreeBf16,
            List<Integer> rowTileSizes,
            int minIssueIntervalCycles,
            int fastWeightLoadFactor,
            int fp32PassFactor,
            int fp32OneZeroPassFactor,
            int fp32PassOverheadCycles,
            int fp32TransposePassFactor,
            boolean nativeTranspose,
            boolean fp8DoubleRow,
            int latencyOverheadCycles,
            double rampSeconds,
            double rampShare,
            Peak peak) {
        /** Operations a second of one core, a multiply-add counted as two. */
        public record Peak(double bf16Flops, double fp8Flops, double fp32Flops) {}

        /** Columns of the smallest part of the array that has so many, or all of them. Products on different parts run at the same time. */
        public int columnTile(long least) {
            return rowTileSizes.stream()
                    .filter(size -> least <= size && size < columns)
                    .mapToInt(size -> size)
                    .min()
                    .orElse(columns);
        }
    }

    /**
     * VectorE.
     *
     * @param resultLatencyCycles from the end of an instruction until its result is written
     * @param reciprocalCyclesPerElement of the reciprocal instruction
     * @param perfModeMaxFactor largest factor of the fast modes for 16-bit floats; 1 if there are none
     * @param transposeBlock side of the blocks that it transposes
     * @param max8MinFree fewest elements of max8, and {@code max8MaxFree} most
     */
    public record VectorEngine(
            double clockHz,
            int minIssueIntervalCycles,
            int resultLatencyCycles,
            int reciprocalCyclesPerElement,
            int perfModeMaxFactor,
            int transposeBlock,
            int bnStatsMaxFree,
            int max8MinFree,
            int max8MaxFree) {}

    /** ScalarE. */
    public record ScalarEngine(
            double clockHz,
            int minIssueIntervalCycles,
            int resultLatencyCycles,
            int readAccumulatorCycles,
            int tableLoadCycles) {}

    /** GpSimd. */
    public record GpSimd(double clockHz, int startOverheadCycles, int cores, int partitionsPerCore) {}

    /** The engine without a data path. */
    public record Sync(double clockHz) {}

    /** Sequencers and semaphores. */
    public record Control(
            int registersPerSequencer,
            int semaphores,
            long maxSemaphoreValue,
            int semaphoreWaitLatencyCycles,
            int dynamicAddressMinIssueIntervalCycles,
            int takenBranchCycles,
            int instructionQueueDepth) {}

    /**
     * The DMA engines of a core.
     *
     * @param bytesPerSecondPerEngine achievable
     * @param triggerLatencySeconds from the trigger to the first byte
     * @param fixedOverheadSeconds of a transfer in all, beside the moving of bytes
     * @param minTimePerDescriptorSeconds a contiguous run of bytes takes at least this long
     * @param descriptorOverheadSeconds what a contiguous run takes beside its bytes
     * @param completionSemaphoreIncrement what a completed transfer adds to its semaphore
     */
    public record Dma(
            int enginesPerCore,
            int queuesPerEngine,
            int partitionsPerEngine,
            double bytesPerSecondPerEngine,
            double triggerLatencySeconds,
            double fixedOverheadSeconds,
            double minTimePerDescriptorSeconds,
            double descriptorOverheadSeconds,
            int maxBytesPerDescriptor,
            int maxAccessPatternDims,
            int completionSemaphoreIncrement,
            boolean transposeSupported,
            double transposeEfficiency,
            double transposeOnChipEfficiency,
            double computeEfficiency,
            int maxComputeSources,
            double softwareDescriptorCycles) {
        public double bytesPerSecondPerCore() {
            return enginesPerCore * bytesPerSecondPerEngine;
        }
    }

    public Target {
        parameters = List.copyOf(parameters);
    }
}
