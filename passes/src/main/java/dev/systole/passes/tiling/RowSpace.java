package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How the dimensions that a region of rows iterates over become rows on partitions and elements along them. Dimensions that lie evenly in
 * all operands are one, so that most regions become rows by columns; where that makes few rows or short runs, runs are cut into rows, or
 * go on into them.
 */
final class RowSpace {
    /** Elements of a row that a block takes at most when nothing is reduced, if longer runs are not worth their room. */
    static final long LONGEST_BLOCK = 2048;

    /** Rows that keep half of the lanes busy. */
    private static final long FEWEST_ROWS = 64;

    /** Elements of the shortest rows that runs are cut into. */
    private static final long SHORTEST_ROW = 64;

    /** Elements of a row for which an engine takes several times as long as it takes to begin. */
    private static final long LONG_INSTRUCTION = 256;

    /** Rows that may be fewer than that if they are longer. */
    private static final long FEWEST_LANES = 8;

    /** Rows that keep the DMA engines busy. */
    private static final long FEWEST_COPIED_ROWS = 16;

    private final List<RowOperand> operands;
    private final int inputs;
    private final RowSeconds seconds;
    private final Target target;
    private final int maxPartitions;
    private final List<Axis> rows;
    private final List<Axis> free;
    private Axis partitions;
    private List<Axis> around = List.of();
    private List<Axis> beside = List.of();

    /** True if others have these rows on partitions. */
    private boolean isFixed;

    /**
     * @param axes all dimensions, in the graph's order
     * @param along how many of them, the last ones, run along a row whatever else does
     * @param keepsOnes true if those that run along a row stay, though they have a single element
     * @param operands inputs first
     * @param operations that compute with a row; none for what is only copied
     */
    RowSpace(
            List<Axis> axes,
            int along,
            boolean keepsOnes,
            List<RowOperand> operands,
            int inputs,
            int operations,
            Target target) {
        this.seconds = new RowSeconds(operands, inputs, operations, target);
        this.operands = operands;
        this.inputs = inputs;
        this.target = target;
        this.maxPartitions = target.memory().partitions();
        this.rows = new ArrayList<>(axes.subList(0, axes.size() - along));
        this.free = new ArrayList<>(axes.subList(axes.size() - along, axes.size()));
        rows.removeIf(a -> a.size() == 1);
        if (!keepsOnes) {
            free.removeIf(a -> a.size() == 1);
        }
        boolean keepsOutermost = isTurned(axes) && (!seconds.computes() || seconds.mayStay());
        isFixed = keepsOutermost;
        if (along == 0 && !rows.isEmpty()) {
            rows.sort(Comparator.comparingLong((Axis a) -> -Math.abs(a.strides()[inputs])));
            free.add(rows.removeLast());
            lengthen(keepsOutermost);
            putBeside();
        }
        merge(keepsOutermost && !rows.isEmpty() ? rows.subList(1, rows.size()) : rows);
        merge(free);
        int unfolded = rows.size();
        if (along == 0 && !free.isEmpty()) {
            fold();
        }
        boolean isFolded = rows.size() > unfolded;
        if (rows.isEmpty()) {
            rows.add(new Axis(1, new long[operands.size()]));
        }
        boolean isRowsFirst = isRowsFirst();
        this.partitions = isRowsFirst
                ? rows.getLast()
                : keepsOutermost && !isFolded
                        ? rows.getFirst()
                        : rows.stream()
                                .max(Comparator.comparingLong(Axis::size))
                                .orElseThrow();
        rows.remove(partitions);
        isFixed |= isRowsFirst;
        if (along > 0 && !keepsOnes && operands.stream().allMatch(o -> o.packing() == 1)) {
            layBeside();
        }
        if (!rows.isEmpty()) {
            join();
        }
    }

    /** True if the result, which may stay on chip, has its dimensions in another order than the graph, as readers of its rows want it. */
    private boolean isTurned(List<Axis> axes) {
        var strides = axes.stream()
                .filter(a -> a.size() > 1)
                .map(a -> Math.abs(a.strides()[inputs]))
                .toList();
        return operands.get(inputs).source().isIntermediate()
                && IntStream.range(1, strides.size()).anyMatch(i -> strides.get(i) > strides.get(i - 1));
    }

    /** True if the last rows are those that lie farthest apart in all that has them: a row of each of many matrices lies in one run. */
    private boolean isRowsFirst() {
        var last = rows.getLast().strides();
        return rows.size() > 1
                && IntStream.range(0, last.length)
                        .filter(k -> last[k] != 0)
                        .allMatch(k -> rows.subList(0, rows.size() - 1).stream()
                                .allMatch(a -> Math.abs(a.strides()[k]) < Math.abs(last[k])));
    }

    /** What is looped over, one at a time. */
    List<Axis> loops() {
        return rows;
    }

    /** What lies on partitions: the last one whole, if there are several, beside each other for neighbours along those before it. */
    Rows rows() {
        var all = new ArrayList<>(around);
        all.add(partitions);
        return new Rows(all);
    }

    /** What lies along a partition. */
    List<Axis> free() {
        return free;
    }

    /** What lies along a partition before the rest: several rows that are reduced, each by itself. */
    List<Axis> beside() {
        return beside;
    }

    /** Rows, some of which lie beside each other. */
    private record Beside(Axis partitions, List<Axis> loops, List<Axis> row) {}

    /**
     * Several short rows lie on a partition where that is sooner done: instructions, and runs if the rows are neighbours in memory, are as many
     * times longer.
     */
    private void layBeside() {
        long elements = RowTransfers.elements(free);
        if (elements == 0 || elements >= LONG_INSTRUCTION) {
            return;
        }
        long most = Math.min(LONGEST_BLOCK, Tiling.longestRow(target)) / elements;
        var asTheyAre = new Beside(partitions, rows, List.of());
        var all = new ArrayList<Beside>();
        all.add(asTheyAre);
        for (var lanes : isFixed ? List.of(partitions) : rowsAndPartitions()) {
            var loops = rowsAndPartitions();
            loops.remove(lanes);
            counts(lanes, Math.min(most, lanes.size() / FEWEST_ROWS))
                    .forEach(n -> all.add(new Beside(every(lanes, n), loops, List.of(new Axis(n, lanes.strides())))));
            for (var loop : loops) {
                var others = new ArrayList<>(loops);
                others.remove(loop);
                counts(loop, most).forEach(n -> {
                    var fewer = new ArrayList<>(others);
                    if (loop.size() > n) {
                        fewer.add(every(loop, n));
                    }
                    all.add(new Beside(lanes, fewer, List.of(new Axis(n, loop.strides()))));
                });
            }
        }
        var best = all.stream()
                .min(Comparator.comparingDouble(this::besideSeconds))
                .orElseThrow();
        if (best != asTheyAre) {
            partitions = best.partitions;
            beside = best.row;
            free.addAll(0, beside);
            var loops = best.loops;
            rows.clear();
            rows.addAll(loops);
        }
    }

    private List<Axis> rowsAndPartitions() {
        var all = new ArrayList<>(rows);
        all.add(partitions);
        return all;
    }

    /** Where rows leave half of the lanes idle, those of several times round loops lie on partitions together, if that is sooner done. */
    private void join() {
        var asTheyAre = new JoinedRows(new Rows(List.of(partitions)), rows);
        boolean mayBeOnChip =
                seconds.computes() || IntStream.range(0, operands.size()).anyMatch(k -> seconds.stays(k, asTheyAre));
        if (isFixed && mayBeOnChip) {
            return;
        }
        var all = rowsAndPartitions();
        int most = target.dma().maxAccessPatternDims() + 1 - free.size();
        var best = JoinedRows.of(all, inputs, maxPartitions)
                .filter(j -> j.lanes().axes().size() <= most)
                .min(Comparator.comparingDouble(j -> seconds.of(j, free)))
                .filter(j -> seconds.of(j, free) + target.dma().fixedOverheadSeconds() < seconds.of(asTheyAre, free));
        best.ifPresent(j -> {
            partitions = j.lanes().axes().getLast();
            around = j.lanes().axes().subList(0, j.lanes().axes().size() - 1);
            rows.clear();
            rows.addAll(j.loops());
        });
    }

    /** Of how many neighbours, two to so many, the parts may be in which a dimension is cut. */
    private static LongStream counts(Axis axis, long most) {
        return LongStream.rangeClosed(2, Math.min(most, axis.size())).filter(n -> axis.size() % n == 0);
    }

    /** Each {@code n}-th along a dimension. */
    private static Axis every(Axis axis, long n) {
        return new Axis(
                axis.size() / n, Arrays.stream(axis.strides()).map(s -> s * n).toArray());
    }

    /**
     * How long all takes with such rows. What others have on chip, too, may stay there only row by row; numbers of which a partition has one are
     * moved together, turned.
     */
    private double besideSeconds(Beside b) {
        var row = new ArrayList<>(b.row);
        row.addAll(free);
        var blocks = new JoinedRows(new Rows(List.of(b.partitions)), b.loops).blocks(maxPartitions);
        var moved = IntStream.range(0, operands.size())
                .filter(k -> !b.row.isEmpty() || !operands.get(k).source().isIntermediate())
                .toArray();
        double transfers = Arrays.stream(moved)
                .filter(k -> RowSeconds.elements(k, row) > 1 || b.partitions.strides()[k] != 1)
                .mapToDouble(k -> seconds.transfer(k, blocks, row))
                .sum();
        double waits = target.dma().fixedOverheadSeconds()
                * (transfersInTurn(Arrays.stream(moved).filter(k -> k < inputs))
                        + transfersInTurn(Arrays.stream(moved).filter(k -> k >= inputs)));
        return seconds.engines(blocks, row) + transfers + waits;
    }

    /** Another region stores what is loaded here, or loads what is stored, if it is neither an input nor an output of the model. */
    private int transfersInTurn(IntStream moved) {
        return moved.map(k -> operands.get(k).source().isIntermediate() ? 2 : 1)
                .max()
                .orElse(0);
    }

    /**
     * A run too short for a transfer goes on into the rows that it lies beside, if enough rows remain to fill partitions; if too few would to
     * compute with, all is one run, of which rows are made. So is what is only copied, if it would keep few DMA engines busy for long.
     *
     * @param keepsOutermost true for what others have with the outermost dimension on partitions, as the channels of several images
     */
    private void lengthen(boolean keepsOutermost) {
        boolean isShort = isShort(free.getLast());
        int before = rows.size();
        while (!rows.isEmpty()
                && isShort(free.getLast())
                && rows.getLast().continues(free.getLast())
                && (outerRows() >= (seconds.computes() ? FEWEST_ROWS : FEWEST_COPIED_ROWS) || comesFromMemory())) {
            free.add(rows.removeLast().with(free.removeLast()));
        }
        while (!seconds.computes()
                && !rows.isEmpty()
                && rows.getLast().continues(free.getLast())
                && seconds.keepsEnginesWaiting(rows, free)) {
            free.add(rows.removeLast().with(free.removeLast()));
        }
        while (seconds.computes()
                && !rows.isEmpty()
                && (isShort(free.getLast()) || keepsOutermost && rows.size() > 1)
                && rows.getLast().continues(free.getLast())
                && isSoonerLonger()) {
            free.add(rows.removeLast().with(free.removeLast()));
        }
        var whole = new ArrayList<>(rows);
        whole.add(free.getLast());
        merge(whole);
        if (isShort
                && (seconds.computes() || free.getLast().size() < LONG_INSTRUCTION)
                && rows.size() == before
                && whole.size() == 1
                && isFoldable(whole.getLast(), free.getLast())) {
            rows.clear();
            free.set(free.size() - 1, whole.getLast());
        }
    }

    /** Rows that remain if the last ones become part of longer ones. */
    private long outerRows() {
        return rows.stream().limit(rows.size() - 1L).mapToLong(Axis::size).reduce(1, Math::multiplyExact);
    }

    /** True for what is only copied, each element once, and not on chip: it can be cut into other rows afterwards. */
    private boolean comesFromMemory() {
        return !seconds.computes()
                && !operands.getFirst().source().isIntermediate()
                && Stream.concat(rows.stream(), free.stream()).allMatch(a -> a.strides()[0] != 0);
    }

    /** A run too short for a transfer has those behind it in the result beside it, where an operand repeats itself, if rows enough remain. */
    private void putBeside() {
        if (!seconds.computes() || rows.size() < 2 || !isShort(free.getLast())) {
            return;
        }
        var run = free.getLast();
        var next = rows.getLast();
        boolean goesOn = next.strides()[inputs] == run.size() * run.strides()[inputs];
        boolean isRepeated =
                IntStream.range(0, inputs).anyMatch(k -> (next.strides()[k] == 0) != (run.strides()[k] == 0));
        boolean areEnough = rows.stream().limit(rows.size() - 1L).anyMatch(a -> a.size() >= FEWEST_ROWS);
        long longest = Math.min(LONGEST_BLOCK, Tiling.longestRow(target));
        long count = LongStream.rangeClosed(1, Math.min(next.size(), longest / run.size()))
                .filter(n -> next.size() % n == 0)
                .max()
                .orElse(1);
        if (goesOn && isRepeated && areEnough && count > 1) {
            rows.set(rows.size() - 1, every(next, count));
            rows.removeIf(a -> a.size() == 1);
            free.addFirst(new Axis(count, next.strides()));
        }
    }

    /** True if fewer and longer rows, which may stay on chip, take less time than those that there are, which come and go. */
    private boolean isSoonerLonger() {
        var outer = rows.subList(0, rows.size() - 1);
        var longer = new ArrayList<>(free.subList(0, free.size() - 1));
        longer.add(rows.getLast().with(free.getLast()));
        long lanes = outer.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
        return lanes >= FEWEST_LANES
                && engineSeconds(outer, longer) + (seconds.mayStay() ? 0 : transferSeconds(outer, longer))
                        < Math.min(seconds(rows, free), foldedSeconds());
    }

    /** How long all takes as a single run that becomes rows; infinitely if it is none. */
    private double foldedSeconds() {
        var whole = new ArrayList<>(rows);
        whole.addAll(free);
        merge(whole);
        if (whole.size() > 1) {
            return Double.POSITIVE_INFINITY;
        }
        var strides = whole.getFirst().strides();
        var folded = List.of(new Axis(maxPartitions, strides));
        var row = List.of(new Axis(Math.ceilDiv(whole.getFirst().size(), maxPartitions), strides));
        return seconds(folded, row);
    }

    private double engineSeconds(List<Axis> rows, List<Axis> free) {
        return seconds.engines(blocks(rows), free);
    }

    private double transferSeconds(List<Axis> rows, List<Axis> free) {
        return seconds.transfers(blocks(rows), free);
    }

    /** As few as rows make, joined or not. */
    private JoinedRows.Blocks blocks(List<Axis> rows) {
        var joins = isFixed ? Stream.<JoinedRows>empty() : JoinedRows.of(rows, inputs, maxPartitions);
        return Stream.concat(Stream.of(JoinedRows.none(rows)), joins)
                .map(j -> j.blocks(maxPartitions))
                .min(Comparator.comparingLong(JoinedRows.Blocks::count))
                .orElseThrow();
    }

    /** True for runs that are no length for a transfer; if all may stay on chip, row by row as other regions have them, for an instruction. */
    private boolean isShort(Axis run) {
        long bytes = operands.stream().mapToLong(RowOperand::bytes).min().orElse(1);
        return seconds.mayStay() ? run.size() < LONG_INSTRUCTION : run.size() * bytes < Runs.LEAST_BYTES;
    }

    /** True if a run becomes rows that keep half of the lanes busy and are no shorter than those that it has. */
    private boolean isFoldable(Axis whole, Axis row) {
        return LongStream.rangeClosed(FEWEST_ROWS, maxPartitions)
                .anyMatch(n -> whole.size() % n == 0 && whole.size() / n >= Math.max(row.size(), SHORTEST_ROW));
    }

    /** Rows, and what lies along each. */
    private record Folded(List<Axis> rows, List<Axis> free) {}

    /**
     * A single long run becomes rows of its largest divisor that leaves at most 128 of them. So do runs that each fill the partitions that all of
     * them together, one beside the other, would leave idle; if these are more than a few, or only copied, they stay long.
     */
    private void fold() {
        var run = free.getLast();
        long beside = rows.stream().mapToLong(Axis::size).max().orElse(1);
        boolean mayBeShort = rows.isEmpty() || seconds.computes() && beside < FEWEST_LANES || comesFromMemory();
        long shortest = mayBeShort ? SHORTEST_ROW : LONGEST_BLOCK;
        int packing = operands.stream().mapToInt(RowOperand::packing).max().orElse(1);
        LongStream.rangeClosed(comesFromMemory() ? 2 : 2 * beside, Math.min(maxPartitions, run.size() / shortest))
                .filter(n -> run.size() % n == 0 && run.size() / n % packing == 0)
                .mapToObj(n -> folded(run, n))
                .min(Comparator.comparingDouble(
                        f -> rows.isEmpty() ? -f.rows.getLast().size() : seconds(f.rows, f.free)))
                .filter(f -> isSoonerFolded(f.rows, f.free))
                .filter(f -> f.free.getLast().size() >= LONGEST_BLOCK
                        || rows.isEmpty()
                        || seconds(rows, free) - seconds(f.rows, f.free)
                                > target.dma().fixedOverheadSeconds())
                .ifPresent(f -> {
                    rows.add(f.rows.getLast());
                    free.set(free.size() - 1, f.free.getLast());
                });
    }

    private Folded folded(Axis run, long n) {
        long length = run.size() / n;
        var more = new ArrayList<>(rows);
        more.add(every(run, length));
        var shorter = new ArrayList<>(free);
        shorter.set(free.size() - 1, new Axis(length, run.strides()));
        return new Folded(more, shorter);
    }

    private double seconds(List<Axis> rows, List<Axis> free) {
        return engineSeconds(rows, free) + transferSeconds(rows, free);
    }

    /** False for what takes little time as it is, where it, or its results, may be on chip. */
    private boolean isSoonerFolded(List<Axis> folded, List<Axis> row) {
        if (!seconds.computes()) {
            return transferSeconds(rows, free) - transferSeconds(folded, row)
                    > target.dma().fixedOverheadSeconds() / 4;
        }
        double saved = engineSeconds(rows, free) - engineSeconds(folded, row);
        boolean resultsMayStay = operands.subList(inputs, operands.size()).stream()
                .allMatch(o -> o.source().isIntermediate());
        return seconds.mayStay()
                ? saved > transferSeconds(folded, row)
                : !resultsMayStay || saved > target.dma().fixedOverheadSeconds();
    }

    private static void merge(List<Axis> axes) {
        for (int i = axes.size() - 2; i >= 0; i--) {
            if (axes.get(i).continues(axes.get(i + 1))) {
                axes.set(i, axes.get(i).with(axes.remove(i + 1)));
            }
        }
    }
}
