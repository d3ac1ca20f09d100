package dev.systole.passes.tiling;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphBuilder;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators that move elements without computing: copies between layouts, concatenation, padding, gathering rows. */
final class MoveLoops {
    /** Blocks whose transposes share a bank of PSUM, and one store. */
    private static final int TURNED_TOGETHER = 4;

    /** Blocks that one load brings. */
    private static final int LOADED_TOGETHER = 8;

    /** Part of SBUF that a block may take whose runs become longer: two blocks, before and after, and those that follow. */
    private static final int LOADED_SHARE = 6;

    /** The same where memory order turns round: more and smaller blocks run beside each other. */
    private static final int LOADED_SHARE_TURNED = 16;

    /** Elements of a gathered row that one transfer moves at most. */
    private static final long LONGEST_ROW = 8192;

    /** Elements that indices choose for a row at once. */
    private static final long LONGEST_CHOICE = 2048;

    private final TileBuilder b;
    private final Target target;

    MoveLoops(TileBuilder b, Target target) {
        this.b = b;
        this.target = target;
    }

    /** {@code to = from}, element by element; both have one shape. What may be infinite is copied, too. */
    void copy(Source from, Source to) {
        copy(from, to, false);
    }

    /**
     * {@code to = from}, element by element; both have one shape. Memory order is turned round on chip.
     *
     * @param isFinite true for numbers that a product with the identity transposes
     */
    void copy(Source from, Source to, boolean isFinite) {
        var repetition = Repetition.of(target, from, to);
        if (repetition.isPresent()) {
            repetition.get().emit(b);
            return;
        }
        var shape = from.shape();
        long sbuf = target.memory().sbufBytesPerPartition();
        boolean mayStay = from.isIntermediate() && to.isIntermediate();
        if (turns(from, to)) {
            int other = from.innermost();
            int inner = to.innermost();
            long runs = runs(from, List.of(other)) + runs(to, List.of(inner));
            // What TensorE turns may come from SBUF and stay there.
            double memory = 2 * target.dma().fixedOverheadSeconds();
            double alone = turnSeconds(shape, other, runs);
            long shortest = Math.min(GroupTurn.run(from, List.of(other)), GroupTurn.run(to, List.of(inner)));
            boolean areShort = shortest * from.buffer().dtype().bytes() < Runs.shortBytes(target);
            double worthNeighbours = areShort && !mayStay ? alone - memory : 0;
            var groups = GroupTurn.of(target, from, to, isFinite, runs, alone, worthNeighbours);
            double seconds = groups.map(GroupTurn::seconds).orElse(alone);
            var interleaving = Interleaving.of(target, from, to, sbuf / LOADED_SHARE_TURNED)
                    .filter(i -> i.seconds() + memory < seconds);
            if (interleaving.isPresent()) {
                interleaving.get().emit(b);
            } else if (groups.isPresent()) {
                groups.get().emit(b);
            } else {
                turn(from, to, isFinite, other, inner, 0, new ArrayList<>());
            }
            return;
        }
        if (hasRuns(from, to)) {
            var longer = Interleaving.of(target, from, to, sbuf / LOADED_SHARE)
                    .filter(i -> i.seconds() + 2 * target.dma().fixedOverheadSeconds() < copySeconds(from, to));
            if (longer.isPresent()) {
                longer.get().emit(b);
                return;
            }
        }
        var identity = new GraphBuilder("copy").at(b.location());
        var type = new TensorType(from.buffer().dtype(), shape);
        var x = identity.input("x", type);
        identity.output("y", identity.add(new Op.Relayout(), x));
        RowLoops.emit(b, target, identity.build(), List.of(from), List.of(to));
    }

    /** True if neighbours lie beside each other in both. */
    private static boolean hasRuns(Source from, Source to) {
        int inner = from.innermost();
        return inner >= 0 && from.stride(inner) == 1 && to.stride(inner) == 1;
    }

    /** About how long the transfers of runs that both have take, to memory and from it. */
    private double copySeconds(Source from, Source to) {
        long run = 1;
        int next = from.innermost();
        while (next >= 0 && from.stride(next) == run && to.stride(next) == run) {
            run *= from.shape().dim(next);
            next = GroupTurn.behind(from, run);
        }
        long rows = 1;
        for (int i = 0; i < from.shape().rank(); i++) {
            rows = from.stride(i) < run ? rows : Math.max(rows, from.shape().dim(i));
        }
        var dma = target.dma();
        double bytes = (double) run * from.buffer().dtype().bytes();
        // Longer runs are cut into rows.
        double engines = bytes > 4 * Runs.shortBytes(target)
                ? dma.enginesPerCore()
                : Math.min(dma.enginesPerCore(), Math.ceilDiv(rows, dma.partitionsPerEngine()));
        double each = Math.max(dma.minTimePerDescriptorSeconds(), bytes / dma.bytesPerSecondPerEngine());
        int transfers = (from.isIntermediate() ? 0 : 1) + (to.isIntermediate() ? 0 : 1);
        return (double) transfers * from.shape().elements() / run * each / engines;
    }

    private static long runs(Source s, List<Integer> axes) {
        return s.shape().elements() / GroupTurn.run(s, axes);
    }

    /** About how long the transfers of so many runs take, and copies of what TensorE has transposed, if they are not hidden behind each other. */
    private double turnSeconds(Shape shape, int other, long runs) {
        long partitions = Math.min(shape.dim(other), target.memory().partitions());
        return runs * target.dma().minTimePerDescriptorSeconds() / target.dma().enginesPerCore()
                + (double) shape.elements() / partitions / target.vector().clockHz();
    }

    /** True if a copy transposes blocks on chip, because memory order turns round. */
    boolean turns(Source from, Source to) {
        int inner = to.innermost();
        int other = from.innermost();
        return inner >= 0
                && other >= 0
                && inner != other
                && from.stride(other) == 1
                && to.stride(inner) == 1
                && Transposition.supports(from.buffer().dtype());
    }

    /** Blocks of {@code inner} by {@code other}: loaded with {@code other} on the free dimension, stored with it on partitions. */
    private void turn(Source from, Source to, boolean isFinite, int other, int inner, int axis, List<Affine> starts) {
        var shape = from.shape();
        if (axis < shape.rank()) {
            long step = axis == other || axis == inner ? shape.dim(axis) : 1;
            if (axis == other || axis == inner) {
                var longer = new ArrayList<>(starts);
                longer.add(Affine.ZERO);
                turn(from, to, isFinite, other, inner, axis + 1, longer);
                return;
            }
            b.blocks(shape.dim(axis), step, (start, one) -> {
                var longer = new ArrayList<>(starts);
                longer.add(start);
                turn(from, to, isFinite, other, inner, axis + 1, longer);
            });
            return;
        }
        int block = Transposition.block(target);
        b.blocks(
                shape.dim(inner),
                TURNED_TOGETHER * block,
                (i, in) -> b.blocks(shape.dim(other), LOADED_TOGETHER * block, (o, on) -> {
                    var rows = new ArrayList<TileRef>();
                    for (long r = 0; r < in; r += block) {
                        var loaded = TileRef.of(b.sbuf(from.buffer().dtype(), (int) Math.min(block, in - r), on));
                        b.load(loaded, ref(from, starts, inner, i.plus(r), loaded.partitions(), other, o, on));
                        rows.add(loaded);
                    }
                    for (long c = 0; c < on; c += block) {
                        int columns = (int) Math.min(block, on - c);
                        var inPsum = b.psum(
                                Transposition.dtypeInPsum(target, from.buffer().dtype(), isFinite), columns, in);
                        for (int r = 0; r < rows.size(); r++) {
                            var part = rows.get(r);
                            b.transpose(
                                    TileRef.of(inPsum, columns, Affine.of((long) r * block), part.partitions()),
                                    TileRef.of(part.tile(), part.partitions(), Affine.of(c), columns),
                                    isFinite);
                        }
                        var turned = TileRef.of(b.sbuf(to.buffer().dtype(), columns, in));
                        b.copy(turned, TileRef.of(inPsum));
                        b.store(ref(to, starts, other, o.plus(c), columns, inner, i, in), turned);
                    }
                }));
    }

    private static BufferRef ref(
            Source s, List<Affine> starts, int rowAxis, Affine row, long rows, int axis, Affine start, long size) {
        var at = s.at(starts).plus(row.times(s.stride(rowAxis))).plus(start.times(s.stride(axis)));
        return new BufferRef(s.buffer(), at, List.of(new Dim(s.stride(rowAxis), rows), new Dim(s.stride(axis), size)));
    }

    /** Inputs one after the other along a dimension of the result. */
    void concat(List<Source> in, Source to, int axis) {
        var assembly = Assembly.of(target, in.stream().filter(s -> !s.isEmpty()).toList(), to, axis);
        if (assembly.isPresent()) {
            assembly.get().emit(b);
            return;
        }
        long at = 0;
        for (var from : in) {
            long extent = from.shape().dim(axis);
            if (extent > 0) {
                copy(from, to.part(axis, at, extent));
            }
            at += extent;
        }
    }

    /** The same number everywhere. */
    void fill(Source to, double value) {
        var body = new GraphBuilder("fill").at(b.location());
        body.output("y", body.splat(to.buffer().dtype(), to.shape(), value));
        RowLoops.emit(b, target, body.build(), List.of(), List.of(to));
    }

    /** A single element everywhere. */
    void repeat(Source scalar, Source to) {
        copy(repeated(scalar, to.shape()), to);
    }

    /** The input inside the result, {@code low[i]} elements from its beginning. */
    void place(Source from, Source to, List<Long> low) {
        var part = to;
        for (int i = 0; i < low.size(); i++) {
            part = part.part(i, low.get(i), from.shape().dim(i));
        }
        if (!from.isEmpty()) {
            copy(from, part);
        }
    }

    private static Source repeated(Source scalar, Shape shape) {
        var ones = new long[shape.rank()];
        java.util.Arrays.fill(ones, 1);
        return scalar.through(new Op.Reshape(Shape.of(ones)))
                .flatMap(s -> s.through(new Op.Broadcast(shape)))
                .orElseThrow();
    }

    /** Rows of {@code data} [n, rest...] by {@code index} [k...], one row a partition. */
    void gather(Source data, Source index, Source to) {
        long rows = data.shape().dim(0);
        long count = index.shape().elements();
        long length = to.shape().elements() / Math.max(1, count);
        if (length == 0 || count == 0) {
            return;
        }
        b.blocks(count, target.memory().partitions(), (start, n) -> {
            var at = TileRef.of(b.sbuf(DType.I32, (int) n, 1));
            b.load(at, new BufferRef(index.buffer(), start.plus(index.view().offset()), List.of(new Dim(1, n))));
            b.blocks(length, LONGEST_ROW, (column, size) -> {
                var tile = TileRef.of(b.sbuf(to.buffer().dtype(), (int) n, size));
                b.gatherRows(
                        tile,
                        new BufferRef(
                                data.buffer(),
                                column.plus(data.view().offset()),
                                List.of(new Dim(0, n), new Dim(1, size))),
                        length,
                        rows,
                        at);
                b.store(
                        new BufferRef(
                                to.buffer(),
                                start.times(length).plus(column).plus(to.view().offset()),
                                List.of(new Dim(length, n), new Dim(1, size))),
                        tile);
            });
        });
    }

    /** {@code data} [n, rest...] with the rows {@code index} [k] replaced by {@code updates} [k, rest...], in their order. All are row-major. */
    void scatter(Source data, Source index, Source updates, Source to) {
        if (to.isEmpty()) {
            return;
        }
        copy(data, to);
        long rows = to.shape().dim(0);
        long length = to.shape().elements() / rows;
        b.blocks(index.shape().elements(), target.memory().partitions(), (start, n) -> {
            var at = TileRef.of(b.sbuf(DType.I32, (int) n, 1));
            b.load(at, new BufferRef(index.buffer(), start.plus(index.view().offset()), List.of(new Dim(1, n))));
            b.blocks(length, LONGEST_ROW, (column, size) -> {
                var tile = TileRef.of(b.sbuf(to.buffer().dtype(), (int) n, size));
                b.load(
                        tile,
                        new BufferRef(
                                updates.buffer(),
                                start.times(length)
                                        .plus(column)
                                        .plus(updates.view().offset()),
                                List.of(new Dim(length, n), new Dim(1, size))));
                b.scatterRows(
                        new BufferRef(
                                to.buffer(), column.plus(to.view().offset()), List.of(new Dim(0, n), new Dim(1, size))),
                        tile,
                        length,
                        rows,
                        at);
            });
        });
    }

    /** Of each row of {@code data} [rows..., n] the elements {@code index} [rows..., k]. All are row-major. */
    void gatherElements(Source data, Source index, Source to) {
        int last = to.shape().rank() - 1;
        long n = data.shape().dim(last);
        long k = to.shape().dim(last);
        if (to.isEmpty()) {
            return;
        }
        long rows = to.shape().elements() / k;
        b.blocks(
                rows,
                target.memory().partitions(),
                (row, count) -> b.blocks(k, LONGEST_CHOICE, (column, size) -> {
                    var places = block(index, DType.I32, row, (int) count, k, column, size);
                    var chosen = TileRef.of(b.sbuf(to.buffer().dtype(), (int) count, size));
                    for (long part = 0; part < n; part += LONGEST_ROW) {
                        long length = Math.min(LONGEST_ROW, n - part);
                        var elements = block(data, data.buffer().dtype(), row, (int) count, n, Affine.of(part), length);
                        choose(chosen, elements, places, part, n > LONGEST_ROW);
                    }
                    b.store(
                            new BufferRef(
                                    to.buffer(),
                                    row.times(k).plus(column).plus(to.view().offset()),
                                    List.of(new Dim(k, count), new Dim(1, size))),
                            chosen);
                }));
    }

    /** The chosen elements of one part of the rows; those of other parts stay as they are, unless it is the first part. */
    private void choose(TileRef chosen, TileRef elements, TileRef places, long first, boolean parts) {
        if (!parts) {
            var at = TileRef.of(b.sbuf(DType.U32, places.partitions(), places.free()));
            b.bitcast(at, places);
            b.gatherElements(chosen, elements, at);
            return;
        }
        long last = elements.free() - 1;
        var moved = like(places);
        b.binary(moved, BinaryOp.SUB, places, new Operand.Immediate(first));
        var above = like(places);
        b.binary(above, BinaryOp.MAX, moved, new Operand.Immediate(0));
        var inside = like(places);
        b.binary(inside, BinaryOp.MIN, above, new Operand.Immediate(last));
        var at = TileRef.of(b.sbuf(DType.U32, places.partitions(), places.free()));
        b.bitcast(at, inside);
        var found = TileRef.of(b.sbuf(chosen.tile().dtype(), places.partitions(), places.free()));
        b.gatherElements(found, elements, at);
        if (first == 0) {
            b.copy(chosen, found);
            return;
        }
        var here = TileRef.of(b.sbuf(DType.U8, places.partitions(), places.free()));
        b.binary(here, BinaryOp.EQ, moved, inside);
        b.select(chosen, here, found, chosen);
    }

    private TileRef like(TileRef r) {
        return TileRef.of(b.sbuf(r.tile().dtype(), r.partitions(), r.free()));
    }

    /** Rows of {@code length} elements from a row on, of which a run of columns. */
    private TileRef block(Source s, DType dtype, Affine row, int count, long length, Affine column, long size) {
        var tile = TileRef.of(b.sbuf(dtype, count, size));
        b.load(
                tile,
                new BufferRef(
                        s.buffer(),
                        row.times(length).plus(column).plus(s.view().offset()),
                        List.of(new Dim(length, count), new Dim(1, size))));
        return tile;
    }

    /** The running reductions of the rows of {@code x} [rows..., n]; both are row-major. */
    void scan(ReduceOp f, Source x, Source to) {
        var shape = x.shape();
        if (shape.elements() == 0) {
            return;
        }
        long n = shape.dim(shape.rank() - 1);
        var dtype = x.buffer().dtype();
        b.blocks(shape.elements() / n, target.memory().partitions(), (row, count) -> {
            var before = Optional.<TileRef>empty();
            for (long part = 0; part < n; part += LONGEST_ROW) {
                long size = Math.min(LONGEST_ROW, n - part);
                var elements = block(x, dtype, row, (int) count, n, Affine.of(part), size);
                if (before.isPresent()) {
                    var first = TileRef.of(elements.tile(), (int) count, Affine.ZERO, 1);
                    b.binary(first, f.combination(), before.get(), first);
                }
                var running = like(elements);
                b.scan(running, f, elements);
                b.store(
                        new BufferRef(
                                to.buffer(),
                                row.times(n).plus(part).plus(to.view().offset()),
                                List.of(new Dim(n, count), new Dim(1, size))),
                        running);
                before = Optional.of(TileRef.of(running.tile(), (int) count, Affine.of(size - 1), 1));
            }
        });
    }
}
