package dev.systole.trainium.codegen;

import java.util.ArrayDeque;
import java.util.TreeMap;

/** Bytes of SBUF or banks of PSUM beyond those that the original order needs. Mutable. */
final class Room {
    private final long capacity;
    private final long[] needed;
    private final ArrayDeque<Integer> highest = new ArrayDeque<>();
    private final TreeMap<Double, Long> releases = new TreeMap<>();
    private int seen;
    private long taken;

    Room(long capacity, long[] needed) {
        this.capacity = capacity;
        this.needed = needed;
    }

    /** The window begins at the oldest step. */
    void moveTo(int oldest) {
        for (; seen < Math.min(needed.length, oldest + ListScheduler.WINDOW); seen++) {
            while (!highest.isEmpty() && needed[highest.getLast()] <= needed[seen]) {
                highest.removeLast();
            }
            highest.addLast(seen);
        }
        while (!highest.isEmpty() && highest.getFirst() < oldest) {
            highest.removeFirst();
        }
    }

    /** Drops what is free at a time. */
    void passTo(double now) {
        while (!releases.isEmpty() && releases.firstKey() <= now) {
            taken -= releases.pollFirstEntry().getValue();
        }
    }

    void take(long size) {
        taken += size;
    }

    /** The original order would hold the tile now, too. */
    void isDue(long size) {
        taken -= size;
    }

    void release(long size, boolean isTaken, double at) {
        taken += isTaken ? 0 : size;
        releases.merge(at, size, Long::sum);
    }

    /** The time from which on there is room for as much within a share of what the original order leaves. */
    double since(long size, double share) {
        double missing = taken + size - share * (capacity - needed[highest.getFirst()]);
        if (size == 0 || missing <= 0) {
            return 0;
        }
        for (var e : releases.entrySet()) {
            missing -= e.getValue();
            if (missing <= 0) {
                return e.getKey();
            }
        }
        return Double.POSITIVE_INFINITY;
    }
}
