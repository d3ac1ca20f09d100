package dev.systole.passes.tiling;

import dev.systole.ir.target.Target;
import java.util.List;
import java.util.stream.IntStream;

/**
 * About how long a region of rows takes, by what lies on partitions and along them.
 *
 * @param operands inputs first
 * @param operations that compute with a row; none for what is only copied
 */
record RowSeconds(List<RowOperand> operands, int inputs, int operations, Target target) {
    /** VectorE and ScalarE share what is computed. */
    private static final int ENGINES = 2;

    /** What is not on chip is stored by one region, loaded by this one, stored again, and loaded by the next one. */
    private static final int TRANSFERS_IN_TURN = 4;

    /** Part of SBUF that a value may take whose few rows stay there. */
    private static final int LONGEST_STAYING = 4;

    boolean computes() {
        return operations > 0;
    }

    /** True if all that is read and written may be on chip, row by row as other regions have it. */
    boolean mayStay() {
        return computes() && operands.stream().allMatch(o -> o.source().isIntermediate());
    }

    /** True for an intermediate value that may be on chip: its rows are one even dimension, of which parts begin where the machine addresses. */
    boolean stays(int operand, JoinedRows rows) {
        if (!operands.get(operand).source().isIntermediate() || rows.lanes().isApart(operand)) {
            return false;
        }
        long step = Math.abs(rows.lanes().axes().getLast().strides()[operand]);
        long bytes = step * operands.get(operand).bytes();
        return step != 0
                && bytes <= target.memory().sbufBytesPerPartition() / LONGEST_STAYING
                && rows.loops().stream()
                        .mapToLong(a -> Math.abs(a.strides()[operand]))
                        .allMatch(s -> s < step || s % (step * target.memory().quadrantPartitions()) == 0);
    }

    /** What is computed, and what is moved because it does not stay on chip. */
    double of(JoinedRows rows, List<Axis> free) {
        var blocks = rows.blocks(target.memory().partitions());
        double seconds = engines(blocks, free);
        for (int k = 0; k < operands.size(); k++) {
            if (!stays(k, rows)) {
                boolean isIntermediate = operands.get(k).source().isIntermediate();
                seconds += transfer(k, blocks, free) * (isIntermediate ? 2 : 1);
                seconds += isIntermediate ? 2 * target.dma().fixedOverheadSeconds() : 0;
            }
        }
        return seconds;
    }

    /** While VectorE and ScalarE are busy. */
    double engines(JoinedRows.Blocks blocks, List<Axis> free) {
        var vector = target.vector();
        double cycles = RowTransfers.elements(free) + vector.minIssueIntervalCycles();
        return blocks.count() * operations * cycles / ENGINES / vector.clockHz();
    }

    /** While all operands are loaded and stored, and while they wait for each other. */
    double transfers(JoinedRows.Blocks blocks, List<Axis> free) {
        return IntStream.range(0, operands.size())
                        .mapToDouble(k -> transfer(k, blocks, free))
                        .sum()
                + TRANSFERS_IN_TURN * target.dma().fixedOverheadSeconds();
    }

    /** While one operand is loaded or stored. */
    double transfer(int operand, JoinedRows.Blocks blocks, List<Axis> free) {
        var dma = target.dma();
        double engines = Math.min(dma.enginesPerCore(), Math.ceilDiv(blocks.lanes(), dma.partitionsPerEngine()));
        long run = run(operand, free);
        double bytes = (double) run * operands.get(operand).bytes();
        double each = Math.max(dma.minTimePerDescriptorSeconds(), bytes / dma.bytesPerSecondPerEngine());
        return (double) blocks.count() * blocks.lanes() * elements(operand, free) / run * each / engines;
    }

    /** True if so few rows have their own DMA engines busy for longer than all take to load and to store what may be on chip now. */
    boolean keepsEnginesWaiting(List<Axis> rows, List<Axis> free) {
        long count = rows.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
        double bytes = (double) count
                * free.getLast().size()
                * operands.stream().mapToLong(RowOperand::bytes).max().orElse(1);
        var dma = target.dma();
        double engines = Math.min(dma.enginesPerCore(), Math.ceilDiv(count, dma.partitionsPerEngine()));
        double asTheyAre = bytes / engines / dma.bytesPerSecondPerEngine();
        return asTheyAre > 2 * (bytes / dma.bytesPerSecondPerCore() + dma.fixedOverheadSeconds());
    }

    /** Elements that are loaded of an operand for each row: what repeats itself once. */
    static long elements(int operand, List<Axis> free) {
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
}
