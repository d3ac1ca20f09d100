package dev.systole.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * How a model's compile differs from what was recorded.
 *
 * @param summary in a line
 * @param details a line each: nodes, outputs, engines, memory
 */
record GoldenDifference(String summary, List<String> details) {

    /** Empty if nothing that is recorded differs. */
    static Optional<GoldenDifference> between(Golden was, Golden is) {
        if (was.equals(is)) {
            return Optional.empty();
        }
        var details = new ArrayList<>(ProgramDifference.lines(was.nodes(), is.nodes()));
        outputs(details, was, is);
        var engines = new TreeSet<>(was.busyCycles().keySet());
        engines.addAll(is.busyCycles().keySet());
        engines.forEach(e -> number(
                details,
                e + " busy cycles",
                was.busyCycles().getOrDefault(e, 0L),
                is.busyCycles().getOrDefault(e, 0L)));
        number(details, "SBUF peak", was.sbufPeakBytesPerPartition(), is.sbufPeakBytesPerPartition());
        number(details, "PSUM peak banks", was.psumPeakBanks(), is.psumPeakBanks());
        number(details, "HBM", was.hbmBytes(), is.hbmBytes());
        number(details, "spilled", was.spilledBytes(), is.spilledBytes());
        return Optional.of(new GoldenDifference(summary(was, is), details));
    }

    /** The same with further details. */
    GoldenDifference with(List<String> further) {
        return new GoldenDifference(
                summary, Stream.concat(details.stream(), further.stream()).toList());
    }

    private static void outputs(List<String> details, Golden was, Golden is) {
        var before = new LinkedHashMap<String, Golden.Output>();
        was.outputs().forEach(o -> before.put(o.name(), o));
        for (var output : is.outputs()) {
            var old = before.remove(output.name());
            var what = "output " + output.name() + " : ";
            if (old == null) {
                details.add(what + output.type() + " is new");
            } else if (!old.type().equals(output.type())) {
                details.add(what + old.type() + " → " + output.type());
            } else if (!old.equals(output)) {
                details.add(what + output.type() + " has other values");
            }
        }
        before.values().forEach(o -> details.add("output " + o.name() + " : " + o.type() + " is gone"));
    }

    private static void number(List<String> details, String what, long was, long is) {
        if (was != is) {
            details.add(String.format(Locale.ROOT, "%s %,d → %,d", what, was, is));
        }
    }

    private static String summary(Golden was, Golden is) {
        var parts = new ArrayList<String>();
        long more = is.instructions() - was.instructions();
        if (more != 0) {
            parts.add(String.format(
                    Locale.ROOT, "%+d instructions (%+.1f %%)", more, 100.0 * more / Math.max(1, was.instructions())));
        }
        if (is.seconds() != was.seconds()) {
            parts.add(String.format(Locale.ROOT, "%+.1f %% time", 100 * (is.seconds() / was.seconds() - 1)));
        }
        firstPass(was, is).ifPresent(p -> parts.add("first differing pass: " + p));
        return parts.isEmpty() ? "see below" : String.join(", ", parts);
    }

    private static Optional<String> firstPass(Golden was, Golden is) {
        for (int i = 0; i < Math.max(was.passes().size(), is.passes().size()); i++) {
            if (i >= was.passes().size()) {
                return Optional.of(is.passes().get(i).name() + " (new)");
            }
            if (i >= is.passes().size()) {
                return Optional.of(was.passes().get(i).name() + " (gone)");
            }
            if (!was.passes().get(i).equals(is.passes().get(i))) {
                return Optional.of(is.passes().get(i).name());
            }
        }
        return Optional.empty();
    }
}
