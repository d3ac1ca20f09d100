package dev.systole.cli.profile;

import dev.systole.emulator.Timeline;
import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.Engine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a run did.
 *
 * @param tensorBytes of inputs and outputs in HBM
 * @param constantBytes in HBM
 * @param stallSeconds of each engine, by what it waited for
 * @param regions the most expensive first
 */
public record Profile(
        String program,
        Target target,
        long tensorBytes,
        long constantBytes,
        Timeline timeline,
        MovedBytes traffic,
        ArrayWork work,
        Map<Engine, Map<String, Double>> stallSeconds,
        List<RegionCost> regions) {
    /** A resource that is busy for less of the run does not bound it. */
    private static final double BOUND = 0.8;

    private static final double WORTH_A_WORD = 0.05;

    /** Bytes that the run reads from HBM and writes to it. */
    public long hbmBytes() {
        return traffic.hbmRead() + traffic.hbmWritten();
    }

    /** Multiply-adds of the model's products, two operations each, in bf16 peaks. */
    public double mfu() {
        return share(2.0 * timeline.multiplyAdds() / target.tensor().peak().bf16Flops());
    }

    /** Operations of the array, transposes included, in bf16 peaks. */
    public double hfu() {
        return share(work.hardwareFlops() / target.tensor().peak().bf16Flops());
    }

    /** Bytes to and from HBM, in the rate of HBM that one core has. */
    public double mbu() {
        return share(hbmBytes() / target.memory().hbmBytesPerSecondPerCore());
    }

    /** So many seconds in those of the run; 0 of a run that does nothing. */
    double share(double seconds) {
        return timeline.seconds() == 0 ? 0 : seconds / timeline.seconds();
    }

    /** What the run keeps busy, the busiest first. */
    private List<Resource> resources() {
        var list = new ArrayList<Resource>();
        timeline.engines().forEach((e, t) -> list.add(new Resource(e.toString(), share(t.busySeconds()))));
        list.add(new Resource(Resource.DMA, share(timeline.dmaBusySeconds())));
        list.sort(Comparator.comparingDouble(Resource::share).reversed().thenComparing(Resource::name));
        return list;
    }

    /** What bounds the run, in a word: the busiest resource, or that none is. */
    public String bound() {
        var busiest = resources().getFirst();
        return busiest.share() >= BOUND ? busiest.name() : "waiting";
    }

    /** The busiest resource and for how much of the run it is. */
    public String busiest() {
        var busiest = resources().getFirst();
        return String.format(Locale.ROOT, "%s %.0f %%", busiest.name(), 100 * busiest.share());
    }

    /** What bounds the run, in a sentence. */
    public String explanation() {
        var busiest = resources().getFirst();
        if (timeline.seconds() == 0) {
            return "with nothing to do";
        }
        var active =
                String.format(Locale.ROOT, "%s is active %.0f %% of the time", busiest.name(), 100 * busiest.share());
        var rate = busiest.name().equals(Resource.DMA) ? transferRate() : "";
        if (busiest.share() >= BOUND) {
            return "bound by " + busiest.name() + ": " + active + rate;
        }
        var engine = resources().stream()
                .filter(r -> !r.name().equals(Resource.DMA))
                .findFirst()
                .orElse(busiest);
        var other = engine.equals(busiest)
                ? ""
                : String.format(Locale.ROOT, ", %s, the busiest engine, %.0f %%", engine.name(), 100 * engine.share());
        return "bound by waiting: " + active + rate + other
                + waits(engine.name()).map(w -> " and waits " + w).orElse("");
    }

    /** Transfers of short runs of bytes keep DMA engines busy for the time of their descriptors. */
    private String transferRate() {
        double most = timeline.dmaBusySeconds() * target.dma().bytesPerSecondPerCore();
        return String.format(Locale.ROOT, ", at %.0f %% of its rate", 100 * timeline.dmaBytes() / most);
    }

    private Optional<String> waits(String name) {
        var stalls = stallSeconds.entrySet().stream()
                .filter(e -> e.getKey().toString().equals(name))
                .flatMap(e -> e.getValue().entrySet().stream())
                .filter(e -> e.getValue() >= WORTH_A_WORD * timeline.seconds())
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(e -> String.format(
                        Locale.ROOT,
                        "%.0f %% for %s",
                        100 * e.getValue() / timeline.seconds(),
                        e.getKey().equals(name) ? "its own results" : e.getKey()))
                .toList();
        return stalls.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", stalls));
    }
}
