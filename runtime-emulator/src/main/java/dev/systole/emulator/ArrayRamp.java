package dev.systole.emulator;

import dev.systole.ir.target.Target;

/**
 * The systolic array's supply: after a pause as long as the ramp it works at a share of its rate until it has worked for as long. Mutable.
 */
final class ArrayRamp {
    private final double rampSeconds;
    private final double share;
    private double worked;
    private double last = Double.NEGATIVE_INFINITY;

    ArrayRamp(Target target) {
        this.rampSeconds = target.tensor().rampSeconds();
        this.share = target.tensor().rampShare();
    }

    /** How long an instruction lasts that starts at a time and takes {@code seconds} at the full rate. */
    double lasts(double start, double seconds) {
        if (start - last >= rampSeconds) {
            worked = 0;
        }
        double slow = Math.min(seconds / share, Math.max(0, rampSeconds - worked));
        double lasts = slow + seconds - slow * share;
        worked += Math.max(0, start + lasts - Math.max(start, last));
        last = Math.max(last, start + lasts);
        return lasts;
    }
}
