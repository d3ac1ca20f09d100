package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
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

    /** The longest sum, in parts of that length. */
    private static final long MOST_PARTS = 1024;

    private QuantisedProducts() {}

    private static List<Value> matMulInteger(OnnxNode n) {
        var a = centred(n, n.input(0), n.optional(2), true);
        var b = centred(n, n.input(1), n.optional(3), false);
        return List.of(Products.squeezed(n, wholeProduct(n, a, b), isVector(n, 0), isVector(n, 1)));
    }

    /** round((a - za) (b - zb) sa sb / sy) + zy, saturated; floats are not rounded to whole steps. */
    private static List<Value> quantisedMatMul(OnnxNode n) {
        var a = centred(n, n.input(0), n.optional(2), true);
        var b = centred(n, n.input(3), n.optional(5), false);
        boolean whole = n.input(0).type().dtype().isInteger()
                && n.input(3).type().dtype().isInteger();
        var product = whole ? n.cast(wholeProduct(n, a, b), DType.F32) : Products.matMul(n, a, b);
        var scale = n.binary(BinaryOp.MUL, parameter(n, n.input(1), a, true), parameter(n, n.input(4), b, false));
        var steps = n.binary(BinaryOp.DIV, scale, n.cast(n.single(6), DType.F32));
        var rescaled = n.binary(BinaryOp.MUL, product, steps);
        var to = n.input(7).type().dtype();
        var rounded = to.isFloat() ? rescaled : n.unary(UnaryOp.ROUND, rescaled);
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
     * 8-bit integers less their zero points are whole bf16 numbers; sums of up to 256 of their products are whole fp32 numbers;
     * those are added as 32-bit integers.
     */
    private static Value wholeProduct(OnnxNode n, Value a, Value b) {
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
        var sum = part(n, left, right, 0, Math.min(EXACT_TERMS, k));
        for (long start = EXACT_TERMS; start < k; start += EXACT_TERMS) {
            sum = n.binary(BinaryOp.ADD, sum, part(n, left, right, start, Math.min(EXACT_TERMS, k - start)));
        }
        return sum;
    }

    private static Value part(OnnxNode n, Value a, Value b, long start, long size) {
        var columns = n.slice(a, a.type().shape().rank() - 1, start, size);
        var rows = n.slice(b, b.type().shape().rank() - 2, start, size);
        return n.cast(Products.matMul(n, columns, rows, DType.F32), DType.I32);
    }
}
