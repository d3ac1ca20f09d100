package dev.systole.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.systole.cli.profile.ProfileText;
import dev.systole.ir.target.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measurements as JSON has them. */
final class Results {
    private Results() {}

    /** Everything that is known of a workload; times in seconds. */
    static Map<String, Object> of(String name, Target target, Measurement measured) {
        var json = new LinkedHashMap<String, Object>();
        json.put("workload", name);
        json.put("target", target.name());
        measured.bounds().ifPresent(r -> addRoofline(json, r));
        switch (measured) {
            case Measurement.Failed f -> {
                json.put("error", f.error());
                json.put("compile_seconds", f.compileSeconds());
            }
            case Measurement.Modelled m -> {
                json.put("modelled_seconds", m.profile().timeline().seconds());
                json.put("ratio", m.ratio());
                json.put("hbm_bytes", m.profile().hbmBytes());
                json.put("sbuf_peak_bytes_per_partition", m.sbufPeakBytesPerPartition());
                m.sbufLiveBytesPerPartition().ifPresent(bytes -> json.put("sbuf_live_bytes_per_partition", bytes));
                json.put("sbuf_live_in_issue_order_bytes_per_partition", m.sbufInOrderBytesPerPartition());
                json.put("instructions", m.instructions());
                json.put("compile_seconds", m.compileSeconds());
                json.put("profile", ProfileText.json(m.profile()));
            }
        }
        return json;
    }

    private static void addRoofline(Map<String, Object> json, Roofline roofline) {
        json.put("roofline_seconds", roofline.seconds());
        json.put("roofline_bound", roofline.bound());
        json.put("roofline_matmul_flops", roofline.matmulFlops());
        json.put("roofline_matmul_seconds", roofline.matmulSeconds());
        json.put("roofline_hbm_bytes", roofline.hbmBytes());
    }

    static void write(Path file, Object json) throws IOException {
        var mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(file, mapper.writeValueAsString(json) + "\n");
    }
}
