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
import java.util.Arrays;
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

    /** The range of the input, widened to hold 0, on 0..255; if it holds nothing else, the scale is 1 as in ONNX Runtime. */
    private static List<Value> dynamic(OnnxNode n) {
        var x = n.input(0);
        var axes = IntStream.range(0, x.type().shape().rank()).boxed().toList();
        var low = n.binary(BinaryOp.MIN, scalar(n, n.add(new Op.Reduce(ReduceOp.MIN, axes), x)), 0);
        var high = n.binary(BinaryOp.MAX, scalar(n, n.add(new Op.Reduce(ReduceOp.MAX, axes), x)), 0);
        var range = n.binary(BinaryOp.SUB, high, low);
        var isNothing = n.cast(n.binary(BinaryOp.EQ, range, 0), DType.F32);
        var scale = n.binary(BinaryOp.MAX, n.binary(BinaryOp.DIV, range, 255), isNothing);
        var zero = clamp(n, steps(n, n.binary(BinaryOp.DIV, n.unary(UnaryOp.NEG, low), scale), DType.U8), DType.U8);
        var steps = steps(n, n.binary(BinaryOp.DIV, x, scale), DType.U8);
        var y = clamp(n, n.binary(BinaryOp.ADD, steps, zero), DType.U8);
        return List.of(n.cast(y, DType.U8), scale, n.cast(zero, DType.U8));
    }

    private static Value scalar(OnnxNode n, Value x) {
        return n.reshape(x, Shape.SCALAR);
    }

    /** A quotient rounded to whole steps, as far as they matter: what is beyond the type's range by more than a zero point is saturated anyway. */
    static Value steps(OnnxNode n, Value quotient, DType to) {
        double most = Math.scalb(1.0, to.bits());
        var near = n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, quotient, -most), most);
        return n.unary(UnaryOp.ROUND, near);
    }

    private static Value clamp(OnnxNode n, Value x, DType to) {
        double low = to.isSigned() ? -Math.scalb(1.0, to.bits() - 1) : 0;
        double high = Math.scalb(1.0, to.isSigned() ? to.bits() - 1 : to.bits()) - 1;
        return n.binary(BinaryOp.MIN, n.binary(BinaryOp.MAX, x, low), high);
    }

    /** An fp32 number in a quantised type: integers are clamped to its range, floats too unless the node says otherwise. */
    static Value saturated(OnnxNode n, Value x, DType to) {
        return to.isFloat()
                ? n.add(new Op.Cast(to, n.attributes().integer("saturate", 1) != 0), x)
                : n.cast(clamp(n, x, to), to);
    }

    /** round(x / scale) + zero point, saturated; floats are not rounded to whole steps. */
    private static List<Value> quantise(OnnxNode n) {
        var to = quantisedType(n);
        var shape = n.input(0).type().shape();
        var precision = precision(n);
        var quotient = n.binary(
                BinaryOp.DIV, n.cast(n.input(0), precision), parameter(n, n.cast(n.input(1), precision), shape));
        var wide = n.cast(quotient, DType.F32);
        var steps = to.isFloat() ? wide : steps(n, wide, to);
        if (n.has(2)) {
            steps = n.binary(BinaryOp.ADD, steps, parameter(n, n.cast(n.input(2), DType.F32), shape));
        }
        return List.of(saturated(n, steps, to));
    }

    /** That of the zero point or, since opset 21, what the node says; 8 unsigned bits if neither is given. */
    private static DType quantisedType(OnnxNode n) {
        var ofZero = n.optional(2).map(z -> z.type().dtype());
        var wanted = n.since() < 21
                ? ofZero.orElse(DType.U8)
                : n.attributes().elementType("output_dtype", ofZero.orElse(DType.U8), 0);
        if (ofZero.isPresent() && ofZero.get() != wanted) {
            throw n.fault("has a zero point of %s, but output_dtype says %s".formatted(ofZero.get(), wanted));
        }
        return wanted;
    }

    /** The type to divide in: what the node says since opset 23, else the scale's where it is a float of 16 bits or more. */
    private static DType precision(OnnxNode n) {
        long number = n.attributes().integer("precision", 0);
        var scale = n.input(1).type().dtype();
        var wanted = number == 0 ? Optional.of(scale) : OnnxTensors.dtype(Math.clamp(number, -1, Integer.MAX_VALUE));
        if (number != 0 && !wanted.filter(Quantisation::divides).isPresent()) {
            throw n.fault("divides in ONNX element type " + number + ", which is no float of 16 bits or more");
        }
        return wanted.filter(Quantisation::divides).orElse(DType.F32);
    }

    private static boolean divides(DType dtype) {
        return dtype.isFloat() && dtype.bits() >= 16;
    }

    /** (x - zero point) times scale; of even blocks in a shape that has them as a dimension, so that nothing is repeated. */
    private static List<Value> dequantise(OnnxNode n) {
        var scale = n.input(1);
        var to = n.since() < 23
                ? scale.type().dtype()
                : n.attributes().elementType("output_dtype", scale.type().dtype(), 0);
        var shape = n.input(0).type().shape();
        var apart = blocksApart(n, shape);
        var x = n.cast(n.reshape(n.input(0), apart), DType.F32);
        if (n.has(2)) {
            x = n.binary(BinaryOp.SUB, x, apart(n, n.cast(n.input(2), DType.F32), shape, apart));
        }
        var y = n.binary(BinaryOp.MUL, x, apart(n, n.cast(scale, DType.F32), shape, apart));
        return List.of(n.cast(n.reshape(y, shape), to));
    }

    /** The shape with the dimension of the blocks as blocks by their elements, if the blocks are even; else the shape. */
    private static Shape blocksApart(OnnxNode n, Shape shape) {
        long size = n.since() < 21 ? 0 : n.attributes().integer("block_size", 0);
        boolean single = n.input(1).type().shape().elements() == 1;
        if (size <= 0 || single) {
            return shape;
        }
        int axis = n.axis(n.attributes().integer("axis"), shape.rank());
        if (shape.dim(axis) == 0 || shape.dim(axis) % size != 0) {
            return shape;
        }
        var dims = new ArrayList<>(shape.dims().asList());
        dims.set(axis, shape.dim(axis) / size);
        dims.add(axis + 1, size);
        return Shape.of(dims);
    }

    /** A scale or zero point beside data whose blocks are a dimension of their own. */
    private static Value apart(OnnxNode n, Value p, Shape shape, Shape apart) {
        if (apart.equals(shape) || p.type().shape().elements() == 1) {
            return parameter(n, p, shape);
        }
        int axis = n.axis(n.attributes().integer("axis"), shape.rank());
        requireBlocks(n, p, shape, axis, apart.dim(axis + 1));
        var dims = new ArrayList<>(p.type().shape().dims().asList());
        dims.add(axis + 1, 1L);
        return n.reshape(p, Shape.of(dims));
    }

    /** A scale or zero point in the shape of the data: one for all, one an index of the axis, or one a block along it. */
    private static Value parameter(OnnxNode n, Value p, Shape shape) {
        if (p.type().shape().elements() == 1) {
            return n.reshape(p, Shape.SCALAR);
        }
        if (n.since() < 13) {
            throw n.fault("has %d scales or zero points; before opset 13 there is one for all"
                    .formatted(p.type().shape().elements()));
        }
        int axis = n.axis(n.attributes().integer("axis"), shape.rank());
        long blockSize = n.attributes().integer("block_size", 0);
        if (blockSize != 0) {
            return blocks(n, p, shape, axis, blockSize);
        }
        if (p.type().shape().rank() != 1 || p.type().shape().dim(0) != shape.dim(axis)) {
            throw n.fault(
                    "has scales or zero points of shape [%s]; it takes one for all or one for each of %d along axis %d"
                            .formatted(p.type().shape(), shape.dim(axis), axis));
        }
        var dims = new long[shape.rank()];
        Arrays.fill(dims, 1);
        dims[axis] = shape.dim(axis);
        return n.reshape(p, Shape.of(dims));
    }

    /** Every scale or zero point repeated for its block; the last block may be shorter. */
    private static Value blocks(OnnxNode n, Value p, Shape shape, int axis, long blockSize) {
        if (blockSize < 0) {
            throw n.fault("has blocks of " + blockSize + " elements");
        }
        long extent = shape.dim(axis);
        long count = requireBlocks(n, p, shape, axis, blockSize);
        if (count == 0) {
            return p;
        }
        long size = Math.min(blockSize, extent);
        var narrow = new ArrayList<>(p.type().shape().dims().asList());
        var wide = new ArrayList<>(narrow);
        narrow.add(axis + 1, 1L);
        wide.add(axis + 1, size);
        var repeated = n.broadcast(n.reshape(p, Shape.of(narrow)), Shape.of(wide));
        return n.slice(n.reshape(repeated, shape.with(axis, count * size)), axis, 0, extent);
    }

    /** The number of blocks, of which each has a scale or zero point. */
    private static long requireBlocks(OnnxNode n, Value p, Shape shape, int axis, long blockSize) {
        long count = Math.ceilDiv(shape.dim(axis), blockSize);
        if (!p.type().shape().equals(shape.with(axis, count))) {
            throw n.fault("has scales or zero points of shape [%s]; blocks of %d elements along axis %d take [%s]"
                    .formatted(p.type().shape(), blockSize, axis, shape.with(axis, count)));
        }
        return count;
    }
}
