package dev.systole.trainium.codegen;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.type.DType;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.Memory;
import dev.systole.trainium.isa.ScalarInstruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Puts the steps of a program in the order in which they would start, as {@link Schedule} says: time passes from the start of one step to that of
 * the next. Mutable.
 */
final class ListScheduler {
    /** Steps from the oldest unscheduled one on that take part. */
    static final int WINDOW = 256;

    /** The rest is what placement loses to fragmentation. */
    private static final double USABLE_SBUF = 0.95;

    /** The share of free room that loads ahead of their turn may take. */
    private static final double PREFETCHED = 0.5;

    private final Target target;
    private final VirtualCode code;
    private final int n;
    private final Way[] ways;
    private final List<Optional<Way>> otherWays = new ArrayList<>();

    /** By the step that begins them; null for others. */
    private final OnePass[] onePasses;

    private final boolean[] isIncluded;
    private final List<Tile> allTiles;
    private final int[] missing;
    private final List<List<Integer>> followers = new ArrayList<>();
    private final double[] ready;
    private final double[] needed;
    private final boolean[] done;
    private final Map<Engine, List<Integer>> candidates = new EnumMap<>(Engine.class);
    private final IssueClock clock;
    private final Map<Integer, Tile> tiles = new HashMap<>();
    private final int[][] touched;
    private final Map<Integer, Integer> touchesLeft = new HashMap<>();
    private final Map<Integer, Integer> firstTouch = new HashMap<>();
    private final Set<Integer> live = new HashSet<>();
    private final Room sbuf;
    private final Room psum;
    private final Map<Engine, Double> waiting = new EnumMap<>(Engine.class);
    private final double[] started;
    private double end;
    private int oldest;
    private int nextTile;

    /**
     * Instructions of one engine that do a step's work.
     *
     * @param instruction the first one
     * @param others what follows it, and needs none of them
     * @param cost of all
     */
    private record Way(Instruction instruction, List<Instruction> others, StepCost cost) {}

    /**
     * Mean and variance of rows that one pass of VectorE can find instead of sums on ScalarE.
     *
     * @param squares the step that becomes what statistics of parts are together
     * @param mean the step that is done with it
     * @param afterwards seconds that VectorE and ScalarE take for what needs the result
     */
    private record OnePass(int squares, int mean, Way statistics, Way together, double afterwards) {}

    ListScheduler(Target target, VirtualCode code) {
        this.target = target;
        this.code = code;
        this.clock = new IssueClock(target);
        this.n = code.steps().size();
        this.ways = new Way[n];
        this.missing = new int[n];
        this.ready = new double[n];
        this.needed = new double[n];
        this.done = new boolean[n];
        this.started = new double[n];
        this.onePasses = new OnePass[n];
        this.isIncluded = new boolean[n];
        this.touched = new int[n][];
        this.allTiles = new ArrayList<>(code.tiles());
        code.tiles().forEach(t -> tiles.put(t.id(), t));
        nextTile = 1 + code.tiles().stream().mapToInt(Tile::id).max().orElse(-1);
        for (var e : Engine.values()) {
            candidates.put(e, new ArrayList<>());
        }
        for (int i = 0; i < n; i++) {
            ways[i] = way(code.steps().get(i).instruction());
            followers.add(new ArrayList<>());
        }
        var dependences = Dependences.of(code.steps());
        for (int i = 0; i < n; i++) {
            missing[i] = dependences.get(i).length;
            for (int d : dependences.get(i)) {
                followers.get(d).add(i);
            }
            touched[i] = code.steps().get(i).tiles();
            for (int t : touched[i]) {
                touchesLeft.merge(t, 1, Integer::sum);
                firstTouch.putIfAbsent(t, i);
            }
        }
        findNeeds(dependences);
        for (var step : code.steps()) {
            otherWays.add(OtherEngine.of(step.instruction(), isRead(step)).map(this::way));
        }
        findOnePasses(dependences);
        sbuf = new Room((long) (USABLE_SBUF * target.memory().sbufBytesPerPartition()), inOriginalOrder(false));
        psum = new Room(target.memory().psumBanks(), inOriginalOrder(true));
    }

    /** When the last result is there, in seconds since the start of the program. */
    double end() {
        return end;
    }

    /** The tiles of the code, and those that ways other than its own need. */
    List<Tile> tiles() {
        return allTiles;
    }

    /** True if VectorE has taken over mean and variance of some rows. */
    boolean takesOnePass() {
        return IntStream.range(0, n).anyMatch(i -> isIncluded[i]);
    }

    /** Takes for granted that what steps give is needed when a schedule that is done begins with it. */
    void needAs(ListScheduler other) {
        Arrays.fill(needed, Double.POSITIVE_INFINITY);
        for (int i = 0; i < n; i++) {
            for (int f : other.followers.get(i)) {
                needed[i] = Math.min(needed[i], other.started[f]);
            }
        }
    }

    private Way way(Instruction instruction) {
        return new Way(instruction, List.of(), StepCost.of(instruction, target));
    }

    /** Several independent instructions of one engine. */
    private Way way(List<Instruction> instructions) {
        var last = StepCost.of(instructions.getLast(), target);
        double before = instructions.subList(0, instructions.size() - 1).stream()
                .mapToDouble(i -> StepCost.of(i, target).issueSeconds())
                .sum();
        return new Way(
                instructions.getFirst(),
                instructions.subList(1, instructions.size()),
                new StepCost(before + last.issueSeconds(), before + last.resultSeconds(), 0));
    }

    /** Finds sums of which nobody needs anything but mean and variance. */
    private void findOnePasses(List<int[]> dependences) {
        var touching = new HashMap<Integer, List<Integer>>();
        for (int i = 0; i < n; i++) {
            for (int t : touched[i]) {
                touching.computeIfAbsent(t, k -> new ArrayList<>()).add(i);
            }
        }
        var afterwards = afterwards();
        for (int i = 0; i < n; i++) {
            if (code.steps().get(i).instruction() instanceof ScalarInstruction.ActivationReduce sum
                    && sum.function() == ActivationFunction.COPY) {
                var steps = touching.get(sum.reduceTo().object().orElseThrow());
                onePasses[i] = onePass(steps, dependences, afterwards).orElse(null);
            }
        }
    }

    private Optional<OnePass> onePass(List<Integer> steps, List<int[]> dependences, double[] afterwards) {
        if (steps.size() != 3) {
            return Optional.empty();
        }
        int sum = steps.get(0);
        int squares = steps.get(1);
        int mean = steps.get(2);
        return RowMoments.of(ways[sum].instruction, ways[squares].instruction, ways[mean].instruction)
                .filter(m ->
                        !isRead(code.steps().get(sum)) && !isRead(code.steps().get(squares)))
                .filter(m -> dependences.get(mean).length == 1
                        && Arrays.stream(dependences.get(squares))
                                .allMatch(d -> d == sum || Arrays.binarySearch(dependences.get(sum), d) >= 0))
                .map(m -> {
                    var triples = triples(m);
                    return new OnePass(
                            squares, mean, way(m.statistics(triples)), way(m.together(triples)), afterwards[squares]);
                });
    }

    /** What statistics are until they are put together: room is left for what they replace, which is more. */
    private Access triples(RowMoments moments) {
        int partitions = moments.data().partitions();
        long parts = RowMoments.parts(moments.data().free(), target.vector().bnStatsMaxFree());
        var tile = new Tile(nextTile++, false, DType.F32, partitions, 6 * parts);
        allTiles.add(tile);
        return Access.virtual(
                Memory.SBUF, tile.id(), DType.F32, 0, partitions, 0, List.of(new Access.Dim(1, 6 * parts)));
    }

    /**
     * Finds before when nothing could begin with what each step gives, even if engines had nothing else to do than what one step
     * waits for.
     */
    private void findNeeds(List<int[]> dependences) {
        Arrays.fill(needed, Double.POSITIVE_INFINITY);
        var started = new double[n];
        var seen = new double[n];
        for (int i = 0; i < n; i++) {
            var awaited = new AwaitedSteps();
            for (int d : dependences.get(i)) {
                awaited.add(engine(d), started[d], ways[d].cost.issueSeconds(), seen[d]);
            }
            for (int d : dependences.get(i)) {
                double others = awaited.seenBut(engine(d), started[d], ways[d].cost.issueSeconds(), seen[d]);
                needed[d] = Math.min(needed[d], others);
            }
            started[i] = awaited.seen();
            seen[i] = clock.seen(ways[i].instruction, ways[i].cost, started[i]);
        }
    }

    /** True if another step touches what this one writes first. */
    private boolean isRead(VirtualCode.Step step) {
        var written = step.instruction().writes();
        return written.isEmpty()
                || written.getFirst().memory() == Memory.HBM
                || written.getFirst().object().stream().anyMatch(t -> touchesLeft.get(t) > 1);
    }

    /** What is live while each step runs, in the order that the code has now. */
    private long[] inOriginalOrder(boolean banks) {
        var needed = new long[n];
        var left = new HashMap<>(touchesLeft);
        long now = 0;
        for (int i = 0; i < n; i++) {
            for (int t : touched[i]) {
                now += isPsum(t) == banks && firstTouch.get(t) == i ? size(t) : 0;
            }
            needed[i] = now;
            for (int t : touched[i]) {
                now -= left.merge(t, -1, Integer::sum) == 0 && isPsum(t) == banks ? size(t) : 0;
            }
        }
        return needed;
    }

    private boolean isPsum(int tile) {
        return tiles.get(tile).psum();
    }

    private long size(int tile) {
        return isPsum(tile) ? 1 : tiles.get(tile).bytesPerPartition();
    }

    private Room room(int tile) {
        return isPsum(tile) ? psum : sbuf;
    }

    List<VirtualCode.Step> schedule() {
        var order = new ArrayList<VirtualCode.Step>(n);
        int opened = 0;
        while (oldest < n) {
            while (opened < n && opened < oldest + WINDOW) {
                if (missing[opened] == 0 && !done[opened]) {
                    candidates.get(engine(opened)).add(opened);
                }
                waiting.merge(engine(opened), ways[opened].cost.issueSeconds(), Double::sum);
                opened++;
            }
            sbuf.moveTo(oldest);
            psum.moveTo(oldest);
            int next = choose();
            var location = code.steps().get(next).location();
            var way = start(next, opened);
            order.add(new VirtualCode.Step(way.instruction, location));
            way.others.forEach(i -> order.add(new VirtualCode.Step(i, location)));
        }
        return order;
    }

    private Engine engine(int i) {
        return ways[i].instruction.engine();
    }

    /** The first candidate to start, or an older one that others wait for more than its engine would. */
    private int choose() {
        int first = first();
        return code.steps().get(first).instruction() instanceof DmaInstruction ? first : awaited(first);
    }

    /** The candidate that can start first; among those that start together what is needed first, the oldest of these. */
    private int first() {
        int best = -1;
        double bestStart = Double.POSITIVE_INFINITY;
        for (var ofEngine : candidates.values()) {
            for (int i : ofEngine) {
                double start = startOf(i);
                if (start < bestStart || best >= 0 && start == bestStart && goesBefore(i, best)) {
                    best = i;
                    bestStart = start;
                }
            }
        }
        if (best < 0) {
            throw new IllegalStateException("no step of " + n + " can be scheduled after " + oldest);
        }
        return best;
    }

    /** The older candidate for a step's engine that saves a busier engine most, beyond what it delays the step, or the step. */
    private int awaited(int step) {
        double start = startOf(step);
        double end = start + way(step).cost.issueSeconds();
        int best = step;
        double most = 0;
        for (int i : candidates.get(engine(step))) {
            double at = startOf(i);
            if (i < step && at < end && !(ways[i].instruction instanceof DmaInstruction)) {
                var cost = way(i).cost;
                double delay = at + cost.issueSeconds() - start;
                double saved = idle(i, at + cost.resultSeconds(), end + cost.resultSeconds()) - delay;
                if (saved > most) {
                    best = i;
                    most = saved;
                }
            }
        }
        return best;
    }

    /** How much longer a busier engine would have nothing to do if a step's result was there later. */
    private double idle(int step, double sooner, double later) {
        double longest = 0;
        for (int f : followers.get(step)) {
            var way = ways[f];
            boolean isAwaiting = missing[f] == 1 && engine(f) != engine(step);
            if (isAwaiting && !(way.instruction instanceof DmaInstruction) && end(way) >= end(ways[step])) {
                double idle = clock.start(way.instruction, Math.max(ready[f], later));
                for (int other : candidates.get(engine(f))) {
                    idle = Math.min(idle, startOf(other));
                }
                longest = Math.max(longest, idle - clock.start(way.instruction, Math.max(ready[f], sooner)));
            }
        }
        return longest;
    }

    /** True for the older one, unless it brings early what nobody could begin with, and the other one does not. */
    private boolean goesBefore(int i, int other) {
        return isEarly(i) == isEarly(other) ? i < other : isEarly(other);
    }

    private boolean isEarly(int i) {
        return ways[i].instruction instanceof DmaInstruction dma
                && clock.isEarly(dma, ways[i].cost, ready[i], needed[i]);
    }

    /** The way by which a candidate would be done first. */
    private Way way(int i) {
        var way = ways[i];
        if (onePasses[i] != null) {
            return isSooner(onePasses[i], i) ? onePasses[i].statistics : way;
        }
        return otherWays.get(i).filter(o -> isSooner(o, way, i)).orElse(way);
    }

    /** True if it is done before the usual way, by an engine with less to do, or before the usual way could begin. */
    private boolean isSooner(Way other, Way usual, int i) {
        return done(other, i) < done(usual, i)
                && (end(other) + other.cost.issueSeconds() <= end(usual)
                        || done(other, i) <= clock.start(usual.instruction, ready[i]));
    }

    /** How long VectorE and ScalarE take for what needs a step's result, until another engine goes on. */
    private double[] afterwards() {
        var after = new double[n];
        for (int i = n - 1; i >= 0; i--) {
            for (int f : followers.get(i)) {
                if (engine(f) == Engine.VECTOR || engine(f) == Engine.SCALAR) {
                    after[i] = Math.max(after[i], ways[f].cost.issueSeconds() + after[f]);
                }
            }
        }
        return after;
    }

    /** True if VectorE could begin first and has less to do, with what needs mean and variance still before it. */
    private boolean isSooner(OnePass onePass, int sum) {
        var statistics = onePass.statistics;
        double busy = statistics.cost.issueSeconds() + onePass.together.cost.issueSeconds();
        return clock.start(statistics.instruction, ready[sum]) <= clock.start(ways[sum].instruction, ready[sum])
                && end(statistics) + busy <= end(ways[sum]) + onePass.afterwards;
    }

    /** Has VectorE find mean and variance: one step takes the place of another, which waits for nothing else, and includes a third. */
    private void take(OnePass onePass, int opened) {
        int squares = onePass.squares;
        int mean = onePass.mean;
        replace(squares, onePass.together, opened);
        replace(mean, new Way(ways[mean].instruction, List.of(), new StepCost(0, 0, 0)), opened);
        otherWays.set(squares, Optional.empty());
        followers.get(squares).add(mean);
        missing[mean]++;
        isIncluded[mean] = true;
    }

    private void replace(int i, Way way, int opened) {
        if (i < opened) {
            waiting.merge(engine(i), -ways[i].cost.issueSeconds(), Double::sum);
            waiting.merge(way.instruction.engine(), way.cost.issueSeconds(), Double::sum);
        }
        ways[i] = way;
    }

    /** When the engine of a way will have done what it has to do within the window. */
    private double end(Way way) {
        var engine = way.instruction.engine();
        return clock.start(way.instruction, 0) + waiting.getOrDefault(engine, 0.0);
    }

    private double done(Way way, int i) {
        return clock.start(way.instruction, ready[i]) + way.cost.issueSeconds();
    }

    /** When a candidate could start; infinite if older steps must make room for it. */
    private double startOf(int i) {
        var instruction = way(i).instruction;
        double start = clock.start(instruction, ready[i]);
        if (i == oldest) {
            return start;
        }
        long bytes = 0;
        long banks = 0;
        for (int t : touched[i]) {
            if (!live.contains(t)) {
                bytes += isPsum(t) ? 0 : size(t);
                banks += isPsum(t) ? 1 : 0;
            }
        }
        double share = instruction instanceof DmaInstruction dma && dma.from().memory() == Memory.HBM ? PREFETCHED : 1;
        return Math.max(start, Math.max(sbuf.since(bytes, share), psum.since(banks, 1)));
    }

    private Way start(int i, int opened) {
        var way = way(i);
        double start = startOf(i);
        candidates.get(engine(i)).remove((Integer) i);
        waiting.merge(engine(i), -ways[i].cost.issueSeconds(), Double::sum);
        if (onePasses[i] != null && way != ways[i]) {
            take(onePasses[i], opened);
        }
        sbuf.passTo(start);
        psum.passTo(start);
        started[i] = start;
        finish(i, clock.issue(way.instruction, way.cost, start), opened);
        return way;
    }

    /** A step is done, with what it includes. */
    private void finish(int i, double finished, int opened) {
        for (int t : touched[i]) {
            boolean early = firstTouch.get(t) > oldest;
            if (live.add(t) && early) {
                room(t).take(size(t));
            }
            if (touchesLeft.merge(t, -1, Integer::sum) == 0) {
                live.remove(t);
                room(t).release(size(t), early, finished);
            }
        }
        done[i] = true;
        end = Math.max(end, finished);
        for (int f : followers.get(i)) {
            ready[f] = Math.max(ready[f], finished);
            if (--missing[f] == 0 && isIncluded[f]) {
                started[f] = finished;
                finish(f, finished, opened);
            } else if (missing[f] == 0 && f < opened) {
                candidates.get(engine(f)).add(f);
            }
        }
        while (oldest < n && done[oldest]) {
            oldest++;
            for (int t : oldest < n ? touched[oldest] : new int[0]) {
                if (firstTouch.get(t) == oldest && live.contains(t)) {
                    room(t).isDue(size(t));
                }
            }
        }
    }
}
