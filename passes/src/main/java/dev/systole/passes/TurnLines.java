package dev.systole.passes;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Afterwards fp32 numbers of a straight-line program that one region leaves on partitions and another one reads as a row are turned by
 * TensorE, or the other way round, and a row that many partitions read is spread by it: so they need not pass through memory, which takes
 * the two latencies of a store and a load. Where transposes are products, which infinities of other numbers would spoil, rows and columns
 * are not turned.
 */
public record TurnLines(Target target) implements TilePass {
    @Override
    public String name() {
        return "turn-lines";
    }

    @Override
    public TileProgram run(TileProgram before) {
        var program = new ReuseLoads(target).reused(before, TurnLines::spreads);
        var written = new HashMap<Buffer, List<Line>>();
        for (var s : program.body()) {
            if (s instanceof Statement.Store(var to, var from, var at)) {
                var line = Line.of(to).filter(l -> from.tile().dtype() == DType.F32);
                written.computeIfAbsent(to.buffer(), b -> new ArrayList<>()).add(line.orElse(Line.NONE));
            }
            if (s instanceof Statement.ScatterRows scatter) {
                written.computeIfAbsent(scatter.to().buffer(), b -> new ArrayList<>())
                        .add(Line.NONE);
            }
        }
        var after = new Spreading(target, program.body());
        for (var s : program.body()) {
            boolean turned = s instanceof Statement.Load load && turned(load, written, after);
            if (!turned) {
                after.add(s);
            }
        }
        return new TileProgram(program.name(), program.contract(), program.buffers(), after.body());
    }

    private static boolean spreads(Statement.Load load) {
        return Line.of(load.from()).filter(l -> l.way == Way.SPREAD).isPresent();
    }

    private enum Way {
        /** An element for each of several partitions. */
        COLUMN,
        /** Elements of one partition. */
        ROW,
        /** The same elements for each of several partitions. */
        SPREAD,
        NONE
    }

    /**
     * Neighbouring elements of a buffer, and where a tile has them.
     *
     * @param first element
     * @param count of elements
     */
    private record Line(Way way, long first, long count) {
        static final Line NONE = new Line(Way.NONE, 0, 0);

        static Optional<Line> of(BufferRef r) {
            var rows = r.dims().getFirst();
            long count = 1;
            for (int i = r.dims().size() - 1; i > 0; i--) {
                var d = r.dims().get(i);
                if (d.size() != 1 && d.stride() != count) {
                    return Optional.empty();
                }
                count *= d.size();
            }
            long first = r.offset().constant();
            if (rows.size() == 1) {
                return Optional.of(new Line(Way.ROW, first, count));
            }
            return rows.stride() == 0
                    ? Optional.of(new Line(Way.SPREAD, first, count))
                    : rows.stride() == 1 && count == 1
                            ? Optional.of(new Line(Way.COLUMN, first, rows.size()))
                            : Optional.empty();
        }

        long end() {
            return first + count;
        }
    }

    /** True if a load is written as something else. */
    private boolean turned(Statement.Load load, Map<Buffer, List<Line>> written, Spreading after) {
        var from = load.from();
        var line = Line.of(from);
        boolean isWhole = load.to().equals(TileRef.of(load.to().tile()))
                && from.isRowByRow(load.to().partitions())
                && load.to().tile().dtype() == DType.F32
                && from.buffer().dtype() == DType.F32
                && from.buffer().role() instanceof Buffer.Role.Scratch;
        if (!isWhole || line.isEmpty() || !written.containsKey(from.buffer())) {
            return false;
        }
        var parts = written.get(from.buffer());
        boolean areRows = parts.stream().allMatch(p -> p.way == Way.ROW);
        boolean areColumns = parts.stream().allMatch(p -> p.way == Way.COLUMN);
        return switch (line.get().way) {
            case SPREAD -> areRows && load.to().partitions() <= block() && spread(load, after);
            case COLUMN -> areRows && isTurnable(line.get()) && turnRow(load, line.get(), after);
            case ROW ->
                areColumns
                        && parts.stream().allMatch(this::isTurnable)
                        && turnColumns(load, covering(line.get(), parts), after);
            case NONE -> false;
        };
    }

    /** Rows and columns of the array. */
    private int block() {
        return Math.min(target.tensor().maxContractionRows(), target.tensor().maxStationaryFree());
    }

    private boolean isTurnable(Line line) {
        return target.tensor().nativeTranspose() && line.count <= block();
    }

    private static boolean spread(Statement.Load load, Spreading after) {
        after.spread(load);
        return true;
    }

    /** The columns that a row of one bank consists of, in order; none if it has more or less. */
    private List<Line> covering(Line row, Collection<Line> columns) {
        var parts = columns.stream()
                .filter(c -> c.first >= row.first && c.end() <= row.end())
                .sorted(Comparator.comparingLong(Line::first))
                .toList();
        long end = row.first;
        for (var p : parts) {
            if (p.first != end) {
                return List.of();
            }
            end = p.end();
        }
        return end == row.end() && row.count > 1 && row.count <= Spreading.bank(target) ? parts : List.of();
    }

    private static boolean turnRow(Statement.Load load, Line line, Spreading after) {
        var at = load.location();
        var row = after.sbuf(1, line.count, at);
        var elements = List.of(new Dim(0, 1), new Dim(1, line.count));
        after.add(new Statement.Load(
                row, new BufferRef(load.from().buffer(), load.from().offset(), elements), at));
        var turned = after.psum((int) line.count, 1, at);
        after.add(new Statement.Transpose(turned, row, false, at));
        after.add(new Statement.Copy(load.to(), turned, at));
        return true;
    }

    private static boolean turnColumns(Statement.Load load, List<Line> parts, Spreading after) {
        if (parts.isEmpty()) {
            return false;
        }
        var at = load.location();
        var bank = after.psum(1, load.to().free(), at);
        long done = 0;
        for (var part : parts) {
            var column = after.sbuf((int) part.count, 1, at);
            var elements = List.of(new Dim(1, part.count), new Dim(1, 1));
            after.add(new Statement.Load(
                    column, new BufferRef(load.from().buffer(), Affine.of(part.first), elements), at));
            after.add(new Statement.Transpose(
                    TileRef.of(bank.tile(), 1, Affine.of(done), part.count), column, false, at));
            done += part.count;
        }
        after.add(new Statement.Copy(load.to(), bank, at));
        return true;
    }
}
