package dev.systole.passes.tiling;

import java.util.ArrayList;

/** How work that is due at steps is spread over the steps before. */
final class EvenPace {
    private EvenPace() {}

    /**
     * What is done before each step: never less than what is due, which grows, and by steps as even as can be. That is the least concave curve
     * above it.
     */
    static int[] over(int[] due) {
        var corners = new ArrayList<Integer>();
        for (int i = 0; i < due.length; i++) {
            while (corners.size() > 1 && isBelow(due, corners.get(corners.size() - 2), corners.getLast(), i)) {
                corners.removeLast();
            }
            corners.add(i);
        }
        var curve = due.clone();
        for (int c = 1; c < corners.size(); c++) {
            int from = corners.get(c - 1);
            int to = corners.get(c);
            for (int i = from; i < to; i++) {
                curve[i] =
                        due[from] + Math.toIntExact(Math.ceilDiv((long) (due[to] - due[from]) * (i - from), to - from));
            }
        }
        return curve;
    }

    /** True if a point lies on or below the line between two others. */
    private static boolean isBelow(int[] y, int from, int point, int to) {
        return (long) (y[point] - y[from]) * (to - from) <= (long) (y[to] - y[from]) * (point - from);
    }
}
