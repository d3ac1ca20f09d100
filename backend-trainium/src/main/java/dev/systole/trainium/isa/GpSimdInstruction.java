package dev.systole.trainium.isa;

import java.util.List;

/** What GpSimd alone does. */
public sealed interface GpSimdInstruction extends Instruction {
    @Override
    default Engine engine() {
        return Engine.GPSIMD;
    }

    /**
     * {@code d[p][i] = base + p * channelMultiplier + sum of steps[j] * index[j]} in int32, then converted; the indices run over
     * the dimensions of {@code to}.
     */
    record Iota(Access to, int base, int channelMultiplier, List<Integer> steps) implements GpSimdInstruction {
        public Iota {
            steps = List.copyOf(steps);
        }

        @Override
        public Iota through(Fields f) {
            return new Iota(
                    f.to("dst", to),
                    f.word("offset", base),
                    f.word("channel_multiplier", channelMultiplier),
                    f.integers("pattern", steps));
        }
    }

    /** {@code d = compare(v, 0) ? data : otherwise}, v as in {@link Iota} over the dimensions of {@code data}. */
    record AffineSelect(
            Access to,
            Access data,
            int base,
            int channelMultiplier,
            List<Integer> steps,
            AluOp compare,
            float otherwise)
            implements GpSimdInstruction {
        public AffineSelect {
            steps = List.copyOf(steps);
        }

        @Override
        public AffineSelect through(Fields f) {
            return new AffineSelect(
                    f.to("dst", to),
                    f.from("on_true", data),
                    f.word("offset", base),
                    f.word("channel_multiplier", channelMultiplier),
                    f.integers("pattern", steps),
                    f.op("cmp_op", compare),
                    f.real("on_false", otherwise));
        }
    }

    /**
     * Each of the 8 processors takes the indices of its 16 partitions as one list, partition by partition and then place by place, and
     * gives every one of its partitions, for each index i, the elements {@code s[i] .. s[i + run - 1]} of that partition.
     *
     * @param to [P, indices * run]
     * @param index uint16, [P, n]: a list of 16 * n
     * @param run elements that an index names: 1, 2, 4, 8, 16 or 32
     */
    record LocalGather(Access to, Access from, Access index, int run) implements GpSimdInstruction {
        @Override
        public LocalGather through(Fields f) {
            return new LocalGather(f.to("dst", to), f.from("src_buffer", from), f.from("index", index), (int)
                    f.integer("num_elem_per_idx", run, 1));
        }
    }

    /** {@code d[p][i] = s[p][index[p][i]]}. */
    record NcNGather(Access to, Access from, Access index) implements GpSimdInstruction {
        @Override
        public NcNGather through(Fields f) {
            return new NcNGather(f.to("dst", to), f.from("data", from), f.from("indices", index));
        }
    }

    /** Reduces over partitions, in their order: {@code d[0][i] = data[0][i] op data[1][i] ...}. */
    record TensorPartitionReduce(Access to, AluOp op, Access data) implements GpSimdInstruction {
        @Override
        public TensorPartitionReduce through(Fields f) {
            return new TensorPartitionReduce(f.to("dst", to), f.op("op", op), f.from("data", data));
        }
    }

    /**
     * Of a row of segment numbers, for each element where its run of equal numbers begins (the first half of d) and where it ends, exclusive
     * (the second half); of number 0 the length of the row and -1.
     *
     * @param to [1, 2n]
     * @param segments [1, n]
     */
    record SequenceBounds(Access to, Access segments) implements GpSimdInstruction {
        @Override
        public SequenceBounds through(Fields f) {
            return new SequenceBounds(f.to("dst", to), f.from("segment_ids", segments));
        }
    }

    /**
     * The places of the nonzero elements of a row, plus {@code offset}, then padding, then their number (v3 on). Only every 16th partition
     * takes part, one a processor.
     *
     * @param to [P, n + 1] of int32; what lies on partitions between is neither read nor written
     * @param data [P, n]
     */
    record NonzeroWithCount(Access to, Access data, long offset, long padding) implements GpSimdInstruction {
        /** Partitions of a processor. */
        public static final int PROCESSOR = 16;

        @Override
        public NonzeroWithCount through(Fields f) {
            return new NonzeroWithCount(
                    f.to("dst", to),
                    f.from("src", data),
                    f.integer("index_offset", offset, 0),
                    f.integer("padding_val", padding, -1));
        }

        @Override
        public List<Access> reads() {
            return Scales.every(data, PROCESSOR, 1);
        }

        @Override
        public List<Access> writes() {
            return Scales.every(to, PROCESSOR, 1);
        }
    }
}
