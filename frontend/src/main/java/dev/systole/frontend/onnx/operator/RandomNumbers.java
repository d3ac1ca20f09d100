package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.List;
import java.util.Map;

/** Random numbers, and what is drawn with them. They are computed in fp32 and do not change from run to run. */
final class RandomNumbers {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "RandomUniform", n -> uniform(n, given(n), n.attributes().elementType("dtype", DType.F32, 0)),
            "RandomUniformLike", n -> uniform(n, shape(n), n.attributes().elementType("dtype", type(n), 0)),
            "RandomNormal", n -> normal(n, given(n), n.attributes().elementType("dtype", DType.F32, 0)),
            "RandomNormalLike", n -> normal(n, shape(n), n.attributes().elementType("dtype", type(n), 0)),
            "Bernoulli", RandomNumbers::bernoulli,
            "Multinomial", RandomNumbers::multinomial,
            "Dropout", RandomNumbers::dropout);

    /** Apart in the sequence of seeds, so that streams do not overlap. */
    private static final long SEED_DISTANCE = 0x9E3779B97F4A7C15L;

    /** The comparisons of samples with classes. */
    private static final long MOST_COMPARED = 1 << 26;

    /** Up to so many elements a seeded mask is a constant. */
    private static final long MOST_SEEDED = 1 << 20;

    private RandomNumbers() {}

    private static Shape given(OnnxNode n) {
        return Shape.of(n.attributes().integers("shape").orElse(List.of()));
    }

    private static Shape shape(OnnxNode n) {
        return n.input(0).type().shape();
    }

    private static DType type(OnnxNode n) {
        return n.input(0).type().dtype();
    }

    /** Uniform numbers in [0, 1); equal streams of one node are equal. */
    private static Value draw(OnnxNode n, Shape shape, int stream) {
        if (shape.elements() > Integer.MAX_VALUE) {
            throw n.fault(
                    "draws " + shape.elements() + " random numbers; at most " + Integer.MAX_VALUE + " are supported");
        }
        return n.add(new Op.Random(
                new TensorType(DType.F32, shape), (2 * n.attributes().seed() + stream) * SEED_DISTANCE));
    }

    private static List<Value> uniform(OnnxNode n, Shape shape, DType dtype) {
        float low = n.attributes().real("low");
        float range = n.attributes().real("high") - low;
        if (!Float.isFinite(range)) {
            throw n.fault("draws from %s to %s, which is no range of fp32"
                    .formatted(low, n.attributes().real("high")));
        }
        var scaled = n.binary(BinaryOp.MUL, draw(n, shape, 0), range);
        return List.of(n.cast(n.binary(BinaryOp.ADD, scaled, low), dtype));
    }

    /** Box and Muller's: sqrt(-2 log(1 - u)) sin(2π (v - 1/2)). */
    private static List<Value> normal(OnnxNode n, Shape shape, DType dtype) {
        var survival = n.binary(BinaryOp.ADD, n.unary(UnaryOp.NEG, draw(n, shape, 0)), 1);
        var radius = n.unary(UnaryOp.SQRT, n.binary(BinaryOp.MUL, n.unary(UnaryOp.LOG, survival), -2));
        var turn = n.binary(BinaryOp.SUB, draw(n, shape, 1), 0.5);
        var height = n.unary(UnaryOp.SIN, n.binary(BinaryOp.MUL, turn, 2 * Math.PI));
        var scaled = n.binary(
                BinaryOp.MUL,
                n.binary(BinaryOp.MUL, radius, height),
                n.attributes().real("scale"));
        return List.of(n.cast(n.binary(BinaryOp.ADD, scaled, n.attributes().real("mean")), dtype));
    }

    private static List<Value> bernoulli(OnnxNode n) {
        var to = n.attributes().elementType("dtype", type(n), 0);
        return List.of(n.cast(n.binary(BinaryOp.LT, draw(n, shape(n), 0), n.cast(n.input(0), DType.F32)), to));
    }

    /** A class is drawn where its and all earlier classes' weights first exceed a random part of the total weight. */
    private static List<Value> multinomial(OnnxNode n) {
        var to = n.attributes().elementType("dtype", DType.I32, 0);
        var shape = shape(n);
        long samples = n.attributes().integer("sample_size");
        if (shape.rank() != 2 || shape.dim(1) == 0) {
            throw n.fault("takes [batch, classes] with at least one class, not "
                    + n.input(0).type());
        }
        if (samples < 1) {
            throw n.fault("draws " + samples + " samples; attribute \"sample_size\" is 1 or more");
        }
        long batch = shape.dim(0);
        long classes = shape.dim(1);
        if (Shape.of(batch, samples, classes).elements() > MOST_COMPARED) {
            throw n.fault("compares %d samples with %d classes in each of %d rows; at most %d comparisons are supported"
                    .formatted(samples, classes, batch, MOST_COMPARED));
        }
        var logits = n.cast(n.input(0), DType.F32);
        var largest = n.add(new Op.Reduce(ReduceOp.MAX, List.of(1)), logits);
        var weights = n.unary(UnaryOp.EXP, n.binary(BinaryOp.SUB, logits, largest));
        var running = n.add(new Op.Scan(ReduceOp.SUM, 1, false, false), weights);
        var total = n.slice(running, 1, classes - 1, 1);
        var threshold = n.binary(BinaryOp.MUL, draw(n, Shape.of(batch, samples), 0), total);
        var passed = n.binary(
                BinaryOp.LE,
                n.reshape(running, Shape.of(batch, 1, classes)),
                n.reshape(threshold, Shape.of(batch, samples, 1)));
        var count = n.add(new Op.Reduce(ReduceOp.SUM, List.of(2)), n.cast(passed, DType.I32));
        return List.of(n.cast(n.reshape(count, Shape.of(batch, samples)), to));
    }

    /** The input, and a mask that keeps everything, unless the node is told to train. */
    private static List<Value> dropout(OnnxNode n) {
        var x = n.input(0);
        var maskType = n.since() < 10 ? type(n) : DType.BOOL;
        if (!trains(n)) {
            return n.wants(1) ? List.of(x, n.splat(maskType, shape(n), 1)) : List.of(x);
        }
        var ratio = ratio(n);
        var wide = n.widened(x);
        var mask = n.binary(BinaryOp.GE, mask(n), ratio);
        var scale = n.unary(UnaryOp.RECIPROCAL, n.binary(BinaryOp.ADD, n.unary(UnaryOp.NEG, ratio), 1));
        var kept = n.binary(BinaryOp.MUL, wide, n.cast(mask, wide.type().dtype()));
        var y = n.binary(BinaryOp.MUL, kept, n.cast(scale, wide.type().dtype()));
        return List.of(n.cast(y, type(n)), n.cast(mask, maskType));
    }

    /** An attribute told to infer before opset 7, an input tells to train since 12; between them nothing is dropped. */
    private static boolean trains(OnnxNode n) {
        return n.since() < 7 ? !n.attributes().flag("is_test") : n.has(2) && n.number(2) != 0;
    }

    private static Value ratio(OnnxNode n) {
        var ratio = n.since() < 12
                ? n.scalar(DType.F32, n.attributes().real("ratio"))
                : n.has(1) ? n.cast(n.single(1), DType.F32) : n.scalar(DType.F32, 0.5);
        n.known(ratio).map(t -> Elements.readFloat(t.bytes(), 0, DType.F32)).ifPresent(r -> {
            if (!(r >= 0 && r < 1)) {
                throw n.fault("drops a part of " + r + " of its input; the ratio is at least 0 and less than 1");
            }
        });
        return ratio;
    }

    /** Numbers that a seed is given for are those of the reference implementation, so that results can be compared with it. */
    private static Value mask(OnnxNode n) {
        return n.attributes().has("seed") && shape(n).elements() <= MOST_SEEDED
                ? n.constant(new MersenneTwister(n.attributes().integer("seed", 0)).uniform(shape(n)))
                : draw(n, shape(n), 0);
    }
}
