package dev.systole.passes.tiling;

import com.google.common.collect.Iterables;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Elementwise operations and trailing reductions over rows: blocks of 128 rows lie on partitions, the elements of a row on
 * the free dimension ({@link RowSpace}). A recurrence runs along the free dimension, from block to block. Of operands that lie packed,
 * blocks are whole bytes.
 */
final class RowLoops {
    /** What is loaded, what is computed and what is stored at a time. */
    private static final int BLOCKS_AT_ONCE = 3;

    /** What parts of long rows that stay in SBUF may take of it: those of the next rows come as these go. */
    private static final double KEPT_SHARE = 0.55;

    private final TileBuilder b;
    private final int maxPartitions;
    private final Graph body;
    private final List<RowOperand> operands = new ArrayList<>();
    private final int inputs;
    private final Shape shape;
    private final int reduced;
    private final boolean recurs;
    private final RowSpace space;
    private final long longestBlock;

    private final RowTransfers transfers;
    private final long sbufBytes;
    private final long longestRow;

    /** Elements of a block of rows along which something recurs: such regions have many tiles of a block, which banks of PSUM can hold. */
    private final long recurrenceBlock;

    /**
     * Where the blocks of the same rows are.
     *
     * @param columns operands of one element a partition that they share
     * @param before what a recurrence goes on from
     * @param goesOn true if there is a block behind
     */
    private record Progress(Map<Value, TileRef> columns, Map<Value, TileRef> before, boolean goesOn) {
        /** Of blocks that share nothing. */
        static Progress none() {
            return new Progress(new HashMap<>(), new HashMap<>(), false);
        }
    }

    private RowLoops(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        this.b = b;
        this.maxPartitions = target.memory().partitions();
        this.body = body;
        this.inputs = in.size();
        for (int i = 0; i < in.size(); i++) {
            operands.add(operand(body.inputs().get(i).value(), in.get(i)));
        }
        for (int i = 0; i < out.size(); i++) {
            operands.add(operand(body.outputs().get(i).value(), out.get(i)));
        }
        int trailing = 0;
        Shape full = body.outputs().getFirst().value().type().shape();
        for (var n : body.nodes()) {
            if (n.op() instanceof Op.Reduce(var f, var axes)) {
                trailing = axes.size();
                full = n.input(0).type().shape();
            }
        }
        reduced = trailing;
        shape = full;
        recurs = body.nodes().stream().anyMatch(n -> n.op() instanceof Op.Recurrence);
        recurrenceBlock = target.memory().psumBankBytesPerPartition() / DType.F32.bytes();
        var axes = new ArrayList<Axis>();
        for (int i = 0; i < shape.rank(); i++) {
            axes.add(axis(i));
        }
        space = new RowSpace(axes, recurs ? 1 : reduced, recurs, operands, inputs, operations(), target);
        int tiles = operands.size() + body.nodes().size();
        sbufBytes = target.memory().sbufBytesPerPartition();
        longestRow = Tiling.longestRow(target);
        long room = sbufBytes / (BLOCKS_AT_ONCE * tiles);
        transfers = new RowTransfers(b, target, operands, inputs, space.rows(), room);
        longestBlock = longestBlock(target, room);
    }

    /** Instructions for a block of rows, about; none if it is only copied. */
    private int operations() {
        boolean copies = body.nodes().stream().allMatch(n -> n.op() instanceof Op.Relayout);
        long computed = body.nodes().stream()
                .filter(n -> n.op().isElementwise() && n.type().shape().equals(shape) && !(n.op() instanceof Op.Cast))
                .count();
        return copies ? 0 : Math.max(1, (int) computed);
    }

    private RowOperand operand(Value v, Source source) {
        boolean isPacked = body.nodes().stream()
                .anyMatch(n -> n.op() instanceof Op.Unpack && n.input(0).equals(v)
                        || n.op() instanceof Op.Pack && n.output().equals(v));
        return new RowOperand(v, source, isPacked ? 8 / v.type().dtype().bits() : 1);
    }

    private Axis axis(int i) {
        var strides = operands.stream()
                .mapToLong(o -> recurs && o.source().shape().dim(i) == 1
                        ? 0
                        : o.source().stride(i))
                .toArray();
        return new Axis(shape.dim(i), strides);
    }

    /** As many elements as make long runs, if SBUF holds the tiles of several blocks. */
    private long longestBlock(Target target, long room) {
        long bytes = 1;
        long farthest = 1;
        for (int k = 0; k < operands.size(); k++) {
            long step = transfers.isApart(k, space.free())
                    ? Math.abs(space.free().getLast().strides()[k])
                    : 1;
            bytes = Math.max(bytes, operands.get(k).bytes() * step);
            farthest = Math.max(farthest, step);
        }
        long least = Math.min(RowSpace.LONGEST_BLOCK, longestRow);
        long fits = Math.min(Runs.longestBytes(target), room) / bytes;
        return Math.max(1, Math.max(least / farthest, fits));
    }

    /** Emits the loops of a region with these operands and results. */
    static void emit(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        if (out.stream().noneMatch(Source::isEmpty)) {
            new RowLoops(b, target, body, in, out).loops(List.of());
        }
    }

    private void loops(List<Affine> starts) {
        if (starts.size() < space.loops().size()) {
            b.blocks(space.loops().get(starts.size()).size(), 1, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                loops(longer);
            });
            return;
        }
        var rows = space.rows();
        b.blocks(rows.axes().getFirst().size(), rows.groups(maxPartitions), (start, groups) -> {
            int partitions = Math.toIntExact(groups * rows.inner());
            IntFunction<Affine> origin = k -> origin(k, starts, start);
            if (recurs) {
                recur(origin, partitions);
            } else if (reduced > 0 && RowTransfers.elements(space.free()) > longestRow) {
                inStages(origin, partitions);
            } else if (reduced == 0
                    && !space.free().isEmpty()
                    && space.free().getLast().size() > longestBlock) {
                inBlocks(origin, partitions);
            } else {
                block(origin, partitions, space.free(), Progress.none());
            }
        });
    }

    private Affine origin(int operand, List<Affine> starts, Affine row) {
        var at = Affine.of(operands.get(operand).source().view().offset())
                .plus(space.rows().times(row, operand));
        for (int i = 0; i < starts.size(); i++) {
            at = at.plus(space.loops().get(i).times(starts.get(i), operand));
        }
        return at;
    }

    /** Rows too long for a block, in several. */
    private void inBlocks(IntFunction<Affine> origin, int partitions) {
        var run = space.free().getLast();
        b.blocks(run.size(), evenly(run.size()), (column, length) -> {
            var cut = new ArrayList<>(space.free());
            cut.set(cut.size() - 1, new Axis(length, run.strides()));
            block(k -> origin.apply(k).plus(column.times(run.strides()[k])), partitions, cut, Progress.none());
        });
    }

    /** The longest block, or a shorter one of which equal ones make up the run. */
    private long evenly(long run) {
        long blocks = Math.ceilDiv(run, longestBlock);
        return run % blocks == 0 ? run / blocks : longestBlock;
    }

    /** Blocks of rows one after the other, each of which goes on where the one before it ends. */
    private void recur(IntFunction<Affine> origin, int partitions) {
        var run = space.free().getLast();
        var columns = new HashMap<Value, TileRef>();
        var before = new HashMap<Value, TileRef>();
        for (long start = 0; start < run.size(); start += recurrenceBlock) {
            long column = start;
            long length = Math.min(recurrenceBlock, run.size() - column);
            block(
                    k -> origin.apply(k).plus(Affine.of(column * run.strides()[k])),
                    partitions,
                    List.of(new Axis(length, run.strides())),
                    new Progress(columns, before, column + length < run.size()));
        }
    }

    /** Rows too long to be in SBUF with all that is computed of them, chunk by chunk, see {@link RowStages}. */
    private void inStages(IntFunction<Affine> origin, int partitions) {
        var plan = RowStages.of(
                body, shape, this::bytesOnChip, KEPT_SHARE * sbufBytes / RowTransfers.elements(space.free()));
        var loaded = new HashMap<Value, TileRef>();
        var columns = expression(partitions, List.of());
        var chunks = chunks(origin, partitions);
        for (int s = 0; s < plan.stages().size(); s++) {
            var stage = plan.stages().get(s);
            for (var node : stage.columns()) {
                defineInputs(columns, node, origin, partitions, List.of(), loaded);
                columns.evaluate(node, true);
            }
            for (int k : results(plan, s, true)) {
                b.store(
                        transfers.ref(k, origin.apply(k), partitions, List.of()),
                        columns.stored(operands.get(k).value(), true));
            }
            var results = results(plan, s, false);
            var parts = new HashMap<Node, Tile>();
            stage.reductions().forEach(n -> parts.put(n, b.sbuf(typeOfParts(n), partitions, chunks.size())));
            for (int c = 0; c < chunks.size() && !(results.isEmpty() && parts.isEmpty()); c++) {
                var chunk = chunks.get(c);
                chunk.values.defineAll(columns);
                compute(chunk, stage, partitions, loaded);
                for (var node : stage.reductions()) {
                    var part = new TileRef(parts.get(node), 0, partitions, Affine.of(c), List.of(new Dim(1, 1)));
                    chunk.values.reduce(node, part);
                }
                for (int k : results) {
                    b.store(
                            transfers.ref(k, chunk.origin.apply(k), partitions, chunk.free),
                            chunk.values.stored(operands.get(k).value(), false));
                }
                int now = s;
                chunk.values.retain(v -> plan.isKept(v, now));
            }
            stage.reductions().forEach(n -> columns.combine(n, TileRef.of(parts.get(n))));
        }
    }

    /** The results that are there in a stage: those of one element a row, or the others. */
    private List<Integer> results(RowStages plan, int stage, boolean columns) {
        return IntStream.range(inputs, operands.size())
                .filter(k -> plan.depth(operands.get(k).value()) == stage)
                .filter(k -> isColumn(operands.get(k).value().type().shape()) == columns)
                .boxed()
                .toList();
    }

    /** Sums of parts are rounded to a narrow type only as a whole. */
    private static DType typeOfParts(Node reduction) {
        var carrier = reduction.type().dtype().carrier();
        return carrier.isFloat() ? DType.F32 : carrier;
    }

    private void compute(Chunk chunk, RowStages.Stage stage, int partitions, Map<Value, TileRef> loaded) {
        for (var node : stage.nodes()) {
            defineInputs(chunk.values, node, chunk.origin, partitions, chunk.free, loaded);
            chunk.values.evaluate(node, false);
        }
        for (var node : stage.reductions()) {
            defineInputs(chunk.values, node, chunk.origin, partitions, chunk.free, loaded);
        }
    }

    private long bytesOnChip(Value v) {
        return operands.subList(0, inputs).stream()
                .filter(o -> o.value().equals(v))
                .mapToLong(RowOperand::bytes)
                .findFirst()
                .orElse(v.type().dtype().carrier().bytes());
    }

    /**
     * A part of long rows.
     *
     * @param values of it that are there
     */
    private record Chunk(IntFunction<Affine> origin, List<Axis> free, Expression values) {}

    /** Parts of rows along their longest dimension. */
    private List<Chunk> chunks(IntFunction<Affine> origin, int partitions) {
        int cut = IntStream.range(0, space.free().size())
                .boxed()
                .max(Comparator.comparingLong(i -> space.free().get(i).size()))
                .orElseThrow();
        var run = space.free().get(cut);
        long others = RowTransfers.elements(space.free()) / run.size();
        long count = Math.min(run.size(), Math.ceilDiv(run.size() * others, longestBlock));
        long length = Math.ceilDiv(run.size(), count);
        var chunks = new ArrayList<Chunk>();
        for (long start = 0; start < run.size(); start += length) {
            long at = start;
            var free = new ArrayList<>(space.free());
            free.set(cut, new Axis(Math.min(length, run.size() - at), run.strides()));
            chunks.add(new Chunk(k -> origin.apply(k).plus(at * run.strides()[k]), free, expression(partitions, free)));
        }
        return chunks;
    }

    private Expression expression(int partitions, List<Axis> free) {
        return new Expression(
                b,
                partitions,
                free.stream().map(a -> new Dim(1, a.size())).toList(),
                RowTransfers.elements(space.beside()));
    }

    private void block(IntFunction<Affine> origin, int partitions, List<Axis> free, Progress progress) {
        var e = expression(partitions, free);
        body.nodes().stream().filter(this::isWidened).forEach(n -> e.unrounded(n.output()));
        for (var node : body.nodes()) {
            defineInputs(e, node, origin, partitions, free, progress.columns);
            if (node.op() instanceof Op.Recurrence) {
                e.recur(node, progress.before, progress.goesOn);
            } else {
                e.evaluate(node, isColumn(node.type().shape()));
            }
        }
        for (int k = inputs; k < operands.size(); k++) {
            var v = operands.get(k).value();
            boolean column = isColumn(v.type().shape());
            b.store(
                    transfers.ref(k, origin.apply(k), partitions, column ? space.beside() : free),
                    operands.get(k).packing() > 1 ? e.bytes(v) : e.stored(v, column));
        }
    }

    private void defineInputs(
            Expression e,
            Node node,
            IntFunction<Affine> origin,
            int partitions,
            List<Axis> free,
            Map<Value, TileRef> columns) {
        for (var v : node.inputs()) {
            int k = Iterables.indexOf(
                    operands.subList(0, inputs), o -> o.value().equals(v));
            if (k >= 0 && !e.isDefined(v)) {
                b.at(node.location());
                e.define(v, input(k, origin, partitions, free, columns));
            }
        }
    }

    /** @param columns operands of one element a partition that are loaded already */
    private TileRef input(
            int k, IntFunction<Affine> origin, int partitions, List<Axis> free, Map<Value, TileRef> columns) {
        var v = operands.get(k).value();
        if (columns.containsKey(v)) {
            return columns.get(v);
        }
        boolean isColumn = isColumn(v.type().shape());
        var loaded = transfers.load(k, origin.apply(k), partitions, isColumn ? space.beside() : free);
        if (RowTransfers.isColumn(k, free)) {
            columns.put(v, loaded);
        }
        return loaded;
    }

    /** True for what is unpacked only to become fp32 numbers. */
    private boolean isWidened(Node node) {
        return node.op() instanceof Op.Unpack
                && body.outputs().stream().noneMatch(o -> o.value().equals(node.output()))
                && body.nodes().stream()
                        .filter(n -> n.inputs().contains(node.output()))
                        .allMatch(n -> n.op() instanceof Op.Cast(var to, var saturate) && to == DType.F32);
    }

    private boolean isColumn(Shape of) {
        return (reduced > 0 || recurs) && !of.equals(shape);
    }
}
