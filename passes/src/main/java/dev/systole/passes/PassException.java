package dev.systole.passes;

/** A model cannot be compiled. The message starts with a code, names the node, and says what to do. */
public final class PassException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PassException(String message) {
        super(message);
    }
}
