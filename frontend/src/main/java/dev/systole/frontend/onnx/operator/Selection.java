package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Op.ScatterMode;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Operators that keep the elements for which something holds, so that the extent of the result depends on data. */
final class Selection {
    static final Map<String, OperatorRule.OfTensors> RULES =
            Map.of("Compress", Selection::compress, "NonZero", Selection::nonZero);

    private Selection() {}

    /** How many of a row of booleans hold. */
    static Value count(OnnxNode n, Value holds) {
        var numbers = n.cast(holds, DType.I64);
        return n.reshape(n.add(new Op.Reduce(ReduceOp.SUM, List.of(0)), numbers), Shape.SCALAR);
    }

    /** How many of a row of booleans hold before each. */
    static Value placesBefore(OnnxNode n, Value holds) {
        return n.add(new Op.Scan(ReduceOp.SUM, 0, true, false), n.cast(holds, DType.I64));
    }

    /** Items at other places; those whose place is the number of items are dropped, and zeros stand where none is. */
    static Value placed(OnnxNode n, Value items, Value places) {
        var shape = items.type().shape();
        var room = n.splat(items.type().dtype(), shape.with(0, Math.addExact(shape.dim(0), 1)), 0);
        return n.slice(n.add(new Op.Scatter(ScatterMode.REPLACE), room, places, items), 0, 0, shape.dim(0));
    }

    /** Items for which something holds, at the beginning and in their order. */
    static Value packed(OnnxNode n, Value items, Value holds) {
        var nowhere = n.scalar(DType.I64, items.type().shape().dim(0));
        return placed(n, items, n.select(holds, placesBefore(n, holds), nowhere));
    }

    /** Without an axis the elements are one row. What lies behind the condition's end is dropped. */
    private static List<Value> compress(OnnxNode n) {
        var x = n.input(0);
        if (!n.attributes().has("axis")) {
            x = n.reshape(x, Shape.of(x.type().shape().elements()));
        }
        int axis = n.axis(n.attributes().integer("axis", 0), x.type().shape().rank());
        var holds = n.input(1);
        if (holds.type().shape().rank() != 1
                || holds.type().shape().dim(0) > x.type().shape().dim(axis)) {
            throw n.fault("input 1 (condition) is " + holds.type() + "; it is a row of at most "
                    + x.type().shape().dim(axis));
        }
        var considered = n.slice(x, axis, 0, holds.type().shape().dim(0));
        var packed = Ordering.back(n, packed(n, Ordering.front(n, considered, axis), holds), axis);
        return List.of(n.bounded(packed, axis, count(n, holds)));
    }

    /** Column i of the result holds the coordinates of the i-th element that is not zero, in row-major order. */
    private static List<Value> nonZero(OnnxNode n) {
        var x = n.input(0);
        var shape = x.type().shape();
        var zero = n.scalar(x.type().dtype(), 0);
        var holds = n.reshape(n.binary(BinaryOp.NE, x, zero), Shape.of(shape.elements()));
        var packed = packed(n, coordinates(n, shape), holds);
        return List.of(n.bounded(n.transpose(packed, List.of(1, 0)), 1, count(n, holds)));
    }

    /** [elements, rank]. */
    private static Value coordinates(OnnxNode n, Shape shape) {
        if (shape.rank() == 0) {
            return n.splat(DType.I64, Shape.of(1, 0), 0);
        }
        var columns = new ArrayList<Value>();
        for (int d = 0; d < shape.rank(); d++) {
            var along = new ArrayList<Long>(Collections.nCopies(shape.rank(), 1L));
            along.set(d, shape.dim(d));
            var index = n.broadcast(n.reshape(n.iota(shape.dim(d)), Shape.of(along)), shape);
            columns.add(n.reshape(index, Shape.of(shape.elements(), 1)));
        }
        return n.concat(1, columns);
    }
}
