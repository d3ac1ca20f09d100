package dev.systole.emulator;

import java.util.Arrays;

/**
 * Which bytes of a memory have been written. Mutable; threads may mark different rows at once, where a row is a multiple of 64
 * bytes.
 */
final class WrittenBytes {
    private final long[] words;

    WrittenBytes(long bytes) {
        this.words = new long[Math.toIntExact((bytes + 63) >>> 6)];
    }

    void reset() {
        Arrays.fill(words, 0);
    }

    void mark(long from, long to) {
        if (to <= from) {
            return;
        }
        int first = (int) (from >>> 6);
        int last = (int) ((to - 1) >>> 6);
        long head = -1L << from;
        long tail = -1L >>> -to;
        if (first == last) {
            words[first] |= head & tail;
            return;
        }
        words[first] |= head;
        for (int i = first + 1; i < last; i++) {
            words[i] = -1;
        }
        words[last] |= tail;
    }

    void clear(long from, long to) {
        if (to <= from) {
            return;
        }
        int first = (int) (from >>> 6);
        int last = (int) ((to - 1) >>> 6);
        long head = -1L << from;
        long tail = -1L >>> -to;
        if (first == last) {
            words[first] &= ~(head & tail);
            return;
        }
        words[first] &= ~head;
        for (int i = first + 1; i < last; i++) {
            words[i] = 0;
        }
        words[last] &= ~tail;
    }

    /** True if every byte from {@code from} up to, not including, {@code to} has been written. */
    boolean all(long from, long to) {
        if (to <= from) {
            return true;
        }
        int first = (int) (from >>> 6);
        int last = (int) ((to - 1) >>> 6);
        long head = -1L << from;
        long tail = -1L >>> -to;
        if (first == last) {
            return (words[first] & head & tail) == (head & tail);
        }
        if ((words[first] & head) != head || (words[last] & tail) != tail) {
            return false;
        }
        for (int i = first + 1; i < last; i++) {
            if (words[i] != -1) {
                return false;
            }
        }
        return true;
    }
}
