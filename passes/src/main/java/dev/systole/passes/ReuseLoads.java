package dev.systole.passes;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Afterwards no load of a straight-line program brings in what a recently used tile already holds: the tile is read
 * instead. A quarter of SBUF may hold such tiles, the least recently used ones go first.
 */
public record ReuseLoads(Target target) implements TilePass {
    @Override
    public String name() {
        return "reuse-loads";
    }

    /** @param partitions that the tile has at least; 0 if all have the same content */
    private record Key(BufferRef from, DType dtype, int partitions, long free) {
        static Key of(BufferRef from, Tile tile) {
            var rows = from.dims().getFirst();
            if (rows.stride() != 0 || rows.size() == 1 || !from.isRowByRow(tile.partitions())) {
                return new Key(from, tile.dtype(), tile.partitions(), tile.free());
            }
            var one = new ArrayList<>(from.dims());
            one.set(0, new Dim(0, 1));
            return new Key(new BufferRef(from.buffer(), from.offset(), one), tile.dtype(), 0, tile.free());
        }
    }

    @Override
    public TileProgram run(TileProgram program) {
        return reused(program, load -> true);
    }

    /** The program without those of these loads that bring in what a recently used tile holds. */
    TileProgram reused(TileProgram program, Predicate<Statement.Load> which) {
        long budget = target.memory().sbufBytesPerPartition() / 4;
        var held = new LinkedHashMap<Key, Tile>(16, 0.75f, true);
        long heldBytes = 0;
        var instead = new HashMap<Integer, Tile>();
        var writers = new HashMap<Integer, Integer>();
        program.body()
                .forEach(s -> TileRewriter.writes(s)
                        .forEach(r -> writers.merge(r.tile().id(), 1, Integer::sum)));
        var body = new ArrayList<Statement>();
        var dropped = new HashSet<Integer>();
        for (var s : program.body()) {
            if (s instanceof Statement.Load load
                    && which.test(load)
                    && writers.get(load.to().tile().id()) == 1
                    && load.to().equals(TileRef.of(load.to().tile()))) {
                var tile = load.to().tile();
                var key = Key.of(load.from(), tile);
                var before = held.get(key);
                if (before != null && before.partitions() >= tile.partitions()) {
                    instead.put(tile.id(), before);
                    dropped.add(tile.id());
                    continue;
                }
                held.put(key, tile);
                heldBytes += tile.bytesPerPartition() - (before == null ? 0 : before.bytesPerPartition());
                for (var it = held.entrySet().iterator(); heldBytes > budget && it.hasNext(); ) {
                    heldBytes -= it.next().getValue().bytesPerPartition();
                    it.remove();
                }
            }
            var stored = stored(s);
            if (stored.isPresent()) {
                for (var it = held.entrySet().iterator(); it.hasNext(); ) {
                    var e = it.next();
                    if (e.getKey().from().buffer().equals(stored.get())) {
                        heldBytes -= e.getValue().bytesPerPartition();
                        it.remove();
                    }
                }
            }
            body.add(s instanceof Statement.Alloc ? s : redirect(s, instead));
        }
        body.removeIf(s -> s instanceof Statement.Alloc(var t, var at) && dropped.contains(t.id()));
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    private static Optional<Buffer> stored(Statement s) {
        return switch (s) {
            case Statement.Store t -> Optional.of(t.to().buffer());
            case Statement.ScatterRows t -> Optional.of(t.to().buffer());
            default -> Optional.empty();
        };
    }

    private static Statement redirect(Statement s, Map<Integer, Tile> instead) {
        return TileRewriter.map(
                s,
                r -> instead.containsKey(r.tile().id())
                        ? new TileRef(
                                instead.get(r.tile().id()), r.startPartition(), r.partitions(), r.offset(), r.dims())
                        : r,
                r -> r,
                a -> a);
    }
}
