package dev.systole.frontend.sy;

import java.util.List;

/**
 * Something that is wrong at a place of a text.
 *
 * @param code such as {@code SYS1503}
 * @param hints lines that say what to do, or where it comes from
 */
record Fault(String code, Span span, String message, List<String> hints) {
    Fault {
        hints = List.copyOf(hints);
    }

    Fault(String code, Span span, String message) {
        this(code, span, message, List.of());
    }
}
