package dev.systole.emulator;

import java.util.Arrays;
import java.util.OptionalDouble;

/** Semaphores and the times at which they rise. Mutable. */
final class Semaphores {
    private final Rises[] semaphores;

    /** The rises of one semaphore in order of time: when, and how high it is then. */
    private static final class Rises {
        private double[] times = new double[16];
        private long[] heights = new long[16];
        private int count;

        void add(double time, long add) {
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
                heights = Arrays.copyOf(heights, 2 * count);
            }
            int at = count++;
            for (; at > 0 && times[at - 1] > time; at--) {
                times[at] = times[at - 1];
                heights[at] = heights[at - 1] + add;
            }
            times[at] = time;
            heights[at] = (at == 0 ? 0 : heights[at - 1]) + add;
        }

        long height() {
            return count == 0 ? 0 : heights[count - 1];
        }
    }

    Semaphores(int count) {
        this.semaphores = new Rises[count];
        Arrays.setAll(semaphores, i -> new Rises());
    }

    void raise(int semaphore, double time, int add) {
        semaphores[semaphore].add(time, add);
    }

    /** What a semaphore is raised to by all that was started so far. */
    long height(int semaphore) {
        return semaphores[semaphore].height();
    }

    /** When a semaphore reaches a value, as far as that is known. */
    OptionalDouble reaches(int semaphore, int value) {
        var rises = semaphores[semaphore];
        if (value <= 0) {
            return OptionalDouble.of(0);
        }
        if (rises.height() < value) {
            return OptionalDouble.empty();
        }
        int low = 0;
        int high = rises.count - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (rises.heights[middle] >= value) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return OptionalDouble.of(rises.times[low]);
    }
}
