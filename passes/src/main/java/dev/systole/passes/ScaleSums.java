package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.target.Target;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Afterwards products with dequantised weights of less than a byte are products with the weights' own small numbers, scaled behind the
 * sums: always if the scale does not vary along the sum; if it varies in blocks, for few rows, of which each is a row for each block then
 * that holds its elements of that block and zeros. So a scale multiplies a sum and not every weight, and is never repeated. The small
 * numbers are exact in every type that is multiplied, so that the result is rounded less often than the model's own. Scales are constants
 * of like magnitudes: a power of two below them stays with the other operand, so that no sum overflows that would not with the scaled weights.
 * Relies on constants that are not folded into weights yet.
 */
public record ScaleSums(Target target) implements GraphPass {
    /** Elements of the sum, at least, that make it worth while to add the sums of parts. */
    private static final long SHORTEST_PART = 512;

    /** What scales may differ by from each other and from 1: far less than the range of fp32. */
    private static final double MOST_APART = 0x1p24;

    private static final double MOST = 0x1p60;

    @Override
    public String name() {
        return "scale-sums";
    }

    @Override
    public Graph run(Graph graph) {
        return Rewriting.apply(graph, List.of(this::product));
    }

    /**
     * What dequantised weights consist of.
     *
     * @param whole numbers of less than a byte, less a zero point perhaps
     * @param scale of the same rank, whose extents are those of the numbers where it varies, else 1
     * @param power of two in the scale that the other operand takes
     */
    private record Scaled(Value whole, Value scale, double power) {}

    private Optional<Value> product(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.MatMul(var result)) || in.get(0).type().shape().rank() != 2) {
            return Optional.empty();
        }
        var weights = r.definition(in.get(1))
                .filter(n -> n.op() instanceof Op.Cast && n.input(0).type().dtype() == DType.F32)
                .map(n -> n.input(0))
                .orElse(in.get(1));
        var reshaped = r.definition(weights).filter(n -> n.op() instanceof Op.Reshape);
        var x = in.get(0);
        var of = scaled(r, reshaped.map(n -> n.input(0)).orElse(weights))
                .flatMap(w -> withPower(r, w, x.type().dtype()));
        var product = reshaped.isPresent()
                ? of.flatMap(w -> inBlocks(r, x, w, weights.type().shape()))
                : of.flatMap(w -> asOne(r, x, w));
        return product.map(y -> r.cast(y, result));
    }

    /** The same with the power of two that the other operand is to take; products with fp16 numbers are far from the ends of fp32. */
    private static Optional<Scaled> withPower(Rewriting r, Scaled w, DType other) {
        return power(r, w.scale).map(p -> new Scaled(w.whole, w.scale, other == DType.F16 ? 1 : p));
    }

    /** The greatest power of two up to 1 that no scale but 0 is below; empty if scales are not known, or too far apart. */
    private static Optional<Double> power(Rewriting r, Value scale) {
        return constant(r, scale).flatMap(t -> {
            double least = Double.POSITIVE_INFINITY;
            double most = 0;
            for (long i = 0; i < t.type().shape().elements(); i++) {
                double s = Math.abs(Elements.readDouble(t.bytes(), i, t.type().dtype()));
                if (Double.isNaN(s)) {
                    return Optional.empty();
                }
                least = s > 0 ? Math.min(least, s) : least;
                most = Math.max(most, s);
            }
            return most <= Math.min(MOST, least * MOST_APART) && least >= 1 / MOST && most > 0
                    ? Optional.of(Math.min(1, Math.scalb(1.0, Math.getExponent(least))))
                    : Optional.empty();
        });
    }

    /** The value of a constant, seen through views and casts. */
    private static Optional<Tensor> constant(Rewriting r, Value v) {
        return r.definition(v).flatMap(n -> switch (n.op()) {
            case Op.Constant(var tensor) -> Optional.of(tensor);
            case Op.Cast o -> evaluated(r, n);
            default -> n.op().isView() ? evaluated(r, n) : Optional.empty();
        });
    }

    private static Optional<Tensor> evaluated(Rewriting r, Node node) {
        return constant(r, node.input(0))
                .map(t -> GraphInterpreter.evaluate(node.op(), List.of(t), List.of(node.type()))
                        .getFirst());
    }

    /** The sums of products with the weights' numbers, which any type of the other operand holds. */
    private static Value sums(Rewriting r, Value x, Value whole) {
        return r.add(new Op.MatMul(DType.F32), x, r.cast(whole, x.type().dtype()));
    }

    private static Optional<Scaled> scaled(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n -> n.op().equals(new Op.Binary(BinaryOp.MUL)) && isNarrow(r, n.input(0)))
                .map(n -> new Scaled(n.input(0), unspread(r, n.input(1)), 1));
    }

    /** True for many constant numbers of less than a byte as fp32 numbers, or for what a zero point leaves of them. */
    private static boolean isNarrow(Rewriting r, Value v) {
        var node = r.definition(v).orElse(null);
        if (node == null) {
            return false;
        }
        if (node.op().equals(new Op.Binary(BinaryOp.SUB))) {
            return isNarrow(r, node.input(0));
        }
        return node.op().equals(new Op.Cast(DType.F32, false))
                && node.input(0).type().dtype().bits() < 8
                && node.type().shape().elements() > FoldConstants.SMALL_BYTES
                && isConstant(r, node.input(0));
    }

    /** True for what is a constant once constants are folded. */
    private static boolean isConstant(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n -> n.op() instanceof Op.Constant
                        || (n.op().isView() || n.op() instanceof Op.Cast) && isConstant(r, n.input(0)))
                .isPresent();
    }

    private static Value unspread(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n -> n.op() instanceof Op.Broadcast)
                .map(n -> n.input(0))
                .orElse(v);
    }

    /** The other operand times the power of two that it takes. */
    private static Value reduced(Rewriting r, Value x, Scaled w) {
        return times(r, x, w.power);
    }

    /** The scale without the power of two that the other operand takes. */
    private static Value rest(Rewriting r, Scaled w) {
        return times(r, w.scale, 1 / w.power);
    }

    private static Value times(Rewriting r, Value x, double factor) {
        var type = x.type();
        return factor == 1 ? x : r.binary(BinaryOp.MUL, x, r.splat(type.dtype(), type.shape(), factor));
    }

    /** A scale for each column, or for all. */
    private static Optional<Value> asOne(Rewriting r, Value x, Scaled w) {
        if (w.whole.type().shape().rank() != 2 || w.scale.type().shape().dim(0) != 1) {
            return Optional.empty();
        }
        var sum = sums(r, reduced(r, x, w), w.whole);
        return Optional.of(
                r.binary(BinaryOp.MUL, sum, r.broadcast(rest(r, w), sum.type().shape())));
    }

    /** Weights [blocks, elements, columns] with a scale for each block and column, or for each block. */
    private Optional<Value> inBlocks(Rewriting r, Value x, Scaled w, Shape matrix) {
        var shape = w.whole.type().shape();
        if (shape.rank() != 3
                || matrix.rank() != 2
                || shape.dim(2) != matrix.dim(1)
                || w.scale.type().shape().dim(1) != 1
                || w.scale.type().shape().dim(0) != shape.dim(0)) {
            return Optional.empty();
        }
        return together(x.type().shape().dim(0), shape).map(count -> {
            var own = reduced(r, x, w);
            var parts = new Scaled(w.whole, rest(r, w), 1);
            return LongStream.range(0, shape.dim(0) / count)
                    .mapToObj(i -> part(r, own, parts, i * count, count))
                    .reduce((a, b) -> r.binary(BinaryOp.ADD, a, b))
                    .orElseThrow();
        });
    }

    /** Blocks whose sums are a product of their own: as many as the array has rows for, and SBUF has room for twice, if that is worth while. */
    private Optional<Long> together(long rows, Shape shape) {
        var memory = target.memory();
        long room = memory.sbufBytesPerPartition() * memory.partitions() / 3;
        long bytes = shape.dim(1) * shape.dim(2) * DType.F32.bytes();
        long most = Math.min(target.tensor().maxStationaryFree() / Math.max(1, rows), room / bytes);
        return LongStream.rangeClosed(1, Math.min(most, shape.dim(0)))
                .filter(n -> shape.dim(0) % n == 0)
                .boxed()
                .reduce((a, b) -> b)
                .filter(n -> n == shape.dim(0) || n * shape.dim(1) >= SHORTEST_PART);
    }

    /** The product of some blocks, scaled. */
    private static Value part(Rewriting r, Value x, Scaled w, long first, long count) {
        long rows = x.type().shape().dim(0);
        long size = w.whole.type().shape().dim(1);
        long columns = w.whole.type().shape().dim(2);
        var own = r.slice(x, 1, first * size, count * size, 1);
        var apart = apart(r, own, rows, count, size);
        var whole = r.reshape(sliced(r, w.whole, first, count), Shape.of(count * size, columns));
        var sums = sums(r, apart, whole);
        var each = Shape.of(rows, count, columns);
        var scale = r.slice(w.scale, 0, first, count, 1);
        var wide = r.broadcast(
                r.reshape(scale, Shape.of(1, count, scale.type().shape().dim(2))), each);
        var scaled = r.binary(BinaryOp.MUL, sums, r.reshape(wide, Shape.of(rows * count, columns)));
        if (count == 1) {
            return scaled;
        }
        if (rows == 1) {
            return r.add(new Op.MatMul(DType.F32), r.splat(DType.F32, Shape.of(1, count), 1), scaled);
        }
        var total = r.add(
                new Op.MatMul(DType.F32), r.splat(DType.F32, Shape.of(rows, 1, count), 1), r.reshape(scaled, each));
        return r.reshape(total, Shape.of(rows, columns));
    }

    /**
     * A row for each row and block, with the elements of the block and zeros beside; made with the elements along partitions, as the
     * product wants it.
     */
    private static Value apart(Rewriting r, Value x, long rows, long count, long size) {
        if (count == 1) {
            return x;
        }
        long depth = count * size;
        var shape = Shape.of(depth, rows, count);
        var blocks = Shape.of(count, size, count);
        var isOwn = r.binary(BinaryOp.EQ, r.iota(DType.I32, blocks, 0), r.iota(DType.I32, blocks, 2));
        var own = r.broadcast(r.reshape(isOwn, Shape.of(depth, 1, count)), shape);
        var repeated = r.broadcast(r.reshape(r.transpose(x, List.of(1, 0)), Shape.of(depth, rows, 1)), shape);
        var chosen = r.select(own, repeated, r.splat(x.type().dtype(), shape, 0));
        return r.transpose(r.reshape(chosen, Shape.of(depth, rows * count)), List.of(1, 0));
    }

    /** Some blocks of what is computed from constants, as computed from parts of the constants. */
    private static Value sliced(Rewriting r, Value v, long first, long count) {
        if (v.type().shape().dim(0) == 1) {
            return v;
        }
        var node = r.definition(v).filter(n -> n.op().isElementwise() || n.op() instanceof Op.Broadcast);
        return node.map(n -> sliced(r, n, first, count)).orElseGet(() -> r.slice(v, 0, first, count, 1));
    }

    private static Value sliced(Rewriting r, Node node, long first, long count) {
        var in = new ArrayList<Value>();
        node.inputs().forEach(v -> in.add(sliced(r, v, first, count)));
        var op = node.op() instanceof Op.Broadcast(var shape) ? new Op.Broadcast(shape.with(0, count)) : node.op();
        return r.add(op, in.toArray(Value[]::new));
    }
}
