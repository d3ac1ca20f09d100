package dev.systole.passes;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.GraphInterpreter;
import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A value of fp32 numbers that is a scale times numbers of 8 bits at most: integers less a zero point, or floats.
 *
 * @param narrow the numbers, as fp32
 * @param scale of the same rank, constant or computed, whose extents are those of the value where it varies, else 1
 * @param areWhole true for integers
 * @param greatest magnitude that integers less their zero point can have; of floats nothing is said
 * @param known the integers less their zero point, if they are constant
 */
record Dequantised(Value narrow, Value scale, boolean areWhole, double greatest, Optional<Tensor> known) {

    static Optional<Dequantised> of(Rewriting r, Value v) {
        var node = r.definition(v).orElse(null);
        if (node == null || v.type().dtype() != DType.F32) {
            return Optional.empty();
        }
        return switch (node.op()) {
            case Op.Binary(var f) when f == BinaryOp.MUL -> scaled(r, node.input(0), node.input(1));
            case Op.Transpose(var permutation) ->
                of(r, node.input(0)).map(d -> d.viewed(r, node.op(), r.transpose(d.scale, permutation)));
            case Op.Reshape(var to) -> of(r, node.input(0)).flatMap(d -> d.reshaped(r, node.op(), to));
            case Op.Broadcast o ->
                of(r, node.input(0))
                        .map(d ->
                                new Dequantised(r.add(o, d.narrow), d.scale, d.areWhole, d.greatest, Optional.empty()));
            default -> Optional.empty();
        };
    }

    boolean isKnown() {
        return known.isPresent();
    }

    /**
     * The greatest sum of magnitudes over the dimension and, of constants, over all that come behind it.
     *
     * @param size of the parts of the dimension that are added apart
     * @param each elements for each one of the dimension
     */
    double greatestSum(int axis, long size, long each) {
        if (known.isEmpty()) {
            return greatest * size * each;
        }
        var tensor = known.get();
        var shape = tensor.type().shape();
        long extent = shape.dim(axis);
        long inner = LongStream.range(axis + 1L, shape.rank())
                .map(i -> shape.dim((int) i))
                .reduce(1, Math::multiplyExact);
        boolean together = each > 1;
        long columns = together ? 1 : inner;
        long outer = shape.elements() / Math.max(1, extent * inner);
        double most = 0;
        for (long o = 0; o < outer; o++) {
            for (long first = 0; first < extent; first += size) {
                var sums = new double[Math.toIntExact(columns)];
                for (long k = first; k < Math.min(extent, first + size); k++) {
                    for (long i = 0; i < inner; i++) {
                        sums[together ? 0 : (int) i] +=
                                Math.abs(Elements.readDouble(tensor.bytes(), (o * extent + k) * inner + i, DType.F32));
                    }
                }
                for (double sum : sums) {
                    most = Math.max(most, sum);
                }
            }
        }
        return most;
    }

    private static Optional<Dequantised> scaled(Rewriting r, Value x, Value factor) {
        var scale = unspread(r, factor);
        var node = r.definition(x).orElse(null);
        if (node == null || !node.op().equals(new Op.Binary(BinaryOp.SUB))) {
            return widened(r, x)
                    .filter(Dequantised::isFloat)
                    .map(type -> new Dequantised(x, scale, false, 0, Optional.empty()))
                    .or(() -> integer(r, x)
                            .map(type -> new Dequantised(
                                    x,
                                    scale,
                                    true,
                                    type.isSigned() ? -least(type) : span(type),
                                    r.definition(x).flatMap(n -> constantOf(r, n)))));
        }
        var zero = unspread(r, node.input(1));
        return integer(r, node.input(0))
                .flatMap(type -> constant(r, zero)
                        .map(known -> shifted(r, x, scale, type, known, node))
                        .orElseGet(() -> integer(r, unshaped(r, zero))
                                .filter(type::equals)
                                .map(t -> new Dequantised(x, scale, true, span(t), Optional.empty()))));
    }

    private static double least(DType type) {
        return type.isSigned() ? -Math.scalb(1.0, type.bits() - 1) : 0;
    }

    /** The difference between the greatest and the least number of a type. */
    private static double span(DType type) {
        return Math.scalb(1.0, type.bits()) - 1;
    }

    /** Zero points are whole numbers of the same type, so no difference is beyond the type's span. */
    private static Optional<Dequantised> shifted(
            Rewriting r, Value x, Value scale, DType type, Tensor zero, Node difference) {
        double low = least(type);
        double span = span(type);
        double greatest = 0;
        for (long i = 0; i < zero.type().shape().elements(); i++) {
            double z = Elements.readDouble(zero.bytes(), i, zero.type().dtype());
            if (z != Math.rint(z) || z < low || z > low + span) {
                return Optional.empty();
            }
            greatest = Math.max(greatest, Math.max(z - low, low + span - z));
        }
        var known = r.definition(difference.input(0))
                .flatMap(n -> constantOf(r, n))
                .map(wide -> {
                    var spread = GraphInterpreter.evaluate(
                                    new Op.Broadcast(wide.type().shape()), List.of(zero), List.of(wide.type()))
                            .getFirst();
                    return GraphInterpreter.evaluate(difference.op(), List.of(wide, spread), List.of(wide.type()))
                            .getFirst();
                });
        return Optional.of(new Dequantised(x, scale, true, greatest, known));
    }

    /** The type of integers of 8 bits at most that are cast to fp32. */
    private static Optional<DType> integer(Rewriting r, Value x) {
        return widened(r, x).filter(t -> t.isInteger() && t.bits() <= 8);
    }

    private static Optional<DType> widened(Rewriting r, Value x) {
        return r.definition(x)
                .filter(n -> n.op() instanceof Op.Cast)
                .map(n -> n.input(0).type().dtype());
    }

    /** True for floats of few digits and a range so small that no sum of their products leaves that of fp32. */
    private static boolean isFloat(DType dtype) {
        return dtype.isFloat() && dtype.bits() <= 8 && dtype != DType.F8E8M0;
    }

    /** The value of a cast of a constant. */
    private static Optional<Tensor> constantOf(Rewriting r, Node cast) {
        return constant(r, cast.input(0)).map(t -> {
            var type = t.type().with(DType.F32);
            return GraphInterpreter.evaluate(cast.op(), List.of(t), List.of(type))
                    .getFirst();
        });
    }

    private static Optional<Tensor> constant(Rewriting r, Value v) {
        return r.definition(v)
                .map(Node::op)
                .filter(Op.Constant.class::isInstance)
                .map(op -> ((Op.Constant) op).value());
    }

    private static Value unshaped(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n -> n.op() instanceof Op.Reshape)
                .map(n -> unshaped(r, n.input(0)))
                .orElse(v);
    }

    /** What a broadcast spreads, or the value itself. */
    private static Value unspread(Rewriting r, Value v) {
        return r.definition(v)
                .filter(n -> n.op() instanceof Op.Broadcast)
                .map(n -> n.input(0))
                .orElse(v);
    }

    private Dequantised viewed(Rewriting r, Op view, Value scale) {
        var viewed = r.add(view, narrow);
        return new Dequantised(
                viewed,
                scale,
                areWhole,
                greatest,
                known.map(t -> GraphInterpreter.evaluate(view, List.of(t), List.of(viewed.type()))
                        .getFirst()));
    }

    /** The dimension along which the scale varies must still be there, with as many elements before it. */
    private Optional<Dequantised> reshaped(Rewriting r, Op reshape, Shape to) {
        var from = narrow.type().shape();
        var varying = IntStream.range(0, from.rank())
                .filter(i -> scale.type().shape().dim(i) != 1)
                .toArray();
        var dims = new ArrayList<>(MultiplyIntegers.ones(to.rank()));
        if (varying.length == 1) {
            var place = place(from, varying[0], to);
            if (place.isEmpty()) {
                return Optional.empty();
            }
            dims.set(place.getAsInt(), from.dim(varying[0]));
        }
        return varying.length > 1
                ? Optional.empty()
                : Optional.of(viewed(r, reshape, r.reshape(scale, Shape.of(dims))));
    }

    private static OptionalInt place(Shape from, int axis, Shape to) {
        return IntStream.range(0, to.rank())
                .filter(i -> to.dim(i) == from.dim(axis) && before(to, i) == before(from, axis))
                .findFirst();
    }

    private static long before(Shape shape, int axis) {
        return LongStream.range(0, axis).map(i -> shape.dim((int) i)).reduce(1, (a, b) -> a * b);
    }
}
