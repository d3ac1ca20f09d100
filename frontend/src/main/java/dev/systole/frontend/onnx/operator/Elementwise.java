package dev.systole.frontend.onnx.operator;

import dev.systole.ir.graph.BinaryOp;
import dev.systole.ir.graph.Op;
import dev.systole.ir.graph.TypeInference;
import dev.systole.ir.graph.UnaryOp;
import dev.systole.ir.graph.Value;
import dev.systole.ir.type.DType;
import dev.systole.ir.type.Shape;
import java.util.List;
import java.util.Map;

/** Operators that work element by element. */
final class Elementwise {
    static final Map<String, OperatorRule.OfTensors> RULES = Map.ofEntries(
            Map.entry("Abs", unary(UnaryOp.ABS)),
            Map.entry("Neg", unary(UnaryOp.NEG)),
            Map.entry("Sign", unary(UnaryOp.SIGN)),
            Map.entry("Floor", unary(UnaryOp.FLOOR)),
            Map.entry("Ceil", unary(UnaryOp.CEIL)),
            Map.entry("Round", unary(UnaryOp.ROUND)),
            Map.entry("Exp", unary(UnaryOp.EXP)),
            Map.entry("Log", unary(UnaryOp.LOG)),
            Map.entry("Sqrt", unary(UnaryOp.SQRT)),
            Map.entry("Reciprocal", unary(UnaryOp.RECIPROCAL)),
            Map.entry("Tanh", unary(UnaryOp.TANH)),
            Map.entry("Sigmoid", unary(UnaryOp.SIGMOID)),
            Map.entry("Erf", Elementwise::erf),
            Map.entry("Relu", unary(UnaryOp.RELU)),
            Map.entry("Softplus", unary(UnaryOp.SOFTPLUS)),
            Map.entry("Mish", unary(UnaryOp.MISH)),
            Map.entry("Not", unary(UnaryOp.NOT)),
            Map.entry("BitwiseNot", unary(UnaryOp.BIT_NOT)),
            Map.entry(
                    "Gelu",
                    n -> List.of(n.unary(
                            n.attributes().text("approximate", "none").equals("tanh")
                                    ? UnaryOp.GELU_TANH
                                    : UnaryOp.GELU,
                            n.input(0)))),
            Map.entry("Add", binary(BinaryOp.ADD)),
            Map.entry("Sub", binary(BinaryOp.SUB)),
            Map.entry("Mul", binary(BinaryOp.MUL)),
            Map.entry("Div", binary(BinaryOp.DIV)),
            Map.entry("Equal", binary(BinaryOp.EQ)),
            Map.entry("Less", binary(BinaryOp.LT)),
            Map.entry("LessOrEqual", binary(BinaryOp.LE)),
            Map.entry("Greater", binary(BinaryOp.GT)),
            Map.entry("GreaterOrEqual", binary(BinaryOp.GE)),
            Map.entry("And", binary(BinaryOp.AND)),
            Map.entry("Or", binary(BinaryOp.OR)),
            Map.entry("Xor", binary(BinaryOp.XOR)),
            Map.entry("BitwiseAnd", binary(BinaryOp.BIT_AND)),
            Map.entry("BitwiseOr", binary(BinaryOp.BIT_OR)),
            Map.entry("BitwiseXor", binary(BinaryOp.BIT_XOR)),
            Map.entry("Max", variadic(BinaryOp.MAX)),
            Map.entry("Min", variadic(BinaryOp.MIN)),
            Map.entry("Sum", variadic(BinaryOp.ADD)),
            Map.entry("Mean", Elementwise::mean),
            Map.entry("Where", Elementwise::where));

    private Elementwise() {}

    private static OperatorRule.OfTensors unary(UnaryOp f) {
        return n -> List.of(n.unary(f, n.input(0)));
    }

    /** Of integers the result is cut off. */
    private static List<Value> erf(OnnxNode n) {
        var type = n.input(0).type().dtype();
        var x = type.isFloat() ? n.input(0) : n.cast(n.input(0), DType.F64);
        return List.of(n.cast(n.unary(UnaryOp.ERF, x), type));
    }

    private static OperatorRule.OfTensors binary(BinaryOp f) {
        return n -> {
            var b = n.input(1);
            if (n.since() < 7 && n.attributes().integer("broadcast", 0) != 0) {
                b = aligned(n, b);
            }
            return List.of(n.binary(f, n.input(0), b));
        };
    }

    /** Before opset 7 the second operand's dimensions were matched from an axis of the first one on. */
    static Value aligned(OnnxNode n, Value b) {
        int rank = n.input(0).type().shape().rank();
        int own = b.type().shape().rank();
        if (own > rank) {
            throw n.fault(
                    "stretches " + n.input(0).type() + " to " + b.type() + "; only the second operand is broadcast");
        }
        int axis = n.attributes().has("axis") ? n.axis(n.attributes().integer("axis", 0), rank) : rank - own;
        if (axis + own > rank) {
            throw n.fault("operand " + b.type() + " does not fit from axis " + axis + " on");
        }
        var dims = new long[rank];
        java.util.Arrays.fill(dims, 1);
        System.arraycopy(b.type().shape().toArray(), 0, dims, axis, own);
        return n.reshape(b, Shape.of(dims));
    }

    private static OperatorRule.OfTensors variadic(BinaryOp f) {
        return n -> List.of(
                n.all().stream().reduce((a, b) -> n.binary(f, a, b)).orElseThrow(() -> n.fault("has no inputs")));
    }

    private static List<Value> mean(OnnxNode n) {
        var sum = n.all().stream()
                .reduce((a, b) -> n.binary(BinaryOp.ADD, a, b))
                .orElseThrow(() -> n.fault("has no inputs"));
        return List.of(n.binary(BinaryOp.DIV, sum, n.inputs()));
    }

    private static List<Value> where(OnnxNode n) {
        var shape = TypeInference.broadcast(
                n.input(0).type().shape(),
                TypeInference.broadcast(
                        n.input(1).type().shape(), n.input(2).type().shape()));
        return List.of(n.add(
                new Op.Select(),
                n.broadcast(n.input(0), shape),
                n.broadcast(n.input(1), shape),
                n.broadcast(n.input(2), shape)));
    }
}
