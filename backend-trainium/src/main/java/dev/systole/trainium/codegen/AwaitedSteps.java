package dev.systole.trainium.codegen;

import dev.systole.trainium.isa.Engine;
import java.util.EnumMap;
import java.util.Map;

/** Steps that another one waits for, each engine doing one after the other. Mutable. */
final class AwaitedSteps {
    private final Map<Engine, Queue> queues = new EnumMap<>(Engine.class);
    private double last;
    private double lastButOne;

    /** What an engine does of them. Mutable. */
    private static final class Queue {
        double first = Double.POSITIVE_INFINITY;
        double second = Double.POSITIVE_INFINITY;
        double busy;
        int steps;
    }

    void add(Engine engine, double started, double busy, double seen) {
        var queue = queues.computeIfAbsent(engine, e -> new Queue());
        queue.second = Math.min(queue.second, Math.max(queue.first, started));
        queue.first = Math.min(queue.first, started);
        queue.busy += busy;
        queue.steps++;
        lastButOne = Math.max(lastButOne, Math.min(last, seen));
        last = Math.max(last, seen);
    }

    /** When all results would be there. */
    double seen() {
        double end = last;
        for (var queue : queues.values()) {
            end = Math.max(end, queue.first + queue.busy);
        }
        return end;
    }

    /** When those of all but one would be there. */
    double seenBut(Engine engine, double started, double busy, double seen) {
        double end = seen == last ? lastButOne : last;
        for (var e : queues.entrySet()) {
            var queue = e.getValue();
            if (e.getKey() != engine) {
                end = Math.max(end, queue.first + queue.busy);
            } else if (queue.steps > 1) {
                end = Math.max(end, (started == queue.first ? queue.second : queue.first) + queue.busy - busy);
            }
        }
        return end;
    }
}
