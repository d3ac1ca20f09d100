package dev.systole.frontend.sy;

import dev.systole.frontend.sy.Layout.Bracket;
import dev.systole.frontend.sy.Layout.Part;
import dev.systole.frontend.sy.Layout.Style;
import dev.systole.frontend.sy.Layout.Word;
import java.nio.file.Path;
import java.util.List;

/**
 * Prints texts of the language in one way: a statement a line, blocks indented by two, a bracket that does not fit a line broken at its
 * commas. Comments stay where they are, and so does a blank line between statements. Mutable: one text.
 */
public final class SyFormatter {
    private static final int WIDTH = 120;
    private static final int INDENT = 2;

    /** Of a statement that a comment breaks. */
    private static final int CONTINUED = 4;

    private final StringBuilder out = new StringBuilder();
    private int lineBegin;

    /** What the line is indented by, and the word before, if it stands on the same line. */
    private int indent;

    private boolean afterWord;
    private boolean spaceWanted;
    private boolean lineEnds;

    private SyFormatter() {}

    /**
     * The text of a file.
     *
     * @throws dev.systole.frontend.FrontendException if there is no such file
     * @throws SyException if it is no text
     */
    public static String read(Path path) {
        return SourceText.read(path).text();
    }

    /**
     * The text as it should look; its words and comments are the same.
     *
     * @param path for messages
     * @throws SyException if the text breaks the grammar
     */
    public static String format(Path path, String text) {
        var formatter = new SyFormatter();
        formatter.file(SyFile.layout(path, text));
        return formatter.out.toString();
    }

    private void file(List<List<Part>> items) {
        for (int i = 0; i < items.size(); i++) {
            begin(items.get(i), 0, i > 0, i > 0 && i < items.size() - 1);
        }
        while (!out.isEmpty() && out.charAt(out.length() - 1) == '\n') {
            out.setLength(out.length() - 1);
        }
        if (!out.isEmpty()) {
            out.append('\n');
        }
    }

    /**
     * Prints an item on lines of its own.
     *
     * @param blank true if a blank line before it stays
     * @param apart true if there is one in any case
     */
    private void begin(List<Part> item, int indent, boolean blank, boolean apart) {
        var first = item.getFirst().first();
        boolean keeps = blank;
        boolean force = apart;
        for (var comment : first.above()) {
            line(indent, force || keeps && comment.afterBlankLine());
            out.append(comment.text());
            keeps = true;
            force = false;
        }
        line(indent, force || keeps && first.afterBlankLine());
        print(item, indent, true);
    }

    private void line(int indent, boolean afterBlankLine) {
        if (!out.isEmpty()) {
            out.append(afterBlankLine ? "\n\n" : "\n");
        }
        lineBegin = out.length();
        this.indent = indent;
        out.append(" ".repeat(indent));
        afterWord = false;
        lineEnds = false;
    }

    private int column() {
        return out.length() - lineBegin;
    }

    /** @param begun true if the comments above the first word are printed */
    private void print(List<Part> parts, int indent, boolean begun) {
        for (int i = 0; i < parts.size(); i++) {
            switch (parts.get(i)) {
                case Word w -> print(w, begun && i == 0);
                case Bracket b -> print(b, indent, behind(parts.subList(i + 1, parts.size())), begun && i == 0);
            }
        }
    }

    private void print(Word word, boolean begun) {
        int continued = indent + CONTINUED;
        if (!begun) {
            for (var comment : word.above()) {
                if (afterWord) {
                    continueAt(continued);
                }
                out.append(comment.text());
                continueAt(continued);
            }
        }
        if (lineEnds) {
            continueAt(continued);
        }
        if (afterWord && spaceWanted && word.spaceBefore()) {
            out.append(' ');
        }
        out.append(word.text());
        afterWord = true;
        spaceWanted = word.spaceAfter();
        word.beside().ifPresent(comment -> {
            out.append(word.text().isEmpty() ? "" : " ").append(comment);
            lineEnds = true;
        });
    }

    /** Goes on in a new line, which is still part of what began at the indentation before. */
    private void continueAt(int column) {
        int begun = indent;
        line(column, false);
        indent = begun;
    }

    private void print(Bracket bracket, int indent, int behind, boolean begun) {
        boolean breaks =
                isBroken(bracket) || bracket.style() != Style.WHOLE && column() + width(bracket) + behind > WIDTH;
        if (!breaks) {
            print(bracket.open(), begun);
            bracket.items().forEach(i -> print(i, indent, false));
            print(bracket.close(), false);
            return;
        }
        print(bracket.open(), begun);
        if (bracket.items().size() == 1
                && isPlainBracket(bracket.items().getFirst())
                && !bracket.open().hasComment()) {
            print(bracket.items().getFirst(), indent, false);
            print(bracket.close(), false);
            return;
        }
        int inside = indent + INDENT;
        var items = bracket.items();
        boolean filled = bracket.style() == Style.FILLED && !isBroken(bracket);
        for (int i = 0; i < items.size(); i++) {
            boolean stays = i == 0 && bracket.style() == Style.GRAPH && takesInputs(items.getFirst())
                    || filled && i > 0 && column() + 1 + width(items.get(i)) <= WIDTH;
            if (stays) {
                print(items.get(i), inside, false);
            } else {
                boolean statements = bracket.style() == Style.BLOCK || bracket.style() == Style.GRAPH;
                begin(items.get(i), inside, i > 0 && statements, false);
            }
        }
        boolean empty = items.isEmpty() && bracket.close().above().isEmpty() && !lineEnds;
        if (!empty) {
            var comments = bracket.close().above();
            for (int i = 0; i < comments.size(); i++) {
                line(inside, comments.get(i).afterBlankLine() && (i > 0 || !items.isEmpty()));
                out.append(comments.get(i).text());
            }
            line(indent, false);
        }
        spaceWanted &= !empty;
        print(bracket.close(), true);
    }

    private static boolean isPlainBracket(List<Part> item) {
        return item.size() == 1
                && item.getFirst() instanceof Bracket b
                && !b.open().hasComment()
                && !b.close().hasComment();
    }

    private static boolean takesInputs(List<Part> item) {
        return item.getLast() instanceof Word w && w.text().equals("->");
    }

    /** What must follow on the line: up to where it may be broken next. */
    private static int behind(List<Part> parts) {
        int width = 0;
        for (var part : parts) {
            switch (part) {
                case Word w -> width += width(w);
                case Bracket b when b.style() == Style.WHOLE -> width += width(b);
                case Bracket b -> {
                    return width + width(b.open());
                }
            }
        }
        return width;
    }

    private static int width(Word word) {
        return word.text().length() + (word.spaceBefore() ? 1 : 0);
    }

    private static int width(Bracket bracket) {
        return width(bracket.open())
                + bracket.items().stream().mapToInt(SyFormatter::width).sum()
                + width(bracket.close());
    }

    private static int width(List<Part> parts) {
        return parts.stream()
                .mapToInt(p -> switch (p) {
                    case Word w -> width(w);
                    case Bracket b -> width(b);
                })
                .sum();
    }

    /** True if it cannot stand on one line. */
    private static boolean isBroken(Bracket bracket) {
        boolean inputs =
                !bracket.items().isEmpty() && takesInputs(bracket.items().getFirst());
        return bracket.style() == Style.BLOCK
                || bracket.style() == Style.GRAPH && bracket.items().size() > (inputs ? 2 : 1)
                || bracket.open().beside().isPresent()
                || !bracket.close().above().isEmpty()
                || bracket.items().stream().flatMap(List::stream).anyMatch(SyFormatter::isBroken);
    }

    private static boolean isBroken(Part part) {
        return switch (part) {
            case Word w -> w.hasComment();
            case Bracket b -> isBroken(b) || b.open().hasComment() || b.close().hasComment();
        };
    }
}
