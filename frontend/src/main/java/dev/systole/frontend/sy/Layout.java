package dev.systole.frontend.sy;

import java.util.List;
import java.util.Optional;

/** A text as the formatter sees it: words with the comments beside them, and brackets, which may be broken over lines. */
final class Layout {
    private Layout() {}

    /** A comment on a line of its own. */
    record Comment(String text, boolean afterBlankLine) {}

    sealed interface Part {
        /** The first word of it. */
        Word first();
    }

    /**
     * A word.
     *
     * @param spaceBefore false if nothing may stand between it and the word before it
     * @param spaceAfter the same of the word behind it
     * @param afterBlankLine true if a blank line precedes it, or separates it from the comments above it
     * @param above comments on the lines above it
     * @param beside a comment that ends its line
     */
    record Word(
            String text,
            boolean spaceBefore,
            boolean spaceAfter,
            boolean afterBlankLine,
            List<Comment> above,
            Optional<String> beside)
            implements Part {
        @Override
        public Word first() {
            return this;
        }

        boolean hasComment() {
            return !above.isEmpty() || beside.isPresent();
        }
    }

    /** How a bracket is broken. */
    enum Style {
        /** Never. */
        WHOLE,
        /** An item a line. */
        LINES,
        /** As many items on a line as there is room for. */
        FILLED,
        /** Always, a statement a line. */
        BLOCK,
        /** A graph's inputs stay behind the brace, then a statement a line, and the results. */
        GRAPH
    }

    /** A bracket; its items include the commas behind them. */
    record Bracket(Style style, Word open, List<List<Part>> items, Word close) implements Part {
        @Override
        public Word first() {
            return open;
        }
    }
}
