package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Operators that bring parts of a tensor to mean 0 and variance 1, or to norm 1. Statistics of 16-bit floats are fp32, as sums of them
 * may be larger than the type holds.
 */
final class Normalisations {
    /** Added to the deviation in the function that defines MeanVarianceNormalization. */
    private static final double DEVIATION_EPSILON = 1e-9;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "BatchNormalization", Normalisations::batch,
            "InstanceNormalization", Normalisations::instance,
            "GroupNormalization", Normalisations::group,
            "RMSNormalization", Normalisations::rootMeanSquare,
            "LpNormalization", Normalisations::norm,
            "MeanVarianceNormalization", Normalisations::meanVariance,
            "LRN", Normalisations::localResponse);

    private Normalisations() {}

    private record Statistics(Value mean, Value variance) {}

    private static Value mean(OnnxNode n, Value x, List<Integer> axes) {
        long count = axes.stream().mapToLong(a -> x.type().shape().dim(a)).reduce(1, Math::multiplyExact);
        return n.binary(BinaryOp.DIV, n.add(new Op.Reduce(ReduceOp.SUM, axes), x), count);
    }

    private static Statistics statistics(OnnxNode n, Value x, List<Integer> axes) {
        var mean = mean(n, x, axes);
        return new Statistics(mean, mean(n, n.unary(UnaryOp.SQUARE, n.binary(BinaryOp.SUB, x, mean)), axes));
    }

    private static Value deviation(OnnxNode n, Value variance) {
        return n.unary(
                UnaryOp.SQRT, n.binary(BinaryOp.ADD, variance, n.attributes().real("epsilon")));
    }

    private static Value normalised(OnnxNode n, Value x, List<Integer> axes) {
        var s = statistics(n, x, axes);
        return n.binary(BinaryOp.DIV, n.binary(BinaryOp.SUB, x, s.mean), deviation(n, s.variance));
    }

    /**
     * Training is an attribute, before version 14 it is whether its outputs are wanted, before version 7 it is what is no test. A vector is
     * one channel.
     */
    private static List<Value> batch(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        if (shape.rank() == 0) {
            throw n.fault("takes [N, C, ...], not " + x.type());
        }
        boolean training = n.since() >= 14
                ? n.attributes().flag("training_mode")
                : n.since() >= 7
                        ? IntStream.range(1, n.outputs()).anyMatch(n::wants)
                        : !n.attributes().flag("is_test");
        boolean spatial = n.since() >= 9 || n.attributes().flag("spatial");
        var type = n.all().stream().anyMatch(v -> v.type().dtype() == DType.F64) ? DType.F64 : DType.F32;
        var parameters = new ArrayList<Value>();
        for (int i = 1; i < 5; i++) {
            parameters.add(n.cast(parameter(n, n.input(i), shape, spatial), type));
        }
        var wide = n.cast(x, type);
        if (!training) {
            var given = new Statistics(parameters.get(2), parameters.get(3));
            return List.of(affine(n, wide, given, parameters, x.type().dtype()));
        }
        var axes = new ArrayList<>(List.of(0));
        IntStream.range(2, spatial ? shape.rank() : 2).forEach(axes::add);
        var current = statistics(n, wide, axes);
        var results = new ArrayList<Value>();
        results.add(affine(n, wide, current, parameters, x.type().dtype()));
        results.add(running(n, parameters.get(2), current.mean, n.input(3)));
        results.add(running(n, parameters.get(3), current.variance, n.input(4)));
        if (n.since() < 14) {
            results.add(n.cast(flat(n, current.mean, n.input(3)), x.type().dtype()));
            results.add(n.cast(flat(n, current.variance, n.input(4)), x.type().dtype()));
        }
        return results;
    }

    /** A parameter of batch normalisation, one a channel, or one an element of a batch, in a shape that broadcasts to x. */
    private static Value parameter(OnnxNode n, Value p, Shape x, boolean spatial) {
        var dims = new ArrayList<>(Collections.nCopies(x.rank(), 1L));
        for (int i = 1; i < (spatial ? Math.min(2, x.rank()) : x.rank()); i++) {
            dims.set(i, x.dim(i));
        }
        var shape = Shape.of(dims);
        if (p.type().shape().elements() != shape.elements()) {
            throw n.fault(
                    "has a parameter " + p.type() + " for [" + x + "]; it needs " + shape.elements() + " elements");
        }
        return n.reshape(p, shape);
    }

    /** (x - mean) / √(variance + ε) · scale + bias, as a multiple of x plus a summand. */
    private static Value affine(OnnxNode n, Value x, Statistics s, List<Value> parameters, DType type) {
        var factor = n.binary(BinaryOp.DIV, parameters.get(0), deviation(n, s.variance));
        var summand = n.binary(BinaryOp.SUB, parameters.get(1), n.binary(BinaryOp.MUL, s.mean, factor));
        return n.cast(n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, x, factor), summand), type);
    }

    private static Value running(OnnxNode n, Value before, Value current, Value as) {
        double momentum = n.attributes().real("momentum");
        var kept = n.binary(BinaryOp.MUL, before, momentum);
        var added = n.binary(BinaryOp.MUL, current, 1 - momentum);
        return n.cast(
                flat(n, n.binary(BinaryOp.ADD, kept, added), as), as.type().dtype());
    }

    private static Value flat(OnnxNode n, Value statistic, Value as) {
        return n.reshape(statistic, as.type().shape());
    }

    private static List<Value> instance(OnnxNode n) {
        var x = n.input(0);
        requireChannels(n, x);
        var y = normalised(n, n.cast(x, Convolutions.wide(x.type().dtype())), axes(2, x));
        y = n.cast(y, x.type().dtype());
        return List.of(scaled(n, y, n.input(1), n.input(2)));
    }

    private static void requireChannels(OnnxNode n, Value x) {
        if (x.type().shape().rank() < 2) {
            throw n.fault("takes [N, C, ...], not " + x.type());
        }
    }

    private static List<Integer> axes(int from, Value x) {
        return IntStream.range(from, x.type().shape().rank()).boxed().toList();
    }

    private static Value scaled(OnnxNode n, Value y, Value scale, Value bias) {
        y = n.binary(BinaryOp.MUL, y, Convolutions.perChannel(n, scale, y));
        return n.binary(BinaryOp.ADD, y, Convolutions.perChannel(n, bias, y));
    }

    /** Scale and bias are one a group before version 21, one a channel since. */
    private static List<Value> group(OnnxNode n) {
        var x = n.input(0);
        requireChannels(n, x);
        var shape = x.type().shape();
        long groups = n.attributes().integer("num_groups");
        if (groups < 1 || shape.dim(1) % groups != 0) {
            throw n.fault("divides " + shape.dim(1) + " channels into " + groups + " groups");
        }
        var dims = new ArrayList<>(List.of(shape.dim(0), groups, shape.dim(1) / groups));
        dims.addAll(shape.dims().asList().subList(2, shape.rank()));
        var type = n.since() < 21 ? Convolutions.wide(x.type().dtype()) : stash(n);
        var grouped = n.reshape(n.cast(x, type), Shape.of(dims));
        var y = n.cast(normalised(n, grouped, axes(2, grouped)), x.type().dtype());
        return List.of(
                n.since() < 21
                        ? n.reshape(scaled(n, y, n.input(1), n.input(2)), shape)
                        : scaled(n, n.reshape(y, shape), n.input(1), n.input(2)));
    }

    private static DType stash(OnnxNode n) {
        return OnnxTensors.dtype((int) n.attributes().integer("stash_type"))
                .filter(DType::isFloat)
                .orElseThrow(() ->
                        n.fault("has stash_type " + n.attributes().integer("stash_type") + ", which is no float type"));
    }

    private static List<Value> rootMeanSquare(OnnxNode n) {
        var x = n.input(0);
        var axes = axes(n.axis(n.attributes().integer("axis"), x.type().shape().rank()), x);
        var wide = n.cast(x, stash(n));
        var root = deviation(n, mean(n, n.unary(UnaryOp.SQUARE, wide), axes));
        var y = n.cast(n.binary(BinaryOp.DIV, wide, root), x.type().dtype());
        var scale = n.input(1);
        var result = n.binary(BinaryOp.MUL, n.cast(y, scale.type().dtype()), scale);
        if (!result.type().shape().equals(x.type().shape())) {
            throw n.fault("has a scale " + scale.type() + " that is larger than " + x.type());
        }
        return List.of(result);
    }

    /** x by its norm along an axis; zeros stay zeros. */
    private static List<Value> norm(OnnxNode n) {
        var x = n.input(0);
        int axis = n.axis(n.attributes().integer("axis"), x.type().shape().rank());
        var wide = n.cast(x, Convolutions.wide(x.type().dtype()));
        var sum = new Op.Reduce(ReduceOp.SUM, List.of(axis));
        var norm = switch ((int) Math.clamp(n.attributes().integer("p"), 0, 3)) {
            case 1 -> n.add(sum, n.unary(UnaryOp.ABS, wide));
            case 2 -> n.unary(UnaryOp.SQRT, n.add(sum, n.unary(UnaryOp.SQUARE, wide)));
            default ->
                throw n.fault("normalises by a norm of order " + n.attributes().integer("p") + "; 1 and 2 are defined");
        };
        var type = wide.type().dtype();
        var divisor = n.select(n.binary(BinaryOp.EQ, norm, 0), n.scalar(type, 1), norm);
        return List.of(n.cast(n.binary(BinaryOp.DIV, wide, divisor), x.type().dtype()));
    }

    private static List<Value> meanVariance(OnnxNode n) {
        var x = n.input(0);
        int rank = x.type().shape().rank();
        var axes = n.attributes().integers("axes").orElse(List.of(0L, 2L, 3L)).stream()
                .map(a -> n.axis(a, rank))
                .distinct()
                .toList();
        var wide = n.cast(x, Convolutions.wide(x.type().dtype()));
        var s = statistics(n, wide, axes);
        var deviation = n.binary(BinaryOp.ADD, n.unary(UnaryOp.SQRT, s.variance), DEVIATION_EPSILON);
        var y = n.binary(BinaryOp.DIV, n.binary(BinaryOp.SUB, wide, s.mean), deviation);
        return List.of(n.cast(y, x.type().dtype()));
    }

    /** x / (bias + alpha / size · s)^beta, s the sum of the squares of {@code size} channels around each. */
    private static List<Value> localResponse(OnnxNode n) {
        var x = n.input(0);
        requireChannels(n, x);
        var shape = x.type().shape();
        long size = n.attributes().integer("size");
        if (size < 1) {
            throw n.fault("sums over " + size + " channels");
        }
        long others = Math.max(0, shape.dim(1) - 1);
        long low = Math.min(others, (size - 1) / 2);
        long high = Math.min(others, size / 2);
        var wide = n.cast(x, Convolutions.wide(x.type().dtype()));
        long plane = shape.dims().asList().subList(2, shape.rank()).stream().reduce(1L, Math::multiplyExact);
        var squares = n.reshape(n.unary(UnaryOp.SQUARE, wide), Shape.of(shape.dim(0), 1, shape.dim(1), plane));
        var window = new Op.WindowReduce(
                ReduceOp.SUM,
                List.of(low + high + 1, 1L),
                List.of(1L, 1L),
                List.of(low, 0L),
                List.of(high, 0L),
                List.of(1L, 1L));
        var sums = shape.elements() == 0 ? squares : n.add(window, squares);
        var scaled = n.binary(
                BinaryOp.MUL, n.reshape(sums, shape), (double) n.attributes().real("alpha") / size);
        var base = n.binary(BinaryOp.ADD, scaled, n.attributes().real("bias"));
        var y = n.binary(
                BinaryOp.DIV, wide, n.binary(BinaryOp.POW, base, n.attributes().real("beta")));
        return List.of(n.cast(y, x.type().dtype()));
    }
}
