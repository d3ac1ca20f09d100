package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Attention whose weights leave the exponential with keys on partitions, as the product with the values wants them: nothing but queries
 * and keys is transposed. TensorE computes scores twice, for a group of queries
 *
 * <pre>
 *   m = max over blocks of keys of q k,  then block by block  p = exp(f (k q - 1 m)),  [o l] = [o l] + p [v 1]
 * </pre>
 *
 * and o / l is the result. The first scores have queries on partitions, where VectorE takes the running maximum of a query. The second
 * ones have keys there; the maximum, which differs from column to column, is taken off by TensorE: a product of ones with two rows that add up
 * to -m, one for each row tile of the array, so that as many blocks of keys lose theirs at the same time. What a mask removes
 * VectorE replaces in PSUM.
 *
 * <p>The other design, {@link AttentionLoops}, computes scores once and transposes the weights, which VectorE or ScalarE copy from PSUM: on trn2 that
 * is 2.3 µs of VectorE and 1.8 µs of ScalarE for 1024 scores of 128 queries, here 1.3 and 1.1 beside 1.4 of TensorE.
 */
final class TransposedAttention {
    /** Banks that scores of which maxima are taken have at the same time. */
    private static final int MAXIMA = 2;

    /** Rows that add up to a number: what bf16 has of it, and of the rest. */
    private static final int PIECES = 2;

    /** Steps before the first one of a group at which its maxima are due, so that nobody waits for them. */
    private static final int AHEAD = 2;

    /** Products of queries and keys for which others can wait meanwhile. */
    private static final int BETWEEN = 4;

    private final AttentionOperands o;
    private final TileBuilder b;
    private final int block;

    /** Rows of the smallest row tile of the array. */
    private final int tileRows;

    /** Blocks of keys that lose the maximum at the same time. */
    private final int rowTiles;

    private final TileRef ones;

    /** A bank for each row tile, for the scores that become weights. */
    private final List<Tile> banksOfWeights;

    /** The bank for what groups have of their results. */
    private final Tile mixed;

    private final TurnedHeads operands;
    private final MaskedBlocks mask;

    private TransposedAttention(AttentionOperands o) {
        this.o = o;
        this.b = o.b();
        this.block = o.block();
        this.tileRows = o.target().tensor().rowTileSizes().getLast();
        this.rowTiles = rowTiles(o);
        b.at(o.pattern().scores().location());
        this.ones = TileRef.of(b.sbuf(DType.BF16, block, block));
        b.fill(ones, 1);
        this.banksOfWeights =
                Stream.generate(() -> o.bank(DType.F32)).limit(rowTiles).toList();
        this.mixed = o.bank(DType.F32);
        this.operands = new TurnedHeads(o, groupSize(o));
        this.mask = new MaskedBlocks(o, operands, TileRef.of(mixed, block, Affine.of(o.keyBlock() - 1), 1));
    }

    /** As many row tiles as there are banks for beside the others. */
    private static int rowTiles(AttentionOperands o) {
        var tensor = o.target().tensor();
        int others = MAXIMA + 1 + (tensor.nativeTranspose() ? 1 : 2);
        return Math.min(
                o.block() / tensor.rowTileSizes().getLast(), o.target().memory().psumBanks() - others);
    }

    /** True if the operands are bf16, of whole blocks, and only scaled and masked by a constant between the products. */
    static boolean applies(AttentionOperands o) {
        var rowTiles = o.target().tensor().rowTileSizes();
        return rowTiles(o) > 1
                && rowTiles.getLast() >= PIECES
                && List.of(o.queriesSource(), o.keysSource(), o.valuesSource()).stream()
                        .allMatch(s -> s.buffer().dtype() == DType.BF16)
                && o.queries() % o.block() == 0
                && o.keys() % o.block() == 0
                && o.keys() >= o.keyBlock()
                && groupSize(o) > 0
                && bytes(o) <= o.target().memory().sbufBytesPerPartition() / 2
                && o.pattern().chain().stream().allMatch(n -> isFree(o, n))
                && MaskedBlocks.applies(o);
    }

    /** Bytes a partition of the keys and values of a head, and of two groups' queries, columns of maxima, weights and results. */
    private static long bytes(AttentionOperands o) {
        long values = Math.ceilDiv(o.keys(), o.block()) * (o.width() + 1);
        return DType.BF16.bytes() * (o.keys() + values + 2 * o.keyBlock() * (3 + rowTiles(o)));
    }

    /** True for the factor, conversions and the mask. */
    private static boolean isFree(AttentionOperands o, Node n) {
        boolean isFactor = o.factor() != 1 && n.equals(o.pattern().chain().getFirst());
        return isFactor
                || n.op() instanceof Op.Cast(var to, var saturate) && to.isFloat()
                || o.mask().node().filter(n::equals).isPresent();
    }

    /** Emits the attention, all heads one after the other. */
    static void emit(AttentionOperands operands) {
        new TransposedAttention(operands).emit();
    }

    /** Queries that share a pass over the keys, as many blocks as one product moves and as one bank has results of. Mutable: what is known of them. */
    private static final class Group {
        final List<Affine> batch;
        final long first;
        final int blocks;
        TileRef negated;
        final int[] products;

        Group(List<Affine> batch, long first, int blocks) {
            this.batch = batch;
            this.first = first;
            this.blocks = blocks;
            this.products = new int[blocks];
        }
    }

    /** Blocks of keys that a group passes at once. */
    private record Step(Group group, List<Long> keys, boolean isLast) {}

    /** Weights [keys, queries] of a block of keys, for blocks {@code from} to before {@code to} of a group. */
    private record Weights(long key, int from, int to, Tile tile) {
        long columns(int block) {
            return (long) (to - from) * block;
        }

        TileRef all(int block) {
            return TileRef.of(tile, block, Affine.ZERO, columns(block));
        }

        TileRef of(int i, int block) {
            return TileRef.of(tile, block, Affine.of((long) (i - from) * block), block);
        }
    }

    private void emit() {
        var steps = new ArrayList<Step>();
        var pieces = new ArrayList<Piece>();
        var lastPieces = new ArrayList<Piece>();
        int products = 0;
        for (var group : groups()) {
            var ofGroup = maxima(group, products);
            products = Math.toIntExact(ofGroup.getLast().place - BETWEEN);
            pieces.addAll(ofGroup);
            for (var step : steps(group)) {
                steps.add(step);
                lastPieces.add(ofGroup.getLast());
            }
        }
        pieces.sort(Comparator.comparingInt(Piece::place));
        var order = new HashMap<Piece, Integer>();
        pieces.forEach(p -> order.put(p, order.size() + 1));
        var due = lastPieces.stream().map(order::get).toList();
        var pace = EvenPace.over(ahead(due));
        int found = 0;
        var weights = List.<Weights>of();
        for (int i = 0; i <= steps.size(); i++) {
            for (; i < steps.size() && found < pace[i]; found++) {
                pieces.get(found).emit.run();
            }
            var next = i < steps.size() ? weights(steps.get(i)) : List.<Weights>of();
            if (i > 0) {
                mix(steps.get(i - 1), weights);
            }
            weights = next;
        }
    }

    /**
     * A part of what finds maxima.
     *
     * @param place among the products of queries and keys: what they wait for comes some products before, and what waits for them after some more
     */
    private record Piece(int place, Runnable emit) {}

    /** What is due at a step already some steps before. */
    private static int[] ahead(List<Integer> due) {
        return IntStream.range(0, due.size())
                .map(i -> due.get(Math.min(due.size() - 1, i + AHEAD)))
                .toArray();
    }

    private List<Group> groups() {
        var groups = new ArrayList<Group>();
        for (var batch : batches(0, List.of())) {
            for (long q = 0; q < o.queries(); q += groupSize(o)) {
                groups.add(new Group(batch, q, (int) (Math.min(groupSize(o), o.queries() - q) / block)));
            }
        }
        return groups;
    }

    /** Queries of a group: whole blocks, as many as a product moves, and as a bank has results of, sums, and a column for what is masked. */
    private static long groupSize(AttentionOperands o) {
        return Math.min(o.keyBlock() / o.block(), (o.keyBlock() - 1) / (o.width() + 1)) * o.block();
    }

    private List<List<Affine>> batches(int axis, List<Affine> before) {
        if (axis == o.rank() - 2) {
            return List.of(before);
        }
        var all = new ArrayList<List<Affine>>();
        for (long i = 0; i < o.pattern().scores().type().shape().dim(axis); i++) {
            var longer = new ArrayList<>(before);
            longer.add(Affine.of(i));
            all.addAll(batches(axis + 1, longer));
        }
        return all;
    }

    private List<Step> steps(Group group) {
        var alive = new ArrayList<Long>();
        for (long k = 0; k < o.keys(); k += block) {
            long key = k;
            if (blocks(group).anyMatch(i -> isAlive(group, i, key))) {
                alive.add(k);
            }
        }
        var steps = new ArrayList<Step>();
        for (int i = 0; i < alive.size(); i += rowTiles) {
            int end = Math.min(alive.size(), i + rowTiles);
            steps.add(new Step(group, alive.subList(i, end), end == alive.size()));
        }
        return steps;
    }

    private static IntStream blocks(Group group) {
        return IntStream.range(0, group.blocks);
    }

    private boolean isAlive(Group group, int i, long key) {
        return mask.isAlive(query(group, i), key);
    }

    private long query(Group group, int i) {
        return group.first + (long) i * block;
    }

    /** What finds the maxima of a group, in pieces that others can stand between; the last one is done with them. */
    private List<Piece> maxima(Group group, int firstPlace) {
        var pieces = new ArrayList<Piece>();
        pieces.add(new Piece(firstPlace - BETWEEN, () -> operands.queries(group.batch, group.first, block)));
        long most = Math.ceilDiv(o.keys(), operands.keysOfRun());
        var maxima = b.sbuf(DType.F32, block, group.blocks * most);
        var runs = new long[group.blocks];
        int place = firstPlace;
        for (long k = 0; k < o.keys(); k += operands.keysOfRun()) {
            int before = pieces.size();
            for (int i = 0; i < group.blocks; i++) {
                int q = i;
                var alive = LongStream.iterate(k, x -> x + block)
                        .limit(Math.min(operands.keysOfRun(), o.keys() - k) / block)
                        .filter(x -> isAlive(group, q, x))
                        .summaryStatistics();
                if (alive.getCount() > 0) {
                    var maximum = TileRef.of(maxima, block, Affine.of(i * most + runs[i]++), 1);
                    pieces.add(new Piece(
                            place++, () -> maximum(group, q, alive.getMin(), alive.getMax() + block, maximum)));
                }
            }
            if (pieces.size() > before) {
                long key = k;
                pieces.add(new Piece(pieces.get(before).place - BETWEEN, () -> operands.keys(group.batch, key, block)));
            }
        }
        pieces.add(new Piece(place + BETWEEN, () -> negate(group, maxima, most, runs)));
        return pieces;
    }

    /** The maximum of the scores of a block of queries and keys {@code from} to before {@code to}, which lie in one run. */
    private void maximum(Group group, int i, long from, long to, TileRef maximum) {
        b.at(o.pattern().scores().location());
        var scores = o.bank(DType.F32);
        var all = TileRef.of(scores, block, Affine.ZERO, to - from);
        b.matMul(
                all,
                operands.queries(group.batch, query(group, i), block),
                operands.keys(group.batch, from, to - from),
                Affine.ZERO);
        for (long k = from; k < to; k += block) {
            var place = TileRef.of(scores, block, Affine.of(k - from), block);
            mask.remove(place, group.batch, query(group, i), k);
        }
        b.at(o.pattern().result().location());
        b.reduce(maximum, ReduceOp.MAX, all);
    }

    /** Lays the negated maxima of a group along rows, two to each row tile. */
    private void negate(Group group, Tile maxima, long most, long[] runs) {
        b.at(o.pattern().result().location());
        var highest = TileRef.of(b.sbuf(DType.F32, block, group.blocks));
        if (LongStream.of(runs).distinct().count() == 1) {
            var dims = List.of(new Dim(most, group.blocks), new Dim(1, runs[0]));
            b.reduce(highest, ReduceOp.MAX, new TileRef(maxima, 0, block, Affine.ZERO, dims));
        } else {
            for (int i = 0; i < group.blocks; i++) {
                var ofBlock = TileRef.of(maxima, block, Affine.of(i * most), runs[i]);
                b.reduce(TileRef.of(highest.tile(), block, Affine.of(i), 1), ReduceOp.MAX, ofBlock);
            }
        }
        var negated = TileRef.of(b.sbuf(DType.F32, block, group.blocks));
        b.binary(negated, BinaryOp.MUL, highest, new Operand.Immediate(-1));
        b.binary(negated, BinaryOp.MIN, negated, new Operand.Immediate(-MaskedBlocks.LEAST));
        var columns = b.sbuf(DType.BF16, block, (long) group.blocks * block);
        b.fill(TileRef.of(columns), 0);
        var places = List.of(new Dim(block, group.blocks), new Dim(tileRows, rowTiles));
        var spread = new TileRef(
                negated.tile(), 0, block, Affine.ZERO, List.of(new Dim(1, group.blocks), new Dim(0, rowTiles)));
        var rounded = new TileRef(columns, 0, block, Affine.ZERO, places);
        b.copy(rounded, spread);
        b.binary(new TileRef(columns, 0, block, Affine.of(1), places), BinaryOp.SUB, spread, rounded);
        var dtype = Transposition.dtypeInPsum(o.target(), DType.BF16, true);
        var bank = o.bank(dtype);
        for (int i = 0; i < group.blocks; i++) {
            var at = Affine.of((long) i * block);
            b.transpose(TileRef.of(bank, block, at, block), TileRef.of(columns, block, at, block), true);
        }
        group.negated = TileRef.of(b.sbuf(DType.BF16, block, columns.free()));
        b.copy(group.negated, TileRef.of(bank, block, Affine.ZERO, columns.free()));
    }

    /** The weights of a step: the exponential of scores [keys, queries] less the maximum of each query. */
    private List<Weights> weights(Step step) {
        var group = step.group;
        b.at(o.pattern().scores().location());
        var all = new ArrayList<Weights>();
        for (long k : step.keys) {
            var alive = blocks(group).filter(i -> isAlive(group, i, k)).summaryStatistics();
            var weights = new Weights(k, alive.getMin(), alive.getMax() + 1, banksOfWeights.get(all.size()));
            all.add(weights);
            b.matMul(
                    weights.all(block),
                    operands.keys(group.batch, k, block),
                    operands.queries(group.batch, query(group, weights.from), weights.columns(block)),
                    Affine.ZERO);
        }
        for (int r = 0; r < all.size(); r++) {
            var w = all.get(r);
            var ofTile = new TileRef(ones.tile(), r * tileRows, PIECES, Affine.ZERO, ones.dims());
            var negated = new TileRef(
                    group.negated.tile(),
                    r * tileRows,
                    PIECES,
                    Affine.of((long) w.from * block),
                    List.of(new Dim(1, w.columns(block))));
            b.matMul(w.all(block), ofTile, negated, Affine.of(1));
        }
        for (var w : all) {
            for (int i = w.from; i < w.to; i++) {
                mask.removeTurned(w.of(i, block), group.batch, query(group, i), w.key);
            }
        }
        b.at(o.pattern().result().location());
        var dtype = o.valuesSource().buffer().dtype();
        return all.stream()
                .map(w -> {
                    var result = new Weights(w.key, w.from, w.to, b.sbuf(dtype, block, w.columns(block)));
                    b.activate(
                            result.all(block),
                            UnaryOp.EXP,
                            w.all(block),
                            new Operand.Immediate(o.factor()),
                            new Operand.Immediate(0),
                            Optional.empty());
                    return result;
                })
                .toList();
    }

    /** Adds weighted values, and weights, to what a group has; stores its result after the last step. */
    private void mix(Step step, List<Weights> weights) {
        var group = step.group;
        b.at(o.pattern().result().location());
        long wide = o.width() + 1;
        for (var w : weights) {
            for (int i = w.from; i < w.to; i++) {
                if (isAlive(group, i, w.key)) {
                    var place = TileRef.of(mixed, block, Affine.of(i * wide), wide);
                    b.matMul(
                            place, w.of(i, block), operands.values(group.batch, w.key), Affine.of(group.products[i]++));
                }
            }
        }
        if (step.isLast) {
            finish(group, wide);
        }
    }

    private void finish(Group group, long wide) {
        long width = o.width();
        var sums = new TileRef(mixed, 0, block, Affine.of(width), List.of(new Dim(wide, group.blocks)));
        if (o.pattern().boundsSum()) {
            var bounded = TileRef.of(b.sbuf(DType.F32, block, group.blocks));
            b.binary(bounded, BinaryOp.MAX, sums, new Operand.Immediate(1));
            sums = bounded;
        }
        var inverse = b.sbuf(DType.F32, block, group.blocks);
        b.unary(TileRef.of(inverse), UnaryOp.RECIPROCAL, sums);
        var out = b.sbuf(o.result().buffer().dtype(), block, group.blocks * width);
        for (int i = 0; i < group.blocks; i++) {
            var column = TileRef.of(inverse, block, Affine.of(i), 1);
            b.binary(
                    TileRef.of(out, block, Affine.of(i * width), width),
                    BinaryOp.MUL,
                    TileRef.of(mixed, block, Affine.of(i * wide), width),
                    width == 1 ? column : column.repeated(List.of(new Dim(1, width))));
        }
        operands.store(group.batch, group.first, group.blocks, out);
    }
}
