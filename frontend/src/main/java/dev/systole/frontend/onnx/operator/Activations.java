package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Activation functions that no engine has as one. */
final class Activations {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.ofEntries(
            Map.entry("Celu", Formula.rule(Activations::celu)),
            Map.entry(
                    "Elu",
                    Formula.rule((n, x) -> exponential(n, x, n.attributes().real("alpha")))),
            Map.entry("Selu", Formula.rule(Activations::selu)),
            Map.entry(
                    "HardSigmoid",
                    Formula.rule((n, x) -> ramp(
                            n, x, n.attributes().real("alpha"), n.attributes().real("beta")))),
            Map.entry("HardSwish", Formula.rule(Activations::hardSwish)),
            Map.entry(
                    "LeakyRelu",
                    Formula.rule((n, x) -> leaky(
                            n, x, n.scalar(x.type().dtype(), n.attributes().real("alpha"))))),
            Map.entry("PRelu", n -> List.of(leaky(n, n.input(0), slope(n)))),
            Map.entry("ThresholdedRelu", Formula.rule(Activations::thresholded)),
            Map.entry("Shrink", Activations::shrink),
            Map.entry("Softsign", Formula.rule(Activations::softsign)),
            Map.entry("Swish", Formula.rule(Activations::swish)),
            Map.entry("SwiGLU", Formula.rule(Activations::swiglu)),
            Map.entry("Hardmax", Activations::hardmax));

    private Activations() {}

    /** max(0, x) + alpha (e^min(0, x) - 1). */
    private static Value exponential(OnnxNode n, Value x, double alpha) {
        var power = n.unary(UnaryOp.EXP, n.binary(BinaryOp.MIN, x, 0));
        var negative = n.binary(BinaryOp.MUL, n.binary(BinaryOp.SUB, power, 1), alpha);
        return n.binary(BinaryOp.ADD, n.unary(UnaryOp.RELU, x), negative);
    }

    /** max(0, x) + min(0, alpha (e^(x / alpha) - 1)). */
    private static Value celu(OnnxNode n, Value x) {
        double alpha = n.attributes().real("alpha");
        if (alpha == 0) {
            throw n.fault("divides by its attribute \"alpha\", which is 0");
        }
        var power = n.unary(UnaryOp.EXP, n.binary(BinaryOp.DIV, x, alpha));
        var negative = n.binary(BinaryOp.MUL, n.binary(BinaryOp.SUB, power, 1), alpha);
        return n.binary(BinaryOp.ADD, n.unary(UnaryOp.RELU, x), n.binary(BinaryOp.MIN, negative, 0));
    }

    /** gamma (max(0, x) + alpha (e^min(0, x) - 1)); the defaults have more digits since opset 6. */
    private static Value selu(OnnxNode n, Value x) {
        float alpha =
                n.since() < 6 ? n.attributes().real("alpha") : n.attributes().real("alpha", 1.67326319217681884765625f);
        float gamma =
                n.since() < 6 ? n.attributes().real("gamma") : n.attributes().real("gamma", 1.05070102214813232421875f);
        return n.binary(BinaryOp.MUL, exponential(n, x, alpha), gamma);
    }

    /** max(0, min(1, slope x + offset)). */
    private static Value ramp(OnnxNode n, Value x, double slope, double offset) {
        var line = n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, x, slope), offset);
        return n.binary(BinaryOp.MAX, n.binary(BinaryOp.MIN, line, 1), 0);
    }

    private static Value hardSwish(OnnxNode n, Value x) {
        return n.binary(BinaryOp.MUL, x, ramp(n, x, 1.0 / 6, 0.5));
    }

    /** slope x below 0, x elsewhere. */
    private static Value leaky(OnnxNode n, Value x, Value slope) {
        return n.select(n.binary(BinaryOp.LT, x, 0), n.binary(BinaryOp.MUL, x, slope), x);
    }

    /** One slope for all or, since opset 7, what broadcasts to x; before it was one a channel. */
    private static Value slope(OnnxNode n) {
        var shape = n.input(0).type().shape();
        var slope = n.input(1);
        if (slope.type().shape().elements() == 1) {
            return n.reshape(slope, Shape.SCALAR);
        }
        if (n.since() < 7 && slope.type().shape().rank() == 1 && shape.rank() > 1) {
            var channels = new long[shape.rank()];
            Arrays.fill(channels, 1);
            channels[1] = slope.type().shape().dim(0);
            slope = n.reshape(slope, Shape.of(channels));
        }
        if (!TypeInference.broadcast(shape, slope.type().shape()).equals(shape)) {
            throw n.fault("slopes of shape [%s] do not broadcast to [%s]"
                    .formatted(slope.type().shape(), shape));
        }
        return slope;
    }

    private static Value thresholded(OnnxNode n, Value x) {
        return n.select(
                n.binary(BinaryOp.GT, x, n.attributes().real("alpha")),
                x,
                n.scalar(x.type().dtype(), 0));
    }

    /** x + bias below -lambd, x - bias above lambd, else 0; integers are computed as floats. */
    private static List<Value> shrink(OnnxNode n) {
        var given = n.input(0).type().dtype();
        var x = n.cast(
                n.input(0), given == DType.F64 || given.isInteger() && given.bits() >= 32 ? DType.F64 : DType.F32);
        double bound = n.attributes().real("lambd");
        double bias = n.attributes().real("bias");
        var zero = n.scalar(x.type().dtype(), 0);
        var above = n.select(n.binary(BinaryOp.GT, x, bound), n.binary(BinaryOp.SUB, x, bias), zero);
        var y = n.select(n.binary(BinaryOp.LT, x, -bound), n.binary(BinaryOp.ADD, x, bias), above);
        return List.of(n.cast(y, given));
    }

    private static Value softsign(OnnxNode n, Value x) {
        return n.binary(BinaryOp.DIV, x, n.binary(BinaryOp.ADD, n.unary(UnaryOp.ABS, x), 1));
    }

    /** x sigmoid(alpha x). */
    private static Value swish(OnnxNode n, Value x) {
        double alpha = n.attributes().real("alpha");
        return alpha == 1
                ? n.unary(UnaryOp.SILU, x)
                : n.binary(BinaryOp.MUL, x, n.unary(UnaryOp.SIGMOID, n.binary(BinaryOp.MUL, x, alpha)));
    }

    private static Value swiglu(OnnxNode n, Value x) {
        if (!n.input(0).type().shape().equals(n.input(1).type().shape())) {
            throw n.fault("gates %s by %s; shapes must be equal"
                    .formatted(n.input(1).type(), n.input(0).type()));
        }
        return n.binary(BinaryOp.MUL, swish(n, x), n.widened(n.input(1)));
    }

    /** 1 at the first largest element along an axis, 0 elsewhere; before opset 13 all dimensions from the axis on are one. */
    private static List<Value> hardmax(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        int axis = n.axis(n.attributes().integer("axis"), shape.rank());
        if (shape.elements() == 0) {
            return List.of(x);
        }
        long extent = shape.dim(axis);
        if (n.since() < 13) {
            extent = shape.strides()[axis] * shape.dim(axis);
            x = n.reshape(x, Shape.of(shape.elements() / extent, extent));
            axis = 1;
        }
        var along = new long[x.type().shape().rank()];
        Arrays.fill(along, 1);
        along[axis] = extent;
        var largest = n.add(new Op.ArgReduce(true, axis, false), x);
        var chosen = n.binary(BinaryOp.EQ, largest, n.reshape(n.iota(extent), Shape.of(along)));
        return List.of(n.reshape(n.cast(chosen, x.type().dtype()), shape));
    }
}
