package dev.systole.cli.profile;

import dev.systole.emulator.Emulator;
import dev.systole.emulator.TimelineListener;
import dev.systole.trainium.isa.Program;
import java.util.ArrayList;
import java.util.List;

/** Watches a program run in time. No data is needed. */
public final class Profiler {
    private Profiler() {}

    /**
     * @param also follow the run
     * @throws dev.systole.emulator.EmulatorException if the program waits for ever
     */
    public static Profile of(Program program, TimelineListener... also) {
        var traffic = new Traffic(program);
        var arithmetic = new Arithmetic();
        var stalls = new Stalls(program);
        var regions = new Regions(program);
        var listeners = new ArrayList<TimelineListener>(List.of(traffic, arithmetic, stalls, regions));
        listeners.addAll(List.of(also));
        var timeline = Emulator.timeline(program, new Several(listeners));
        return new Profile(
                program.name(),
                program.target(),
                program.tensors().stream().mapToLong(Program.Binding::bytes).sum(),
                program.constants().stream()
                        .mapToLong(c -> c.bytes().byteSize())
                        .sum(),
                timeline,
                traffic.bytes(),
                arithmetic.work(),
                stalls.seconds(),
                regions.costs());
    }

    /** Tells all. */
    private record Several(List<TimelineListener> listeners) implements TimelineListener {
        @Override
        public void issued(Event event) {
            listeners.forEach(l -> l.issued(event));
        }

        @Override
        public void moved(Event transfer, Span moving) {
            listeners.forEach(l -> l.moved(transfer, moving));
        }
    }
}
