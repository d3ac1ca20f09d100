package dev.systole.frontend.sy;

import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;

/**
 * A place in a text.
 *
 * @param line from 1
 * @param column from 0, in characters
 * @param length in characters; what goes on in the next line counts to the end of this one
 */
record Span(int line, int column, int length) implements Comparable<Span> {
    private static final int REST_OF_LINE = 1 << 20;

    static Span of(Token token) {
        return new Span(token.getLine(), token.getCharPositionInLine(), length(token));
    }

    static Span of(ParserRuleContext context) {
        var from = context.getStart();
        var to = context.getStop();
        int length = to.getLine() == from.getLine()
                ? to.getCharPositionInLine() + length(to) - from.getCharPositionInLine()
                : REST_OF_LINE;
        return new Span(from.getLine(), from.getCharPositionInLine(), length);
    }

    private static int length(Token token) {
        return token.getStopIndex() - token.getStartIndex() + 1;
    }

    /** The place right behind this one. */
    Span end() {
        return new Span(line, column + length, 1);
    }

    @Override
    public int compareTo(Span other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }
}
