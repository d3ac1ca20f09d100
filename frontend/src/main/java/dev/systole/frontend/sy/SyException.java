package dev.systole.frontend.sy;

/**
 * A text is not a model. The message says of every place that is wrong {@code FILE:LINE:COLUMN: error CODE: what}, with the line and a
 * mark under the place.
 */
public final class SyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SyException(String message) {
        super(message);
    }
}
