package dev.systole.cli.bench;

import dev.systole.frontend.FrontendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tables of published measurements: a line of headings, then rows; commas separate, nothing is quoted. */
public final class Csv {
    private Csv() {}

    /**
     * The rows by heading.
     *
     * @throws FrontendException if there is no such file, it lacks a heading, or a row has more or fewer cells than there are headings
     */
    public static List<Map<String, String>> read(Path file, List<String> wanted) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FrontendException("SYS6301", file + ": no such file");
        }
        var lines = Files.readAllLines(file);
        var headings =
                lines.isEmpty() ? List.<String>of() : List.of(lines.getFirst().split(",", -1));
        for (var heading : wanted) {
            if (!headings.contains(heading)) {
                throw new FrontendException("SYS6302", "%s: has no column \"%s\"".formatted(file, heading));
            }
        }
        var rows = new ArrayList<Map<String, String>>();
        for (int i = 1; i < lines.size(); i++) {
            var cells = lines.get(i).split(",", -1);
            if (cells.length != headings.size()) {
                throw new FrontendException(
                        "SYS6302", "%s:%d: has %d cells, not %d".formatted(file, i + 1, cells.length, headings.size()));
            }
            var row = new LinkedHashMap<String, String>();
            for (int c = 0; c < cells.length; c++) {
                row.put(headings.get(c), cells[c]);
            }
            rows.add(row);
        }
        return rows;
    }
}
