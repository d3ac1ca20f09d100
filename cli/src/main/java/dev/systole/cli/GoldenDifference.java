package dev.systole.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a model's compile differs from what was recorded.
 *
 * @param summary in a line
 * @param details a line each: nodes, outputs, memory
 */
record GoldenDifference(String summary, List<String> details) {

    /** Empty if nothing that is recorded differs. */
    static Optional<GoldenDifference> between(Golden was, Golden is) {
        if (was.equals(is)) {
            return Optional.empty();
        }
        var details = new ArrayList<>(ProgramDifference.lines(was.nodes(), is.nodes()));
        for (var output : is.outputs()) {
            if (!was.outputs().contains(output)) {
                details.add("output " + output.name() + " : " + output.type() + " has other values");
            }
        }
        memory(details, "SBUF peak", was.sbufPeakBytesPerPartition(), is.sbufPeakBytesPerPartition());
        memory(details, "PSUM peak banks", was.psumPeakBanks(), is.psumPeakBanks());
        memory(details, "HBM", was.hbmBytes(), is.hbmBytes());
        memory(details, "spilled", was.spilledBytes(), is.spilledBytes());
        return Optional.of(new GoldenDifference(summary(was, is), details));
    }

    private static void memory(List<String> details, String what, long was, long is) {
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
