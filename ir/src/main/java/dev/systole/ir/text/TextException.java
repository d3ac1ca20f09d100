package dev.systole.ir.text;

/** A text is not what it should be. The message names the source, line and column, and shows the line with a caret. */
public final class TextException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 120;
    private static final int LONGEST = 500;

    private final String reason;
    private final int line;
    private final int column;

    /**
     * @param source the file, as messages call it
     * @param text the whole text
     * @param at position of the fault in the text
     */
    public TextException(String source, String text, int at, String message) {
        this(source, text, at, shortened(message), lineOf(text, at), columnOf(text, at));
    }

    /** A name in a text may be as long as the text. */
    private static String shortened(String message) {
        return message.length() > LONGEST ? message.substring(0, LONGEST) + "..." : message;
    }

    private TextException(String source, String text, int at, String message, int line, int column) {
        super("%s:%d:%d: %s%s".formatted(source, line, column, message, excerpt(text, at, column)));
        this.reason = message;
        this.line = line;
        this.column = column;
    }

    /** What is wrong, without the place. */
    public String reason() {
        return reason;
    }

    /** Line of the fault, from 1. */
    public int line() {
        return line;
    }

    /** Column of the fault, from 1. */
    public int column() {
        return column;
    }

    private static int lineOf(String text, int at) {
        int line = 1;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            if (text.charAt(i) == '\n') {
                line++;
            }
        }
        return line;
    }

    private static int columnOf(String text, int at) {
        return at - text.lastIndexOf('\n', Math.min(at, text.length()) - 1);
    }

    private static String excerpt(String text, int at, int column) {
        int begin = at - (column - 1);
        int end = text.indexOf('\n', begin);
        end = end < 0 ? text.length() : end;
        int from = Math.max(begin, at - SHOWN / 2);
        var line = text.substring(from, Math.min(end, from + SHOWN)).replaceAll("\\p{Cntrl}", "?");
        return line.isBlank() ? "" : "\n  " + line + "\n  " + " ".repeat(at - from) + "^";
    }
}
