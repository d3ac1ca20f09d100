package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.number.Elements;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Products of quantised matrices. */
final class QuantisedProducts {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "MatMulInteger", QuantisedProducts::matMulInteger,
            "QLinearMatMul", QuantisedProducts::quantisedMatMul);

    /** Products of two 8-bit differences add up exactly in fp32 while there are at most so many of them. */
    private static final long EXACT_TERMS = 256;

    /** Up to here every whole number is an fp32 number. */
    private static final long MOST_EXACT = 1 << 24;

    /** The greatest magnitude of a difference of two 8-bit integers of one type. */
    private static final long MOST_DIFFERENCE = 255;

    /** The longest sum, in parts of that length. */
    private static final long MOST_PARTS = 1024;

    private QuantisedProducts() {}

    private static List<Value> matMulInteger(OnnxNode n) {
        var a = centred(n, n.input(0), n.optional(2), true);
        var b = centred(n, n.input(1), n.optional(3), false);
        return List.of(Products.squeezed(
                n, wholeProduct(n, a, b, exactTerms(n, n.input(1), n.optional(3))), isVector(n, 0), isVector(n, 1)));
    }

    /** round((a - za) (b - zb) sa sb / sy) + zy, saturated; floats are not rounded to whole steps. */
    private static List<Value> quantisedMatMul(OnnxNode n) {
        var a = centred(n, n.input(0), n.optional(2), true);
        var b = centred(n, n.input(3), n.optional(5), false);
        boolean whole = n.input(0).type().dtype().isInteger()
                && n.input(3).type().dtype().isInteger();
        var product = whole
                ? n.cast(wholeProduct(n, a, b, exactTerms(n, n.input(3), n.optional(5))), DType.F32)
                : Products.matMul(n, a, b);
        var scale = n.binary(BinaryOp.MUL, parameter(n, n.input(1), a, true), parameter(n, n.input(4), b, false));
        var steps = n.binary(BinaryOp.DIV, scale, n.cast(n.single(6), DType.F32));
        var rescaled = n.binary(BinaryOp.MUL, product, steps);
        var to = n.input(7).type().dtype();
        var rounded = to.isFloat() ? rescaled : Quantisation.steps(n, rescaled, to);
        var y = n.binary(BinaryOp.ADD, rounded, n.cast(n.single(7), DType.F32));
        return List.of(Products.squeezed(n, Quantisation.saturated(n, y, to), isVector(n, 0), isVector(n, 3)));
    }

    private static boolean isVector(OnnxNode n, int i) {
        return n.input(i).type().shape().rank() == 1;
    }

    /** An operand, less its zero point, as an fp32 matrix: a vector is a row on the left and a column on the right. */
    private static Value centred(OnnxNode n, Value x, Optional<Value> zeroPoint, boolean left) {
        var matrix = n.cast(Products.matrix(n, x, left), DType.F32);
        return zeroPoint
                .map(zero -> n.binary(BinaryOp.SUB, matrix, parameter(n, zero, matrix, left)))
                .orElse(matrix);
    }

    /** A scale or zero point in fp32: one number, one a row of the left operand, or one a column of the right one. */
    private static Value parameter(OnnxNode n, Value p, Value matrix, boolean left) {
        var wide = n.cast(p, DType.F32);
        if (p.type().shape().elements() == 1) {
            return n.reshape(wide, Shape.SCALAR);
        }
        var shape = p.type().shape();
        if (shape.rank() == 1) {
            shape = left ? Shape.of(shape.dim(0), 1) : Shape.of(1, shape.dim(0));
        }
        if (!fits(shape, matrix.type().shape(), left)) {
            throw n.fault("scales or shifts [%s] by [%s]; it takes one number or one for each %s"
                    .formatted(matrix.type().shape(), p.type().shape(), left ? "row" : "column"));
        }
        return n.reshape(wide, shape);
    }

    private static boolean fits(Shape parameter, Shape matrix, boolean left) {
        int missing = matrix.rank() - parameter.rank();
        int contracted = parameter.rank() - (left ? 1 : 2);
        if (missing < 0 || parameter.dim(contracted) != 1) {
            return false;
        }
        for (int i = 0; i < parameter.rank(); i++) {
            if (parameter.dim(i) != 1 && parameter.dim(i) != matrix.dim(missing + i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * How many products add up exactly: {@link #EXACT_TERMS} of any numbers, and more of a known matrix [K, N] if its columns are as
     * small as those of trained weights are.
     */
    private static long exactTerms(OnnxNode n, Value matrix, Optional<Value> zeroPoint) {
        var known = n.known(matrix).filter(t -> t.type().shape().rank() == 2);
        var zero = zeroPoint.flatMap(n::known);
        if (known.isEmpty() || zeroPoint.isPresent() && zero.isEmpty()) {
            return EXACT_TERMS;
        }
        long rows = known.get().type().shape().dim(0);
        long parts = 1;
        while (parts < Math.ceilDiv(rows, EXACT_TERMS)) {
            long size = Math.ceilDiv(rows, parts);
            if (MOST_DIFFERENCE * greatestSum(known.get(), zero, size) <= MOST_EXACT) {
                return size;
            }
            parts++;
        }
        return EXACT_TERMS;
    }

    /** The greatest sum of magnitudes in a column, of so many rows at once. */
    private static long greatestSum(Tensor matrix, Optional<Tensor> zeroPoint, long size) {
        var shape = matrix.type().shape();
        int columns = Math.toIntExact(shape.dim(1));
        var sums = new long[columns];
        long greatest = 0;
        for (long row = 0; row < shape.dim(0); row++) {
            if (row % size == 0) {
                Arrays.fill(sums, 0);
            }
            for (int c = 0; c < columns; c++) {
                long w = Elements.readInteger(
                        matrix.bytes(), row * columns + c, matrix.type().dtype());
                sums[c] += Math.abs(w - zero(zeroPoint, c));
                greatest = Math.max(greatest, sums[c]);
            }
        }
        return greatest;
    }

    /** One zero point for all columns, or one for each. */
    private static long zero(Optional<Tensor> zeroPoint, long column) {
        return zeroPoint
                .map(z -> Elements.readInteger(
                        z.bytes(),
                        z.type().shape().elements() == 1 ? 0 : column,
                        z.type().dtype()))
                .orElse(0L);
    }

    /**
     * 8-bit integers less their zero points are whole bf16 numbers; sums of not too many of their products are whole fp32 numbers;
     * those are added as 32-bit integers.
     *
     * @param terms products that add up exactly
     */
    private static Value wholeProduct(OnnxNode n, Value a, Value b, long terms) {
        var left = n.cast(a, DType.BF16);
        var right = n.cast(b, DType.BF16);
        int column = a.type().shape().rank() - 1;
        int row = b.type().shape().rank() - 2;
        long k = a.type().shape().dim(column);
        if (k != b.type().shape().dim(row)) {
            throw n.fault("multiplies %s by %s: %d columns against %d rows"
                    .formatted(a.type(), b.type(), k, b.type().shape().dim(row)));
        }
        if (k > EXACT_TERMS * MOST_PARTS) {
            throw n.fault("adds %d products; at most %d are supported".formatted(k, EXACT_TERMS * MOST_PARTS));
        }
        var sum = part(n, left, right, 0, Math.min(terms, k));
        for (long start = terms; start < k; start += terms) {
            sum = n.binary(BinaryOp.ADD, sum, part(n, left, right, start, Math.min(terms, k - start)));
        }
        return sum;
    }

    private static Value part(OnnxNode n, Value a, Value b, long start, long size) {
        var columns = n.slice(a, a.type().shape().rank() - 1, start, size);
        var rows = n.slice(b, b.type().shape().rank() - 2, start, size);
        return n.cast(Products.matMul(n, columns, rows, DType.F32), DType.I32);
    }
}
