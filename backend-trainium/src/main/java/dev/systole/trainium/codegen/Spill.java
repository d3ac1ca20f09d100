package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Tile;
import dev.systole.passes.PassException;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes what lives in SBUF at once fit, in one scan over the issue order: where a step finds no room, tiles whose content is complete leave until their
 * next use and come back as tiles of their own. A tile comes back from HBM, where it is saved unless it is there already, or is made again by
 * the instructions that made it, if what they read is there still and that takes no longer. Those leave first that cost the fewest seconds for the room
 * that they give and how long.
 *
 * <p>Two designs were weighed. To give places, spill the tile with the farthest next use where that gets stuck, and start over counts exactly what
 * fragments need, but takes the program's length times the number of spills. This scan takes time in proportion to the program; for what fragments
 * need, it is repeated with less room.
 *
 * @param bytes that move because of it
 */
record Spill(VirtualCode code, long bytes) {
    private static final int STORE_QUEUE = 13;
    private static final int RELOAD_QUEUE = 14;

    /** The most instructions by which a tile is made again. */
    private static final int MOST_STEPS = 8;

    /**
     * The code with no more than so many bytes of a partition in use at once; up to all of SBUF where nothing else can leave.
     *
     * @throws PassException if SBUF does not hold the tiles of one step
     */
    static Spill within(long bytesPerPartition, VirtualCode code, Target target) {
        return LiveRanges.of(code).sbufBytesPerPartition() <= bytesPerPartition
                ? new Spill(code, 0)
                : new Scan(bytesPerPartition, code, target).run();
    }

    /** How a tile comes back, and in which time. */
    private sealed interface Return {
        double seconds();

        /** From HBM, the time to get there included. */
        record Reload(double seconds) implements Return {}

        /** By these steps of the original code. */
        record Again(List<Integer> steps, double seconds) implements Return {}
    }

    /**
     * A tile in HBM.
     *
     * @param at the step before which it was saved
     */
    private record Saved(Buffer buffer, int at) {}

    /** Mutable. */
    private static final class Scan {
        private final long room;
        private final VirtualCode code;
        private final Target target;
        private final TileUses uses;
        private final LiveRanges ranges;
        private final Map<Integer, Tile> tiles = new HashMap<>();
        private final List<Buffer> buffers;
        private int nextBuffer;
        private final List<Tile> allTiles;
        private final List<VirtualCode.Step> steps = new ArrayList<>();
        /** In SBUF, by the id in the original code: the id that each has now. */
        private final Map<Integer, Integer> resident = new TreeMap<>();

        private final Map<Integer, Return> away = new HashMap<>();
        private final Map<Integer, Saved> saved = new HashMap<>();
        /** Until which step tiles have to stay, for others that are made from them again. */
        private final Map<Integer, Integer> pinned = new HashMap<>();

        private int nextTile;
        private long used;
        private long moved;

        Scan(long room, VirtualCode code, Target target) {
            this.room = room;
            this.code = code;
            this.target = target;
            this.uses = new TileUses(code);
            this.ranges = LiveRanges.of(code);
            this.buffers = new ArrayList<>(code.buffers());
            this.nextBuffer = 1 + buffers.stream().mapToInt(Buffer::id).max().orElse(-1);
            this.allTiles = new ArrayList<>(code.tiles());
            code.tiles().forEach(t -> tiles.put(t.id(), t));
            nextTile = code.tiles().stream().mapToInt(Tile::id).max().orElse(0) + 1;
        }

        Spill run() {
            for (int i = 0; i < code.steps().size(); i++) {
                var step = code.steps().get(i);
                var touched = Arrays.stream(ranges.touched(i))
                        .filter(t -> !tiles.get(t).psum())
                        .boxed()
                        .toList();
                var coming =
                        touched.stream().filter(t -> !resident.containsKey(t)).toList();
                makeRoom(coming, touched, i);
                coming.forEach(t -> enter(t, step));
                steps.add(new VirtualCode.Step(renamed(step.instruction()), step.location()));
                for (int t : touched) {
                    if (ranges.ends(t, i)) {
                        resident.remove(t);
                        used -= size(t);
                    }
                }
            }
            return new Spill(new VirtualCode(code.name(), code.contract(), buffers, allTiles, steps), moved);
        }

        private long size(int tile) {
            return Allocate.aligned(tiles.get(tile).bytesPerPartition(), target);
        }

        private void makeRoom(List<Integer> coming, List<Integer> touched, int at) {
            long wanted = coming.stream().mapToLong(this::size).sum();
            while (used + wanted > room) {
                var leaving = cheapest(touched, at);
                if (leaving.isEmpty()) {
                    if (used + wanted <= target.memory().sbufBytesPerPartition()) {
                        return;
                    }
                    throw new PassException(String.format(
                            Locale.ROOT,
                            "SYS3202 node %s: tiles of %,d bytes a partition do not fit SBUF of %s beside the tiles that are in"
                                    + " use with them",
                            code.steps().get(at).location(),
                            wanted,
                            target.name()));
                }
                leave(leaving.get(), at);
            }
        }

        private Optional<Integer> cheapest(List<Integer> touched, int at) {
            var best = Optional.<Integer>empty();
            double least = Double.POSITIVE_INFINITY;
            for (int t : resident.keySet()) {
                if (touched.contains(t) || pinned.getOrDefault(t, -1) >= at || !uses.isComplete(tiles.get(t), at)) {
                    continue;
                }
                long distance = uses.next(t, at).orElseThrow() - at;
                double cost = comingBack(t, at).seconds() / (size(t) * (double) distance);
                if (cost < least) {
                    best = Optional.of(t);
                    least = cost;
                }
            }
            return best;
        }

        private Return comingBack(int tile, int at) {
            double seconds =
                    seconds(reload(tile, tile, nextBuffer)) + (isSaved(tile, at) ? 0 : seconds(save(tile, nextBuffer)));
            return again(tile, at)
                    .filter(a -> a.seconds <= seconds)
                    .map(a -> (Return) a)
                    .orElse(new Return.Reload(seconds));
        }

        private boolean isSaved(int tile, int at) {
            return saved.containsKey(tile) && uses.writes(tile, at).last() < saved.get(tile).at;
        }

        /** The steps that made the tile, if what they read is there still at its next use. */
        private Optional<Return.Again> again(int tile, int at) {
            int back = uses.next(tile, at).orElseThrow();
            var writes = List.copyOf(uses.writes(tile, at));
            boolean isRepeatable = writes.size() <= MOST_STEPS
                    && writes.stream()
                            .allMatch(w -> isRepeatable(instruction(w))
                                    && instruction(w).writes().size() == 1
                                    && instruction(w).reads().stream().allMatch(r -> isThere(r, tile, w, back)));
            return isRepeatable
                    ? Optional.of(new Return.Again(
                            writes,
                            writes.stream()
                                    .mapToDouble(w -> seconds(instruction(w)))
                                    .sum()))
                    : Optional.empty();
        }

        private Instruction instruction(int step) {
            return code.steps().get(step).instruction();
        }

        /** True if what a step reads, other than the tile that it makes, can be read at another one. */
        private boolean isThere(Access read, int made, int step, int back) {
            if (!read.isVirtual() || read.memory() == Memory.PSUM) {
                return false;
            }
            int id = read.object().getAsInt();
            return read.memory() == Memory.HBM
                    ? uses.isSame(read, step, back)
                    : id == made || resident.containsKey(id) && uses.isSame(read, step, back);
        }

        /** True of instructions that read nothing but their operands: no accumulators, no generators of random numbers. */
        private static boolean isRepeatable(Instruction instruction) {
            return switch (instruction) {
                case DmaInstruction.DmaCopy c -> true;
                case DmaInstruction.DmaGather g -> true;
                case DmaInstruction.DmaTranspose t -> true;
                case ScalarInstruction.Activation a -> a.command() == ReduceCommand.IDLE;
                case VectorInstruction.TensorTensor t -> true;
                case VectorInstruction.TensorScalar t -> true;
                case VectorInstruction.ScalarTensorTensor t -> true;
                case VectorInstruction.TensorReduce t -> true;
                case VectorInstruction.TensorTensorScan t -> true;
                case VectorInstruction.TensorCopy t -> true;
                case VectorInstruction.Memset m -> true;
                case VectorInstruction.Reciprocal r -> true;
                case GpSimdInstruction.Iota i -> true;
                case GpSimdInstruction.AffineSelect s -> true;
                default -> false;
            };
        }

        private double seconds(Instruction instruction) {
            var cost = StepCost.of(instruction, target);
            return Math.max(cost.issueSeconds(), cost.transferSeconds());
        }

        private void leave(int tile, int at) {
            var way = comingBack(tile, at);
            switch (way) {
                case Return.Reload r
                when !isSaved(tile, at) -> {
                    var buffer = Optional.ofNullable(saved.get(tile))
                            .map(Saved::buffer)
                            .orElseGet(() -> newBuffer(tile));
                    steps.add(new VirtualCode.Step(
                            save(tile, buffer.id()), code.steps().get(at).location()));
                    saved.put(tile, new Saved(buffer, at));
                    moved += buffer.bytes();
                }
                case Return.Reload r -> {}
                case Return.Again a -> {
                    int back = uses.next(tile, at).orElseThrow();
                    a.steps.stream()
                            .flatMap(s -> instruction(s).reads().stream())
                            .filter(r -> r.memory() == Memory.SBUF)
                            .forEach(r -> pinned.merge(r.object().getAsInt(), back, Math::max));
                }
            }
            away.put(tile, way);
            resident.remove(tile);
            used -= size(tile);
        }

        private void enter(int tile, VirtualCode.Step user) {
            used += size(tile);
            if (!away.containsKey(tile)) {
                resident.put(tile, tile);
                return;
            }
            var t = tiles.get(tile);
            allTiles.add(new Tile(nextTile, false, t.dtype(), t.partitions(), t.free()));
            resident.put(tile, nextTile++);
            switch (away.remove(tile)) {
                case Return.Reload r -> {
                    var buffer = saved.get(tile).buffer;
                    steps.add(new VirtualCode.Step(reload(tile, resident.get(tile), buffer.id()), user.location()));
                    moved += buffer.bytes();
                }
                case Return.Again a ->
                    a.steps.forEach(s -> {
                        var again = onReloadQueue(instruction(s));
                        steps.add(new VirtualCode.Step(renamed(again), user.location()));
                        moved += again instanceof DmaInstruction d ? d.hbmBytesRead() : 0;
                    });
            }
        }

        private static Instruction onReloadQueue(Instruction instruction) {
            return instruction instanceof DmaInstruction.DmaCopy(var engine, var queue, var to, var from)
                    ? new DmaInstruction.DmaCopy(Engine.SYNC, RELOAD_QUEUE, to, from)
                    : instruction;
        }

        private Instruction renamed(Instruction instruction) {
            return instruction.map(a -> a.memory() == Memory.SBUF && a.isVirtual()
                    ? Access.virtual(
                            a.memory(),
                            resident.getOrDefault(
                                    a.object().getAsInt(), a.object().getAsInt()),
                            a.dtype(),
                            a.startPartition(),
                            a.partitions(),
                            a.offset(),
                            a.dims())
                    : a);
        }

        private Buffer newBuffer(int tile) {
            var t = tiles.get(tile);
            var buffer = new Buffer(
                    nextBuffer++, "spill " + t, t.dtype(), t.partitions() * t.free(), new Buffer.Role.Scratch());
            buffers.add(buffer);
            return buffer;
        }

        private Instruction save(int tile, int buffer) {
            var t = tiles.get(tile);
            return new DmaInstruction.DmaCopy(
                    Engine.GPSIMD, STORE_QUEUE, hbm(t, buffer), sbuf(t, resident.getOrDefault(tile, tile)));
        }

        private Instruction reload(int tile, int as, int buffer) {
            var t = tiles.get(tile);
            return new DmaInstruction.DmaCopy(Engine.SYNC, RELOAD_QUEUE, sbuf(t, as), hbm(t, buffer));
        }

        private static Access sbuf(Tile t, int as) {
            return Access.virtual(
                    Memory.SBUF, as, t.dtype(), 0, t.partitions(), 0, List.of(new Access.Dim(1, t.free())));
        }

        private static Access hbm(Tile t, int buffer) {
            return Access.virtual(
                    Memory.HBM, buffer, t.dtype(), 0, 1, 0, List.of(new Access.Dim(1, t.partitions() * t.free())));
        }
    }
}
