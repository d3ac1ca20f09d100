package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import dev.systole.passes.AttentionPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Attention with a running maximum m and sum l for each query. Queries lie on partitions; the keys of a head, transposed, and its values
 * stay in SBUF. For each block of keys
 *
 * <pre>
 *   m' = max(m, max s),  p = exp(s - m'),  l = l exp(m - m') + sum p,  o = o exp(m - m') + p v
 * </pre>
 *
 * and o / l is the result. m begins with the smallest fp32 number, so that masked scores, -inf included, come out as 0. A block of which a
 * constant mask leaves nothing is passed over.
 */
final class AttentionLoops {
    /** Blocks of queries that take turns. */
    private static final int TOGETHER = 4;

    private final TileBuilder b;
    private final Target target;
    private final AttentionPattern pattern;
    private final Map<Value, Source> sources = new HashMap<>();
    private final ConstantMask mask;
    private final Source result;
    private final int rank;
    private final long queries;
    private final long keys;
    private final int head;
    private final long width;

    private AttentionLoops(
            TileBuilder b, Target target, Graph body, List<Source> in, Map<Value, Tensor> constants, Source result) {
        this.b = b;
        this.target = target;
        var definitions = body.definitions();
        this.pattern = AttentionPattern.match(
                        definitions, definitions.get(body.outputs().getFirst().value()))
                .orElseThrow();
        for (int i = 0; i < in.size(); i++) {
            sources.put(body.inputs().get(i).value(), in.get(i));
        }
        this.result = result;
        var shape = pattern.scores().type().shape();
        this.rank = shape.rank();
        this.queries = shape.dim(rank - 2);
        this.keys = shape.dim(rank - 1);
        this.head = (int) pattern.scores().input(0).type().shape().dim(rank - 1);
        this.width = pattern.result().type().shape().dim(rank - 1);
        this.mask = ConstantMask.of(pattern, definitions, constants, queries, keys);
    }

    /**
     * Emits the loops of a region.
     *
     * @param constants of the body's inputs those of which the last two dimensions are one constant matrix
     */
    static void emit(
            TileBuilder b, Target target, Graph body, List<Source> in, Map<Value, Tensor> constants, Source result) {
        new AttentionLoops(b, target, body, in, constants, result).batches(0, List.of());
    }

    private void batches(int axis, List<Affine> starts) {
        if (axis < rank - 2) {
            b.blocks(pattern.scores().type().shape().dim(axis), 1, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                batches(axis + 1, longer);
            });
            return;
        }
        b.at(pattern.scores().location());
        var keysTurned = turned(sources.get(pattern.scores().input(1)), starts, rank - 2, rank - 1, 0, keys);
        var values = new ArrayList<TileRef>();
        var v = sources.get(pattern.result().input(1));
        for (long k = 0; k < keys; k += block()) {
            int n = (int) Math.min(block(), keys - k);
            var tile = TileRef.of(b.sbuf(v.buffer().dtype(), n, width));
            b.load(tile, ref(v, starts, rank - 2, k, n, rank - 1, 0, width));
            values.add(tile);
        }
        for (long q = 0; q < queries; q += TOGETHER * block()) {
            rows(starts, q, Math.min(TOGETHER * block(), queries - q), keysTurned, values);
        }
    }

    private int block() {
        return Math.min(target.memory().partitions(), target.tensor().maxStationaryFree());
    }

    private long keyBlock() {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    /** [head, x] of an operand for the elements first..first+n-1 along x. */
    private TileRef turned(Source s, List<Affine> batch, int headAxis, int xAxis, long first, long n) {
        var tile = b.sbuf(s.buffer().dtype(), head, n);
        if (s.stride(xAxis) <= 1 || s.stride(headAxis) != 1 || head == 1) {
            b.load(TileRef.of(tile), ref(s, batch, headAxis, 0, head, xAxis, first, n));
            return TileRef.of(tile);
        }
        for (long x = 0; x < n; x += block()) {
            int rows = (int) Math.min(block(), n - x);
            var loaded = TileRef.of(b.sbuf(s.buffer().dtype(), rows, head));
            b.load(loaded, ref(s, batch, xAxis, first + x, rows, headAxis, 0, head));
            Transposition.emit(b, loaded, TileRef.of(tile, head, Affine.of(x), rows));
        }
        return TileRef.of(tile);
    }

    private static BufferRef ref(
            Source s, List<Affine> batch, int rowAxis, long row, long rows, int axis, long start, long size) {
        var at = Affine.of(s.view().offset() + row * s.stride(rowAxis) + start * s.stride(axis));
        for (int i = 0; i < batch.size(); i++) {
            at = at.plus(batch.get(i).times(s.stride(i)));
        }
        return new BufferRef(s.buffer(), at, List.of(new Dim(s.stride(rowAxis), rows), new Dim(s.stride(axis), size)));
    }

    /** What is known of a block of queries so far: maximum, sum of exponentials, weighted values. */
    private record Running(TileRef maximum, TileRef sum, TileRef mixed) {}

    /** A block of queries. Mutable: what is known of it so far. */
    private static final class Block {
        final long first;
        final int size;
        final TileRef query;
        Optional<Running> running = Optional.empty();

        Block(long first, int size, TileRef query) {
            this.first = first;
            this.size = size;
            this.query = query;
        }
    }

    /** Several blocks of queries take turns, so that one is computed while another one waits. */
    private void rows(List<Affine> batch, long q, long n, TileRef keysTurned, List<TileRef> values) {
        b.at(pattern.scores().location());
        var blocks = new ArrayList<Block>();
        for (long at = q; at < q + n; at += block()) {
            int size = (int) Math.min(block(), q + n - at);
            blocks.add(new Block(
                    at, size, turned(sources.get(pattern.scores().input(0)), batch, rank - 1, rank - 2, at, size)));
        }
        for (long k = 0; k < keys; k += keyBlock()) {
            long size = Math.min(keyBlock(), keys - k);
            for (var block : blocks) {
                if (!mask.isDead(block.first, block.size, k, size)) {
                    block.running = Optional.of(block(
                            batch, block.first, block.size, k, size, block.query, keysTurned, values, block.running));
                }
            }
        }
        blocks.forEach(block -> finish(batch, block));
    }

    private void finish(List<Affine> batch, Block block) {
        var last = block.running.orElseThrow();
        int n = block.size;
        b.at(pattern.result().location());
        var sum = last.sum;
        if (pattern.boundsSum()) {
            sum = column(n);
            b.binary(sum, BinaryOp.MAX, last.sum, new Operand.Immediate(1));
        }
        var inverse = column(n);
        b.unary(inverse, UnaryOp.RECIPROCAL, sum);
        var out = TileRef.of(b.sbuf(result.buffer().dtype(), n, width));
        b.binary(out, BinaryOp.MUL, last.mixed, spread(inverse, width));
        b.store(ref(result, batch, rank - 2, block.first, n, rank - 1, 0, width), out);
    }

    private TileRef column(int n) {
        return TileRef.of(b.sbuf(DType.F32, n, 1));
    }

    private static TileRef spread(TileRef column, long size) {
        return size == 1 ? column : column.repeated(List.of(new Dim(1, size)));
    }

    private Running block(
            List<Affine> batch,
            long q,
            int n,
            long k,
            long size,
            TileRef query,
            TileRef keysTurned,
            List<TileRef> values,
            Optional<Running> before) {
        var masked = masked(batch, q, n, k, size, query, keysTurned);
        b.at(pattern.result().location());
        var highest = column(n);
        b.reduce(highest, ReduceOp.MAX, masked);
        var maximum = column(n);
        b.binary(
                maximum,
                BinaryOp.MAX,
                highest,
                before.isPresent() ? before.get().maximum : new Operand.Immediate(-Float.MAX_VALUE));
        var negated = column(n);
        b.unary(negated, UnaryOp.NEG, maximum);
        var weights = TileRef.of(b.sbuf(values.getFirst().tile().dtype(), n, size));
        var sum = column(n);
        b.activate(weights, UnaryOp.EXP, masked, new Operand.Immediate(1), negated, Optional.of(sum));
        var mixed = TileRef.of(b.psum(DType.F32, n, width));
        var turned = turned(weights, n, size);
        for (long j = 0; j < size; j += block()) {
            int m = (int) Math.min(block(), size - j);
            var stationary = TileRef.of(turned.tile(), m, Affine.of(j / block() * pitch(n)), n);
            b.matMul(mixed, stationary, values.get((int) ((k + j) / block())), Affine.of(j));
        }
        if (before.isEmpty()) {
            var first = TileRef.of(b.sbuf(DType.F32, n, width));
            b.copy(first, mixed);
            return new Running(maximum, sum, first);
        }
        var fade = column(n);
        b.activate(fade, UnaryOp.EXP, before.get().maximum, new Operand.Immediate(1), negated, Optional.empty());
        return new Running(maximum, faded(before.get().sum, fade, sum), faded(before.get().mixed, fade, mixed));
    }

    /** The blocks of a row of weights, each with its keys on partitions, side by side: they share a bank of PSUM, and one copy. */
    private TileRef turned(TileRef weights, int n, long size) {
        int most = (int) Math.min(block(), size);
        long pitch = pitch(n);
        long blocks = Math.ceilDiv(size, block());
        var dtype = weights.tile().dtype();
        var inPsum = b.psum(dtype, most, blocks * pitch);
        var turned = TileRef.of(b.sbuf(dtype, most, blocks * pitch));
        for (long j = 0; j < size; j += block()) {
            int m = (int) Math.min(block(), size - j);
            var place = TileRef.of(inPsum, m, Affine.of(j / block() * pitch), n);
            b.transpose(place, TileRef.of(weights.tile(), n, Affine.of(j), m));
            if (m < most || pitch > n) {
                b.copy(TileRef.of(turned.tile(), m, Affine.of(j / block() * pitch), n), place);
            }
        }
        if (pitch == n) {
            long whole = size / most * n;
            b.copy(TileRef.of(turned.tile(), most, Affine.ZERO, whole), TileRef.of(inPsum, most, Affine.ZERO, whole));
        }
        return turned;
    }

    /** Elements from one block to the next: PSUM is addressed in words of two 16-bit elements. */
    private static long pitch(int n) {
        return n + n % 2;
    }

    /** was * fade + more. */
    private TileRef faded(TileRef was, TileRef fade, TileRef more) {
        var less = TileRef.of(b.sbuf(DType.F32, was.partitions(), was.free()));
        b.binary(less, BinaryOp.MUL, was, spread(fade, was.free()));
        var sum = TileRef.of(b.sbuf(DType.F32, was.partitions(), was.free()));
        b.binary(sum, BinaryOp.ADD, less, more);
        return sum;
    }

    /** The scores of a block of queries and keys, after the chain. */
    private TileRef masked(List<Affine> batch, long q, int n, long k, long size, TileRef query, TileRef keysTurned) {
        b.at(pattern.scores().location());
        var scores = TileRef.of(b.psum(DType.F32, n, size));
        b.matMul(scores, query, TileRef.of(keysTurned.tile(), head, Affine.of(k), size), Affine.ZERO);
        var e = new Expression(b, n, List.of(new Dim(1, size)));
        e.define(pattern.scores().output(), scores);
        for (var node : pattern.chain()) {
            b.at(node.location());
            var kept = mask.passes(node, q, n, k, size);
            if (kept.isPresent() && e.isDefined(kept.get())) {
                e.alias(node.output(), kept.get());
                continue;
            }
            for (var v : node.inputs()) {
                if (!e.isDefined(v)) {
                    define(e, batch, v, q, n, k, size);
                }
            }
            e.evaluate(node, false);
        }
        return e.stored(pattern.masked(), false);
    }

    private void define(Expression e, List<Affine> batch, Value v, long q, int n, long k, long size) {
        var s = sources.get(v);
        if (s == null) {
            e.number(v, pattern.numberOf(v));
            return;
        }
        boolean isColumn = s.stride(rank - 1) == 0;
        var whole = ref(s, batch, rank - 2, q, n, rank - 1, k, size);
        var tile = TileRef.of(b.sbuf(s.buffer().dtype(), n, isColumn ? 1 : size));
        b.load(
                tile,
                isColumn
                        ? new BufferRef(s.buffer(), whole.offset(), whole.dims().subList(0, 1))
                        : whole);
        e.define(v, tile);
    }
}
