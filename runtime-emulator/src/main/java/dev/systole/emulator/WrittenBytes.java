package dev.systole.emulator;

import java.util.Arrays;

/**
 * Which bytes of a memory have been written: one bit a byte, in pages that exist once something in them has been written. Mutable.
 */
final class WrittenBytes {
    private static final int PAGE_BITS = 16;
    private static final int PAGE_WORDS = 1 << (PAGE_BITS - 6);

    /** A page of which every byte has been written. */
    private static final long[] FULL = new long[0];

    private final long[][] pages;

    WrittenBytes(long bytes) {
        this.pages = new long[Math.toIntExact((bytes >>> PAGE_BITS) + 1)][];
    }

    void mark(long from, long to) {
        for (long at = from; at < to; ) {
            int page = (int) (at >>> PAGE_BITS);
            long end = Math.min(to, (long) (page + 1) << PAGE_BITS);
            if (end - at == 1 << PAGE_BITS) {
                pages[page] = FULL;
            } else if (pages[page] != FULL) {
                if (pages[page] == null) {
                    pages[page] = new long[PAGE_WORDS];
                }
                set(pages[page], at & ((1 << PAGE_BITS) - 1), end - at);
            }
            at = end;
        }
    }

    void clear(long from, long to) {
        for (long at = from; at < to; ) {
            int page = (int) (at >>> PAGE_BITS);
            long end = Math.min(to, (long) (page + 1) << PAGE_BITS);
            if (pages[page] == FULL) {
                pages[page] = new long[PAGE_WORDS];
                Arrays.fill(pages[page], -1);
            }
            if (pages[page] != null) {
                reset(pages[page], at & ((1 << PAGE_BITS) - 1), end - at);
            }
            at = end;
        }
    }

    /** True if every byte from {@code from} up to, not including, {@code to} has been written. */
    boolean all(long from, long to) {
        for (long at = from; at < to; ) {
            int page = (int) (at >>> PAGE_BITS);
            long end = Math.min(to, (long) (page + 1) << PAGE_BITS);
            if (pages[page] != FULL
                    && (pages[page] == null || !all(pages[page], at & ((1 << PAGE_BITS) - 1), end - at))) {
                return false;
            }
            at = end;
        }
        return true;
    }

    private static void set(long[] words, long from, long count) {
        int first = (int) (from >>> 6);
        int last = (int) ((from + count - 1) >>> 6);
        if (first == last) {
            words[first] |= head(from) & tail(from + count);
            return;
        }
        words[first] |= head(from);
        Arrays.fill(words, first + 1, last, -1);
        words[last] |= tail(from + count);
    }

    private static void reset(long[] words, long from, long count) {
        int first = (int) (from >>> 6);
        int last = (int) ((from + count - 1) >>> 6);
        if (first == last) {
            words[first] &= ~(head(from) & tail(from + count));
            return;
        }
        words[first] &= ~head(from);
        Arrays.fill(words, first + 1, last, 0);
        words[last] &= ~tail(from + count);
    }

    private static boolean all(long[] words, long from, long count) {
        int first = (int) (from >>> 6);
        int last = (int) ((from + count - 1) >>> 6);
        if (first == last) {
            long wanted = head(from) & tail(from + count);
            return (words[first] & wanted) == wanted;
        }
        if ((words[first] & head(from)) != head(from) || (words[last] & tail(from + count)) != tail(from + count)) {
            return false;
        }
        for (int i = first + 1; i < last; i++) {
            if (words[i] != -1) {
                return false;
            }
        }
        return true;
    }

    /** The bits of a word from a position on. */
    private static long head(long from) {
        return -1L << from;
    }

    /** The bits of a word below a position; all of them if it is the next word's first. */
    private static long tail(long to) {
        return -1L >>> -to;
    }
}
