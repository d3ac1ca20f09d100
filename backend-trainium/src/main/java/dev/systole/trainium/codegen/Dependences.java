package dev.systole.trainium.codegen;

import dev.systole.trainium.isa.AccessHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Which earlier steps each step must follow, because they touch the same bytes of a virtual object or an address and one
 * of them writes. Every list is ascending and free of repeats.
 */
final class Dependences {
    private Dependences() {}

    static List<int[]> of(List<VirtualCode.Step> steps) {
        var history = new AccessHistory();
        var result = new ArrayList<int[]>(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            var before = new TreeSet<Integer>();
            var instruction = steps.get(i).instruction();
            instruction.reads().forEach(a -> history.conflicts(a, false, before::add));
            instruction.writes().forEach(a -> history.conflicts(a, true, before::add));
            int item = i;
            instruction.reads().forEach(a -> history.add(item, a, false));
            instruction.writes().forEach(a -> history.add(item, a, true));
            result.add(before.stream().mapToInt(Integer::intValue).toArray());
        }
        return result;
    }
}
