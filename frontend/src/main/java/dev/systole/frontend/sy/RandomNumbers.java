package dev.systole.frontend.sy;

import com.google.common.hash.Hashing;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.nio.charset.StandardCharsets;

/**
 * Random numbers of parameters. The i-th number is a function of a seed and i, and of nothing that differs between hosts: integer
 * arithmetic, and {@link StrictMath}.
 */
final class RandomNumbers {
    /** The increment and the mixing function of SplitMix64 (Steele, Lea, Flood 2014). */
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final long seed;

    /**
     * @param name full name of the parameter
     * @param added to what the name gives
     */
    RandomNumbers(String name, long added) {
        long hash = Hashing.sha256().hashString(name, StandardCharsets.UTF_8).asLong();
        this.seed = mix(hash + added);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** A multiple of 2^-53 in [0, 1). */
    private double fraction(long counter) {
        return (mix(seed + (counter + 1) * STEP) >>> 11) * 0x1p-53;
    }

    /** Numbers that are equally likely between two bounds. */
    Tensor uniform(TensorType type, double low, double high) {
        var tensor = Tensor.allocate(type);
        for (long i = 0; i < type.shape().elements(); i++) {
            Elements.writeDouble(tensor.bytes(), i, type.dtype(), low + (high - low) * fraction(i));
        }
        return tensor;
    }

    /** Numbers around 0 with a standard deviation, two at a time by the method of Box and Muller. */
    Tensor normal(TensorType type, double deviation) {
        var tensor = Tensor.allocate(type);
        long count = type.shape().elements();
        for (long i = 0; i < count; i += 2) {
            double radius = deviation * StrictMath.sqrt(-2 * StrictMath.log(1 - fraction(i)));
            double angle = 2 * Math.PI * fraction(i + 1);
            Elements.writeDouble(tensor.bytes(), i, type.dtype(), radius * StrictMath.cos(angle));
            if (i + 1 < count) {
                Elements.writeDouble(tensor.bytes(), i + 1, type.dtype(), radius * StrictMath.sin(angle));
            }
        }
        return tensor;
    }
}
