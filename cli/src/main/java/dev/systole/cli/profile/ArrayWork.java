package dev.systole.cli.profile;

/**
 * What a run computes on the systolic array.
 *
 * @param matmuls instructions that multiply
 * @param transposes instructions that transpose
 * @param hardwareFlops two for a multiply-add, transposes included, and twice as many for fp32: neuron-profile counts so
 * @param transposeFlops what of that were transposes
 */
public record ArrayWork(long matmuls, long transposes, double hardwareFlops, double transposeFlops) {}
