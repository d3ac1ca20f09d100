package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.passes.PassException;
import dev.systole.trainium.isa.Access;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Afterwards every operand is an address: tiles have bytes of SBUF or a bank of PSUM for as long as they live in issue order,
 * buffers have bytes of HBM. Of the places that are free, a tile takes the one whose last user is done first by the cost model, so that
 * it waits least; the lowest place of SBUF where several make it wait for nothing. Where this scatters SBUF so much that a tile finds no place,
 * it may wait for lower places, in the end for the lowest; where SBUF is full even so, the tile whose next use is farthest is spilled to HBM and
 * reloaded.
 */
public record Allocate(Target target) {
    private static final long HBM_ALIGNMENT = 4096;

    /** Any place is as good as one that is free for sure. */
    private static final double ANY_PLACE = Double.NEGATIVE_INFINITY;

    /** A place is free for sure if its last user is done so long before by the cost model, which knows no contention. The first that fits. */
    private static final List<Double> SLACK_SECONDS = List.of(20e-6, 0.0, -20e-6, ANY_PLACE);

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
        var dependences = Optional.of(Dependences.of(code.steps()));
        for (double slack : SLACK_SECONDS) {
            var timed = new Attempt(code, dependences, slack);
            if (timed.place().isEmpty()) {
                return finish(code, timed, 0);
            }
        }
        long spilled = 0;
        while (true) {
            var attempt = new Attempt(code, Optional.empty(), ANY_PLACE);
            var victim = attempt.place();
            if (victim.isEmpty()) {
                return finish(code, attempt, spilled);
            }
            var spill = Spill.insert(code, victim.get(), attempt.stuckAt, target);
            spilled += spill.bytes();
            code = spill.code();
        }
    }

    /** Live ranges in issue order, by tile id. */
    private static Map<Integer, int[]> ranges(VirtualCode code) {
        var ranges = new TreeMap<Integer, int[]>();
        for (int i = 0; i < code.steps().size(); i++) {
            for (int t : code.steps().get(i).tiles()) {
                int at = i;
                ranges.computeIfAbsent(t, k -> new int[] {at, at})[1] = at;
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
                attempt.sbuf.peak(),
                (int) attempt.psum.peak(),
                spilled);
    }

    private Access physical(Access a, Attempt attempt, Map<Integer, Long> buffers) {
        if (!a.isVirtual()) {
            return a;
        }
        int object = a.object().getAsInt();
        return a.at(
                0,
                switch (a.memory()) {
                    case HBM -> buffers.get(object);
                    case SBUF -> attempt.address.get(object);
                    case PSUM -> attempt.address.get(object) * target.memory().psumBankBytesPerPartition();
                });
    }

    /** One linear scan over the issue order. Mutable. */
    private final class Attempt {
        private final VirtualCode code;
        private final Optional<List<int[]>> dependences;
        private final double slack;
        private final Map<Integer, int[]> ranges;
        private final Map<Integer, Tile> tiles = new HashMap<>();
        private final Map<Integer, Long> address = new HashMap<>();
        private final FreeSpace sbuf;
        private final FreeSpace psum;
        private final List<Integer> live = new ArrayList<>();
        private int stuckAt;

        /**
         * @param dependences by which users are timed; without them each takes as long as any other
         * @param slack how long before it is taken a place is free for sure, in seconds
         */
        Attempt(VirtualCode code, Optional<List<int[]>> dependences, double slack) {
            this.code = code;
            this.dependences = dependences;
            this.slack = slack;
            this.ranges = ranges(code);
            code.tiles().forEach(t -> tiles.put(t.id(), t));
            sbuf = new FreeSpace(target.memory().sbufBytesPerPartition());
            psum = new FreeSpace(target.memory().psumBanks());
        }

        /** Places every tile, or names one to spill. */
        Optional<Tile> place() {
            var clock = new IssueClock(target);
            var finished = new double[code.steps().size()];
            for (int i = 0; i < code.steps().size(); i++) {
                var step = code.steps().get(i);
                double ready = 0;
                for (int d : dependences.isPresent() ? dependences.get().get(i) : new int[0]) {
                    ready = Math.max(ready, finished[d]);
                }
                double start = clock.start(step.instruction(), ready);
                for (int t : step.tiles()) {
                    if (ranges.get(t)[0] == i) {
                        var place =
                                space(t).take(size(tiles.get(t)), tiles.get(t).psum() ? 0 : start - slack);
                        if (place.isEmpty()) {
                            stuckAt = i;
                            return Optional.of(victim(i, tiles.get(t)));
                        }
                        address.put(t, place.get().at());
                        start = Math.max(start, place.get().free());
                        live.add(t);
                    }
                }
                finished[i] = dependences.isPresent()
                        ? clock.issue(step.instruction(), StepCost.of(step.instruction(), target), start)
                        : i;
                for (int t : step.tiles()) {
                    if (ranges.get(t)[1] == i) {
                        space(t).release(address.get(t), size(tiles.get(t)), finished[i]);
                        live.remove((Integer) t);
                    }
                }
            }
            return Optional.empty();
        }

        private FreeSpace space(int tile) {
            return tiles.get(tile).psum() ? psum : sbuf;
        }

        /** Bytes of SBUF or banks of PSUM. */
        private long size(Tile t) {
            long a = target.memory().sbufAlignmentBytes();
            return t.psum() ? 1 : Math.ceilDiv(Math.max(1, t.bytesPerPartition()), a) * a;
        }

        /**
         * The live tile whose next use is farthest, of those whose content is complete. Never one that the instruction needs
         * which the reloads at {@code at} are for, so that a tile is spilled at most once between two uses.
         */
        private Tile victim(int at, Tile wanted) {
            if (wanted.psum()) {
                throw new PassException(
                        "SYS3203 more than " + target.memory().psumBanks() + " accumulations are open at once");
            }
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
