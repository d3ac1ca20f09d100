package dev.systole.passes;

import dev.systole.ir.graph.Node;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Which values are certainly whole numbers, and how large they can be. Mutable: what was found of a graph that is being built. */
final class WholeNumbers {
    /** Operations that are followed back; of what depends on more nothing is known. */
    private static final int DEEPEST = 200;

    /** Up to here bf16 has every whole number. */
    private static final double MOST_KEPT = 256;

    private final Rewriting r;
    private final Map<Value, Optional<Range>> found = new HashMap<>();
    private int depth;

    WholeNumbers(Rewriting r) {
        this.r = r;
    }

    /**
     * Whole numbers of a range.
     *
     * @param mayBeNan true if a number may be none
     */
    record Range(double low, double high, boolean mayBeNan) {
        static Range of(DType integers) {
            double high = Math.scalb(1.0, integers.isSigned() ? integers.bits() - 1 : integers.bits());
            return new Range(integers.isSigned() ? -high : 0, high - 1, false);
        }

        static Range upTo(double most, boolean mayBeNan) {
            return new Range(-most, most, mayBeNan);
        }

        boolean isWithin(Range other) {
            return low >= other.low && high <= other.high;
        }

        double most() {
            return Math.max(-low, high);
        }

        /** The range of what is from one of two ranges. */
        Range or(Range other) {
            return new Range(Math.min(low, other.low), Math.max(high, other.high), mayBeNan || other.mayBeNan);
        }
    }

    /** The range of a value of whole numbers; empty if it may have fractions. */
    Optional<Range> range(Value v) {
        var known = found.get(v);
        if (known != null) {
            return known;
        }
        depth++;
        var range = (depth < DEEPEST ? r.definition(v).flatMap(this::range) : Optional.<Range>empty())
                .or(() -> Optional.of(v.type().dtype()).filter(DType::isInteger).map(Range::of));
        depth--;
        found.put(v, range);
        return range;
    }

    private Optional<Range> range(Node node) {
        return switch (node.op()) {
            case Op.Constant(var tensor) -> constant(tensor);
            case Op.Cast(var to, var saturate) -> cast(node, to);
            case Op.Unary(var f) -> unary(f, node);
            case Op.Binary b -> Rounding.rangeOf(r, node).or(() -> binary(b, node));
            case Op.Select s ->
                Rounding.rangeOf(r, node)
                        .or(() -> range(node.input(1))
                                .flatMap(a -> range(node.input(2)).map(a::or)));
            case Op.Broadcast o -> range(node.input(0));
            case Op.Reshape o -> range(node.input(0));
            case Op.Slice o -> range(node.input(0));
            case Op.Transpose o -> range(node.input(0));
            case Op.MatMul m -> {
                var shape = node.input(0).type().shape();
                yield products(node, shape.dim(shape.rank() - 1));
            }
            case Op.Convolution c -> {
                var window = node.input(1).type().shape();
                yield products(node, window.elements() / Math.max(1, window.dim(0)));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<Range> constant(Tensor tensor) {
        var dtype = tensor.type().dtype();
        if (dtype == DType.BOOL || dtype == DType.U64) {
            return Optional.empty();
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (long i = 0; i < tensor.type().shape().elements(); i++) {
            double x = dtype.isInteger()
                    ? Elements.readInteger(tensor.bytes(), i, dtype)
                    : Elements.readDouble(tensor.bytes(), i, dtype);
            if (x != Math.rint(x)) {
                return Optional.empty();
            }
            low = Math.min(low, x);
            high = Math.max(high, x);
        }
        return Optional.of(new Range(low, high, false));
    }

    private Optional<Range> cast(Node node, DType to) {
        var x = node.input(0);
        if (to.isInteger()) {
            var all = Range.of(to);
            return Optional.of(
                    range(x).filter(of -> !of.mayBeNan && of.isWithin(all)).orElse(all));
        }
        if (x.type().dtype() == DType.BOOL) {
            return Optional.of(new Range(0, 1, false));
        }
        return isWide(to) ? range(x).map(WholeNumbers::rounded) : Optional.empty();
    }

    /** True for floats with the range of fp32 at least. */
    private static boolean isWide(DType dtype) {
        return dtype == DType.F32 || dtype == DType.BF16 || dtype == DType.F64;
    }

    /** A whole number that is rounded to the digits of bf16 at least is whole, and what it was up to 256, not much further from 0 beyond. */
    private static Range rounded(Range x) {
        return x.most() <= MOST_KEPT
                ? x
                : new Range(x.low * (x.low < 0 ? 1.01 : 0.99), x.high * (x.high > 0 ? 1.01 : 0.99), x.mayBeNan);
    }

    private Optional<Range> unary(UnaryOp f, Node node) {
        var x = range(node.input(0));
        return switch (f) {
            case SIGN -> Optional.of(Range.upTo(1, x.map(Range::mayBeNan).orElse(true)));
            case NEG -> x.map(of -> new Range(-of.high, -of.low, of.mayBeNan));
            case ABS -> x.map(of -> new Range(0, of.most(), of.mayBeNan));
            case RELU -> x.map(of -> new Range(Math.max(0, of.low), Math.max(0, of.high), of.mayBeNan));
            default -> Optional.empty();
        };
    }

    private Optional<Range> binary(Op.Binary op, Node node) {
        var x = range(node.input(0));
        var y = range(node.input(1));
        if (x.isEmpty() || y.isEmpty() || !isWide(node.type().dtype())) {
            return Optional.empty();
        }
        var a = x.get();
        var b = y.get();
        boolean mayBeNan = a.mayBeNan || b.mayBeNan;
        return switch (op.function()) {
            case ADD -> sum(a, b, mayBeNan);
            case SUB -> sum(a, new Range(-b.high, -b.low, mayBeNan), mayBeNan);
            case MUL -> {
                var products = Stream.of(a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
                        .sorted()
                        .toList();
                yield finite(rounded(new Range(products.getFirst(), products.getLast(), mayBeNan)));
            }
            case MAX -> Optional.of(new Range(Math.max(a.low, b.low), Math.max(a.high, b.high), mayBeNan));
            case MIN -> Optional.of(new Range(Math.min(a.low, b.low), Math.min(a.high, b.high), mayBeNan));
            default -> Optional.empty();
        };
    }

    private static Optional<Range> sum(Range a, Range b, boolean mayBeNan) {
        return finite(rounded(new Range(a.low + b.low, a.high + b.high, mayBeNan)));
    }

    /** A sum or product of infinite numbers may be none. */
    private static Optional<Range> finite(Range x) {
        boolean isFinite = x.most() < Float.MAX_VALUE;
        return Optional.of(isFinite ? x : Range.upTo(Double.POSITIVE_INFINITY, true));
    }

    private Optional<Range> products(Node node, long terms) {
        return range(node.input(0))
                .filter(a -> isWide(node.type().dtype()))
                .flatMap(a -> range(node.input(1))
                        .flatMap(b ->
                                finite(rounded(Range.upTo(a.most() * b.most() * terms, a.mayBeNan || b.mayBeNan)))));
    }
}
