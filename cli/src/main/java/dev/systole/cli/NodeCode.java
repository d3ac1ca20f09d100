package dev.systole.cli;

import dev.systole.trainium.isa.Cost;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Issue;
import dev.systole.trainium.isa.Program;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a program has for one model node.
 *
 * @param counts instructions by engine and name, as {@code tensor nc_matmul}
 * @param cycles that they keep their engines busy, transfers at the clock of the core's array
 */
record NodeCode(Map<String, Integer> counts, double cycles) {
    /** By node, in the order of the streams. */
    static Map<String, NodeCode> of(Program program) {
        var nodes = new LinkedHashMap<String, NodeCode>();
        for (var core : program.cores()) {
            for (var engine : dev.systole.trainium.isa.Engine.values()) {
                core.stream(engine)
                        .forEach(issue -> nodes.merge(
                                program.locations().get(issue.location()).toString(),
                                one(program, issue),
                                NodeCode::plus));
            }
        }
        return nodes;
    }

    private static NodeCode one(Program program, Issue issue) {
        var instruction = issue.instruction();
        var cost = Cost.of(instruction, program.target());
        double seconds = instruction instanceof DmaInstruction ? cost.transferSeconds() : cost.issueSeconds();
        var counts = new TreeMap<String, Integer>();
        counts.put(instruction.engine() + " " + instruction.mnemonic(), 1);
        return new NodeCode(counts, seconds * program.target().tensor().clockHz());
    }

    private NodeCode plus(NodeCode other) {
        var sum = new TreeMap<>(counts);
        other.counts.forEach((k, v) -> sum.merge(k, v, Integer::sum));
        return new NodeCode(sum, cycles + other.cycles);
    }

    int instructions() {
        return counts.values().stream().mapToInt(i -> i).sum();
    }
}
