package dev.systole.cli.bench;

import dev.systole.cli.profile.Profile;
import dev.systole.cli.profile.Profiler;
import dev.systole.emulator.EmulatorException;
import dev.systole.frontend.FrontendException;
import dev.systole.frontend.sy.SyException;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.passes.AssignPrecision.AutoCast;
import dev.systole.passes.PassException;
import dev.systole.trainium.CompileOptions;
import dev.systole.trainium.Compiler;
import dev.systole.trainium.Level;
import dev.systole.trainium.codegen.LiveRanges;
import dev.systole.trainium.codegen.VirtualCode;
import dev.systole.trainium.isa.LimitException;
import java.util.Optional;
import java.util.OptionalLong;

/** What a workload came to: a program with its figures, or the reason why there is none. */
sealed interface Measurement {
    /** What the machine needs at least; empty if the model could not be imported. */
    Optional<Roofline> bounds();

    /** There is no program, or it cannot run. */
    record Failed(Optional<Roofline> bounds, String error, double compileSeconds) implements Measurement {}

    /**
     * A program in time.
     *
     * @param sbufPeakBytesPerPartition highest SBUF address in use
     * @param sbufLiveBytesPerPartition the least SBUF that the program needs to run like that, see {@link LiveTiles}; empty if it spills
     * @param sbufInOrderBytesPerPartition the least SBUF that the scheduled code needs in its issue order, see {@link LiveRanges}
     */
    record Modelled(
            Roofline roofline,
            Profile profile,
            long instructions,
            long sbufPeakBytesPerPartition,
            OptionalLong sbufLiveBytesPerPartition,
            long sbufInOrderBytesPerPartition,
            double compileSeconds)
            implements Measurement {
        @Override
        public Optional<Roofline> bounds() {
            return Optional.of(roofline);
        }

        /** How many times as long as it has to the program runs. */
        double ratio() {
            return profile.timeline().seconds() / roofline.seconds();
        }
    }

    /** Compiles a workload and runs it in time. */
    static Measurement of(Workload workload, Target target, AutoCast autoCast, DType cast) {
        long start = System.nanoTime();
        var roofline = Optional.<Roofline>empty();
        try {
            var graph = workload.graph();
            roofline = Optional.of(Roofline.of(graph, workload, target, autoCast, cast));
            var scheduled = new VirtualCode[1];
            var steps = new int[1];
            var options = new CompileOptions(target, autoCast, cast, (pass, level) -> {
                if (pass.equals("schedule") && level instanceof Level.OfCode(var code)) {
                    scheduled[0] = code;
                } else if (level instanceof Level.OfAddresses(var allocation)) {
                    steps[0] = allocation.code().steps().size();
                }
            });
            var compilation = new Compiler(options).compile(graph);
            double seconds = secondsSince(start);
            var live = new LiveTiles(scheduled[0]);
            boolean spills = steps[0] != scheduled[0].steps().size();
            var profile = spills ? Profiler.of(compilation.program()) : Profiler.of(compilation.program(), live);
            return new Modelled(
                    roofline.get(),
                    profile,
                    compilation.program().instructions(),
                    compilation.sbufPeakBytesPerPartition(),
                    spills ? OptionalLong.empty() : OptionalLong.of(live.most()),
                    LiveRanges.of(scheduled[0]).sbufBytesPerPartition(),
                    seconds);
        } catch (RuntimeException | OutOfMemoryError e) {
            // A fault of Systole's own must not hide the other rows.
            return new Failed(roofline, error(e), secondsSince(start));
        }
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static String error(Throwable e) {
        return switch (e) {
            case FrontendException x -> firstLine(x);
            case SyException x -> firstLine(x);
            case PassException x -> firstLine(x);
            case LimitException x -> firstLine(x);
            case EmulatorException x -> firstLine(x);
            default ->
                "a fault of Systole's own: " + e.toString().lines().findFirst().orElse("");
        };
    }

    private static String firstLine(Throwable e) {
        return e.getMessage().lines().findFirst().orElse("");
    }
}
