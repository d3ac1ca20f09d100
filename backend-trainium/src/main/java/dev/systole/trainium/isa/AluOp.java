package dev.systole.trainium.isa;

import java.util.List;
import java.util.Locale;

/**
 * Operators of VectorE and GpSimd, with the names of nki.isa. Comparisons and logical operators give 1 or 0; logical
 * operands are true when nonzero. Bit operators work on the raw bits of integers; shifts are logical.
 */
public enum AluOp {
    BYPASS,
    ADD,
    SUBTRACT,
    MULTIPLY,
    MAXIMUM,
    MINIMUM,
    EQUAL,
    NOT_EQUAL,
    GREATER_EQUAL,
    GREATER,
    LESS_EQUAL,
    LESS,
    LOGICAL_AND,
    LOGICAL_OR,
    LOGICAL_XOR,
    BITWISE_AND,
    BITWISE_OR,
    BITWISE_XOR,
    BITWISE_INVERT,
    LEFT_SHIFT,
    RIGHT_SHIFT,
    /** GpSimd only. */
    POWER,
    /** max(|a|, |b|), from v4 on. */
    ABS_MAX,
    /** min(|a|, |b|), from v4 on. */
    ABS_MIN,
    /** 1/sqrt(a), GpSimd tensor_scalar only; the operand is ignored. */
    RSQRT;

    static final List<AluOp> ALL = List.of(values());

    public boolean isBitwise() {
        return switch (this) {
            case BITWISE_AND, BITWISE_OR, BITWISE_XOR, BITWISE_INVERT, LEFT_SHIFT, RIGHT_SHIFT -> true;
            default -> false;
        };
    }

    public boolean isComparison() {
        return switch (this) {
            case EQUAL, NOT_EQUAL, GREATER_EQUAL, GREATER, LESS_EQUAL, LESS -> true;
            default -> false;
        };
    }

    /** True for the operators that tensor_reduce has. */
    public boolean isReduction() {
        return switch (this) {
            case ADD, SUBTRACT, MULTIPLY, MAXIMUM, MINIMUM -> true;
            case LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR, BITWISE_AND, BITWISE_OR, BITWISE_XOR -> true;
            default -> false;
        };
    }

    /**
     * The result of register arithmetic, 32 bits, wrapping.
     *
     * @throws LimitException for an operator that sequencers do not have
     */
    public int onRegisters(int a, int b) {
        return switch (this) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            default -> throw new LimitException("registers have add, subtract and multiply, not " + this);
        };
    }

    /**
     * The result of a comparison of registers.
     *
     * @throws LimitException for an operator that is no comparison
     */
    public boolean holds(int a, int b) {
        return switch (this) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case GREATER_EQUAL -> a >= b;
            case GREATER -> a > b;
            case LESS_EQUAL -> a <= b;
            case LESS -> a < b;
            default -> throw new LimitException(this + " is no comparison");
        };
    }

    /** The printed name, such as {@code logical_and}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
