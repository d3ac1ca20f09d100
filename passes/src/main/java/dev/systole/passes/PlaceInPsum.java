package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.target.Target;
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
import java.util.stream.Stream;

/**
 * Afterwards f32 tiles of a straight-line program that VectorE makes, and combines with another tile, are in PSUM, while there are banks that
 * neither products nor the tiles that are made ahead of time need: with one operand there VectorE takes a cycle an element instead of two.
 */
public record PlaceInPsum(Target target) implements TilePass {
    /** What VectorE computes of two tiles. */
    private static final Set<BinaryOp> COMBINATIONS =
            Set.of(BinaryOp.ADD, BinaryOp.SUB, BinaryOp.MUL, BinaryOp.MAX, BinaryOp.MIN);

    @Override
    public String name() {
        return "place-in-psum";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var moved = new Candidates(program).choose();
        var body = program.body().stream()
                .map(s -> s instanceof Statement.Alloc(var t, var at)
                        ? new Statement.Alloc(moved.getOrDefault(t, t), at)
                        : TileRewriter.map(s, r -> moved(r, moved), r -> r, a -> a))
                .toList();
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    private static TileRef moved(TileRef r, Map<Tile, Tile> moved) {
        return new TileRef(
                moved.getOrDefault(r.tile(), r.tile()), r.startPartition(), r.partitions(), r.offset(), r.dims());
    }

    private final class Candidates {
        private final List<Statement> body;
        private final Map<Tile, List<Integer>> touches = new HashMap<>();
        private final int[] banks;

        Candidates(TileProgram program) {
            body = program.body();
            banks = new int[body.size()];
            for (int i = 0; i < body.size(); i++) {
                for (var t : tiles(body.get(i))) {
                    touches.computeIfAbsent(t, k -> new ArrayList<>()).add(i);
                }
            }
            touches.forEach((t, at) -> occupy(t.psum() ? at : List.of()));
        }

        private void occupy(List<Integer> at) {
            for (int i = at.isEmpty() ? 0 : at.getFirst(); !at.isEmpty() && i <= at.getLast(); i++) {
                banks[i]++;
            }
        }

        /** What takes the place of tiles. */
        Map<Tile, Tile> choose() {
            // As many again, for what the scheduler does ahead of time.
            int most = target.memory().psumBanks() / 2;
            var moved = new HashMap<Tile, Tile>();
            for (var s : body) {
                for (var r : TileRewriter.writes(s)) {
                    var t = r.tile();
                    if (!moved.containsKey(t) && isMadeByVector(t) && isCombined(t, moved) && hasRoom(t, most)) {
                        occupy(touches.get(t));
                        moved.put(t, new Tile(t.id(), true, t.dtype(), t.partitions(), t.free()));
                    }
                }
            }
            return moved;
        }

        private boolean hasRoom(Tile t, int most) {
            var at = touches.get(t);
            for (int i = at.getFirst(); i <= at.getLast(); i++) {
                if (banks[i] >= most) {
                    return false;
                }
            }
            return true;
        }

        private boolean isMadeByVector(Tile t) {
            return !t.psum()
                    && t.dtype() == DType.F32
                    && t.free() * t.dtype().bytes() <= target.memory().psumBankBytesPerPartition()
                    && touches.get(t).stream()
                            .map(body::get)
                            .allMatch(s -> isOfVector(s) || !writes(s, t) && s instanceof Statement.Copy);
        }

        /** True if a reader gains by it, and no reader has both of its operands in PSUM. */
        private boolean isCombined(Tile t, Map<Tile, Tile> moved) {
            var readers = touches.get(t).stream()
                    .map(body::get)
                    .filter(s -> TileRewriter.reads(s).stream()
                            .anyMatch(r -> r.tile().equals(t)))
                    .toList();
            boolean alone = readers.stream()
                    .flatMap(s -> TileRewriter.reads(s).stream())
                    .map(TileRef::tile)
                    .noneMatch(o -> !o.equals(t) && (o.psum() || moved.containsKey(o)));
            return alone && readers.stream().anyMatch(PlaceInPsum::combines);
        }
    }

    private static boolean writes(Statement s, Tile t) {
        return TileRewriter.writes(s).stream().anyMatch(r -> r.tile().equals(t));
    }

    /** True for what only VectorE does, tile by tile. */
    private static boolean isOfVector(Statement s) {
        return switch (s) {
            case Statement.Recurrence r -> true;
            case Statement.Chain c -> isWhole(c.a(), c.to());
            default -> combines(s);
        };
    }

    /** True for what VectorE computes of two tiles, in half the time if one of them is in PSUM. */
    private static boolean combines(Statement s) {
        return s instanceof Statement.Binary(var to, var f, var a, var b, var at)
                && COMBINATIONS.contains(f)
                && isWhole(a, to)
                && isWhole(b, to)
                && !a.equals(b);
    }

    /** True for a tile of which each element is read once. */
    private static boolean isWhole(Operand o, TileRef to) {
        return o instanceof TileRef r
                && r.tile().dtype() == DType.F32
                && to.free() > 1
                && r.dims().stream().noneMatch(d -> d.stride() == 0);
    }

    private static Set<Tile> tiles(Statement s) {
        var tiles = new HashSet<Tile>();
        Stream.concat(TileRewriter.writes(s).stream(), TileRewriter.reads(s).stream())
                .forEach(r -> tiles.add(r.tile()));
        return tiles;
    }
}
