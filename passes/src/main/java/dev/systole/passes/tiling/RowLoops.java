package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * Elementwise operations and trailing reductions over rows: blocks of 128 rows lie on partitions, the elements of a row on
 * the free dimension. Dimensions that lie evenly in all operands are merged, so most regions become rows by columns. A recurrence
 * runs along the free dimension, from block to block. Of operands that lie packed, blocks are whole bytes.
 */
final class RowLoops {
    /** Elements of a row that a block takes at most when nothing is reduced, if longer runs are not worth their room. */
    private static final long LONGEST_BLOCK = 2048;

    /** Rows that an operand has once for all of them, from which on they are a group: the machine addresses quadrants of partitions. */
    private static final long SMALLEST_GROUP = 32;

    /** Rows that keep half of the lanes busy. */
    private static final long FEWEST_ROWS = 64;

    /** Rows that keep the DMA engines busy. */
    private static final long FEWEST_COPIED_ROWS = 16;

    /** What is loaded, what is computed and what is stored at a time. */
    private static final int BLOCKS_AT_ONCE = 3;

    private final TileBuilder b;
    private final int maxPartitions;
    private final List<Value> operands = new ArrayList<>();
    private final Map<Value, Source> sources = new HashMap<>();
    private final Graph body;
    private final Shape space;
    private final int reduced;
    private final boolean recurs;
    private final int inputs;
    private final int[] packing;
    private final long longestBlock;

    /** Elements of a block of rows along which something recurs: such regions have many tiles of a block, which banks of PSUM can hold. */
    private final long recurrenceBlock;

    /**
     * An iteration dimension and how far each operand moves along it.
     *
     * @param repeats how many neighbours of the dimension have the same place in an operand
     */
    private record Axis(long size, long[] strides, long[] repeats) {
        Axis(long size, long[] strides) {
            this(size, strides, once(strides.length));
        }

        private static long[] once(int operands) {
            var once = new long[operands];
            Arrays.fill(once, 1);
            return once;
        }

        /** Elements that an operand moves from the first to the {@code start}-th neighbour. */
        Affine times(Affine start, int operand) {
            return start.dividedBy(repeats[operand]).times(strides[operand]);
        }

        boolean continues(Axis inner) {
            for (int i = 0; i < strides.length; i++) {
                if (strides[i] != inner.strides[i] * inner.size) {
                    return false;
                }
            }
            return true;
        }
    }

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
        for (int i = 0; i < in.size(); i++) {
            operands.add(body.inputs().get(i).value());
            sources.put(operands.getLast(), in.get(i));
        }
        inputs = in.size();
        for (int i = 0; i < out.size(); i++) {
            operands.add(body.outputs().get(i).value());
            sources.put(operands.getLast(), out.get(i));
        }
        packing = operands.stream().mapToInt(this::packing).toArray();
        int trailing = 0;
        Shape full = null;
        for (var n : body.nodes()) {
            if (n.op() instanceof Op.Reduce(var f, var axes)) {
                trailing = axes.size();
                full = n.input(0).type().shape();
            }
        }
        recurs = body.nodes().stream().anyMatch(n -> n.op() instanceof Op.Recurrence);
        reduced = trailing;
        space = full != null ? full : body.outputs().getFirst().value().type().shape();
        longestBlock = longestBlock(target);
        recurrenceBlock = target.memory().psumBankBytesPerPartition() / DType.F32.bytes();
    }

    /** As many elements as make long runs, if SBUF holds the tiles of several blocks. */
    private long longestBlock(Target target) {
        long bytes = operands.stream()
                .mapToLong(v -> sources.get(v).buffer().dtype().bytes())
                .max()
                .orElse(1);
        long tiles = operands.size() + body.nodes().size();
        long room = target.memory().sbufBytesPerPartition() / (BLOCKS_AT_ONCE * tiles);
        return Math.max(LONGEST_BLOCK, Math.min(Runs.longestBytes(target), room) / bytes);
    }

    /** Elements in a byte of an operand that lies packed; else 1. */
    private int packing(Value v) {
        boolean isPacked = body.nodes().stream()
                .anyMatch(n -> n.op() instanceof Op.Unpack && n.input(0).equals(v)
                        || n.op() instanceof Op.Pack && n.output().equals(v));
        return isPacked ? 8 / v.type().dtype().bits() : 1;
    }

    /** Emits the loops of a region with these operands and results. */
    static void emit(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        if (out.stream().anyMatch(s -> s.view().shape().elements() == 0)) {
            return;
        }
        new RowLoops(b, target, body, in, out).emit();
    }

    private void emit() {
        var axes = new ArrayList<Axis>();
        for (int i = 0; i < space.rank(); i++) {
            axes.add(axis(i));
        }
        int trailing = recurs ? 1 : reduced;
        var rows = new ArrayList<>(axes.subList(0, space.rank() - trailing));
        var free = new ArrayList<>(axes.subList(space.rank() - trailing, space.rank()));
        rows.removeIf(a -> a.size == 1);
        if (!recurs) {
            free.removeIf(a -> a.size == 1);
        }
        if (trailing == 0 && !rows.isEmpty()) {
            rows.sort(Comparator.comparingLong((Axis a) -> -Math.abs(a.strides[inputs])));
            free.add(rows.removeLast());
            lengthen(rows, free);
        }
        merge(rows);
        mergeRepeated(rows);
        merge(free);
        boolean isGrouped = rows.stream().anyMatch(a -> Arrays.stream(a.repeats).anyMatch(n -> n > 1));
        if (trailing == 0 && !free.isEmpty() && !isGrouped) {
            fold(rows, free);
        }
        if (rows.isEmpty()) {
            rows.add(new Axis(1, new long[operands.size()]));
        }
        var widest = rows.stream().max(Comparator.comparingLong(Axis::size)).orElseThrow();
        rows.remove(widest);
        outer(rows, 0, new Affine[0], widest, free);
    }

    /**
     * A run too short for a transfer goes on into the rows that it lies beside, if enough rows remain to fill partitions; if too few would to
     * compute with, all is one run, of which rows are made.
     */
    private void lengthen(List<Axis> rows, List<Axis> free) {
        boolean computes = body.nodes().stream().anyMatch(n -> !(n.op() instanceof Op.Relayout));
        long bytes = operands.stream()
                .mapToLong(v -> sources.get(v).buffer().dtype().bytes())
                .min()
                .orElse(1);
        boolean isShort = free.getLast().size * bytes < Runs.LEAST_BYTES;
        int before = rows.size();
        while (!rows.isEmpty()
                && free.getLast().size * bytes < Runs.LEAST_BYTES
                && rows.getLast().continues(free.getLast())
                && rows.stream().limit(rows.size() - 1L).mapToLong(Axis::size).reduce(1, (a, b) -> a * b)
                        >= (computes ? FEWEST_ROWS : FEWEST_COPIED_ROWS)) {
            var outer = rows.removeLast();
            var run = free.removeLast();
            free.add(new Axis(outer.size * run.size, run.strides));
        }
        var whole = new ArrayList<>(rows);
        whole.add(free.getLast());
        merge(whole);
        if (isShort
                && computes
                && rows.size() == before
                && whole.size() == 1
                && isFoldable(whole.getLast(), free.getLast())) {
            rows.clear();
            free.set(free.size() - 1, whole.getLast());
        }
    }

    /** True if a run becomes rows that keep half of the lanes busy and are no shorter than those that it has. */
    private boolean isFoldable(Axis whole, Axis row) {
        return LongStream.rangeClosed(FEWEST_ROWS, maxPartitions)
                .anyMatch(n -> whole.size % n == 0 && whole.size / n >= Math.max(row.size, FEWEST_ROWS));
    }

    /**
     * A single long run becomes rows of its largest divisor that leaves at most 128 of them. So do runs so long that each
     * fills the partitions that all of them together, one beside the other, would leave idle.
     */
    private void fold(List<Axis> rows, List<Axis> free) {
        var run = free.getLast();
        long beside = rows.stream().mapToLong(Axis::size).max().orElse(1);
        long shortest = rows.isEmpty() ? 64 : LONGEST_BLOCK;
        for (long n = Math.min(maxPartitions, run.size / shortest); n >= 2 * beside; n--) {
            if (run.size % n == 0 && run.size / n % Arrays.stream(packing).max().orElse(1) == 0) {
                long length = run.size / n;
                var steps = new long[operands.size()];
                for (int i = 0; i < steps.length; i++) {
                    steps[i] = run.strides[i] * length;
                }
                rows.add(new Axis(n, steps));
                free.set(free.size() - 1, new Axis(length, run.strides));
                return;
            }
        }
    }

    private Axis axis(int i) {
        var strides = new long[operands.size()];
        for (int k = 0; k < strides.length; k++) {
            var source = sources.get(operands.get(k));
            boolean repeated = recurs && source.view().shape().dim(i) == 1;
            strides[k] = repeated ? 0 : source.stride(i);
        }
        return new Axis(space.dim(i), strides);
    }

    private static void merge(List<Axis> axes) {
        for (int i = axes.size() - 2; i >= 0; i--) {
            if (axes.get(i).continues(axes.get(i + 1))) {
                axes.set(i, new Axis(axes.get(i).size * axes.get(i + 1).size, axes.get(i + 1).strides));
                axes.remove(i + 1);
            }
        }
    }

    /**
     * Rows that an operand has once for each of a group of neighbours (a scale for each block of weights) are merged where the groups are
     * quadrants of the partitions: each group is loaded by itself.
     */
    private void mergeRepeated(List<Axis> rows) {
        if (rows.stream().anyMatch(a -> a.size >= maxPartitions)) {
            return;
        }
        for (int i = rows.size() - 2; i >= 0; i--) {
            var outer = rows.get(i);
            var inner = rows.get(i + 1);
            var repeats = new long[operands.size()];
            var strides = new long[operands.size()];
            long most = rows.stream().mapToLong(Axis::size).max().orElseThrow();
            boolean possible = inner.size % SMALLEST_GROUP == 0
                    && maxPartitions % inner.size == 0
                    && outer.size * inner.size > most
                    && Arrays.stream(outer.repeats).allMatch(n -> n == 1);
            for (int k = 0; k < strides.length; k++) {
                boolean isRepeated = k < inputs && inner.strides[k] == 0 && outer.strides[k] != 0;
                possible &= isRepeated || outer.strides[k] == inner.strides[k] * inner.size;
                repeats[k] = isRepeated ? inner.size : 1;
                strides[k] = isRepeated ? outer.strides[k] : inner.strides[k];
            }
            if (possible) {
                rows.set(i, new Axis(outer.size * inner.size, strides, repeats));
                rows.remove(i + 1);
                return;
            }
        }
    }

    private void outer(List<Axis> loops, int at, Affine[] starts, Axis rows, List<Axis> free) {
        if (at < loops.size()) {
            b.blocks(loops.get(at).size, 1, (start, one) -> {
                var longer = java.util.Arrays.copyOf(starts, starts.length + 1);
                longer[starts.length] = start;
                outer(loops, at + 1, longer, rows, free);
            });
            return;
        }
        b.blocks(rows.size, maxPartitions, (start, partitions) -> {
            if (recurs) {
                recur(k -> origin(k, loops, starts, rows, start), rows, (int) partitions, free.getLast());
            } else if (reduced == 0 && !free.isEmpty() && free.getLast().size > longestBlock) {
                var last = free.getLast();
                b.blocks(last.size, evenly(last.size), (column, length) -> {
                    var cut = new ArrayList<>(free);
                    cut.set(cut.size() - 1, new Axis(length, last.strides));
                    block(
                            k -> origin(k, loops, starts, rows, start).plus(column.times(last.strides[k])),
                            rows,
                            (int) partitions,
                            cut,
                            Progress.none());
                });
            } else {
                block(k -> origin(k, loops, starts, rows, start), rows, (int) partitions, free, Progress.none());
            }
        });
    }

    /** The longest block, or a shorter one of which equal ones make up the run. */
    private long evenly(long run) {
        long blocks = Math.ceilDiv(run, longestBlock);
        return run % blocks == 0 ? run / blocks : longestBlock;
    }

    /** Blocks of rows one after the other, each of which goes on where the one before it ends. */
    private void recur(IntFunction<Affine> origin, Axis rows, int partitions, Axis run) {
        var columns = new HashMap<Value, TileRef>();
        var before = new HashMap<Value, TileRef>();
        for (long start = 0; start < run.size; start += recurrenceBlock) {
            long column = start;
            long length = Math.min(recurrenceBlock, run.size - column);
            block(
                    k -> origin.apply(k).plus(Affine.of(column * run.strides[k])),
                    rows,
                    partitions,
                    List.of(new Axis(length, run.strides)),
                    new Progress(columns, before, column + length < run.size));
        }
    }

    private Affine origin(int operand, List<Axis> loops, Affine[] starts, Axis rows, Affine start) {
        var at = Affine.of(sources.get(operands.get(operand)).view().offset()).plus(rows.times(start, operand));
        for (int i = 0; i < starts.length; i++) {
            at = at.plus(loops.get(i).times(starts[i], operand));
        }
        return at;
    }

    private void block(IntFunction<Affine> origin, Axis rows, int partitions, List<Axis> free, Progress progress) {
        var pattern = free.stream().map(a -> new Dim(1, a.size)).toList();
        var e = new Expression(b, partitions, pattern);
        body.nodes().stream().filter(this::isWidened).forEach(n -> e.unrounded(n.output()));
        for (var node : body.nodes()) {
            for (var v : node.inputs()) {
                int k = operands.indexOf(v);
                if (k >= 0 && k < inputs && !e.isDefined(v)) {
                    b.at(node.location());
                    var loaded = progress.columns.get(v);
                    if (loaded == null) {
                        loaded = load(k, origin.apply(k), rows, partitions, free);
                    }
                    if (isColumn(k, free)) {
                        progress.columns.put(v, loaded);
                    }
                    e.define(v, loaded);
                }
            }
            if (node.op() instanceof Op.Recurrence) {
                e.recur(node, progress.before, progress.goesOn);
            } else {
                e.evaluate(node, isColumn(node.type().shape()));
            }
        }
        for (int k = inputs; k < operands.size(); k++) {
            var v = operands.get(k);
            boolean column = isColumn(v.type().shape());
            b.store(
                    ref(k, origin.apply(k), rows, partitions, column ? List.of() : free),
                    packing[k] > 1 ? e.bytes(v) : e.stored(v, column));
        }
    }

    /** True for what is unpacked only to become fp32 numbers. */
    private boolean isWidened(Node node) {
        return node.op() instanceof Op.Unpack
                && body.outputs().stream().noneMatch(o -> o.value().equals(node.output()))
                && body.nodes().stream()
                        .filter(n -> n.inputs().contains(node.output()))
                        .allMatch(n -> n.op() instanceof Op.Cast(var to, var saturate) && to == DType.F32);
    }

    private boolean isColumn(Shape shape) {
        return (reduced > 0 || recurs) && !shape.equals(space);
    }

    /** True for an operand of one element a partition. */
    private static boolean isColumn(int operand, List<Axis> free) {
        return free.stream().allMatch(a -> a.strides[operand] == 0);
    }

    private TileRef load(int k, Affine origin, Axis rows, int partitions, List<Axis> free) {
        boolean column = isColumn(k, free);
        long size = column ? 1 : free.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact) / packing[k];
        DType carrier = sources.get(operands.get(k)).buffer().dtype();
        var tile = b.sbuf(carrier, partitions, size);
        long group = rows.repeats[k] > 1 ? rows.repeats[k] : partitions;
        for (long first = 0; first < partitions; first += group) {
            int some = (int) Math.min(group, partitions - first);
            b.load(
                    new TileRef(tile, (int) first, some, Affine.ZERO, List.of(new Dim(1, size))),
                    ref(k, origin.plus(rows.times(Affine.of(first), k)), rows, some, column ? List.of() : free));
        }
        return TileRef.of(tile);
    }

    private BufferRef ref(int k, Affine origin, Axis rows, int partitions, List<Axis> free) {
        var dims = new ArrayList<Dim>();
        dims.add(new Dim(rows.repeats[k] > 1 ? 0 : rows.strides[k], partitions));
        free.forEach(a -> dims.add(new Dim(a.strides[k], a.size)));
        var buffer = sources.get(operands.get(k)).buffer();
        return packing[k] == 1
                ? new BufferRef(buffer, origin, dims)
                : new BufferRef(buffer, origin.dividedBy(packing[k]), inBytes(dims, packing[k]));
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
