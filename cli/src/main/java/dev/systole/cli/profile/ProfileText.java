package dev.systole.cli.profile;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A profile as people and programs read it. */
public final class ProfileText {
    private static final String COMPILER = "(the compiler's own)";

    private ProfileText() {}

    /** Prints the summary, what bounds the run, and the model nodes that cost most. */
    public static void print(PrintWriter out, Profile profile, int regions) {
        out.printf(
                "%s on 1 core of %s, %s%n", profile.program(), profile.target().name(), profile.explanation());
        for (var metric : Metric.of(profile)) {
            out.printf(Locale.ROOT, "  %-36s %14s%n", metric.name(), metric.text());
        }
        double total = profile.timeline().seconds();
        double under =
                profile.regions().stream().mapToDouble(RegionCost::seconds).sum();
        var alike = RegionGroup.of(profile.regions());
        out.printf(
                Locale.ROOT,
                "%-7s %12s  %-22s %s%n",
                "share",
                "time",
                "busiest",
                "the %d model nodes that cost most, layers together (nothing is under way for %.1f %% of the time)"
                        .formatted(Math.min(regions, alike.size()), 100 * profile.share(total - under)));
        alike.stream().limit(regions).forEach(r -> {
            var busiest = r.busySeconds().entrySet().stream()
                    .max(Comparator.comparingDouble(Map.Entry::getValue))
                    .orElseThrow();
            out.printf(
                    Locale.ROOT,
                    "%5.1f %% %12s  %-22s %s%n",
                    100 * profile.share(r.seconds()),
                    Metric.time(r.seconds()),
                    busiest.getKey() + " " + Metric.time(busiest.getValue()),
                    (r.name().isEmpty() ? COMPILER : r.name())
                            + (r.nodes() == 1 ? "" : "   %d nodes".formatted(r.nodes())));
        });
    }

    /** What a JSON file holds: every figure under its name, and every region. */
    public static Map<String, Object> json(Profile profile) {
        var summary = new LinkedHashMap<String, Object>();
        Metric.of(profile)
                .forEach(m -> summary.put(
                        m.name(),
                        switch (m.unit()) {
                            case COUNT, BYTES, FLOPS -> Math.round(m.value());
                            case SECONDS, SHARE, RATIO -> m.value();
                        }));
        var json = new LinkedHashMap<String, Object>();
        json.put("program", profile.program());
        json.put("target", profile.target().name());
        json.put("bound", profile.bound());
        json.put("explanation", profile.explanation());
        json.put("summary", summary);
        json.put("stall_seconds", profile.stallSeconds());
        json.put("regions", profile.regions());
        return json;
    }
}
