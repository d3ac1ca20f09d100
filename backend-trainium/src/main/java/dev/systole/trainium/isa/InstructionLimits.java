package dev.systole.trainium.isa;

import dev.systole.ir.target.Target;

/**
 * The documented limits of single instructions on a target. Keys in brackets name the page of the AWS Neuron documentation that
 * a limit comes from, as listed in docs/instruction-set.md.
 */
final class InstructionLimits {
    private final TensorLimits tensor;
    private final VectorLimits vector;
    private final SelectionLimits selection;
    private final RandomLimits random;
    private final ScalarLimits scalar;
    private final GpSimdLimits gpSimd;
    private final DmaLimits dma;
    private final ControlLimits control;

    InstructionLimits(Target target) {
        var c = new Checks(target);
        tensor = new TensorLimits(c);
        vector = new VectorLimits(c);
        selection = new SelectionLimits(c);
        random = new RandomLimits(c);
        scalar = new ScalarLimits(c);
        gpSimd = new GpSimdLimits(c);
        dma = new DmaLimits(c);
        control = new ControlLimits(c);
    }

    /** @throws LimitException with the first limit that the instruction breaks */
    void check(Instruction instruction) {
        switch (instruction) {
            case TensorInstruction i -> tensor.check(i);
            case VectorInstruction i -> vector.check(i);
            case SelectionInstruction i -> selection.check(i);
            case RandomInstruction i -> random.check(i);
            case ScalarInstruction i -> scalar.check(i);
            case GpSimdInstruction i -> gpSimd.check(i);
            case DmaInstruction i -> dma.check(i);
            case ControlInstruction i -> control.check(i);
        }
        for (var to : instruction.writes()) {
            for (var from : instruction.reads()) {
                // Where a register moves one of them, this is checked once its value is known.
                boolean isMoved = to.index().isPresent() || from.index().isPresent();
                if (!isMoved && !to.equals(from) && to.mayOverlap(from)) {
                    throw new LimitException("a destination is the same elements as a source or touches none of it"
                            + " (assumed), not " + to + " and " + from);
                }
            }
        }
    }
}
