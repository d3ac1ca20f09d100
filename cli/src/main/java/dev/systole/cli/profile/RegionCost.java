package dev.systole.cli.profile;

import java.util.Map;

/**
 * What a model node costs.
 *
 * @param node of the model; empty for what the compiler adds
 * @param seconds the node's part of the run: moments in which other nodes are under way, too, are divided among them
 * @param instructions issued for it
 * @param busySeconds of each engine, and of the DMA engines summed over transfers
 */
public record RegionCost(String node, double seconds, long instructions, Map<String, Double> busySeconds) {
    public RegionCost {
        busySeconds = Map.copyOf(busySeconds);
    }
}
