package dev.systole.ir.target;

/** A target does not exist, or its description is not one. The message names the file and every parameter at fault. */
public final class TargetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TargetException(String message) {
        super(message);
    }
}
