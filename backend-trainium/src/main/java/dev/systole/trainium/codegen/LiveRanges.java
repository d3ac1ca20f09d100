package dev.systole.trainium.codegen;

import com.google.common.primitives.Longs;
import dev.systole.ir.tile.Tile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** From which step to which step of the issue order tiles live. */
public final class LiveRanges {
    private final List<int[]> touched = new ArrayList<>();
    private final Map<Integer, Integer> first = new HashMap<>();
    private final Map<Integer, Integer> last = new HashMap<>();
    private final long sbufBytesPerPartition;
    private final long psumBanks;

    private LiveRanges(VirtualCode code) {
        for (int i = 0; i < code.steps().size(); i++) {
            touched.add(code.steps().get(i).tiles());
            for (int tile : touched.get(i)) {
                first.putIfAbsent(tile, i);
                last.put(tile, i);
            }
        }
        this.sbufBytesPerPartition = most(code, t -> t.psum() ? 0 : t.bytesPerPartition());
        this.psumBanks = most(code, t -> t.psum() ? 1 : 0);
    }

    public static LiveRanges of(VirtualCode code) {
        return new LiveRanges(code);
    }

    private long most(VirtualCode code, ToLongFunction<Tile> size) {
        var more = new long[code.steps().size() + 1];
        for (var tile : code.tiles()) {
            if (first.containsKey(tile.id())) {
                more[first.get(tile.id())] += size.applyAsLong(tile);
                more[last.get(tile.id()) + 1] -= size.applyAsLong(tile);
            }
        }
        return most(Longs.asList(more));
    }

    /** The highest sum of so many first ones of these; 0 if none is above it. */
    public static long most(Iterable<Long> changes) {
        long live = 0;
        long most = 0;
        for (long change : changes) {
            live += change;
            most = Math.max(most, live);
        }
        return most;
    }

    /** How much SBUF the code needs at least in its issue order: what is live at once, wherever it lies. */
    public long sbufBytesPerPartition() {
        return sbufBytesPerPartition;
    }

    /** How many accumulations are open at once, at most. */
    long psumBanks() {
        return psumBanks;
    }

    /** The on-chip tiles that a step reads or writes, see {@link VirtualCode.Step#tiles}. */
    int[] touched(int step) {
        return touched.get(step);
    }

    boolean begins(int tile, int step) {
        return first.get(tile) == step;
    }

    boolean ends(int tile, int step) {
        return last.get(tile) == step;
    }
}
