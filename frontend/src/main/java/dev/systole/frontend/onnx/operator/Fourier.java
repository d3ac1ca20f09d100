package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import dev.systole.ir.type.TensorType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A Fourier transform of sequences of numbers, real or pairs: a product with a constant matrix or, where that is large, transforms of two
 * factors of the length (Cooley and Tukey).
 *
 * @param length of the whole signal or spectrum
 * @param taken elements of the input; the others are 0
 * @param parts of an input number: 1 for real ones, 2 for complex ones
 * @param inverse from spectrum to signal
 * @param onesided only the half of the spectrum that determines that of a real signal
 */
record Fourier(long length, long taken, long parts, boolean inverse, boolean onesided) {
    private static final long SMALL_MATRIX = 1 << 20;
    private static final long LARGEST_MATRIX = 1 << 24;
    private static final long LONGEST = 1 << 26;

    private long given() {
        return inverse || !onesided ? length : length / 2 + 1;
    }

    private long partsGiven() {
        return inverse && onesided ? 1 : 2;
    }

    /** [..., taken, parts] to [..., given, parts given]; 16-bit floats are transformed in fp32. */
    Value apply(OnnxNode n, Value x) {
        var shape = x.type().shape();
        int rank = shape.rank();
        var outer = Shape.of(shape.dims().asList().subList(0, rank - 2));
        var dtype = x.type().dtype();
        var sequences = n.reshape(x, Shape.of(outer.elements(), taken, parts));
        var y = transformed(n, n.cast(sequences, dtype == DType.F64 ? DType.F64 : DType.F32));
        return n.cast(n.reshape(y, shape.with(rank - 2, given()).with(rank - 1, partsGiven())), dtype);
    }

    private Value transformed(OnnxNode n, Value x) {
        long elements = length > LONGEST ? Long.MAX_VALUE : taken * parts * given() * partsGiven();
        long factor = elements <= SMALL_MATRIX || length > LONGEST ? 1 : largestFactor();
        if (factor > 1) {
            return inverse && onesided ? ofHalf(n, x) : factored(n, x, factor);
        }
        if (elements > LARGEST_MATRIX) {
            throw n.fault(
                    "transforms %d elements to %d, which takes a matrix of more than %d numbers; use a length with small factors"
                            .formatted(taken, given(), LARGEST_MATRIX));
        }
        var rows = n.reshape(x, Shape.of(x.type().shape().dim(0), taken * parts));
        var product = n.add(
                new Op.MatMul(x.type().dtype()),
                rows,
                n.constant(matrix(x.type().dtype())));
        return n.reshape(product, Shape.of(x.type().shape().dim(0), given(), partsGiven()));
    }

    /** The largest factor of the length that is no larger than its root. */
    private long largestFactor() {
        long factor = (long) Math.sqrt(length);
        while (length % factor != 0) {
            factor--;
        }
        return factor;
    }

    /** [taken * parts, given * parts given]: what each part of an input number contributes to each part of an output number. */
    private Tensor matrix(DType dtype) {
        var matrix = Tensor.allocate(TensorType.of(dtype, taken * parts, given() * partsGiven()));
        long at = 0;
        for (long i = 0; i < taken; i++) {
            for (long part = 0; part < parts; part++) {
                for (long k = 0; k < given(); k++) {
                    double angle = angle(i * k);
                    double real = part == 0 ? Math.cos(angle) : -Math.sin(angle);
                    Elements.writeDouble(matrix.bytes(), at++, dtype, weight(i) * real);
                    if (partsGiven() == 2) {
                        double imaginary = part == 0 ? Math.sin(angle) : Math.cos(angle);
                        Elements.writeDouble(matrix.bytes(), at++, dtype, weight(i) * imaginary);
                    }
                }
            }
        }
        return matrix;
    }

    private double angle(long product) {
        return (inverse ? 2 : -2) * Math.PI * (product % length) / length;
    }

    /** In half a spectrum most elements stand for their mirror images, too. */
    private double weight(long i) {
        boolean mirrored = onesided && inverse && i != 0 && 2 * i != length;
        return (mirrored ? 2.0 : 1.0) / (inverse ? length : 1);
    }

    /**
     * With length = a b, input b i + j and output k + a l: transforms of length a over i, turned by the angle of j k, are transformed with
     * length b over j.
     */
    private Value factored(OnnxNode n, Value x, long a) {
        long b = length / a;
        long count = x.type().shape().dim(0);
        var columns = n.transpose(n.reshape(extended(n, x, length), Shape.of(count, a, b, parts)), List.of(0, 2, 1, 3));
        var first = new Fourier(a, a, parts, inverse, false).apply(n, columns);
        var second =
                new Fourier(b, b, 2, inverse, false).apply(n, n.transpose(turned(n, first, a, b), List.of(0, 2, 1, 3)));
        var whole = n.reshape(n.transpose(second, List.of(0, 2, 1, 3)), Shape.of(count, length, 2));
        return n.slice(whole, 1, 0, given());
    }

    private Value extended(OnnxNode n, Value x, long extent) {
        if (taken == extent) {
            return x;
        }
        var zero = n.scalar(x.type().dtype(), 0);
        return n.add(new Op.Pad(List.of(0L, 0L, 0L), List.of(0L, extent - taken, 0L)), x, zero);
    }

    /** Complex numbers [count, b, a, 2], element j k of each turned by its angle. */
    private Value turned(OnnxNode n, Value x, long a, long b) {
        var dtype = x.type().dtype();
        var cos = n.constant(table(dtype, a, b, Math::cos));
        var sin = n.constant(table(dtype, a, b, Math::sin));
        var real = n.slice(x, 3, 0, 1);
        var imaginary = n.slice(x, 3, 1, 1);
        return n.concat(
                3,
                List.of(
                        n.binary(
                                BinaryOp.SUB,
                                n.binary(BinaryOp.MUL, real, cos),
                                n.binary(BinaryOp.MUL, imaginary, sin)),
                        n.binary(
                                BinaryOp.ADD,
                                n.binary(BinaryOp.MUL, imaginary, cos),
                                n.binary(BinaryOp.MUL, real, sin))));
    }

    private Tensor table(DType dtype, long a, long b, DoubleUnaryOperator f) {
        var table = Tensor.allocate(TensorType.of(dtype, b, a, 1));
        for (long i = 0; i < a * b; i++) {
            Elements.writeDouble(table.bytes(), i, dtype, f.applyAsDouble(angle(i / a * (i % a))));
        }
        return table;
    }

    /** The real signal of half a spectrum: its other half mirrors it, conjugated. */
    private Value ofHalf(OnnxNode n, Value x) {
        long half = length / 2 + 1;
        var lower = extended(n, x, half);
        long mirrored = length - half;
        var upper = n.slice(lower, 1, mirrored, mirrored, -1);
        var conjugate = n.concat(2, List.of(n.slice(upper, 2, 0, 1), n.unary(UnaryOp.NEG, n.slice(upper, 2, 1, 1))));
        var whole = new Fourier(length, length, 2, true, false).transformed(n, n.concat(1, List.of(lower, conjugate)));
        return n.slice(whole, 2, 0, 1);
    }
}
