package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Dim;
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
 *
 * <p>Where VectorE would multiply a tile by a number or a column and add another tile in one instruction, which takes two cycles wherever they
 * lie, the product goes to PSUM by itself, so that ScalarE can make it; not on targets whose engines take turns in PSUM.
 */
public record PlaceInPsum(Target target) implements TilePass {
    /** What VectorE computes of two tiles. */
    private static final Set<BinaryOp> COMBINATIONS =
            Set.of(BinaryOp.ADD, BinaryOp.SUB, BinaryOp.MUL, BinaryOp.MAX, BinaryOp.MIN);

    /** Elements of a partition that are worth an instruction more. */
    private static final long SHORTEST_PRODUCT = 128;

    @Override
    public String name() {
        return "place-in-psum";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var candidates = new Candidates(program);
        var moved = candidates.choose();
        var apart = candidates.products(moved);
        int next = TileRewriter.nextTile(program.body());
        var body = new ArrayList<Statement>();
        for (int i = 0; i < program.body().size(); i++) {
            var s = program.body().get(i);
            if (apart.contains(i) && s instanceof Statement.Chain c) {
                for (long start = 0; start < c.to().free(); start += bank()) {
                    long size = Math.min(bank(), c.to().free() - start);
                    var product = new Tile(next++, true, DType.F32, c.to().partitions(), size);
                    body.add(new Statement.Alloc(product, c.location()));
                    body.addAll(apart(c, TileRef.of(product), start).stream()
                            .map(half -> moved(half, moved))
                            .toList());
                }
            } else {
                body.add(
                        s instanceof Statement.Alloc(var t, var at)
                                ? new Statement.Alloc(moved.getOrDefault(t, t), at)
                                : moved(s, moved));
            }
        }
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    /** fp32 elements of a partition in a bank. */
    private long bank() {
        return target.memory().psumBankBytesPerPartition() / DType.F32.bytes();
    }

    /** The two statements of a chain, for as many columns from one on as what is between them has. */
    private static List<Statement> apart(Statement.Chain c, TileRef between, long start) {
        long size = between.free();
        var to = columns(c.to(), start, size);
        var last = columns(c.c(), start, size);
        return List.of(
                new Statement.Binary(
                        between, c.first(), columns(c.a(), start, size), columns(c.b(), start, size), c.location()),
                new Statement.Binary(
                        to, c.second(), c.swapped() ? last : between, c.swapped() ? between : last, c.location()));
    }

    private static Operand columns(Operand o, long start, long size) {
        return o instanceof TileRef r ? columns(r, start, size) : o;
    }

    /** Some of the columns of a pattern of one dimension. */
    private static TileRef columns(TileRef r, long start, long size) {
        long stride = r.dims().getFirst().stride();
        return new TileRef(
                r.tile(),
                r.startPartition(),
                r.partitions(),
                r.offset().plus(start * stride),
                List.of(new Dim(stride, size)));
    }

    private static Statement moved(Statement s, Map<Tile, Tile> moved) {
        return TileRewriter.map(s, r -> moved(r, moved), r -> r, a -> a);
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
            var moved = new HashMap<Tile, Tile>();
            for (var s : body) {
                for (var r : TileRewriter.writes(s)) {
                    var t = r.tile();
                    if (!moved.containsKey(t) && isMadeByVector(t) && isCombined(t, moved) && hasRoom(t)) {
                        occupy(touches.get(t));
                        moved.put(t, new Tile(t.id(), true, t.dtype(), t.partitions(), t.free()));
                    }
                }
            }
            return moved;
        }

        /** Chains whose product with a number or a column goes to PSUM by itself. */
        Set<Integer> products(Map<Tile, Tile> moved) {
            var products = new HashSet<Integer>();
            for (int i = 0; i < body.size() && !target.memory().vectorScalarSharePsum(); i++) {
                if (body.get(i) instanceof Statement.Chain c && isOfProduct(c, moved) && banks[i] < most()) {
                    banks[i]++;
                    products.add(i);
                }
            }
            return products;
        }

        private boolean isOfProduct(Statement.Chain c, Map<Tile, Tile> moved) {
            long free = c.to().free();
            return c.first() == BinaryOp.MUL
                    && COMBINATIONS.contains(c.second())
                    && isWhole(c.a(), c.to())
                    && !(c.b() instanceof TileRef column && column.tile().equals(c.to().tile()))
                    && !isWhole(c.b(), c.to())
                    && isWhole(c.c(), c.to())
                    && c.c() instanceof TileRef other
                    && !other.tile().psum()
                    && !moved.containsKey(other.tile())
                    && free >= SHORTEST_PRODUCT
                    && Stream.of(c.to(), c.a(), c.b(), c.c())
                            .allMatch(o -> !(o instanceof TileRef r) || r.dims().size() == 1);
        }

        /** As many banks again are left for what the scheduler does ahead of time. */
        private int most() {
            return target.memory().psumBanks() / 2;
        }

        private boolean hasRoom(Tile t) {
            var at = touches.get(t);
            for (int i = at.getFirst(); i <= at.getLast(); i++) {
                if (banks[i] >= most()) {
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
