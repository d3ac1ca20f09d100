package dev.systole.trainium;

import dev.systole.trainium.isa.Program;
import java.time.Duration;
import java.util.List;

/**
 * A compiled program and what its compilation came to.
 *
 * @param regions fused regions of the graph
 * @param sbufPeakBytesPerPartition highest SBUF address in use, a partition
 * @param psumPeakBanks PSUM banks in use at once, at most
 * @param spilledBytes moved to HBM and back because SBUF was full
 * @param timings time each pass took, in order
 */
public record Compilation(
        Program program,
        int regions,
        long sbufPeakBytesPerPartition,
        int psumPeakBanks,
        long spilledBytes,
        List<Timing> timings) {
    /** Time of one pass. */
    public record Timing(String pass, Duration time) {}
}
