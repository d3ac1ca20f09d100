package dev.systole.cli.profile;

import dev.systole.emulator.TimelineListener;
import dev.systole.ir.graph.Location;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each model node costs: at every moment of a run the time that passes is divided equally among the instructions that execute and the
 * transfers that move bytes. Mutable: one run.
 */
final class Regions implements TimelineListener {
    private final Program program;
    private final List<Edge> edges = new ArrayList<>();
    private final Map<Location, Region> regions = new LinkedHashMap<>();
    private int spans;

    /** Where a span begins or ends. */
    private record Edge(double time, boolean begins, int span, Region region) {}

    /** Mutable: sums of a run. */
    private static final class Region {
        private final Location location;
        private final Map<String, Double> busy = new TreeMap<>();
        private long instructions;
        private double seconds;

        private Region(Location location) {
            this.location = location;
        }
    }

    Regions(Program program) {
        this.program = program;
    }

    @Override
    public void issued(Event event) {
        var region = region(event);
        region.instructions++;
        if (!(event.instruction() instanceof DmaInstruction)) {
            add(region, event.engine().toString(), event.busy());
        }
    }

    @Override
    public void moved(Event transfer, Span moving) {
        add(region(transfer), Resource.DMA, moving);
    }

    private Region region(Event event) {
        return regions.computeIfAbsent(program.locations().get(event.issue().location()), Region::new);
    }

    private void add(Region region, String resource, Span span) {
        region.busy.merge(resource, span.seconds(), Double::sum);
        edges.add(new Edge(span.begin(), true, spans, region));
        edges.add(new Edge(span.end(), false, spans, region));
        spans++;
    }

    /** The regions, the most expensive first. */
    List<RegionCost> costs() {
        edges.sort(Comparator.comparingDouble(Edge::time).thenComparing(Edge::begins));
        var sharedAtBegin = new double[spans];
        double shared = 0;
        double last = 0;
        int active = 0;
        for (var edge : edges) {
            shared += active == 0 ? 0 : (edge.time - last) / active;
            last = edge.time;
            active += edge.begins ? 1 : -1;
            if (edge.begins) {
                sharedAtBegin[edge.span] = shared;
            } else {
                edge.region.seconds += shared - sharedAtBegin[edge.span];
            }
        }
        return regions.values().stream()
                .map(r -> new RegionCost(r.location.toString(), r.seconds, r.instructions, r.busy))
                .sorted(Comparator.comparingDouble(RegionCost::seconds).reversed())
                .toList();
    }
}
