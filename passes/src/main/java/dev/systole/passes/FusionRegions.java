package dev.systole.passes;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The regions of a graph as they grow: which nodes they have, and what paths there are between them. Nodes are named by their places in the
 * graph. Mutable.
 */
final class FusionRegions {
    private final Graph graph;
    private final Map<Value, Integer> definedAt = new HashMap<>();
    private final Map<Value, List<Integer>> readAt = new HashMap<>();
    private final Set<Value> results;
    private final FusionRegion[] regionOf;
    private final List<FusionRegion> regions = new ArrayList<>();

    FusionRegions(Graph graph) {
        this.graph = graph;
        this.regionOf = new FusionRegion[graph.nodes().size()];
        this.results = new HashSet<>(graph.outputValues());
        for (int i = 0; i < graph.nodes().size(); i++) {
            for (var v : graph.nodes().get(i).outputs()) {
                definedAt.put(v, i);
            }
            for (var v : new LinkedHashSet<>(graph.nodes().get(i).inputs())) {
                readAt.computeIfAbsent(v, k -> new ArrayList<>()).add(i);
            }
        }
    }

    Graph graph() {
        return graph;
    }

    int nodes() {
        return regionOf.length;
    }

    Node node(int i) {
        return graph.nodes().get(i);
    }

    /** The region that a node is in, or null. */
    FusionRegion of(int i) {
        return regionOf[i];
    }

    /** The nodes that are emitted with a node: those of its region, or itself. */
    List<Integer> with(int i) {
        return regionOf[i] == null ? List.of(i) : regionOf[i].members;
    }

    /** Where a value is computed; empty for the graph's inputs. */
    Optional<Integer> definition(Value v) {
        return Optional.ofNullable(definedAt.get(v));
    }

    List<Integer> readers(Value v) {
        return readAt.getOrDefault(v, List.of());
    }

    /** The readers of each value that has any. */
    List<List<Integer>> allReaders() {
        return List.copyOf(readAt.values());
    }

    boolean isResult(Value v) {
        return results.contains(v);
    }

    /** True if a node of the region computes a value. */
    boolean isIn(Value v, FusionRegion region) {
        return definedAt.containsKey(v) && regionOf[definedAt.get(v)] == region;
    }

    void join(FusionRegion region, int i) {
        if (region.members.isEmpty()) {
            regions.add(region);
        }
        regionOf[i] = region;
        region.members.add(i);
    }

    /** Makes one region of two, which reduces so many dimensions, unless a path leaves it and comes back. */
    void unite(FusionRegion region, FusionRegion other, int reduced) {
        int own = region.members.size();
        int before = region.reduced;
        region.reduced = reduced;
        region.members.addAll(other.members);
        other.members.forEach(m -> regionOf[m] = region);
        regions.remove(other);
        if (comesBack(region, region.members)) {
            region.members.subList(own, region.members.size()).clear();
            region.reduced = before;
            other.members.forEach(m -> regionOf[m] = other);
            regions.add(other);
        }
    }

    /** True if an operand of the candidate is computed from the region by way of something outside it. */
    boolean comesBack(FusionRegion region, int candidate) {
        return comesBack(region, List.of(candidate));
    }

    private boolean comesBack(FusionRegion region, List<Integer> candidates) {
        var seen = new HashSet<Integer>();
        var pending = new ArrayList<Integer>();
        int first = firstDependent(region);
        for (int candidate : candidates) {
            for (var v : node(candidate).inputs()) {
                enqueue(v, region, first, seen, pending, false);
            }
        }
        while (!pending.isEmpty()) {
            int at = pending.removeLast();
            for (int m : with(at)) {
                seen.add(m);
                for (var v : node(m).inputs()) {
                    if (enqueue(v, region, first, seen, pending, true)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** No node before this one can depend on the region, by way of whatever other regions. */
    private int firstDependent(FusionRegion region) {
        int first = region.first();
        for (boolean moved = true; moved; ) {
            moved = false;
            for (var r : regions) {
                if (r.last() > first && r.first() < first) {
                    first = r.first();
                    moved = true;
                }
            }
        }
        return first;
    }

    private boolean enqueue(
            Value v, FusionRegion region, int first, Set<Integer> seen, List<Integer> pending, boolean outside) {
        var at = definedAt.get(v);
        if (at == null) {
            return false;
        }
        if (regionOf[at] == region) {
            return outside;
        }
        if (at >= first && seen.add(at)) {
            pending.add(at);
        }
        return false;
    }
}
