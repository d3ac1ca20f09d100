package dev.systole.cli.bench;

import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** How much SBUF code needs at least in its issue order: what is live at once, wherever the allocator puts it. */
final class LiveBytes {
    private LiveBytes() {}

    /** The most bytes a partition that tiles take between their first and their last use. */
    static long sbufPerPartition(VirtualCode code) {
        var bytes = new HashMap<Integer, Long>();
        code.tiles().stream().filter(t -> !t.psum()).forEach(t -> bytes.put(t.id(), t.bytesPerPartition()));
        var lastUse = lastUses(code, bytes.keySet());
        var live = new HashSet<Integer>();
        long now = 0;
        long most = 0;
        for (int i = 0; i < code.steps().size(); i++) {
            var used = tiles(code, i, bytes.keySet());
            for (int tile : used) {
                now += live.add(tile) ? bytes.get(tile) : 0;
            }
            most = Math.max(most, now);
            for (int tile : used) {
                if (lastUse.get(tile) == i) {
                    live.remove(tile);
                    now -= bytes.get(tile);
                }
            }
        }
        return most;
    }

    private static Map<Integer, Integer> lastUses(VirtualCode code, Set<Integer> sbuf) {
        var uses = new HashMap<Integer, Integer>();
        for (int i = 0; i < code.steps().size(); i++) {
            for (int tile : tiles(code, i, sbuf)) {
                uses.put(tile, i);
            }
        }
        return uses;
    }

    private static Set<Integer> tiles(VirtualCode code, int step, Set<Integer> sbuf) {
        var instruction = code.steps().get(step).instruction();
        var tiles = new HashSet<Integer>();
        Stream.concat(instruction.reads().stream(), instruction.writes().stream())
                .filter(a -> a.memory() != Memory.HBM && a.isVirtual())
                .map(Access::object)
                .forEach(id -> tiles.add(id.getAsInt()));
        tiles.retainAll(sbuf);
        return tiles;
    }
}
