package dev.systole.emulator;

/** An instruction reads bytes that nothing wrote. */
final class UnwrittenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnwrittenException(String message) {
        super(message);
    }
}
