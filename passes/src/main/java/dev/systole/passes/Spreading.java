package dev.systole.passes;

import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A straight-line program in which TensorE spreads rows of fp32 over partitions, as products with ones. Mutable: what is written of it. */
final class Spreading {
    private final Target target;
    private final List<Statement> body = new ArrayList<>();
    private Optional<Tile> ones = Optional.empty();
    private int nextTile;

    /** @param before the program without spread rows, whose tiles keep their numbers */
    Spreading(Target target, List<Statement> before) {
        this.target = target;
        this.nextTile = TileRewriter.nextTile(before);
    }

    List<Statement> body() {
        return body;
    }

    void add(Statement s) {
        body.add(s);
    }

    TileRef sbuf(int partitions, long free, Location at) {
        return tile(false, partitions, free, at);
    }

    TileRef psum(int partitions, long free, Location at) {
        return tile(true, partitions, free, at);
    }

    private TileRef tile(boolean psum, int partitions, long free, Location at) {
        var tile = new Tile(nextTile++, psum, DType.F32, partitions, free);
        body.add(new Statement.Alloc(tile, at));
        return TileRef.of(tile);
    }

    /** Elements of a partition that a bank takes from one product. */
    static long bank(Target target) {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    /** Loads what many partitions get, whole tiles of fp32, into one of them. */
    void spread(Statement.Load load) {
        var to = load.to().tile();
        var at = load.location();
        if (ones.isEmpty()) {
            var row = sbuf(1, target.memory().partitions(), at);
            body.add(new Statement.Fill(row, 1, at));
            ones = Optional.of(row.tile());
        }
        var row = sbuf(1, to.free(), at).tile();
        var dims = new ArrayList<>(load.from().dims());
        dims.set(0, new Dim(0, 1));
        body.add(new Statement.Load(
                TileRef.of(row), new BufferRef(load.from().buffer(), load.from().offset(), dims), at));
        for (long first = 0; first < to.free(); first += bank(target)) {
            long n = Math.min(bank(target), to.free() - first);
            var sum = psum(to.partitions(), n, at);
            body.add(new Statement.MatMul(
                    sum,
                    TileRef.of(ones.get(), 1, Affine.ZERO, to.partitions()),
                    TileRef.of(row, 1, Affine.of(first), n),
                    Affine.ZERO,
                    at));
            body.add(new Statement.Copy(TileRef.of(to, to.partitions(), Affine.of(first), n), sum, at));
        }
    }
}
