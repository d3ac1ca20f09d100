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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The result of a product [batch..., m, n], made in blocks: sums in PSUM, what follows on them, and stores of several blocks of columns. The
 * result's layout decides which of its two dimensions lies on partitions, as rows; the other one is the columns.
 */
final class ProductResult {
    /** Bytes of a row that one transfer stores. */
    private static final long LONGEST_TRANSFER = Runs.LEAST_BYTES;

    /** Stores from which on a long last one does not matter. */
    private static final int FEWEST_LONG_STORES = 64;

    private final TileBuilder b;
    private final Target target;
    private final Graph body;
    private final Node product;
    private final Map<Value, Source> sources;
    private final int rowAxis;
    private final int columnAxis;

    /** @param sources of what the region reads and writes, by the values in its body */
    ProductResult(TileBuilder b, Target target, Graph body, Map<Value, Source> sources) {
        this.b = b;
        this.target = target;
        this.body = body;
        this.product = Expression.product(body).orElseThrow();
        this.sources = sources;
        int rank = product.type().shape().rank();
        var first = sources.get(body.outputs().getFirst().value());
        boolean swapped = first.stride(rank - 1) > 1
                && (first.stride(rank - 2) == 1 || first.shape().dim(rank - 2) == 1);
        this.rowAxis = swapped ? rank - 1 : rank - 2;
        this.columnAxis = swapped ? rank - 2 : rank - 1;
    }

    int rowAxis() {
        return rowAxis;
    }

    int columnAxis() {
        return columnAxis;
    }

    /** Rows of a block. */
    int rowBlock() {
        return target.tensor().maxStationaryFree();
    }

    /** Columns of a block, whose sums a bank of PSUM holds. */
    long columnBlock() {
        return Math.min(
                target.tensor().maxMovingFree(), target.memory().psumBankBytesPerPartition() / DType.F32.bytes());
    }

    /** Blocks of columns that one transfer stores: as many as make long runs, if there are many transfers. */
    int storedBlocks() {
        long blockBytes = columnBlock() * product.type().dtype().carrier().bytes();
        long bytes = product.type().shape().elements()
                * product.type().dtype().carrier().bytes();
        long run = Runs.longestBytes(target);
        boolean many = bytes / (run * rowBlock()) >= FEWEST_LONG_STORES;
        return (int) Math.max(1, (many ? run : LONGEST_TRANSFER) / blockBytes);
    }

    long storedColumns() {
        return storedBlocks() * columnBlock();
    }

    /** Adds products to a sum of the columns from {@code column} on. */
    interface Accumulation {
        void add(TileRef sum, long column);
    }

    /** Rows of {@code column}, which may be several blocks of columns. */
    void block(List<Affine> batch, Span row, Span column, Accumulation accumulation) {
        b.at(product.location());
        finish(batch, row, column, columnBlock(), c -> {
            long start = c * columnBlock();
            b.at(product.location());
            var sum = TileRef.of(b.psum(DType.F32, (int) row.size(), Math.min(columnBlock(), column.size() - start)));
            accumulation.add(sum, start);
            return sum;
        });
    }

    /** What follows on sums, one for each {@code block} of columns, and the stores of all of them together. */
    void finish(List<Affine> batch, Span row, Span column, long block, IntFunction<TileRef> sums) {
        int rows = (int) row.size();
        var results = new HashMap<Value, TileRef>();
        if (column.size() > block) {
            body.outputs().forEach(o -> results.put(o.value(), tile(o.value(), rows, column.size())));
        }
        for (int c = 0; c * block < column.size(); c++) {
            var sum = sums.apply(c);
            var at = Affine.of(c * block);
            var places = new HashMap<Value, TileRef>();
            results.forEach((v, whole) -> places.put(v, TileRef.of(whole.tile(), rows, at, sum.free())));
            var e = follow(batch, row, column.part(at, sum.free()), sum, places);
            for (var o : body.outputs()) {
                var from = e.stored(o.value(), false);
                var to = Optional.ofNullable(places.get(o.value()))
                        .orElseGet(() -> from.tile().psum() ? tile(o.value(), rows, column.size()) : from);
                if (!to.equals(from)) {
                    b.copy(to, from);
                }
                results.putIfAbsent(o.value(), to);
            }
        }
        for (var o : body.outputs()) {
            b.store(ref(sources.get(o.value()), batch, row, column), results.get(o.value()));
        }
    }

    private TileRef tile(Value v, int rows, long columns) {
        return TileRef.of(b.sbuf(v.type().dtype().carrier(), rows, columns));
    }

    /** What follows on the sum of one block of columns, in its places where it has some. */
    private Expression follow(List<Affine> batch, Span row, Span column, TileRef sum, Map<Value, TileRef> places) {
        int rows = (int) row.size();
        var e = new Expression(b, rows, List.of(new Dim(1, column.size())));
        places.forEach(e::place);
        e.define(product.output(), isTakenAsComputed() ? sum : rounded(sum, places));
        body.nodes().stream().filter(this::isTakenAsComputed).forEach(n -> e.unrounded(n.output()));
        for (var node : body.nodes()) {
            if (node == product) {
                continue;
            }
            for (var v : node.inputs()) {
                if (!e.isDefined(v)) {
                    e.define(v, operand(sources.get(v), batch, row, column));
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

    /** [rows, columns] of what else the epilogue reads, or [rows, 1] of what is the same in all columns. */
    private TileRef operand(Source s, List<Affine> batch, Span row, Span column) {
        boolean isColumn = s.stride(columnAxis) == 0;
        // An instruction takes one number a partition in f32 only; transfers convert.
        var dtype = isColumn && s.buffer().dtype().isFloat()
                ? DType.F32
                : s.buffer().dtype();
        var tile = TileRef.of(b.sbuf(dtype, (int) row.size(), isColumn ? 1 : column.size()));
        var whole = ref(s, batch, row, column);
        b.load(
                tile,
                isColumn
                        ? new BufferRef(
                                whole.buffer(), whole.offset(), whole.dims().subList(0, 1))
                        : whole);
        return tile;
    }

    private BufferRef ref(Source s, List<Affine> batch, Span row, Span column) {
        return new BufferRef(
                s.buffer(),
                s.at(batch)
                        .plus(row.start().times(s.stride(rowAxis)))
                        .plus(column.start().times(s.stride(columnAxis))),
                List.of(new Dim(s.stride(rowAxis), row.size()), new Dim(s.stride(columnAxis), column.size())));
    }
}
