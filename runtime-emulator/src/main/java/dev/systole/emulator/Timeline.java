package dev.systole.emulator;

import dev.systole.trainium.isa.Engine;
import java.util.Map;

/**
 * When a run would have taken place on the machine, by the cost model.
 *
 * @param seconds from the first issue to the last completion
 * @param engines what each engine that has code did
 * @param dmaBusySeconds time in which DMA engines moved data, averaged over them
 * @param dmaBytes moved by DMA
 * @param hbmBytesRead of them, and {@code hbmBytesWritten}: what crossed the boundary of HBM
 * @param transfers started
 * @param multiplyAdds of all matmuls, transposes aside
 */
public record Timeline(
        double seconds,
        Map<Engine, EngineTime> engines,
        double dmaBusySeconds,
        long dmaBytes,
        long hbmBytesRead,
        long hbmBytesWritten,
        long transfers,
        long multiplyAdds) {

    public Timeline {
        engines = Map.copyOf(engines);
    }

    /**
     * What an engine did.
     *
     * @param instructions issued
     * @param busySeconds in which it executed: what its instructions keep others from starting for
     * @param activeSeconds in which some instruction was between its start and the commit of its result, as a profiler counts
     * @param semaphoreSeconds in which it waited for a semaphore
     * @param hazardSeconds in which it waited for a result of its own
     * @param portSeconds in which it waited for a port that another engine held
     * @param clockHz its clock, to turn seconds into cycles
     */
    public record EngineTime(
            long instructions,
            double busySeconds,
            double activeSeconds,
            double semaphoreSeconds,
            double hazardSeconds,
            double portSeconds,
            double clockHz) {
        public long busyCycles() {
            return Math.round(busySeconds * clockHz);
        }

        public long stalledCycles() {
            return Math.round((semaphoreSeconds + hazardSeconds + portSeconds) * clockHz);
        }
    }
}
