package dev.systole.ir.tile;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Contract;
import dev.systole.ir.graph.Location;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.type.DType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Builds a tile program statement by statement. Mutable; not shared. */
public final class TileBuilder {
    /** What a loop body gets: the start of its block, and how many elements the block has. */
    @FunctionalInterface
    public interface Block {
        void emit(Affine start, long size);
    }

    private final String name;
    private final Contract contract;
    private final List<Buffer> buffers = new ArrayList<>();
    private final Deque<List<Statement>> open = new ArrayDeque<>();
    private Location location = Location.COMPILER;
    private int nextTile;
    private int nextVariable;

    public TileBuilder(String name, Contract contract) {
        this.name = name;
        this.contract = contract;
        open.push(new ArrayList<>());
    }

    /** The location of the statements that follow. */
    public void at(Location location) {
        this.location = location;
    }

    public Location location() {
        return location;
    }

    public Buffer buffer(String name, DType dtype, long elements, Buffer.Role role) {
        var b = new Buffer(buffers.size(), name, dtype, elements, role);
        buffers.add(b);
        return b;
    }

    public Tile sbuf(DType dtype, int partitions, long free) {
        return alloc(new Tile(nextTile++, false, dtype, partitions, free));
    }

    public Tile psum(DType dtype, int partitions, long free) {
        return alloc(new Tile(nextTile++, true, dtype, partitions, free));
    }

    private Tile alloc(Tile tile) {
        add(new Statement.Alloc(tile, location));
        return tile;
    }

    public void load(TileRef to, BufferRef from) {
        add(new Statement.Load(to, from, location));
    }

    public void store(BufferRef to, TileRef from) {
        add(new Statement.Store(to, from, location));
    }

    public void gatherRows(TileRef to, BufferRef from, long rowStride, long rows, TileRef index) {
        add(new Statement.GatherRows(to, from, rowStride, rows, index, location));
    }

    public void scatterRows(BufferRef to, TileRef from, long rowStride, long rows, TileRef index) {
        add(new Statement.ScatterRows(to, from, rowStride, rows, index, location));
    }

    public void gatherElements(TileRef to, TileRef from, TileRef index) {
        add(new Statement.GatherElements(to, from, index, location));
    }

    public void fill(TileRef to, double value) {
        add(new Statement.Fill(to, value, location));
    }

    public void iota(TileRef to, long base, long channelMultiplier, List<Long> steps) {
        add(new Statement.Iota(to, base, channelMultiplier, steps, location));
    }

    public void copy(TileRef to, TileRef from) {
        add(new Statement.Copy(to, from, location));
    }

    public void bitcast(TileRef to, TileRef from) {
        add(new Statement.Bitcast(to, from, location));
    }

    public void unary(TileRef to, UnaryOp f, TileRef x) {
        add(new Statement.Unary(to, f, x, location));
    }

    public void activate(TileRef to, UnaryOp f, TileRef x, Operand scale, Operand bias, Optional<TileRef> sum) {
        add(new Statement.Activate(to, f, x, scale, bias, sum, location));
    }

    public void binary(TileRef to, BinaryOp f, Operand a, Operand b) {
        add(new Statement.Binary(to, f, a, b, location));
    }

    public void select(TileRef to, TileRef condition, Operand a, Operand b) {
        add(new Statement.Select(to, condition, a, b, location));
    }

    public void reduce(TileRef to, ReduceOp f, TileRef x) {
        add(new Statement.Reduce(to, f, x, location));
    }

    public void scan(TileRef to, ReduceOp f, TileRef x) {
        add(new Statement.Scan(to, f, x, location));
    }

    public void topEight(TileRef values, TileRef places, TileRef x, Optional<TileRef> rest) {
        add(new Statement.TopEight(values, places, x, rest, location));
    }

    public void recurrence(TileRef to, TileRef factor, TileRef summand, Operand first) {
        add(new Statement.Recurrence(to, factor, summand, first, location));
    }

    public void matMul(TileRef to, TileRef stationary, TileRef moving, Affine step) {
        add(new Statement.MatMul(to, stationary, moving, step, location));
    }

    public void transpose(TileRef to, TileRef from, boolean isFinite) {
        add(new Statement.Transpose(to, from, isFinite, location));
    }

    /**
     * {@code extent} elements in blocks of {@code block}: a loop over the full blocks, if there are several, then the
     * remainder by itself.
     */
    public void blocks(long extent, long block, Block body) {
        long full = extent / block;
        if (full == 1) {
            body.emit(Affine.ZERO, block);
        } else if (full > 1) {
            int variable = nextVariable++;
            open.push(new ArrayList<>());
            body.emit(Affine.variable(variable).times(block), block);
            var statements = open.pop();
            add(new Statement.For(variable, full, statements, location));
        }
        if (extent % block != 0) {
            body.emit(Affine.of(full * block), extent % block);
        }
    }

    private void add(Statement s) {
        open.peek().add(s);
    }

    public TileProgram build() {
        return new TileProgram(name, contract, buffers, open.peek());
    }
}
