package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
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
import dev.systole.passes.AttentionPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * Attention with a running maximum m and sum l for each query. Queries lie on partitions; the keys of a head, transposed, and its values
 * stay in SBUF. For each block of keys
 *
 * <pre>
 *   m' = max(m, max s),  p = exp(s - m'),  l = l exp(m - m') + sum p,  o = o exp(m - m') + p v
 * </pre>
 *
 * and o / l is the result; a factor that all scores have is applied with the exponential. m begins with the smallest fp32 number, so
 * that masked scores, -inf included, come out as 0. A block of which a constant mask leaves nothing is passed over.
 */
final class AttentionLoops {
    /** Blocks of queries that take turns. */
    private static final int TOGETHER = 4;

    /** Runs of keys, a bank of PSUM each, after which maximum and sum of a query are brought up to date. */
    private static final int RUNS = 2;

    private final AttentionOperands o;
    private final TileBuilder b;
    private final Target target;
    private final AttentionPattern pattern;
    private final ConstantMask mask;
    private final double factor;
    private final Source result;
    private final int rank;
    private final long queries;
    private final long keys;
    private final int head;
    private final long width;
    private final boolean byTransfers;

    private AttentionLoops(AttentionOperands o, boolean byTransfers) {
        this.o = o;
        this.byTransfers = byTransfers;
        this.b = o.b();
        this.target = o.target();
        this.pattern = o.pattern();
        this.mask = o.mask();
        this.factor = o.factor();
        this.result = o.result();
        this.rank = o.rank();
        this.queries = o.queries();
        this.keys = o.keys();
        this.head = o.head();
        this.width = o.width();
    }

    /**
     * Emits the loops of a region.
     *
     * @param byTransfers true if the DMA engines transpose weights, as {@link #canTransfer} says that they can
     */
    static void emit(AttentionOperands operands, boolean byTransfers) {
        new AttentionLoops(operands, byTransfers).batches(0, List.of());
    }

    /** True if the DMA engines can transpose all blocks of weights. */
    static boolean canTransfer(AttentionOperands o) {
        var dtype = o.valuesSource().buffer().dtype();
        return o.keys() % o.block() == 0 && Transposition.isTransferable(o.target(), dtype, o.queries() % o.block());
    }

    private void batches(int axis, List<Affine> starts) {
        if (axis == rank - 3 && headsTogether() > 1) {
            b.blocks(pattern.scores().type().shape().dim(axis), headsTogether(), (start, count) -> {
                var heads = new ArrayList<List<Affine>>();
                for (long i = 0; i < count; i++) {
                    var longer = new ArrayList<>(starts);
                    longer.add(start.plus(i));
                    heads.add(longer);
                }
                together(heads);
            });
            return;
        }
        if (axis < rank - 2) {
            b.blocks(pattern.scores().type().shape().dim(axis), 1, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                batches(axis + 1, longer);
            });
            return;
        }
        b.at(pattern.scores().location());
        var keysTurned = o.turned(o.keysSource(), starts, rank - 2, rank - 1, 0, keys);
        var v = o.valuesSource();
        var values = o.loaded(v, starts, rank - 2, 0, keys, rank - 1, (int) width);
        for (long q = 0; q < queries; q += TOGETHER * o.block()) {
            rows(starts, q, Math.min(TOGETHER * o.block(), queries - q), keysTurned, values);
        }
    }

    /** Heads of few keys whose scores, weights and results share banks of PSUM, and instructions that do not care for heads. */
    private long headsTogether() {
        return keys % o.block() == 0 ? Math.min(o.keyBlock() / keys, o.keyBlock() / width) : 1;
    }

    private void together(List<List<Affine>> heads) {
        b.at(pattern.scores().location());
        var keysTurned = new ArrayList<TileRef>();
        var values = new ArrayList<List<TileRef>>();
        for (var h : heads) {
            keysTurned.add(o.turned(o.keysSource(), h, rank - 2, rank - 1, 0, keys));
            values.add(o.loaded(o.valuesSource(), h, rank - 2, 0, keys, rank - 1, (int) width));
        }
        for (long q = 0; q < queries; q += o.block()) {
            together(heads, q, (int) Math.min(o.block(), queries - q), keysTurned, values);
        }
    }

    private void together(
            List<List<Affine>> heads, long q, int n, List<TileRef> keysTurned, List<List<TileRef>> values) {
        b.at(pattern.scores().location());
        int count = heads.size();
        var product = b.psum(DType.F32, n, count * keys);
        for (int h = 0; h < count; h++) {
            var query = o.turned(o.queriesSource(), heads.get(h), rank - 1, rank - 2, q, n);
            b.matMul(TileRef.of(product, n, Affine.of(h * keys), keys), query, keysTurned.get(h), Affine.ZERO);
        }
        var parts = parts(q, n, new Run(0, keys));
        var scores = new HashMap<Run, TileRef>();
        for (var part : parts) {
            var dims = List.of(new Dim(keys, count), new Dim(1, part.size));
            scores.put(part, masked(heads, q, n, part, new TileRef(product, 0, n, Affine.of(part.first), dims)));
        }
        b.at(pattern.result().location());
        var highest = columns(n, count);
        for (var part : parts) {
            var of = part == parts.getFirst() ? highest : columns(n, count);
            b.reduce(of, ReduceOp.MAX, scores.get(part));
            if (part != parts.getFirst()) {
                b.binary(highest, BinaryOp.MAX, highest, of);
            }
        }
        var maximum = columns(n, count);
        b.binary(maximum, BinaryOp.MAX, highest, new Operand.Immediate(-Float.MAX_VALUE));
        var negated = columns(n, count);
        b.binary(negated, BinaryOp.MUL, maximum, new Operand.Immediate(-factor));
        var weights = b.sbuf(values.getFirst().getFirst().tile().dtype(), n, count * keys);
        var sums = columns(n, count);
        for (int h = 0; h < count; h++) {
            for (var part : parts) {
                var sum = part == parts.getFirst() ? column(sums, h) : column(n);
                b.activate(
                        TileRef.of(weights, n, Affine.of(h * keys + part.first), part.size),
                        UnaryOp.EXP,
                        ofHead(scores.get(part), h),
                        new Operand.Immediate(factor),
                        column(negated, h),
                        Optional.of(sum));
                if (part != parts.getFirst()) {
                    b.binary(column(sums, h), BinaryOp.ADD, column(sums, h), sum);
                }
            }
        }
        var turned = turned(TileRef.of(weights), n, count * keys);
        var mixed = b.psum(DType.F32, n, count * width);
        for (int h = 0; h < count; h++) {
            for (long k = 0; k < keys; k += o.block()) {
                var stationary =
                        TileRef.of(turned.tile(), o.block(), Affine.of((h * keys + k) / o.block() * pitch(n)), n);
                b.matMul(
                        TileRef.of(mixed, n, Affine.of(h * width), width),
                        stationary,
                        values.get(h).get((int) (k / o.block())),
                        Affine.of(k));
            }
        }
        if (pattern.boundsSum()) {
            b.binary(sums, BinaryOp.MAX, sums, new Operand.Immediate(1));
        }
        var inverse = columns(n, count);
        b.unary(inverse, UnaryOp.RECIPROCAL, sums);
        var out = b.sbuf(result.buffer().dtype(), n, count * width);
        var perHead = List.of(new Dim(width, count), new Dim(1, width));
        b.binary(
                new TileRef(out, 0, n, Affine.ZERO, perHead),
                BinaryOp.MUL,
                new TileRef(mixed, 0, n, Affine.ZERO, perHead),
                new TileRef(inverse.tile(), 0, n, Affine.ZERO, List.of(new Dim(1, count), new Dim(0, width))));
        var first = AttentionOperands.ref(result, heads.getFirst(), rank - 2, q, n, rank - 1, 0, width);
        b.store(
                new BufferRef(
                        result.buffer(),
                        first.offset(),
                        List.of(
                                first.dims().getFirst(),
                                new Dim(result.stride(rank - 3), count),
                                first.dims().getLast())),
                TileRef.of(out));
    }

    private static TileRef ofHead(TileRef scores, int h) {
        var dims = scores.dims();
        return new TileRef(
                scores.tile(),
                scores.startPartition(),
                scores.partitions(),
                scores.offset().plus(h * dims.getFirst().stride()),
                dims.subList(1, dims.size()));
    }

    private TileRef columns(int n, int count) {
        return TileRef.of(b.sbuf(DType.F32, n, count));
    }

    private static TileRef column(TileRef columns, int i) {
        return TileRef.of(columns.tile(), columns.partitions(), Affine.of(i), 1);
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
        for (long at = q; at < q + n; at += o.block()) {
            int size = (int) Math.min(o.block(), q + n - at);
            blocks.add(new Block(at, size, o.turned(o.queriesSource(), batch, rank - 1, rank - 2, at, size)));
        }
        for (long k = 0; k < keys; k += RUNS * o.keyBlock()) {
            for (var block : blocks) {
                var runs = runs(block, k);
                if (!runs.isEmpty()) {
                    block.running = Optional.of(runs(batch, block, runs, keysTurned, values));
                }
                if (k + RUNS * o.keyBlock() >= keys) {
                    finish(batch, block);
                }
            }
        }
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
        b.store(AttentionOperands.ref(result, batch, rank - 2, block.first, n, rank - 1, 0, width), out);
    }

    private TileRef column(int n) {
        return TileRef.of(b.sbuf(DType.F32, n, 1));
    }

    private static TileRef spread(TileRef column, long size) {
        return size == 1 ? column : column.repeated(List.of(new Dim(1, size)));
    }

    /** Keys first..first+size-1. */
    private record Run(long first, long size) {}

    /** The next runs of keys, without blocks at their ends of which the mask leaves nothing. */
    private List<Run> runs(Block block, long k) {
        var runs = new ArrayList<Run>();
        for (long at = k; at < Math.min(keys, k + RUNS * o.keyBlock()); at += o.keyBlock()) {
            long first = at;
            long end = Math.min(keys, at + o.keyBlock());
            while (first < end && isDead(block, first, end)) {
                first += o.block();
            }
            while (first < end && isDead(block, (end - 1) / o.block() * o.block(), end)) {
                end = (end - 1) / o.block() * o.block();
            }
            if (first < end) {
                runs.add(new Run(first, end - first));
            }
        }
        return runs;
    }

    private boolean isDead(Block block, long first, long end) {
        return mask.isDead(block.first, block.size, first, Math.min(o.block(), end - first));
    }

    /** The parts of a run of which the mask changes all blocks or none. */
    private List<Run> parts(long q, int n, Run run) {
        var parts = new ArrayList<Run>();
        boolean changes = false;
        for (long at = run.first; at < run.first + run.size; at += o.block()) {
            long size = Math.min(o.block(), run.first + run.size - at);
            boolean changed = mask.isChanging(q, n, at, size);
            if (parts.isEmpty() || changed != changes) {
                parts.add(new Run(at, size));
            } else {
                var last = parts.removeLast();
                parts.add(new Run(last.first, last.size + size));
            }
            changes = changed;
        }
        return parts;
    }

    private Running runs(List<Affine> batch, Block block, List<Run> runs, TileRef keysTurned, List<TileRef> values) {
        int n = block.size;
        var scores = new HashMap<Run, TileRef>();
        for (var run : runs) {
            b.at(pattern.scores().location());
            var product = TileRef.of(b.psum(DType.F32, n, run.size));
            b.matMul(
                    product,
                    block.query,
                    TileRef.of(keysTurned.tile(), head, Affine.of(run.first), run.size),
                    Affine.ZERO);
            for (var part : parts(block.first, n, run)) {
                var of = TileRef.of(product.tile(), n, Affine.of(part.first - run.first), part.size);
                scores.put(part, masked(List.of(batch), block.first, n, part, of));
            }
        }
        b.at(pattern.result().location());
        Operand maximum = block.running.<Operand>map(Running::maximum).orElse(new Operand.Immediate(-Float.MAX_VALUE));
        for (var run : runs) {
            for (var part : parts(block.first, n, run)) {
                var highest = column(n);
                b.reduce(highest, ReduceOp.MAX, scores.get(part));
                var higher = column(n);
                b.binary(higher, BinaryOp.MAX, highest, maximum);
                maximum = higher;
            }
        }
        var negated = column(n);
        b.binary(negated, BinaryOp.MUL, maximum, new Operand.Immediate(-factor));
        var scale = new Operand.Immediate(factor);
        var mixed = TileRef.of(b.psum(DType.F32, n, width));
        var sums = new ArrayList<TileRef>();
        int step = 0;
        for (var run : runs) {
            var weights = b.sbuf(values.getFirst().tile().dtype(), n, run.size);
            for (var part : parts(block.first, n, run)) {
                var sum = column(n);
                var to = TileRef.of(weights, n, Affine.of(part.first - run.first), part.size);
                b.activate(to, UnaryOp.EXP, scores.get(part), scale, negated, Optional.of(sum));
                sums.add(sum);
            }
            var turned = turned(TileRef.of(weights), n, run.size);
            for (long j = 0; j < run.size; j += o.block()) {
                int m = (int) Math.min(o.block(), run.size - j);
                var stationary = TileRef.of(turned.tile(), m, Affine.of(j / o.block() * pitch(n)), n);
                b.matMul(mixed, stationary, values.get((int) ((run.first + j) / o.block())), Affine.of(step++));
            }
        }
        var sum = sums.getFirst();
        var all = mixed;
        if (block.running.isPresent()) {
            var before = block.running.get();
            var fade = column(n);
            b.activate(fade, UnaryOp.EXP, before.maximum, scale, negated, Optional.empty());
            sum = faded(before.sum, fade, sum);
            all = faded(before.mixed, fade, mixed);
        } else if (keys > RUNS * o.keyBlock()) {
            all = TileRef.of(b.sbuf(DType.F32, n, width));
            b.copy(all, mixed);
        }
        for (var more : sums.subList(1, sums.size())) {
            var longer = column(n);
            b.binary(longer, BinaryOp.ADD, sum, more);
            sum = longer;
        }
        return new Running((TileRef) maximum, sum, all);
    }

    /** The blocks of a row of weights, each with its keys on partitions, side by side: they share a bank of PSUM, and one copy. */
    private TileRef turned(TileRef weights, int n, long size) {
        int most = (int) Math.min(o.block(), size);
        long pitch = pitch(n);
        long blocks = Math.ceilDiv(size, o.block());
        var dtype = weights.tile().dtype();
        var turned = TileRef.of(b.sbuf(dtype, most, blocks * pitch));
        if (byTransfers) {
            for (long j = 0; j < size; j += most) {
                b.transpose(
                        TileRef.of(turned.tile(), most, Affine.of(j / most * n), n),
                        TileRef.of(weights.tile(), n, Affine.of(j), most),
                        true);
            }
            return turned;
        }
        var inPsum = b.psum(Transposition.dtypeInPsum(target, dtype, true), most, blocks * pitch);
        for (long j = 0; j < size; j += o.block()) {
            int m = (int) Math.min(o.block(), size - j);
            var place = TileRef.of(inPsum, m, Affine.of(j / o.block() * pitch), n);
            b.transpose(place, TileRef.of(weights.tile(), n, Affine.of(j), m), true);
            if (m < most || pitch > n) {
                b.copy(TileRef.of(turned.tile(), m, Affine.of(j / o.block() * pitch), n), place);
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

    /**
     * The scores of a block of queries and some keys, after the chain.
     *
     * @param scores of one head [size], or of several [heads, size]
     * @return the same shape
     */
    private TileRef masked(List<List<Affine>> heads, long q, int n, Run part, TileRef scores) {
        var e = new Expression(b, n, scores.dims());
        e.define(pattern.scores().output(), scores);
        for (var node : pattern.chain()) {
            b.at(node.location());
            if (factor != 1 && node.equals(pattern.chain().getFirst())) {
                e.alias(node.output(), pattern.scores().output());
                continue;
            }
            var kept = mask.passes(node, q, n, part.first, part.size);
            if (kept.isPresent() && e.isDefined(kept.get())) {
                e.alias(node.output(), kept.get());
                continue;
            }
            for (var v : node.inputs()) {
                if (!e.isDefined(v)) {
                    define(e, heads, v, q, n, part, scores.dims().size() > 1);
                }
            }
            e.evaluate(node, false);
        }
        var stored = e.stored(pattern.masked(), false);
        if (stored.dims().size() == scores.dims().size()) {
            return stored;
        }
        var dims = List.of(new Dim(part.size, heads.size()), new Dim(1, part.size));
        return new TileRef(stored.tile(), stored.startPartition(), n, stored.offset(), dims);
    }

    private void define(Expression e, List<List<Affine>> heads, Value v, long q, int n, Run part, boolean isOfSeveral) {
        var s = o.sources().get(v);
        if (s == null) {
            e.number(v, pattern.numberOf(v));
            return;
        }
        long size = s.stride(rank - 1) == 0 ? 1 : part.size;
        var one = AttentionOperands.ref(s, heads.getFirst(), rank - 2, q, n, rank - 1, part.first, size);
        if (!isOfSeveral) {
            var tile = TileRef.of(b.sbuf(s.buffer().dtype(), n, size));
            b.load(
                    tile,
                    size == 1
                            ? new BufferRef(s.buffer(), one.offset(), one.dims().subList(0, 1))
                            : one);
            e.define(v, tile);
            return;
        }
        long count = s.stride(rank - 3) == 0 ? 1 : heads.size();
        var tile = b.sbuf(s.buffer().dtype(), n, count * size);
        var dims = List.of(
                one.dims().getFirst(),
                new Dim(s.stride(rank - 3), count),
                one.dims().getLast());
        b.load(TileRef.of(tile), new BufferRef(s.buffer(), one.offset(), dims));
        var spread = List.of(new Dim(count == 1 ? 0 : size, heads.size()), new Dim(size == 1 ? 0 : 1, part.size));
        e.define(v, new TileRef(tile, 0, n, Affine.ZERO, spread));
    }
}
