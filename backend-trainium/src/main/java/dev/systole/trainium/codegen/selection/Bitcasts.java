package dev.systole.trainium.codegen.selection;

import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileRef;
import dev.systole.passes.TileRewriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bits that are read as numbers of another type where they are: an operand names its type, so the whole of a tile that nothing writes later
 * needs no copy.
 */
final class Bitcasts {
    private Bitcasts() {}

    /** Statements in which tiles of other types share the number, and so the place, of the tiles whose bits they have. */
    static List<Statement> inPlace(List<Statement> body) {
        var lastWrites = new HashMap<Integer, Integer>();
        var writers = new HashMap<Integer, Integer>();
        for (int i = 0; i < body.size(); i++) {
            int at = i;
            TileRewriter.writes(body.get(i)).forEach(r -> {
                lastWrites.put(r.tile().id(), at);
                writers.merge(r.tile().id(), 1, Integer::sum);
            });
        }
        var shared = new HashMap<Integer, Tile>();
        var after = new ArrayList<Statement>();
        for (int i = 0; i < body.size(); i++) {
            var s = body.get(i);
            if (s instanceof Statement.Bitcast(var to, var from, var at)
                    && isWhole(to)
                    && isWhole(from)
                    && to.partitions() == from.partitions()
                    && to.tile().psum() == from.tile().psum()
                    && writers.get(to.tile().id()) == 1
                    && lastWrites.getOrDefault(from.tile().id(), -1) < i) {
                var place = shared.getOrDefault(from.tile().id(), from.tile());
                shared.put(
                        to.tile().id(),
                        new Tile(place.id(), place.psum(), to.tile().dtype(), place.partitions(), place.free()));
            } else {
                after.add(s);
            }
        }
        after.removeIf(s -> s instanceof Statement.Alloc(var t, var at) && shared.containsKey(t.id()));
        return after.stream()
                .map(s -> TileRewriter.map(s, r -> read(r, shared), r -> r, a -> a))
                .toList();
    }

    private static boolean isWhole(TileRef r) {
        return r.equals(TileRef.of(r.tile()));
    }

    private static TileRef read(TileRef r, Map<Integer, Tile> shared) {
        var tile = shared.get(r.tile().id());
        return tile == null ? r : new TileRef(tile, r.startPartition(), r.partitions(), r.offset(), r.dims());
    }
}
