package dev.systole.passes.tiling;

import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Weights [output channel, channel of a group, window...] as the loops of convolutions read them. Constant ones are arranged while
 * compiling, once for all images that pass by.
 */
final class ConvolutionWeights {
    private final Target target;
    private final Placement placement;
    private final Map<List<Object>, StationaryWeights> arranged = new HashMap<>();
    private final Map<List<Object>, Source> diagonals = new HashMap<>();

    ConvolutionWeights(Target target, Placement placement) {
        this.target = target;
        this.placement = placement;
    }

    /**
     * Weights in blocks that TensorE holds.
     *
     * @param together groups that share a block of constant weights, which are 0 between channels of different ones
     */
    StationaryWeights stationary(Value v, long groups, long together) {
        return placement
                .constant(v)
                .map(t -> arranged(
                        v,
                        () -> together == 1 ? t : apart(t, groups, together),
                        groups / together,
                        StationaryWeights.rows(
                                target, together * t.type().shape().dim(1)),
                        t.type().shape().dim(0)))
                .orElseGet(() -> StationaryWeights.of(target, byPlaces(v, groups)));
    }

    /** Constant weights of as many output channels as strips have partitions; those beyond the convolution's are 0. */
    StationaryWeights inStrips(Value v, Tensor weights, Strips strips) {
        var shape = weights.type().shape();
        return arranged(
                v,
                () -> filled(weights, strips.pitch()),
                1,
                StationaryWeights.rows(target, shape.dim(1)),
                strips.pitch());
    }

    private static Tensor filled(Tensor weights, long outputs) {
        var all = Tensor.allocate(weights.type().with(weights.type().shape().with(0, outputs)));
        MemorySegment.copy(weights.bytes(), 0, all.bytes(), 0, weights.bytes().byteSize());
        return all;
    }

    /** Weights [output channel, channel of a group, window...] with the channels of so many groups beside each other. */
    private static Tensor apart(Tensor weights, long groups, long together) {
        var dtype = weights.type().dtype();
        var shape = weights.type().shape();
        long outputs = shape.dim(0);
        long group = shape.elements() / outputs;
        var apart = Tensor.allocate(weights.type().with(shape.with(1, together * shape.dim(1))));
        for (long o = 0; o < outputs; o++) {
            long before = o / (outputs / groups) % together;
            for (long i = 0; i < group; i++) {
                double w = Elements.readDouble(weights.bytes(), o * group + i, dtype);
                Elements.writeDouble(apart.bytes(), (o * together + before) * group + i, dtype, w);
            }
        }
        return apart;
    }

    /** Constant weights in the order of the phases' partitions. */
    StationaryWeights inOrder(Value v, Tensor tensor, Phases phases) {
        return arranged(
                v,
                () -> phases.inOrder(tensor),
                1,
                phases.rows(),
                v.type().shape().dim(0));
    }

    /**
     * Constant weights [channel, 1, window...] of channels by themselves, as TensorE takes blocks of {@code block} channels:
     * [channel, place, channel of its block] for some places of the window, 0 but for the channel itself.
     */
    Source diagonal(Value v, Tensor weights, List<Long> places, int block) {
        return diagonals.computeIfAbsent(
                List.of(v, places, block), k -> placement.hold(v, diagonal(weights, places, block)));
    }

    private static Tensor diagonal(Tensor weights, List<Long> places, int block) {
        var dtype = weights.type().dtype();
        long channels = weights.type().shape().dim(0);
        long all = weights.type().shape().elements() / Math.max(1, channels);
        var diagonal = Tensor.allocate(weights.type().with(Shape.of(channels, places.size(), block)));
        for (long c = 0; c < channels; c++) {
            for (int i = 0; i < places.size(); i++) {
                double w = Elements.readDouble(weights.bytes(), c * all + places.get(i), dtype);
                Elements.writeDouble(diagonal.bytes(), (c * places.size() + i) * block + c % block, dtype, w);
            }
        }
        return diagonal;
    }

    private StationaryWeights arranged(Value v, Supplier<Tensor> tensor, long groups, long rows, long outputs) {
        int bytes = v.type().dtype().carrier().bytes();
        return arranged.computeIfAbsent(
                List.of(v, groups, rows, outputs),
                k -> StationaryWeights.arranged(target, tensor.get(), groups, rows, bytes, t -> placement.hold(v, t)));
    }

    /** Weights as [group, channel, place in the window, output channel of the group]. */
    Source byPlaces(Value v, long groups) {
        var shape = v.type().shape();
        long places = shape.elements() / Math.max(1, shape.dim(0) * shape.dim(1));
        var split = new Op.Reshape(Shape.of(groups, shape.dim(0) / groups, shape.dim(1), places));
        var turned = new Op.Transpose(List.of(0, 2, 3, 1));
        var known = placement.constant(v);
        if (known.isPresent()) {
            var rows = known.get().reshape(split.shape());
            var type = rows.type().with(Shape.of(groups, shape.dim(1), places, shape.dim(0) / groups));
            return placement.hold(
                    v,
                    GraphInterpreter.evaluate(turned, List.of(rows), List.of(type))
                            .getFirst());
        }
        var direct = placement.source(v).through(split).flatMap(s -> s.through(turned));
        return direct.filter(s -> s.stride(3) <= 1)
                .orElseGet(() -> placement.copied(placement
                        .dense(v)
                        .through(split)
                        .flatMap(s -> s.through(turned))
                        .orElseThrow()));
    }
}
