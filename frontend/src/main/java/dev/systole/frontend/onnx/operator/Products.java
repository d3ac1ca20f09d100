package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Matrix products. */
final class Products {
    /** Products of two 8-bit differences add up exactly in fp32 while there are at most so many of them. */
    private static final long EXACT_TERMS = 256;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "MatMul", n -> List.of(matMul(n, n.input(0), n.input(1))),
            "Gemm", Products::gemm,
            "MatMulInteger", Products::matMulInteger);

    private Products() {}

    /** The product with NumPy's rules: vectors are promoted, leading dimensions broadcast. */
    static Value matMul(OnnxNode n, Value a, Value b) {
        var type = a.type().dtype();
        if (!type.isFloat()) {
            throw n.fault("multiplies matrices of " + type + "; only float types are supported");
        }
        return matMul(n, a, b, type);
    }

    private static Value matMul(OnnxNode n, Value a, Value b, DType result) {
        if (a.type().shape().rank() == 0 || b.type().shape().rank() == 0) {
            throw n.fault("multiplies " + a.type() + " by " + b.type() + "; scalars are no matrices");
        }
        boolean row = a.type().shape().rank() == 1;
        boolean column = b.type().shape().rank() == 1;
        a = row ? n.reshape(a, Shape.of(1, a.type().shape().dim(0))) : a;
        b = column ? n.reshape(b, Shape.of(b.type().shape().dim(0), 1)) : b;
        var product = matrices(n, a, b, result);
        if (!row && !column) {
            return product;
        }
        var dims = new ArrayList<>(product.type().shape().dims().asList());
        if (column) {
            dims.removeLast();
        }
        if (row) {
            dims.remove(dims.size() - (column ? 1 : 2));
        }
        return n.reshape(product, Shape.of(dims));
    }

    private static Value matrices(OnnxNode n, Value a, Value b, DType result) {
        int rankA = a.type().shape().rank();
        int rankB = b.type().shape().rank();
        if (rankB == 2 && rankA > 2) {
            // One matrix on the right: all rows on the left are one tall matrix.
            var shape = a.type().shape();
            long k = shape.dim(rankA - 1);
            long rows = k == 0 ? 0 : shape.elements() / k;
            var flat = n.add(new Op.MatMul(result), n.reshape(a, Shape.of(rows, k)), b);
            return n.reshape(flat, shape.with(rankA - 1, b.type().shape().dim(1)));
        }
        var batch = TypeInference.broadcast(leading(a), leading(b));
        return n.add(new Op.MatMul(result), batched(n, a, batch), batched(n, b, batch));
    }

    private static Shape leading(Value v) {
        var dims = v.type().shape().dims();
        return new Shape(dims.subArray(0, dims.length() - 2).trimmed());
    }

    private static Value batched(OnnxNode n, Value v, Shape batch) {
        var dims = new ArrayList<>(batch.dims().asList());
        int rank = v.type().shape().rank();
        dims.add(v.type().shape().dim(rank - 2));
        dims.add(v.type().shape().dim(rank - 1));
        return n.broadcast(v, Shape.of(dims));
    }

    private static List<Value> gemm(OnnxNode n) {
        var a = n.integer("transA", 0) != 0 ? n.transpose(n.input(0), List.of(1, 0)) : n.input(0);
        var b = n.integer("transB", 0) != 0 ? n.transpose(n.input(1), List.of(1, 0)) : n.input(1);
        var y = matMul(n, a, b);
        y = n.binary(BinaryOp.MUL, y, n.real("alpha", 1));
        if (!n.has(2)) {
            return List.of(y);
        }
        var c = n.binary(BinaryOp.MUL, n.input(2), n.real("beta", 1));
        return List.of(n.binary(BinaryOp.ADD, y, c));
    }

    /**
     * 8-bit integers less their zero points are whole bf16 numbers; sums of up to 256 of their products are whole fp32 numbers;
     * those are added as 32-bit integers.
     */
    private static List<Value> matMulInteger(OnnxNode n) {
        var a = centred(n, n.input(0), n.optional(2), true);
        var b = centred(n, n.input(1), n.optional(3), false);
        int rankA = a.type().shape().rank();
        long k = a.type().shape().dim(rankA - 1);
        var sum = Optional.<Value>empty();
        for (long start = 0; start < k; start += EXACT_TERMS) {
            long size = Math.min(EXACT_TERMS, k - start);
            var left = part(n, a, rankA - 1, start, size);
            var right = part(n, b, Math.max(0, b.type().shape().rank() - 2), start, size);
            var piece = n.cast(matMul(n, left, right, DType.F32), DType.I32);
            sum = Optional.of(sum.map(s -> n.binary(BinaryOp.ADD, s, piece)).orElse(piece));
        }
        return List.of(sum.orElseThrow(() -> n.fault("contracts over no elements")));
    }

    private static Value part(OnnxNode n, Value x, int axis, long start, long size) {
        var shape = x.type().shape();
        if (shape.dim(axis) == size) {
            return x;
        }
        var starts = new ArrayList<Long>();
        var sizes = new ArrayList<Long>();
        var steps = new ArrayList<Long>();
        for (int i = 0; i < shape.rank(); i++) {
            starts.add(i == axis ? start : 0L);
            sizes.add(i == axis ? size : shape.dim(i));
            steps.add(1L);
        }
        return n.add(new Op.Slice(starts, sizes, steps), x);
    }

    /** x less its zero point, which is one number, one a row of the left operand or one a column of the right one. */
    private static Value centred(OnnxNode n, Value x, Optional<Value> zeroPoint, boolean left) {
        var wide = n.cast(x, DType.F32);
        if (zeroPoint.isPresent()) {
            var zero = n.cast(zeroPoint.get(), DType.F32);
            var shape = zero.type().shape();
            if (left && shape.rank() == 1 && shape.dim(0) > 1) {
                zero = n.reshape(zero, Shape.of(shape.dim(0), 1));
            }
            wide = n.binary(BinaryOp.SUB, wide, zero);
        }
        return n.cast(wide, DType.BF16);
    }
}
