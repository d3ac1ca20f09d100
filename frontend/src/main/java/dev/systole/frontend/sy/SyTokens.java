package dev.systole.frontend.sy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.Token;

/**
 * The words of a text, such that a parser can take them: what is no word is reported and left out, parentheses around the names of an
 * assignment are told from others, and nothing nests deeper than the stack allows. Mutable: one text.
 */
final class SyTokens {
    private static final int MOST_TOKENS = 1 << 20;

    /** Brackets and operators that one expression or block may lie in. */
    private static final int DEEPEST = 200;

    private final Faults faults;
    private final List<CommonToken> tokens = new ArrayList<>();
    private final Deque<Integer> runs = new ArrayDeque<>();

    /** Brackets and operators since the expression began, and the same summed over all brackets that are open. */
    private int run;

    private int depth;

    private SyTokens(Faults faults) {
        this.faults = faults;
    }

    /**
     * The words and comments of a text, and its end.
     *
     * @throws SyException if there are too many, or they nest too deep
     */
    static List<CommonToken> of(SourceText source, Faults faults) {
        var words = new SyTokens(faults);
        words.read(new SyLexer(CharStreams.fromString(source.text())));
        return words.tokens;
    }

    private void read(SyLexer lexer) {
        boolean strange = false;
        do {
            var token = (CommonToken) lexer.nextToken();
            boolean wasStrange = strange;
            strange = token.getType() == SyLexer.OTHER;
            if (!strange) {
                add(token);
            } else if (!wasStrange) {
                faults.add(new Fault("SYS1502", Span.of(token), quoted(token.getText()) + " means nothing here"));
            }
        } while (tokens.isEmpty() || tokens.getLast().getType() != Token.EOF);
    }

    /** What cannot be seen is shown by its number. */
    private static String quoted(String character) {
        int c = character.codePointAt(0);
        boolean seen = !Character.isISOControl(c)
                && !Character.isSpaceChar(c)
                && Character.isDefined(c)
                && Character.getType(c) != Character.FORMAT
                && Character.getType(c) != Character.SURROGATE;
        return seen ? "\"" + character + "\"" : "character U+%04X".formatted(c);
    }

    private void add(CommonToken token) {
        if (token.getType() == SyLexer.UNENDED) {
            faults.add(new Fault("SYS1502", Span.of(token), "the quotes are not closed on their line"));
            token.setType(SyLexer.TEXT);
        }
        if (token.getType() == SyLexer.BECOMES) {
            findNames();
        }
        tokens.add(token);
        measure(token.getType());
        if (tokens.size() > MOST_TOKENS || depth > DEEPEST) {
            faults.add(new Fault(
                    "SYS1502",
                    Span.of(token),
                    depth > DEEPEST
                            ? "this nests deeper than " + DEEPEST + " brackets and operators"
                            : "the text has more than " + MOST_TOKENS + " words"));
            faults.check();
        }
    }

    /** Called before "=": a parenthesis that ends there and holds nothing but names is a target. */
    private void findNames() {
        boolean closed = false;
        for (int i = tokens.size() - 1; i >= 0; i--) {
            var token = tokens.get(i);
            switch (token.getType()) {
                case SyLexer.COMMENT -> {}
                case SyLexer.CLOSE -> {
                    if (closed) {
                        return;
                    }
                    closed = true;
                }
                case SyLexer.NAME, SyLexer.STATE, SyLexer.WEIGHTS, SyLexer.OPSET, SyLexer.NONE, SyLexer.COMMA -> {
                    if (!closed) {
                        return;
                    }
                }
                case SyLexer.OPEN -> {
                    token.setType(closed ? SyParser.NAMES : SyParser.OPEN);
                    return;
                }
                default -> {
                    return;
                }
            }
        }
    }

    private void measure(int type) {
        switch (type) {
            case SyLexer.OPEN, SyLexer.LIST, SyLexer.BEGIN -> {
                lengthen(1);
                runs.push(run);
                run = 0;
            }
            case SyLexer.CLOSE, SyLexer.TSIL, SyLexer.END -> {
                lengthen(-run);
                run = runs.isEmpty() ? 0 : runs.pop();
            }
            case SyLexer.MODEL,
                    SyLexer.FN,
                    SyLexer.LET,
                    SyLexer.PARAM,
                    SyLexer.FOR,
                    SyLexer.IF,
                    SyLexer.RETURN,
                    SyLexer.COMMA,
                    SyLexer.COLON,
                    SyLexer.BECOMES,
                    SyLexer.RANGE -> lengthen(-run);
            case SyLexer.NOT,
                    SyLexer.AND,
                    SyLexer.XOR,
                    SyLexer.OR,
                    SyLexer.DOT,
                    SyLexer.EQUAL,
                    SyLexer.UNEQUAL,
                    SyLexer.AT_MOST,
                    SyLexer.AT_LEAST,
                    SyLexer.LESS,
                    SyLexer.GREATER,
                    SyLexer.POWER,
                    SyLexer.AT,
                    SyLexer.TIMES,
                    SyLexer.OVER,
                    SyLexer.MODULO,
                    SyLexer.PLUS,
                    SyLexer.MINUS -> lengthen(1);
            default -> {}
        }
    }

    private void lengthen(int by) {
        run += by;
        depth += by;
    }
}
