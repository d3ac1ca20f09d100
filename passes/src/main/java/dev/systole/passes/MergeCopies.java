package dev.systole.passes;

import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Afterwards what a straight-line program computes into a tile only to copy it elsewhere is computed there: an engine rounds its fp32
 * result to whatever type it writes, so a conversion costs no instruction of its own. And what is made fp32 only to compute with it is
 * read as it was: an engine computes in fp32 whatever it reads.
 *
 * <p>The tile between has one writer, an elementwise statement whose result is fp32, and one reader, the copy; nothing touches the copy's
 * destination between the two. Or its writer is the copy of a whole tile, which stays as it is until the last of the elementwise
 * statements that are the readers.
 */
public final class MergeCopies implements TilePass {
    @Override
    public String name() {
        return "merge-copies";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var uses = Uses.of(program);
        var destination = new HashMap<Integer, TileRef>();
        var dropped = new HashSet<Integer>();
        var early = new HashMap<Integer, Integer>();
        for (int i = 0; i < program.body().size(); i++) {
            if (program.body().get(i) instanceof Statement.Copy(var to, var from, var at)
                    && isMergeable(program, i, to, from, uses, destination)) {
                int writer = uses.writers.get(from.tile().id()).getFirst();
                destination.put(writer, to);
                dropped.add(i);
                dropped.add(-1 - from.tile().id());
                early.merge(to.tile().id(), writer, Math::min);
            }
        }
        return readNarrow(new TileProgram(
                program.name(),
                program.contract(),
                program.buffers(),
                rewritten(program, destination, dropped, early)));
    }

    private static TileProgram readNarrow(TileProgram program) {
        var uses = Uses.of(program);
        var narrow = new HashMap<Integer, Tile>();
        for (int i = 0; i < program.body().size(); i++) {
            if (program.body().get(i) instanceof Statement.Copy(var to, var from, var at)
                    && isReadNarrow(program, i, to, from, uses)) {
                narrow.put(to.tile().id(), from.tile());
            }
        }
        var body = new ArrayList<Statement>();
        for (var s : program.body()) {
            boolean gone = s instanceof Statement.Alloc(var t, var at) && narrow.containsKey(t.id())
                    || s instanceof Statement.Copy c
                            && narrow.containsKey(c.to().tile().id());
            if (!gone) {
                body.add(TileRewriter.map(s, r -> read(r, narrow), r -> r, a -> a));
            }
        }
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    private static TileRef read(TileRef r, Map<Integer, Tile> narrow) {
        var tile = narrow.get(r.tile().id());
        return tile == null ? r : new TileRef(tile, r.startPartition(), r.partitions(), r.offset(), r.dims());
    }

    private static boolean isReadNarrow(TileProgram program, int copy, TileRef to, TileRef from, Uses uses) {
        var readers = uses.readers.getOrDefault(to.tile().id(), List.of());
        boolean widens = to.equals(TileRef.of(to.tile()))
                && from.equals(TileRef.of(from.tile()))
                && to.tile().partitions() == from.tile().partitions()
                && to.tile().free() == from.tile().free()
                && !to.tile().psum()
                && !from.tile().psum()
                && to.tile().dtype() == DType.F32
                && isNarrow(from.tile().dtype());
        return widens
                && !readers.isEmpty()
                && uses.writers.get(to.tile().id()).size() == 1
                && readers.stream().allMatch(i -> readsElements(program.body().get(i), to.tile()))
                && isUntouched(uses.writers, from, copy, readers.getLast() + 1);
    }

    /** True for what engines read as the fp32 number it is. */
    private static boolean isNarrow(DType dtype) {
        return (dtype.isFloat() || dtype.isInteger()) && dtype.bits() <= 16;
    }

    /** True if a statement computes with elements of the tile one by one; what it takes as a scalar is fp32. */
    private static boolean readsElements(Statement s, Tile tile) {
        boolean isElementwise = switch (s) {
            case Statement.Unary u -> true;
            case Statement.Binary(var to, var f, var a, var b, var at) ->
                to.tile().dtype().isFloat();
            default -> false;
        };
        return isElementwise
                && TileRewriter.reads(s).stream()
                        .filter(r -> r.tile().equals(tile))
                        .allMatch(r -> r.dims().stream().noneMatch(d -> d.stride() == 0 && d.size() > 1));
    }

    /** Where in a program tiles are written and read. */
    private record Uses(Map<Integer, List<Integer>> writers, Map<Integer, List<Integer>> readers) {
        static Uses of(TileProgram program) {
            var uses = new Uses(new HashMap<>(), new HashMap<>());
            for (int i = 0; i < program.body().size(); i++) {
                int at = i;
                var s = program.body().get(i);
                TileRewriter.writes(s).forEach(r -> note(uses.writers, r, at));
                TileRewriter.reads(s).forEach(r -> note(uses.readers, r, at));
            }
            return uses;
        }
    }

    private static void note(Map<Integer, List<Integer>> places, TileRef r, int at) {
        places.computeIfAbsent(r.tile().id(), k -> new ArrayList<>()).add(at);
    }

    private static boolean isMergeable(
            TileProgram program, int copy, TileRef to, TileRef from, Uses uses, Map<Integer, TileRef> destination) {
        var written = uses.writers.getOrDefault(from.tile().id(), List.of());
        boolean passesThrough = from.equals(TileRef.of(from.tile()))
                && !from.tile().psum()
                && !to.tile().psum()
                && from.tile().dtype().isFloat()
                && from.tile().dtype().bits() == 32
                && (to.tile().dtype().isFloat() || isNarrow(to.tile().dtype()))
                && written.size() == 1
                && uses.readers.get(from.tile().id()).size() == 1;
        if (!passesThrough || destination.containsKey(written.getFirst())) {
            return false;
        }
        int writer = written.getFirst();
        boolean elementwise = switch (program.body().get(writer)) {
            case Statement.Unary u -> u.to().equals(from) && isFloat(u.x());
            case Statement.Binary u -> u.to().equals(from) && isFloat(u.a()) && isFloat(u.b());
            default -> false;
        };
        return elementwise
                && isUntouched(uses.writers, to, writer, copy)
                && isUntouched(uses.readers, to, writer, copy);
    }

    private static boolean isFloat(Operand o) {
        return !(o instanceof TileRef t) || t.tile().dtype().isFloat();
    }

    /** True if no statement from the first on and before the last has to do with the tile. */
    private static boolean isUntouched(Map<Integer, List<Integer>> places, TileRef r, int first, int last) {
        return places.getOrDefault(r.tile().id(), List.of()).stream().noneMatch(p -> p >= first && p < last);
    }

    /** Tiles that are written earlier now are allocated before their first writer. */
    private static List<Statement> rewritten(
            TileProgram program, Map<Integer, TileRef> destination, Set<Integer> dropped, Map<Integer, Integer> early) {
        var allocatedAt = new HashMap<Integer, Integer>();
        for (int i = 0; i < program.body().size(); i++) {
            if (program.body().get(i) instanceof Statement.Alloc(var t, var at)) {
                allocatedAt.put(t.id(), i);
            }
        }
        var moved = new HashMap<Integer, List<Statement>>();
        early.forEach((tile, writer) -> {
            int at = allocatedAt.get(tile);
            if (at > writer) {
                moved.computeIfAbsent(writer, k -> new ArrayList<>())
                        .add(program.body().get(at));
                dropped.add(at);
            }
        });
        var body = new ArrayList<Statement>();
        for (int i = 0; i < program.body().size(); i++) {
            var s = program.body().get(i);
            moved.getOrDefault(i, List.of()).stream()
                    .sorted(java.util.Comparator.comparingInt(
                            a -> ((Statement.Alloc) a).tile().id()))
                    .forEach(body::add);
            boolean gone =
                    dropped.contains(i) || s instanceof Statement.Alloc(var t, var at) && dropped.contains(-1 - t.id());
            if (!gone) {
                body.add(destination.containsKey(i) ? writing(s, destination.get(i)) : s);
            }
        }
        return body;
    }

    private static Statement writing(Statement s, TileRef to) {
        return switch (s) {
            case Statement.Unary(var was, var f, var x, var at) -> new Statement.Unary(to, f, x, at);
            case Statement.Binary(var was, var f, var a, var b, var at) -> new Statement.Binary(to, f, a, b, at);
            default -> throw new IllegalArgumentException("only elementwise statements write elsewhere");
        };
    }
}
