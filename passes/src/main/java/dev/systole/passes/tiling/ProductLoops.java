package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A matmul and its epilogue. The result's layout decides which operand is stationary: the rows of the result's tiles are the
 * stationary operand's columns. Blocks of at most 128 rows by the longest moving run; the contraction accumulates in PSUM in
 * blocks of 128; the epilogue reads PSUM.
 *
 * <p>An operand whose contracted dimension is innermost in memory is transposed by the DMA engines, where they can, or else on TensorE.
 */
final class ProductLoops {
    private final TileBuilder b;
    private final Target target;
    private final Graph body;
    private final Node product;
    private final Map<Value, Source> sources = new HashMap<>();
    private final int rank;
    private final int rowAxis;
    private final int columnAxis;
    private final Source stationary;
    private final Source moving;
    private final int stationaryK;
    private final int movingK;
    private final long depth;

    private ProductLoops(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        this.b = b;
        this.target = target;
        this.body = body;
        this.product = Expression.product(body).orElseThrow();
        for (int i = 0; i < in.size(); i++) {
            sources.put(body.inputs().get(i).value(), in.get(i));
        }
        for (int i = 0; i < out.size(); i++) {
            sources.put(body.outputs().get(i).value(), out.get(i));
        }
        rank = product.type().shape().rank();
        var result = out.getFirst();
        boolean swapped = result.stride(rank - 2) == 1 && result.stride(rank - 1) > 1;
        rowAxis = swapped ? rank - 1 : rank - 2;
        columnAxis = swapped ? rank - 2 : rank - 1;
        // The left operand has the result's rows (second to last dimension), the right one its columns.
        stationary = sources.get(product.input(swapped ? 1 : 0));
        moving = sources.get(product.input(swapped ? 0 : 1));
        stationaryK = swapped ? rank - 2 : rank - 1;
        movingK = swapped ? rank - 1 : rank - 2;
        depth = product.input(0).type().shape().dim(rank - 1);
    }

    /** Emits the loops of a region with these operands and results. */
    static void emit(TileBuilder b, Target target, Graph body, List<Source> in, List<Source> out) {
        if (out.getFirst().view().shape().elements() > 0) {
            var loops = new ProductLoops(b, target, body, in, out);
            loops.batches(0, new ArrayList<>());
        }
    }

    private void batches(int axis, List<Affine> starts) {
        if (axis < rank - 2) {
            b.blocks(product.type().shape().dim(axis), 1, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                batches(axis + 1, longer);
            });
            return;
        }
        if (depth == 0) {
            blocks(rowAxis, row -> blocks(columnAxis, column -> block(starts, row, column, (k, sum, at) -> {})));
            return;
        }
        panels(starts);
    }

    /** A run of a result's rows or columns. */
    private record Span(Affine start, long size) {}

    /** Blocks of columns that add up at once: half of PSUM, so that the next ones can begin. */
    private static final long MOST_SUMS = 4;

    /** Elements of a row that one transfer brings: 4 KiB of bf16. */
    private static final long LONGEST_PASSING = 2048;

    /** Bytes between elements up to which an instruction writes them at full rate. */
    private static final int FULL_RATE_STEP = 16;

    /** Bytes of a row that one transfer brings or stores. */
    private static final long LONGEST_TRANSFER = Runs.LEAST_BYTES;

    /** Stores from which on a long last one does not matter. */
    private static final int FEWEST_LONG_STORES = 64;

    /** Blocks of a single row or column from which on they are transposed together. */
    private static final long FEWEST_LINES = 4;

    /** Blocks of the contracted dimension that one transfer brings before they are transposed. */
    private static final int LONGEST_RUN = 16;

    private void blocks(int axis, java.util.function.Consumer<Span> each) {
        long block = axis == rowAxis ? rowBlock() : columnBlock();
        b.blocks(product.type().shape().dim(axis), block, (start, n) -> each.accept(new Span(start, n)));
    }

    private int rowBlock() {
        return target.tensor().maxStationaryFree();
    }

    private long columnBlock() {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    /**
     * A panel of one operand stays in SBUF, its contracted dimension on partitions, while all of the other one passes by in blocks. The
     * operand that stays is the one with which less is moved and transposed, the smaller one of equals.
     */
    private void panels(List<Affine> batch) {
        long rows = product.type().shape().dim(rowAxis);
        long columns = product.type().shape().dim(columnAxis);
        long passingRows = passing(stationary, stationaryK, rowAxis, rowBlock(), rows);
        long passingColumns = passing(moving, movingK, columnAxis, columnBlock(), columns);
        long panelOfRows = panel(stationary, rowBlock(), rows, bytes(moving, passingColumns));
        long panelOfColumns = panel(moving, columnBlock(), columns, bytes(stationary, passingRows));
        double left = work(stationary, stationaryK, rowAxis, rows);
        double right = work(moving, movingK, columnAxis, columns);
        if (panelOfRows == 0 && panelOfColumns == 0) {
            stream(batch);
            return;
        }
        double rowsStay = panelOfRows == 0 ? Double.POSITIVE_INFINITY : left + Math.ceilDiv(rows, panelOfRows) * right;
        double columnsStay =
                panelOfColumns == 0 ? Double.POSITIVE_INFINITY : right + Math.ceilDiv(columns, panelOfColumns) * left;
        boolean isSmaller = rows * stationary.buffer().dtype().bytes()
                <= columns * moving.buffer().dtype().bytes();
        var rowsSide = new Side(stationary, stationaryK, rowAxis, rows);
        var columnsSide = new Side(moving, movingK, columnAxis, columns);
        if (rowsStay < columnsStay || rowsStay == columnsStay && isSmaller) {
            passBy(batch, rowsSide, panelOfRows, columnsSide, passingColumns);
        } else {
            passBy(batch, columnsSide, panelOfColumns, rowsSide, passingRows);
        }
    }

    /** An operand and how it is contracted. */
    private record Side(Source source, int kAxis, int xAxis, long extent) {}

    /** Rows or columns of an operand, [k, x] for each block of the contracted dimension. */
    private record Panel(Span span, List<TileRef> tiles) {}

    private Panel panel(Side side, List<Affine> batch, Affine start, long size) {
        return new Panel(new Span(start, size), panel(side.source, batch, side.kAxis, side.xAxis, start, size));
    }

    private void passBy(List<Affine> batch, Side stays, long panel, Side passes, long passing) {
        long room = target.memory().sbufBytesPerPartition() * 9 / 10 - bytes(stays.source, panel);
        long kept = Math.min(room / bytes(passes.source, passing), passes.extent / passing / 2);
        if (panel < stays.extent && kept > 0) {
            toAndFro(batch, stays, panel, passes, passing, kept * passing);
            return;
        }
        b.blocks(stays.extent, panel, (start, n) -> {
            var resident = panel(stays, batch, start, n);
            if (stays.xAxis == rowAxis && n <= rowBlock()) {
                wide(batch, resident.span, resident.tiles);
                return;
            }
            b.blocks(
                    passes.extent,
                    passing,
                    (first, width) -> multiply(batch, resident, panel(passes, batch, first, width), stays.xAxis));
        });
    }

    /**
     * What passed by last is there for the next panel, so that every other panel begins at the other end. The panel that stays comes group by
     * group, each multiplied with what is there before the next one, and so it gives way to the next panel.
     *
     * @param kept elements of what passes by
     */
    private void toAndFro(List<Affine> batch, Side stays, long panel, Side passes, long passing, long kept) {
        var before = List.of(panel(passes, batch, Affine.ZERO, passing));
        for (long start = 0; start < stays.extent; start += panel) {
            long n = Math.min(panel, stays.extent - start);
            boolean isForth = start / panel % 2 == 0;
            boolean isLast = start + n == stays.extent;
            long first = start == 0 ? passing : isForth || !isLast ? kept : 0;
            long end = passes.extent - (isForth && !isLast || !isForth ? kept : 0);
            var resident = new ArrayList<Panel>();
            for (long at = 0; at < n; at += columnBlock()) {
                var group = panel(stays, batch, Affine.of(start + at), Math.min(columnBlock(), n - at));
                before.forEach(p -> multiply(batch, group, p, stays.xAxis));
                resident.add(group);
            }
            b.blocks(end - first, passing, (offset, width) -> {
                var passed = panel(passes, batch, offset.plus(first), width);
                resident.forEach(group -> multiply(batch, group, passed, stays.xAxis));
            });
            if (!isLast) {
                var last = new ArrayList<Panel>();
                long from = isForth ? end : 0;
                for (long at = from; at < from + kept; at += passing) {
                    last.add(panel(passes, batch, Affine.of(at), passing));
                }
                resident.forEach(group -> last.forEach(p -> multiply(batch, group, p, stays.xAxis)));
                before = last;
            }
        }
    }

    private void multiply(List<Affine> batch, Panel stays, Panel passes, int stayingAxis) {
        if (stayingAxis == rowAxis) {
            b.blocks(
                    passes.span.size,
                    storedColumns(),
                    (column, width) -> b.blocks(
                            stays.span.size,
                            rowBlock(),
                            (row, height) -> multiply(batch, stays, row, height, passes, column, width)));
        } else {
            b.blocks(
                    passes.span.size,
                    rowBlock(),
                    (row, height) -> b.blocks(
                            stays.span.size,
                            storedColumns(),
                            (column, width) -> multiply(batch, passes, row, height, stays, column, width)));
        }
    }

    private void multiply(
            List<Affine> batch, Panel rows, Affine row, long height, Panel columns, Affine column, long width) {
        block(
                batch,
                new Span(rows.span.start.plus(row), height),
                new Span(columns.span.start.plus(column), width),
                (k, sum, inside) -> b.matMul(
                        sum,
                        part(rows.tiles.get(k), row, height),
                        part(columns.tiles.get(k), column.plus(inside), sum.free()),
                        Affine.of(k)));
    }

    /**
     * Rows or columns that pass by at once: as many as make long transfers, where a part of SBUF holds them twice. Of what is loaded along the
     * contracted dimension and then turned, as few as make whole loads, so that the array need not wait for many transposes.
     */
    private long passing(Source s, int kAxis, int xAxis, long block, long extent) {
        if (isTurned(s, kAxis, xAxis, extent)) {
            long load = (long) rowsTogether(s, xAxis) * turnedRows();
            return Math.min(extent, Math.ceilDiv(load, block) * block);
        }
        long budget = target.memory().sbufBytesPerPartition() / 5;
        long bytes = Math.ceilDiv(depth, depthBlock()) * s.buffer().dtype().bytes();
        long longest = xAxis == columnAxis ? Math.max(LONGEST_PASSING, storedColumns()) : LONGEST_PASSING;
        return Math.min(extent, block * Math.clamp(budget / bytes / block, 1, longest / block));
    }

    /** One block of rows: several blocks of columns add up at once, so that each transfer brings long runs. */
    private void wide(List<Affine> batch, Span row, List<TileRef> resident) {
        long columns = product.type().shape().dim(columnAxis);
        b.blocks(columns, Math.min(columns, MOST_SUMS * columnBlock()), (first, width) -> {
            b.at(product.location());
            var sums = new ArrayList<TileRef>();
            for (long c = 0; c < width; c += columnBlock()) {
                sums.add(TileRef.of(b.psum(DType.F32, (int) row.size, Math.min(columnBlock(), width - c))));
            }
            for (int k = 0; k < resident.size(); k++) {
                var at = Affine.of((long) k * depthBlock());
                var passing = operand(
                        moving, batch, movingK, columnAxis, at, resident.get(k).partitions(), first, width);
                for (int c = 0; c < sums.size(); c++) {
                    var sum = sums.get(c);
                    b.matMul(
                            sum,
                            resident.get(k),
                            part(passing, Affine.of(c * columnBlock()), sum.free()),
                            Affine.of(k));
                }
            }
            for (int c = 0; c < sums.size(); c += storedBlocks()) {
                int end = Math.min(sums.size(), c + storedBlocks());
                long size = Math.min(storedColumns(), width - c * columnBlock());
                finish(batch, row, new Span(first.plus(c * columnBlock()), size), sums.subList(c, end)::get);
            }
        });
    }

    private static TileRef part(TileRef panel, Affine start, long size) {
        return TileRef.of(panel.tile(), panel.partitions(), start, size);
    }

    /** Of all that is contracted with so many rows or columns, in a partition. */
    private long bytes(Source s, long extent) {
        return Math.ceilDiv(depth, depthBlock()) * s.buffer().dtype().bytes() * extent;
    }

    /**
     * Elements of a panel, in whole blocks; 0 if SBUF does not hold one. Two fifths of SBUF leave room to run ahead. Two thirds do, if the
     * operand fits as a whole, or passes by fewer times and what passes by fits twice beside it.
     *
     * @param passing bytes of a partition that pass by at once
     */
    private long panel(Source s, long block, long extent, long passing) {
        long sbuf = target.memory().sbufBytesPerPartition();
        long blocks = Math.ceilDiv(extent, block);
        long few = Math.min(blocks, sbuf * 2 / 5 / bytes(s, block));
        long many = Math.min(blocks, sbuf * 2 / 3 / bytes(s, block));
        if (many == blocks) {
            return many * block;
        }
        long even = many == 0 ? 0 : Math.ceilDiv(blocks, Math.ceilDiv(blocks, many));
        boolean isFewerTimes = few > 0 && even > 0 && Math.ceilDiv(blocks, even) < Math.ceilDiv(blocks, few);
        return (isFewerTimes && bytes(s, even * block) + 2 * passing <= sbuf * 9 / 10 ? even : few) * block;
    }

    /** Rows that one transpose takes. */
    private int turnedRows() {
        return Math.min(target.memory().partitions(), target.tensor().maxContractionRows());
    }

    private int depthBlock() {
        return target.tensor().maxContractionRows();
    }

    /** Bytes to move, those to be transposed counted four times. */
    private double work(Source s, int kAxis, int xAxis, long extent) {
        double bytes = (double) extent * depth * s.buffer().dtype().bytes();
        return isTurned(s, kAxis, xAxis, extent) ? 4 * bytes : bytes;
    }

    private boolean needsTranspose(Source s, int kAxis, int xAxis) {
        return s.stride(xAxis) > 1 && s.stride(kAxis) == 1 && depth > 1;
    }

    /** True if so many rows are transposed behind their load. */
    private boolean isTurned(Source s, int kAxis, int xAxis, long extent) {
        return needsTranspose(s, kAxis, xAxis) && !Transposition.isOnTheWay(target, s, extent);
    }

    /** [k, x] for each block of the contracted dimension. */
    private List<TileRef> panel(Source s, List<Affine> batch, int kAxis, int xAxis, Affine x, long xn) {
        b.at(product.location());
        if (xn == 1
                && s.stride(kAxis) == 1
                && depth >= FEWEST_LINES * depthBlock()
                && Transposition.supports(s.buffer().dtype())) {
            return line(s, batch, kAxis, xAxis, x);
        }
        var tiles = new ArrayList<TileRef>();
        boolean turned = isTurned(s, kAxis, xAxis, xn);
        for (long k = 0; k < depth; k += depthBlock()) {
            int kn = (int) Math.min(depthBlock(), depth - k);
            tiles.add(
                    turned
                            ? TileRef.of(b.sbuf(s.buffer().dtype(), kn, xn))
                            : operand(s, batch, kAxis, xAxis, Affine.of(k), kn, x, xn));
        }
        if (turned) {
            turn(s, batch, kAxis, xAxis, x, xn, tiles);
        }
        return tiles;
    }

    /** A single row or column is loaded block by block to partitions, and all blocks are transposed together. */
    private List<TileRef> line(Source s, List<Affine> batch, int kAxis, int xAxis, Affine x) {
        var origin = batchOrigin(s, batch).plus(x.times(s.stride(xAxis)));
        var tiles = new ArrayList<TileRef>();
        long whole = depth / depthBlock();
        for (long first = 0; first < whole; first += turnedRows()) {
            int count = (int) Math.min(turnedRows(), whole - first);
            var rows = TileRef.of(b.sbuf(s.buffer().dtype(), count, depthBlock()));
            var dims = List.of(new Dim(depthBlock(), count), new Dim(1, depthBlock()));
            b.load(rows, new BufferRef(s.buffer(), origin.plus(first * depthBlock()), dims));
            var turned = TileRef.of(b.sbuf(s.buffer().dtype(), depthBlock(), count));
            Transposition.emit(b, target, s, rows, turned);
            for (long i = 0; i < count; i++) {
                tiles.add(part(turned, Affine.of(i), 1));
            }
        }
        if (depth % depthBlock() > 0) {
            long at = whole * depthBlock();
            tiles.add(operand(s, batch, kAxis, xAxis, Affine.of(at), (int) (depth - at), x, 1));
        }
        return tiles;
    }

    /** Rows that run along the contracted dimension are loaded in long runs and transposed block by block. */
    private void turn(Source s, List<Affine> batch, int kAxis, int xAxis, Affine x, long xn, List<TileRef> tiles) {
        var origin = batchOrigin(s, batch).plus(x.times(s.stride(xAxis)));
        int partitions = turnedRows();
        int together = rowsTogether(s, xAxis);
        b.blocks(xn, (long) together * partitions, (start, n) -> {
            if (n == (long) together * partitions) {
                turn(s, origin, kAxis, xAxis, new Span(start, n), together, tiles);
            } else {
                b.blocks(
                        n,
                        partitions,
                        (rest, m) -> turn(s, origin, kAxis, xAxis, new Span(start.plus(rest), m), 1, tiles));
            }
        });
    }

    /**
     * Short rows that one partition is loaded with, if they lie one behind the other: as many as make a long run, and as a copy from PSUM
     * can write apart at full rate. What another region makes is loaded row by row, as it may stay in SBUF.
     */
    private int rowsTogether(Source s, int xAxis) {
        int bytes = s.buffer().dtype().bytes();
        boolean lies = s.stride(xAxis) == depth && !(s.buffer().role() instanceof Buffer.Role.Scratch);
        return lies ? (int) Math.clamp(LONGEST_TRANSFER / (depth * bytes), 1, FULL_RATE_STEP / bytes) : 1;
    }

    /** @param together rows that lie on a partition */
    private void turn(Source s, Affine origin, int kAxis, int xAxis, Span x, int together, List<TileRef> tiles) {
        int partitions = (int) (x.size / together);
        long run = (long) LONGEST_RUN * depthBlock();
        for (long first = 0; first < depth; first += run) {
            long length = Math.min(run, depth - first);
            var rows = b.sbuf(s.buffer().dtype(), partitions, together * length);
            b.load(
                    TileRef.of(rows),
                    new BufferRef(
                            s.buffer(),
                            origin.plus(x.start.times(s.stride(xAxis))).plus(first * s.stride(kAxis)),
                            List.of(
                                    new Dim(together * s.stride(xAxis), partitions),
                                    new Dim(s.stride(kAxis), together * length))));
            for (int row = 0; row < together; row++) {
                for (long k = first; k < first + length; k += depthBlock()) {
                    var tile = tiles.get((int) (k / depthBlock()));
                    Transposition.emit(
                            b,
                            target,
                            s,
                            TileRef.of(rows, partitions, Affine.of(row * length + k - first), tile.partitions()),
                            new TileRef(
                                    tile.tile(),
                                    0,
                                    tile.partitions(),
                                    x.start.plus(row),
                                    List.of(new Dim(together, partitions))));
                }
            }
        }
    }

    /** Both operands block by block, where no panel fits. */
    private void stream(List<Affine> batch) {
        blocks(
                columnAxis,
                column -> blocks(
                        rowAxis,
                        row -> block(batch, row, column, (k, sum, inside) -> {
                            var at = Affine.of((long) k * depthBlock());
                            int kn = (int) Math.min(depthBlock(), depth - (long) k * depthBlock());
                            b.matMul(
                                    sum,
                                    operand(stationary, batch, stationaryK, rowAxis, at, kn, row.start, row.size),
                                    operand(moving, batch, movingK, columnAxis, at, kn, column.start, column.size),
                                    Affine.of(k));
                        })));
    }

    /** Blocks of columns that one transfer stores: as many as make long runs, if there are many transfers. */
    private int storedBlocks() {
        long blockBytes = columnBlock() * product.type().dtype().carrier().bytes();
        long bytes = product.type().shape().elements()
                * product.type().dtype().carrier().bytes();
        long run = Runs.longestBytes(target);
        boolean many = bytes / (run * rowBlock()) >= FEWEST_LONG_STORES;
        return (int) Math.max(1, (many ? run : LONGEST_TRANSFER) / blockBytes);
    }

    private long storedColumns() {
        return storedBlocks() * columnBlock();
    }

    /** Adds the products of one block of the contracted dimension to a sum of the columns from {@code column} on. */
    private interface Accumulation {
        void add(int k, TileRef sum, long column);
    }

    /** Rows of {@code column}, which may be several blocks of columns. */
    private void block(List<Affine> batch, Span row, Span column, Accumulation accumulation) {
        b.at(product.location());
        int rows = (int) row.size;
        finish(batch, row, column, c -> {
            long start = c * columnBlock();
            b.at(product.location());
            var sum = TileRef.of(b.psum(DType.F32, rows, Math.min(columnBlock(), column.size - start)));
            if (depth == 0) {
                b.fill(sum, 0);
            }
            for (int k = 0; k < Math.ceilDiv(depth, depthBlock()); k++) {
                accumulation.add(k, sum, start);
            }
            return sum;
        });
    }

    /** What follows on sums, one for each block of columns, and the stores of all of them together. */
    private void finish(List<Affine> batch, Span row, Span column, IntFunction<TileRef> sums) {
        int rows = (int) row.size;
        var results = new HashMap<Value, TileRef>();
        if (column.size > columnBlock()) {
            body.outputs().forEach(o -> results.put(o.value(), result(o.value(), rows, column.size)));
        }
        for (int c = 0; c * columnBlock() < column.size; c++) {
            var sum = sums.apply(c);
            var at = Affine.of(c * columnBlock());
            var places = new HashMap<Value, TileRef>();
            results.forEach((v, whole) -> places.put(v, part(whole, at, sum.free())));
            var e = follow(batch, row, new Span(column.start.plus(at), sum.free()), sum, places);
            for (var o : body.outputs()) {
                var from = e.stored(o.value(), false);
                var to = Optional.ofNullable(places.get(o.value()))
                        .orElseGet(() -> from.tile().psum() ? result(o.value(), rows, column.size) : from);
                if (!to.equals(from)) {
                    b.copy(to, from);
                }
                results.putIfAbsent(o.value(), to);
            }
        }
        for (var o : body.outputs()) {
            var to = sources.get(o.value());
            b.store(
                    new BufferRef(
                            to.buffer(),
                            origin(to, batch, row.start, column.start),
                            List.of(new Dim(to.stride(rowAxis), rows), new Dim(to.stride(columnAxis), column.size))),
                    results.get(o.value()));
        }
    }

    private TileRef result(Value v, int rows, long columns) {
        return TileRef.of(b.sbuf(v.type().dtype().carrier(), rows, columns));
    }

    /** What follows on the sum of one block of columns, in its places where it has some. */
    private Expression follow(List<Affine> batch, Span row, Span column, TileRef sum, Map<Value, TileRef> places) {
        int rows = (int) row.size;
        var e = new Expression(b, rows, List.of(new Dim(1, column.size)));
        places.forEach(e::place);
        e.define(product.output(), isTakenAsComputed() ? sum : rounded(sum, places));
        body.nodes().stream().filter(this::isTakenAsComputed).forEach(n -> e.unrounded(n.output()));
        for (var node : body.nodes()) {
            if (node == product) {
                continue;
            }
            for (var v : node.inputs()) {
                if (!e.isDefined(v)) {
                    e.define(v, epilogueOperand(sources.get(v), batch, row.start, rows, column.start, column.size));
                }
            }
            e.evaluate(node, false);
        }
        return e;
    }

    /** True if only operations that give 16 bits themselves read a product of 16 bits: rounding it, too, would cost a copy. */
    private boolean isTakenAsComputed() {
        var readers = body.nodes().stream()
                .filter(n -> n.inputs().contains(product.output()))
                .toList();
        return is16Bit(product)
                && body.outputs().stream().noneMatch(o -> o.value().equals(product.output()))
                && readers.stream().allMatch(n -> n.op().isElementwise() && !(n.op() instanceof Op.Cast) && is16Bit(n));
    }

    /** True for what a function of ScalarE computes along: a sum or a product with one number a row, which nothing else reads. */
    private boolean isTakenAsComputed(Node node) {
        var readers = body.nodes().stream()
                .filter(n -> n.inputs().contains(node.output()))
                .toList();
        return node.op() instanceof Op.Binary
                && is16Bit(node)
                && body.outputs().stream().noneMatch(o -> o.value().equals(node.output()))
                && node.inputs().stream()
                        .anyMatch(v -> sources.containsKey(v) && sources.get(v).stride(columnAxis) == 0)
                && readers.size() == 1
                && readers.getFirst().op() instanceof Op.Unary
                && is16Bit(readers.getFirst());
    }

    private static boolean is16Bit(Node node) {
        return node.type().dtype() == DType.BF16 || node.type().dtype() == DType.F16;
    }

    /** The sum as the product's type holds it. */
    private TileRef rounded(TileRef sum, Map<Value, TileRef> places) {
        var dtype = product.type().dtype().carrier();
        if (dtype == DType.F32) {
            return sum;
        }
        var to = places.containsKey(product.output())
                ? places.get(product.output())
                : TileRef.of(b.sbuf(dtype, sum.partitions(), sum.free()));
        b.copy(to, sum);
        return to;
    }

    private Affine origin(Source s, List<Affine> batch, Affine row, Affine column) {
        return batchOrigin(s, batch).plus(row.times(s.stride(rowAxis))).plus(column.times(s.stride(columnAxis)));
    }

    private static Affine batchOrigin(Source s, List<Affine> batch) {
        var at = Affine.of(s.view().offset());
        for (int i = 0; i < batch.size(); i++) {
            at = at.plus(batch.get(i).times(s.stride(i)));
        }
        return at;
    }

    /** [kn, xn] of an operand with its contracted dimension on partitions. */
    private TileRef operand(Source s, List<Affine> batch, int kAxis, int xAxis, Affine k, int kn, Affine x, long xn) {
        var origin = batchOrigin(s, batch).plus(k.times(s.stride(kAxis))).plus(x.times(s.stride(xAxis)));
        var dtype = s.buffer().dtype();
        var tile = b.sbuf(dtype, kn, xn);
        if (!needsTranspose(s, kAxis, xAxis) || kn == 1 || Transposition.isOnTheWay(target, s, xn)) {
            var dims = List.of(new Dim(s.stride(kAxis), kn), new Dim(s.stride(xAxis), xn));
            b.load(TileRef.of(tile), new BufferRef(s.buffer(), origin, dims));
            return TileRef.of(tile);
        }
        b.blocks(xn, turnedRows(), (start, n) -> {
            var rows = b.sbuf(dtype, (int) n, kn);
            b.load(
                    TileRef.of(rows),
                    new BufferRef(
                            s.buffer(),
                            origin.plus(start.times(s.stride(xAxis))),
                            List.of(new Dim(s.stride(xAxis), n), new Dim(1, kn))));
            Transposition.emit(b, target, s, TileRef.of(rows), TileRef.of(tile, kn, start, n));
        });
        return TileRef.of(tile);
    }

    private TileRef epilogueOperand(Source s, List<Affine> batch, Affine row, int rows, Affine column, long columns) {
        boolean isColumn = s.stride(columnAxis) == 0;
        // An instruction takes one number a partition in f32 only; transfers convert.
        var dtype = isColumn && s.buffer().dtype().isFloat()
                ? DType.F32
                : s.buffer().dtype();
        var tile = TileRef.of(b.sbuf(dtype, rows, isColumn ? 1 : columns));
        var dims = new ArrayList<Dim>();
        dims.add(new Dim(s.stride(rowAxis), rows));
        if (!isColumn) {
            dims.add(new Dim(s.stride(columnAxis), columns));
        }
        b.load(tile, new BufferRef(s.buffer(), origin(s, batch, row, column), dims));
        return tile;
    }
}
