package dev.systole.ir.tile;

/** A tile program did what it must not: read what nothing wrote, or a row that does not exist. The message names the statement. */
public final class TileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TileException(String message) {
        super(message);
    }
}
