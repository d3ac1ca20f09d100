package dev.systole.cli.profile;

import dev.systole.trainium.isa.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A figure of a profile under the name that neuron-profile's summary has for it.
 *
 * @param value in the unit's base: seconds, bytes, operations; shares are fractions of 1, as in neuron-profile's JSON
 */
public record Metric(String name, double value, Unit unit) {
    /** How a figure is printed. */
    public enum Unit {
        SECONDS,
        SHARE,
        BYTES,
        FLOPS,
        COUNT,
        RATIO
    }

    /** The figures of a profile, in the order in which they are read. */
    public static List<Metric> of(Profile profile) {
        var list = new ArrayList<Metric>();
        var timeline = profile.timeline();
        list.add(new Metric("total_time", timeline.seconds(), Unit.SECONDS));
        list.add(new Metric("mfu_estimated_percent", profile.mfu(), Unit.SHARE));
        list.add(new Metric("hfu_estimated_percent", profile.hfu(), Unit.SHARE));
        list.add(new Metric("mbu_estimated_percent", profile.mbu(), Unit.SHARE));
        for (var engine : Engine.values()) {
            Optional.ofNullable(timeline.engines().get(engine)).ifPresent(t -> {
                var name = engine + "_engine_";
                list.add(new Metric(name + "active_time_percent", profile.share(t.busySeconds()), Unit.SHARE));
                list.add(new Metric(name + "instruction_count", t.instructions(), Unit.COUNT));
            });
        }
        list.add(new Metric("dma_active_time_percent", profile.share(timeline.dmaBusySeconds()), Unit.SHARE));
        list.add(new Metric("dma_transfer_count", timeline.transfers(), Unit.COUNT));
        list.add(new Metric("dma_transfer_total_bytes", timeline.dmaBytes(), Unit.BYTES));
        list.add(new Metric(
                "dma_transfer_average_bytes",
                (double) timeline.dmaBytes() / Math.max(1, timeline.transfers()),
                Unit.BYTES));
        addBytes(profile, list);
        addArithmetic(profile, list);
        return list;
    }

    private static void addBytes(Profile profile, List<Metric> list) {
        var bytes = profile.traffic();
        list.add(new Metric(
                "inputs_outputs_weights_size_bytes", profile.tensorBytes() + profile.constantBytes(), Unit.BYTES));
        list.add(new Metric("hbm_read_bytes", bytes.hbmRead(), Unit.BYTES));
        list.add(new Metric("hbm_write_bytes", bytes.hbmWritten(), Unit.BYTES));
        list.add(new Metric("spill_save_bytes", bytes.spillSaved(), Unit.BYTES));
        list.add(new Metric("spill_reload_bytes", bytes.spillReloaded(), Unit.BYTES));
        list.add(new Metric("sbuf_read_bytes", bytes.sbufRead(), Unit.BYTES));
        list.add(new Metric("sbuf_write_bytes", bytes.sbufWritten(), Unit.BYTES));
        list.add(new Metric("psum_read_bytes", bytes.psumRead(), Unit.BYTES));
        list.add(new Metric("psum_write_bytes", bytes.psumWritten(), Unit.BYTES));
    }

    private static void addArithmetic(Profile profile, List<Metric> list) {
        var work = profile.work();
        var target = profile.target();
        list.add(new Metric("matmul_instruction_count", work.matmuls(), Unit.COUNT));
        list.add(new Metric("transpose_instruction_count", work.transposes(), Unit.COUNT));
        list.add(new Metric("model_flops", 2.0 * profile.timeline().multiplyAdds(), Unit.FLOPS));
        list.add(new Metric("hardware_flops", work.hardwareFlops(), Unit.FLOPS));
        list.add(new Metric("transpose_flops", work.transposeFlops(), Unit.FLOPS));
        list.add(new Metric(
                "mm_arithmetic_intensity",
                (work.hardwareFlops() - work.transposeFlops()) / Math.max(1, profile.hbmBytes()),
                Unit.RATIO));
        list.add(new Metric(
                "peak_flops_bandwidth_ratio",
                target.tensor().peak().bf16Flops() / target.memory().hbmBytesPerSecondPerCore(),
                Unit.RATIO));
    }

    /** The value for people. */
    public String text() {
        return switch (unit) {
            case SECONDS -> time(value);
            case SHARE -> String.format(Locale.ROOT, "%.1f %%", 100 * value);
            case BYTES -> scaled(value, "B");
            case FLOPS -> scaled(value, "flop");
            case COUNT -> String.format(Locale.ROOT, "%,.0f", value);
            case RATIO -> String.format(Locale.ROOT, "%.1f", value);
        };
    }

    /** Seconds in microseconds or milliseconds. */
    public static String time(double seconds) {
        return seconds < 1e-3
                ? String.format(Locale.ROOT, "%.1f µs", seconds * 1e6)
                : String.format(Locale.ROOT, "%.3f ms", seconds * 1e3);
    }

    private static String scaled(double value, String unit) {
        if (value < 1e3) {
            return String.format(Locale.ROOT, "%.0f %s", value, unit);
        }
        var prefixes = "kMGT";
        int at = 0;
        double x = value / 1e3;
        while (x >= 1e3 && at < prefixes.length() - 1) {
            x /= 1e3;
            at++;
        }
        return String.format(Locale.ROOT, "%.2f %c%s", x, prefixes.charAt(at), unit);
    }
}
