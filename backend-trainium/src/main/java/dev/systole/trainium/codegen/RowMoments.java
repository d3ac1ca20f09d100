package dev.systole.trainium.codegen;

import dev.systole.ir.number.ActivationFunction;
import dev.systole.trainium.isa.Access;
import dev.systole.trainium.isa.Instruction;
import dev.systole.trainium.isa.ReduceCommand;
import dev.systole.trainium.isa.Scalar;
import dev.systole.trainium.isa.ScalarInstruction;
import dev.systole.trainium.isa.VectorInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mean and variance of the n elements of a row, which ScalarE sums up in two passes and VectorE finds in one. Selection gives ScalarE what both
 * can do; whoever orders the instructions decides.
 *
 * <p>ScalarE scales the elements before it squares them, so that the sum of squares is the variance, and before it sums them up, so that
 * the sum is the bias of the squares.
 *
 * @param data one run of each partition
 * @param scaled where elements go of which only the sum is wanted
 * @param bias their sum, the mean over -sqrt(n)
 * @param squares where the squared distances go of which only the sum is wanted
 * @param mean one fp32 element of each partition
 * @param variance the next one
 */
public record RowMoments(Access data, Access scaled, Access bias, Access squares, Access mean, Access variance) {
    /** What instructions sum up, one after the other, if that is mean and variance. */
    static Optional<RowMoments> of(Instruction sum, Instruction squares, Instruction mean) {
        if (sum instanceof ScalarInstruction.ActivationReduce s
                && squares instanceof ScalarInstruction.ActivationReduce q
                && mean instanceof ScalarInstruction.Activation m) {
            var moments = new RowMoments(s.data(), s.to(), s.reduceTo(), q.to(), m.to(), q.reduceTo());
            return Optional.of(moments).filter(r -> r.onScalar().equals(List.of(sum, squares, mean)) && r.isPair());
        }
        return Optional.empty();
    }

    /** True if mean and variance lie as VectorE writes them. */
    private boolean isPair() {
        return mean.object().equals(variance.object())
                && mean.startPartition() == variance.startPartition()
                && mean.offset() + mean.bytes() / mean.partitions() == variance.offset();
    }

    /** The sum, the sum of squares, and the mean. */
    public List<Instruction> onScalar() {
        double n = data.free();
        return List.of(
                new ScalarInstruction.ActivationReduce(
                        scaled,
                        ActivationFunction.COPY,
                        data,
                        immediate(-1 / (n * Math.sqrt(n))),
                        Optional.empty(),
                        bias),
                new ScalarInstruction.ActivationReduce(
                        squares,
                        ActivationFunction.SQUARE,
                        data,
                        immediate(1 / Math.sqrt(n)),
                        Optional.of(bias),
                        variance),
                new ScalarInstruction.Activation(
                        mean,
                        ActivationFunction.COPY,
                        bias,
                        immediate(-Math.sqrt(n)),
                        Optional.empty(),
                        ReduceCommand.IDLE));
    }

    private static Scalar immediate(double value) {
        return new Scalar.Immediate((float) value);
    }

    /** The parts of which VectorE finds statistics, as even as they can be. */
    static int parts(long n, int most) {
        return Math.toIntExact(Math.ceilDiv(n, most));
    }

    /**
     * The statistics of parts of a row on VectorE.
     *
     * @param triples six elements of each partition for each part
     */
    List<Instruction> statistics(Access triples) {
        long n = data.free();
        long parts = triples.free() / 6;
        var instructions = new ArrayList<Instruction>();
        for (long i = 0; i < parts; i++) {
            long first = n * i / parts;
            instructions.add(new VectorInstruction.BnStats(
                    part(triples, 6 * i, 6), part(data, first, n * (i + 1) / parts - first)));
        }
        return instructions;
    }

    /** What statistics of parts are together. */
    Instruction together(Access triples) {
        return new VectorInstruction.BnAggr(part(mean, 0, 2), triples);
    }

    /** Neighbouring elements. */
    private static Access part(Access a, long first, long size) {
        return new Access(
                a.memory(),
                a.object(),
                a.dtype(),
                a.startPartition(),
                a.partitions(),
                a.offset() + first * a.dtype().bytes(),
                List.of(new Access.Dim(1, size)),
                a.index());
    }
}
