package dev.systole.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The lines of a dump by the model node that they come from: the comment at the end of a line names its node, one on a line of its own that
 * of the lines below.
 *
 * @param lines in order of first appearance; what no node is named for is under the empty name
 */
record NodeLines(Map<String, List<String>> lines) {
    private static final Pattern HEADING = Pattern.compile("^\\s*// ?(.*)$");
    private static final Pattern TRAILING = Pattern.compile("^(.*\\S)\\s+// (.*)$");

    /** Numbers of values, tiles, buffers, semaphores and instructions, which change with everything before them. */
    private static final Pattern NUMBERS =
            Pattern.compile("%\\d+|\\bt\\d+\\b|@\\d+|\\bb\\d+\\b|S\\[\\d+]>=\\d+ |S\\[\\d+]\\+=\\d+|^\\s*\\d+ ");

    static NodeLines of(String text) {
        var lines = new LinkedHashMap<String, List<String>>();
        var node = "";
        for (var line : text.lines().toList()) {
            var heading = HEADING.matcher(line);
            if (heading.matches()) {
                node = heading.group(1).strip();
                continue;
            }
            var trailing = TRAILING.matcher(line);
            boolean named = trailing.matches();
            lines.computeIfAbsent(named ? trailing.group(2) : isBrace(line) ? "" : node, k -> new ArrayList<>())
                    .add(named ? trailing.group(1) : line);
        }
        return new NodeLines(lines);
    }

    private static boolean isBrace(String line) {
        return line.strip().equals("}") || line.endsWith("{");
    }

    /** The lines of nodes whose names contain a text, under their names. */
    String containing(String text) {
        var out = new StringBuilder();
        lines.forEach((node, all) -> {
            if (!node.isEmpty() && node.contains(text)) {
                out.append("// ").append(node).append('\n');
                all.forEach(l -> out.append(l).append('\n'));
            }
        });
        return out.toString();
    }

    /** Lines of a node without the numbers that change with what stands before it. */
    List<String> plain(String node) {
        return lines.getOrDefault(node, List.of()).stream()
                .map(l -> NUMBERS.matcher(l).replaceAll("").strip())
                .toList();
    }
}
