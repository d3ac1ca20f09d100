package dev.systole.ir.graph;

/** An operation was given operands that it does not take. The message names the operator and the rule. */
public final class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GraphException(String message) {
        super(message);
    }
}
