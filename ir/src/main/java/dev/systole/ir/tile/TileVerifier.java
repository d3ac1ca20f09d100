package dev.systole.ir.tile;

import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules that every tile program keeps. Mutable: one verification. */
public final class TileVerifier {
    private static final int MOST_FAULTS = 20;

    private final int partitions;
    private final Set<Buffer> buffers;
    private final Map<Integer, Tile> tiles = new HashMap<>();
    private final Map<Integer, Long> counts = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private Statement at;

    private TileVerifier(TileProgram program, int partitions) {
        this.partitions = partitions;
        this.buffers = new HashSet<>(program.buffers());
    }

    /**
     * What is wrong with a program; empty if nothing is.
     *
     * @param partitions that a tile may have
     */
    public static List<String> verify(TileProgram program, int partitions) {
        var v = new TileVerifier(program, partitions);
        v.block(program.body());
        return v.faults;
    }

    private void require(boolean holds, String rule) {
        if (!holds && faults.size() < MOST_FAULTS) {
            faults.add(rule + ": " + TilePrinter.text(at)
                    + (at.location().toString().isEmpty() ? "" : "  // " + at.location()));
        }
    }

    private void block(List<Statement> body) {
        var opened = new ArrayList<Integer>();
        for (var s : body) {
            at = s;
            switch (s) {
                case Statement.For f -> {
                    require(f.count() >= 1, "a loop runs at least once");
                    require(!counts.containsKey(f.variable()), "a loop variable counts one loop");
                    counts.put(f.variable(), f.count());
                    block(f.body());
                    counts.remove(f.variable());
                }
                case Statement.Alloc(var t, var where) -> {
                    require(
                            t.partitions() >= 1 && t.partitions() <= partitions && t.free() >= 1,
                            "a tile has 1 to " + partitions + " partitions and an element");
                    require(tiles.putIfAbsent(t.id(), t) == null, "a tile is allocated once");
                    opened.add(t.id());
                }
                default -> statement(s);
            }
        }
        opened.forEach(tiles::remove);
    }

    private void statement(Statement s) {
        switch (s) {
            case Statement.For f -> throw new IllegalArgumentException("a loop is a block");
            case Statement.Alloc a -> throw new IllegalArgumentException("an allocation is part of a block");
            case Statement.Load(var to, var from, var where) -> {
                write(to);
                buffer(from);
                transfer(to, from);
            }
            case Statement.Store(var to, var from, var where) -> {
                read(from);
                buffer(to);
                transfer(from, to);
                written(to.buffer());
                require(
                        to.dims().stream().allMatch(d -> d.stride() != 0 || d.size() == 1),
                        "a destination repeats no element");
            }
            case Statement.GatherRows g -> {
                write(g.to());
                rows(g.from(), g.to(), g.rowStride(), g.rows(), g.index());
            }
            case Statement.ScatterRows g -> {
                read(g.from());
                rows(g.to(), g.from(), g.rowStride(), g.rows(), g.index());
                written(g.to().buffer());
            }
            case Statement.GatherElements(var to, var from, var index, var where) -> {
                write(to);
                read(from);
                operand(index, to);
                require(
                        from.partitions() == to.partitions() && index.tile().dtype() == DType.U32,
                        "elements are gathered within their partition, by u32 indices");
                require(from.tile().dtype() == to.tile().dtype(), "gathering keeps the element type");
            }
            case Statement.Fill(var to, var value, var where) -> write(to);
            case Statement.Iota i -> {
                write(i.to());
                require(i.steps().size() == i.to().dims().size(), "there is a step for each dimension");
            }
            case Statement.Copy(var to, var from, var where) -> {
                write(to);
                operand(from, to);
            }
            case Statement.Bitcast(var to, var from, var where) -> {
                write(to);
                operand(from, to);
                require(
                        from.tile().dtype().bits() == to.tile().dtype().bits(),
                        "bits are kept between types of one width");
            }
            case Statement.Unary(var to, var f, var x, var where) -> {
                write(to);
                operand(x, to);
            }
            case Statement.Activate a -> {
                write(a.to());
                operand(a.x(), a.to());
                perPartition(a.scale(), a.to());
                perPartition(a.bias(), a.to());
                a.sum().ifPresent(sum -> {
                    write(sum);
                    column(sum, a.to());
                });
            }
            case Statement.Binary(var to, var f, var a, var b, var where) -> {
                write(to);
                operand(a, to);
                operand(b, to);
                require(a instanceof TileRef || b instanceof TileRef, "one operand is a tile");
            }
            case Statement.Chain c -> {
                write(c.to());
                operand(c.a(), c.to());
                operand(c.b(), c.to());
                operand(c.c(), c.to());
                require(c.a() instanceof TileRef || c.b() instanceof TileRef, "one operand is a tile");
                require(isFloat(c.a()) && isFloat(c.b()) && isFloat(c.c()), "chains are of floating-point numbers");
            }
            case Statement.Select(var to, var condition, var a, var b, var where) -> {
                write(to);
                operand(condition, to);
                operand(a, to);
                operand(b, to);
            }
            case Statement.Reduce(var to, var f, var x, var where) -> {
                write(to);
                read(x);
                long parts = 1;
                for (int d = 0; d < x.dims().size() && parts < to.free(); d++) {
                    parts *= x.dims().get(d).size();
                }
                require(
                        to.free() == parts && to.partitions() == x.partitions(),
                        "a reduction gives one element a partition, or one for each index of the first dimensions");
            }
            case Statement.Moments(var to, var x, var where) -> {
                write(to);
                read(x);
                require(isFloat(x) && to.tile().dtype() == DType.F32, "moments are fp32, of floating-point numbers");
                require(
                        to.free() == 2 && to.partitions() == x.partitions(),
                        "there are a mean and a variance a partition");
            }
            case Statement.Scan(var to, var f, var x, var where) -> {
                write(to);
                operand(x, to);
            }
            case Statement.TopEight(var values, var places, var x, var rest, var where) -> {
                write(values);
                write(places);
                read(x);
                require(
                        values.tile().dtype() == DType.F32 && x.tile().dtype() == DType.F32,
                        "the eight largest are found among fp32 numbers");
                require(places.tile().dtype() == DType.U32, "places are u32");
                require(
                        values.free() == 8
                                && places.free() == 8
                                && values.partitions() == x.partitions()
                                && places.partitions() == x.partitions()
                                && x.free() >= 8,
                        "eight values and eight places a partition");
                rest.ifPresent(r -> {
                    write(r);
                    require(r.tile().dtype() == DType.F32, "the rest is fp32");
                    operand(x, r);
                });
            }
            case Statement.Recurrence(var to, var factor, var summand, var first, var where) -> {
                write(to);
                operand(factor, to);
                operand(summand, to);
                perPartition(first, to);
                require(isFloat(factor) && isFloat(summand), "recurrences are of floating-point numbers");
            }
            case Statement.MatMul(var to, var stationary, var moving, var step, var where) -> {
                write(to);
                read(stationary);
                read(moving);
                require(
                        to.tile().psum()
                                && !stationary.tile().psum()
                                && !moving.tile().psum(),
                        "a product goes from SBUF to PSUM");
                require(
                        stationary.partitions() == moving.partitions()
                                && to.partitions() == stationary.free()
                                && to.free() == moving.free(),
                        "[K, M] and [K, N] give [M, N]");
            }
            case Statement.Transpose(var to, var from, var isFinite, var where) -> {
                write(to);
                read(from);
                require(!from.tile().psum(), "a transpose is of what lies in SBUF");
                require(
                        to.tile().psum()
                                || to.tile().dtype() == from.tile().dtype()
                                        && to.tile().dtype().bytes() == 2,
                        "a transfer transposes elements of two bytes");
                require(to.partitions() == from.free() && to.free() == from.partitions(), "[P, F] gives [F, P]");
                require(
                        to.tile().dtype() == from.tile().dtype()
                                || isFinite
                                        && to.tile().dtype() == DType.F32
                                        && from.tile().dtype().isFloat(),
                        "a transpose keeps the type");
            }
        }
    }

    private void written(Buffer buffer) {
        require(
                buffer.role() instanceof Buffer.Role.Output || buffer.role() instanceof Buffer.Role.Scratch,
                "inputs and constants are not written");
    }

    /** One row of a buffer for each partition of a tile. */
    private void rows(BufferRef buffer, TileRef tile, long rowStride, long rows, TileRef index) {
        read(index);
        require(index.free() == 1 && index.partitions() == tile.partitions(), "there is one row number a partition");
        require(rows >= 1, "there is a row");
        require(elements(buffer) == tile.partitions() * tile.free(), "both sides have as many elements");
        require(buffers.contains(buffer.buffer()), "the buffer belongs to the program");
        inside(buffer.offset(), buffer.dims(), buffer.buffer().elements() - (rows - 1) * rowStride);
    }

    private void column(TileRef r, TileRef to) {
        read(r);
        require(r.free() == 1 && r.partitions() == to.partitions(), "there is one element a partition");
    }

    private void perPartition(Operand o, TileRef to) {
        if (o instanceof TileRef t) {
            column(t, to);
            require(t.tile().dtype() == DType.F32, "a scale or bias is f32");
        }
    }

    private static boolean isFloat(Operand o) {
        return !(o instanceof TileRef t) || t.tile().dtype().isFloat();
    }

    private void operand(Operand o, TileRef to) {
        if (o instanceof TileRef t) {
            read(t);
            require(
                    t.partitions() == to.partitions() && t.free() == to.free(),
                    "operands have as many partitions and elements");
        }
    }

    private void read(TileRef r) {
        require(r.tile().equals(tiles.get(r.tile().id())), "a tile is used where it is allocated");
        require(
                r.startPartition() >= 0
                        && r.partitions() >= 1
                        && r.startPartition() + r.partitions() <= r.tile().partitions(),
                "partitions lie in the tile");
        inside(r.offset(), r.dims(), r.tile().free());
    }

    private void write(TileRef r) {
        read(r);
        for (var d : r.dims()) {
            require(d.stride() != 0 || d.size() == 1, "a destination repeats no element");
        }
    }

    private void buffer(BufferRef r) {
        require(buffers.contains(r.buffer()), "the buffer belongs to the program");
        inside(r.offset(), r.dims(), r.buffer().elements());
    }

    private static long elements(BufferRef r) {
        long n = 1;
        for (var d : r.dims()) {
            n *= d.size();
        }
        return n;
    }

    private void transfer(TileRef tile, BufferRef buffer) {
        require(!tile.tile().psum(), "transfers do not reach PSUM");
        require(elements(buffer) == tile.partitions() * tile.free(), "both sides have as many elements");
    }

    private void inside(Affine offset, List<Dim> dims, long elements) {
        long low = offset.constant();
        long high = low;
        for (var t : offset.terms()) {
            var count = counts.get(t.variable());
            if (count == null) {
                require(false, "an offset depends on enclosing loops only");
                return;
            }
            low += Math.min(0, t.coefficient() * (count - 1));
            high += Math.max(0, t.coefficient() * (count - 1));
        }
        for (var d : dims) {
            require(d.size() >= 1, "a dimension has an element");
            low += Math.min(0, d.stride() * (d.size() - 1));
            high += Math.max(0, d.stride() * (d.size() - 1));
        }
        require(low >= 0 && high < elements, "elements lie in their tile or buffer");
    }
}
