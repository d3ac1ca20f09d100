package dev.systole.trainium.isa;

/** An instruction breaks a documented limit of the machine. The message names the limit and the value. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LimitException(String message) {
        super(message);
    }
}
