package dev.systole.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** How two programs differ, by model node. */
final class ProgramDifference {
    private static final NodeCode NOTHING = new NodeCode(Map.of(), 0);

    private ProgramDifference() {}

    /** Prints the nodes that differ; true if none does. */
    static boolean print(PrintWriter out, Map<String, NodeCode> before, Map<String, NodeCode> after) {
        var lines = lines(before, after);
        if (lines.isEmpty()) {
            out.println("no difference");
            return true;
        }
        lines.forEach(out::println);
        out.println(line("total", total(before), total(after)));
        return false;
    }

    /** A line for each node that differs. */
    static List<String> lines(Map<String, NodeCode> before, Map<String, NodeCode> after) {
        var nodes = new LinkedHashSet<>(before.keySet());
        nodes.addAll(after.keySet());
        var lines = new ArrayList<String>();
        for (var node : nodes) {
            var a = before.getOrDefault(node, NOTHING);
            var b = after.getOrDefault(node, NOTHING);
            if (!a.counts().equals(b.counts()) || Math.abs(a.cycles() - b.cycles()) > 0.5) {
                lines.add(line(node.isEmpty() ? "(no node)" : node, a, b) + changes(a, b));
            }
        }
        return lines;
    }

    private static NodeCode total(Map<String, NodeCode> nodes) {
        var counts = new java.util.TreeMap<String, Integer>();
        double cycles = 0;
        for (var code : nodes.values()) {
            code.counts().forEach((k, v) -> counts.merge(k, v, Integer::sum));
            cycles += code.cycles();
        }
        return new NodeCode(counts, cycles);
    }

    private static String line(String node, NodeCode a, NodeCode b) {
        return String.format(
                Locale.ROOT,
                "%-48s instructions %,6d → %,6d   cycles %,10.0f → %,10.0f",
                node,
                a.instructions(),
                b.instructions(),
                a.cycles(),
                b.cycles());
    }

    private static String changes(NodeCode a, NodeCode b) {
        var names = new TreeSet<>(a.counts().keySet());
        names.addAll(b.counts().keySet());
        var parts = new ArrayList<String>();
        for (var name : names) {
            int more = b.counts().getOrDefault(name, 0) - a.counts().getOrDefault(name, 0);
            if (more != 0) {
                parts.add(String.format(Locale.ROOT, "%s %+d", name, more));
            }
        }
        return parts.isEmpty() ? "" : "   " + String.join(", ", parts);
    }
}
