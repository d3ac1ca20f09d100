package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.passes.AttentionPattern;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a constant mask removes from blocks of scores in PSUM. Mutable: the predicates that are in SBUF. */
final class MaskedBlocks {
    /** What masked scores become: below all others, and finite in bf16. */
    static final double LEAST = -3e38;

    /** Different blocks of a mask that stay in SBUF. */
    private static final int MOST = 64;

    private final AttentionOperands o;
    private final TileBuilder b;
    private final int block;
    private final TurnedHeads operands;
    private final TileRef column;
    private final Map<BitSet, Predicates> predicates = new HashMap<>();
    private Optional<TileRef> least = Optional.empty();

    /** Where scores are masked, [queries, keys] and [keys, queries]. */
    private record Predicates(TileRef straight, TileRef turned) {}

    /** @param column of PSUM, for what replaces masked scores: from there VectorE takes it in half the time */
    MaskedBlocks(AttentionOperands o, TurnedHeads operands, TileRef column) {
        this.o = o;
        this.b = o.b();
        this.block = o.block();
        this.operands = operands;
        this.column = column;
    }

    /** True if no mask changes what stays, and the predicates of all blocks that it changes fit. */
    static boolean applies(AttentionOperands o) {
        if (o.mask().node().isEmpty()) {
            return true;
        }
        var different = new HashSet<BitSet>();
        int n = o.block();
        for (long q = 0; q < o.queries(); q += n) {
            for (long k = 0; k < o.keys() && different.size() <= MOST; k += n) {
                if (o.mask().isChanging(q, n, k, n) && !o.mask().isDead(q, n, k, n)) {
                    different.add(o.mask().masked(q, n, k, n));
                }
            }
        }
        return o.mask().isRemoving() && different.size() <= MOST;
    }

    boolean isAlive(long query, long key) {
        return !o.mask().isDead(query, block, key, block);
    }

    /** Replaces what is masked of the scores [queries, keys] of a block. */
    void remove(TileRef scores, List<Affine> batch, long query, long key) {
        if (o.mask().isChanging(query, block, key, block)) {
            b.select(scores, predicates(batch, query, key).straight, least(), scores);
        }
    }

    /** Replaces what is masked of the scores [keys, queries] of a block. */
    void removeTurned(TileRef scores, List<Affine> batch, long query, long key) {
        if (o.mask().isChanging(query, block, key, block)) {
            b.select(scores, predicates(batch, query, key).turned, least(), scores);
        }
    }

    /** Equal blocks share them. */
    private Predicates predicates(List<Affine> batch, long query, long key) {
        var node = o.mask().node().orElseThrow();
        return predicates.computeIfAbsent(o.mask().masked(query, block, key, block), bits -> {
            var s = o.sources().get(o.mask().constant().orElseThrow());
            var tile = TileRef.of(b.sbuf(s.buffer().dtype(), block, block));
            b.load(tile, AttentionOperands.ref(s, batch, o.rank() - 2, query, block, o.rank() - 1, key, block));
            var masked = TileRef.of(b.sbuf(DType.BF16, block, block));
            if (node.op() instanceof Op.Select) {
                b.binary(masked, BinaryOp.EQ, tile, new Operand.Immediate(0));
            } else {
                b.binary(masked, BinaryOp.LE, tile, new Operand.Immediate(AttentionPattern.LEAST));
            }
            var dtype = Transposition.dtypeInPsum(o.target(), DType.BF16, true);
            var bank = TileRef.of(operands.bank(dtype), block, Affine.ZERO, block);
            b.transpose(bank, masked, true);
            return new Predicates(predicate(masked), predicate(bank));
        });
    }

    private TileRef predicate(TileRef from) {
        Tile predicate = b.sbuf(DType.U8, block, block);
        b.copy(TileRef.of(predicate), from);
        return TileRef.of(predicate);
    }

    private TileRef least() {
        if (least.isEmpty()) {
            b.fill(column, LEAST);
            least = Optional.of(column.repeated(List.of(new Dim(1, block))));
        }
        return least.get();
    }
}
