package dev.systole.trainium.isa;

import static dev.systole.trainium.isa.Checks.require;

import dev.systole.ir.type.DType;
import java.util.List;
import java.util.Set;

/** The limits of what GpSimd alone does. */
final class GpSimdLimits {
    private static final int PROCESSOR = GpSimdInstruction.NonzeroWithCount.PROCESSOR;
    private static final Set<Integer> RUNS = Set.of(1, 2, 4, 8, 16, 32);

    private final Checks c;

    GpSimdLimits(Checks c) {
        this.c = c;
    }

    void check(GpSimdInstruction instruction) {
        switch (instruction) {
            case GpSimdInstruction.Iota i -> {
                c.write(i.to(), Engine.GPSIMD);
                c.steps(i.steps(), i.to());
            }

            case GpSimdInstruction.AffineSelect i -> {
                c.read(i.data(), Engine.GPSIMD);
                c.write(i.to(), Engine.GPSIMD);
                Checks.elementwise(i.to(), i.data());
                c.steps(i.steps(), i.data());
                require(i.compare().isComparison(), "affine_select compares with 0 [ISA]", i.compare());
            }

            case GpSimdInstruction.LocalGather i -> {
                c.read(i.from(), Engine.GPSIMD);
                c.read(i.index(), Engine.GPSIMD);
                c.write(i.to(), Engine.GPSIMD);
                Checks.samePartitions(i.to(), i.from());
                Checks.samePartitions(i.index(), i.from());
                require(
                        i.index().dtype() == DType.U16,
                        "local_gather takes u16 indices [ISA]",
                        i.index().dtype());
                require(
                        i.from().partitions() % PROCESSOR == 0,
                        "local_gather works on multiples of 16 partitions [ISA]",
                        i.from().partitions());
                require(RUNS.contains(i.run()), "an index names 1, 2, 4, 8, 16 or 32 elements [ISA]", i.run());
                long indices = PROCESSOR * i.index().free();
                require(indices <= 4096, "a processor takes at most 4096 indices [ISA]", indices);
                require(
                        i.to().free() == indices * i.run(),
                        "local_gather writes " + indices * i.run() + " elements a partition [ISA]",
                        i.to().free());
                require(
                        i.to().dtype() == i.from().dtype(),
                        "local_gather copies between equal types [ISA]",
                        i.from().dtype() + " to " + i.to().dtype());
            }
            case GpSimdInstruction.NcNGather i -> {
                c.read(i.from(), Engine.GPSIMD);
                c.read(i.index(), Engine.GPSIMD);
                c.write(i.to(), Engine.GPSIMD);
                Checks.samePartitions(i.to(), i.from());
                Checks.elementwise(i.to(), i.index());
                require(
                        i.index().dtype() == DType.U32,
                        "nc_n_gather takes u32 indices [ISA]",
                        i.index().dtype());
                require(
                        i.to().dtype() == i.from().dtype(),
                        "nc_n_gather copies between equal types [ISA]",
                        i.from().dtype() + " to " + i.to().dtype());
            }
            case GpSimdInstruction.TensorPartitionReduce i -> {
                c.read(i.data(), Engine.GPSIMD);
                c.write(i.to(), Engine.GPSIMD);
                require(
                        i.to().partitions() == 1 && i.to().free() == i.data().free(),
                        "tensor_partition_reduce writes one partition of as many elements [ISA]",
                        i.to());
                require(
                        i.op() == AluOp.ADD
                                || i.op() == AluOp.MAXIMUM
                                || i.op() == AluOp.BITWISE_OR
                                || i.op() == AluOp.BITWISE_AND,
                        "tensor_partition_reduce is by add, maximum, bitwise_or or bitwise_and [ISA]",
                        i.op());
                c.operator(i.op(), false, List.of(i.data(), i.to()));
            }
            case GpSimdInstruction.SequenceBounds i -> {
                c.read(i.segments(), Engine.GPSIMD);
                c.write(i.to(), Engine.GPSIMD);
                Checks.samePartitions(i.to(), i.segments());
                require(
                        i.segments().partitions() == 1
                                && i.to().free() == 2 * i.segments().free(),
                        "sequence_bounds takes one partition and writes twice as many elements [ISA]",
                        i.to());
            }
            case GpSimdInstruction.NonzeroWithCount i -> {
                c.since(3, "nonzero_with_count");
                processors(i.data());
                processors(i.to());
                Checks.samePartitions(i.to(), i.data());
                require(
                        i.data().memory() == Memory.SBUF && i.to().memory() == Memory.SBUF,
                        "gpsimd works in sbuf [A1]",
                        i.data().memory() + " to " + i.to().memory());
                require(
                        i.to().free() == i.data().free() + 1,
                        "nonzero_with_count writes one element more than it reads [ISA]",
                        i.to().free());
                require(i.to().dtype() == DType.I32, "nonzero_with_count writes i32 [ISA]", i.to().dtype());
            }
        }
    }

    /** An access of every 16th partition. */
    private void processors(Access a) {
        c.pattern(Scales.every(a, a.partitions(), 1).getFirst().at(-a.startPartition(), 0));
        require(
                a.startPartition() % PROCESSOR == 0
                        && a.partitions() % PROCESSOR == 1
                        && a.startPartition() + a.partitions()
                                <= c.target.memory().partitions(),
                "an access of processors is from one of partitions 0, 16, .. 112 to another [ISA]",
                a);
    }
}
