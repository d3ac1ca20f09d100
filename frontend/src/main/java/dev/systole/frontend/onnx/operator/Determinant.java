package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Map;

/** Determinants of square matrices, by elimination with the largest pivot of each column, unrolled over the columns. */
final class Determinant {
    private static final long MOST_ROWS = 64;

    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("Det", Determinant::determinant);

    private Determinant() {}

    private static List<Value> determinant(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        int rank = shape.rank();
        if (rank < 2 || shape.dim(rank - 1) != shape.dim(rank - 2)) {
            throw n.fault("takes square matrices, not " + x.type());
        }
        long rows = shape.dim(rank - 1);
        if (rows > MOST_ROWS) {
            throw n.fault("eliminates " + rows + " rows; at most " + MOST_ROWS + " are supported");
        }
        var outer = Shape.of(shape.dims().asList().subList(0, rank - 2));
        var dtype = x.type().dtype();
        var computed = dtype == DType.F64 ? DType.F64 : DType.F32;
        var matrices = n.reshape(n.cast(x, computed), Shape.of(outer.elements(), rows, rows));
        return List.of(n.cast(n.reshape(product(n, matrices), outer), dtype));
    }

    /** [batch, 1, 1] from [batch, rows, rows]: each column's pivot, with the sign of the exchange of rows that it takes. */
    private static Value product(OnnxNode n, Value matrices) {
        var rest = matrices;
        var shape = rest.type().shape();
        var product = n.splat(rest.type().dtype(), Shape.of(shape.dim(0), 1, 1), 1);
        for (long rows = shape.dim(1); rows > 2; rows--) {
            var column = n.slice(rest, 2, 0, 1);
            var at = n.add(new Op.ArgReduce(true, 1, false), n.unary(UnaryOp.ABS, column));
            var chosen = n.binary(BinaryOp.EQ, n.reshape(n.iota(rows), Shape.of(1, rows, 1)), at);
            var pivots = row(n, rest, chosen);
            var pivot = n.slice(pivots, 2, 0, 1);
            var signed = n.select(n.binary(BinaryOp.EQ, at, 0), pivot, n.unary(UnaryOp.NEG, pivot));
            product = n.binary(BinaryOp.MUL, product, signed);
            rest = eliminated(n, rest, chosen, pivots, pivot);
        }
        return n.binary(BinaryOp.MUL, product, small(n, rest));
    }

    private static Value row(OnnxNode n, Value matrices, Value chosen) {
        var zero = n.scalar(matrices.type().dtype(), 0);
        return n.add(new Op.Reduce(ReduceOp.SUM, List.of(1)), n.select(chosen, matrices, zero));
    }

    /** The rows less their multiples of the pivot's, without the first column and the pivot's row, whose place the first one takes. */
    private static Value eliminated(OnnxNode n, Value rest, Value chosen, Value pivots, Value pivot) {
        long rows = rest.type().shape().dim(1);
        var divisor =
                n.select(n.binary(BinaryOp.EQ, pivot, 0), n.scalar(pivot.type().dtype(), 1), pivot);
        var first = n.slice(rest, 1, 0, 1);
        var exchanged = n.slice(n.select(chosen, first, rest), 1, 1, rows - 1);
        var factors = n.binary(BinaryOp.DIV, n.slice(exchanged, 2, 0, 1), divisor);
        var multiples = n.binary(BinaryOp.MUL, factors, n.slice(pivots, 2, 1, rows - 1));
        return n.binary(BinaryOp.SUB, n.slice(exchanged, 2, 1, rows - 1), multiples);
    }

    /** Of at most two rows. */
    private static Value small(OnnxNode n, Value matrices) {
        long rows = matrices.type().shape().dim(1);
        if (rows == 0) {
            return n.scalar(matrices.type().dtype(), 1);
        }
        if (rows == 1) {
            return matrices;
        }
        var down = n.binary(BinaryOp.MUL, element(n, matrices, 0, 0), element(n, matrices, 1, 1));
        var up = n.binary(BinaryOp.MUL, element(n, matrices, 0, 1), element(n, matrices, 1, 0));
        return n.binary(BinaryOp.SUB, down, up);
    }

    private static Value element(OnnxNode n, Value matrices, long row, long column) {
        return n.slice(n.slice(matrices, 1, row, 1), 2, column, 1);
    }
}
