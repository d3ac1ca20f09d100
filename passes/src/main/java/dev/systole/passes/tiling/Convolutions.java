package dev.systole.passes.tiling;

import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.target.Target;
import dev.systole.ir.tile.TileBuilder;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * Which loop nest a convolution [N, C, H, W] becomes: bands of planes, bands of planes of phases where there are few channels, or stripes of
 * rows for all others; and how it takes turns with other nodes where a few images at a time pass through all of them.
 */
final class Convolutions {
    private final TileBuilder b;
    private final Target target;
    private final Placement placement;
    private final ConvolutionWeights weights;

    Convolutions(TileBuilder b, Target target, Placement placement) {
        this.b = b;
        this.target = target;
        this.placement = placement;
        this.weights = new ConvolutionWeights(target, placement);
    }

    /** A few images at a time pass through all that slides over planes; what no other node reads lies in buffers of its own. */
    void emit(ImageRun run) {
        run.shared().forEach(placement::result);
        for (long first = 0; first < run.images(); first += run.step()) {
            long count = Math.min(run.step(), run.images() - first);
            var own = new HashMap<Value, Source>();
            for (var node : run.nodes()) {
                if (!ImageRun.slides(node.op())) {
                    continue;
                }
                b.at(node.location());
                var in = new ArrayList<Source>();
                for (int i = 0; i < node.inputs().size(); i++) {
                    var v = node.input(i);
                    if (own.containsKey(v)) {
                        in.add(own.get(v));
                    } else {
                        var all = placement.source(v);
                        in.add(ImageRun.isOfImages(node, i) ? all.part(0, first, count) : all);
                    }
                }
                for (var v : node.outputs()) {
                    own.put(
                            v,
                            run.shared().contains(v)
                                    ? placement.source(v).part(0, first, count)
                                    : placement.scratch(v, count));
                }
                slide(node, in, node.outputs().stream().map(own::get).toList());
            }
        }
    }

    private void slide(Node node, List<Source> in, List<Source> out) {
        switch (node.op()) {
            case Op.Fused(var kind, var body) -> emit(node, body, in, out);
            case Op.WindowReduce w -> WindowLoops.emit(b, target, w, in.getFirst(), out.getFirst());
            default -> throw new IllegalArgumentException(node.op().mnemonic() + " slides over no planes");
        }
    }

    /** Emits a region of a convolution and its epilogue. */
    void emit(Node node, Graph body, List<Source> in, List<Source> out) {
        var inside = Expression.convolution(body).orElseThrow();
        var parameters = body.inputs().stream().map(Graph.Parameter::value).toList();
        var op = (Op.Convolution) inside.op();
        var window = inside.input(1).type().shape();
        var x = channelsFirst(in.get(parameters.indexOf(inside.input(0))));
        var w = node.input(parameters.indexOf(inside.input(1)));
        var operands = new BandLoops.Operands(
                x.buffer().dtype(), x.shape(), window, out.getFirst().shape());
        var constant = placement.constant(w);
        var phases = constant.flatMap(t -> Phases.of(target, op, operands));
        if (phases.isPresent()) {
            var p = phases.get();
            var planes = placement.scratch(Shape.of(p.elements()), x.buffer().dtype());
            p.rearrange(b, target, x, planes);
            var whole = Strips.whole(p.onPlanes());
            BandLoops.emit(b, target, body, in, planes, phases, whole, weights.inOrder(w, constant.get(), p), out);
        } else if (BandLoops.supports(target, op, operands)) {
            var strips = constant.map(t -> BandLoops.strips(target, op, operands))
                    .orElseGet(() -> BandLoops.whole(target, op, operands));
            var stationary = strips.count() > 1
                    ? weights.inStrips(w, constant.get(), strips)
                    : weights.stationary(w, op.groups(), BandLoops.groupsTogether(target, op, operands));
            BandLoops.emit(b, target, body, in, x, phases, strips, stationary, out);
        } else if (DepthwiseBands.supports(target, op, operands)) {
            var plan = DepthwiseBands.plan(target, op, operands, constant.isPresent());
            var matrices = constant.filter(t -> !plan.onArray().isEmpty())
                    .map(t -> weights.diagonal(w, t, plan.onArray(), plan.block()));
            var columns =
                    plan.isAllOnArray() ? Optional.<Source>empty() : Optional.of(weights.byPlaces(w, op.groups()));
            DepthwiseBands.emit(b, target, body, in, x, columns, matrices, plan, out);
        } else {
            var byPlaces = weights.byPlaces(w, op.groups());
            if (ConvolutionLoops.needsPadding(op, window)) {
                ConvolutionLoops.emit(b, target, body, in, padded(x, op), List.of(0L, 0L), byPlaces, out);
            } else {
                ConvolutionLoops.emit(b, target, body, in, x, op.low(), byPlaces, out);
            }
        }
    }

    /**
     * What has its channels last, as planes, which the loops load in runs; there each element of a plane would be a run of its own. Few are
     * sooner loaded like that than stored and loaded again.
     */
    private Source channelsFirst(Source x) {
        var dma = target.dma();
        long elements = x.shape().elements() / Math.max(1, x.shape().dim(1));
        double asTheyAre = elements * dma.partitionsPerEngine() * dma.minTimePerDescriptorSeconds();
        if (x.innermost() != 1 || asTheyAre <= 2 * dma.fixedOverheadSeconds()) {
            return x;
        }
        var planes = placement.scratch(x.shape(), x.buffer().dtype());
        new MoveLoops(b, target).copy(x, planes, Transposition.isFinite(x));
        return planes;
    }

    private Source padded(Source x, Op.Convolution op) {
        var shape = x.shape();
        long rows = op.low().get(0) + shape.dim(2) + op.high().get(0);
        long columns = op.low().get(1) + shape.dim(3) + op.high().get(1);
        var padded = placement.scratch(
                Shape.of(shape.dim(0), shape.dim(1), rows, columns), x.buffer().dtype());
        var moves = new MoveLoops(b, target);
        moves.fill(padded, 0);
        moves.place(x, padded, List.of(0L, 0L, op.low().get(0), op.low().get(1)));
        return padded;
    }
}
