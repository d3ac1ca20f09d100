package dev.systole.frontend.onnx.operator;

import dev.systole.frontend.onnx.file.OnnxTensors;
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
            Map.entry("Erf", unary(UnaryOp.ERF)),
            Map.entry("Relu", unary(UnaryOp.RELU)),
            Map.entry("Softplus", unary(UnaryOp.SOFTPLUS)),
            Map.entry("Mish", unary(UnaryOp.MISH)),
            Map.entry("Not", unary(UnaryOp.NOT)),
            Map.entry("BitwiseNot", unary(UnaryOp.BIT_NOT)),
            Map.entry(
                    "Gelu",
                    n -> List.of(n.unary(
                            n.text("approximate", "none").equals("tanh") ? UnaryOp.GELU_TANH : UnaryOp.GELU,
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
            Map.entry("Pow", Elementwise::power),
            Map.entry("Max", variadic(BinaryOp.MAX)),
            Map.entry("Min", variadic(BinaryOp.MIN)),
            Map.entry("Sum", variadic(BinaryOp.ADD)),
            Map.entry("Mean", Elementwise::mean),
            Map.entry("Where", Elementwise::where),
            Map.entry("Clip", Elementwise::clip),
            Map.entry("Cast", Elementwise::cast),
            Map.entry(
                    "CastLike",
                    n -> List.of(
                            n.add(new Op.Cast(n.input(1).type().dtype(), n.integer("saturate", 1) != 0), n.input(0)))),
            Map.entry("Identity", n -> List.of(n.input(0))),
            Map.entry("Dropout", Elementwise::dropout));

    private Elementwise() {}

    private static OperatorRule.OfTensors unary(UnaryOp f) {
        return n -> List.of(n.unary(f, n.input(0)));
    }

    private static OperatorRule.OfTensors binary(BinaryOp f) {
        return n -> {
            var b = n.input(1);
            if (n.since() < 7 && n.integer("broadcast", 0) != 0) {
                b = aligned(n, b);
            }
            return List.of(n.binary(f, n.input(0), b));
        };
    }

    /** Before opset 7 the second operand's dimensions were matched from an axis of the first one on. */
    private static Value aligned(OnnxNode n, Value b) {
        int rank = n.input(0).type().shape().rank();
        int own = b.type().shape().rank();
        int axis = n.hasAttribute("axis") ? n.axis(n.integer("axis", 0), rank) : rank - own;
        var dims = new long[rank];
        java.util.Arrays.fill(dims, 1);
        if (axis + own > rank) {
            throw n.fault("operand " + b.type() + " does not fit from axis " + axis + " on");
        }
        System.arraycopy(b.type().shape().toArray(), 0, dims, axis, own);
        return n.reshape(b, Shape.of(dims));
    }

    /** The exponent's type may differ from the base's, which is the result's. */
    private static List<Value> power(OnnxNode n) {
        var base = n.input(0);
        var exponent = n.since() < 7 && n.integer("broadcast", 0) != 0 ? aligned(n, n.input(1)) : n.input(1);
        var from = base.type().dtype();
        if (from.isInteger() && exponent.type().dtype().isFloat()) {
            var wide = n.binary(BinaryOp.POW, n.cast(base, DType.F32), n.cast(exponent, DType.F32));
            return List.of(n.cast(wide, from));
        }
        return List.of(n.binary(BinaryOp.POW, base, n.cast(exponent, from)));
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

    /** Bounds were attributes before opset 11. */
    private static List<Value> clip(OnnxNode n) {
        var x = n.input(0);
        if (n.since() < 11) {
            x = n.hasAttribute("min") ? n.binary(BinaryOp.MAX, x, n.real("min", 0)) : x;
            return List.of(n.hasAttribute("max") ? n.binary(BinaryOp.MIN, x, n.real("max", 0)) : x);
        }
        x = n.has(1) ? n.binary(BinaryOp.MAX, x, n.input(1)) : x;
        return List.of(n.has(2) ? n.binary(BinaryOp.MIN, x, n.input(2)) : x);
    }

    private static List<Value> cast(OnnxNode n) {
        int number = n.since() < 6 ? numberOf(n.text("to", "")) : (int) n.integer("to", 0);
        var to = OnnxTensors.dtype(number).orElseThrow(() -> n.fault("cannot cast to ONNX element type " + number));
        return List.of(n.add(new Op.Cast(to, n.integer("saturate", 1) != 0), n.input(0)));
    }

    /** Before opset 6 the type was given by its name. */
    private static int numberOf(String name) {
        var names = List.of(
                "UNDEFINED",
                "FLOAT",
                "UINT8",
                "INT8",
                "UINT16",
                "INT16",
                "INT32",
                "INT64",
                "STRING",
                "BOOL",
                "FLOAT16",
                "DOUBLE",
                "UINT32",
                "UINT64");
        return Math.max(0, names.indexOf(name));
    }

    /** Inference: the input, and a mask that keeps everything. */
    private static List<Value> dropout(OnnxNode n) {
        boolean training = n.has(2) && n.known(n.input(2)).isEmpty()
                || n.has(2) && n.longs(2).getFirst() != 0
                || n.since() < 7 && n.integer("is_test", 0) == 0;
        if (training) {
            throw n.fault("training mode is not supported; set training_mode to false");
        }
        var x = n.input(0);
        return n.wants(1)
                ? List.of(
                        x,
                        n.splat(
                                n.since() < 10 ? x.type().dtype() : DType.BOOL,
                                x.type().shape(),
                                1))
                : List.of(x);
    }
}
