package dev.systole.ir.graph;

/** Elementwise functions of one operand. Result type is the operand's; {@link #NOT} takes and gives booleans. */
public enum UnaryOp {
    NEG,
    ABS,
    /** -1, 0 or 1; NaN for NaN. */
    SIGN,
    FLOOR,
    CEIL,
    /** To the nearest integer, halves to even. */
    ROUND,
    EXP,
    LOG,
    SQRT,
    RSQRT,
    RECIPROCAL,
    SQUARE,
    SIN,
    COS,
    ARCTAN,
    TANH,
    SIGMOID,
    ERF,
    RELU,
    /** x Φ(x), Φ the standard normal distribution function. */
    GELU,
    /** The approximation of GELU by tanh. */
    GELU_TANH,
    SILU,
    SOFTPLUS,
    MISH,
    /** Logical negation. */
    NOT,
    /** Every bit inverted; integers only. */
    BIT_NOT;

    /** The printed name. */
    public String mnemonic() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
