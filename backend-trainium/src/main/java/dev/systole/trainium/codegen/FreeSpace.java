package dev.systole.trainium.codegen;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The free places of a memory, each with the time when its last user is done. Mutable. */
final class FreeSpace {
    /** A free place. */
    private record Gap(long end, double free) {}

    /**
     * Where something went.
     *
     * @param free when the last user of the place is done
     */
    record Place(long at, double free) {}

    private final TreeMap<Long, Gap> gaps = new TreeMap<>();
    private long peak;

    FreeSpace(long size) {
        gaps.put(0L, new Gap(size, 0));
    }

    /** The highest end of anything that was ever taken. */
    long peak() {
        return peak;
    }

    /** The place that is free first, the lowest of those that are free at {@code now}; none if nothing is large enough. */
    Optional<Place> take(long size, double now) {
        Place best = null;
        for (var from = gaps.firstEntry(); from != null; from = gaps.higherEntry(from.getKey())) {
            double free = 0;
            long end = from.getKey();
            for (var e = from; e != null && e.getKey() == end && end < from.getKey() + size; ) {
                free = Math.max(free, e.getValue().free());
                end = e.getValue().end();
                e = gaps.ceilingEntry(end);
            }
            if (end >= from.getKey() + size && (best == null || Math.max(free, now) < Math.max(best.free(), now))) {
                best = new Place(from.getKey(), free);
                if (free <= now) {
                    break;
                }
            }
        }
        if (best != null) {
            cut(best.at(), best.at() + size);
            peak = Math.max(peak, best.at() + size);
        }
        return Optional.ofNullable(best);
    }

    private void cut(long from, long to) {
        for (long at = from; at < to; ) {
            var gap = gaps.remove(at);
            if (gap.end() > to) {
                gaps.put(to, gap);
            }
            at = gap.end();
        }
    }

    void release(long at, long size, double free) {
        long from = at;
        long to = at + size;
        var below = gaps.lowerEntry(from);
        if (isNeighbour(below, from, free)) {
            from = below.getKey();
        }
        var above = gaps.get(to);
        if (above != null && above.free() == free) {
            gaps.remove(to);
            to = above.end();
        }
        gaps.put(from, new Gap(to, free));
    }

    private static boolean isNeighbour(Map.Entry<Long, Gap> below, long at, double free) {
        return below != null && below.getValue().end() == at && below.getValue().free() == free;
    }
}
