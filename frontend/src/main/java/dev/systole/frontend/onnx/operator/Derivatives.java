package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What an operation adds to the gradient of an operand, one rule for each primitive. */
final class Derivatives {
    private Derivatives() {}

    /**
     * The gradient of an operand.
     *
     * @param i the operand
     * @param g the gradient of the first result
     * @return empty where the result does not vary with the operand
     */
    static Optional<Value> of(OnnxNode n, Node node, int i, Value g) {
        var x = node.input(i);
        var shape = x.type().shape();
        return switch (node.op()) {
            case Op.Unary(var f) -> unary(n, f, x, node.output(), g);
            case Op.Binary(var f) -> binary(n, f, node, i, g);
            case Op.Select() -> Optional.of(selected(n, node.input(0), g, i == 1));
            case Op.Cast(var to, var saturate) -> Optional.of(n.cast(g, x.type().dtype()));
            case Op.Relayout() -> Optional.of(g);
            case Op.Reshape(var to) -> Optional.of(n.reshape(g, shape));
            case Op.Broadcast(var to) -> Optional.of(sum(n, g, stretched(shape, to)));
            case Op.Transpose(var order) -> Optional.of(n.transpose(g, inverse(order)));
            case Op.Slice slice -> Optional.of(placed(n, g, slice, shape));
            case Op.Pad(var low, var high) -> Optional.of(i == 0 ? middle(n, g, low, shape) : margin(n, node, low, g));
            case Op.Concat(var axis) -> Optional.of(part(n, node, i, axis, g));
            case Op.Gather() -> Optional.of(rows(n, node, g));
            case Op.GatherElements(var axis) -> Optional.of(elements(n, shape, node.input(1), axis, g));
            case Op.TopK top -> Optional.of(elements(n, shape, node.outputs().get(1), top.axis(), g));
            case Op.Sort sort -> Optional.of(elements(n, shape, node.outputs().get(1), sort.axis(), g));
            case Op.Scatter(var mode) -> Optional.of(scattered(n, mode, node, i, g));
            case Op.Reduce(var f, var axes) -> Optional.of(reduced(n, f, axes, x, node.output(), g));
            case Op.Scan(var f, var axis, var exclusive, var reverse)
            when f == ReduceOp.SUM -> Optional.of(n.add(new Op.Scan(f, axis, exclusive, !reverse), g));
            case Op.MatMul m ->
                Optional.of(matMul(n, node, i, n.cast(g, x.type().dtype())));
            case Op.Convolution c ->
                Optional.of(WindowDerivatives.convolution(
                        n, c, node, i, n.cast(g, x.type().dtype())));
            case Op.WindowReduce w -> Optional.of(WindowDerivatives.reduced(n, w, x, node.output(), g));
            case Op.Recurrence(var axis) -> Optional.of(recurrence(n, node, i, axis, g));
            case Op.Scan s -> throw unknown(n, node);
            case Op.If f -> throw unknown(n, node);
            case Op.Loop l -> throw unknown(n, node);
            case Op.Fused f -> throw unknown(n, node);
            case Op.Constant c -> Optional.empty();
            case Op.Iota t -> Optional.empty();
            case Op.Random r -> Optional.empty();
            case Op.ArgReduce a -> Optional.empty();
            case Op.Bitcast b -> Optional.empty();
            case Op.Unpack u -> Optional.empty();
            case Op.Pack p -> Optional.empty();
        };
    }

    private static RuntimeException unknown(OnnxNode n, Node node) {
        return n.fault("the derivative of " + node.op().mnemonic() + " (" + node.location() + ") is not supported");
    }

    private static Optional<Value> unary(OnnxNode n, UnaryOp f, Value x, Value y, Value g) {
        return switch (f) {
            case SIGN, FLOOR, CEIL, ROUND, NOT, BIT_NOT -> Optional.empty();
            case RELU -> Optional.of(selected(n, n.binary(BinaryOp.GT, x, 0), g, true));
            default -> Optional.of(mul(n, g, Slopes.of(n, f, x, y)));
        };
    }

    private static Value mul(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.MUL, a, b);
    }

    private static Value div(OnnxNode n, Value a, Value b) {
        return n.binary(BinaryOp.DIV, a, b);
    }

    /** g where the condition is as it should be, 0 elsewhere. */
    private static Value selected(OnnxNode n, Value condition, Value g, boolean expected) {
        var zero = n.scalar(g.type().dtype(), 0);
        return expected ? n.select(condition, g, zero) : n.select(condition, zero, g);
    }

    private static Optional<Value> binary(OnnxNode n, BinaryOp f, Node node, int i, Value g) {
        var a = node.input(0);
        var b = node.input(1);
        var y = node.output();
        boolean first = i == 0;
        return Optional.ofNullable(
                switch (f) {
                    case ADD -> g;
                    case SUB -> first ? g : n.unary(UnaryOp.NEG, g);
                    case MUL -> mul(n, g, first ? b : a);
                    case DIV -> first ? div(n, g, b) : n.unary(UnaryOp.NEG, mul(n, g, div(n, y, b)));
                    case POW -> mul(n, g, first ? baseSlope(n, a, b) : exponentSlope(n, a, y));
                    case REM -> first ? g : n.unary(UnaryOp.NEG, mul(n, g, div(n, n.binary(BinaryOp.SUB, a, y), b)));
                    case MAX -> selected(n, n.binary(BinaryOp.GE, a, b), g, first);
                    case MIN -> selected(n, n.binary(BinaryOp.LE, a, b), g, first);
                    default -> null;
                });
    }

    private static Value baseSlope(OnnxNode n, Value a, Value b) {
        return mul(n, b, n.binary(BinaryOp.POW, a, n.binary(BinaryOp.SUB, b, 1)));
    }

    /** y log(a), and 0 where there is no logarithm. */
    private static Value exponentSlope(OnnxNode n, Value a, Value y) {
        var positive = n.binary(BinaryOp.GT, a, 0);
        var logarithm =
                n.unary(UnaryOp.LOG, n.select(positive, a, n.scalar(a.type().dtype(), 1)));
        return mul(n, y, logarithm);
    }

    static Value sum(OnnxNode n, Value x, List<Integer> axes) {
        return axes.isEmpty() ? x : n.add(new Op.Reduce(ReduceOp.SUM, axes), x);
    }

    private static List<Integer> stretched(Shape from, Shape to) {
        return IntStream.range(0, to.rank())
                .filter(d -> from.dim(d) != to.dim(d))
                .boxed()
                .toList();
    }

    static List<Integer> inverse(List<Integer> order) {
        return IntStream.range(0, order.size()).map(order::indexOf).boxed().toList();
    }

    /** The gradient of a slice at its place among zeros. */
    private static Value placed(OnnxNode n, Value g, Op.Slice slice, Shape shape) {
        for (int d = 0; d < shape.rank(); d++) {
            long size = slice.sizes().get(d);
            long step = slice.steps().get(d);
            long start = slice.starts().get(d);
            if (step < 0 && size > 0) {
                g = n.slice(g, d, size - 1, size, -1);
                start += (size - 1) * step;
            }
            g = spread(n, g, d, Math.abs(step));
            long covered = g.type().shape().dim(d);
            long low = size == 0 ? 0 : start;
            g = margins(n, g, d, low, shape.dim(d) - low - covered);
        }
        return g;
    }

    /** The elements along an axis {@code step} apart, with zeros between. */
    static Value spread(OnnxNode n, Value x, int axis, long step) {
        var shape = x.type().shape();
        long size = shape.dim(axis);
        if (step == 1 || size < 2) {
            return x;
        }
        var dims = new ArrayList<>(shape.dims().asList());
        dims.add(axis + 1, 1L);
        var apart = margins(n, n.reshape(x, Shape.of(dims)), axis + 1, 0, step - 1);
        var flat = n.reshape(apart, shape.with(axis, Math.multiplyExact(size, step)));
        return n.slice(flat, axis, 0, (size - 1) * step + 1);
    }

    /** x with zeros before and after it along an axis; negative counts take elements away. */
    static Value margins(OnnxNode n, Value x, int axis, long low, long high) {
        long size = x.type().shape().dim(axis);
        long from = Math.max(0, -low);
        x = n.slice(x, axis, from, size - from - Math.max(0, -high));
        if (low <= 0 && high <= 0) {
            return x;
        }
        var before = new ArrayList<>(Collections.nCopies(x.type().shape().rank(), 0L));
        var after = new ArrayList<>(before);
        before.set(axis, Math.max(0, low));
        after.set(axis, Math.max(0, high));
        return n.add(new Op.Pad(before, after), x, n.scalar(x.type().dtype(), 0));
    }

    private static Value middle(OnnxNode n, Value g, List<Long> low, Shape shape) {
        var steps = Collections.nCopies(shape.rank(), 1L);
        return n.add(
                new Op.Slice(
                        shape.elements() == 0 ? zeros(low) : low, shape.dims().asList(), steps),
                g);
    }

    private static List<Long> zeros(List<Long> like) {
        return Collections.nCopies(like.size(), 0L);
    }

    /** What is padded with occurs wherever the padded tensor does not. */
    private static Value margin(OnnxNode n, Node node, List<Long> low, Value g) {
        var inside = total(n, middle(n, g, low, node.input(0).type().shape()));
        return n.binary(BinaryOp.SUB, total(n, g), inside);
    }

    private static Value total(OnnxNode n, Value x) {
        return n.reshape(
                sum(n, x, IntStream.range(0, x.type().shape().rank()).boxed().toList()), Shape.SCALAR);
    }

    private static Value part(OnnxNode n, Node node, int i, int axis, Value g) {
        long start = 0;
        for (int before = 0; before < i; before++) {
            start += node.input(before).type().shape().dim(axis);
        }
        long size = node.input(i).type().shape().dim(axis);
        return n.slice(g, axis, size == 0 ? 0 : start, size);
    }

    /** Rows add up where they were taken from. */
    private static Value rows(OnnxNode n, Node node, Value g) {
        var data = node.input(0).type();
        long count = node.input(1).type().shape().elements();
        var indices = n.reshape(node.input(1), Shape.of(count));
        var updates = n.reshape(g, data.shape().with(0, count));
        return n.add(new Op.Scatter(Op.ScatterMode.ADD), n.splat(data.dtype(), data.shape(), 0), indices, updates);
    }

    /** Elements add up where they were taken from along an axis. */
    private static Value elements(OnnxNode n, Shape shape, Value indices, int axis, Value g) {
        var taken = indices.type().shape();
        var strides = shape.strides();
        var at = n.binary(BinaryOp.MUL, n.cast(indices, DType.I64), strides[axis]);
        for (int d = 0; d < shape.rank(); d++) {
            if (d != axis) {
                var place = n.add(new Op.Iota(new TensorType(DType.I64, taken), d));
                at = n.binary(BinaryOp.ADD, at, n.binary(BinaryOp.MUL, place, strides[d]));
            }
        }
        var flat = n.splat(g.type().dtype(), Shape.of(shape.elements()), 0);
        var count = Shape.of(taken.elements());
        var sums = n.add(new Op.Scatter(Op.ScatterMode.ADD), flat, n.reshape(at, count), n.reshape(g, count));
        return n.reshape(sums, shape);
    }

    private static Value scattered(OnnxNode n, Op.ScatterMode mode, Node node, int i, Value g) {
        var indices = node.input(1);
        var updates = node.input(2).type();
        if (mode == Op.ScatterMode.ADD) {
            return i == 0 ? g : n.add(new Op.Gather(), g, indices);
        }
        if (mode != Op.ScatterMode.REPLACE) {
            throw unknown(n, node);
        }
        if (i == 0) {
            return n.add(new Op.Scatter(mode), g, indices, n.splat(g.type().dtype(), updates.shape(), 0));
        }
        // Of updates of one row only the last counts.
        long count = updates.shape().dim(0);
        var numbers = n.iota(count);
        var none = n.splat(DType.I64, Shape.of(node.input(0).type().shape().dim(0)), -1);
        var last = n.add(new Op.Gather(), n.add(new Op.Scatter(mode), none, indices, numbers), indices);
        var dims = new ArrayList<>(Collections.nCopies(updates.shape().rank(), 1L));
        dims.set(0, count);
        var counts = n.reshape(n.binary(BinaryOp.EQ, last, numbers), Shape.of(dims));
        return selected(n, counts, n.add(new Op.Gather(), g, indices), true);
    }

    private static Value reduced(OnnxNode n, ReduceOp f, List<Integer> axes, Value x, Value y, Value g) {
        var shape = x.type().shape();
        return switch (f) {
            case SUM -> n.broadcast(g, shape);
            case PROD -> mul(n, others(n, x, axes), g);
            case MAX, MIN -> {
                // Equal elements share.
                var same = n.binary(BinaryOp.EQ, x, y);
                var count = sum(n, n.cast(same, x.type().dtype()), axes);
                yield selected(n, same, n.broadcast(div(n, g, count), shape), true);
            }
        };
    }

    /** For each element the product of the others that are reduced with it. */
    private static Value others(OnnxNode n, Value x, List<Integer> axes) {
        var shape = x.type().shape();
        var order = new ArrayList<Integer>();
        IntStream.range(0, shape.rank()).filter(d -> !axes.contains(d)).forEach(order::add);
        var dims = new ArrayList<>(order.stream().map(shape::dim).toList());
        dims.add(axes.stream().mapToLong(shape::dim).reduce(1, Math::multiplyExact));
        order.addAll(axes);
        var ordered = n.transpose(x, order);
        var lines = n.reshape(ordered, Shape.of(dims));
        int last = dims.size() - 1;
        var before = n.add(new Op.Scan(ReduceOp.PROD, last, true, false), lines);
        var after = n.add(new Op.Scan(ReduceOp.PROD, last, true, true), lines);
        return n.transpose(n.reshape(mul(n, before, after), ordered.type().shape()), inverse(order));
    }

    /** An element adds to all behind it, by way of their factors: a recurrence from the last element to the first. */
    private static Value recurrence(OnnxNode n, Node node, int i, int axis, Value g) {
        var factor = node.input(0);
        long length = factor.type().shape().dim(axis);
        if (length == 0) {
            return n.splat(g.type().dtype(), node.input(i).type().shape(), 0);
        }
        var next = margins(n, factor, axis, -1, 1);
        var none = n.splat(g.type().dtype(), g.type().shape().with(axis, 1), 0);
        var backward = n.add(
                new Op.Recurrence(axis),
                n.slice(next, axis, length - 1, length, -1),
                n.slice(g, axis, length - 1, length, -1),
                none);
        var total = n.slice(backward, axis, length - 1, length, -1);
        return switch (i) {
            case 0 ->
                mul(n, total, n.concat(axis, List.of(node.input(2), n.slice(node.output(), axis, 0, length - 1))));
            case 1 -> total;
            default -> mul(n, n.slice(total, axis, 0, 1), n.slice(factor, axis, 0, 1));
        };
    }

    private static Value matMul(OnnxNode n, Node node, int i, Value g) {
        var product = new Op.MatMul(g.type().dtype());
        return i == 0 ? n.add(product, g, swapped(n, node.input(1))) : n.add(product, swapped(n, node.input(0)), g);
    }

    private static Value swapped(OnnxNode n, Value x) {
        int rank = x.type().shape().rank();
        var order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        Collections.swap(order, rank - 2, rank - 1);
        return n.transpose(x, order);
    }
}
