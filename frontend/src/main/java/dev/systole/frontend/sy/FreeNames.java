package dev.systole.frontend.sy;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Names that are given once; a second one of a name is numbered. Mutable. */
final class FreeNames {
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> counts = new HashMap<>();

    FreeNames() {}

    /** @param taken names that are never given */
    FreeNames(Collection<String> taken) {
        this.taken.addAll(taken);
    }

    String take(String name) {
        return take(name, "");
    }

    /** A name with this ending, which stands behind the number. */
    String take(String name, String ending) {
        var candidate = name + ending;
        while (!taken.add(candidate)) {
            candidate = name + "_" + (counts.merge(name + ending, 1, Integer::sum) + 1) + ending;
        }
        return candidate;
    }
}
