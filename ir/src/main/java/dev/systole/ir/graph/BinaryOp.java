package dev.systole.ir.graph;

/**
 * Elementwise functions of two operands of equal type. Comparisons give booleans; logical operators take and give
 * booleans; bit operators and shifts take integers; everything else gives the operands' type.
 */
public enum BinaryOp {
    ADD,
    SUB,
    MUL,
    /** Quotient; integers truncate toward zero. */
    DIV,
    POW,
    /** Remainder with the sign of the dividend, as C's fmod and %. */
    REM,
    MAX,
    MIN,
    EQ,
    NE,
    LT,
    LE,
    GT,
    GE,
    AND,
    OR,
    XOR,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    /** Counts that are negative or not less than the width give zero. */
    SHIFT_LEFT,
    /** Logical for unsigned types, arithmetic for signed ones; counts that are negative or not less than the width shift everything out. */
    SHIFT_RIGHT;

    public boolean isComparison() {
        return ordinal() >= EQ.ordinal() && ordinal() <= GE.ordinal();
    }

    public boolean isLogical() {
        return this == AND || this == OR || this == XOR;
    }

    public boolean isBitwise() {
        return ordinal() >= BIT_AND.ordinal();
    }

    /** True if the operands may be exchanged. */
    public boolean isCommutative() {
        return switch (this) {
            case ADD, MUL, MAX, MIN, EQ, NE, AND, OR, XOR, BIT_AND, BIT_OR, BIT_XOR -> true;
            default -> false;
        };
    }

    /** The printed name. */
    public String mnemonic() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
