package dev.systole.cli.bench;

import java.io.PrintWriter;
import java.util.List;

/** Rows of text under headings: the first column to the left, the others to the right, and one more that has any width. */
final class Table {
    private final PrintWriter out;
    private final List<Column> columns;

    /** A column and the characters that it takes. */
    record Column(String heading, int width) {}

    Table(PrintWriter out, List<Column> columns) {
        this.out = out;
        this.columns = List.copyOf(columns);
    }

    void headings(String last) {
        row(columns.stream().map(Column::heading).toList(), last);
    }

    /** Prints a row at once, as measuring the next one may take long; cells that are missing are empty. */
    void row(List<String> cells, String last) {
        var line = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            var cell = i < cells.size() ? cells.get(i) : "";
            var space = " ".repeat(Math.max(0, columns.get(i).width - cell.length()));
            line.append(i == 0 ? cell + space : space + cell).append("  ");
        }
        out.println(line.append(last).toString().stripTrailing());
        out.flush();
    }
}
