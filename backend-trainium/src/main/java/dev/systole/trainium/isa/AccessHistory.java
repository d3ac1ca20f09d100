package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The accesses of a sequence of items, so far, that a later item can conflict with. Mutable.
 *
 * <p>An access is forgotten once a later write covers it: whoever conflicts with it then conflicts with that write too. Accesses
 * are found by the stretches of memory that they touch.
 */
public final class AccessHistory {
    private static final int ON_CHIP_STRETCH_BITS = 11;
    private static final int HBM_STRETCH_BITS = 17;

    private static final int MOST_RUNS = 8;

    /** Before every stretch. */
    private static final long ANYWHERE = -1;

    /**
     * An access with the bytes that it may touch, which are all where a register of unknown value moves it.
     *
     * @param low the lowest byte, from the start of the memory, or of the virtual tile or buffer
     * @param high one past the highest
     * @param first number of the first stretch that it touches, or {@link #ANYWHERE}
     */
    private record Touch(int item, Access access, boolean contiguous, long low, long high, long first) {
        static Touch of(int item, Access a) {
            if (a.index().isPresent()) {
                return new Touch(item, a, false, Long.MIN_VALUE, Long.MAX_VALUE, ANYWHERE);
            }
            long low = a.offset() + a.lowestByte();
            return new Touch(
                    item, a, a.isContiguous(), low, a.offset() + a.highestByte(), Math.max(0, low) >> stretchBits(a));
        }

        long last() {
            return (high - 1) >> stretchBits(access);
        }

        private static int stretchBits(Access a) {
            return a.memory() == Memory.HBM ? HBM_STRETCH_BITS : ON_CHIP_STRETCH_BITS;
        }

        /** As {@link Access#mayOverlap}, of accesses in one place. */
        boolean mayOverlap(Touch other) {
            return low < other.high
                    && other.low < high
                    && access.startPartition() < other.access.startPartition() + other.access.partitions()
                    && other.access.startPartition() < access.startPartition() + access.partitions()
                    && (contiguous && other.contiguous || access.mayOverlap(other.access));
        }

        /** True if this is known to touch every byte that the other one may touch. */
        boolean covers(Touch other) {
            return contiguous
                    && low <= other.low
                    && high >= other.high
                    && access.startPartition() <= other.access.startPartition()
                    && access.startPartition() + access.partitions()
                            >= other.access.startPartition() + other.access.partitions();
        }
    }

    private static final class Touches {
        final List<Touch> writes = new ArrayList<>();
        final List<Touch> reads = new ArrayList<>();

        void add(Touch touch, boolean write) {
            (write ? writes : reads).add(touch);
        }

        /** Compares with what touches no stretch before {@code from}: a pair that shares several stretches is compared in the first. */
        void conflicts(long from, Touch touch, boolean write, IntConsumer report) {
            overlapping(writes, from, touch, report);
            if (write) {
                overlapping(reads, from, touch, report);
            }
        }

        private static void overlapping(List<Touch> touches, long from, Touch touch, IntConsumer report) {
            for (var t : touches) {
                if (t.first >= from && t.mayOverlap(touch)) {
                    report.accept(t.item);
                }
            }
        }
    }

    /** A memory, or a virtual tile or buffer. */
    private record Place(Memory memory, int object) {}

    /** What touches a place: by the numbers of the stretches, and what registers move. */
    private static final class Past {
        final Map<Long, Touches> stretches = new HashMap<>();
        final Touches anywhere = new Touches();
    }

    private final Map<Place, Past> places = new HashMap<>();

    /** Reports every recorded item that the access conflicts with; an item may be reported more than once. */
    public void conflicts(Access a, boolean write, IntConsumer report) {
        var past = places.get(place(a));
        if (past == null) {
            return;
        }
        var touch = Touch.of(-1, a);
        past.anywhere.conflicts(ANYWHERE, touch, write, report);
        if (a.index().isPresent()) {
            past.stretches.forEach((number, touches) -> touches.conflicts(number, touch, write, report));
            return;
        }
        for (long s = touch.first; s <= touch.last(); s++) {
            var touches = past.stretches.get(s);
            if (touches != null) {
                touches.conflicts(s == touch.first ? ANYWHERE : s, touch, write, report);
            }
        }
    }

    /** Adds an access of an item. The reads of an item are added before its writes. */
    public void add(int item, Access a, boolean write) {
        var past = places.computeIfAbsent(place(a), k -> new Past());
        if (a.index().isPresent()) {
            past.anywhere.add(Touch.of(item, a), write);
        } else {
            runs(a).forEach(run -> add(past, Touch.of(item, run), write));
        }
    }

    private static Place place(Access a) {
        return new Place(a.memory(), a.object().orElse(-1));
    }

    /** The runs of an access on chip if it has few that lie apart: writes may cover one after the other. */
    private static List<Access> runs(Access a) {
        if (a.memory() == Memory.HBM || a.isContiguous() || a.dims().getFirst().size() > MOST_RUNS) {
            return List.of(a);
        }
        var step = a.dims().getFirst();
        var runs = new ArrayList<Access>();
        for (long i = 0; i < step.size(); i++) {
            runs.add(new Access(
                    a.memory(),
                    a.object(),
                    a.dtype(),
                    a.startPartition(),
                    a.partitions(),
                    a.offset() + i * step.stride() * a.dtype().bytes(),
                    a.dims().subList(1, a.dims().size()),
                    Optional.empty()));
        }
        return runs;
    }

    private static void add(Past past, Touch touch, boolean write) {
        for (long s = touch.first; s <= touch.last(); s++) {
            var touches = past.stretches.computeIfAbsent(s, k -> new Touches());
            if (write && touch.contiguous) {
                touches.writes.removeIf(touch::covers);
                touches.reads.removeIf(touch::covers);
            }
            touches.add(touch, write);
        }
    }
}
