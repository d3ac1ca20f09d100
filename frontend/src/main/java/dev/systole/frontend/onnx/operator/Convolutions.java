package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Convolutions of floats, and what all convolutions share. */
final class Convolutions {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("Conv", Convolutions::convolution);

    private Convolutions() {}

    private static List<Value> convolution(OnnxNode n) {
        var x = n.input(0);
        var weights = n.input(1);
        var windows = Windows.ofConvolution(n, x, weights);
        long groups = groups(n, x.type().shape().dim(1));
        var type = x.type().dtype();
        var sum = n.add(windows.convolution(n.has(2) ? wide(type) : type, groups), x, weights);
        return List.of(n.cast(biased(n, sum, n.optional(2)), type));
    }

    /** The number of groups, which divides the channels. */
    static long groups(OnnxNode n, long channels) {
        long groups = n.attributes().integer("group");
        if (groups < 1 || groups > Math.max(1, channels) || channels % groups != 0) {
            throw n.fault("divides " + channels + " channels into " + groups + " groups");
        }
        return groups;
    }

    /** Sums and a bias for each channel, which is added before they are rounded to a narrow type. */
    static Value biased(OnnxNode n, Value sums, Optional<Value> bias) {
        return bias.map(b -> n.cast(b, sums.type().dtype()))
                .map(b -> n.binary(BinaryOp.ADD, sums, perChannel(n, b, sums)))
                .orElse(sums);
    }

    /** The type in which sums of narrow floats are held. */
    static DType wide(DType type) {
        return type.isFloat() && type.bits() < 32 ? DType.F32 : type;
    }

    /** A vector with an element for each channel of y, which is [N, C, ...], in a shape that broadcasts to it. */
    static Value perChannel(OnnxNode n, Value vector, Value y) {
        var shape = y.type().shape();
        if (!vector.type().shape().equals(Shape.of(shape.dim(1)))) {
            throw n.fault("has " + vector.type() + " where " + shape.dim(1) + " channels take a vector of as many");
        }
        var dims = new ArrayList<>(Collections.nCopies(shape.rank() - 1, 1L));
        dims.set(0, shape.dim(1));
        return n.reshape(vector, Shape.of(dims));
    }
}
