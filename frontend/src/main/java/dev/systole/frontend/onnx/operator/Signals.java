package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Transforms of signals. Complex numbers are pairs in the last dimension. */
final class Signals {
    private static final long MOST_PIECES = 1024;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("DFT", Signals::transform, "STFT", Signals::frames);

    private Signals() {}

    /** The axis became an input with opset 20. */
    private static List<Value> transform(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        int rank = shape.rank();
        if (rank < 2 || shape.dim(rank - 1) != 1 && shape.dim(rank - 1) != 2) {
            throw n.fault("input is " + x.type() + "; its last dimension holds 1 or 2 parts of a number");
        }
        int axis = n.axis(n.since() < 20 ? n.attributes().integer("axis") : n.has(2) ? n.whole(2) : -2, rank);
        boolean inverse = n.attributes().flag("inverse");
        boolean onesided = n.attributes().flag("onesided");
        long parts = shape.dim(rank - 1);
        if (axis == rank - 1) {
            throw n.fault("axis " + axis + " is that of the parts of a number");
        }
        if (onesided && (parts == 2) != inverse) {
            throw n.fault("onesided goes from real numbers to complex ones, and inversely; the input is " + x.type());
        }
        long extent = shape.dim(axis);
        long length = n.has(1) ? n.whole(1) : inverse && onesided ? 2 * (extent - 1) : extent;
        if (length < 1) {
            throw n.fault("transforms " + length + " elements; give a dft_length of 1 or more");
        }
        long taken = Math.min(extent, inverse && onesided ? length / 2 + 1 : length);
        var order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        order.add(rank - 2, order.remove(axis));
        var back = IntStream.range(0, rank).map(order::indexOf).boxed().toList();
        var signal = n.transpose(n.slice(x, axis, 0, taken), order);
        return List.of(n.transpose(new Fourier(length, taken, parts, inverse, onesided).apply(n, signal), back));
    }

    /** Overlapping frames of the signal, weighted by the window and transformed. */
    private static List<Value> frames(OnnxNode n) {
        var signal = n.ranked(0, 3);
        var shape = signal.type().shape();
        boolean onesided = n.attributes().flag("onesided");
        if (shape.dim(2) != 1 && (shape.dim(2) != 2 || onesided)) {
            throw n.fault(
                    "signal is " + signal.type() + "; it holds real numbers, [batch, length, 1], or, if onesided is 0, "
                            + "complex ones, [batch, length, 2]");
        }
        long step = n.whole(1);
        long window = n.has(2) ? n.ranked(2, 1).type().shape().dim(0) : shape.dim(1);
        long length = n.has(3) ? n.whole(3) : window;
        if (step < 1 || length < 1 || length > shape.dim(1)) {
            throw n.fault("cuts frames of %d elements in steps of %d out of %d".formatted(length, step, shape.dim(1)));
        }
        long count = (shape.dim(1) - length) / step + 1;
        long taken = n.has(2) ? Math.min(window, length) : length;
        var frames = cut(n, signal, count, step, taken);
        if (n.has(2)) {
            var weights = n.slice(n.input(2), 0, 0, taken);
            frames = n.binary(BinaryOp.MUL, frames, n.reshape(weights, Shape.of(taken, 1)));
        }
        return List.of(new Fourier(length, taken, shape.dim(2), false, onesided).apply(n, frames));
    }

    /**
     * [batch, count, taken, parts]: frame i begins with element i * step. They are put together from as few slices as there are frames, or
     * pieces of a frame that are a step long: piece j of all frames is a part of the signal that begins with element j * step.
     */
    private static Value cut(OnnxNode n, Value signal, long count, long step, long taken) {
        var shape = signal.type().shape();
        long pieces = Math.ceilDiv(taken, step);
        if (Math.min(count, pieces) > MOST_PIECES) {
            throw n.fault("cuts " + count + " frames of " + taken + " elements in steps of " + step
                    + "; a longer step or at most " + MOST_PIECES + " frames are supported");
        }
        var parts = new ArrayList<Value>();
        if (count <= pieces) {
            for (long i = 0; i < count; i++) {
                var frame = n.slice(signal, 1, i * step, taken);
                parts.add(n.reshape(frame, Shape.of(shape.dim(0), 1, taken, shape.dim(2))));
            }
            return n.concat(1, parts);
        }
        long needed = (count + pieces - 1) * step;
        var padded = needed > shape.dim(1) ? padded(n, signal, needed - shape.dim(1)) : signal;
        for (long j = 0; j < pieces; j++) {
            var piece = n.slice(padded, 1, j * step, count * step);
            parts.add(n.reshape(piece, Shape.of(shape.dim(0), count, step, shape.dim(2))));
        }
        return n.slice(n.concat(2, parts), 2, 0, taken);
    }

    private static Value padded(OnnxNode n, Value signal, long missing) {
        var zero = n.scalar(signal.type().dtype(), 0);
        return n.add(new Op.Pad(List.of(0L, 0L, 0L), List.of(0L, missing, 0L)), signal, zero);
    }
}
