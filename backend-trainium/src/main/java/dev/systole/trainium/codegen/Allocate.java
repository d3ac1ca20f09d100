package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.passes.PassException;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Afterwards every operand is an address: tiles have bytes of SBUF or a bank of PSUM for as long as they live in issue order,
 * buffers have bytes of HBM. SBUF is used up to the smallest of a few multiples of what is live at once with which the
 * program ends no later by the cost model's clock than if no tile ever waited for the last user of its bytes; all of SBUF if none does. Of the
 * places that are free in time a tile takes the smallest, of the others the one that is free first, see {@link Places}; of all of SBUF the
 * lowest, too, if the program ends sooner so. If that is much more than what is live at once by the clock, multiples
 * of the latter are tried. Multiples smaller than the one found are tried with places that are chosen before the clock
 * starts, by what is large for long first, see {@link Packing}; with all of SBUF that is not worth its time. Where more lives at
 * once than SBUF holds, tiles leave it for a while, see {@link Spill}.
 */
public record Allocate(Target target) {
    private static final long HBM_ALIGNMENT = 4096;

    /** Any place is as good as one that is free. */
    private static final double ANY_PLACE = Double.NEGATIVE_INFINITY;

    /** How much of SBUF is tried, as multiples of what is live at once. */
    private static final List<Double> BUDGETS = List.of(1.1, 1.15, 1.2, 1.3, 1.5);

    /** The same, as multiples of what is live at once by the clock: loads wait where there is less. With the last one tiles lie close together. */
    private static final List<Double> CLOSE_BUDGETS =
            List.of(0.9, 0.92, 0.94, 0.96, 0.98, 1.0, 1.02, 1.04, 1.06, 1.08, 1.1);

    /** How long before it is taken the last user of a place had better be done; the first with which all find places. */
    private static final List<Double> SLACK_SECONDS = List.of(2e-6, 0.0);

    /** The same where all of SBUF is used, in the end without regard to time. */
    private static final List<Double> SLACK_SECONDS_OF_ALL =
            List.of(20e-6, 10e-6, 5e-6, 2e-6, 0.0, -2e-6, -5e-6, -10e-6, -20e-6, ANY_PLACE);

    /** How much of SBUF is used at once where not everything fits, by what its fragments need. */
    private static final List<Double> SPILL_BUDGETS = List.of(1.0, 0.97, 0.94, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5);

    /** By how much a transfer may be done later than the cost model's clock has it, which lets them share no bandwidth. */
    private static final double TRANSFER_MARGIN_SECONDS = 10e-6;

    /** The same where tiles are to lie close together. */
    private static final double CLOSE_MARGIN_SECONDS = 3e-6;

    /** How often the places of all tiles are chosen for a budget, each time by the times of the attempt before. */
    private static final int PACKINGS = 3;

    /** How much longer the program may take by the clock with less of SBUF, as a share. */
    private static final double TOLERANCE = 0.001;

    public String name() {
        return "allocate";
    }

    /**
     * Code whose operands are addresses, and what the allocation came to.
     *
     * @param bufferAddress in HBM, by the buffer's id
     * @param sbufPeakBytesPerPartition highest SBUF address in use
     * @param psumPeakBanks in use at once, at most
     * @param spilledBytes moved to HBM and back, or loaded again
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

    /** @throws PassException if a tensor does not fit HBM, the tiles of one instruction do not fit SBUF together, or there are too few banks */
    public Allocation run(VirtualCode code) {
        if (LiveRanges.of(code).psumBanks() > target.memory().psumBanks()) {
            throw new PassException(
                    "SYS3203 more than " + target.memory().psumBanks() + " accumulations are open at once");
        }
        long sbuf = target.memory().sbufBytesPerPartition();
        for (double share : SPILL_BUDGETS) {
            var spill = Spill.within((long) (share * sbuf), code, target);
            var allocation = timed(spill.code(), spill.bytes());
            if (allocation.isPresent()) {
                return allocation.get();
            }
        }
        throw new PassException("SYS3202 tiles that are in use at once do not fit SBUF of " + target.name() + ", "
                + sbuf + " bytes a partition, beside each other");
    }

    /** With as little of SBUF as costs no time, or with all of it. */
    private Optional<Allocation> timed(VirtualCode code, long spilled) {
        var timing = new Timing(code, Dependences.of(code.steps()));
        var free = new Attempt(timing, Long.MAX_VALUE, 0, 0, Double.POSITIVE_INFINITY, Places.Fit.LOWEST);
        free.place();
        double latest = (1 + TOLERANCE) * free.end;
        return frugal(timing, budgets(timing.ranges.sbufBytesPerPartition(), BUDGETS), TRANSFER_MARGIN_SECONDS, latest)
                .map(found -> close(timing, found, latest))
                .map(found -> packed(timing, found, latest))
                .or(() -> withAll(timing))
                .map(attempt -> finish(code, attempt, spilled));
    }

    /** The first attempt with less than all of SBUF that ends in time. */
    private Optional<Attempt> frugal(Timing timing, List<Long> budgets, double margin, double latest) {
        for (long bytes : budgets) {
            for (double slack : SLACK_SECONDS) {
                var attempt = new Attempt(timing, bytes, slack, margin, latest, Places.Fit.SMALLEST);
                if (attempt.place() && attempt.end <= latest) {
                    return Optional.of(attempt);
                }
            }
        }
        return Optional.empty();
    }

    /** With little more of SBUF than lives at once by the clock, if that ends in time. */
    private Attempt close(Timing timing, Attempt found, double latest) {
        long live = found.sbufLive();
        boolean isClose = found.sbuf.peak() <= CLOSE_BUDGETS.getLast() * live;
        return isClose
                ? found
                : frugal(timing, budgets(live, CLOSE_BUDGETS), CLOSE_MARGIN_SECONDS, latest)
                        .orElse(found);
    }

    private Optional<Attempt> withAll(Timing timing) {
        long sbuf = target.memory().sbufBytesPerPartition();
        return Stream.of(Places.Fit.LOWEST, Places.Fit.SMALLEST)
                .flatMap(fit -> SLACK_SECONDS_OF_ALL.stream()
                        .map(slack -> new Attempt(timing, sbuf, slack, margin(fit), Double.POSITIVE_INFINITY, fit))
                        .filter(attempt -> attempt.place())
                        .limit(1))
                .min(Comparator.comparingDouble(attempt -> attempt.end));
    }

    private static double margin(Places.Fit fit) {
        return fit == Places.Fit.SMALLEST ? TRANSFER_MARGIN_SECONDS : 0;
    }

    /**
     * With less of SBUF than was found step by step, if that ends in time. The places of all tiles are chosen by when an attempt had
     * each of them begin and end.
     */
    private Attempt packed(Timing timing, Attempt found, double latest) {
        var times = found;
        for (long bytes : budgets(timing.ranges.sbufBytesPerPartition(), BUDGETS)) {
            for (int i = 0; i < PACKINGS && bytes < found.sbuf.peak(); i++) {
                var addresses = Packing.of(times.lives(), bytes);
                if (addresses.isEmpty()) {
                    break;
                }
                var attempt = new Attempt(timing, bytes, addresses.get());
                if (attempt.place() && attempt.end <= latest) {
                    return attempt;
                }
                times = attempt;
            }
        }
        return found;
    }

    private List<Long> budgets(long live, List<Double> multiples) {
        return multiples.stream()
                .map(m -> aligned((long) (m * live)))
                .filter(bytes -> bytes < target.memory().sbufBytesPerPartition())
                .toList();
    }

    private long aligned(long bytes) {
        return aligned(bytes, target);
    }

    static long aligned(long bytes, Target target) {
        long alignment = target.memory().sbufAlignmentBytes();
        return Math.ceilDiv(Math.max(1, bytes), alignment) * alignment;
    }

    private Allocation finish(VirtualCode code, Attempt attempt, long spilled) {
        var buffers = new HashMap<Integer, Long>();
        long next = 0;
        for (var b : code.buffers()) {
            if (buffers.put(b.id(), next) != null) {
                throw new IllegalStateException(b + " has the number of another buffer");
            }
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
                    case SBUF -> attempt.sbuf.address(object);
                    case PSUM -> attempt.psum.address(object) * target.memory().psumBankBytesPerPartition();
                });
    }

    /** What is the same in all attempts. */
    private final class Timing {
        private final VirtualCode code;
        private final LiveRanges ranges;
        private final List<int[]> dependences;
        private final List<StepCost> costs;
        private final Map<Integer, Tile> tiles = new HashMap<>();

        /** @param dependences by which users are timed */
        Timing(VirtualCode code, List<int[]> dependences) {
            this.code = code;
            this.ranges = LiveRanges.of(code);
            this.dependences = dependences;
            this.costs = code.steps().stream()
                    .map(s -> StepCost.of(s.instruction(), target))
                    .toList();
            code.tiles().forEach(t -> tiles.put(t.id(), t));
        }
    }

    /** One scan over the issue order by the cost model's clock. Mutable. */
    private final class Attempt {
        private final Timing timing;
        private final VirtualCode code;
        private final double slack;
        private final double margin;
        private final double latest;
        private final Places sbuf;
        private final Places psum;
        private final Map<Integer, Long> addresses;
        private final double[] started;
        private final double[] done;
        private double end;

        /**
         * @param sbufBytes a partition
         * @param slack how long before it is taken a place had better be free, in seconds
         * @param margin how much later than by the clock transfers leave their places, in seconds
         * @param latest after when the program ends too late, in seconds
         * @param fit which places tiles of SBUF take
         */
        Attempt(Timing timing, long sbufBytes, double slack, double margin, double latest, Places.Fit fit) {
            this(timing, sbufBytes, slack, margin, latest, fit, Map.of());
        }

        /** @param addresses of the tiles in SBUF */
        Attempt(Timing timing, long sbufBytes, Map<Integer, Long> addresses) {
            this(timing, sbufBytes, 0, 0, Double.POSITIVE_INFINITY, Places.Fit.LOWEST, addresses);
        }

        private Attempt(
                Timing timing,
                long sbufBytes,
                double slack,
                double margin,
                double latest,
                Places.Fit fit,
                Map<Integer, Long> addresses) {
            this.timing = timing;
            this.code = timing.code;
            this.slack = slack;
            this.margin = margin;
            this.latest = latest;
            this.addresses = addresses;
            this.started = new double[code.steps().size()];
            this.done = new double[code.steps().size()];
            this.sbuf = new Places(sbufBytes, fit);
            this.psum = new Places(target.memory().psumBanks(), Places.Fit.LOWEST);
        }

        /** Places every tile; false if one finds no place, or makes the program end too late. */
        boolean place() {
            var clock = new IssueClock(target);
            for (int i = 0; i < code.steps().size(); i++) {
                var instruction = code.steps().get(i).instruction();
                double ready = 0;
                for (int d : timing.dependences.get(i)) {
                    ready = Math.max(ready, done[d]);
                }
                double start = clock.start(instruction, ready);
                double wanted = start - slack;
                for (int t : timing.ranges.touched(i)) {
                    if (timing.ranges.begins(t, i)) {
                        var from = take(timing.tiles.get(t), i, start, wanted);
                        if (from.isEmpty() || from.getAsDouble() > latest) {
                            return false;
                        }
                        start = from.getAsDouble();
                    }
                }
                started[i] = start;
                done[i] = clock.issue(instruction, timing.costs.get(i), start);
                end = Math.max(end, done[i]);
                double left = done[i] + (isTransfer(i) ? margin : 0);
                for (int t : timing.ranges.touched(i)) {
                    if (timing.ranges.ends(t, i)) {
                        space(timing.tiles.get(t)).release(t, i, left);
                    }
                }
            }
            return true;
        }

        private OptionalDouble take(Tile tile, int step, double start, double wanted) {
            if (addresses.containsKey(tile.id())) {
                return OptionalDouble.of(sbuf.take(tile.id(), size(tile), step, start, addresses.get(tile.id())));
            }
            return space(tile).take(tile.id(), size(tile), step, start, tile.psum() ? 0 : wanted);
        }

        private boolean isTransfer(int step) {
            return code.steps().get(step).instruction() instanceof DmaInstruction;
        }

        /** When the tiles in SBUF wanted their places, and until when, with a margin for transfers. */
        List<Packing.Life> lives() {
            var lives = new LinkedHashMap<Integer, Packing.Life>();
            for (int i = 0; i < started.length; i++) {
                for (int t : timing.ranges.touched(i)) {
                    var tile = timing.tiles.get(t);
                    if (!tile.psum()) {
                        double left = done[i] + (isTransfer(i) ? TRANSFER_MARGIN_SECONDS : 0);
                        var life = new Packing.Life(t, size(tile), i, i, started[i], left);
                        lives.merge(t, life, Packing.Life::until);
                    }
                }
            }
            return List.copyOf(lives.values());
        }

        /** Bytes of SBUF a partition that are live at once, at most: from when steps start until they are done. */
        long sbufLive() {
            var begin = new HashMap<Integer, Double>();
            var end = new HashMap<Integer, Double>();
            for (int i = 0; i < started.length; i++) {
                for (int t : timing.ranges.touched(i)) {
                    if (!timing.tiles.get(t).psum()) {
                        begin.merge(t, started[i], Math::min);
                        end.merge(t, done[i], Math::max);
                    }
                }
            }
            var changes = new TreeMap<Double, Long>();
            begin.forEach((t, at) -> changes.merge(at, size(timing.tiles.get(t)), Long::sum));
            end.forEach((t, at) -> changes.merge(at, -size(timing.tiles.get(t)), Long::sum));
            return LiveRanges.most(changes.values());
        }

        private Places space(Tile tile) {
            return tile.psum() ? psum : sbuf;
        }

        /** Bytes of SBUF or banks of PSUM. */
        private long size(Tile t) {
            return t.psum() ? 1 : aligned(t.bytesPerPartition());
        }
    }
}
