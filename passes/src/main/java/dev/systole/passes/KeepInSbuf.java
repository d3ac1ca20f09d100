package dev.systole.passes;

import dev.systole.ir.graph.Location;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Afterwards every intermediate value of a straight-line program whose tiles agree lives in SBUF: producers write, and
 * consumers read, tiles that hold the value as rows of 128 partitions, and its stores and loads are gone (the stores of a
 * model output stay).
 *
 * <p>Tiles agree when all stores and loads of the buffer have a row for each partition of the tile, step from row to row by the same
 * stride, stay within one row of that length and within one block of 128 rows, and start at a partition that the machine can address;
 * and when nothing that was loaded is stored to later.
 */
public record KeepInSbuf(Target target) implements TilePass {
    @Override
    public String name() {
        return "keep-in-sbuf";
    }

    @Override
    public TileProgram run(TileProgram program) {
        return new Residence(program, target).rewrite();
    }

    /** The buffers whose values would live in SBUF. */
    Set<Buffer> kept(TileProgram program) {
        var residence = new Residence(program, target);
        residence.choose();
        return residence.blocks.keySet();
    }

    /** The buffers whose values could live in SBUF if each was the only one: beside the tiles of none of them. */
    Set<Buffer> keepable(TileProgram program) {
        var residence = new Residence(program, target);
        return residence.affordableAlone(residence.agreed());
    }

    /** A part of a resident tile: start partition, first element, and steps between elements. */
    private record Place(Tile tile, int partition, long first, long step, List<Dim> pattern) {}

    private static final class Residence {
        private final TileProgram program;
        private final int partitions;
        private final int quadrant;
        private final long mostBytes;
        private final long sbufBytes;
        private final Map<Buffer, Long> rowLength = new HashMap<>();
        private final Map<Buffer, List<Tile>> blocks = new HashMap<>();
        private int nextTile;

        Residence(TileProgram program, Target target) {
            this.program = program;
            this.partitions = target.memory().partitions();
            this.quadrant = target.memory().quadrantPartitions();
            this.sbufBytes = target.memory().sbufBytesPerPartition();
            this.mostBytes = target.memory().sbufBytesPerPartition() * 11 / 16;
            nextTile = TileRewriter.nextTile(program.body());
        }

        TileProgram rewrite() {
            choose();
            var body = new ArrayList<Statement>();
            var resident = new HashMap<Integer, Place>();
            var dropped = new HashSet<Integer>();
            var redirected = redirectedProducers(resident, dropped);
            blocks.values().forEach(list -> list.forEach(t -> body.add(new Statement.Alloc(t, Location.COMPILER))));
            body.sort(Comparator.comparingInt(s -> ((Statement.Alloc) s).tile().id()));
            for (var s : program.body()) {
                switch (s) {
                    case Statement.Alloc(var t, var at) when dropped.contains(t.id()) -> {}
                    case Statement.Load(var to, var from, var at)
                    when dropped.contains(to.tile().id())
                            && !redirected.contains(to.tile().id()) -> {}
                    case Statement.Load(var to, var from, var at)
                    when blocks.containsKey(from.buffer()) ->
                        body.add(new Statement.Copy(moved(to, resident), whole(from), at));
                    case Statement.Store(var to, var from, var at)
                    when blocks.containsKey(to.buffer()) -> {
                        var source = moved(from, resident);
                        var place = whole(to);
                        if (!isSame(source, place)) {
                            body.add(new Statement.Copy(place, source, at));
                        }
                        if (to.buffer().role() instanceof Buffer.Role.Output) {
                            body.add(new Statement.Store(to, place, at));
                        }
                    }
                    default -> body.add(TileRewriter.map(s, r -> moved(r, resident), r -> r, a -> a));
                }
            }
            return new TileProgram(program.name(), program.contract(), program.buffers(), body);
        }

        /** Gives resident tiles to buffers whose tiles agree, as far as there is room. */
        private void choose() {
            rowLength.keySet().retainAll(affordable(agreed()));
            for (var b : program.buffers()) {
                if (rowLength.containsKey(b)) {
                    long length = rowLength.get(b);
                    long rows = Math.ceilDiv(b.elements(), length);
                    var list = new ArrayList<Tile>();
                    for (long row = 0; row < rows; row += partitions) {
                        list.add(
                                new Tile(nextTile++, false, b.dtype(), (int) Math.min(partitions, rows - row), length));
                    }
                    blocks.put(b, list);
                }
            }
        }

        /** The buffers whose tiles agree, with the lives of their blocks. */
        private Map<Buffer, List<Life>> agreed() {
            var touches = new HashMap<Buffer, List<Touch>>();
            var refused = new HashSet<Buffer>();
            var loads = new HashMap<Buffer, List<Extent>>();
            for (int i = 0; i < program.body().size(); i++) {
                switch (program.body().get(i)) {
                    case Statement.Load(var to, var from, var at) -> {
                        if (!from.isRowByRow(to.partitions())) {
                            refused.add(from.buffer());
                        }
                        touches.computeIfAbsent(from.buffer(), k -> new ArrayList<>())
                                .add(new Touch(i, from));
                        loads.computeIfAbsent(from.buffer(), k -> new ArrayList<>())
                                .add(Extent.of(from));
                    }
                    case Statement.Store(var to, var from, var at) -> {
                        var written = Extent.of(to);
                        if (!to.isRowByRow(from.partitions())
                                || loads.getOrDefault(to.buffer(), List.of()).stream()
                                        .anyMatch(written::meets)) {
                            refused.add(to.buffer());
                        }
                        touches.computeIfAbsent(to.buffer(), k -> new ArrayList<>())
                                .add(new Touch(i, to));
                    }
                    case Statement.GatherRows g -> refused.add(g.from().buffer());
                    case Statement.ScatterRows g -> refused.add(g.to().buffer());
                    default -> {}
                }
            }
            var blockLives = new HashMap<Buffer, List<Life>>();
            for (var b : touches.keySet()) {
                boolean intermediate = b.role() instanceof Buffer.Role.Scratch
                        || b.role() instanceof Buffer.Role.Output && loads.containsKey(b);
                if (intermediate && !refused.contains(b)) {
                    long length = agreedRow(b, touches.get(b));
                    if (length > 0 && touches.get(b).stream().allMatch(t -> fits(t.ref, length))) {
                        rowLength.put(b, length);
                        blockLives.put(b, blockLives(b, touches.get(b)));
                    }
                }
            }
            return blockLives;
        }

        /** A statement that loads from a buffer or stores to it. */
        private record Touch(int at, BufferRef ref) {}

        /** Of the elements of a reference, in one row and by the rows of a step between partitions. */
        private record Extent(long step, long firstRow, long lastRow, long first, long last) {
            static Extent of(BufferRef r) {
                var rows = r.dims().getFirst();
                long step = rows.size() > 1 ? Math.max(1, rows.stride()) : Long.MAX_VALUE;
                long low = r.offset().constant();
                long high = low;
                for (var d : r.dims().subList(1, r.dims().size())) {
                    low += Math.min(0, d.stride() * (d.size() - 1));
                    high += Math.max(0, d.stride() * (d.size() - 1));
                }
                return new Extent(step, low / step, low / step + rows.size() - 1, low % step, low % step + high - low);
            }

            boolean meets(Extent other) {
                return step != other.step
                        || last >= step
                        || other.last >= step
                        || firstRow <= other.lastRow
                                && other.firstRow <= lastRow
                                && first <= other.last
                                && other.first <= last;
            }
        }

        /** From the first statement that has to do with a block of rows to the last one. */
        private record Life(int first, int last) {}

        private List<Life> blockLives(Buffer b, List<Touch> touches) {
            long rowsOfBlock = rowLength.get(b) * partitions;
            var lives = new HashMap<Long, Life>();
            for (var t : touches) {
                lives.merge(
                        t.ref.offset().constant() / rowsOfBlock,
                        new Life(t.at, t.at),
                        (life, more) -> new Life(life.first, more.last));
            }
            return List.copyOf(lives.values());
        }

        private static Optional<Buffer> touched(Statement s) {
            return switch (s) {
                case Statement.Load l -> Optional.of(l.from().buffer());
                case Statement.Store t -> Optional.of(t.to().buffer());
                default -> Optional.empty();
            };
        }

        /** In the order in which they come to life, those for which there is room beside the ones, and the tiles, that live then. */
        private Set<Buffer> affordable(Map<Buffer, List<Life>> blockLives) {
            var tiles = livingBeside(blockLives.keySet());
            var kept = new long[tiles.length];
            var affordable = new HashSet<Buffer>();
            var order = blockLives.keySet().stream()
                    .sorted(Comparator.comparingInt((Buffer b) -> whole(blockLives.get(b)).first)
                            .thenComparingInt(Buffer::id))
                    .toList();
            for (var b : order) {
                if (isAffordable(b, blockLives.get(b), tiles, kept)) {
                    var life = whole(blockLives.get(b));
                    var own = ownBytes(b, blockLives.get(b), life);
                    for (int i = 0; i < own.length; i++) {
                        kept[life.first + i] += own[i];
                    }
                    affordable.add(b);
                }
            }
            return affordable;
        }

        private Set<Buffer> affordableAlone(Map<Buffer, List<Life>> blockLives) {
            var tiles = livingBeside(blockLives.keySet());
            return blockLives.keySet().stream()
                    .filter(b -> isAffordable(b, blockLives.get(b), tiles, new long[tiles.length]))
                    .collect(Collectors.toSet());
        }

        /** True if there is room for the blocks beside the tiles, and what is kept, while they live. */
        private boolean isAffordable(Buffer b, List<Life> lives, long[] tiles, long[] kept) {
            var life = whole(lives);
            var own = ownBytes(b, lives, life);
            return IntStream.range(0, own.length).allMatch(i -> {
                long with = kept[life.first + i] + own[i];
                return own[i] == 0 || with <= mostBytes && with + tiles[life.first + i] <= sbufBytes;
            });
        }

        /** From the first statement that has to do with any of the blocks to the last one. */
        private static Life whole(List<Life> lives) {
            return new Life(
                    lives.stream().mapToInt(Life::first).min().orElseThrow(),
                    lives.stream().mapToInt(Life::last).max().orElseThrow());
        }

        /** By statement of the whole life: what the blocks that live then take of a partition. */
        private long[] ownBytes(Buffer b, List<Life> lives, Life whole) {
            long bytesOfBlock = rowLength.get(b) * b.dtype().bytes();
            var change = new long[whole.last - whole.first + 2];
            for (var life : lives) {
                change[life.first - whole.first] += bytesOfBlock;
                change[life.last + 1 - whole.first] -= bytesOfBlock;
            }
            Arrays.parallelPrefix(change, Long::sum);
            return Arrays.copyOf(change, change.length - 1);
        }

        /** Bytes of a partition, by statement, of the tiles that are neither loaded from the buffers nor stored to them. */
        private long[] livingBeside(Set<Buffer> buffers) {
            var ends = new HashMap<Tile, Integer>();
            var own = new HashSet<Tile>();
            var uses = new ArrayList<List<Tile>>();
            for (var s : program.body()) {
                int at = uses.size();
                var used = Stream.concat(TileRewriter.writes(s).stream(), TileRewriter.reads(s).stream())
                        .map(TileRef::tile)
                        .filter(t -> !t.psum())
                        .toList();
                used.forEach(t -> ends.put(t, at));
                if (touched(s).filter(buffers::contains).isPresent()) {
                    own.addAll(used);
                }
                uses.add(used);
            }
            var living = new HashSet<Tile>();
            var bytes = new long[uses.size()];
            long now = 0;
            for (int i = 0; i < bytes.length; i++) {
                for (var t : uses.get(i)) {
                    now += !own.contains(t) && living.add(t) ? t.bytesPerPartition() : 0;
                }
                bytes[i] = now;
                for (var t : uses.get(i)) {
                    now -= ends.get(t) == i && living.remove(t) ? t.bytesPerPartition() : 0;
                }
            }
            return bytes;
        }

        /** The step between partitions that all references share; the whole buffer if none has two partitions; else 0. */
        private static long agreedRow(Buffer b, List<Touch> touches) {
            long length = b.elements();
            boolean found = false;
            for (var t : touches) {
                var rows = t.ref.dims().getFirst();
                if (rows.size() > 1) {
                    if (found && rows.stride() != length) {
                        return 0;
                    }
                    length = rows.stride();
                    found = true;
                }
            }
            return length;
        }

        private boolean fits(BufferRef r, long length) {
            long at = r.offset().constant();
            long last = at % length;
            for (var d : r.dims().subList(1, r.dims().size())) {
                if (d.stride() < 0) {
                    return false;
                }
                last += d.stride() * (d.size() - 1);
            }
            long start = at / length % partitions;
            long count = r.dims().getFirst().size();
            boolean addressable = count > partitions / 2
                    ? start == 0
                    : count > quadrant ? start % (partitions / 2) == 0 : start % quadrant == 0;
            return last < length && start + count <= partitions && addressable;
        }

        private Place place(BufferRef r) {
            long length = rowLength.get(r.buffer());
            long row = r.offset().constant() / length;
            return new Place(
                    blocks.get(r.buffer()).get((int) (row / partitions)),
                    (int) (row % partitions),
                    r.offset().constant() % length,
                    step(r),
                    r.dims().subList(1, r.dims().size()));
        }

        /** The step between neighbouring elements of the free pattern, or 0 if it is not one even run. */
        private static long step(BufferRef r) {
            long step = 0;
            long count = 1;
            for (int i = r.dims().size() - 1; i >= 1; i--) {
                var d = r.dims().get(i);
                if (d.size() == 1) {
                    continue;
                }
                if (d.stride() == 0) {
                    return 0;
                }
                if (step == 0) {
                    step = d.stride();
                } else if (d.stride() != step * count) {
                    return 0;
                }
                count *= d.size();
            }
            return count == 1 ? 1 : step;
        }

        private TileRef whole(BufferRef r) {
            var p = place(r);
            return new TileRef(p.tile, p.partition, (int) r.dims().getFirst().size(), Affine.of(p.first), p.pattern);
        }

        /**
         * Tiles that need no storage of their own: those loaded from a resident buffer in an even pattern, and those stored to
         * one as a whole, whose producers write the resident tile. Returns the latter.
         */
        private Set<Integer> redirectedProducers(Map<Integer, Place> resident, Set<Integer> dropped) {
            var redirected = new HashSet<Integer>();
            for (var s : program.body()) {
                if (s instanceof Statement.Load(var to, var from, var at)
                        && blocks.containsKey(from.buffer())
                        && to.equals(TileRef.of(to.tile()))
                        && step(from) != 0) {
                    resident.put(to.tile().id(), place(from));
                    dropped.add(to.tile().id());
                }
            }
            for (var s : program.body()) {
                if (s instanceof Statement.Store(var to, var from, var at)
                        && blocks.containsKey(to.buffer())
                        && from.equals(TileRef.of(from.tile()))
                        && !from.tile().psum()
                        && step(to) == 1
                        && !resident.containsKey(from.tile().id())) {
                    resident.put(from.tile().id(), place(to));
                    dropped.add(from.tile().id());
                    redirected.add(from.tile().id());
                }
            }
            return redirected;
        }

        /** True if two references name the same elements in the same order. */
        private static boolean isSame(TileRef a, TileRef b) {
            return a.tile().equals(b.tile())
                    && a.startPartition() == b.startPartition()
                    && a.partitions() == b.partitions()
                    && a.offset().equals(b.offset())
                    && merged(a.dims()).equals(merged(b.dims()));
        }

        /** Dimensions of several elements, neighbouring ones that are one even run as one. */
        private static List<Dim> merged(List<Dim> dims) {
            var list = new ArrayList<Dim>();
            for (var d : dims) {
                if (d.size() == 1) {
                    continue;
                }
                if (!list.isEmpty() && list.getLast().stride() == d.stride() * d.size()) {
                    list.set(list.size() - 1, new Dim(d.stride(), list.getLast().size() * d.size()));
                } else {
                    list.add(d);
                }
            }
            return list;
        }

        private static TileRef moved(TileRef r, Map<Integer, Place> resident) {
            return Optional.ofNullable(resident.get(r.tile().id()))
                    .map(p -> new TileRef(
                            p.tile,
                            p.partition + r.startPartition(),
                            r.partitions(),
                            Affine.of(p.first + r.offset().constant() * p.step),
                            r.dims().stream()
                                    .map(d -> new Dim(d.stride() * p.step, d.size()))
                                    .toList()))
                    .orElse(r);
        }
    }
}
