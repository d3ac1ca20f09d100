package dev.systole.ir.target;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The parameters that a target has: their names, groups, and kinds of value. */
final class Schema {
    /** What a value may be. */
    enum Kind {
        COUNT("a whole number, at least 1 and at most 2147483647") {
            @Override
            boolean allows(JsonNode v) {
                return isWhole(v) && v.doubleValue() >= 1 && v.doubleValue() <= Integer.MAX_VALUE;
            }
        },
        WHOLE("a whole number, at least 0 and at most 2147483647") {
            @Override
            boolean allows(JsonNode v) {
                return isWhole(v) && v.doubleValue() >= 0 && v.doubleValue() <= Integer.MAX_VALUE;
            }
        },
        BYTES("a whole number, at least 1 and below 2^53") {
            @Override
            boolean allows(JsonNode v) {
                return isWhole(v) && v.doubleValue() >= 1 && v.doubleValue() < 0x1p53;
            }
        },
        RATE("a number above 0") {
            @Override
            boolean allows(JsonNode v) {
                return v.isNumber() && v.doubleValue() > 0 && Double.isFinite(v.doubleValue());
            }
        },
        TIME("a number, at least 0") {
            @Override
            boolean allows(JsonNode v) {
                return v.isNumber() && v.doubleValue() >= 0 && Double.isFinite(v.doubleValue());
            }
        },
        SHARE("a number above 0 and at most 1") {
            @Override
            boolean allows(JsonNode v) {
                return v.isNumber() && v.doubleValue() > 0 && v.doubleValue() <= 1;
            }
        },
        FLAG("true or false") {
            @Override
            boolean allows(JsonNode v) {
                return v.isBoolean();
            }
        },
        TEXT("text") {
            @Override
            boolean allows(JsonNode v) {
                return v.isTextual();
            }
        },
        COUNTS("a list of whole numbers, each at least 1") {
            @Override
            boolean allows(JsonNode v) {
                return v.isArray() && !v.isEmpty() && v.valueStream().allMatch(COUNT::allows);
            }
        },
        TEXTS("a list of texts") {
            @Override
            boolean allows(JsonNode v) {
                return v.isArray() && v.valueStream().allMatch(JsonNode::isTextual);
            }
        },
        RECORDS("a list of objects") {
            @Override
            boolean allows(JsonNode v) {
                return v.isArray() && v.valueStream().allMatch(JsonNode::isObject);
            }
        };

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        abstract boolean allows(JsonNode v);

        private static boolean isWhole(JsonNode v) {
            return v.isNumber() && v.doubleValue() == Math.rint(v.doubleValue());
        }
    }

    /** One entry; {@code lackable} if the machine may lack it, which is written {@code null}. */
    record Entry(String group, String key, Kind kind, boolean lackable) {
        /** What is wrong with a value, if anything is. */
        Optional<String> fault(JsonNode value) {
            if (value.isNull() ? lackable : kind.allows(value)) {
                return Optional.empty();
            }
            return Optional.of("%s is %s; it must be %s%s"
                    .formatted(key, value, kind.description, lackable ? ", or null if the machine lacks it" : ""));
        }

        /** The unit that the key's name ends in. */
        String unit() {
            return key.contains("bytes_per_s_")
                    ? "B/s"
                    : key.contains("_flops_")
                            ? "flop/s"
                            : key.contains("_bytes")
                                    ? "B"
                                    : key.endsWith("_hz")
                                            ? "Hz"
                                            : key.contains("_cycles")
                                                    ? "cycles"
                                                    : key.endsWith("_s") || key.contains("_latency_s") ? "s" : "";
        }
    }

    /** All parameters by key, in the order of the files. */
    static final Map<String, Entry> ENTRIES = new Lister()
            .group("chip")
            .add(Kind.COUNT, "neuroncore_generation")
            .add(Kind.TEXT, "chip_name")
            .add(Kind.COUNT, "neuroncores_per_chip")
            .group("memory")
            .add(Kind.COUNT, "hbm_stacks_per_chip")
            .add(Kind.BYTES, "hbm_bytes_per_chip")
            .add(Kind.BYTES, "hbm_bytes_per_stack")
            .add(Kind.COUNT, "neuroncores_per_hbm_stack")
            .add(Kind.RATE, "hbm_bandwidth_bytes_per_s_per_chip")
            .add(Kind.RATE, "hbm_bandwidth_bytes_per_s_per_neuroncore")
            .add(Kind.TIME, "hbm_access_latency_s")
            .add(Kind.COUNT, "partitions")
            .add(Kind.COUNT, "quadrant_partitions")
            .add(Kind.COUNT, "sbuf_bytes_per_partition")
            .add(Kind.BYTES, "sbuf_bytes_per_neuroncore")
            .add(Kind.WHOLE, "sbuf_compiler_reserved_bytes_per_partition")
            .add(Kind.COUNT, "sbuf_alignment_bytes")
            .add(Kind.COUNT, "psum_alignment_bytes")
            .add(Kind.BYTES, "sbuf_window_bytes_in_core_address_map")
            .add(Kind.COUNT, "psum_banks")
            .add(Kind.COUNT, "psum_bank_bytes_per_partition")
            .add(Kind.COUNT, "psum_bytes_per_partition")
            .add(Kind.BYTES, "psum_bytes_per_neuroncore")
            .add(Kind.COUNT, "psum_fp32_elements_per_bank")
            .add(Kind.TEXTS, "psum_matmul_destination_dtypes")
            .add(Kind.WHOLE, "sbuf_stride_penalty_threshold_bytes")
            .add(Kind.SHARE, "sbuf_stride_penalty_bandwidth_factor")
            .add(Kind.FLAG, "vector_gpsimd_share_sbuf_port")
            .add(Kind.FLAG, "vector_scalar_share_psum_port")
            .add(Kind.WHOLE, "sbuf_psum_access_overhead_cycles")
            .group("access_pattern")
            .add(Kind.COUNT, "access_pattern_max_free_dims")
            .add(Kind.COUNT, "access_pattern_size_bits_unsigned")
            .add(Kind.COUNT, "access_pattern_stride_bits_signed")
            .add(Kind.COUNT, "instruction_max_free_elements_sbuf")
            .add(Kind.COUNT, "instruction_max_free_elements_psum")
            .add(Kind.FLAG, "indirect_free_dim_access_in_compute_engines")
            .group("clock")
            .add(Kind.RATE, "tensor_clock_hz")
            .add(Kind.RATE, "vector_clock_hz")
            .add(Kind.RATE, "scalar_clock_hz")
            .add(Kind.RATE, "gpsimd_clock_hz")
            .add(Kind.RATE, "sync_clock_hz")
            .add(Kind.RATE, "sbuf_clock_hz")
            .group("tensor")
            .add(Kind.COUNT, "tensor_rows")
            .add(Kind.COUNT, "tensor_columns")
            .add(Kind.COUNT, "matmul_max_contraction_rows")
            .add(Kind.COUNT, "matmul_max_stationary_free")
            .add(Kind.COUNT, "matmul_max_moving_free_fp32_dst")
            .lackable(Kind.COUNT, "matmul_max_moving_free_bf16_dst")
            .add(Kind.COUNTS, "matmul_row_tile_sizes")
            .add(Kind.COUNT, "matmul_min_issue_interval_cycles")
            .add(Kind.COUNT, "matmul_fast_weight_load_factor")
            .add(Kind.COUNT, "matmul_fp32_pass_factor")
            .add(Kind.COUNT, "matmul_fp32_onezero_pass_factor")
            .add(Kind.FLAG, "matmul_fp8_double_row_supported")
            .add(Kind.FLAG, "matmul_mx_supported")
            .add(Kind.FLAG, "matmul_sparse_supported")
            .add(Kind.FLAG, "matmul_native_transpose_mode")
            .add(Kind.COUNT, "matmul_fp32_transpose_pass_factor")
            .add(Kind.WHOLE, "matmul_fp32_pass_overhead_cycles")
            .add(Kind.WHOLE, "matmul_latency_overhead_cycles")
            .add(Kind.WHOLE, "load_stationary_latency_overhead_cycles")
            .add(Kind.TIME, "tensor_didt_ramp_s")
            .add(Kind.SHARE, "tensor_didt_initial_utilisation")
            .add(Kind.RATE, "tensor_peak_flops_bf16_per_neuroncore")
            .add(Kind.RATE, "tensor_peak_flops_fp8_per_neuroncore")
            .add(Kind.RATE, "tensor_peak_flops_fp32_per_neuroncore")
            .lackable(Kind.RATE, "tensor_peak_flops_mx_per_neuroncore")
            .lackable(Kind.RATE, "tensor_peak_flops_sparse_per_neuroncore")
            .lackable(Kind.RATE, "vector_peak_flops_fp32_per_neuroncore")
            .lackable(Kind.RATE, "scalar_peak_flops_fp32_per_neuroncore")
            .lackable(Kind.RATE, "published_peak_flops_bf16_per_chip")
            .lackable(Kind.RATE, "published_peak_flops_fp8_per_chip")
            .lackable(Kind.RATE, "published_peak_flops_fp32_per_chip")
            .lackable(Kind.RATE, "published_peak_flops_sparse_per_chip")
            .lackable(Kind.RATE, "published_peak_flops_int8_per_chip")
            .lackable(Kind.RATE, "published_peak_flops_mx_per_chip")
            .group("vector")
            .add(Kind.COUNT, "vector_lanes")
            .add(Kind.COUNT, "scalar_lanes")
            .add(Kind.COUNT, "vector_datapath_elements_per_cycle_16bit")
            .add(Kind.COUNT, "vector_datapath_elements_per_cycle_other")
            .add(Kind.COUNT, "vector_fp32_elements_per_cycle_per_lane")
            .add(Kind.COUNT, "vector_perf_mode_max_factor")
            .add(Kind.COUNT, "scalar_datapath_elements_per_cycle_16bit")
            .add(Kind.COUNT, "scalar_datapath_elements_per_cycle_other")
            .add(Kind.COUNT, "vector_scalar_min_issue_interval_cycles")
            .add(Kind.WHOLE, "vector_static_overhead_cycles")
            .add(Kind.COUNT, "vector_reciprocal_cycles_per_element")
            .add(Kind.WHOLE, "vector_scalar_result_latency_cycles")
            .add(Kind.WHOLE, "activation_read_accumulator_cycles")
            .add(Kind.WHOLE, "dynamic_address_min_issue_interval_cycles")
            .add(Kind.WHOLE, "taken_branch_cycles")
            .add(Kind.WHOLE, "activation_table_load_cycles")
            .add(Kind.COUNT, "vector_transpose_block")
            .add(Kind.COUNT, "bn_stats_max_free")
            .add(Kind.COUNT, "max8_min_free")
            .add(Kind.COUNT, "max8_max_free")
            .group("gpsimd")
            .add(Kind.COUNT, "gpsimd_cores")
            .add(Kind.COUNT, "gpsimd_partitions_per_core")
            .add(Kind.COUNT, "gpsimd_simd_bits")
            .add(Kind.COUNT, "gpsimd_tcm_bytes_per_core")
            .add(Kind.COUNT, "gpsimd_tcm_latency_cycles")
            .add(Kind.WHOLE, "gpsimd_start_overhead_cycles")
            .lackable(Kind.RATE, "gpsimd_dma_bandwidth_bytes_per_s_per_neuroncore")
            .group("control")
            .add(Kind.COUNT, "registers_per_sequencer")
            .add(Kind.COUNT, "register_bits")
            .add(Kind.COUNT, "semaphores_per_neuroncore")
            .add(Kind.COUNT, "events_per_neuroncore")
            .add(Kind.COUNT, "semaphore_value_bits")
            .add(Kind.COUNT, "engine_instruction_queue_depth")
            .add(Kind.WHOLE, "semaphore_wait_latency_cycles")
            .add(Kind.COUNT, "sequencers_per_neuroncore")
            .group("dma")
            .add(Kind.COUNT, "dma_engines_per_neuroncore")
            .add(Kind.COUNT, "dma_engines_per_chip")
            .add(Kind.COUNT, "dma_queues_per_engine")
            .add(Kind.RATE, "dma_bandwidth_bytes_per_s_per_engine_theoretical")
            .add(Kind.RATE, "dma_bandwidth_bytes_per_s_per_engine_achievable")
            .add(Kind.RATE, "dma_bandwidth_bytes_per_s_per_neuroncore_achievable")
            .add(Kind.RATE, "dma_bandwidth_bytes_per_s_per_chip_published")
            .add(Kind.TEXT, "dma_queue_arbitration")
            .add(Kind.COUNT, "dma_partitions_per_engine")
            .add(Kind.COUNT, "dma_completion_semaphore_increment")
            .add(Kind.TIME, "dma_trigger_to_start_latency_s")
            .add(Kind.TIME, "dma_fixed_transfer_overhead_s")
            .add(Kind.TIME, "dma_min_time_per_descriptor_s")
            .add(Kind.TIME, "dma_descriptor_overhead_s")
            .add(Kind.COUNT, "dma_packet_bytes_default")
            .add(Kind.COUNT, "dma_collective_packet_bytes_default")
            .add(Kind.COUNT, "dma_descriptor_bytes")
            .add(Kind.COUNT, "dma_max_bytes_per_descriptor")
            .add(Kind.COUNT, "dma_max_descriptors_per_packet")
            .add(Kind.COUNT, "dma_max_access_pattern_dims")
            .add(Kind.COUNT, "dma_max_compute_sources")
            .add(Kind.COUNT, "dma_saturation_bytes_per_partition")
            .add(Kind.COUNT, "dma_recommended_min_bytes_per_partition")
            .add(Kind.COUNT, "dma_recommended_transfer_bytes")
            .add(Kind.FLAG, "dma_transpose_supported")
            .add(Kind.SHARE, "dma_transpose_efficiency_hbm_to_sbuf")
            .add(Kind.SHARE, "dma_transpose_efficiency_sbuf_to_sbuf")
            .add(Kind.SHARE, "dma_compute_efficiency")
            .add(Kind.WHOLE, "hardware_dge_instances_per_neuroncore")
            .lackable(Kind.TIME, "hardware_dge_instruction_s")
            .add(Kind.WHOLE, "software_dge_descriptor_cycles")
            .group("links")
            .add(Kind.COUNT, "cc_cores_per_chip")
            .add(Kind.COUNT, "cc_streams_per_neuroncore")
            .add(Kind.COUNTS, "lnc_allowed")
            .add(Kind.COUNT, "lnc_default")
            .add(Kind.COUNT, "neuronlink_version")
            .add(Kind.COUNT, "neuronlinks_per_chip")
            .add(Kind.RATE, "neuronlink_bandwidth_bytes_per_s_per_chip")
            .add(Kind.TEXT, "interchip_topology")
            .add(Kind.TIME, "collective_hop_latency_s_intra_node")
            .add(Kind.TIME, "collective_hop_latency_s_inter_node")
            .add(Kind.WHOLE, "collective_mesh_max_bytes")
            .add(Kind.WHOLE, "collective_rdh_max_bytes")
            .add(Kind.COUNT, "collective_permute_max_channels")
            .lackable(Kind.COUNT, "sendrecv_gpsimd_max_bytes_per_partition_32bit")
            .add(Kind.RATE, "host_memory_bandwidth_bytes_per_s")
            .add(Kind.COUNT, "chips_per_largest_instance")
            .lackable(Kind.RATE, "neuronlink_bandwidth_bytes_per_s_per_chip_intra_instance")
            .lackable(Kind.RATE, "neuronlink_bandwidth_bytes_per_s_per_chip_inter_instance")
            .lackable(Kind.RATE, "switch_bandwidth_bytes_per_s_per_chip_intra_server")
            .lackable(Kind.RATE, "switch_bandwidth_bytes_per_s_per_chip_inter_server")
            .lackable(Kind.RATE, "switch_bandwidth_bytes_per_s_per_chip_inter_rack")
            .add(Kind.RECORDS, "instances")
            .entries;

    private Schema() {}

    /** Collects the entries group by group. */
    private static final class Lister {
        private final Map<String, Entry> entries = new LinkedHashMap<>();
        private String group = "";

        Lister group(String name) {
            group = name;
            return this;
        }

        Lister add(Kind kind, String key) {
            entries.put(key, new Entry(group, key, kind, false));
            return this;
        }

        Lister lackable(Kind kind, String key) {
            entries.put(key, new Entry(group, key, kind, true));
            return this;
        }
    }
}
