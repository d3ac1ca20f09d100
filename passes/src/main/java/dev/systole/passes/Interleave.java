package dev.systole.passes;

import com.google.common.collect.Range;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.Buffer;
import dev.systole.ir.tile.Statement;
import dev.systole.ir.tile.TileProgram;
import dev.systole.ir.tile.TileRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Afterwards a region of a straight-line program that keeps Vector and Scalar Engine busy runs beside later regions that keep the array
 * busy, if these do not depend on it: their statements take turns in proportion to their time. A scheduler that prefers what is older would
 * else finish the first before it begins the others.
 *
 * <p>A region ends where a buffer is written for the last time. It depends on an earlier one if both touch a tile, or the same part of a
 * buffer which one of them writes.
 *
 * <p>The other design considered was a wider window of the scheduler. It does not help: what is older still takes the Vector Engine first, so
 * that what the array waits for comes last.
 */
public record Interleave(Target target) implements TilePass {
    /** A region of less time is within what the scheduler looks ahead. */
    private static final double LONG_SECONDS = 10e-6;

    /** The array's work beside a region, at most, as a multiple of the region's time: more would keep its tiles alive for no gain. */
    private static final double MOST_BESIDE = 4;

    @Override
    public String name() {
        return "interleave";
    }

    @Override
    public TileProgram run(TileProgram program) {
        var regions = Regions.of(program.body()).stream().map(this::region).toList();
        var body = new ArrayList<Statement>();
        for (int i = 0; i < regions.size(); ) {
            var beside = beside(regions, i);
            merge(
                    regions.get(i).body,
                    beside.stream().flatMap(r -> r.body.stream()).toList(),
                    body);
            i += 1 + beside.size();
        }
        return new TileProgram(program.name(), program.contract(), program.buffers(), body);
    }

    /** The regions behind one that can run beside it, and do it good. */
    private List<Region> beside(List<Region> regions, int at) {
        var region = regions.get(at);
        if (region.array >= region.other || region.other < LONG_SECONDS) {
            return List.of();
        }
        double array = 0;
        double other = 0;
        int end = at + 1;
        for (; end < regions.size(); end++) {
            var next = regions.get(end);
            boolean alike = next.other > next.array && next.other >= region.other;
            if (alike || array + next.array > MOST_BESIDE * region.other || next.dependsOn(region)) {
                break;
            }
            array += next.array;
            other += next.other;
        }
        return 2 * array > other ? regions.subList(at + 1, end) : List.of();
    }

    /** Statements of both in their order, the one next that is behind in its share of time. */
    private void merge(List<Statement> a, List<Statement> b, List<Statement> merged) {
        double wholeA = a.stream().mapToDouble(this::seconds).sum();
        double wholeB = b.stream().mapToDouble(this::seconds).sum();
        double doneA = 0;
        double doneB = 0;
        int nextB = 0;
        for (var s : a) {
            for (; nextB < b.size() && doneB * wholeA < doneA * wholeB; nextB++) {
                merged.add(b.get(nextB));
                doneB += seconds(b.get(nextB));
            }
            merged.add(s);
            doneA += seconds(s);
        }
        merged.addAll(b.subList(nextB, b.size()));
    }

    private Region region(List<Statement> body) {
        double array = 0;
        double other = 0;
        var tiles = new HashSet<Integer>();
        var loads = new HashMap<Buffer, Range<Long>>();
        var stores = new HashMap<Buffer, Range<Long>>();
        for (var s : body) {
            if (EngineSeconds.isOfArray(s)) {
                array += seconds(s);
            } else {
                other += seconds(s);
            }
            refs(s).forEach(r -> tiles.add(r.tile().id()));
            Regions.loads(s).forEach(part -> loads.merge(part.buffer(), part.elements(), Range::span));
            Regions.stores(s).forEach(part -> stores.merge(part.buffer(), part.elements(), Range::span));
        }
        return new Region(body, array, other, tiles, loads, stores);
    }

    private static Stream<TileRef> refs(Statement s) {
        return Stream.concat(TileRewriter.writes(s).stream(), TileRewriter.reads(s).stream());
    }

    private double seconds(Statement s) {
        return EngineSeconds.of(s, target);
    }

    /**
     * Statements that make what is read elsewhere.
     *
     * @param array seconds of the array
     * @param other seconds of Vector and Scalar Engine
     */
    private record Region(
            List<Statement> body,
            double array,
            double other,
            Set<Integer> tiles,
            Map<Buffer, Range<Long>> loads,
            Map<Buffer, Range<Long>> stores) {
        boolean dependsOn(Region before) {
            return tiles.stream().anyMatch(before.tiles::contains)
                    || meet(stores, before.stores)
                    || meet(stores, before.loads)
                    || meet(loads, before.stores);
        }

        private static boolean meet(Map<Buffer, Range<Long>> a, Map<Buffer, Range<Long>> b) {
            return a.entrySet().stream()
                    .anyMatch(
                            e -> b.containsKey(e.getKey()) && b.get(e.getKey()).isConnected(e.getValue()));
        }
    }
}
