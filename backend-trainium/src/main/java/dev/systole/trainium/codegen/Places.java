package dev.systole.trainium.codegen;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The places of a memory while tiles come and go in issue order. A tile takes a place that is large enough among those that are free
 * in time, else the one that is free first. Where places are the smallest that do, tiles that lie in the way of one that finds none move, as
 * addresses are fixed in the end only: for all of their lives, to places that have been free since before they came. Mutable.
 */
final class Places {
    /**
     * A place that nobody holds.
     *
     * @param done when its last user is done, in seconds
     * @param since the last step that touched it, -1 if none has
     */
    private record Gap(long end, double done, int since) {}

    /**
     * A tile that holds a place.
     *
     * @param step that it came with, at {@code start}
     * @param done when the last user of its place before it was done
     * @param since the last step that touched its place before it
     */
    private record Tenant(int tile, long size, int step, double start, double done, int since) {}

    /** Gaps side by side. */
    private record Stretch(long at, long end, double done, int since) {
        Stretch with(Gap next) {
            return new Stretch(at, next.end, Math.max(done, next.done), Math.max(since, next.since));
        }
    }

    /** Which of the places that are free in time a tile takes. */
    enum Fit {
        /** For little memory: tiles move out of the way of those that find no place. */
        SMALLEST,
        /** For memory enough: nothing moves. */
        LOWEST
    }

    private final long memory;
    private final Fit fit;
    private final TreeMap<Long, Gap> gaps = new TreeMap<>();
    private final TreeMap<Long, Tenant> tenants = new TreeMap<>();
    private final Map<Integer, Long> address = new HashMap<>();
    private final Map<Integer, Long> end = new HashMap<>();

    Places(long memory, Fit fit) {
        this.memory = memory;
        this.fit = fit;
        gaps.put(0L, new Gap(memory, 0, -1));
    }

    /** The highest end of anything that was ever placed. */
    long peak() {
        return end.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    long address(int tile) {
        return address.get(tile);
    }

    /**
     * Gives a tile a place.
     *
     * @param start when the step that it comes with could start, in seconds
     * @param wanted when its place had better be free, in seconds
     * @return when that step can start, as far as its place is concerned; empty if nothing is large enough
     */
    OptionalDouble take(int tile, long size, int step, double start, double wanted) {
        var found = fitting(size, wanted, step);
        if (fit == Fit.SMALLEST) {
            found = found.or(() -> cleared(size, wanted))
                    .or(() -> first(size))
                    .or(() -> cleared(size, Double.POSITIVE_INFINITY));
        } else {
            found = found.or(() -> first(size));
        }
        if (found.isEmpty()) {
            return OptionalDouble.empty();
        }
        var place = found.get();
        cut(place.at, place.at + size);
        double from = Math.max(start, place.done);
        settle(place.at, new Tenant(tile, size, step, from, place.done, place.since));
        return OptionalDouble.of(from);
    }

    /**
     * Gives a tile a place that nobody holds.
     *
     * @param start when the step that it comes with could start, in seconds
     * @return when that step can start, as far as its place is concerned
     */
    double take(int tile, long size, int step, double start, long at) {
        split(at);
        split(at + size);
        var stretch = new Stretch(at, at, 0, -1);
        for (var gap : gaps.subMap(at, at + size).values()) {
            stretch = stretch.with(gap);
        }
        cut(at, at + size);
        double from = Math.max(start, stretch.done);
        settle(at, new Tenant(tile, size, step, from, stretch.done, stretch.since));
        return from;
    }

    private void settle(long at, Tenant tenant) {
        tenants.put(at, tenant);
        address.put(tenant.tile, at);
        end.put(tenant.tile, at + tenant.size);
    }

    /** Ends the life of a tile with a step. */
    void release(int tile, int step, double done) {
        long at = address.get(tile);
        gaps.put(at, new Gap(at + tenants.remove(at).size, done, step));
    }

    /** The stretch to take, of what was free at a time and before a step. */
    private Optional<Stretch> fitting(long size, double time, int step) {
        Stretch best = null;
        Stretch stretch = null;
        for (var e : gaps.entrySet()) {
            var gap = e.getValue();
            boolean joins = stretch != null && stretch.end == e.getKey();
            if (!joins) {
                best = better(stretch, best, size);
                stretch = null;
            }
            if (gap.done > time || gap.since >= step) {
                best = better(stretch, best, size);
                stretch = null;
            } else {
                stretch = joins ? stretch.with(gap) : new Stretch(e.getKey(), gap.end, gap.done, gap.since);
            }
        }
        return Optional.ofNullable(better(stretch, best, size));
    }

    private Stretch better(Stretch stretch, Stretch best, long size) {
        if (stretch == null || stretch.end - stretch.at < size) {
            return best;
        }
        boolean smaller = best == null || fit == Fit.SMALLEST && stretch.end - stretch.at < best.end - best.at;
        return smaller ? stretch : best;
    }

    /** The stretch that is free first, the lowest of these. */
    private Optional<Stretch> first(long size) {
        Stretch best = null;
        for (long at : gaps.keySet()) {
            var stretch = new Stretch(at, at, 0, -1);
            for (var gap = gaps.get(at); gap != null && stretch.end - at < size; gap = gaps.get(stretch.end)) {
                stretch = stretch.with(gap);
            }
            if (stretch.end - at >= size && (best == null || stretch.done < best.done)) {
                best = stretch;
            }
        }
        return Optional.ofNullable(best);
    }

    /** A stretch that was free at a time but for tiles of fewer bytes, the fewest possible, which have moved away. */
    private Optional<Stretch> cleared(long size, double time) {
        var byHeld = new TreeMap<Long, List<Long>>();
        for (var gap : gaps.entrySet()) {
            for (long at : List.of(gap.getKey(), gap.getValue().end - size)) {
                long held = at >= 0 && at <= memory - size ? held(at, size) : size;
                if (held < size) {
                    byHeld.computeIfAbsent(held, h -> new ArrayList<>()).add(at);
                }
            }
        }
        return byHeld.values().stream()
                .flatMap(List::stream)
                .flatMap(at -> clear(at, size, time).stream())
                .findFirst();
    }

    private long held(long at, long size) {
        return within(at, size).values().stream().mapToLong(Tenant::size).sum();
    }

    private NavigableMap<Long, Tenant> within(long at, long size) {
        var below = tenants.floorEntry(at);
        boolean reaches = below != null && below.getKey() + below.getValue().size > at;
        return tenants.subMap(reaches ? below.getKey() : at, true, at + size, false);
    }

    /** Moves all tenants out of a stretch; does nothing if one has nowhere to go, or the stretch is free too late even so. */
    private Optional<Stretch> clear(long at, long size, double time) {
        var moving = new TreeMap<>(within(at, size));
        var gapsBefore = new TreeMap<>(gaps);
        moving.forEach((from, t) -> {
            tenants.remove(from);
            gaps.put(from, new Gap(from + t.size, t.done, t.since));
        });
        split(at);
        split(at + size);
        var inside = new TreeMap<>(gaps.subMap(at, at + size));
        gaps.keySet().removeAll(inside.keySet());
        var stretch = new Stretch(at, at, 0, -1);
        for (var gap : inside.values()) {
            stretch = stretch.with(gap);
        }
        var moved = new ArrayList<Long>();
        if (stretch.done > time || !move(moving.values(), moved)) {
            moved.forEach(tenants::remove);
            moving.forEach(this::settle);
            gaps.clear();
            gaps.putAll(gapsBefore);
            return Optional.empty();
        }
        gaps.putAll(inside);
        return Optional.of(stretch);
    }

    /** Settles tenants in places that have been free since before they came, and notes where; false if one of them has none. */
    private boolean move(Collection<Tenant> moving, List<Long> to) {
        for (var tenant : largestFirst(moving)) {
            var place = fitting(tenant.size, tenant.start, tenant.step);
            if (place.isEmpty()) {
                return false;
            }
            var p = place.get();
            cut(p.at, p.at + tenant.size);
            settle(p.at, new Tenant(tenant.tile, tenant.size, tenant.step, tenant.start, p.done, p.since));
            to.add(p.at);
        }
        return true;
    }

    private static List<Tenant> largestFirst(Collection<Tenant> tenants) {
        return tenants.stream()
                .sorted(Comparator.comparingLong(Tenant::size).reversed())
                .toList();
    }

    /** Makes a gap begin at an address if one reaches across it. */
    private void split(long at) {
        var below = gaps.lowerEntry(at);
        if (below != null && below.getValue().end > at) {
            var gap = below.getValue();
            gaps.put(below.getKey(), new Gap(at, gap.done, gap.since));
            gaps.put(at, gap);
        }
    }

    private void cut(long from, long to) {
        split(from);
        split(to);
        gaps.subMap(from, true, to, false).clear();
    }
}
