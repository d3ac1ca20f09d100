package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.passes.PassException;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Memory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Afterwards every operand is an address: tiles have bytes of SBUF or a bank of PSUM for as long as they live in issue order,
 * buffers have bytes of HBM. Where SBUF is full, the tile whose next use is farthest is spilled to HBM and reloaded.
 */
public record Allocate(Target target) {
    private static final long HBM_ALIGNMENT = 4096;

    public String name() {
        return "allocate";
    }

    /**
     * Code whose operands are addresses, and what the allocation came to.
     *
     * @param bufferAddress in HBM, by the buffer's id
     * @param sbufPeakBytesPerPartition highest SBUF address in use
     * @param psumPeakBanks in use at once, at most
     * @param spilledBytes moved to HBM and back
     */
    public record Allocation(
            VirtualCode code,
            Map<Integer, Long> bufferAddress,
            long hbmBytes,
            long sbufPeakBytesPerPartition,
            int psumPeakBanks,
            long spilledBytes) {
        /** The printed form, see {@link CodeText}. */
        @Override
        public String toString() {
            return CodeText.print(this);
        }
    }

    /** @throws PassException if a tensor does not fit HBM, or the tiles of one instruction do not fit SBUF together */
    public Allocation run(VirtualCode code) {
        long spilled = 0;
        while (true) {
            var attempt = new Attempt(code);
            var victim = attempt.place();
            if (victim.isEmpty()) {
                return finish(code, attempt, spilled);
            }
            var spill = Spill.insert(code, victim.get(), attempt.stuckAt);
            spilled += spill.bytes();
            code = spill.code();
        }
    }

    /** Live ranges in issue order, by tile id. */
    private static Map<Integer, int[]> ranges(VirtualCode code) {
        var ranges = new TreeMap<Integer, int[]>();
        for (int i = 0; i < code.steps().size(); i++) {
            var instruction = code.steps().get(i).instruction();
            for (var list : List.of(instruction.reads(), instruction.writes())) {
                for (var a : list) {
                    if (a.memory() != Memory.HBM && a.isVirtual()) {
                        int at = i;
                        ranges.computeIfAbsent(a.object().getAsInt(), k -> new int[] {at, at})[1] = at;
                    }
                }
            }
        }
        return ranges;
    }

    private Allocation finish(VirtualCode code, Attempt attempt, long spilled) {
        var buffers = new HashMap<Integer, Long>();
        long next = 0;
        for (var b : code.buffers()) {
            buffers.put(b.id(), next);
            next = Math.ceilDiv(next + Math.max(1, b.bytes()), HBM_ALIGNMENT) * HBM_ALIGNMENT;
            if (next > target.memory().hbmBytesPerCore()) {
                throw new PassException(String.format(
                        Locale.ROOT,
                        "SYS3201 buffer \"%s\" of %,d bytes does not fit: %s has %,d bytes of HBM a core",
                        b.name(),
                        b.bytes(),
                        target.name(),
                        target.memory().hbmBytesPerCore()));
            }
        }
        var steps = code.steps().stream()
                .map(s -> new VirtualCode.Step(s.instruction().map(a -> physical(a, attempt, buffers)), s.location()))
                .toList();
        return new Allocation(
                new VirtualCode(code.name(), code.contract(), code.buffers(), List.of(), steps),
                buffers,
                next,
                attempt.sbufPeak,
                attempt.psumPeak,
                spilled);
    }

    private static Access physical(Access a, Attempt attempt, Map<Integer, Long> buffers) {
        if (!a.isVirtual()) {
            return a;
        }
        int object = a.object().getAsInt();
        return a.at(0, a.memory() == Memory.HBM ? buffers.get(object) : attempt.address.get(object));
    }

    /** One linear scan over the issue order. Mutable. */
    private final class Attempt {
        private final VirtualCode code;
        private final Map<Integer, int[]> ranges;
        private final Map<Integer, Tile> tiles = new HashMap<>();
        private final Map<Integer, Long> address = new HashMap<>();
        private final TreeMap<Long, Long> freeSbuf = new TreeMap<>();
        private final ArrayDeque<Integer> freeBanks = new ArrayDeque<>();
        private final List<Integer> live = new ArrayList<>();
        private long sbufPeak;
        private int psumPeak;
        private int stuckAt;

        Attempt(VirtualCode code) {
            this.code = code;
            this.ranges = ranges(code);
            code.tiles().forEach(t -> tiles.put(t.id(), t));
            freeSbuf.put(0L, (long) target.memory().sbufBytesPerPartition());
            for (int i = 0; i < target.memory().psumBanks(); i++) {
                freeBanks.add(i);
            }
        }

        /** Places every tile, or names one to spill. */
        Optional<Tile> place() {
            var starts = new TreeMap<Integer, List<Integer>>();
            var ends = new TreeMap<Integer, List<Integer>>();
            ranges.forEach((t, r) -> {
                starts.computeIfAbsent(r[0], k -> new ArrayList<>()).add(t);
                ends.computeIfAbsent(r[1], k -> new ArrayList<>()).add(t);
            });
            for (int i = 0; i < code.steps().size(); i++) {
                for (int t : starts.getOrDefault(i, List.of())) {
                    if (!take(tiles.get(t))) {
                        stuckAt = i;
                        return Optional.of(victim(i, tiles.get(t)));
                    }
                    live.add(t);
                }
                for (int t : ends.getOrDefault(i, List.of())) {
                    release(tiles.get(t));
                    live.remove((Integer) t);
                }
            }
            return Optional.empty();
        }

        private boolean take(Tile t) {
            if (t.psum()) {
                if (freeBanks.isEmpty()) {
                    throw new PassException(
                            "SYS3203 more than " + target.memory().psumBanks() + " accumulations are open at once");
                }
                address.put(t.id(), (long) freeBanks.poll() * target.memory().psumBankBytesPerPartition());
                psumPeak = Math.max(psumPeak, target.memory().psumBanks() - freeBanks.size());
                return true;
            }
            long bytes = aligned(t);
            for (var e : freeSbuf.entrySet()) {
                if (e.getValue() >= bytes) {
                    long at = e.getKey();
                    long rest = e.getValue() - bytes;
                    freeSbuf.remove(at);
                    if (rest > 0) {
                        freeSbuf.put(at + bytes, rest);
                    }
                    address.put(t.id(), at);
                    sbufPeak = Math.max(sbufPeak, at + bytes);
                    return true;
                }
            }
            return false;
        }

        private void release(Tile t) {
            long at = address.get(t.id());
            if (t.psum()) {
                freeBanks.add((int) (at / target.memory().psumBankBytesPerPartition()));
                return;
            }
            long bytes = aligned(t);
            var below = freeSbuf.floorEntry(at);
            if (below != null && below.getKey() + below.getValue() == at) {
                freeSbuf.remove(below.getKey());
                at = below.getKey();
                bytes += below.getValue();
            }
            var above = freeSbuf.get(at + bytes);
            if (above != null) {
                freeSbuf.remove(at + bytes);
                bytes += above;
            }
            freeSbuf.put(at, bytes);
        }

        private long aligned(Tile t) {
            long a = target.memory().sbufAlignmentBytes();
            return Math.ceilDiv(Math.max(1, t.bytesPerPartition()), a) * a;
        }

        /**
         * The live tile whose next use is farthest, of those whose content is complete. Never one that the instruction needs
         * which the reloads at {@code at} are for, so that a tile is spilled at most once between two uses.
         */
        private Tile victim(int at, Tile wanted) {
            Tile best = null;
            int bestUse = at;
            while (Spill.isReload(code.steps().get(bestUse))) {
                bestUse++;
            }
            for (int t : live) {
                var tile = tiles.get(t);
                if (!tile.psum() && Spill.canSpill(code, tile, at)) {
                    int use = Spill.nextUse(code, t, at);
                    if (use > bestUse) {
                        best = tile;
                        bestUse = use;
                    }
                }
            }
            if (best == null) {
                throw new PassException(String.format(
                        Locale.ROOT,
                        "SYS3202 node %s: a tile of %,d bytes a partition does not fit SBUF of %s beside the tiles that"
                                + " are in use with it",
                        code.steps().get(at).location(),
                        wanted.bytesPerPartition(),
                        target.name()));
            }
            return best;
        }
    }
}
