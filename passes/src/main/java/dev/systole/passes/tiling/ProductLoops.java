package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A matmul and its epilogue: in which order blocks of the operands meet. The rows of the result's tiles are the stationary operand's columns.
 * A panel of one operand stays in SBUF, while all of the other one passes by; blocks of at most 128 rows by the longest moving run add up in
 * PSUM over blocks of 128 of the contracted dimension.
 */
final class ProductLoops {
    /** Blocks of columns that add up at once: half of PSUM, so that the next ones can begin. */
    private static final long MOST_SUMS = 4;

    /** Elements of a row that one transfer brings: 4 KiB of bf16. */
    private static final long LONGEST_PASSING = 2048;

    private final TileBuilder b;
    private final Target target;
    private final Node product;
    private final ProductResult result;
    private final ContractedOperand stationary;
    private final ContractedOperand moving;

    private ProductLoops(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        this.b = b;
        this.target = target;
        this.product = Expression.product(body).orElseThrow();
        var sources = new HashMap<Value, Source>();
        for (int i = 0; i < in.size(); i++) {
            sources.put(body.inputs().get(i).value(), in.get(i));
        }
        for (int i = 0; i < out.size(); i++) {
            sources.put(body.outputs().get(i).value(), out.get(i));
        }
        this.result = new ProductResult(b, target, body, sources);
        int rank = product.type().shape().rank();
        // The left operand has the result's second to last dimension, the right one its last.
        var left = new ContractedOperand(b, target, sources.get(product.input(0)), rank - 1, rank - 2);
        var right = new ContractedOperand(b, target, sources.get(product.input(1)), rank - 2, rank - 1);
        this.stationary = result.rowAxis() == left.xAxis() ? left : right;
        this.moving = result.rowAxis() == left.xAxis() ? right : left;
    }

    /** Emits the loops of a region with these operands and results. */
    static void emit(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        if (!out.getFirst().isEmpty()) {
            new ProductLoops(b, target, body, in, out).batches(new ArrayList<>());
        }
    }

    private void batches(List<Affine> starts) {
        var shape = product.type().shape();
        if (starts.size() < shape.rank() - 2) {
            b.blocks(shape.dim(starts.size()), 1, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                batches(longer);
            });
        } else if (stationary.depth() == 0) {
            rows(row -> columns(column -> result.block(starts, row, column, (sum, at) -> b.fill(sum, 0))));
        } else {
            panels(starts);
        }
    }

    private void rows(Consumer<Span> each) {
        b.blocks(stationary.extent(), result.rowBlock(), (start, n) -> each.accept(new Span(start, n)));
    }

    private void columns(Consumer<Span> each) {
        b.blocks(moving.extent(), result.columnBlock(), (start, n) -> each.accept(new Span(start, n)));
    }

    /**
     * A panel of one operand stays in SBUF, its contracted dimension on partitions, while all of the other one passes by in blocks. The
     * operand that stays is the one with which less is moved and transposed, the smaller one of equals.
     */
    private void panels(List<Affine> batch) {
        long passingRows = passing(stationary);
        long passingColumns = passing(moving);
        long panelOfRows = panel(stationary, moving.bytesPerPartition(passingColumns));
        long panelOfColumns = panel(moving, stationary.bytesPerPartition(passingRows));
        if (panelOfRows == 0 && panelOfColumns == 0) {
            stream(batch);
            return;
        }
        double rowsStay = work(stationary, panelOfRows, moving);
        double columnsStay = work(moving, panelOfColumns, stationary);
        boolean isSmaller = stationary.extent() * stationary.elementBytes() <= moving.extent() * moving.elementBytes();
        if (rowsStay < columnsStay || rowsStay == columnsStay && isSmaller) {
            passBy(batch, stationary, panelOfRows, moving, passingColumns);
        } else {
            passBy(batch, moving, panelOfColumns, stationary, passingRows);
        }
    }

    /** What is moved and transposed if one operand passes by each panel of the other one. */
    private static double work(ContractedOperand stays, long panel, ContractedOperand passes) {
        return panel == 0
                ? Double.POSITIVE_INFINITY
                : stays.work() + Math.ceilDiv(stays.extent(), panel) * passes.work();
    }

    private long block(ContractedOperand operand) {
        return operand == stationary ? result.rowBlock() : result.columnBlock();
    }

    /**
     * Elements of a panel, in whole blocks; 0 if SBUF does not hold one. Two fifths of SBUF leave room to run ahead. Two thirds do, if the
     * operand fits as a whole, or passes by fewer times and what passes by fits twice beside it.
     *
     * @param passing bytes of a partition that pass by at once
     */
    private long panel(ContractedOperand operand, long passing) {
        long sbuf = target.memory().sbufBytesPerPartition();
        long block = block(operand);
        long blocks = Math.ceilDiv(operand.extent(), block);
        long few = Math.min(blocks, sbuf * 2 / 5 / operand.bytesPerPartition(block));
        long many = Math.min(blocks, sbuf * 2 / 3 / operand.bytesPerPartition(block));
        if (many == blocks) {
            return many * block;
        }
        long even = many == 0 ? 0 : Math.ceilDiv(blocks, Math.ceilDiv(blocks, many));
        boolean isFewerTimes = few > 0 && even > 0 && Math.ceilDiv(blocks, even) < Math.ceilDiv(blocks, few);
        boolean fits = operand.bytesPerPartition(even * block) + 2 * passing <= sbuf * 9 / 10;
        return (isFewerTimes && fits ? even : few) * block;
    }

    /**
     * Rows or columns that pass by at once: as many as make long transfers, where a part of SBUF holds them twice. Of what is loaded along the
     * contracted dimension and then turned, as few as make whole loads, so that the array need not wait for many transposes.
     */
    private long passing(ContractedOperand operand) {
        long block = block(operand);
        if (operand.isTurned(operand.extent())) {
            return Math.min(operand.extent(), Math.ceilDiv(operand.rowsOfLoad(), block) * block);
        }
        long budget = target.memory().sbufBytesPerPartition() / 5;
        long longest = operand == moving ? Math.max(LONGEST_PASSING, result.storedColumns()) : LONGEST_PASSING;
        long blocks = Math.clamp(budget / operand.bytesPerPartition(1) / block, 1, longest / block);
        return Math.min(operand.extent(), block * blocks);
    }

    /** Rows or columns of an operand, [k, x] for each block of the contracted dimension; several blocks may share a tile. */
    private record Panel(Span span, List<TileRef> tiles) {
        /** Of a block of the contracted dimension, so many from one on. */
        TileRef part(int k, Affine first, long count) {
            var block = tiles.get(k);
            return TileRef.of(block.tile(), block.partitions(), block.offset().plus(first), count);
        }
    }

    private Panel panel(ContractedOperand operand, List<Affine> batch, Affine start, long size) {
        b.at(product.location());
        var span = new Span(start, size);
        return new Panel(span, operand.panel(batch, span));
    }

    private void passBy(
            List<Affine> batch, ContractedOperand stays, long panel, ContractedOperand passes, long passing) {
        long room = target.memory().sbufBytesPerPartition() * 9 / 10 - stays.bytesPerPartition(panel);
        long kept = Math.min(room / passes.bytesPerPartition(passing), passes.extent() / passing / 2);
        if (panel < stays.extent() && kept > 0) {
            toAndFro(batch, stays, panel, passes, passing, kept * passing);
            return;
        }
        b.blocks(stays.extent(), panel, (start, n) -> {
            var resident = panel(stays, batch, start, n);
            if (stays == stationary && n <= result.rowBlock()) {
                wide(batch, resident);
            } else {
                b.blocks(
                        passes.extent(),
                        passing,
                        (first, width) -> multiply(batch, stays, resident, panel(passes, batch, first, width)));
            }
        });
    }

    /**
     * What passed by last is there for the next panel, so that every other panel begins at the other end. The panel that stays comes group by
     * group, each multiplied with what is there before the next one, and so it gives way to the next panel.
     *
     * @param kept elements of what passes by
     */
    private void toAndFro(
            List<Affine> batch,
            ContractedOperand stays,
            long panel,
            ContractedOperand passes,
            long passing,
            long kept) {
        var before = List.of(panel(passes, batch, Affine.ZERO, passing));
        for (long start = 0; start < stays.extent(); start += panel) {
            long n = Math.min(panel, stays.extent() - start);
            boolean isForth = start / panel % 2 == 0;
            boolean isLast = start + n == stays.extent();
            long first = start == 0 ? passing : isForth || !isLast ? kept : 0;
            long end = passes.extent() - (isForth && !isLast || !isForth ? kept : 0);
            var resident = new ArrayList<Panel>();
            for (long at = 0; at < n; at += result.columnBlock()) {
                var group = panel(stays, batch, Affine.of(start + at), Math.min(result.columnBlock(), n - at));
                before.forEach(p -> multiply(batch, stays, group, p));
                resident.add(group);
            }
            b.blocks(end - first, passing, (offset, width) -> {
                var passed = panel(passes, batch, offset.plus(first), width);
                resident.forEach(group -> multiply(batch, stays, group, passed));
            });
            if (!isLast) {
                var last = new ArrayList<Panel>();
                long from = isForth ? end : 0;
                for (long at = from; at < from + kept; at += passing) {
                    last.add(panel(passes, batch, Affine.of(at), passing));
                }
                resident.forEach(group -> last.forEach(p -> multiply(batch, stays, group, p)));
                before = last;
            }
        }
    }

    /** Blocks of what passes by, each with all blocks of what stays. */
    private void multiply(List<Affine> batch, ContractedOperand stays, Panel staying, Panel passing) {
        if (stays == stationary) {
            b.blocks(
                    passing.span.size(),
                    result.storedColumns(),
                    (column, width) -> b.blocks(
                            staying.span.size(),
                            result.rowBlock(),
                            (row, height) -> multiply(batch, staying, row, height, passing, column, width)));
        } else {
            b.blocks(
                    passing.span.size(),
                    result.rowBlock(),
                    (row, height) -> b.blocks(
                            staying.span.size(),
                            result.storedColumns(),
                            (column, width) -> multiply(batch, passing, row, height, staying, column, width)));
        }
    }

    private void multiply(
            List<Affine> batch, Panel rows, Affine row, long height, Panel columns, Affine column, long width) {
        result.block(batch, rows.span.part(row, height), columns.span.part(column, width), (sum, inside) -> {
            for (int k = 0; k < stationary.depthBlocks(); k++) {
                b.matMul(
                        sum, rows.part(k, row, height), columns.part(k, column.plus(inside), sum.free()), Affine.of(k));
            }
        });
    }

    /**
     * One block of rows: several blocks of columns add up at once, so that each transfer brings long runs. Those of few rows have a tile of the
     * array each, which work at the same time.
     */
    private void wide(List<Affine> batch, Panel row) {
        int rows = (int) row.span.size();
        int pitch = target.tensor().columnTile(rows);
        long block = block(target.tensor().columns() / pitch);
        b.blocks(moving.extent(), Math.min(moving.extent(), MOST_SUMS * block), (first, width) -> {
            b.at(product.location());
            var columns = new Span(first, width);
            var sums = sums(rows, pitch, block, width);
            for (int k = 0; k < row.tiles.size(); k++) {
                var passing = moving.block(batch, k, columns);
                for (int c = 0; c < sums.size(); c++) {
                    var sum = sums.get(c);
                    b.matMul(
                            sum,
                            row.tiles.get(k),
                            TileRef.of(passing.tile(), passing.partitions(), Affine.of(c * block), sum.free()),
                            Affine.of(k));
                }
            }
            int together = (int) Math.max(1, result.storedColumns() / block);
            for (int c = 0; c < sums.size(); c += together) {
                int end = Math.min(sums.size(), c + together);
                long size = Math.min(together * block, width - c * block);
                result.finish(
                        batch, row.span, columns.part(Affine.of(c * block), size), block, sums.subList(c, end)::get);
            }
        });
    }

    /** Columns of a block, for up to so many tiles of the array, that take the least time to multiply and to take out of PSUM. */
    private long block(int tiles) {
        return IntStream.rangeClosed(1, tiles)
                .mapToObj(t -> Math.min(Math.ceilDiv(moving.extent(), t), result.columnBlock()))
                .min(Comparator.comparingDouble(block -> seconds(block, tiles)))
                .orElseThrow();
    }

    private double seconds(long block, int tiles) {
        var array = target.tensor();
        boolean isFp32 = product.input(0).type().dtype() == DType.F32;
        double passes = isFp32 ? array.fp32PassFactor() : 1;
        double cycles = passes
                * (Math.max(block, array.minIssueIntervalCycles()) + (isFp32 ? array.fp32PassOverheadCycles() : 0));
        long blocks = Math.ceilDiv(moving.extent(), block);
        var vector = target.vector();
        return Math.ceilDiv(blocks, tiles) * stationary.depthBlocks() * cycles / array.clockHz()
                + blocks * (block + vector.minIssueIntervalCycles()) / vector.clockHz();
    }

    /** Sums of so many rows, one for each block of columns, {@code pitch} partitions from one to the next in a bank of PSUM. */
    private List<TileRef> sums(int rows, int pitch, long block, long width) {
        int tiles = target.tensor().columns() / pitch;
        var sums = new ArrayList<TileRef>();
        for (long first = 0; first < width; first += tiles * block) {
            int count = (int) Math.min(tiles, Math.ceilDiv(width - first, block));
            var bank = b.psum(DType.F32, (count - 1) * pitch + rows, Math.min(block, width - first));
            for (int t = 0; t < count; t++) {
                long columns = Math.min(block, width - first - t * block);
                sums.add(new TileRef(bank, t * pitch, rows, Affine.ZERO, List.of(new Dim(1, columns))));
            }
        }
        return sums;
    }

    /** Both operands block by block, where no panel fits. */
    private void stream(List<Affine> batch) {
        columns(column -> rows(row -> result.block(batch, row, column, (sum, inside) -> {
            for (int k = 0; k < stationary.depthBlocks(); k++) {
                b.matMul(sum, stationary.block(batch, k, row), moving.block(batch, k, column), Affine.of(k));
            }
        })));
    }
}
