package dev.systole.ir.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One reading of a target's JSON: collects everything that is wrong before it says so. Mutable.
 *
 * <p>A file is an object of {@code name}, {@code extends} (optional), {@code values}, {@code source} and {@code assumption}.
 */
final class TargetReader {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> MEMBERS = Set.of("name", "extends", "values", "source", "assumption");

    private static final int LONGEST_NAME = 100;
    private static final Pattern START = Pattern.compile(" \\((start marker|for \\w+ starting) at .*", Pattern.DOTALL);

    private final String where;
    private final boolean builtIn;
    private final List<String> faults = new ArrayList<>();
    private final ObjectNode values = JsonNodeFactory.instance.objectNode();
    private final Map<String, Provenance> provenance = new HashMap<>();

    private TargetReader(String where, boolean builtIn) {
        this.where = where;
        this.builtIn = builtIn;
    }

    /**
     * @param where what messages call the file
     * @param builtIn true if the file may have the name of a built-in target
     * @throws TargetException with every fault found
     */
    static Target read(String json, String where, boolean builtIn) {
        return new TargetReader(where, builtIn).read(json);
    }

    private Target read(String json) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            var at = e.getLocation() == null
                    ? "is no JSON"
                    : "line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new TargetException(where + ": " + at + ": "
                    + START.matcher(e.getOriginalMessage()).replaceAll(""));
        }
        if (!root.isObject()) {
            throw new TargetException(where + ": is no target; it must be an object with \"name\" and \"values\"");
        }
        root.fieldNames().forEachRemaining(m -> {
            if (!MEMBERS.contains(m)) {
                faults.add("\"" + m + "\" is no member of a target; it has name, extends, values, source, assumption");
            }
        });
        var name = name(root);
        inherit(root);
        var given = given(root);
        origins(root, "source");
        origins(root, "assumption");
        var derived = Rules.DERIVED.stream().map(Rules.Derived::key).toList();
        Schema.ENTRIES.keySet().stream()
                .filter(key -> !values.has(key) && (builtIn || !derived.contains(key)))
                .forEach(key ->
                        faults.add(key + " is missing; give it, or start from a built-in target with \"extends\""));
        throwIfFaulty();
        derive(given);
        Rules.DERIVED.forEach(
                d -> Schema.ENTRIES.get(d.key()).fault(values.get(d.key())).ifPresent(faults::add));
        throwIfFaulty();
        faults.addAll(Rules.contradictions(new Values(values)));
        throwIfFaulty();
        return target(name, new Values(values));
    }

    private void throwIfFaulty() {
        if (faults.size() == 1) {
            throw new TargetException(where + ": " + faults.getFirst());
        }
        if (!faults.isEmpty()) {
            throw new TargetException(where + ": " + faults.size() + " problems\n  " + String.join("\n  ", faults));
        }
    }

    private String name(JsonNode root) {
        var name = root.path("name");
        if (!name.isTextual() || !name.textValue().matches("[A-Za-z0-9._-]{1,64}")) {
            faults.add("\"name\" must be given, of letters, digits, dots, dashes and underscores");
            return "";
        }
        if (!builtIn && Targets.builtIn().contains(name.textValue())) {
            faults.add("\"name\" is " + name + ", which is a built-in target; choose another");
        }
        return name.textValue();
    }

    private void inherit(JsonNode root) {
        var parent = root.get("extends");
        if (parent == null) {
            return;
        }
        if (!parent.isTextual() || !Targets.builtIn().contains(parent.textValue())) {
            faults.add("\"extends\" is " + parent + "; it must be one of " + String.join(", ", Targets.builtIn()));
            return;
        }
        for (var p : Targets.load(parent.textValue()).parameters()) {
            try {
                values.set(p.key(), MAPPER.readTree(p.value()));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
            provenance.put(p.key(), p.provenance());
        }
    }

    private Set<String> given(JsonNode root) {
        var given = new HashSet<String>();
        var object = root.path("values");
        if (!object.isObject()) {
            faults.add("\"values\" must be an object of parameters");
            return given;
        }
        object.properties().forEach(e -> {
            var entry = Schema.ENTRIES.get(e.getKey());
            if (entry == null) {
                faults.add(unknown(e.getKey()));
                return;
            }
            entry.fault(e.getValue()).ifPresent(faults::add);
            values.set(e.getKey(), e.getValue());
            provenance.put(e.getKey(), new Provenance.Assumption("set in " + where));
            given.add(e.getKey());
        });
        return given;
    }

    private void origins(JsonNode root, String kind) {
        var object = root.get(kind);
        if (object == null) {
            return;
        }
        if (!object.isObject()) {
            faults.add("\"" + kind + "\" must be an object of texts by parameter");
            return;
        }
        object.properties().forEach(e -> {
            if (!Schema.ENTRIES.containsKey(e.getKey())) {
                faults.add(unknown(e.getKey()));
            } else if (!e.getValue().isTextual()) {
                faults.add(kind + " of " + e.getKey() + " must be a text");
            } else {
                var text = e.getValue().textValue();
                provenance.put(
                        e.getKey(),
                        kind.equals("source") ? new Provenance.Source(text) : new Provenance.Assumption(text));
            }
        });
    }

    /** Replaces inherited values that follow from given ones, unless they are given, too. */
    private void derive(Set<String> given) {
        for (var d : Rules.DERIVED) {
            if (given.contains(d.key())) {
                continue;
            }
            var value = d.value().apply(new Values(values));
            if (value.isEmpty()) {
                values.putNull(d.key());
            } else if (value.get() == Math.rint(value.get())) {
                values.put(d.key(), value.get().longValue());
            } else {
                values.put(d.key(), value.get());
            }
            provenance.put(d.key(), new Provenance.Source("derived: " + d.from()));
        }
    }

    private static String unknown(String key) {
        if (key.length() > LONGEST_NAME) {
            return "\"" + key.substring(0, LONGEST_NAME) + "...\" is no parameter; \"systole targets trn2\" lists them";
        }
        return Schema.ENTRIES.keySet().stream()
                .min((a, b) -> Integer.compare(distance(a, key), distance(b, key)))
                .filter(best -> distance(best, key) <= Math.max(2, key.length() / 4))
                .map(best -> "\"" + key + "\" is no parameter; did you mean \"" + best + "\"?")
                .orElse("\"" + key + "\" is no parameter; \"systole targets trn2\" lists them");
    }

    /** Insertions, deletions and replacements that make one text the other (Levenshtein). */
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    private Target target(String name, Values v) {
        var parameters = Schema.ENTRIES.values().stream()
                .map(e -> new Parameter(e.group(), e.key(), v.text(e.key()), e.unit(), provenance.get(e.key())))
                .toList();
        int strideBits = v.count("access_pattern_stride_bits_signed");
        return new Target(
                name,
                v.count("neuroncore_generation"),
                new Target.Memory(
                        (long) v.number("hbm_bytes_per_stack") / v.count("neuroncores_per_hbm_stack"),
                        v.number("hbm_bandwidth_bytes_per_s_per_neuroncore"),
                        v.number("hbm_bandwidth_bytes_per_s_per_chip") / v.count("hbm_stacks_per_chip"),
                        v.count("partitions"),
                        v.count("quadrant_partitions"),
                        v.count("sbuf_bytes_per_partition"),
                        v.count("sbuf_alignment_bytes"),
                        v.count("psum_banks"),
                        v.count("psum_bank_bytes_per_partition"),
                        v.count("psum_alignment_bytes"),
                        v.count("sbuf_stride_penalty_threshold_bytes"),
                        1 / v.number("sbuf_stride_penalty_bandwidth_factor"),
                        v.count("sbuf_psum_access_overhead_cycles"),
                        v.flag("vector_gpsimd_share_sbuf_port"),
                        v.flag("vector_scalar_share_psum_port")),
                new Target.AccessPatterns(
                        v.count("access_pattern_max_free_dims"),
                        (1L << v.count("access_pattern_size_bits_unsigned")) - 1,
                        -(1L << (strideBits - 1)),
                        (1L << (strideBits - 1)) - 1,
                        v.count("instruction_max_free_elements_sbuf"),
                        v.count("instruction_max_free_elements_psum")),
                new Target.TensorEngine(
                        v.number("tensor_clock_hz"),
                        v.count("tensor_rows"),
                        v.count("tensor_columns"),
                        v.count("matmul_max_contraction_rows"),
                        v.count("matmul_max_stationary_free"),
                        v.count("matmul_max_moving_free_fp32_dst"),
                        v.optional("matmul_max_moving_free_bf16_dst")
                                .map(n -> OptionalInt.of(n.intValue()))
                                .orElse(OptionalInt.empty()),
                        v.counts("matmul_row_tile_sizes"),
                        v.count("matmul_min_issue_interval_cycles"),
                        v.count("matmul_fast_weight_load_factor"),
                        v.count("matmul_fp32_pass_factor"),
                        v.count("matmul_fp32_onezero_pass_factor"),
                        v.count("matmul_fp32_pass_overhead_cycles"),
                        v.count("matmul_fp32_transpose_pass_factor"),
                        v.flag("matmul_native_transpose_mode"),
                        v.flag("matmul_fp8_double_row_supported"),
                        v.count("matmul_latency_overhead_cycles"),
                        v.number("tensor_didt_ramp_s"),
                        v.number("tensor_didt_initial_utilisation"),
                        new Target.TensorEngine.Peak(
                                v.number("tensor_peak_flops_bf16_per_neuroncore"),
                                v.number("tensor_peak_flops_fp8_per_neuroncore"),
                                v.number("tensor_peak_flops_fp32_per_neuroncore"))),
                new Target.VectorEngine(
                        v.number("vector_clock_hz"),
                        v.count("vector_scalar_min_issue_interval_cycles"),
                        v.count("vector_scalar_result_latency_cycles"),
                        v.count("vector_reciprocal_cycles_per_element"),
                        v.count("vector_perf_mode_max_factor"),
                        v.count("vector_transpose_block"),
                        v.count("bn_stats_max_free"),
                        v.count("max8_min_free"),
                        v.count("max8_max_free")),
                new Target.ScalarEngine(
                        v.number("scalar_clock_hz"),
                        v.count("vector_scalar_min_issue_interval_cycles"),
                        v.count("vector_scalar_result_latency_cycles"),
                        v.count("activation_read_accumulator_cycles"),
                        v.count("activation_table_load_cycles")),
                new Target.GpSimd(
                        v.number("gpsimd_clock_hz"),
                        v.count("gpsimd_start_overhead_cycles"),
                        v.count("gpsimd_cores"),
                        v.count("gpsimd_partitions_per_core")),
                new Target.Sync(v.number("sync_clock_hz")),
                new Target.Control(
                        v.count("registers_per_sequencer"),
                        v.count("semaphores_per_neuroncore"),
                        (1L << (v.count("semaphore_value_bits") - 1)) - 1,
                        v.count("semaphore_wait_latency_cycles"),
                        v.count("dynamic_address_min_issue_interval_cycles"),
                        v.count("taken_branch_cycles"),
                        v.count("engine_instruction_queue_depth")),
                new Target.Dma(
                        v.count("dma_engines_per_neuroncore"),
                        v.count("dma_queues_per_engine"),
                        v.count("dma_partitions_per_engine"),
                        v.number("dma_bandwidth_bytes_per_s_per_engine_achievable"),
                        v.number("dma_trigger_to_start_latency_s"),
                        v.number("dma_fixed_transfer_overhead_s"),
                        v.number("dma_min_time_per_descriptor_s"),
                        v.number("dma_descriptor_overhead_s"),
                        v.count("dma_max_bytes_per_descriptor"),
                        v.count("dma_max_access_pattern_dims"),
                        v.count("dma_completion_semaphore_increment"),
                        v.flag("dma_transpose_supported"),
                        v.number("dma_transpose_efficiency_hbm_to_sbuf"),
                        v.number("dma_transpose_efficiency_sbuf_to_sbuf"),
                        v.number("dma_compute_efficiency"),
                        v.count("dma_max_compute_sources"),
                        v.number("software_dge_descriptor_cycles")),
                parameters);
    }
}
