package dev.systole.emulator.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Numbers that a kernel may treat differently from its plain twin, in a memory for it to read. */
final class AwkwardFloats {
    /** Lengths of rows that fill vectors, do not, or are shorter than one. */
    static final int LONGEST = 70;

    private static final int COUNT = 1 << 14;

    /** Among them where exp, sigmoid, tanh and the error function change their formula or leave fp32. */
    private static final float[] SPECIAL = {
        0,
        -0f,
        1,
        -1,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        0x0.fffffep-126f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        88.72283f,
        88.72284f,
        -87.33654f,
        -103.97f,
        -103.98f,
        708,
        -708,
        709,
        -709,
        709.1f,
        -708.1f,
        9.1f,
        20,
        -20,
        20.1f,
        0x1p-12f,
        -0x1p-12f,
        0x1.fffffep-13f,
        14,
        -14,
        14.1f,
        19.798989f,
        19.79899f,
        -19.798989f,
        -19.79899f,
        1.0000001f,
        -1.0000001f,
        0.99999994f
    };

    final MemorySegment memory = Arena.ofAuto().allocate(4L * COUNT, 64);
    final SplittableRandom random;

    AwkwardFloats(long seed) {
        random = new SplittableRandom(seed);
        for (int i = 0; i < COUNT; i++) {
            Floats.set(memory, 4L * i, next());
        }
    }

    /** A special value, an ordinary one, or any bits but those of a NaN. */
    float next() {
        return switch (random.nextInt(3)) {
            case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 1 -> (float) (random.nextDouble() * 24 - 12);
            default -> {
                float any = Float.intBitsToFloat(random.nextInt());
                yield any == any ? any : 0.5f;
            }
        };
    }

    /** The address of some row in the memory. */
    long row(int n) {
        return 4L * random.nextInt(COUNT - n);
    }

    /** A memory of ones, for a kernel to write to. */
    static MemorySegment ones(int n) {
        var memory = Arena.ofAuto().allocate(4L * n, 64);
        for (int i = 0; i < n; i++) {
            Floats.set(memory, 4L * i, 1);
        }
        return memory;
    }

    /** The bits of a row, with one kind of NaN: which of two NaNs an addition gives is the host's business. */
    static int[] bits(MemorySegment memory, long at, int n) {
        var bits = new int[n];
        Arrays.setAll(bits, i -> Float.floatToIntBits(Floats.get(memory, at + 4L * i)));
        return bits;
    }
}
