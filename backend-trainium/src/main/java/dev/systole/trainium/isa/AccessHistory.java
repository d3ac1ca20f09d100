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
    private static final long ALL = -1;

    /** @param first number of the first stretch that the access touches */
    private record Touch(int item, Access access, long first) {}

    /** One stretch of bytes of a memory, or of a virtual tile or buffer. */
    private record Stretch(Memory memory, int object, long number) {}

    private static final class Touches {
        final List<Touch> writes = new ArrayList<>();
        final List<Touch> reads = new ArrayList<>();
    }

    /** A memory, or a virtual tile or buffer. */
    private record Place(Memory memory, int object) {}

    private final Map<Stretch, Touches> stretches = new HashMap<>();
    /** Accesses that a register of unknown value moves; they may be anywhere. */
    private final Map<Place, Touches> anywhere = new HashMap<>();

    /** Reports every recorded item that the access conflicts with; an item may be reported more than once. */
    public void conflicts(Access a, boolean write, IntConsumer report) {
        var moved = anywhere.get(place(a));
        if (moved != null) {
            conflicts(moved, ALL, a, write, report);
        }
        if (a.index().isPresent()) {
            stretches.forEach((stretch, touches) -> {
                if (stretch.memory == a.memory() && stretch.object == place(a).object) {
                    conflicts(touches, stretch.number, a, write, report);
                }
            });
            return;
        }
        for (long s = first(a); s <= last(a); s++) {
            var touches = stretches.get(stretch(a, s));
            if (touches != null) {
                conflicts(touches, s == first(a) ? ALL : s, a, write, report);
            }
        }
    }

    /** Compares with what touches no stretch before {@code from}: a pair that shares several stretches is compared in the first. */
    private static void conflicts(Touches touches, long from, Access a, boolean write, IntConsumer report) {
        overlapping(touches.writes, from, a, report);
        if (write) {
            overlapping(touches.reads, from, a, report);
        }
    }

    private static void overlapping(List<Touch> touches, long from, Access a, IntConsumer report) {
        for (var t : touches) {
            if (t.first >= from && t.access.mayOverlap(a)) {
                report.accept(t.item);
            }
        }
    }

    /** Adds an access of an item. The reads of an item are added before its writes. */
    public void add(int item, Access a, boolean write) {
        if (a.index().isPresent()) {
            var touches = anywhere.computeIfAbsent(place(a), k -> new Touches());
            (write ? touches.writes : touches.reads).add(new Touch(item, a, ALL));
            return;
        }
        runs(a).forEach(run -> addRun(item, run, write));
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

    private void addRun(int item, Access a, boolean write) {
        var touch = new Touch(item, a, first(a));
        for (long s = touch.first; s <= last(a); s++) {
            var touches = stretches.computeIfAbsent(stretch(a, s), k -> new Touches());
            if (write) {
                touches.writes.removeIf(t -> covers(a, t.access));
                touches.reads.removeIf(t -> covers(a, t.access));
                touches.writes.add(touch);
            } else {
                touches.reads.add(touch);
            }
        }
    }

    private static Stretch stretch(Access a, long number) {
        return new Stretch(a.memory(), a.object().orElse(-1), number);
    }

    private static Place place(Access a) {
        return new Place(a.memory(), a.object().orElse(-1));
    }

    private static int bits(Access a) {
        return a.memory() == Memory.HBM ? HBM_STRETCH_BITS : ON_CHIP_STRETCH_BITS;
    }

    private static long first(Access a) {
        return Math.max(0, a.offset() + a.lowestByte()) >> bits(a);
    }

    private static long last(Access a) {
        return (a.offset() + a.highestByte() - 1) >> bits(a);
    }

    private static boolean covers(Access outer, Access inner) {
        return outer.index().isEmpty()
                && inner.index().isEmpty()
                && outer.isContiguous()
                && outer.startPartition() <= inner.startPartition()
                && outer.startPartition() + outer.partitions() >= inner.startPartition() + inner.partitions()
                && outer.offset() + outer.lowestByte() <= inner.offset() + inner.lowestByte()
                && outer.offset() + outer.highestByte() >= inner.offset() + inner.highestByte();
    }
}
