package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rotation of pairs of features by an angle that depends on the position. */
final class Rotary {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.of("RotaryEmbedding", Rotary::embedding);

    private Rotary() {}

    private static List<Value> embedding(OnnxNode n) {
        boolean packed = n.input(0).type().shape().rank() == 3;
        var x = packed
                ? Attention.split(n, n.input(0), n.attributes().integer("num_heads", 0), "num_heads")
                : n.ranked(0, 4);
        var shape = x.type().shape();
        long size = shape.dim(3);
        long rotated = n.attributes().integer("rotary_embedding_dim") == 0
                ? size
                : n.attributes().integer("rotary_embedding_dim");
        if (rotated < 0 || rotated > size || rotated % 2 != 0) {
            throw n.fault("rotates pairs of the first " + rotated + " of " + size + " features of a head");
        }
        var turned = rotated(n, n.slice(x, 3, 0, rotated), angles(n, 1, shape, rotated), angles(n, 2, shape, rotated));
        var y = rotated == size ? turned : n.concat(3, List.of(turned, n.slice(x, 3, rotated, size - rotated)));
        return List.of(packed ? Attention.packed(n, y) : y);
    }

    /** [batch, 1, length, pairs]: the cosines or sines of all positions. */
    private static Value angles(OnnxNode n, int i, Shape x, long rotated) {
        long pairs = rotated / 2;
        if (!n.has(3)) {
            return n.reshape(n.shaped(i, x.dim(0), x.dim(2), pairs), Shape.of(x.dim(0), 1, x.dim(2), pairs));
        }
        var table = n.shaped(i, n.ranked(i, 2).type().shape().dim(0), pairs);
        var rows = n.add(new Op.Gather(), table, n.shaped(3, x.dim(0), x.dim(2)));
        return n.reshape(rows, Shape.of(x.dim(0), 1, x.dim(2), pairs));
    }

    /** The two features of a pair are next to each other, or half of the features apart. */
    private static Value rotated(OnnxNode n, Value x, Value cos, Value sin) {
        boolean interleaved = n.attributes().flag("interleaved");
        long pairs = x.type().shape().dim(3) / 2;
        var a = n.slice(x, 3, 0, pairs, interleaved ? 2 : 1);
        var b = interleaved ? n.slice(x, 3, pairs == 0 ? 0 : 1, pairs, 2) : n.slice(x, 3, pairs, pairs);
        var real = n.binary(BinaryOp.SUB, n.binary(BinaryOp.MUL, cos, a), n.binary(BinaryOp.MUL, sin, b));
        var imaginary = n.binary(BinaryOp.ADD, n.binary(BinaryOp.MUL, sin, a), n.binary(BinaryOp.MUL, cos, b));
        if (!interleaved) {
            return n.concat(3, List.of(real, imaginary));
        }
        return n.reshape(
                n.concat(4, List.of(single(n, real), single(n, imaginary))),
                x.type().shape());
    }

    private static Value single(OnnxNode n, Value x) {
        var dims = new ArrayList<>(x.type().shape().dims().asList());
        dims.add(1L);
        return n.reshape(x, Shape.of(dims));
    }
}
