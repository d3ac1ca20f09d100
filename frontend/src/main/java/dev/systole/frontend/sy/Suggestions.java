package dev.systole.frontend.sy;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Names that a misspelt one was probably meant to be. */
final class Suggestions {
    private static final int LONGEST = 64;

    private Suggestions() {}

    /** A hint with the nearest of these names; none if all are far. */
    static List<String> hint(String word, Collection<String> names) {
        return names.stream()
                .filter(n -> distance(word, n) <= Math.min(word.length(), n.length()) / 3)
                .min(Comparator.<String>comparingInt(n -> distance(word, n)).thenComparing(Comparator.naturalOrder()))
                .map(n -> List.of("did you mean " + n + "?"))
                .orElse(List.of());
    }

    /** Letters to insert, delete, replace or swap with their neighbour; case does not count. */
    private static int distance(String from, String to) {
        if (from.length() > LONGEST || to.length() > LONGEST) {
            return LONGEST;
        }
        var a = from.toLowerCase(java.util.Locale.ROOT);
        var b = to.toLowerCase(java.util.Locale.ROOT);
        var rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    rows[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int best = Math.min(rows[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                rows[i][j] = swapped ? Math.min(best, rows[i - 2][j - 2] + 1) : best;
            }
        }
        return rows[a.length()][b.length()];
    }
}
