package dev.systole.frontend.array;

/** An array file cannot be read or written. The message names the file, what is wrong with it, and what to do. */
public final class ArrayFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ArrayFileException(String message) {
        super(message);
    }
}
