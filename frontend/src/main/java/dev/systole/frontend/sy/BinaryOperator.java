package dev.systole.frontend.sy;

import java.util.Arrays;
import java.util.Optional;

/** Operators between two operands, strongest first, with the ONNX operators that they mean. */
enum BinaryOperator {
    POWER("**", "Pow", 0),
    MATMUL("@", "MatMul", 1),
    TIMES("*", "Mul", 2),
    OVER("/", "Div", 2),
    MODULO("%", "Mod", 2),
    PLUS("+", "Add", 3),
    MINUS("-", "Sub", 3),
    EQUAL("==", "Equal", 4),
    UNEQUAL("!=", "Equal", 4),
    LESS("<", "Less", 4),
    AT_MOST("<=", "LessOrEqual", 4),
    GREATER(">", "Greater", 4),
    AT_LEAST(">=", "GreaterOrEqual", 4),
    AND("and", "And", 5),
    XOR("xor", "Xor", 6),
    OR("or", "Or", 7);

    private final String symbol;
    private final String onnx;
    private final int level;

    BinaryOperator(String symbol, String onnx, int level) {
        this.symbol = symbol;
        this.onnx = onnx;
        this.level = level;
    }

    /** The ONNX operator; that of {@link #UNEQUAL} is negated. */
    String onnx() {
        return onnx;
    }

    /** Weaker operators have higher ones. */
    int level() {
        return level;
    }

    static BinaryOperator of(String symbol) {
        return Arrays.stream(values())
                .filter(o -> o.symbol.equals(symbol))
                .findFirst()
                .orElseThrow();
    }

    /** The operator that an ONNX operator on two tensors is written with. */
    static Optional<BinaryOperator> forOnnx(String operator) {
        return Arrays.stream(values())
                .filter(o -> o.onnx.equals(operator) && o != UNEQUAL && o != MODULO)
                .findFirst();
    }

    @Override
    public String toString() {
        return symbol;
    }
}
