package dev.systole.testdata;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A railroad diagram: lines of one width, of which one is the track.
 *
 * @param track index of the line that enters on the left and leaves on the right
 */
record Railroad(List<String> lines, int track) {
    private static final String RAIL = "─";

    static Railroad of(String word) {
        return new Railroad(List.of(word.isEmpty() ? RAIL : " " + word + " "), 0);
    }

    private int width() {
        return lines.getFirst().length();
    }

    private Railroad widened(int width) {
        int missing = width - width();
        var wide = new ArrayList<String>();
        for (int i = 0; i < lines.size(); i++) {
            var fill = (i == track ? RAIL : " ");
            wide.add(fill.repeat(missing / 2) + lines.get(i) + fill.repeat(missing - missing / 2));
        }
        return new Railroad(wide, track);
    }

    /** One after the other. */
    static Railroad sequence(List<Railroad> parts) {
        int above = parts.stream().mapToInt(p -> p.track).max().orElse(0);
        int below = parts.stream().mapToInt(p -> p.lines.size() - p.track).max().orElse(1);
        var lines = new ArrayList<>(Collections.nCopies(above + below, ""));
        for (int p = 0; p < parts.size(); p++) {
            var part = parts.get(p);
            for (int i = 0; i < lines.size(); i++) {
                int at = i - above + part.track;
                var text = at >= 0 && at < part.lines.size() ? part.lines.get(at) : " ".repeat(part.width());
                var between = p == 0 ? "" : i == above ? RAIL : " ";
                lines.set(i, lines.get(i) + between + text);
            }
        }
        return new Railroad(lines, above);
    }

    /** One of these. */
    static Railroad choice(List<Railroad> branches) {
        return stacked(branches, "", "");
    }

    /** A part again and again, what separates it between; the way back is below. */
    static Railroad loop(Railroad part, Railroad back) {
        return stacked(List.of(part, back), "", "◂");
    }

    private static Railroad stacked(List<Railroad> branches, String forth, String back) {
        int width = branches.stream().mapToInt(Railroad::width).max().orElse(0);
        var lines = new ArrayList<String>();
        int track = branches.getFirst().track;
        for (int b = 0; b < branches.size(); b++) {
            var branch = branches.get(b).widened(width);
            boolean first = b == 0;
            boolean last = b == branches.size() - 1;
            for (int i = 0; i < branch.lines.size(); i++) {
                boolean rail = i == branch.track;
                boolean beside = first ? i > branch.track : last ? i < branch.track : true;
                var left = rail ? first ? "┬" : last ? "└" : "├" : beside ? "│" : " ";
                var right = rail ? first ? "┬" : last ? "┘" : "┤" : beside ? "│" : " ";
                var sign = rail ? first ? forth : back : "";
                var pad = rail ? RAIL : " ";
                lines.add(left + (sign.isEmpty() ? pad : sign) + branch.lines.get(i) + pad + right);
            }
        }
        return new Railroad(lines, track);
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            text.append((i == track ? "├─" + lines.get(i) + "─┤" : "  " + lines.get(i)).stripTrailing())
                    .append('\n');
        }
        return text.toString();
    }
}
