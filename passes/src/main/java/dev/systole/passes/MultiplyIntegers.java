package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Graph;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Afterwards products of dequantised numbers of 8 bits are products of these numbers, scaled behind the sum.
 *
 * <p>Integers of 8 bits less their zero points are whole bf16 numbers, and their products add up exactly in fp32 below 2^24. Where a
 * longer sum could reach that it is split: two parts are added as fp32 numbers, which rounds once, as the conversion of the whole sum
 * would; more parts are added as 32-bit integers. Floats of 8 bits are bf16 numbers, too; their products are exact, and the sum is rounded
 * as that of fp32 numbers is. Relies on constants that are not folded into weights yet.
 */
public final class MultiplyIntegers implements GraphPass {
    /** Up to here every whole number is an fp32 number. */
    private static final double MOST_EXACT = 1 << 24;

    /** Products of more parts stay as they are. */
    private static final long MOST_PARTS = 64;

    private static final List<Rewriting.Rule> RULES = List.of(MultiplyIntegers::product, MultiplyIntegers::convolution);

    @Override
    public String name() {
        return "multiply-integers";
    }

    @Override
    public Graph run(Graph graph) {
        return Rewriting.apply(graph, RULES);
    }

    private static Optional<Value> product(Rewriting r, Op op, List<Value> in) {
        if (!op.equals(new Op.MatMul(DType.F32))) {
            return Optional.empty();
        }
        int rank = in.getFirst().type().shape().rank();
        var a = Dequantised.of(r, in.get(0))
                .filter(d -> d.scale().type().shape().dim(rank - 1) == 1);
        var b = Dequantised.of(r, in.get(1))
                .filter(d -> d.scale().type().shape().dim(rank - 2) == 1);
        if (a.isEmpty() || b.isEmpty()) {
            return Optional.empty();
        }
        long terms = in.getFirst().type().shape().dim(rank - 1);
        return parts(a.get(), b.get(), rank - 1, rank - 2, terms, 1).map(size -> {
            var left = r.cast(a.get().narrow(), DType.BF16);
            var right = r.cast(b.get().narrow(), DType.BF16);
            var sums = new ArrayList<Value>();
            for (long start = 0; start < terms; start += size) {
                long some = Math.min(size, terms - start);
                sums.add(r.add(op, r.slice(left, rank - 1, start, some, 1), r.slice(right, rank - 2, start, some, 1)));
            }
            return scaled(r, total(r, sums), a.get().scale(), b.get().scale());
        });
    }

    /** The scale of the input is one number, that of the weights one for each output channel at most. */
    private static Optional<Value> convolution(Rewriting r, Op op, List<Value> in) {
        if (!(op instanceof Op.Convolution c) || in.getFirst().type().dtype() != DType.F32) {
            return Optional.empty();
        }
        var x = Dequantised.of(r, in.get(0))
                .filter(d -> d.scale().type().shape().elements() == 1);
        var w = Dequantised.of(r, in.get(1))
                .filter(d -> variesAtMostAlong(d.scale().type().shape(), 0));
        if (x.isEmpty() || w.isEmpty()) {
            return Optional.empty();
        }
        var window = in.get(1).type().shape();
        long channels = window.dim(1);
        long volume = window.elements() / Math.max(1, window.dim(0) * channels);
        return parts(x.get(), w.get(), 1, 1, channels, volume)
                .filter(size -> size == channels || c.groups() == 1)
                .map(size -> {
                    var narrow = r.cast(x.get().narrow(), DType.BF16);
                    var weights = r.cast(w.get().narrow(), DType.BF16);
                    var sums = new ArrayList<Value>();
                    for (long start = 0; start < channels; start += size) {
                        long some = Math.min(size, channels - start);
                        sums.add(r.add(
                                op,
                                size == channels ? narrow : r.slice(narrow, 1, start, some, 1),
                                r.slice(weights, 1, start, some, 1)));
                    }
                    long outputs = w.get().scale().type().shape().dim(0);
                    var channel = Shape.of(ones(window.rank())).with(1, outputs);
                    return scaled(
                            r,
                            total(r, sums),
                            x.get().scale(),
                            r.reshape(w.get().scale(), channel));
                });
    }

    private static boolean variesAtMostAlong(Shape shape, int axis) {
        return shape.elements() == shape.dim(axis);
    }

    /**
     * How many terms of the contracted dimensions one sum takes, exact if all are whole, if at least one.
     *
     * @param each products for each of these terms
     */
    private static Optional<Long> parts(Dequantised a, Dequantised b, int left, int right, long terms, long each) {
        if (terms == 0) {
            return Optional.empty();
        }
        if (!a.areWhole() || !b.areWhole()) {
            return Optional.of(terms);
        }
        for (long count = 1; count <= Math.min(terms, MOST_PARTS); count++) {
            long size = Math.ceilDiv(terms, count);
            double most = b.greatestSum(right, size, each) * a.greatest();
            if (a.isKnown()) {
                most = Math.min(most, a.greatestSum(left, size, each) * b.greatest());
            }
            if (most <= MOST_EXACT) {
                return Optional.of(size);
            }
        }
        return Optional.empty();
    }

    private static Value total(Rewriting r, List<Value> sums) {
        if (sums.size() <= 2) {
            return sums.stream().reduce((a, b) -> r.binary(BinaryOp.ADD, a, b)).orElseThrow();
        }
        var whole = sums.stream()
                .map(s -> r.cast(s, DType.I32))
                .reduce((a, b) -> r.binary(BinaryOp.ADD, a, b))
                .orElseThrow();
        return r.cast(whole, DType.F32);
    }

    private static Value scaled(Rewriting r, Value sum, Value a, Value b) {
        var shape = common(a.type().shape(), b.type().shape());
        var scale = r.binary(BinaryOp.MUL, r.broadcast(a, shape), r.broadcast(b, shape));
        return r.binary(BinaryOp.MUL, sum, r.broadcast(scale, sum.type().shape()));
    }

    private static Shape common(Shape a, Shape b) {
        return Shape.of(LongStream.range(0, a.rank())
                .map(i -> Math.max(a.dim((int) i), b.dim((int) i)))
                .boxed()
                .toList());
    }

    static List<Long> ones(int rank) {
        return Collections.nCopies(rank, 1L);
    }
}
