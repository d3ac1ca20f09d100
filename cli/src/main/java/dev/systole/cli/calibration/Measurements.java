package dev.systole.cli.calibration;

import dev.systole.frontend.FrontendException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A table of what programs needed on a chip: a line a workload, columns by name. */
public final class Measurements {
    private final Map<String, Row> rows = new HashMap<>();

    /** A workload's figures by column; empty where none was measured. */
    record Row(Map<String, String> cells) {
        Optional<Double> number(String column) {
            return Optional.ofNullable(cells.get(column))
                    .filter(s -> !s.isEmpty())
                    .map(Double::valueOf);
        }
    }

    private Measurements() {}

    /**
     * Reads comma-separated lines, names of the columns first; a column is {@code workload}.
     *
     * @param source what messages call the file
     * @throws FrontendException if a line has not as many cells as there are names, or there is no such column
     */
    public static Measurements parse(String text, String source) {
        var lines = text.lines().filter(l -> !l.isBlank()).toList();
        var names = lines.isEmpty() ? List.<String>of() : cells(lines.getFirst());
        if (!names.contains("workload")) {
            throw new FrontendException("SYS1305", source + ": has no column \"workload\" in its first line");
        }
        var table = new Measurements();
        for (int i = 1; i < lines.size(); i++) {
            var cells = cells(lines.get(i));
            if (cells.size() != names.size()) {
                throw new FrontendException(
                        "SYS1305",
                        "%s: line %d has %d cells, the first line %d"
                                .formatted(source, i + 1, cells.size(), names.size()));
            }
            var row = new HashMap<String, String>();
            for (int c = 0; c < cells.size(); c++) {
                row.put(names.get(c), cells.get(c));
            }
            table.rows.put(row.get("workload"), new Row(row));
        }
        return table;
    }

    private static List<String> cells(String line) {
        return Arrays.asList(line.split(",", -1));
    }

    Optional<Row> row(String workload) {
        return Optional.ofNullable(rows.get(workload));
    }
}
