package dev.systole.passes;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A convolution of each channel by itself, with constant weights, is one of groups of channels whose weights are 0 between different
 * channels, where that is sooner done: TensorE passes a column for each result and place of the window, of as many channels as there are
 * rows, where VectorE would take two cycles for each, and one for what follows.
 *
 * <p>The other design kept the weights as they are, and put them on the diagonal of a matrix on chip, a copy for each place of the window. It reads less of
 * memory, but the copies take ScalarE as long as the transfer of a matrix takes the DMA engines, which have less to do in such networks. As in any other
 * product, an infinity spoils results of its group.
 */
record DepthwiseRule(Target target) implements Rewriting.Rule {
    /** Channels of a group that are worth an array of rows and columns. */
    private static final long FEWEST = 16;

    @Override
    public Optional<Value> apply(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Convolution c) || !c.result().isFloat() || c.groups() == 1) {
            return Optional.empty();
        }
        var window = in.get(1).type().shape();
        long together = together(c.groups());
        if (window.dim(1) != 1 || together < Math.max(FEWEST, widest(window))) {
            return Optional.empty();
        }
        return constant(r, in.get(1)).filter(w -> isSooner(c, in, together)).map(w -> {
            var weights = r.cast(
                    r.add(new Op.Constant(apart(w, c.groups(), together))),
                    in.get(1).type().dtype());
            var grouped = new Op.Convolution(
                    c.result(), c.strides(), c.low(), c.high(), c.dilations(), c.groups() / together);
            return r.add(grouped, in.get(0), weights);
        });
    }

    private static long widest(Shape window) {
        return LongStream.range(2, window.rank())
                .map(i -> window.dim((int) i))
                .max()
                .orElse(1);
    }

    /** Channels of a group: as many as the array has rows, if they are even parts of all. */
    private long together(long channels) {
        long most =
                Math.min(target.tensor().maxContractionRows(), target.memory().partitions());
        return LongStream.rangeClosed(1, Math.min(most, channels))
                .filter(n -> channels % n == 0)
                .max()
                .orElse(1);
    }

    /** Weights that are known, before they are cast. */
    private static Optional<Tensor> constant(Rewriting r, Value weights) {
        return r.definition(weights).flatMap(n -> switch (n.op()) {
            case Op.Constant(var tensor) when tensor.type().dtype().isFloat() -> Optional.of(tensor);
            case Op.Cast o -> constant(r, n.input(0));
            default -> Optional.empty();
        });
    }

    /** Weights [outputs, 1, window] as [outputs, channels of the group, window], 0 but for the channel of an output. */
    private static Tensor apart(Tensor weights, long channels, long together) {
        var shape = weights.type().shape();
        long outputs = shape.dim(0);
        long places = shape.elements() / outputs;
        var dtype = weights.type().dtype();
        var apart = Tensor.allocate(weights.type().with(shape.with(1, together)));
        for (long o = 0; o < outputs; o++) {
            long channel = o / (outputs / channels) % together;
            for (long p = 0; p < places; p++) {
                double w = Elements.readDouble(weights.bytes(), o * places + p, dtype);
                Elements.writeDouble(apart.bytes(), (o * together + channel) * places + p, dtype, w);
            }
        }
        return apart;
    }

    private boolean isSooner(Op.Convolution c, List<Value> in, long together) {
        var window = in.get(1).type().shape();
        var dtype = in.get(1).type().dtype();
        var x = in.get(0).type().shape();
        long results = x.dim(0);
        for (int i = 0; i < c.strides().size(); i++) {
            long span = c.dilations().get(i) * (window.dim(i + 2) - 1);
            results *= (x.dim(i + 2) + c.low().get(i) + c.high().get(i) - span - 1)
                            / c.strides().get(i)
                    + 1;
        }
        double places = (double) window.elements() / window.dim(0);
        double passes = dtype == DType.F32 ? target.tensor().fp32PassFactor() : 1;
        double array = passes * places * results / target.tensor().clockHz();
        int cycles = target.memory().vectorScalarSharePsum() ? 2 : 1;
        double vector = cycles * places * results / target.vector().clockHz();
        double transfer =
                places * together * together * dtype.bytes() / target.dma().bytesPerSecondPerCore();
        return Math.max(array, transfer) < vector;
    }
}
