package dev.systole.emulator;

/** A program or its inputs cannot be run. The message starts with a code and says where and why. */
public final class EmulatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EmulatorException(String code, String message) {
        super(code + " " + message);
    }
}
