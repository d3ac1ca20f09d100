package dev.systole.passes;

import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A convolution whose windows lie beside each other, as the patches of a vision transformer do, is a product of weights [output
 * channel, channel and place] with patches [channel and place, result]. That rearranges the input, which is worth while where channels
 * alone would fill few rows of the array.
 */
record PatchRule(Target target) implements Rewriting.Rule {
    @Override
    public Optional<Value> apply(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Convolution c)
                || !c.result().isFloat()
                || !isTiling(c, in.get(1).type().shape())
                || !isSooner(in.get(0), in.get(1))) {
            return Optional.empty();
        }
        var x = in.get(0);
        var shape = x.type().shape();
        var window = in.get(1).type().shape();
        int spatial = window.rank() - 2;
        var dims = new ArrayList<>(List.of(shape.dim(0), shape.dim(1)));
        var permutation = new ArrayList<>(List.of(0, 1));
        for (int i = 2; i < window.rank(); i++) {
            long places = shape.dim(i) / window.dim(i);
            x = r.slice(x, i, 0, places * window.dim(i), 1);
            dims.add(places);
            dims.add(window.dim(i));
            permutation.add(2 * i - 1);
        }
        for (int i = 0; i < spatial; i++) {
            permutation.add(2 * i + 2);
        }
        long depth = window.elements() / window.dim(0);
        long results = results(shape, window);
        var patches = r.reshape(
                r.transpose(r.reshape(x, Shape.of(dims)), permutation), Shape.of(shape.dim(0), depth, results));
        var weights = r.broadcast(
                r.reshape(in.get(1), Shape.of(1, window.dim(0), depth)), Shape.of(shape.dim(0), window.dim(0), depth));
        var planes = new ArrayList<>(List.of(shape.dim(0), window.dim(0)));
        for (int i = 2; i < window.rank(); i++) {
            planes.add(shape.dim(i) / window.dim(i));
        }
        return Optional.of(r.reshape(r.add(new Op.MatMul(c.result()), weights, patches), Shape.of(planes)));
    }

    /** True if each element of the input is in one window at most. */
    private static boolean isTiling(Op.Convolution c, Shape window) {
        boolean tiling = c.groups() == 1 && !c.strides().isEmpty();
        for (int i = 0; i < c.strides().size(); i++) {
            tiling &= c.strides().get(i) == window.dim(i + 2)
                    && c.dilations().get(i) == 1
                    && c.low().get(i) == 0
                    && c.high().get(i) == 0;
        }
        return tiling;
    }

    /** Windows in an image. */
    private static long results(Shape x, Shape window) {
        long n = 1;
        for (int i = 2; i < window.rank(); i++) {
            n *= x.dim(i) / window.dim(i);
        }
        return n;
    }

    /**
     * True if the array saves more time than it takes to write and read the input once more, and to bring places of the window to
     * partitions.
     */
    private boolean isSooner(Value x, Value weights) {
        var shape = x.type().shape();
        var window = weights.type().shape();
        int rows = target.tensor().maxContractionRows();
        long places = window.elements() / Math.max(1, window.dim(0) * window.dim(1));
        long products = places * Math.ceilDiv(window.dim(1), rows) - Math.ceilDiv(window.dim(1) * places, rows);
        long blocks = Math.ceilDiv(window.dim(0), target.tensor().maxStationaryFree());
        boolean isWide = x.type().dtype().bytes() == 4;
        double saved = (double) products
                * blocks
                * shape.dim(0)
                * results(shape, window)
                * (isWide ? target.tensor().fp32PassFactor() : 1)
                / target.tensor().clockHz();
        double moved =
                2.0 * shape.elements() * x.type().dtype().bytes() / target.dma().bytesPerSecondPerCore();
        double turned = (double) shape.elements()
                / Math.min(places, target.memory().partitions())
                / target.vector().clockHz();
        return saved > moved + turned;
    }
}
