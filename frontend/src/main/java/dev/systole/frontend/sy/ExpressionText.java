package dev.systole.frontend.sy;

/**
 * An expression as it is written.
 *
 * @param level of the operator that is applied last, as {@link BinaryOperator#level}; negative for what is stronger
 */
record ExpressionText(String text, int level) {
    static final int WHOLE = -2;
    static final int SIGN = -1;

    static ExpressionText whole(String text) {
        return new ExpressionText(text, WHOLE);
    }

    /** In parentheses unless its last operator is at least as strong as this. */
    String below(int strongest) {
        return level > strongest ? "(" + text + ")" : text;
    }
}
