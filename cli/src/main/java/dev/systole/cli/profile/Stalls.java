package dev.systole.cli.profile;

import dev.systole.emulator.TimelineListener;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.Engine;
import dev.systole.trainium.isa.Program;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What engines wait for. Mutable: one run. */
final class Stalls implements TimelineListener {
    /** What raises a semaphore where instructions of several engines do. */
    private static final String SEVERAL = "several engines";

    private final Map<Integer, String> raisers = new HashMap<>();
    private final Map<Engine, Map<String, Double>> waits = new EnumMap<>(Engine.class);

    Stalls(Program program) {
        for (var core : program.cores()) {
            core.streams()
                    .forEach((engine, stream) -> stream.forEach(issue -> issue.update()
                            .ifPresent(u -> raisers.merge(
                                    u.semaphore(),
                                    issue.instruction() instanceof DmaInstruction ? Resource.DMA : engine.toString(),
                                    (a, b) -> a.equals(b) ? a : SEVERAL))));
        }
    }

    @Override
    public void issued(Event event) {
        event.semaphore()
                .ifPresent(s -> add(event.engine(), raisers.getOrDefault(s, SEVERAL), event.semaphoreSeconds()));
        if (event.hazardSeconds() > 0) {
            add(event.engine(), event.engine().toString(), event.hazardSeconds());
        }
    }

    private void add(Engine engine, String cause, double seconds) {
        waits.computeIfAbsent(engine, e -> new TreeMap<>()).merge(cause, seconds, Double::sum);
    }

    /** Seconds that each engine waited, by what it waited for: another engine, the DMA engines, or itself. */
    Map<Engine, Map<String, Double>> seconds() {
        return waits;
    }
}
