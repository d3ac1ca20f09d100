package dev.systole.frontend.sy;

import java.util.ArrayList;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.InputMismatchException;
import org.antlr.v4.runtime.NoViableAltException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.IntervalSet;

/** ANTLR's recovery from syntax errors, with words of ours for what was expected and what was found. */
final class SyExpectations extends DefaultErrorStrategy {
    private static final IntervalSet EXPRESSION = new IntervalSet(
            SyParser.WHOLE,
            SyParser.REAL,
            SyParser.TEXT,
            SyParser.LIST,
            SyParser.OPEN,
            SyParser.MINUS,
            SyParser.NOT,
            SyParser.NAME,
            SyParser.STATE,
            SyParser.WEIGHTS,
            SyParser.OPSET);
    private static final IntervalSet STATEMENT = new IntervalSet(
            SyParser.LET,
            SyParser.PARAM,
            SyParser.FOR,
            SyParser.IF,
            SyParser.NAME,
            SyParser.STATE,
            SyParser.WEIGHTS,
            SyParser.OPSET,
            SyParser.NAMES);
    private static final IntervalSet OPERATOR = new IntervalSet(
            SyParser.LIST,
            SyParser.DOT,
            SyParser.POWER,
            SyParser.AT,
            SyParser.TIMES,
            SyParser.OVER,
            SyParser.MODULO,
            SyParser.PLUS,
            SyParser.MINUS,
            SyParser.EQUAL,
            SyParser.UNEQUAL,
            SyParser.LESS,
            SyParser.AT_MOST,
            SyParser.GREATER,
            SyParser.AT_LEAST,
            SyParser.AND,
            SyParser.XOR,
            SyParser.OR);
    private static final IntervalSet NAME =
            new IntervalSet(SyParser.NAME, SyParser.STATE, SyParser.WEIGHTS, SyParser.OPSET);

    private final Faults faults;

    SyExpectations(Faults faults) {
        this.faults = faults;
    }

    @Override
    protected void reportNoViableAlternative(Parser parser, NoViableAltException e) {
        report(parser, e.getOffendingToken());
    }

    @Override
    protected void reportInputMismatch(Parser parser, InputMismatchException e) {
        report(parser, e.getOffendingToken());
    }

    @Override
    protected void reportUnwantedToken(Parser parser) {
        if (!inErrorRecoveryMode(parser)) {
            beginErrorCondition(parser);
            report(parser, parser.getCurrentToken());
        }
    }

    @Override
    protected void reportMissingToken(Parser parser) {
        reportUnwantedToken(parser);
    }

    /** What is missing at the end of a line is shown there, not in the next one. Nothing is parsed once no further place is shown. */
    private void report(Parser parser, Token found) {
        boolean end = found.getType() == Token.EOF;
        var before = parser.getInputStream().LT(-1);
        boolean behind = before != null && (end || before.getLine() < found.getLine());
        var span = behind ? Span.of(before).end() : Span.of(found);
        faults.add(new Fault(
                "SYS1502",
                span,
                "expected %s, found %s"
                        .formatted(expected(parser), end ? "the end of the file" : quoted(found.getText()))));
        if (faults.hasMore()) {
            faults.check();
        }
    }

    private static String expected(Parser parser) {
        var rest = new IntervalSet(parser.getExpectedTokens());
        var words = new ArrayList<String>();
        if (take(rest, EXPRESSION, SyParser.WHOLE)) {
            words.add("an expression");
        }
        if (take(rest, OPERATOR, SyParser.POWER)) {
            words.add("an operator");
            rest.remove(SyParser.OPEN);
        }
        if (take(rest, STATEMENT, SyParser.LET)) {
            words.add("a statement");
        }
        if (take(rest, NAME, SyParser.NAME)) {
            words.add("a name");
        }
        rest.toList().forEach(t -> words.add(word(t)));
        var last = words.removeLast();
        return words.isEmpty() ? last : String.join(", ", words) + " or " + last;
    }

    /** Takes tokens out of a set if it holds one of them that stands for all. */
    private static boolean take(IntervalSet from, IntervalSet tokens, int mark) {
        boolean there = from.contains(mark);
        if (there) {
            tokens.toList().forEach(from::remove);
        }
        return there;
    }

    private static String word(int type) {
        return switch (type) {
            case SyParser.WHOLE -> "a whole number";
            case SyParser.TEXT -> "a text in quotes";
            case SyParser.NAMES -> "names in parentheses";
            case Token.EOF -> "the end of the file";
            default -> quoted(SyParser.VOCABULARY.getLiteralName(type).replaceAll("^'|'$", ""));
        };
    }

    private static String quoted(String word) {
        return "\"" + word + "\"";
    }
}
