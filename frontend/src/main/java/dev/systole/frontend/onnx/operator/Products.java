package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Matrix products. */
final class Products {
    /** The products of integers that are held at a time. */
    private static final long MOST_PRODUCTS = 1 << 24;

    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("MatMul", n -> List.of(matMul(n, n.input(0), n.input(1))), "Gemm", Products::gemm);

    private Products() {}

    /** The product with NumPy's rules: vectors are promoted, leading dimensions broadcast. */
    static Value matMul(OnnxNode n, Value a, Value b) {
        return matMul(n, a, b, a.type().dtype());
    }

    /** The product of float matrices in another type, or of integers in their own. */
    static Value matMul(OnnxNode n, Value a, Value b, DType result) {
        var left = matrix(n, a, true);
        var right = matrix(n, b, false);
        var product = result.isFloat() ? matrices(n, left, right, result) : integers(n, left, right);
        return squeezed(n, product, a != left, b != right);
    }

    /** An operand of rank 2 or more: a vector is a row on the left and a column on the right. */
    static Value matrix(OnnxNode n, Value x, boolean left) {
        var shape = x.type().shape();
        return switch (shape.rank()) {
            case 0 -> throw n.fault("multiplies " + x.type() + "; scalars are no matrices");
            case 1 -> n.reshape(x, left ? Shape.of(1, shape.dim(0)) : Shape.of(shape.dim(0), 1));
            default -> x;
        };
    }

    /** The product without the dimensions that vectors were given. */
    static Value squeezed(OnnxNode n, Value product, boolean row, boolean column) {
        var dims = new ArrayList<>(product.type().shape().dims().asList());
        if (column) {
            dims.removeLast();
        }
        if (row) {
            dims.remove(dims.size() - (column ? 1 : 2));
        }
        return n.reshape(product, Shape.of(dims));
    }

    /** The sums of all products, element by element: no engine multiplies matrices of wide integers. */
    private static Value integers(OnnxNode n, Value a, Value b) {
        var batch = TypeInference.broadcast(leading(a), leading(b));
        var left = batched(n, a, batch);
        var right = batched(n, b, batch);
        int rank = left.type().shape().rank();
        long m = left.type().shape().dim(rank - 2);
        long k = left.type().shape().dim(rank - 1);
        long columns = right.type().shape().dim(rank - 1);
        if (k != right.type().shape().dim(rank - 2)) {
            throw n.fault("multiplies %s by %s: %d columns against %d rows"
                    .formatted(a.type(), b.type(), k, right.type().shape().dim(rank - 2)));
        }
        var products = widened(batch, m, k, columns);
        if (products.elements() > MOST_PRODUCTS) {
            throw n.fault("multiplies integers %d times; at most %d products are supported"
                    .formatted(products.elements(), MOST_PRODUCTS));
        }
        var terms = n.binary(
                BinaryOp.MUL,
                n.reshape(left, widened(batch, m, k, 1)),
                n.reshape(right, widened(batch, 1, k, columns)));
        var sums = n.add(new Op.Reduce(ReduceOp.SUM, List.of(rank - 1)), terms);
        return n.reshape(sums, left.type().shape().with(rank - 1, columns));
    }

    private static Shape widened(Shape batch, long... dims) {
        var all = new ArrayList<>(batch.dims().asList());
        Arrays.stream(dims).forEach(all::add);
        return Shape.of(all);
    }

    private static Value matrices(OnnxNode n, Value a, Value b, DType result) {
        int rankA = a.type().shape().rank();
        int rankB = b.type().shape().rank();
        if (rankB == 2 && rankA > 2) {
            // One matrix on the right: all rows on the left are one tall matrix.
            var shape = a.type().shape();
            long k = shape.dim(rankA - 1);
            long rows = shape.with(rankA - 1, 1).elements();
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
        var y = matMul(n, matrix(n, 0, "transA"), matrix(n, 1, "transB"));
        requireWhole(n, "alpha");
        requireWhole(n, "beta");
        y = n.binary(BinaryOp.MUL, y, n.attributes().real("alpha", 1));
        if (!n.has(2)) {
            return List.of(y);
        }
        var c = n.binary(BinaryOp.MUL, n.input(2), n.attributes().real("beta", 1));
        return List.of(n.binary(BinaryOp.ADD, y, n.broadcast(c, y.type().shape())));
    }

    private static Value matrix(OnnxNode n, int i, String transposed) {
        if (n.input(i).type().shape().rank() != 2) {
            throw n.fault("multiplies " + n.input(i).type() + ", which is no matrix");
        }
        return n.attributes().integer(transposed, 0) != 0 ? n.transpose(n.input(i), List.of(1, 0)) : n.input(i);
    }

    private static void requireWhole(OnnxNode n, String factor) {
        if (n.input(0).type().dtype().isInteger()
                && n.attributes().real(factor) != Math.rint(n.attributes().real(factor))) {
            throw n.fault("multiplies integers by its attribute \"%s\", %s, which is not whole"
                    .formatted(factor, n.attributes().real(factor)));
        }
    }
}
