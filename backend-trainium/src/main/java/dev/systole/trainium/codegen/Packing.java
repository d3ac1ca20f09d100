package dev.systole.trainium.codegen;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Addresses for tiles whose lives are all known. Those that take most bytes for most steps choose first, so that no hole is left where one of
 * them ends. A tile takes the lowest address at which it does not wait for the tile before it there, nor one after it for the tile; if there is
 * none, one at which they wait as little as possible. Mutable.
 */
final class Packing {
    /** How long a tile may wait for its place, which had better be free a little before it is taken; in the end for any time. */
    private static final double[] LONGEST_WAITS_SECONDS = {-0.1e-6, 0, 1e-6, 5e-6, Double.POSITIVE_INFINITY};

    /**
     * A tile that needs a place.
     *
     * @param first the step that it comes with, which starts at {@code begin} in seconds
     * @param last the step after which nothing touches it; what does is done at {@code end}
     */
    record Life(int tile, long size, int first, int last, double begin, double end) {
        /** The life that ends with a later one of the same tile. */
        Life until(Life later) {
            return new Life(tile, size, first, later.last, begin, Math.max(end, later.end));
        }

        private double area() {
            return (double) size * (last - first + 1);
        }

        /** True if they live together, or the later of the two would wait longer for the earlier one. */
        private boolean isInTheWay(Life other, double longestWait) {
            if (other.last < first) {
                return other.end - begin > longestWait;
            }
            return last >= other.first || end - other.begin > longestWait;
        }
    }

    /** A tile that has an address. */
    private record Placed(long at, Life life) {}

    private final long memory;
    private final List<Placed> byAddress = new ArrayList<>();

    private Packing(long memory) {
        this.memory = memory;
    }

    /** An address for each tile; empty if one of them finds none. */
    static Optional<Map<Integer, Long>> of(List<Life> lives, long memory) {
        var packing = new Packing(memory);
        var addresses = new HashMap<Integer, Long>();
        for (var life : largestFirst(lives)) {
            long at = packing.place(life);
            if (at < 0) {
                return Optional.empty();
            }
            addresses.put(life.tile, at);
        }
        return Optional.of(addresses);
    }

    private static List<Life> largestFirst(List<Life> lives) {
        return lives.stream()
                .sorted(Comparator.comparingDouble(Life::area)
                        .reversed()
                        .thenComparingInt(Life::first)
                        .thenComparingInt(Life::tile))
                .toList();
    }

    private long place(Life life) {
        for (double longest : LONGEST_WAITS_SECONDS) {
            long at = lowest(life, longest);
            if (at >= 0) {
                insert(new Placed(at, life));
                return at;
            }
        }
        return -1;
    }

    private long lowest(Life life, double longestWait) {
        long end = 0;
        for (var placed : byAddress) {
            if (placed.life.isInTheWay(life, longestWait)) {
                if (placed.at - end >= life.size) {
                    return end;
                }
                end = Math.max(end, placed.at + placed.life.size);
            }
        }
        return end + life.size <= memory ? end : -1;
    }

    private void insert(Placed placed) {
        int low = 0;
        int high = byAddress.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (byAddress.get(middle).at <= placed.at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        byAddress.add(low, placed);
    }
}
