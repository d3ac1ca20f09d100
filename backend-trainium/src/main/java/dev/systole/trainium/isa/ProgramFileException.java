package dev.systole.trainium.isa;

/** A file is not a program that can be read, or cannot be written. The message starts with a code and names the file. */
public final class ProgramFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProgramFileException(String code, String message) {
        super(code + " " + message);
    }
}
