package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Layout.Bracket;
import dev.systole.frontend.sy.Layout.Comment;
import dev.systole.frontend.sy.Layout.Part;
import dev.systole.frontend.sy.Layout.Style;
import dev.systole.frontend.sy.Layout.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;

/** Lays out the words of a text by its parse tree. Mutable: one text. */
final class LayoutBuilder {
    private final List<? extends Token> tokens;
    private final Map<Integer, ParserRuleContext> parents = new HashMap<>();
    private final Set<Integer> beginnings = new HashSet<>();
    private int next;

    /** @param tokens words and comments of the text, and its end */
    LayoutBuilder(List<? extends Token> tokens, SyParser.FileContext tree) {
        this.tokens = tokens;
        visit(tree);
    }

    private void visit(ParserRuleContext context) {
        switch (context) {
            case SyParser.ModelContext c -> begins(c);
            case SyParser.FunctionContext c -> begins(c);
            case SyParser.StatementContext c -> begins(c);
            case SyParser.GivingContext c -> begins(c);
            case SyParser.GraphContext c when c.giving() == null -> begins(c.expression(0));
            default -> {}
        }
        for (ParseTree child : context.children == null ? List.<ParseTree>of() : context.children) {
            if (child instanceof TerminalNode t) {
                parents.put(t.getSymbol().getTokenIndex(), context);
            } else {
                visit((ParserRuleContext) child);
            }
        }
    }

    private void begins(ParserRuleContext context) {
        beginnings.add(context.getStart().getTokenIndex());
    }

    /** The models and functions of the text, and its end with the comments above it. */
    List<List<Part>> file() {
        var items = new ArrayList<List<Part>>();
        skipComments();
        while (type() != Token.EOF) {
            items.add(item());
        }
        items.add(List.of(word()));
        return items;
    }

    private int type() {
        return tokens.get(next).getType();
    }

    private void skipComments() {
        while (type() == SyLexer.COMMENT) {
            next++;
        }
    }

    /** Words up to a comma, which is included, to the end of a bracket, or to where something new begins. */
    private List<Part> item() {
        var parts = new ArrayList<Part>();
        do {
            var parent = parents.get(next);
            switch (type()) {
                case SyLexer.OPEN, SyParser.NAMES, SyLexer.LIST, SyLexer.BEGIN -> parts.add(bracket(parent));
                case SyLexer.COMMA -> {
                    parts.add(word());
                    if (!(parent instanceof SyParser.GraphContext || parent instanceof SyParser.GivingContext)) {
                        return parts;
                    }
                }
                default -> parts.add(word());
            }
        } while (!isClosing(type()) && type() != Token.EOF && !beginnings.contains(next));
        return parts;
    }

    private static boolean isClosing(int type) {
        return type == SyLexer.CLOSE || type == SyLexer.TSIL || type == SyLexer.END;
    }

    private Bracket bracket(ParserRuleContext parent) {
        int type = type();
        var open = word();
        var items = new ArrayList<List<Part>>();
        while (!isClosing(type())) {
            items.add(item());
        }
        return new Bracket(style(type, parent, items), open, items, word());
    }

    private static Style style(int open, ParserRuleContext parent, List<List<Part>> items) {
        if (open == SyLexer.BEGIN) {
            return parent instanceof SyParser.GraphContext ? Style.GRAPH : Style.BLOCK;
        }
        if (open != SyLexer.LIST) {
            return Style.LINES;
        }
        boolean plain = items.stream().flatMap(List::stream).allMatch(Word.class::isInstance);
        return parent instanceof SyParser.ListContext ? plain ? Style.FILLED : Style.LINES : Style.WHOLE;
    }

    private boolean isComment(int at) {
        return at >= 0 && at < tokens.size() && tokens.get(at).getType() == SyLexer.COMMENT;
    }

    private String comment(int at) {
        return tokens.get(at).getText().stripTrailing();
    }

    private Word word() {
        var token = tokens.get(next);
        int from = next;
        while (isComment(from - 1)) {
            from--;
        }
        int line = from == 0 ? 0 : tokens.get(from - 1).getLine();
        var above = new ArrayList<Comment>();
        for (int i = from; i < next; i++) {
            int at = tokens.get(i).getLine();
            if (at != line) {
                above.add(new Comment(comment(i), at > line + 1));
            }
            line = at;
        }
        boolean ends = isComment(next + 1) && tokens.get(next + 1).getLine() == token.getLine();
        var word = new Word(
                token.getType() == Token.EOF ? "" : token.getText(),
                spaceBefore(token.getType(), next),
                spaceAfter(token.getType(), parents.get(next)),
                token.getLine() > line + 1,
                above,
                ends ? Optional.of(comment(next + 1)) : Optional.empty());
        next++;
        if (next < tokens.size()) {
            skipComments();
        }
        return word;
    }

    private boolean spaceBefore(int type, int at) {
        var parent = parents.get(at);
        return switch (type) {
            case SyLexer.OPEN ->
                parent instanceof SyParser.GroupContext
                        || parent instanceof SyParser.ResultsContext
                        || follows(SyLexer.ARROW, at);
            case SyLexer.LIST -> parent instanceof SyParser.ListContext;
            case SyLexer.CLOSE, SyLexer.TSIL, SyLexer.COMMA, SyLexer.DOT, SyLexer.RANGE -> false;
            case SyLexer.COLON -> parent.getStart().getTokenIndex() == at;
            case SyLexer.BECOMES -> !(parent instanceof SyParser.ArgumentContext);
            default -> true;
        };
    }

    private boolean follows(int type, int at) {
        int before = at - 1;
        while (isComment(before)) {
            before--;
        }
        return before >= 0 && tokens.get(before).getType() == type;
    }

    private static boolean spaceAfter(int type, ParserRuleContext parent) {
        return switch (type) {
            case SyLexer.OPEN, SyParser.NAMES, SyLexer.LIST, SyLexer.DOT, SyLexer.RANGE -> false;
            case SyLexer.COLON -> !(parent instanceof SyParser.IndexContext);
            case SyLexer.BECOMES -> !(parent instanceof SyParser.ArgumentContext);
            case SyLexer.MINUS -> !(parent instanceof SyParser.UnaryContext);
            default -> true;
        };
    }
}
