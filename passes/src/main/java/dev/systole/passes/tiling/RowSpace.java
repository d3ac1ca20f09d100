package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How the dimensions that a region of rows iterates over become rows on partitions and elements along them. Dimensions that lie evenly in
 * all operands are one, so that most regions become rows by columns; where that makes few rows or short runs, runs are cut into rows, or
 * go on into them.
 */
final class RowSpace {
    /** Elements of a row that a block takes at most when nothing is reduced, if longer runs are not worth their room. */
    static final long LONGEST_BLOCK = 2048;

    /** Rows that an operand has once for all of them, from which on they are a group: the machine addresses quadrants of partitions. */
    private static final long SMALLEST_GROUP = 32;

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

    /** VectorE and ScalarE share what is computed. */
    private static final int ENGINES = 2;

    /** What is not on chip is stored by one region, loaded by this one, stored again, and loaded by the next one. */
    private static final int TRANSFERS_IN_TURN = 4;

    private final List<RowOperand> operands;
    private final int inputs;
    private final int operations;
    private final Target target;
    private final int maxPartitions;
    private final List<Axis> rows;
    private final List<Axis> free;
    private Axis partitions;
    private List<Axis> beside = List.of();

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
        this.operands = operands;
        this.inputs = inputs;
        this.operations = operations;
        this.target = target;
        this.maxPartitions = target.memory().partitions();
        this.rows = new ArrayList<>(axes.subList(0, axes.size() - along));
        this.free = new ArrayList<>(axes.subList(axes.size() - along, axes.size()));
        rows.removeIf(a -> a.size() == 1);
        if (!keepsOnes) {
            free.removeIf(a -> a.size() == 1);
        }
        boolean keepsOutermost = isTurned(axes) && (!computes() || mayStay());
        if (along == 0 && !rows.isEmpty()) {
            rows.sort(Comparator.comparingLong((Axis a) -> -Math.abs(a.strides()[inputs])));
            free.add(rows.removeLast());
            lengthen(keepsOutermost);
            putBeside();
        }
        merge(keepsOutermost && !rows.isEmpty() ? rows.subList(1, rows.size()) : rows);
        mergeRepeated();
        merge(free);
        int unfolded = rows.size();
        if (along == 0 && !free.isEmpty() && rows.stream().noneMatch(Axis::isGrouped)) {
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
        if (along > 0 && !keepsOnes && operands.stream().allMatch(o -> o.packing() == 1)) {
            layBeside(isRowsFirst || keepsOutermost);
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

    /** What lies on partitions. */
    Axis rows() {
        return partitions;
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
     *
     * @param isFixed true if others have these rows on partitions
     */
    private void layBeside(boolean isFixed) {
        long elements = RowTransfers.elements(free);
        if (elements == 0
                || elements >= LONG_INSTRUCTION
                || rowsAndPartitions().stream().anyMatch(Axis::isGrouped)) {
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
        var blocks = Blocks.of(b.partitions, b.loops, maxPartitions);
        var moved = IntStream.range(0, operands.size())
                .filter(k -> !b.row.isEmpty() || !operands.get(k).source().isIntermediate())
                .toArray();
        double transfers = Arrays.stream(moved)
                .filter(k -> elements(k, row) > 1 || b.partitions.strides()[k] != 1)
                .mapToDouble(k -> transferSeconds(k, blocks, row))
                .sum();
        double waits = target.dma().fixedOverheadSeconds()
                * (transfersInTurn(Arrays.stream(moved).filter(k -> k < inputs))
                        + transfersInTurn(Arrays.stream(moved).filter(k -> k >= inputs)));
        return engineSeconds(blocks, row) + transfers + waits;
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
                && rows.stream().limit(rows.size() - 1L).mapToLong(Axis::size).reduce(1, (a, b) -> a * b)
                        >= (computes() ? FEWEST_ROWS : FEWEST_COPIED_ROWS)) {
            free.add(rows.removeLast().with(free.removeLast()));
        }
        while (!computes() && !rows.isEmpty() && rows.getLast().continues(free.getLast()) && keepsEnginesWaiting()) {
            free.add(rows.removeLast().with(free.removeLast()));
        }
        while (computes()
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
                && (computes() || free.getLast().size() < LONG_INSTRUCTION)
                && rows.size() == before
                && whole.size() == 1
                && isFoldable(whole.getLast(), free.getLast())) {
            rows.clear();
            free.set(free.size() - 1, whole.getLast());
        }
    }

    /** A run too short for a transfer has those behind it in the result beside it, where an operand repeats itself, if rows enough remain. */
    private void putBeside() {
        if (!computes() || rows.size() < 2 || !isShort(free.getLast())) {
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

    /** True if so few rows have their own DMA engines busy for longer than all take to load and to store what may be on chip now. */
    private boolean keepsEnginesWaiting() {
        long count = rows.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
        double bytes = (double) count
                * free.getLast().size()
                * operands.stream().mapToLong(RowOperand::bytes).max().orElse(1);
        var dma = target.dma();
        double engines = Math.min(dma.enginesPerCore(), Math.ceilDiv(count, dma.partitionsPerEngine()));
        double asTheyAre = bytes / engines / dma.bytesPerSecondPerEngine();
        return asTheyAre > 2 * (bytes / dma.bytesPerSecondPerCore() + dma.fixedOverheadSeconds());
    }

    private boolean computes() {
        return operations > 0;
    }

    /** True if all that is read and written may be on chip, row by row as other regions have it. */
    private boolean mayStay() {
        return computes() && operands.stream().allMatch(o -> o.source().isIntermediate());
    }

    /** True if fewer and longer rows, which may stay on chip, take less time than those that there are, which come and go. */
    private boolean isSoonerLonger() {
        var outer = rows.subList(0, rows.size() - 1);
        var longer = new ArrayList<>(free.subList(0, free.size() - 1));
        longer.add(rows.getLast().with(free.getLast()));
        long lanes = outer.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
        return lanes >= FEWEST_LANES
                && engineSeconds(outer, longer) + (mayStay() ? 0 : transferSeconds(outer, longer))
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

    /** What lies on partitions, and how often a block of it is computed. */
    private record Blocks(long lanes, long count) {
        /** With the longest dimension on partitions. */
        static Blocks of(List<Axis> rows, int maxPartitions) {
            var loops = new ArrayList<>(rows);
            var longest = rows.stream().max(Comparator.comparingLong(Axis::size));
            longest.ifPresent(loops::remove);
            return of(longest.orElse(new Axis(1, new long[0])), loops, maxPartitions);
        }

        static Blocks of(Axis partitions, List<Axis> loops, int maxPartitions) {
            long others = loops.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
            return new Blocks(
                    Math.min(partitions.size(), maxPartitions),
                    others * Math.ceilDiv(partitions.size(), maxPartitions));
        }
    }

    private double engineSeconds(List<Axis> rows, List<Axis> free) {
        return engineSeconds(Blocks.of(rows, maxPartitions), free);
    }

    private double transferSeconds(List<Axis> rows, List<Axis> free) {
        return transferSeconds(Blocks.of(rows, maxPartitions), free);
    }

    /** While VectorE and ScalarE are busy. */
    private double engineSeconds(Blocks blocks, List<Axis> free) {
        var vector = target.vector();
        double cycles = RowTransfers.elements(free) + vector.minIssueIntervalCycles();
        return blocks.count * operations * cycles / ENGINES / vector.clockHz();
    }

    /** While all operands are loaded and stored, and while they wait for each other. */
    private double transferSeconds(Blocks blocks, List<Axis> free) {
        return IntStream.range(0, operands.size())
                        .mapToDouble(k -> transferSeconds(k, blocks, free))
                        .sum()
                + TRANSFERS_IN_TURN * target.dma().fixedOverheadSeconds();
    }

    /** True if the DMA engines that serve the rows' partitions load the first input for longer than it takes to begin. */
    boolean isLoadedSlowly() {
        return transferSeconds(0, Blocks.of(partitions, rows, maxPartitions), free)
                > 2 * target.dma().fixedOverheadSeconds();
    }

    private double transferSeconds(int operand, Blocks blocks, List<Axis> free) {
        var dma = target.dma();
        double engines = Math.min(dma.enginesPerCore(), Math.ceilDiv(blocks.lanes, dma.partitionsPerEngine()));
        long run = run(operand, free);
        double bytes = (double) run * operands.get(operand).bytes();
        double each = Math.max(dma.minTimePerDescriptorSeconds(), bytes / dma.bytesPerSecondPerEngine());
        return (double) blocks.count * blocks.lanes * elements(operand, free) / run * each / engines;
    }

    /** Elements that are loaded of an operand for each row: what repeats itself once. */
    private static long elements(int operand, List<Axis> free) {
        return RowTransfers.elements(
                free.stream().filter(a -> a.strides()[operand] != 0).toList());
    }

    /** Elements of them that are moved as one run: neighbours, and of what is loaded those with little between them. */
    private long run(int operand, List<Axis> free) {
        long run = 1;
        long next = 0;
        for (var axis : free.reversed()) {
            long stride = axis.strides()[operand];
            boolean isFirst = next == 0 && stride != 0;
            boolean isApart = Math.abs(stride) * operands.get(operand).bytes() >= Runs.shortBytes(target);
            if (isFirst && stride != 1 && (operand >= inputs || isApart) || !isFirst && stride != 0 && stride != next) {
                return run;
            }
            if (stride != 0) {
                run *= axis.size();
                next = stride * axis.size();
            }
        }
        return run;
    }

    /** True for runs that are no length for a transfer; if all may stay on chip, row by row as other regions have them, for an instruction. */
    private boolean isShort(Axis run) {
        long bytes = operands.stream().mapToLong(RowOperand::bytes).min().orElse(1);
        return mayStay() ? run.size() < LONG_INSTRUCTION : run.size() * bytes < Runs.LEAST_BYTES;
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
        boolean mayBeShort = rows.isEmpty() || computes() && beside < FEWEST_LANES;
        long shortest = mayBeShort ? SHORTEST_ROW : LONGEST_BLOCK;
        int packing = operands.stream().mapToInt(RowOperand::packing).max().orElse(1);
        LongStream.rangeClosed(2 * beside, Math.min(maxPartitions, run.size() / shortest))
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
        if (!computes()) {
            return transferSeconds(rows, free) - transferSeconds(folded, row)
                    > target.dma().fixedOverheadSeconds() / 4;
        }
        double saved = engineSeconds(rows, free) - engineSeconds(folded, row);
        boolean resultsMayStay = operands.subList(inputs, operands.size()).stream()
                .allMatch(o -> o.source().isIntermediate());
        return mayStay()
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

    /**
     * Rows that an operand has once for each of a group of neighbours (a scale for each block of weights) are merged where the groups are
     * quadrants of the partitions: each group is loaded by itself.
     */
    private void mergeRepeated() {
        if (rows.stream().anyMatch(a -> a.size() >= maxPartitions)) {
            return;
        }
        for (int i = rows.size() - 2; i >= 0; i--) {
            var outer = rows.get(i);
            var inner = rows.get(i + 1);
            var repeats = new long[operands.size()];
            var strides = new long[operands.size()];
            long most = rows.stream().mapToLong(Axis::size).max().orElseThrow();
            boolean possible = inner.size() % SMALLEST_GROUP == 0
                    && maxPartitions % inner.size() == 0
                    && outer.size() * inner.size() > most
                    && !outer.isGrouped();
            for (int k = 0; k < strides.length; k++) {
                boolean isRepeated = k < inputs && inner.strides()[k] == 0 && outer.strides()[k] != 0;
                possible &= isRepeated || outer.strides()[k] == inner.strides()[k] * inner.size();
                repeats[k] = isRepeated ? inner.size() : 1;
                strides[k] = isRepeated ? outer.strides()[k] : inner.strides()[k];
            }
            if (possible) {
                rows.set(i, new Axis(outer.size() * inner.size(), strides, repeats));
                rows.remove(i + 1);
                return;
            }
        }
    }
}
