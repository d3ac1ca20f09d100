package dev.systole.trainium.isa;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;

/**
 * Proves that all conflicting accesses of a program are ordered: by one engine's own stream, or by semaphores. What it assumes
 * of the machine is that an engine completes in order and stalls on its own results, that the transfers of a queue complete in
 * order (they may overlap before that), and that semaphores only rise.
 *
 * <p>For every instruction it computes which completions are certain when it issues: those that its waits imply whichever way
 * the increments arrive, and all that these were certain of. A conflict whose earlier side is not certain is a race.
 */
public final class RaceProof {
    private static final int MOST_FAULTS = 20;

    private final Program program;
    private final int streams;
    private final List<String> faults = new ArrayList<>();

    /** An instruction that was issued: which stream counts it, its place there, and what was complete when it issued. */
    private record Item(Engine engine, ControlFlow.Traced traced, int stream, int position, int[] certain) {}

    /** Increments of a semaphore by one stream, in order of completion: the place of each and the sum up to it. */
    private static final class Increments {
        final List<Integer> positions = new ArrayList<>();
        final List<Long> sums = new ArrayList<>();

        /** The sum of those that come from the first {@code count} instructions of the stream. */
        long issued(int count) {
            int at = Collections.binarySearch(positions, count - 1);
            int included = at >= 0 ? at + 1 : -at - 1;
            return included == 0 ? 0 : sums.get(included - 1);
        }

        void add(int position, int by) {
            positions.add(position);
            sums.add(total() + by);
        }

        long total() {
            return sums.isEmpty() ? 0 : sums.getLast();
        }
    }

    private RaceProof(Program program) {
        this.program = program;
        this.streams = Engine.values().length + program.target().dma().queuesPerEngine();
    }

    /** Unordered conflicts, waits that nothing satisfies, and streams that cannot be followed; empty for a proven program. */
    public static List<String> check(Program program) {
        var proof = new RaceProof(program);
        for (int c = 0; c < program.cores().size(); c++) {
            proof.check(c, program.cores().get(c));
        }
        return proof.faults;
    }

    private int stream(Instruction instruction) {
        return instruction instanceof DmaInstruction dma
                ? Engine.values().length + dma.queue()
                : instruction.engine().ordinal();
    }

    private void check(int number, Program.Core core) {
        var traces = new EnumMap<Engine, List<ControlFlow.Traced>>(Engine.class);
        for (var engine : Engine.values()) {
            Optional<List<ControlFlow.Traced>> trace;
            try {
                trace = ControlFlow.of(core.stream(engine));
                trace.ifPresent(t -> Limits.checkMoved(program, engine, t));
            } catch (LimitException e) {
                faults.add("core %d %s".formatted(number, e.getMessage()));
                return;
            }
            if (trace.isEmpty()) {
                faults.add(
                        "core %d %s: control flow depends on data, so nothing can be proven".formatted(number, engine));
                return;
            }
            traces.put(engine, trace.get());
        }
        if (queuesAreShared(number, traces) || semaphoresOverflow(number, traces)) {
            return;
        }
        new Replay(number, traces).run();
    }

    /** Transfers of one queue have an order only if one engine starts them all. */
    private boolean queuesAreShared(int number, Map<Engine, List<ControlFlow.Traced>> traces) {
        var owner = new HashMap<Integer, Engine>();
        for (var e : traces.entrySet()) {
            for (var t : e.getValue()) {
                if (t.instruction() instanceof DmaInstruction dma) {
                    var other = owner.putIfAbsent(dma.queue(), e.getKey());
                    if (other != null && other != e.getKey()) {
                        faults.add("core %d: queue %d is fed by both %s and %s, so its transfers have no order"
                                .formatted(number, dma.queue(), other, e.getKey()));
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private boolean semaphoresOverflow(int number, Map<Engine, List<ControlFlow.Traced>> traces) {
        long most = program.target().control().maxSemaphoreValue();
        var sums = new TreeMap<Integer, Long>();
        traces.values()
                .forEach(trace -> trace.forEach(t ->
                        t.issue().update().ifPresent(u -> sums.merge(u.semaphore(), (long) u.add(), Long::sum))));
        sums.forEach((semaphore, sum) -> {
            if (sum > most) {
                faults.add("core %d: semaphore %d rises to %d; it holds at most %d"
                        .formatted(number, semaphore, sum, most));
            }
        });
        return !faults.isEmpty();
    }

    /** Issues all instructions of a core in an order that the semaphores allow. */
    private final class Replay {
        private final int core;
        private final Map<Engine, List<ControlFlow.Traced>> traces;
        private final Map<Integer, Map<Integer, Increments>> semaphores = new HashMap<>();
        private final List<List<int[]>> completed = new ArrayList<>();
        private final List<Item> items = new ArrayList<>();
        private final AccessHistory history = new AccessHistory();

        Replay(int core, Map<Engine, List<ControlFlow.Traced>> traces) {
            this.core = core;
            this.traces = traces;
            var positions = new int[streams];
            for (int s = 0; s < streams; s++) {
                completed.add(new ArrayList<>());
            }
            traces.forEach((engine, trace) -> trace.forEach(t -> {
                int stream = stream(t.instruction());
                int position = positions[stream]++;
                t.issue()
                        .update()
                        .ifPresent(u -> semaphores
                                .computeIfAbsent(u.semaphore(), k -> new HashMap<>())
                                .computeIfAbsent(stream, k -> new Increments())
                                .add(position, u.add()));
            }));
        }

        void run() {
            var next = new EnumMap<Engine, Integer>(Engine.class);
            var certain = new EnumMap<Engine, int[]>(Engine.class);
            for (var e : Engine.values()) {
                next.put(e, 0);
                certain.put(e, new int[streams]);
            }
            for (boolean moved = true; moved; ) {
                moved = false;
                for (var e : Engine.values()) {
                    while (next.get(e) < traces.get(e).size()
                            && faults.size() < MOST_FAULTS
                            && issue(e, traces.get(e).get(next.get(e)), certain.get(e))) {
                        next.merge(e, 1, Integer::sum);
                        moved = true;
                    }
                }
            }
            for (var e : Engine.values()) {
                if (next.get(e) < traces.get(e).size() && faults.size() < MOST_FAULTS) {
                    var t = traces.get(e).get(next.get(e));
                    faults.add(
                            "core %d %s @%d waits for ever: %s".formatted(core, e, t.index(), Listing.text(t.issue())));
                }
            }
        }

        /** False if a wait depends on what has not been issued yet. */
        private boolean issue(Engine engine, ControlFlow.Traced t, int[] certain) {
            for (var wait : t.issue().waits()) {
                if (!await(wait, certain)) {
                    return false;
                }
            }
            int stream = stream(t.instruction());
            int position = completed.get(stream).size();
            var item = new Item(engine, t, stream, position, certain.clone());
            items.add(item);
            conflicts(item);
            var after = certain.clone();
            if (position > 0) {
                merge(after, completed.get(stream).getLast());
            }
            after[stream] = position + 1;
            completed.get(stream).add(after);
            return true;
        }

        /** Adds what a wait makes certain: an increment is, if all others together could not have reached the value. */
        private boolean await(Issue.Wait wait, int[] certain) {
            var sources = semaphores.getOrDefault(wait.semaphore(), Map.of());
            long total = sources.values().stream().mapToLong(Increments::total).sum();
            long issued = sources.entrySet().stream()
                    .mapToLong(
                            s -> s.getValue().issued(completed.get(s.getKey()).size()))
                    .sum();
            if (issued < wait.atLeast()) {
                return false;
            }
            for (var source : sources.entrySet()) {
                var increments = source.getValue();
                long others = total - increments.total();
                // The first n increments are certain if all that could come without the nth stay below the value.
                int n = firstNotBelow(increments.sums, wait.atLeast() - others);
                if (n > 0) {
                    int position = increments.positions.get(n - 1);
                    if (position >= completed.get(source.getKey()).size()) {
                        return false;
                    }
                    merge(certain, completed.get(source.getKey()).get(position));
                }
            }
            return true;
        }

        /** How many leading sums it takes to reach a value. */
        private static int firstNotBelow(List<Long> sums, long value) {
            if (value <= 0) {
                return 0;
            }
            int low = 0;
            int high = sums.size() - 1;
            while (low < high) {
                int middle = (low + high) / 2;
                if (sums.get(middle) >= value) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low + 1;
        }

        private void conflicts(Item item) {
            var reads = item.traced.instruction().reads();
            var writes = item.traced.instruction().writes();
            int id = items.size() - 1;
            var races = new TreeSet<Integer>();
            IntConsumer check = other -> {
                if (!isOrdered(items.get(other), item)) {
                    races.add(other);
                }
            };
            reads.forEach(a -> history.conflicts(a, false, check));
            writes.forEach(a -> history.conflicts(a, true, check));
            races.forEach(other -> race(items.get(other), item));
            reads.forEach(a -> history.add(id, a, false));
            writes.forEach(a -> history.add(id, a, true));
        }

        private static boolean isOrdered(Item first, Item second) {
            return first.stream == second.stream && first.stream < Engine.values().length
                    || second.certain[first.stream] > first.position;
        }

        private void race(Item first, Item second) {
            if (faults.size() < MOST_FAULTS) {
                faults.add("core %d: %s @%d and %s @%d touch the same bytes in no order:\n  %s  // %s\n  %s  // %s"
                        .formatted(
                                core,
                                first.engine,
                                first.traced.index(),
                                second.engine,
                                second.traced.index(),
                                Listing.text(first.traced.issue()),
                                program.locations().get(first.traced.issue().location()),
                                Listing.text(second.traced.issue()),
                                program.locations().get(second.traced.issue().location())));
            }
        }
    }

    private static void merge(int[] into, int[] from) {
        for (int s = 0; s < into.length; s++) {
            into[s] = Math.max(into[s], from[s]);
        }
    }
}
