package dev.systole.passes;

import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Statements with their references replaced, and the references of statements. */
public final class TileRewriter {
    private TileRewriter() {}

    /** The id of a tile that statements do not have yet. */
    static int nextTile(List<Statement> body) {
        return body.stream()
                .mapToInt(s -> switch (s) {
                    case Statement.Alloc(var t, var at) -> t.id() + 1;
                    case Statement.For f -> nextTile(f.body());
                    default -> 0;
                })
                .max()
                .orElse(0);
    }

    /** A statement other than an allocation with every reference, and the step of a matmul, replaced. */
    public static Statement map(
            Statement s, UnaryOperator<TileRef> tile, UnaryOperator<BufferRef> buffer, UnaryOperator<Affine> step) {
        return switch (s) {
            case Statement.For(var variable, var count, var body, var at) ->
                new Statement.For(
                        variable,
                        count,
                        body.stream().map(x -> map(x, tile, buffer, step)).toList(),
                        at);
            case Statement.Alloc a -> a;
            case Statement.Load(var to, var from, var at) -> new Statement.Load(tile.apply(to), buffer.apply(from), at);
            case Statement.Store(var to, var from, var at) ->
                new Statement.Store(buffer.apply(to), tile.apply(from), at);
            case Statement.GatherRows g ->
                new Statement.GatherRows(
                        tile.apply(g.to()),
                        buffer.apply(g.from()),
                        g.rowStride(),
                        g.rows(),
                        tile.apply(g.index()),
                        g.location());
            case Statement.ScatterRows g ->
                new Statement.ScatterRows(
                        buffer.apply(g.to()),
                        tile.apply(g.from()),
                        g.rowStride(),
                        g.rows(),
                        tile.apply(g.index()),
                        g.location());
            case Statement.GatherElements(var to, var from, var index, var at) ->
                new Statement.GatherElements(tile.apply(to), tile.apply(from), tile.apply(index), at);
            case Statement.Fill(var to, var value, var at) -> new Statement.Fill(tile.apply(to), value, at);
            case Statement.Iota i ->
                new Statement.Iota(tile.apply(i.to()), i.base(), i.channelMultiplier(), i.steps(), i.location());
            case Statement.Copy(var to, var from, var at) -> new Statement.Copy(tile.apply(to), tile.apply(from), at);
            case Statement.Bitcast(var to, var from, var at) ->
                new Statement.Bitcast(tile.apply(to), tile.apply(from), at);
            case Statement.Unary(var to, var f, var x, var at) ->
                new Statement.Unary(tile.apply(to), f, tile.apply(x), at);
            case Statement.Activate a ->
                new Statement.Activate(
                        tile.apply(a.to()),
                        a.function(),
                        tile.apply(a.x()),
                        operand(a.scale(), tile),
                        operand(a.bias(), tile),
                        a.sum().map(tile),
                        a.location());
            case Statement.Binary(var to, var f, var a, var b, var at) ->
                new Statement.Binary(tile.apply(to), f, operand(a, tile), operand(b, tile), at);
            case Statement.Chain c ->
                new Statement.Chain(
                        tile.apply(c.to()),
                        c.first(),
                        operand(c.a(), tile),
                        operand(c.b(), tile),
                        c.second(),
                        operand(c.c(), tile),
                        c.swapped(),
                        c.location());
            case Statement.Select(var to, var c, var a, var b, var at) ->
                new Statement.Select(tile.apply(to), tile.apply(c), operand(a, tile), operand(b, tile), at);
            case Statement.Reduce(var to, var f, var x, var at) ->
                new Statement.Reduce(tile.apply(to), f, tile.apply(x), at);
            case Statement.Moments(var to, var x, var at) -> new Statement.Moments(tile.apply(to), tile.apply(x), at);
            case Statement.Scan(var to, var f, var x, var at) ->
                new Statement.Scan(tile.apply(to), f, tile.apply(x), at);
            case Statement.TopEight(var values, var places, var x, var rest, var at) ->
                new Statement.TopEight(tile.apply(values), tile.apply(places), tile.apply(x), rest.map(tile), at);
            case Statement.Recurrence(var to, var factor, var summand, var first, var at) ->
                new Statement.Recurrence(
                        tile.apply(to), tile.apply(factor), tile.apply(summand), operand(first, tile), at);
            case Statement.MatMul(var to, var stationary, var moving, var k, var at) ->
                new Statement.MatMul(tile.apply(to), tile.apply(stationary), tile.apply(moving), step.apply(k), at);
            case Statement.Transpose(var to, var from, var isFinite, var at) ->
                new Statement.Transpose(tile.apply(to), tile.apply(from), isFinite, at);
        };
    }

    private static Operand operand(Operand o, UnaryOperator<TileRef> tile) {
        return switch (o) {
            case TileRef t -> tile.apply(t);
            case Operand.Immediate i -> i;
        };
    }

    /** The tiles that a statement writes; a loop writes what its body does. */
    public static List<TileRef> writes(Statement s) {
        return switch (s) {
            case Statement.For f ->
                f.body().stream().flatMap(x -> writes(x).stream()).toList();
            case Statement.Alloc a -> List.of();
            case Statement.Store t -> List.of();
            case Statement.ScatterRows t -> List.of();
            case Statement.Load t -> List.of(t.to());
            case Statement.GatherRows t -> List.of(t.to());
            case Statement.GatherElements t -> List.of(t.to());
            case Statement.Bitcast t -> List.of(t.to());
            case Statement.Scan t -> List.of(t.to());
            case Statement.TopEight t ->
                t.rest().map(rest -> List.of(t.values(), t.places(), rest)).orElse(List.of(t.values(), t.places()));
            case Statement.Recurrence t -> List.of(t.to());
            case Statement.Fill t -> List.of(t.to());
            case Statement.Iota t -> List.of(t.to());
            case Statement.Copy t -> List.of(t.to());
            case Statement.Unary t -> List.of(t.to());
            case Statement.Activate t ->
                t.sum().map(sum -> List.of(t.to(), sum)).orElse(List.of(t.to()));
            case Statement.Binary t -> List.of(t.to());
            case Statement.Chain t -> List.of(t.to());
            case Statement.Select t -> List.of(t.to());
            case Statement.Reduce t -> List.of(t.to());
            case Statement.Moments t -> List.of(t.to());
            case Statement.MatMul t -> List.of(t.to());
            case Statement.Transpose t -> List.of(t.to());
        };
    }

    /** The tiles that a statement reads; a loop reads what its body does. */
    public static List<TileRef> reads(Statement s) {
        return switch (s) {
            case Statement.For f ->
                f.body().stream().flatMap(x -> reads(x).stream()).toList();
            case Statement.Alloc a -> List.of();
            case Statement.Load t -> List.of();
            case Statement.Fill t -> List.of();
            case Statement.Iota t -> List.of();
            case Statement.Store t -> List.of(t.from());
            case Statement.GatherRows t -> List.of(t.index());
            case Statement.ScatterRows t -> List.of(t.from(), t.index());
            case Statement.GatherElements t -> List.of(t.from(), t.index());
            case Statement.Bitcast t -> List.of(t.from());
            case Statement.Scan t -> List.of(t.x());
            case Statement.TopEight t -> List.of(t.x());
            case Statement.Copy t -> List.of(t.from());
            case Statement.Unary t -> List.of(t.x());
            case Statement.Activate t -> tiles(List.of(t.x(), t.scale(), t.bias()));
            case Statement.Binary t -> tiles(List.of(t.a(), t.b()));
            case Statement.Chain t -> tiles(List.of(t.a(), t.b(), t.c()));
            case Statement.Select t -> tiles(List.of(t.condition(), t.a(), t.b()));
            case Statement.Reduce t -> List.of(t.x());
            case Statement.Moments t -> List.of(t.x());
            case Statement.Recurrence t -> tiles(List.of(t.factor(), t.summand(), t.first()));
            case Statement.MatMul t -> List.of(t.stationary(), t.moving());
            case Statement.Transpose t -> List.of(t.from());
        };
    }

    private static List<TileRef> tiles(List<Operand> operands) {
        var list = new ArrayList<TileRef>();
        for (var o : operands) {
            if (o instanceof TileRef t) {
                list.add(t);
            }
        }
        return list;
    }
}
