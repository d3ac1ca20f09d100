package dev.systole.passes;

import dev.systole.ir.tile.Operand;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Afterwards what a straight-line program computes into a tile only to copy it elsewhere is computed there: an engine rounds its fp32
 * result to whatever type it writes, so a conversion costs no instruction of its own.
 *
 * <p>The tile between has one writer, an elementwise statement whose result is fp32, and one reader, the copy; nothing touches the copy's
 * destination between the two.
 */
public final class MergeCopies implements TilePass {
    @Override
    public String name() {
        return "merge-copies";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var writers = new HashMap<Integer, List<Integer>>();
        var readers = new HashMap<Integer, List<Integer>>();
        for (int i = 0; i < program.body().size(); i++) {
            int at = i;
            var s = program.body().get(i);
            TileRewriter.writes(s).forEach(r -> note(writers, r, at));
            TileRewriter.reads(s).forEach(r -> note(readers, r, at));
        }
        var destination = new HashMap<Integer, TileRef>();
        var dropped = new HashSet<Integer>();
        var early = new HashMap<Integer, Integer>();
        for (int i = 0; i < program.body().size(); i++) {
            if (program.body().get(i) instanceof Statement.Copy(var to, var from, var at)
                    && isMergeable(program, i, to, from, writers, readers, destination)) {
                int writer = writers.get(from.tile().id()).getFirst();
                destination.put(writer, to);
                dropped.add(i);
                dropped.add(-1 - from.tile().id());
                early.merge(to.tile().id(), writer, Math::min);
            }
        }
        return new TileProgram(
                program.name(), program.contract(), program.buffers(), rewritten(program, destination, dropped, early));
    }

    private static void note(Map<Integer, List<Integer>> places, TileRef r, int at) {
        places.computeIfAbsent(r.tile().id(), k -> new ArrayList<>()).add(at);
    }

    private static boolean isMergeable(
            TileProgram program,
            int copy,
            TileRef to,
            TileRef from,
            Map<Integer, List<Integer>> writers,
            Map<Integer, List<Integer>> readers,
            Map<Integer, TileRef> destination) {
        var written = writers.getOrDefault(from.tile().id(), List.of());
        boolean passesThrough = from.equals(TileRef.of(from.tile()))
                && !from.tile().psum()
                && !to.tile().psum()
                && from.tile().dtype().isFloat()
                && from.tile().dtype().bits() == 32
                && to.tile().dtype().isFloat()
                && written.size() == 1
                && readers.get(from.tile().id()).size() == 1;
        if (!passesThrough || destination.containsKey(written.getFirst())) {
            return false;
        }
        int writer = written.getFirst();
        boolean elementwise = switch (program.body().get(writer)) {
            case Statement.Unary u -> u.to().equals(from) && isFloat(u.x());
            case Statement.Binary u -> u.to().equals(from) && isFloat(u.a()) && isFloat(u.b());
            default -> false;
        };
        return elementwise && isUntouched(writers, to, writer, copy) && isUntouched(readers, to, writer, copy);
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
