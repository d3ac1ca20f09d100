package dev.systole.passes;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.passes.tiling.Runs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Afterwards tiles of a straight-line program that are stored beside each other, in runs too short for a DMA engine, are parts of one tile that
 * is stored once, as the results of several heads are. Nothing reads the buffer in between, or writes these tiles.
 */
public record JoinStores(Target target) implements TilePass {
    @Override
    public String name() {
        return "join-stores";
    }

    /**
     * What stores have in common that may be one.
     *
     * @param rows the dimensions of memory but the last one
     */
    private record Key(Buffer buffer, List<Dim> rows, int partitions, DType dtype) {}

    /** Stores of neighbours, in order. Mutable. */
    private static final class Group {
        final List<Integer> stores = new ArrayList<>();
        final List<Tile> tiles = new ArrayList<>();
        final BufferRef first;
        long width;

        Group(BufferRef first) {
            this.first = first;
        }

        boolean goesOnAt(Affine offset) {
            return first.offset().plus(width).equals(offset);
        }

        void add(int store, Tile tile) {
            stores.add(store);
            tiles.add(tile);
            width += tile.free();
        }

        BufferRef whole() {
            var dims = new ArrayList<>(first.dims());
            dims.set(dims.size() - 1, new Dim(1, width));
            return new BufferRef(first.buffer(), first.offset(), dims);
        }
    }

    /** Where a tile is in the one that takes its place. */
    private record Part(Tile whole, long column) {
        TileRef of(TileRef r) {
            return new TileRef(
                    whole, r.startPartition(), r.partitions(), r.offset().plus(column), r.dims());
        }
    }

    @Override
    public TileProgram run(TileProgram program) {
        var groups =
                groups(program.body()).stream().filter(g -> g.stores.size() > 1).toList();
        var parts = new HashMap<Tile, Part>();
        var joined = new HashMap<Integer, Statement.Store>();
        var dropped = new HashSet<Integer>();
        int next = TileRewriter.nextTile(program.body());
        for (var g : groups) {
            var like = g.tiles.getFirst();
            var whole = new Tile(next++, false, like.dtype(), like.partitions(), g.width);
            long column = 0;
            for (var t : g.tiles) {
                parts.put(t, new Part(whole, column));
                column += t.free();
            }
            int last = g.stores.getLast();
            dropped.addAll(g.stores);
            joined.put(
                    last,
                    new Statement.Store(
                            g.whole(),
                            TileRef.of(whole),
                            program.body().get(last).location()));
        }
        return new TileProgram(
                program.name(), program.contract(), program.buffers(), rewritten(program, parts, joined, dropped));
    }

    private static List<Statement> rewritten(
            TileProgram program, Map<Tile, Part> parts, Map<Integer, Statement.Store> joined, Set<Integer> dropped) {
        var body = new ArrayList<Statement>();
        var made = new HashSet<Tile>();
        for (int i = 0; i < program.body().size(); i++) {
            var s = program.body().get(i);
            if (joined.containsKey(i)) {
                body.add(joined.get(i));
            } else if (s instanceof Statement.Alloc(var t, var at) && parts.containsKey(t)) {
                var whole = parts.get(t).whole();
                if (made.add(whole)) {
                    body.add(new Statement.Alloc(whole, at));
                }
            } else if (!dropped.contains(i)) {
                body.add(TileRewriter.map(
                        s,
                        r -> parts.containsKey(r.tile()) ? parts.get(r.tile()).of(r) : r,
                        r -> r,
                        a -> a));
            }
        }
        return body;
    }

    private List<Group> groups(List<Statement> body) {
        var all = new ArrayList<Group>();
        var open = new HashMap<Key, Group>();
        var members = new HashSet<Tile>();
        for (int i = 0; i < body.size(); i++) {
            var s = body.get(i);
            if (s instanceof Statement.Store(var to, var from, var at)
                    && isShort(to, from)
                    && !members.contains(from.tile())) {
                var tile = from.tile();
                members.add(tile);
                var key = new Key(
                        to.buffer(), to.dims().subList(0, to.dims().size() - 1), tile.partitions(), tile.dtype());
                var group = open.get(key);
                if (group == null
                        || !group.goesOnAt(to.offset())
                        || (group.width + tile.free()) * tile.dtype().bytes() > Runs.LEAST_BYTES) {
                    group = new Group(to);
                    open.put(key, group);
                    all.add(group);
                }
                group.add(i, tile);
            } else {
                var written = TileRewriter.writes(s).stream().map(TileRef::tile).toList();
                buffer(s).ifPresent(b -> open.keySet().removeIf(k -> k.buffer.equals(b)));
                open.values().removeIf(g -> g.tiles.stream().anyMatch(written::contains));
            }
        }
        return all;
    }

    private static Optional<Buffer> buffer(Statement s) {
        return switch (s) {
            case Statement.Load t -> Optional.of(t.from().buffer());
            case Statement.Store t -> Optional.of(t.to().buffer());
            case Statement.GatherRows t -> Optional.of(t.from().buffer());
            case Statement.ScatterRows t -> Optional.of(t.to().buffer());
            default -> Optional.empty();
        };
    }

    /** True for a whole tile whose partitions are stored as short runs. */
    private boolean isShort(BufferRef to, TileRef from) {
        var tile = from.tile();
        var last = to.dims().getLast();
        return from.equals(TileRef.of(tile))
                && to.dims().size() > 1
                && last.size() == tile.free()
                && last.stride() == 1
                && tile.free() * tile.dtype().bytes() < Runs.shortBytes(target);
    }
}
