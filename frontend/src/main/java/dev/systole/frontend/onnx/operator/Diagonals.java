package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import dev.systole.ir.type.Tensor;
import java.util.List;
import java.util.Map;

/** Operators that tell elements of a matrix by the diagonal they lie on: column less row. */
final class Diagonals {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("EyeLike", Diagonals::eyeLike, "Trilu", Diagonals::triangle);

    private Diagonals() {}

    /** 1 on diagonal {@code k}, 0 elsewhere. */
    private static List<Value> eyeLike(OnnxNode n) {
        var shape = n.input(0).type().shape();
        if (shape.rank() != 2) {
            throw n.fault("takes a matrix, not " + n.input(0).type());
        }
        var to = n.attributes().elementType("dtype", n.input(0).type().dtype(), 0);
        var k = n.constant(Tensor.ofLongs(Shape.SCALAR, n.attributes().integer("k")));
        return List.of(n.cast(n.binary(BinaryOp.EQ, diagonals(n, shape.dim(0), shape.dim(1)), k), to));
    }

    /** What lies on diagonal {@code k} or above, or on it or below; zeros elsewhere. */
    private static List<Value> triangle(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        if (shape.rank() < 2) {
            throw n.fault("takes matrices, not " + x.type());
        }
        var k = n.has(1) ? n.single(1) : n.scalar(DType.I64, 0);
        var diagonals = diagonals(n, shape.dim(shape.rank() - 2), shape.dim(shape.rank() - 1));
        var kept = n.binary(n.attributes().flag("upper") ? BinaryOp.GE : BinaryOp.LE, diagonals, k);
        return List.of(n.select(kept, x, n.scalar(x.type().dtype(), 0)));
    }

    private static Value diagonals(OnnxNode n, long rows, long columns) {
        return n.binary(BinaryOp.SUB, n.iota(columns), n.reshape(n.iota(rows), Shape.of(rows, 1)));
    }
}
