package dev.systole.cli.profile;

import dev.systole.emulator.Emulator;
import dev.systole.emulator.TimelineListener;
import dev.systole.trainium.isa.Program;
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
        var others = List.of(also);
        var timeline = Emulator.timeline(program, event -> {
            traffic.issued(event);
            arithmetic.issued(event);
            stalls.issued(event);
            regions.issued(event);
            others.forEach(o -> o.issued(event));
        });
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
}
