package dev.systole.trainium.codegen;

import dev.systole.ir.tile.Tile;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeSet;

/** Which steps of the issue order touch tiles, and which write them and the buffers of HBM. */
final class TileUses {
    private final VirtualCode code;
    private final Map<Integer, NavigableSet<Integer>> touches = new HashMap<>();
    private final Map<Integer, NavigableSet<Integer>> tileWrites = new HashMap<>();
    private final Map<Integer, NavigableSet<Integer>> bufferWrites = new HashMap<>();
    private final Map<Integer, OptionalInt> complete = new HashMap<>();

    TileUses(VirtualCode code) {
        this.code = code;
        for (int i = 0; i < code.steps().size(); i++) {
            var step = code.steps().get(i);
            for (int t : step.tiles()) {
                add(touches, t, i);
            }
            for (var w : step.instruction().writes()) {
                if (w.isVirtual()) {
                    add(
                            w.memory() == Memory.HBM ? bufferWrites : tileWrites,
                            w.object().getAsInt(),
                            i);
                }
            }
        }
    }

    private static void add(Map<Integer, NavigableSet<Integer>> steps, int id, int step) {
        steps.computeIfAbsent(id, k -> new TreeSet<>()).add(step);
    }

    /** The first step from {@code at} on that touches the tile. */
    OptionalInt next(int tile, int at) {
        var step = touches.get(tile).ceiling(at);
        return step == null ? OptionalInt.empty() : OptionalInt.of(step);
    }

    /** The steps before {@code at} that write the tile. */
    NavigableSet<Integer> writes(int tile, int at) {
        return tileWrites.getOrDefault(tile, Collections.emptyNavigableSet()).headSet(at, false);
    }

    /** True if the access reads at {@code to} what it does at {@code from}, and its tile lives until then. */
    boolean isSame(Access read, int from, int to) {
        int id = read.object().getAsInt();
        boolean onChip = read.memory() != Memory.HBM;
        var write = (onChip ? tileWrites : bufferWrites)
                .getOrDefault(id, Collections.emptyNavigableSet())
                .higher(from);
        return (write == null || write >= to) && (!onChip || touches.get(id).last() >= to);
    }

    /** True if every byte of the tile has been written before {@code at}. */
    boolean isComplete(Tile tile, int at) {
        var step = complete.computeIfAbsent(tile.id(), k -> completed(tile));
        return step.isPresent() && step.getAsInt() < at;
    }

    /** The step that writes what is missing of the tile. */
    private OptionalInt completed(Tile tile) {
        int bytes = Math.toIntExact(tile.bytesPerPartition());
        var written = new BitSet();
        for (int i : tileWrites.getOrDefault(tile.id(), Collections.emptyNavigableSet())) {
            for (var w : code.steps().get(i).instruction().writes()) {
                if (w.memory() != Memory.HBM && w.object().equals(OptionalInt.of(tile.id()))) {
                    for (int p = w.startPartition(); p < w.startPartition() + w.partitions(); p++) {
                        mark(written, w, 0, p * bytes + Math.toIntExact(w.offset()));
                    }
                }
            }
            if (written.cardinality() == tile.partitions() * bytes) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
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
}
