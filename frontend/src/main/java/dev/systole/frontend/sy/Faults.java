package dev.systole.frontend.sy;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects what is wrong with a text. A place is reported once, however often it is met. Mutable. */
final class Faults {
    private static final int SHOWN = 20;

    private final SourceText source;
    private final Map<Span, Fault> byPlace = new LinkedHashMap<>();
    private boolean more;

    Faults(SourceText source) {
        this.source = source;
    }

    void add(Fault fault) {
        if (byPlace.size() < SHOWN) {
            byPlace.putIfAbsent(fault.span(), fault);
        } else if (!byPlace.containsKey(fault.span())) {
            more = true;
        }
    }

    /** True if there are places that are not shown. */
    boolean hasMore() {
        return more;
    }

    /** @throws SyException with all faults, if there are any */
    void check() {
        if (!byPlace.isEmpty()) {
            var all = byPlace.values().stream()
                    .sorted(Comparator.comparing(Fault::span))
                    .map(source::describe)
                    .collect(Collectors.joining("\n"));
            throw new SyException(all + (more ? "\nand more" : ""));
        }
    }
}
