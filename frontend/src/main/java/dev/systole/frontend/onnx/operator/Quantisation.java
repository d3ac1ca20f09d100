package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.file.OnnxTensors;
import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.ReduceOp;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Linear quantisation. */
final class Quantisation {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of(
            "DynamicQuantizeLinear", Quantisation::dynamic,
            "QuantizeLinear", Quantisation::quantise,
            "DequantizeLinear", Quantisation::dequantise);

    private Quantisation() {}

    /** The range of the input, widened to hold 0, on 0..255. */
    private static List<Value> dynamic(OnnxNode n) {
        var x = n.input(0);
        var axes = IntStream.range(0, x.type().shape().rank()).boxed().toList();
        var low = n.binary(BinaryOp.MIN, scalar(n, n.add(new Op.Reduce(ReduceOp.MIN, axes), x)), 0);
        var high = n.binary(BinaryOp.MAX, scalar(n, n.add(new Op.Reduce(ReduceOp.MAX, axes), x)), 0);
        var scale = n.binary(BinaryOp.DIV, n.binary(BinaryOp.SUB, high, low), 255);
        var zero = clamp(n, n.unary(UnaryOp.ROUND, n.binary(BinaryOp.DIV, n.unary(UnaryOp.NEG, low), scale)), DType.U8);
        var steps = n.unary(UnaryOp.ROUND, n.binary(BinaryOp.DIV, x, scale));
        var y = clamp(n, n.binary(BinaryOp.ADD, steps, zero), DType.U8);
        return List.of(n.cast(y, DType.U8), scale, n.cast(zero, DType.U8));
    }

    private static Value scalar(OnnxNode n, Value x) {
        return n.reshape(x, Shape.SCALAR);
    }

    private static Value clamp(OnnxNode n, Value x, DType to) {
        double low = to.isSigned() ? -Math.scalb(1.0, to.bits() - 1) : 0;
        double high = Math.scalb(1.0, to.isSigned() ? to.bits() - 1 : to.bits()) - 1;
        return n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, x, low), high);
    }

    private static List<Value> quantise(OnnxNode n) {
        var x = n.cast(n.input(0), DType.F32);
        var shape = x.type().shape();
        var scale = parameter(n, n.cast(n.input(1), DType.F32), shape);
        var to = n.optional(2)
                .map(z -> z.type().dtype())
                .or(() -> OnnxTensors.dtype((int) n.integer("output_dtype", 0)))
                .orElse(DType.U8);
        var quotient = n.binary(BinaryOp.DIV, x, scale);
        if (to.isFloat()) {
            return List.of(n.add(new Op.Cast(to, n.integer("saturate", 1) != 0), quotient));
        }
        var steps = n.unary(UnaryOp.ROUND, quotient);
        if (n.has(2)) {
            steps = n.binary(BinaryOp.ADD, steps, parameter(n, n.cast(n.input(2), DType.F32), shape));
        }
        return List.of(n.cast(clamp(n, steps, to), to));
    }

    private static List<Value> dequantise(OnnxNode n) {
        var scale = n.input(1);
        var shape = n.input(0).type().shape();
        var x = n.cast(n.input(0), DType.F32);
        if (n.has(2)) {
            x = n.binary(BinaryOp.SUB, x, parameter(n, n.cast(n.input(2), DType.F32), shape));
        }
        var y = n.binary(BinaryOp.MUL, x, parameter(n, n.cast(scale, DType.F32), shape));
        var to = OnnxTensors.dtype((int) n.integer("output_dtype", 0))
                .orElse(scale.type().dtype());
        return List.of(n.cast(y, to));
    }

    /** A scale or zero point in the shape of the data: one for all, one an index of the axis, or one a block along it. */
    private static Value parameter(OnnxNode n, Value p, Shape shape) {
        long blockSize = n.integer("block_size", 0);
        if (p.type().shape().elements() == 1) {
            return n.broadcast(n.reshape(p, Shape.SCALAR), shape);
        }
        int axis = n.axis(n.integer("axis", 1), shape.rank());
        if (blockSize == 0) {
            var dims = new long[shape.rank()];
            java.util.Arrays.fill(dims, 1);
            dims[axis] = p.type().shape().elements();
            return n.broadcast(n.reshape(p, Shape.of(dims)), shape);
        }
        return blocks(n, p, shape, axis, blockSize);
    }

    private static Value blocks(OnnxNode n, Value p, Shape shape, int axis, long blockSize) {
        var narrow = new ArrayList<>(p.type().shape().dims().asList());
        var wide = new ArrayList<>(narrow);
        narrow.add(axis + 1, 1L);
        wide.add(axis + 1, blockSize);
        var repeated = n.add(new Op.Broadcast(Shape.of(wide)), n.reshape(p, Shape.of(narrow)));
        long extent = p.type().shape().dim(axis) * blockSize;
        var flat = n.reshape(repeated, p.type().shape().with(axis, extent));
        return extent == shape.dim(axis)
                ? flat
                : Optional.of(flat)
                        .map(v -> n.add(
                                new Op.Slice(
                                        shape.dims().stream().mapToObj(d -> 0L).toList(),
                                        shape.dims().asList(),
                                        shape.dims().stream().mapToObj(d -> 1L).toList()),
                                v))
                        .orElseThrow();
    }
}
