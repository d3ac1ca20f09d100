package dev.systole.passes;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Affine;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.BufferRef;
import dev.systole.ir.tile.Dim;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Afterwards constants lie in HBM as a straight-line program loads them: what a partition gets is one run, and neighbouring loads are one
 * transfer, until its runs are so long that the DMA engines reach their rate. No element is stored twice.
 *
 * <p>Two designs were considered. <em>In the loop nests</em>: each of them would ask for its weights in runs, and the graph would hold
 * packed constants; every loop nest repeats it, and layouts become part of the graph. <em>On the loads</em>, as here: whatever loaded a
 * constant piece by piece gets the same pieces, and nothing else needs to know.
 */
public record PackConstants(Target target) implements TilePass {
    /** Statements between the first and the last of the loads that become one. */
    private static final int MOST_APART = 256;

    @Override
    public String name() {
        return "pack-constants";
    }

    /** Pieces of a constant that lie side by side: partition by partition, unless all get the same, and in each piece by piece. Mutable. */
    private static final class Group {
        final int partitions;
        final boolean isSpread;
        final DType dtype;
        final int firstStatement;
        final List<BufferRef> pieces = new ArrayList<>();
        long free;
        long offset;

        Group(int partitions, boolean isSpread, DType dtype, int firstStatement) {
            this.partitions = partitions;
            this.isSpread = isSpread;
            this.dtype = dtype;
            this.firstStatement = firstStatement;
        }

        /** Rows in memory: one if all partitions get the same. */
        long rows() {
            return isSpread ? 1 : partitions;
        }
    }

    /** Where a piece lies in each partition of its group. */
    private record Place(Group group, long offset, long free) {}

    /** A constant's loads, and where its pieces go. Mutable. */
    private final class Packing {
        final Buffer buffer;
        final List<Integer> loads = new ArrayList<>();
        final List<Group> groups = new ArrayList<>();
        final Map<BufferRef, Place> places = new LinkedHashMap<>();
        boolean isOpen;
        boolean isWorthwhile;

        Packing(Buffer buffer) {
            this.buffer = buffer;
        }

        void note(int at, Statement.Load load, boolean isWhole) {
            loads.add(at);
            var piece = load.from();
            if (places.containsKey(piece)) {
                return;
            }
            int partitions = (int) piece.dims().getFirst().size();
            boolean isSpread = partitions > 1 && piece.dims().getFirst().stride() == 0;
            var dtype = load.to().tile().dtype();
            long free = load.to().free();
            boolean isShort = bytes(run(piece)) < shortest();
            boolean joins = isOpen && isWhole && isShort && fits(groups.getLast(), partitions, isSpread, dtype, at);
            if (!joins) {
                groups.add(new Group(partitions, isSpread, dtype, at));
                isOpen = isWhole && isShort;
            }
            var last = groups.getLast();
            places.put(piece, new Place(last, last.free, free));
            last.pieces.add(piece);
            last.free += free;
            isWorthwhile |= joins || isShort && run(piece) < free;
        }

        private boolean fits(Group group, int partitions, boolean isSpread, DType dtype, int at) {
            return group.partitions == partitions
                    && group.isSpread == isSpread
                    && group.dtype == dtype
                    && at - group.firstStatement <= MOST_APART
                    && bytes(group.free) < shortest();
        }

        private long bytes(long elements) {
            return buffer.dtype().bytesFor(elements);
        }

        boolean fits() {
            return groups.stream().mapToLong(g -> g.rows() * g.free).sum() <= buffer.elements();
        }

        /** The constant, piece by piece. */
        Buffer packed() {
            long elements = 0;
            for (var g : groups) {
                g.offset = elements;
                elements += g.rows() * g.free;
            }
            var value = Tensor.allocate(new TensorType(buffer.dtype(), Shape.of(elements)));
            var from = ((Buffer.Role.Constant) buffer.role()).value().bytes();
            places.forEach((piece, place) -> {
                for (int p = 0; p < place.group.rows(); p++) {
                    long source = piece.offset().constant()
                            + p * piece.dims().getFirst().stride();
                    long to = place.group.offset + p * place.group.free + place.offset;
                    copy(from, source, piece.dims().subList(1, piece.dims().size()), value.bytes(), to);
                }
            });
            return new Buffer(buffer.id(), buffer.name(), buffer.dtype(), elements, new Buffer.Role.Constant(value));
        }

        /** Copies a pattern to a run; returns its end. */
        private long copy(MemorySegment from, long source, List<Dim> dims, MemorySegment to, long at) {
            if (dims.isEmpty() || dims.size() == 1 && dims.getFirst().stride() == 1) {
                long n = dims.isEmpty() ? 1 : dims.getFirst().size();
                MemorySegment.copy(from, bytes(source), to, bytes(at), bytes(n));
                return at + n;
            }
            for (long i = 0; i < dims.getFirst().size(); i++) {
                at = copy(from, source + i * dims.getFirst().stride(), dims.subList(1, dims.size()), to, at);
            }
            return at;
        }
    }

    /** Bytes from which on a run reaches the DMA engines' rate. */
    private long shortest() {
        return (long) (target.dma().minTimePerDescriptorSeconds() * target.dma().bytesPerSecondPerEngine());
    }

    /** Neighbouring elements of a partition. */
    private static long run(BufferRef piece) {
        long run = 1;
        for (int i = piece.dims().size() - 1;
                i > 0
                        && (piece.dims().get(i).stride() == run
                                || piece.dims().get(i).size() == 1);
                i--) {
            run *= piece.dims().get(i).size();
        }
        return run;
    }

    @Override
    public TileProgram run(TileProgram program) {
        var writers = new HashMap<Integer, Integer>();
        program.body()
                .forEach(s -> TileRewriter.writes(s)
                        .forEach(r -> writers.merge(r.tile().id(), 1, Integer::sum)));
        var packings = packings(program, writers);
        var packed = new HashMap<Integer, Buffer>();
        packings.forEach((id, packing) -> packed.put(id, packing.packed()));
        var rewriting = new Rewriting(program, writers, packings, packed);
        var buffers = program.buffers().stream()
                .map(b -> packed.getOrDefault(b.id(), b))
                .toList();
        return new TileProgram(program.name(), program.contract(), buffers, rewriting.body());
    }

    /** The constants that are better packed, by the buffer's id. */
    private Map<Integer, Packing> packings(TileProgram program, Map<Integer, Integer> writers) {
        var packings = new TreeMap<Integer, Packing>();
        for (var b : program.buffers()) {
            if (b.role() instanceof Buffer.Role.Constant && b.dtype().bits() % 8 == 0) {
                packings.put(b.id(), new Packing(b));
            }
        }
        for (int i = 0; i < program.body().size(); i++) {
            switch (program.body().get(i)) {
                case Statement.Load load
                when isPackable(load) -> {
                    var packing = packings.get(load.from().buffer().id());
                    if (packing != null) {
                        packing.note(i, load, isWhole(load, writers));
                    }
                }
                case Statement.Load load -> packings.remove(load.from().buffer().id());
                case Statement.GatherRows gather ->
                    packings.remove(gather.from().buffer().id());
                default -> {}
            }
        }
        packings.values().removeIf(p -> !p.isWorthwhile || !p.fits());
        return packings;
    }

    /** True for what each partition gets by itself: rows of one dimension, at a place that is known. */
    private static boolean isPackable(Statement.Load load) {
        return load.from().offset().isConstant()
                && load.from().isRowByRow(load.to().partitions())
                && load.from().dims().stream().skip(1).noneMatch(d -> d.stride() == 0 && d.size() > 1);
    }

    /** True if the load brings all that a tile ever holds. */
    private static boolean isWhole(Statement.Load load, Map<Integer, Integer> writers) {
        return writers.get(load.to().tile().id()) == 1
                && load.to().equals(TileRef.of(load.to().tile()));
    }

    /** The program with packed constants. Mutable. */
    private static final class Rewriting {
        /** The part of a tile in which another tile's content is. */
        private record Part(Tile tile, long offset) {}

        private final TileProgram program;
        private final Map<Integer, Integer> writers;
        private final Map<Integer, Packing> packings;
        private final Map<Integer, Buffer> packed;
        private final Map<Integer, Part> parts = new HashMap<>();
        private int nextTile;

        Rewriting(
                TileProgram program,
                Map<Integer, Integer> writers,
                Map<Integer, Packing> packings,
                Map<Integer, Buffer> packed) {
            this.program = program;
            this.writers = writers;
            this.packings = packings;
            this.packed = packed;
            nextTile = TileRewriter.nextTile(program.body());
        }

        List<Statement> body() {
            var together = new HashMap<Integer, Statement.Load>();
            for (var packing : packings.values()) {
                merge(packing, together);
            }
            var body = new ArrayList<Statement>();
            for (int i = 0; i < program.body().size(); i++) {
                int here = i;
                switch (program.body().get(i)) {
                    case Statement.Alloc(var t, var at) when parts.containsKey(t.id()) -> {}
                    case Statement.Load load
                    when together.containsKey(here) -> {
                        var merged = together.get(here);
                        body.add(new Statement.Alloc(merged.to().tile(), load.location()));
                        body.add(merged);
                    }
                    case Statement.Load load
                    when parts.containsKey(load.to().tile().id()) -> {}
                    case Statement.Load load
                    when packings.containsKey(load.from().buffer().id()) -> body.add(alone(load));
                    case Statement.Alloc a -> body.add(a);
                    case Statement s -> body.add(TileRewriter.map(s, this::redirected, b -> b, a -> a));
                }
            }
            return body;
        }

        /** Finds loads that all pieces of a group need one after the other: they become one, where the first of them is. */
        private void merge(Packing packing, Map<Integer, Statement.Load> together) {
            for (int i = 0; i < packing.loads.size(); i++) {
                int at = packing.loads.get(i);
                var group = packing.places.get(load(at).from()).group;
                if (group.pieces.size() > 1 && areTogether(packing, i, group)) {
                    var tile = new Tile(nextTile++, false, group.dtype, group.partitions, group.free);
                    for (int k = 0; k < group.pieces.size(); k++) {
                        var each = load(packing.loads.get(i + k));
                        parts.put(each.to().tile().id(), new Part(tile, packing.places.get(each.from()).offset));
                    }
                    var from = ref(packing, new Place(group, 0, group.free));
                    together.put(at, new Statement.Load(TileRef.of(tile), from, load(at).location()));
                    i += group.pieces.size() - 1;
                }
            }
        }

        private Statement.Load load(int at) {
            return (Statement.Load) program.body().get(at);
        }

        private boolean areTogether(Packing packing, int first, Group group) {
            int last = first + group.pieces.size() - 1;
            if (last >= packing.loads.size() || packing.loads.get(last) - packing.loads.get(first) > MOST_APART) {
                return false;
            }
            for (int k = 0; k < group.pieces.size(); k++) {
                var each = load(packing.loads.get(first + k));
                if (!each.from().equals(group.pieces.get(k))
                        || each.to().tile().dtype() != group.dtype
                        || !isWhole(each, writers)) {
                    return false;
                }
            }
            return true;
        }

        private Statement.Load alone(Statement.Load load) {
            var packing = packings.get(load.from().buffer().id());
            return new Statement.Load(load.to(), ref(packing, packing.places.get(load.from())), load.location());
        }

        private BufferRef ref(Packing packing, Place place) {
            return new BufferRef(
                    packed.get(packing.buffer.id()),
                    Affine.of(place.group.offset + place.offset),
                    List.of(
                            new Dim(place.group.isSpread ? 0 : place.group.free, place.group.partitions),
                            new Dim(1, place.free)));
        }

        private TileRef redirected(TileRef r) {
            var part = parts.get(r.tile().id());
            return part == null
                    ? r
                    : new TileRef(
                            part.tile,
                            r.startPartition(),
                            r.partitions(),
                            r.offset().plus(part.offset),
                            r.dims());
        }
    }
}
