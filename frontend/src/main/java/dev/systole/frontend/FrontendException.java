package dev.systole.frontend;

/** A model or an array cannot be read. The message starts with a code, names the file and node, and says what to do. */
public final class FrontendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FrontendException(String code, String message) {
        super(code + " " + message);
    }
}
