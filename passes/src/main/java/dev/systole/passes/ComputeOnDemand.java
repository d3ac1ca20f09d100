package dev.systole.passes;

import com.google.common.collect.Range;
import com.google.common.collect.Sets;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.Tile;
import dev.systole.ir.tile.TileProgram;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Afterwards a region of a straight-line program whose results do not stay in SBUF as a whole, but part by part, is computed part by part, each
 * right before the first statement of the next region that needs it.
 *
 * <p>Neither region's own order changes. They stay one after the other if the first reader needs more than half of the first one, or if the
 * tiles of both have no room beside each other. What stays in SBUF anyway is left alone, too: the scheduler runs it beside other work, and would
 * find less to choose from among the parts.
 */
public record ComputeOnDemand(Target target) implements TilePass {
    /** The rest is for transfers that run ahead. */
    private static final double USABLE_SBUF = 0.875;

    @Override
    public String name() {
        return "compute-on-demand";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var keepInSbuf = new KeepInSbuf(target);
        var kept = keepInSbuf.kept(program);
        var regions = new ArrayList<>(Regions.of(program.body()));
        for (int i = 1; i < regions.size(); i++) {
            var leaving = Sets.difference(passed(regions.get(i - 1), regions.get(i)), kept);
            if (leaving.isEmpty()) {
                continue;
            }
            var merged = new Producer(regions.get(i - 1)).mergedInto(regions.get(i));
            if (merged.isPresent()
                    && hasRoom(merged.get())
                    && !Collections.disjoint(keepInSbuf.keepable(with(program, merged.get())), leaving)) {
                var others = new ArrayList<>(regions);
                others.set(i - 1, List.of());
                others.set(i, merged.get());
                var keptThen = keepInSbuf.kept(joined(program, others));
                if (keptThen.size() > kept.size() && keptThen.containsAll(kept)) {
                    regions = others;
                    kept = keptThen;
                }
            }
        }
        return joined(program, regions);
    }

    private static TileProgram joined(TileProgram program, List<List<Statement>> regions) {
        return with(program, regions.stream().flatMap(List::stream).toList());
    }

    private static TileProgram with(TileProgram program, List<Statement> body) {
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    /** What one region hands to another. */
    private static Set<Buffer> passed(List<Statement> producer, List<Statement> consumer) {
        var passed = buffers(producer, Regions::stores);
        passed.retainAll(buffers(consumer, Regions::loads));
        return passed;
    }

    private static Set<Buffer> buffers(List<Statement> body, Function<Statement, List<Regions.Part>> parts) {
        return body.stream()
                .flatMap(s -> parts.apply(s).stream())
                .map(Regions.Part::buffer)
                .collect(Collectors.toSet());
    }

    /** Elements of a buffer that a statement of the producer loads or stores. */
    private record Access(int at, Range<Long> elements) {}

    /** What statements of a region touch, in order. */
    private static final class Producer {
        private final List<Statement> body;
        private final Map<Tile, Integer> lastTouch = new HashMap<>();
        private final Map<Buffer, List<Access>> loads = new HashMap<>();
        private final Map<Buffer, List<Access>> stores = new HashMap<>();

        Producer(List<Statement> body) {
            this.body = body;
            for (int i = 0; i < body.size(); i++) {
                int at = i;
                tiles(body.get(i)).forEach(t -> lastTouch.put(t, at));
                record(Regions.loads(body.get(i)), at, loads);
                record(Regions.stores(body.get(i)), at, stores);
            }
        }

        private static void record(List<Regions.Part> parts, int at, Map<Buffer, List<Access>> accesses) {
            for (var part : parts) {
                accesses.computeIfAbsent(part.buffer(), k -> new ArrayList<>()).add(new Access(at, part.elements()));
            }
        }

        /** The consumer with each statement of this region before the first one that needs it; empty if one needs too many at once. */
        Optional<List<Statement>> mergedInto(List<Statement> consumer) {
            var merged = new ArrayList<Statement>(body.size() + consumer.size());
            int done = 0;
            for (var s : consumer) {
                int needed = needed(s);
                if (done == 0 && needed > body.size() / 2) {
                    return Optional.empty();
                }
                if (needed > done) {
                    merged.addAll(body.subList(done, needed));
                    done = needed;
                }
                merged.add(s);
            }
            if (done == 0) {
                return Optional.empty();
            }
            merged.addAll(body.subList(done, body.size()));
            return Optional.of(merged);
        }

        /** How many statements of this region must come before a later one. */
        private int needed(Statement s) {
            int needed = tiles(s).mapToInt(t -> lastTouch.getOrDefault(t, -1) + 1)
                    .max()
                    .orElse(0);
            for (var part : Regions.loads(s)) {
                needed = Math.max(needed, last(part, stores) + 1);
            }
            for (var part : Regions.stores(s)) {
                needed = Math.max(needed, Math.max(last(part, stores), last(part, loads)) + 1);
            }
            return needed;
        }

        private static int last(Regions.Part part, Map<Buffer, List<Access>> accesses) {
            return accesses.getOrDefault(part.buffer(), List.of()).reversed().stream()
                    .filter(a -> a.elements.isConnected(part.elements()))
                    .mapToInt(Access::at)
                    .findFirst()
                    .orElse(-1);
        }
    }

    private static Stream<Tile> tiles(Statement s) {
        return Stream.concat(TileRewriter.writes(s).stream(), TileRewriter.reads(s).stream())
                .map(r -> r.tile());
    }

    private boolean hasRoom(List<Statement> body) {
        var ends = new HashMap<Tile, Integer>();
        for (int i = 0; i < body.size(); i++) {
            int at = i;
            tiles(body.get(i)).forEach(t -> ends.put(t, at));
        }
        var living = new HashSet<Tile>();
        long bytes = 0;
        int banks = 0;
        for (int i = 0; i < body.size(); i++) {
            var touched = tiles(body.get(i)).toList();
            for (var t : touched) {
                if (living.add(t)) {
                    bytes += t.psum() ? 0 : t.bytesPerPartition();
                    banks += t.psum() ? 1 : 0;
                }
            }
            if (bytes > USABLE_SBUF * target.memory().sbufBytesPerPartition()
                    || banks > target.memory().psumBanks()) {
                return false;
            }
            for (var t : touched) {
                if (ends.get(t) == i && living.remove(t)) {
                    bytes -= t.psum() ? 0 : t.bytesPerPartition();
                    banks -= t.psum() ? 1 : 0;
                }
            }
        }
        return true;
    }
}
