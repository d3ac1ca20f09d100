package dev.systole.trainium.codegen;

import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Tile;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Memory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Afterwards the steps are in the order in which a list scheduler, reading the cost model, would start them on the engines
 * and DMA queues: whichever step can start first goes first, the one with the longest path behind it among equals.
 *
 * <p>Only steps within a window of the oldest unscheduled one take part. A step that brings a new tile to life out of order
 * must leave room: SBUF may fill to a share, and PSUM keeps as many banks free as the original order ever needs at once, so
 * that the oldest step can always go on.
 */
public record Schedule(Target target) {
    private static final int WINDOW = 768;
    private static final double SBUF_SHARE = 0.6;

    public String name() {
        return "schedule";
    }

    public VirtualCode run(VirtualCode code) {
        return new VirtualCode(
                code.name(), code.contract(), code.buffers(), code.tiles(), new ListScheduler(code).schedule());
    }

    private final class ListScheduler {
        private final VirtualCode code;
        private final int n;
        private final StepCost[] costs;
        private final int[] missing;
        private final List<List<Integer>> followers = new ArrayList<>();
        private final double[] ready;
        private final double[] priority;
        private final boolean[] done;
        private final Map<Engine, List<Integer>> candidates = new EnumMap<>(Engine.class);
        private final Map<Engine, Double> free = new EnumMap<>(Engine.class);
        private final Map<Integer, Double> queueFree = new HashMap<>();
        private double transfersFree;

        private final Map<Integer, Tile> tiles = new HashMap<>();
        private final Map<Integer, Integer> touchesLeft = new HashMap<>();
        private final Map<Integer, Integer> firstTouch = new HashMap<>();
        private final HashSet<Integer> live = new HashSet<>();
        private long liveSbuf;
        private int peakBanks;
        private int oldest;

        ListScheduler(VirtualCode code) {
            this.code = code;
            this.n = code.steps().size();
            this.costs = new StepCost[n];
            this.missing = new int[n];
            this.ready = new double[n];
            this.priority = new double[n];
            this.done = new boolean[n];
            code.tiles().forEach(t -> tiles.put(t.id(), t));
            for (var e : Engine.values()) {
                candidates.put(e, new ArrayList<>());
                free.put(e, 0.0);
            }
            for (int i = 0; i < n; i++) {
                costs[i] = StepCost.of(code.steps().get(i).instruction(), target);
                followers.add(new ArrayList<>());
            }
            var dependences = Dependences.of(code.steps());
            for (int i = 0; i < n; i++) {
                missing[i] = dependences.get(i).length;
                for (int d : dependences.get(i)) {
                    followers.get(d).add(i);
                }
            }
            for (int i = n - 1; i >= 0; i--) {
                double tail = 0;
                for (int f : followers.get(i)) {
                    tail = Math.max(tail, priority[f]);
                }
                priority[i] = tail + costs[i].resultSeconds() + costs[i].transferSeconds();
            }
            countTouches();
        }

        private void countTouches() {
            for (int i = 0; i < n; i++) {
                for (int t : touched(i)) {
                    touchesLeft.merge(t, 1, Integer::sum);
                    firstTouch.putIfAbsent(t, i);
                }
            }
            var left = new HashMap<>(touchesLeft);
            int banks = 0;
            for (int i = 0; i < n; i++) {
                for (int t : touched(i)) {
                    if (tiles.get(t).psum() && firstTouch.get(t) == i) {
                        peakBanks = Math.max(peakBanks, ++banks);
                    }
                }
                for (int t : touched(i)) {
                    if (left.merge(t, -1, Integer::sum) == 0 && tiles.get(t).psum()) {
                        banks--;
                    }
                }
            }
        }

        private java.util.Set<Integer> touched(int i) {
            var set = new java.util.TreeSet<Integer>();
            var instruction = code.steps().get(i).instruction();
            for (Access a : instruction.reads()) {
                add(set, a);
            }
            for (Access a : instruction.writes()) {
                add(set, a);
            }
            return set;
        }

        private static void add(java.util.Set<Integer> set, Access a) {
            if (a.memory() != Memory.HBM) {
                a.object().ifPresent(set::add);
            }
        }

        List<VirtualCode.Step> schedule() {
            var order = new ArrayList<VirtualCode.Step>(n);
            int opened = 0;
            while (order.size() < n) {
                while (opened < n && opened < oldest + WINDOW) {
                    if (missing[opened] == 0) {
                        candidates.get(engine(opened)).add(opened);
                    }
                    opened++;
                }
                int next = choose();
                start(next, opened);
                order.add(code.steps().get(next));
            }
            return order;
        }

        private Engine engine(int i) {
            return code.steps().get(i).instruction().engine();
        }

        /** The candidate that can start first; among those that start together, the one with the longest path behind it. */
        private int choose() {
            int best = -1;
            double bestStart = 0;
            for (var e : candidates.entrySet()) {
                for (int i : e.getValue()) {
                    if (i != oldest && !hasRoom(i)) {
                        continue;
                    }
                    double start = Math.max(free.get(e.getKey()), ready[i]);
                    if (best < 0
                            || start < bestStart
                            || start == bestStart
                                    && (priority[i] > priority[best] || priority[i] == priority[best] && i < best)) {
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

        private boolean hasRoom(int i) {
            long bytes = 0;
            int banks = 0;
            for (int t : touched(i)) {
                if (!live.contains(t)) {
                    if (tiles.get(t).psum()) {
                        banks++;
                    } else {
                        bytes += tiles.get(t).bytesPerPartition();
                    }
                }
            }
            if (bytes > 0 && liveSbuf + bytes > SBUF_SHARE * target.memory().sbufBytesPerPartition()) {
                return false;
            }
            if (banks == 0) {
                return true;
            }
            long early = live.stream()
                    .filter(t -> tiles.get(t).psum() && firstTouch.get(t) > oldest)
                    .count();
            return early + banks + peakBanks <= target.memory().psumBanks();
        }

        private void start(int i, int opened) {
            var instruction = code.steps().get(i).instruction();
            var engine = instruction.engine();
            candidates.get(engine).remove((Integer) i);
            double start = Math.max(free.get(engine), ready[i]);
            free.put(engine, start + costs[i].issueSeconds());
            double finished = start + costs[i].resultSeconds();
            if (instruction instanceof DmaInstruction dma) {
                double begin = Math.max(
                        start + target.dma().triggerLatencySeconds(),
                        Math.max(transfersFree, queueFree.getOrDefault(dma.queue(), 0.0)));
                transfersFree = begin + costs[i].transferSeconds();
                queueFree.put(dma.queue(), transfersFree);
                finished = transfersFree + costs[i].resultSeconds();
            }
            for (int t : touched(i)) {
                if (live.add(t) && !tiles.get(t).psum()) {
                    liveSbuf += tiles.get(t).bytesPerPartition();
                }
                if (touchesLeft.merge(t, -1, Integer::sum) == 0) {
                    live.remove(t);
                    liveSbuf -= tiles.get(t).psum() ? 0 : tiles.get(t).bytesPerPartition();
                }
            }
            done[i] = true;
            for (int f : followers.get(i)) {
                ready[f] = Math.max(ready[f], finished);
                if (--missing[f] == 0 && f < opened) {
                    candidates.get(engine(f)).add(f);
                }
            }
            while (oldest < n && done[oldest]) {
                oldest++;
            }
        }
    }
}
