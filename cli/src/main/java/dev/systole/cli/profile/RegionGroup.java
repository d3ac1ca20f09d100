package dev.systole.cli.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Model nodes whose names differ in numbers alone, as those of repeated layers do.
 *
 * @param name with {@code *} for the numbers; of a single node its own
 * @param nodes that it stands for
 * @param seconds of all of them
 * @param busySeconds of each engine, and of the DMA engines summed over transfers
 */
record RegionGroup(String name, int nodes, double seconds, Map<String, Double> busySeconds) {
    /** A number that is a part of a name of its own, as in {@code layer.3.dense} or {@code /layers/3/dense}. */
    private static final Pattern NUMBER = Pattern.compile("(?<!\\w)\\d+(?!\\w)");

    /** The groups, the most expensive first. */
    static List<RegionGroup> of(List<RegionCost> regions) {
        var groups = new LinkedHashMap<String, List<RegionCost>>();
        for (var region : regions) {
            groups.computeIfAbsent(NUMBER.matcher(region.node()).replaceAll("*"), k -> new ArrayList<>())
                    .add(region);
        }
        return groups.entrySet().stream()
                .map(e -> of(e.getKey(), e.getValue()))
                .sorted(Comparator.comparingDouble(RegionGroup::seconds).reversed())
                .toList();
    }

    private static RegionGroup of(String name, List<RegionCost> regions) {
        var busy = new TreeMap<String, Double>();
        regions.forEach(r -> r.busySeconds().forEach((engine, seconds) -> busy.merge(engine, seconds, Double::sum)));
        return new RegionGroup(
                regions.size() == 1 ? regions.getFirst().node() : name,
                regions.size(),
                regions.stream().mapToDouble(RegionCost::seconds).sum(),
                busy);
    }
}
