package dev.systole.cli.profile;

/**
 * Bytes that a run reads and writes.
 *
 * @param spillSaved written to HBM, but not to an output: intermediate results, whether the model's or because SBUF was full
 * @param spillReloaded read from HBM, but neither from an input nor from a constant
 */
public record MovedBytes(
        long hbmRead,
        long hbmWritten,
        long sbufRead,
        long sbufWritten,
        long psumRead,
        long psumWritten,
        long spillSaved,
        long spillReloaded) {}
