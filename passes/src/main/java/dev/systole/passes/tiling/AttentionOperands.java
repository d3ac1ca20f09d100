package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AttentionPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the loops of an attention read and write. Batch dimensions and heads come first in all shapes: queries [.., queries, head], keys
 * turned [.., head, keys], values [.., keys, width], the result [.., queries, width].
 *
 * @param sources of what the region reads, by the value in its body
 * @param mask what a constant mask says of blocks of scores
 * @param factor that all scores are multiplied by before masks replace some of them; 1 if the chain is to be computed as it is
 * @param rank of all operands
 */
record AttentionOperands(
        TileBuilder b,
        Target target,
        AttentionPattern pattern,
        Map<Value, Source> sources,
        ConstantMask mask,
        double factor,
        Source result,
        int rank,
        long queries,
        long keys,
        int head,
        long width) {
    /** Blocks of rows that one transfer brings. */
    private static final int LOADED = 8;

    /** @param constants of the body's inputs those of which the last two dimensions are one constant matrix */
    static AttentionOperands of(
            TileBuilder b, Target target, Graph body, List<Source> in, Map<Value, Tensor> constants, Source result) {
        var definitions = body.definitions();
        var pattern = AttentionPattern.match(
                        definitions, definitions.get(body.outputs().getFirst().value()))
                .orElseThrow();
        var sources = new HashMap<Value, Source>();
        for (int i = 0; i < in.size(); i++) {
            sources.put(body.inputs().get(i).value(), in.get(i));
        }
        var shape = pattern.scores().type().shape();
        int rank = shape.rank();
        long queries = shape.dim(rank - 2);
        long keys = shape.dim(rank - 1);
        return new AttentionOperands(
                b,
                target,
                pattern,
                sources,
                ConstantMask.of(pattern, definitions, constants, queries, keys),
                factor(pattern),
                result,
                rank,
                queries,
                keys,
                (int) pattern.scores().input(0).type().shape().dim(rank - 1),
                pattern.result().type().shape().dim(rank - 1));
    }

    /**
     * The positive number that all scores are multiplied by before masks replace some of them, if nothing else happens to them; else 1. One
     * above 1 would make infinities of the least numbers.
     */
    private static double factor(AttentionPattern pattern) {
        if (pattern.chain().isEmpty()
                || !(pattern.chain().getFirst().op() instanceof Op.Binary(var f) && f == BinaryOp.MUL)) {
            return 1;
        }
        var scaled = pattern.chain().getFirst();
        double number = scaled.input(0).equals(pattern.scores().output())
                ? pattern.numberOf(scaled.input(1))
                : pattern.numberOf(scaled.input(0));
        boolean masksOnly = pattern.chain().stream().skip(1).allMatch(n -> switch (n.op()) {
            case Op.Cast(var to, var saturate) ->
                to.isFloat() && to.bits() >= n.input(0).type().dtype().bits();
            case Op.Select select -> pattern.numberOf(n.input(2)) <= AttentionPattern.LEAST;
            default -> false;
        });
        return masksOnly && number > 0 && number < 1 ? number : 1;
    }

    Source queriesSource() {
        return sources.get(pattern.scores().input(0));
    }

    Source keysSource() {
        return sources.get(pattern.scores().input(1));
    }

    Source valuesSource() {
        return sources.get(pattern.result().input(1));
    }

    /** Queries or keys that lie on partitions at once. */
    int block() {
        return Math.min(target.memory().partitions(), target.tensor().maxStationaryFree());
    }

    /** Scores of a query that a bank of PSUM holds. */
    long keyBlock() {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    /** A bank of PSUM. */
    Tile bank(DType dtype) {
        return b.psum(dtype, block(), target.memory().psumBankBytesPerPartition() / dtype.bytes());
    }

    /** [head, x] of an operand for the elements first..first+n-1 along x. */
    TileRef turned(Source s, List<Affine> batch, int headAxis, int xAxis, long first, long n) {
        return turned(s, batch, headAxis, xAxis, first, n, this::bank);
    }

    /** The same by way of given banks: blocks that fit one share it, and a copy. */
    TileRef turned(
            Source s, List<Affine> batch, int headAxis, int xAxis, long first, long n, Function<DType, Tile> banks) {
        var tile = b.sbuf(s.buffer().dtype(), head, n);
        if (s.stride(xAxis) <= 1 || s.stride(headAxis) != 1 || head == 1 || Transposition.isOnTheWay(target, s, n)) {
            b.load(TileRef.of(tile), ref(s, batch, headAxis, 0, head, xAxis, first, n));
            return TileRef.of(tile);
        }
        var blocks = loaded(s, batch, xAxis, first, n, headAxis, head);
        boolean isFinite = Transposition.isFinite(s);
        var dtype = Transposition.dtypeInPsum(target, s.buffer().dtype(), isFinite);
        long together = target.memory().psumBankBytesPerPartition() / dtype.bytes() / block();
        for (long at = 0; at < blocks.size(); at += together) {
            long size = Math.min(together * block(), n - at * block());
            var bank = banks.apply(dtype);
            for (long i = at; i < Math.min(blocks.size(), at + together); i++) {
                var rows = blocks.get((int) i);
                b.transpose(TileRef.of(bank, head, Affine.of((i - at) * block()), rows.partitions()), rows, isFinite);
            }
            b.copy(TileRef.of(tile, head, Affine.of(at * block()), size), TileRef.of(bank, head, Affine.ZERO, size));
        }
        return TileRef.of(tile);
    }

    /** Rows first..first+n-1 in blocks of partitions, several of which come with one transfer. */
    List<TileRef> loaded(Source s, List<Affine> batch, int rowAxis, long first, long n, int axis, int size) {
        var blocks = new ArrayList<TileRef>();
        long whole = n / block();
        // What another region makes may stay in SBUF, block by block.
        long together = s.buffer().role() instanceof Buffer.Role.Scratch ? 1 : LOADED;
        for (long at = 0; at < whole; at += together) {
            long count = Math.min(together, whole - at);
            var tile = TileRef.of(b.sbuf(s.buffer().dtype(), block(), count * size));
            var one = ref(s, batch, rowAxis, first + at * block(), block(), axis, 0, size);
            var dims = List.of(
                    one.dims().getFirst(),
                    new Dim(s.stride(rowAxis) * block(), count),
                    one.dims().getLast());
            b.load(tile, new BufferRef(s.buffer(), one.offset(), count == 1 ? one.dims() : dims));
            for (long i = 0; i < count; i++) {
                blocks.add(TileRef.of(tile.tile(), block(), Affine.of(i * size), size));
            }
        }
        if (n % block() > 0) {
            int rest = (int) (n % block());
            var tile = TileRef.of(b.sbuf(s.buffer().dtype(), rest, size));
            b.load(tile, ref(s, batch, rowAxis, first + whole * block(), rest, axis, 0, size));
            blocks.add(tile);
        }
        return blocks;
    }

    static BufferRef ref(
            Source s, List<Affine> batch, int rowAxis, long row, long rows, int axis, long start, long size) {
        var at = s.at(batch).plus(row * s.stride(rowAxis) + start * s.stride(axis));
        return new BufferRef(s.buffer(), at, List.of(new Dim(s.stride(rowAxis), rows), new Dim(s.stride(axis), size)));
    }
}
