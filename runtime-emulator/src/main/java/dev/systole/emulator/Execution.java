package dev.systole.emulator;

import dev.systole.ir.target.Target;
import dev.systole.trainium.isa.ControlInstruction;
import dev.systole.trainium.isa.DmaInstruction;
import dev.systole.trainium.isa.GpSimdInstruction;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.RandomInstruction;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.SelectionInstruction;
import dev.systole.trainium.isa.TensorInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.lang.foreign.Arena;

/**
 * What instructions do to memory. An instruction is decoded once into work that can be done as often as it is issued. Mutable: holds
 * the registers of the engines' data paths.
 */
final class Execution {
    private final Products products;
    private final Transfers transfers;
    private final Elementwise elementwise;
    private final Reductions reductions;
    private final Selections selections;
    private final Shuffles shuffles;
    private final Generators generators;
    private final Microscaling microscaling;
    private final Accumulators scalarSums;
    private final Accumulators vectorSums;

    Execution(Arena arena, Memories memories, Workers workers, Target target) {
        var r = new Rows(arena, memories, workers);
        scalarSums = new Accumulators(target.memory().partitions());
        vectorSums = new Accumulators(target.memory().partitions());
        products = new Products(memories, workers);
        transfers = new Transfers(memories, workers);
        elementwise = new Elementwise(r, scalarSums, vectorSums);
        reductions = new Reductions(r);
        selections = new Selections(r, vectorSums);
        shuffles = new Shuffles(r);
        generators = new Generators(r, target);
        microscaling = new Microscaling(r);
    }

    /** Forgets what registers hold, as before a run. */
    void reset() {
        scalarSums.clear();
        vectorSums.clear();
        generators.clear();
    }

    /**
     * What an instruction whose accesses are addresses does to memory. Control instructions do nothing.
     *
     * @throws EmulatorException if the instruction cannot be executed whatever memory holds
     */
    Runnable decode(Instruction instruction) {
        return switch (instruction) {
            case TensorInstruction.NcMatmul i -> products.decode(i);
            case TensorInstruction.NcMatmulMx i -> microscaling.product(i);
            case VectorInstruction.TensorTensor i -> elementwise.tensorTensor(i);
            case VectorInstruction.TensorScalar i -> elementwise.tensorScalar(i);
            case VectorInstruction.ScalarTensorTensor i -> elementwise.scalarTensorTensor(i);
            case VectorInstruction.TensorReduce i -> reductions.reduce(i);
            case VectorInstruction.TensorScalarReduce i -> elementwise.tensorScalarReduce(i);
            case VectorInstruction.TensorScalarCumulative i -> elementwise.cumulative(i);
            case VectorInstruction.TensorTensorScan i -> reductions.scan(i);
            case VectorInstruction.TensorCopy i -> elementwise.copy(i);
            case VectorInstruction.TensorCopyPredicated i -> elementwise.copyPredicated(i);
            case VectorInstruction.Memset i -> elementwise.memset(i);
            case VectorInstruction.Reciprocal i -> elementwise.reciprocal(i);
            case VectorInstruction.Exponential i -> elementwise.exponential(i);
            case VectorInstruction.NcTranspose i -> shuffles.transpose(i);
            case VectorInstruction.NcStreamShuffle i -> shuffles.shuffle(i);
            case VectorInstruction.BnStats i -> reductions.statistics(i);
            case VectorInstruction.BnAggr i -> reductions.aggregate(i);
            case VectorInstruction.QuantizeMx i -> microscaling.quantize(i);
            case SelectionInstruction i -> selections.decode(i);
            case RandomInstruction i -> generators.decode(i);
            case ScalarInstruction.Activation i -> elementwise.activation(i);
            case ScalarInstruction.ActivationReduce i -> elementwise.activation(i);
            case ScalarInstruction.ActReadAccumulator i -> elementwise.readAccumulator(i);
            case ScalarInstruction.Activate2 i -> elementwise.activate2(i);
            case GpSimdInstruction.Iota i -> shuffles.iota(i);
            case GpSimdInstruction.AffineSelect i -> shuffles.affineSelect(i);
            case GpSimdInstruction.LocalGather i -> shuffles.localGather(i);
            case GpSimdInstruction.NcNGather i -> shuffles.gather(i);
            case GpSimdInstruction.TensorPartitionReduce i -> reductions.overPartitions(i);
            case GpSimdInstruction.SequenceBounds i -> shuffles.bounds(i);
            case GpSimdInstruction.NonzeroWithCount i -> shuffles.nonzero(i);
            case DmaInstruction i -> transfers.decode(i);
            case ControlInstruction i -> () -> {};
        };
    }
}
