package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Reductions, and what is made of them: softmax and normalisation. */
final class Reductions {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.ofEntries(
            Map.entry("ReduceSum", reduce((n, x, axes) -> sum(n, x, axes))),
            Map.entry("ReduceProd", reduce((n, x, axes) -> reduce(n, ReduceOp.PROD, x, axes))),
            Map.entry("ReduceMax", reduce((n, x, axes) -> reduce(n, ReduceOp.MAX, x, axes))),
            Map.entry("ReduceMin", reduce((n, x, axes) -> reduce(n, ReduceOp.MIN, x, axes))),
            Map.entry("ReduceMean", reduce(Reductions::mean)),
            Map.entry("ReduceL1", reduce((n, x, axes) -> sum(n, n.unary(UnaryOp.ABS, x), axes))),
            Map.entry(
                    "ReduceL2",
                    reduce((n, x, axes) -> real(n, UnaryOp.SQRT, sum(n, n.unary(UnaryOp.SQUARE, x), axes)))),
            Map.entry("ReduceSumSquare", reduce((n, x, axes) -> sum(n, n.unary(UnaryOp.SQUARE, x), axes))),
            Map.entry("ReduceLogSum", reduce((n, x, axes) -> real(n, UnaryOp.LOG, sum(n, x, axes)))),
            Map.entry("ReduceLogSumExp", reduce(Reductions::logSumExp)),
            Map.entry("Softmax", Reductions::softmax),
            Map.entry("LogSoftmax", Reductions::logSoftmax),
            Map.entry("LayerNormalization", Reductions::layerNormalization));

    private Reductions() {}

    /** A reduction that keeps the reduced dimensions with extent 1. */
    private interface Kept {
        Value build(OnnxNode n, Value x, List<Integer> axes);
    }

    /** A reduction over no axes changes nothing; of booleans there are only the largest and the smallest. */
    private static Value reduce(OnnxNode n, ReduceOp f, Value x, List<Integer> axes) {
        if (axes.isEmpty()) {
            return x;
        }
        var reduction = new Op.Reduce(f, axes);
        return x.type().dtype() == DType.BOOL
                ? n.cast(n.add(reduction, n.cast(x, DType.U8)), DType.BOOL)
                : n.add(reduction, x);
    }

    private static Value sum(OnnxNode n, Value x, List<Integer> axes) {
        return reduce(n, ReduceOp.SUM, x, axes);
    }

    /** A function of real numbers; its results are cut off where the type holds integers. */
    private static Value real(OnnxNode n, UnaryOp f, Value x) {
        var type = x.type().dtype();
        return type.isFloat() ? n.unary(f, x) : n.cast(n.unary(f, n.cast(x, DType.F64)), type);
    }

    /** m + log Σ exp(x - m) with the maximum m, or with 0 where that is infinite. */
    private static Value logSumExp(OnnxNode n, Value given, List<Integer> axes) {
        var type = given.type().dtype();
        var x = type.isFloat() ? given : n.cast(given, DType.F64);
        var max = reduce(n, ReduceOp.MAX, x, axes);
        var zero = n.splat(x.type().dtype(), max.type().shape(), 0);
        var finite = n.binary(BinaryOp.LT, n.unary(UnaryOp.ABS, max), Double.POSITIVE_INFINITY);
        var shift = n.select(finite, max, zero);
        var sum = sum(n, n.unary(UnaryOp.EXP, n.binary(BinaryOp.SUB, x, shift)), axes);
        return n.cast(n.binary(BinaryOp.ADD, n.unary(UnaryOp.LOG, sum), shift), type);
    }

    private static Value mean(OnnxNode n, Value x, List<Integer> axes) {
        long count = axes.stream().mapToLong(a -> x.type().shape().dim(a)).reduce(1, (a, b) -> a * b);
        return n.binary(BinaryOp.DIV, sum(n, x, axes), count);
    }

    /** Axes became an input with opset 13 (ReduceSum) and 18; none means all, unless the attribute says it means none. */
    private static OperatorRule.OfTensors reduce(Kept kept) {
        return n -> {
            var x = n.input(0);
            int rank = x.type().shape().rank();
            var given = n.has(1) ? n.longs(1) : n.attributes().integers("axes").orElse(List.of());
            boolean all = given.isEmpty() && n.attributes().integer("noop_with_empty_axes", 0) == 0;
            var axes = all
                    ? IntStream.range(0, rank).boxed().toList()
                    : given.stream()
                            .map(a -> n.axis(a, rank))
                            .distinct()
                            .sorted()
                            .toList();
            var result = kept.build(n, x, axes);
            if (n.attributes().integer("keepdims", 1) != 0) {
                return List.of(result);
            }
            var dims = new ArrayList<Long>();
            for (int i = 0; i < rank; i++) {
                if (!axes.contains(i)) {
                    dims.add(x.type().shape().dim(i));
                }
            }
            return List.of(n.reshape(result, Shape.of(dims)));
        };
    }

    /** The dimensions over which softmax sums: one since opset 13, all from the axis on before. */
    private static List<Integer> softmaxAxes(OnnxNode n) {
        int rank = n.input(0).type().shape().rank();
        int axis = n.axis(n.attributes().integer("axis", n.since() < 13 ? 1 : -1), rank);
        return n.since() < 13 ? IntStream.range(axis, rank).boxed().toList() : List.of(axis);
    }

    private static List<Value> softmax(OnnxNode n) {
        var axes = softmaxAxes(n);
        var exp = n.unary(UnaryOp.EXP, shifted(n, axes));
        return List.of(asGiven(n, n.binary(BinaryOp.DIV, exp, sum(n, exp, axes))));
    }

    private static List<Value> logSoftmax(OnnxNode n) {
        var axes = softmaxAxes(n);
        var shifted = shifted(n, axes);
        var sum = sum(n, n.unary(UnaryOp.EXP, shifted), axes);
        return List.of(asGiven(n, n.binary(BinaryOp.SUB, shifted, n.unary(UnaryOp.LOG, sum))));
    }

    /** The input less its largest elements; numbers of 16 bits in f32, so that only results are rounded. */
    private static Value shifted(OnnxNode n, List<Integer> axes) {
        var given = n.input(0);
        var x = given.type().dtype().bits() == 16 ? n.cast(given, DType.F32) : given;
        return n.binary(BinaryOp.SUB, x, reduce(n, ReduceOp.MAX, x, axes));
    }

    private static Value asGiven(OnnxNode n, Value result) {
        return n.cast(result, n.input(0).type().dtype());
    }

    private static List<Value> layerNormalization(OnnxNode n) {
        var given = n.input(0);
        int rank = given.type().shape().rank();
        int axis = n.axis(n.attributes().integer("axis", -1), rank);
        var axes = IntStream.range(axis, rank).boxed().toList();
        var x = n.cast(given, DType.F32);
        var mean = mean(n, x, axes);
        var centred = n.binary(BinaryOp.SUB, x, mean);
        var variance = mean(n, n.unary(UnaryOp.SQUARE, centred), axes);
        var deviation = n.unary(
                UnaryOp.SQRT, n.binary(BinaryOp.ADD, variance, n.attributes().real("epsilon", 1e-5f)));
        var scaled =
                n.cast(n.binary(BinaryOp.DIV, centred, deviation), given.type().dtype());
        scaled = n.binary(
                BinaryOp.MUL, scaled, n.broadcast(n.input(1), given.type().shape()));
        scaled = n.has(2)
                ? n.binary(
                        BinaryOp.ADD,
                        scaled,
                        n.broadcast(n.input(2), given.type().shape()))
                : scaled;
        return List.of(scaled, mean, n.unary(UnaryOp.RECIPROCAL, deviation));
    }
}
