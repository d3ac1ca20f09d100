package dev.systole.passes.tiling;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operands of an attention in SBUF: queries and keys turned, and values with a one behind each, loaded in runs when they are first asked for.
 * Heads that read the same elements share them. Mutable: what is there.
 */
final class TurnedHeads {
    private final AttentionOperands o;
    private final TileBuilder b;
    private final int block;
    private final int rows;
    private final int columns;

    /** Queries and keys of a run. */
    private final long run;

    private final long keysOfRun;
    private final Map<BufferRef, TileRef> loaded = new HashMap<>();

    /** The bank for what is transposed, by type: two types where a transpose that need not be exact is a product. */
    private final Map<DType, Tile> banks = new HashMap<>();

    /** @param queriesTogether that one load brings; keys come as many at once as a bank of PSUM has scores of a query */
    TurnedHeads(AttentionOperands o, long queriesTogether) {
        this.o = o;
        this.b = o.b();
        this.block = o.block();
        this.rows = o.rank() - 2;
        this.columns = o.rank() - 1;
        this.run = queriesTogether;
        this.keysOfRun = o.keyBlock() / block * block;
    }

    Tile bank(DType dtype) {
        return banks.computeIfAbsent(dtype, o::bank);
    }

    long keysOfRun() {
        return keysOfRun;
    }

    /** Queries [head, n], all in one run. */
    TileRef queries(List<Affine> batch, long first, long n) {
        return turned(o.queriesSource(), batch, columns, rows, o.queries(), run, first, n);
    }

    /** Keys [head, n], all in one run. */
    TileRef keys(List<Affine> batch, long first, long n) {
        return turned(o.keysSource(), batch, rows, columns, o.keys(), keysOfRun, first, n);
    }

    private TileRef turned(
            Source s, List<Affine> batch, int headAxis, int axis, long all, long together, long first, long n) {
        long start = first / together * together;
        long size = Math.min(together, all - start);
        var of = AttentionOperands.ref(s, batch, headAxis, 0, o.head(), axis, start, size);
        if (!loaded.containsKey(of)) {
            b.at(o.pattern().scores().location());
            loaded.put(of, o.turned(s, batch, headAxis, axis, start, size, this::bank));
        }
        return TileRef.of(loaded.get(of).tile(), o.head(), Affine.of(first - start), n);
    }

    /** Values of a block of keys, with a one behind each, so that their products add up the weights, too: [keys, width + 1]. */
    TileRef values(List<Affine> batch, long key) {
        var s = o.valuesSource();
        long wide = o.width() + 1;
        long start = key / keysOfRun * keysOfRun;
        long count = Math.min(keysOfRun, o.keys() - start) / block;
        var of = blocks(s, AttentionOperands.ref(s, batch, rows, start, block, columns, 0, o.width()), count);
        if (!loaded.containsKey(of)) {
            var tile = b.sbuf(s.buffer().dtype(), block, count * wide);
            b.fill(new TileRef(tile, 0, block, Affine.of(o.width()), List.of(new Dim(wide, count))), 1);
            var places = List.of(new Dim(wide, count), new Dim(1, o.width()));
            b.load(new TileRef(tile, 0, block, Affine.ZERO, places), of);
            loaded.put(of, TileRef.of(tile));
        }
        return TileRef.of(loaded.get(of).tile(), block, Affine.of((key - start) / block * wide), wide);
    }

    /** Stores blocks of results that lie side by side. */
    void store(List<Affine> batch, long first, int count, Tile results) {
        var one = AttentionOperands.ref(o.result(), batch, rows, first, block, columns, 0, o.width());
        b.store(blocks(o.result(), one, count), TileRef.of(results));
    }

    /** As {@code one} block of rows, and the blocks that follow it. */
    private BufferRef blocks(Source s, BufferRef one, long count) {
        var next = new Dim(s.stride(rows) * block, count);
        return new BufferRef(
                one.buffer(),
                one.offset(),
                List.of(one.dims().getFirst(), next, one.dims().getLast()));
    }
}
