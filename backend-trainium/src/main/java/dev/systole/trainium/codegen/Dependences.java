package dev.systole.trainium.codegen;

import dev.systole.trainium.isa.AccessHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Which earlier steps each step must follow, because they touch the same bytes of a virtual object or an address and one
 * of them writes. Every list is ascending and free of repeats.
 */
final class Dependences {
    private Dependences() {}

    static List<int[]> of(List<VirtualCode.Step> steps) {
        var history = new AccessHistory();
        var result = new ArrayList<int[]>(steps.size());
        // Of each step the last one that was found to follow it.
        var follower = new int[steps.size()];
        for (int i = 0; i < steps.size(); i++) {
            var reads = steps.get(i).instruction().reads();
            var writes = steps.get(i).instruction().writes();
            var before = IntStream.builder();
            int item = i;
            IntConsumer add = earlier -> {
                if (follower[earlier] != item) {
                    follower[earlier] = item;
                    before.add(earlier);
                }
            };
            reads.forEach(a -> history.conflicts(a, false, add));
            writes.forEach(a -> history.conflicts(a, true, add));
            reads.forEach(a -> history.add(item, a, false));
            writes.forEach(a -> history.add(item, a, true));
            result.add(before.build().sorted().toArray());
        }
        return result;
    }
}
