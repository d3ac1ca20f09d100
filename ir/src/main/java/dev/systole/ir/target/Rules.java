package dev.systole.ir.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** What follows from what, and what cannot be true at once. */
final class Rules {
    private static final int STREAMS = 5;

    private Rules() {}

    /** A parameter that follows from others. The value is empty if the machine lacks it. */
    record Derived(String key, String from, Function<Values, Optional<Double>> value) {}

    /** Something that holds of every target. */
    record Constraint(String text, Predicate<Values> holds) {}

    /** In an order in which each reads only what stands before it or is given. */
    static final List<Derived> DERIVED = List.of(
            derived(
                    "hbm_bytes_per_stack",
                    "hbm_bytes_per_chip / hbm_stacks_per_chip",
                    v -> Math.floor(v.number("hbm_bytes_per_chip") / v.number("hbm_stacks_per_chip"))),
            derived(
                    "neuroncores_per_hbm_stack",
                    "neuroncores_per_chip / hbm_stacks_per_chip",
                    v -> Math.max(1, v.number("neuroncores_per_chip") / v.number("hbm_stacks_per_chip"))),
            derived(
                    "hbm_bandwidth_bytes_per_s_per_neuroncore",
                    "hbm_bandwidth_bytes_per_s_per_chip / neuroncores_per_chip",
                    v -> v.number("hbm_bandwidth_bytes_per_s_per_chip") / v.number("neuroncores_per_chip")),
            derived(
                    "sbuf_bytes_per_neuroncore",
                    "partitions x sbuf_bytes_per_partition",
                    v -> v.number("partitions") * v.number("sbuf_bytes_per_partition")),
            derived(
                    "psum_bytes_per_partition",
                    "psum_banks x psum_bank_bytes_per_partition",
                    v -> v.number("psum_banks") * v.number("psum_bank_bytes_per_partition")),
            derived(
                    "psum_bytes_per_neuroncore",
                    "partitions x psum_bytes_per_partition",
                    v -> v.number("partitions") * v.number("psum_bytes_per_partition")),
            derived(
                    "psum_fp32_elements_per_bank",
                    "psum_bank_bytes_per_partition / 4",
                    v -> Math.floor(v.number("psum_bank_bytes_per_partition") / 4)),
            derived(
                    "instruction_max_free_elements_psum",
                    "psum_bytes_per_partition / 4",
                    v -> Math.floor(v.number("psum_bytes_per_partition") / 4)),
            derived("vector_lanes", "partitions", v -> v.number("partitions")),
            derived("scalar_lanes", "partitions", v -> v.number("partitions")),
            derived(
                    "gpsimd_partitions_per_core",
                    "partitions / gpsimd_cores",
                    v -> Math.ceil(v.number("partitions") / v.number("gpsimd_cores"))),
            derived(
                    "tensor_peak_flops_bf16_per_neuroncore",
                    "2 x tensor_rows x tensor_columns x tensor_clock_hz",
                    v -> 2 * v.number("tensor_rows") * v.number("tensor_columns") * v.number("tensor_clock_hz")),
            derived(
                    "tensor_peak_flops_fp8_per_neuroncore",
                    "the bf16 rate, twice that with matmul_fp8_double_row_supported",
                    v -> v.number("tensor_peak_flops_bf16_per_neuroncore")
                            * (v.flag("matmul_fp8_double_row_supported") ? 2 : 1)),
            derived(
                    "tensor_peak_flops_fp32_per_neuroncore",
                    "the bf16 rate / matmul_fp32_pass_factor",
                    v -> v.number("tensor_peak_flops_bf16_per_neuroncore") / v.number("matmul_fp32_pass_factor")),
            new Derived(
                    "tensor_peak_flops_mx_per_neuroncore",
                    "4 x the bf16 rate with matmul_mx_supported, otherwise null",
                    v -> v.flag("matmul_mx_supported")
                            ? Optional.of(4 * v.number("tensor_peak_flops_bf16_per_neuroncore"))
                            : Optional.empty()),
            derived(
                    "dma_engines_per_chip",
                    "dma_engines_per_neuroncore x neuroncores_per_chip",
                    v -> v.number("dma_engines_per_neuroncore") * v.number("neuroncores_per_chip")),
            derived(
                    "dma_bandwidth_bytes_per_s_per_neuroncore_achievable",
                    "dma_engines_per_neuroncore x dma_bandwidth_bytes_per_s_per_engine_achievable",
                    v -> v.number("dma_engines_per_neuroncore")
                            * v.number("dma_bandwidth_bytes_per_s_per_engine_achievable")),
            derived(
                    "dma_partitions_per_engine",
                    "partitions / dma_engines_per_neuroncore, rounded up",
                    v -> Math.ceil(v.number("partitions") / v.number("dma_engines_per_neuroncore"))),
            derived(
                    "dma_completion_semaphore_increment",
                    "dma_engines_per_neuroncore",
                    v -> v.number("dma_engines_per_neuroncore")));

    private static final List<Constraint> CONSTRAINTS = List.of(
            new Constraint(
                    "neuroncore_generation is 2, 3 or 4",
                    v -> v.number("neuroncore_generation") >= 2 && v.number("neuroncore_generation") <= 4),
            new Constraint(
                    "sequencers_per_neuroncore is " + STREAMS, v -> v.number("sequencers_per_neuroncore") == STREAMS),
            atMost("quadrant_partitions", "partitions"),
            new Constraint(
                    "partitions is a multiple of twice quadrant_partitions, or equal to it",
                    v -> v.number("partitions") == v.number("quadrant_partitions")
                            || v.number("partitions") % (2 * v.number("quadrant_partitions")) == 0),
            atMost("tensor_rows", "partitions"),
            atMost("tensor_columns", "partitions"),
            atMost("matmul_max_contraction_rows", "tensor_rows"),
            atMost("matmul_max_stationary_free", "tensor_columns"),
            atMost("matmul_max_moving_free_fp32_dst", "instruction_max_free_elements_psum"),
            new Constraint(
                    "each of matmul_row_tile_sizes divides tensor_rows",
                    v -> v.counts("matmul_row_tile_sizes").stream().allMatch(s -> v.number("tensor_rows") % s == 0)),
            new Constraint(
                    "matmul_row_tile_sizes begins with tensor_rows",
                    v -> v.counts("matmul_row_tile_sizes").getFirst() == v.number("tensor_rows")),
            new Constraint(
                    "matmul_max_moving_free_fp32_dst fits one PSUM bank before generation 4",
                    v -> v.number("neuroncore_generation") > 3
                            || v.number("matmul_max_moving_free_fp32_dst") * 4
                                    <= v.number("psum_bank_bytes_per_partition")),
            atMost(
                    "dma_bandwidth_bytes_per_s_per_engine_achievable",
                    "dma_bandwidth_bytes_per_s_per_engine_theoretical"),
            atMost("sbuf_compiler_reserved_bytes_per_partition", "sbuf_bytes_per_partition"),
            atMost("max8_min_free", "max8_max_free"),
            atMost("dma_trigger_to_start_latency_s", "dma_fixed_transfer_overhead_s"),
            powerOfTwo("sbuf_alignment_bytes"),
            powerOfTwo("psum_alignment_bytes"),
            new Constraint(
                    "access_pattern_size_bits_unsigned is at most 31",
                    v -> v.number("access_pattern_size_bits_unsigned") <= 31),
            new Constraint(
                    "access_pattern_stride_bits_signed is 2 to 32",
                    v -> v.number("access_pattern_stride_bits_signed") >= 2
                            && v.number("access_pattern_stride_bits_signed") <= 32),
            new Constraint(
                    "semaphore_value_bits is 2 to 32",
                    v -> v.number("semaphore_value_bits") >= 2 && v.number("semaphore_value_bits") <= 32),
            new Constraint("register_bits is 32", v -> v.number("register_bits") == 32),
            new Constraint("registers_per_sequencer is at most 256", v -> v.number("registers_per_sequencer") <= 256),
            new Constraint(
                    "semaphores_per_neuroncore is at most 65536 and at least 5 + dma_queues_per_engine",
                    v -> v.number("semaphores_per_neuroncore") <= 65536
                            && v.number("semaphores_per_neuroncore") >= STREAMS + v.number("dma_queues_per_engine")));

    private static Derived derived(String key, String from, Function<Values, Double> value) {
        return new Derived(key, from, v -> Optional.of(value.apply(v)));
    }

    private static Constraint atMost(String key, String other) {
        return new Constraint(key + " is at most " + other, v -> v.number(key) <= v.number(other));
    }

    private static Constraint powerOfTwo(String key) {
        return new Constraint(key + " is a power of two", v -> Long.bitCount((long) v.number(key)) == 1);
    }

    /** What the values, each of them allowed by itself, say against each other. */
    static List<String> contradictions(Values values) {
        var faults = new ArrayList<String>();
        for (var d : DERIVED) {
            var expected = d.value.apply(values);
            var given = values.optional(d.key);
            boolean agrees = expected.isPresent() == given.isPresent()
                    && (expected.isEmpty()
                            || Math.abs(expected.get() - given.get()) <= 1e-9 * Math.abs(expected.get()));
            if (!agrees) {
                faults.add("%s is %s, but %s gives %s"
                        .formatted(
                                d.key,
                                values.text(d.key),
                                d.from,
                                expected.map(Rules::plain).orElse("null")));
            }
        }
        for (var c : CONSTRAINTS) {
            if (!c.holds.test(values)) {
                faults.add("this must hold: " + c.text);
            }
        }
        return faults;
    }

    private static String plain(double x) {
        return x == Math.rint(x) && Math.abs(x) < 0x1p62 ? Long.toString((long) x) : Double.toString(x);
    }
}
