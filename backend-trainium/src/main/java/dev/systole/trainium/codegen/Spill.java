package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Tile;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Memory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Moves a tile out to HBM at one place of the issue order and back, as a tile of its own, before its next use; what was loaded and is still in HBM
 * is loaded again instead, if that takes no longer.
 *
 * @param bytes that move because of it
 */
record Spill(VirtualCode code, long bytes) {
    private static final int STORE_QUEUE = 13;
    private static final int RELOAD_QUEUE = 14;

    /** True if every byte of the tile has been written before {@code at} and a use is left. */
    static boolean canSpill(VirtualCode code, Tile tile, int at) {
        if (nextUse(code, tile.id(), at) < 0) {
            return false;
        }
        var written = new BitSet();
        for (int i = 0; i < at; i++) {
            for (var w : code.steps().get(i).instruction().writes()) {
                if (isTile(w, tile.id())) {
                    mark(written, w, tile.bytesPerPartition());
                }
            }
        }
        return written.cardinality() == tile.partitions() * tile.bytesPerPartition();
    }

    private static void mark(BitSet written, Access a, long bytesPerPartition) {
        int row = Math.toIntExact(bytesPerPartition);
        for (int p = a.startPartition(); p < a.startPartition() + a.partitions(); p++) {
            mark(written, a, 0, p * row + Math.toIntExact(a.offset()));
        }
    }

    private static void mark(BitSet written, Access a, int dim, int at) {
        int bytes = a.dtype().bytes();
        if (dim == a.dims().size()) {
            written.set(at, at + bytes);
            return;
        }
        var d = a.dims().get(dim);
        if (d.stride() == 1 && dim == a.dims().size() - 1) {
            written.set(at, at + Math.toIntExact(d.size()) * bytes);
            return;
        }
        for (int i = 0; i < d.size(); i++) {
            mark(written, a, dim + 1, at + Math.toIntExact(i * d.stride() * bytes));
        }
    }

    /** The first step from {@code at} on that touches the tile; -1 if there is none. */
    static int nextUse(VirtualCode code, int tile, int at) {
        for (int i = at; i < code.steps().size(); i++) {
            var instruction = code.steps().get(i).instruction();
            if (instruction.reads().stream().anyMatch(a -> isTile(a, tile))
                    || instruction.writes().stream().anyMatch(a -> isTile(a, tile))) {
                return i;
            }
        }
        return -1;
    }

    /** True of the transfer that brings a spilled tile back; it stands right before the step that uses it. */
    static boolean isReload(VirtualCode.Step step) {
        return step.instruction() instanceof DmaInstruction.DmaCopy copy && copy.queue() == RELOAD_QUEUE;
    }

    static Spill insert(VirtualCode code, Tile tile, int at, Target target) {
        int back = nextUse(code, tile.id(), at);
        var reloaded = new Tile(
                code.tiles().stream().mapToInt(Tile::id).max().orElse(0) + 1,
                false,
                tile.dtype(),
                tile.partitions(),
                tile.free());
        var tiles = new ArrayList<>(code.tiles());
        tiles.add(reloaded);
        var buffers = new ArrayList<>(code.buffers());
        var buffer = new Buffer(
                buffers.size(),
                "spill " + tile,
                tile.dtype(),
                tile.partitions() * tile.free(),
                new Buffer.Role.Scratch());
        var save = new DmaInstruction.DmaCopy(Engine.GPSIMD, STORE_QUEUE, hbm(buffer, tile), sbuf(tile));
        var reload = new DmaInstruction.DmaCopy(Engine.SYNC, RELOAD_QUEUE, sbuf(reloaded), hbm(buffer, tile));
        var again = loadedAgain(code, tile, reloaded, at, back)
                .filter(loads -> seconds(loads, target) <= seconds(List.of(save, reload), target));
        if (again.isEmpty()) {
            buffers.add(buffer);
        }
        var steps = new ArrayList<VirtualCode.Step>(code.steps().size() + 2);
        for (int i = 0; i < code.steps().size(); i++) {
            var step = code.steps().get(i);
            if (i == at && again.isEmpty()) {
                steps.add(new VirtualCode.Step(save, step.location()));
            }
            if (i == back) {
                again.orElse(List.of(reload)).forEach(r -> steps.add(new VirtualCode.Step(r, step.location())));
            }
            steps.add(
                    i < back
                            ? step
                            : new VirtualCode.Step(
                                    step.instruction().map(a -> isTile(a, tile.id()) ? moved(a, reloaded.id()) : a),
                                    step.location()));
        }
        return new Spill(
                new VirtualCode(code.name(), code.contract(), buffers, tiles, steps),
                (again.isEmpty() ? 2 : 1) * buffer.bytes());
    }

    /** The loads that fill the tile, once more for another one; empty if something else wrote it, or what they read changes until then. */
    private static Optional<List<DmaInstruction.DmaCopy>> loadedAgain(
            VirtualCode code, Tile tile, Tile other, int at, int back) {
        var loads = new ArrayList<DmaInstruction.DmaCopy>();
        var read = new HashSet<Integer>();
        for (int i = 0; i < back; i++) {
            var instruction = code.steps().get(i).instruction();
            for (var w : instruction.writes()) {
                if (w.memory() == Memory.HBM && read.contains(w.object().orElseThrow())) {
                    return Optional.empty();
                }
            }
            if (i < at && instruction.writes().stream().anyMatch(w -> isTile(w, tile.id()))) {
                if (!(instruction instanceof DmaInstruction.DmaCopy load)
                        || load.from().memory() != Memory.HBM) {
                    return Optional.empty();
                }
                read.add(load.from().object().orElseThrow());
                loads.add(new DmaInstruction.DmaCopy(
                        Engine.SYNC, RELOAD_QUEUE, moved(load.to(), other.id()), load.from()));
            }
        }
        return Optional.of(loads);
    }

    private static double seconds(List<DmaInstruction.DmaCopy> transfers, Target target) {
        return transfers.stream()
                .mapToDouble(t -> StepCost.of(t, target).transferSeconds())
                .sum();
    }

    private static Access moved(Access a, int id) {
        return Access.virtual(a.memory(), id, a.dtype(), a.startPartition(), a.partitions(), a.offset(), a.dims());
    }

    private static Access sbuf(Tile t) {
        return Access.virtual(
                Memory.SBUF, t.id(), t.dtype(), 0, t.partitions(), 0, List.of(new Access.Dim(1, t.free())));
    }

    private static Access hbm(Buffer b, Tile t) {
        return Access.virtual(
                Memory.HBM, b.id(), b.dtype(), 0, 1, 0, List.of(new Access.Dim(1, t.partitions() * t.free())));
    }

    private static boolean isTile(Access a, int tile) {
        return a.memory() != Memory.HBM && a.object().isPresent() && a.object().getAsInt() == tile;
    }
}
