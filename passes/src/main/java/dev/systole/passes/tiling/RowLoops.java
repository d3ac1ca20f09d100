package dev.systole.passes.tiling;

import com.google.common.collect.Iterables;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Elementwise operations and trailing reductions over rows: blocks of 128 rows lie on partitions, the elements of a row on
 * the free dimension ({@link RowSpace}). A recurrence runs along the free dimension, from block to block. Of operands that lie packed,
 * blocks are whole bytes.
 */
final class RowLoops {
    /** What is loaded, what is computed and what is stored at a time. */
    private static final int BLOCKS_AT_ONCE = 3;

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

    /** Bytes a partition of a tile, if SBUF is to hold the tiles of several blocks. */
    private final long room;

    /** Bytes that a DMA engine moves in half of the time that an element by itself takes. */
    private final double apart;

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
        boolean computes = body.nodes().stream().anyMatch(n -> !(n.op() instanceof Op.Relayout));
        space = new RowSpace(axes, recurs ? 1 : reduced, recurs, operands, inputs, computes, target);
        int tiles = operands.size() + body.nodes().size();
        room = target.memory().sbufBytesPerPartition() / (BLOCKS_AT_ONCE * tiles);
        apart = target.dma().minTimePerDescriptorSeconds() * target.dma().bytesPerSecondPerEngine() / 2;
        longestBlock = longestBlock(target);
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
    private long longestBlock(Target target) {
        long bytes = 1;
        long farthest = 1;
        for (int k = 0; k < operands.size(); k++) {
            long step =
                    isApart(k, space.free()) ? Math.abs(space.free().getLast().strides()[k]) : 1;
            bytes = Math.max(bytes, operands.get(k).bytes() * step);
            farthest = Math.max(farthest, step);
        }
        return Math.max(RowSpace.LONGEST_BLOCK / farthest, Math.min(Runs.longestBytes(target), room) / bytes);
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
        b.blocks(space.rows().size(), maxPartitions, (start, partitions) -> {
            IntFunction<Affine> origin = k -> origin(k, starts, start);
            if (recurs) {
                recur(origin, (int) partitions);
            } else if (reduced == 0
                    && !space.free().isEmpty()
                    && space.free().getLast().size() > longestBlock) {
                inBlocks(origin, (int) partitions);
            } else {
                block(origin, (int) partitions, space.free(), Progress.none());
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

    private void block(IntFunction<Affine> origin, int partitions, List<Axis> free, Progress progress) {
        var e = new Expression(
                b, partitions, free.stream().map(a -> new Dim(1, a.size())).toList());
        body.nodes().stream().filter(this::isWidened).forEach(n -> e.unrounded(n.output()));
        for (var node : body.nodes()) {
            for (var v : node.inputs()) {
                int k = Iterables.indexOf(
                        operands.subList(0, inputs), o -> o.value().equals(v));
                if (k >= 0 && !e.isDefined(v)) {
                    b.at(node.location());
                    e.define(v, input(k, origin, partitions, free, progress.columns));
                }
            }
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
                    ref(k, origin.apply(k), partitions, column ? List.of() : free),
                    operands.get(k).packing() > 1 ? e.bytes(v) : e.stored(v, column));
        }
    }

    /** @param columns operands of one element a partition that are loaded already */
    private TileRef input(
            int k, IntFunction<Affine> origin, int partitions, List<Axis> free, Map<Value, TileRef> columns) {
        var v = operands.get(k).value();
        if (columns.containsKey(v)) {
            return columns.get(v);
        }
        var loaded = load(k, origin.apply(k), partitions, free);
        if (isColumn(k, free)) {
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

    /** True for an operand of one element a partition. */
    private static boolean isColumn(int operand, List<Axis> free) {
        return free.stream().allMatch(a -> a.strides()[operand] == 0);
    }

    private TileRef load(int k, Affine origin, int partitions, List<Axis> free) {
        if (loadsGaps(k, free)) {
            return loadWithGaps(k, origin, partitions, free);
        }
        var operand = operands.get(k);
        var rows = space.rows();
        boolean column = isColumn(k, free);
        long size = column ? 1 : free.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact) / operand.packing();
        return TileRef.of(load(k, origin, partitions, column ? List.of() : free, size));
    }

    private Tile load(int k, Affine origin, int partitions, List<Axis> free, long size) {
        var operand = operands.get(k);
        var rows = space.rows();
        var tile = b.sbuf(operand.source().buffer().dtype(), partitions, size);
        long group = rows.repeats()[k] > 1 ? rows.repeats()[k] : partitions;
        for (long first = 0; first < partitions; first += group) {
            int some = (int) Math.min(group, partitions - first);
            b.load(
                    new TileRef(tile, (int) first, some, Affine.ZERO, List.of(new Dim(1, size))),
                    ref(k, origin.plus(rows.times(Affine.of(first), k)), some, free));
        }
        return tile;
    }

    /** An operand whose rows are loaded with what lies between their elements. */
    private TileRef loadWithGaps(int k, Affine origin, int partitions, List<Axis> free) {
        var run = free.getLast();
        long step = run.strides()[k];
        long whole = (run.size() - 1) * Math.abs(step) + 1;
        var ones = run.strides().clone();
        ones[k] = 1;
        var all = new ArrayList<>(free);
        all.set(all.size() - 1, new Axis(whole, ones));
        long last = (run.size() - 1) * Math.min(0, step);
        long runs = elements(free) / run.size();
        var tile = load(k, origin.plus(last), partitions, all, runs * whole);
        var along = new Dim(step, run.size());
        var dims = runs == 1 ? List.of(along) : List.of(new Dim(whole, runs), along);
        return new TileRef(tile, 0, partitions, Affine.of(-last), dims);
    }

    /** True if what lies between the elements of an operand's rows is loaded, too. */
    private boolean loadsGaps(int k, List<Axis> free) {
        return isApart(k, free)
                && elements(free)
                                * Math.abs(free.getLast().strides()[k])
                                * operands.get(k).bytes()
                        <= room;
    }

    /** True for elements of a row apart, or the other way round, where what lies between is sooner loaded than each element by itself. */
    private boolean isApart(int k, List<Axis> free) {
        if (k >= inputs || operands.get(k).packing() > 1 || isColumn(k, free)) {
            return false;
        }
        long step = free.getLast().strides()[k];
        return step != 0 && step != 1 && Math.abs(step) * operands.get(k).bytes() < apart;
    }

    private static long elements(List<Axis> free) {
        return free.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
    }

    private BufferRef ref(int k, Affine origin, int partitions, List<Axis> free) {
        var operand = operands.get(k);
        var rows = space.rows();
        var dims = new ArrayList<Dim>();
        dims.add(new Dim(rows.repeats()[k] > 1 ? 0 : rows.strides()[k], partitions));
        free.forEach(a -> dims.add(new Dim(a.strides()[k], a.size())));
        var buffer = operand.source().buffer();
        int packing = operand.packing();
        return packing == 1
                ? new BufferRef(buffer, origin, dims)
                : new BufferRef(buffer, origin.dividedBy(packing), inBytes(dims, packing));
    }

    /** Steps and sizes in elements as they are in bytes; the last dimension is a run. */
    private static List<Dim> inBytes(List<Dim> dims, int packing) {
        var bytes = new ArrayList<Dim>();
        for (var d : dims.subList(0, dims.size() - 1)) {
            bytes.add(new Dim(Affine.of(d.stride()).dividedBy(packing).constant(), d.size()));
        }
        bytes.add(new Dim(1, Affine.of(dims.getLast().size()).dividedBy(packing).constant()));
        return bytes;
    }
}
