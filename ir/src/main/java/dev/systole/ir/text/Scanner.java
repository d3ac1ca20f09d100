package dev.systole.ir.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a text apart: symbols, names, numbers and quoted strings, with white space between them ignored. A comment runs from {@code //}
 * to the end of its line; it is white space unless {@link #comment} asks for it. Mutable.
 */
public final class Scanner {
    private static final int DEEPEST = 64;
    private static final int LONGEST_LIST = 4096;

    /** Of a number of 64 bits, with its sign. */
    private static final int MOST_DIGITS = 20;

    private final String text;
    private final String source;
    private int at;
    private int depth;
    private final Map<String, Long> symbols = new HashMap<>();

    /** @param source the file, as messages call it */
    public Scanner(String text, String source) {
        this.text = text;
        this.source = source;
    }

    /** A fault at the place that is read next. */
    public TextException fault(String message) {
        return fault(message, at);
    }

    /** A fault at a place that {@link #mark} gave. */
    public TextException fault(String message, int place) {
        return new TextException(source, text, place, message);
    }

    /** The place that is read next. */
    public int mark() {
        skip();
        return at;
    }

    private void skip() {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else {
                return;
            }
        }
    }

    public boolean isAtEnd() {
        skip();
        return at >= text.length();
    }

    /** What a comment says that stands before anything else on the rest of this line. */
    public Optional<String> comment() {
        int i = at;
        while (i < text.length() && text.charAt(i) == ' ') {
            i++;
        }
        if (!text.startsWith("//", i)) {
            return Optional.empty();
        }
        int end = text.indexOf('\n', i);
        at = end < 0 ? text.length() : end;
        return Optional.of(text.substring(i + 2, at).strip());
    }

    /** What a comment says that stands before anything else in what follows, on this line or a later one. */
    public Optional<String> commentBefore() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return comment();
    }

    /** Reads a symbol if it is what follows. */
    public boolean accept(String symbol) {
        skip();
        if (text.startsWith(symbol, at)) {
            at += symbol.length();
            return true;
        }
        return false;
    }

    /** Reads a symbol if it is what follows on this line, and passes over nothing else. */
    public boolean acceptOnLine(String symbol) {
        int i = at;
        while (i < text.length() && text.charAt(i) == ' ') {
            i++;
        }
        if (!text.startsWith(symbol, i)) {
            return false;
        }
        at = i + symbol.length();
        return true;
    }

    /** True if a symbol is what follows. */
    public boolean sees(String symbol) {
        skip();
        return text.startsWith(symbol, at);
    }

    /** @throws TextException if something else follows */
    public void expect(String symbol) {
        if (!accept(symbol)) {
            throw fault("expected \"" + symbol + "\"");
        }
    }

    private static boolean isWord(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }

    /** True if a word is what follows, and nothing that only begins with it. */
    public boolean seesWord(String word) {
        int end = mark() + word.length();
        return text.startsWith(word, at) && (end >= text.length() || !isWord(text.charAt(end)));
    }

    /** Reads a word if it is what follows, and nothing that only begins with it. */
    public boolean acceptWord(String word) {
        if (!seesWord(word)) {
            return false;
        }
        at += word.length();
        return true;
    }

    /** Reads a comma and a word behind it, if both are what follows. */
    public boolean acceptAfterComma(String word) {
        int before = at;
        if (accept(",") && acceptWord(word)) {
            return true;
        }
        at = before;
        return false;
    }

    /** @throws TextException if something else follows */
    public void expectWord(String word) {
        if (!acceptWord(word)) {
            throw fault("expected \"" + word + "\"");
        }
    }

    /**
     * A name of letters, digits and underscores.
     *
     * @param what it names, for the message
     */
    public String word(String what) {
        skip();
        int start = at;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        if (start == at) {
            throw fault("expected " + what);
        }
        return text.substring(start, at);
    }

    /** Lets a name stand for a whole number from here on. */
    public void define(String name, long value) {
        symbols.put(name, value);
    }

    /** A whole number with an optional sign, or a name that stands for one. */
    public long integer(String what) {
        skip();
        int start = at;
        if (at < text.length() && Character.isLetter(text.charAt(at))) {
            var name = word(what);
            if (!symbols.containsKey(name)) {
                throw fault("expected " + what + ", a whole number; \"" + name + "\" is not defined", start);
            }
            return symbols.get(name);
        }
        if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
            at++;
        }
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        try {
            if (at - start <= MOST_DIGITS) {
                return Long.parseLong(text.substring(start, at));
            }
        } catch (NumberFormatException e) {
            // The fault is the same as that of a longer number.
        }
        at = start;
        throw fault("expected " + what + ", a whole number");
    }

    /** A whole number between bounds. */
    public int integer(String what, int low, int high) {
        int place = mark();
        long value = integer(what);
        if (value < low || value > high) {
            throw fault(what + " is " + value + "; it lies in " + low + ".." + high, place);
        }
        return (int) value;
    }

    /** A number as Java prints it: digits with point and exponent, {@code NaN}, {@code Infinity}. */
    public String number(String what) {
        skip();
        int start = at;
        if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
            at++;
        }
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean sign = (c == '-' || c == '+') && (text.charAt(at - 1) == 'E' || text.charAt(at - 1) == 'e');
            if (!sign && c != '.' && !isWord(c)) {
                break;
            }
            // Two points are a range, not a number.
            if (c == '.' && text.startsWith("..", at)) {
                break;
            }
            at++;
        }
        if (start == at) {
            throw fault("expected " + what + ", a number");
        }
        return text.substring(start, at);
    }

    /** A number as f64. */
    public double real(String what) {
        int place = mark();
        try {
            return Double.parseDouble(number(what));
        } catch (NumberFormatException e) {
            throw fault("expected " + what + ", a number", place);
        }
    }

    /** A quoted string, as {@link #quoted} writes it. */
    public String string(String what) {
        skip();
        if (at >= text.length() || text.charAt(at) != '"') {
            throw fault("expected " + what + " in quotes");
        }
        int start = at++;
        var value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\n') {
            char c = text.charAt(at++);
            if (c != '\\') {
                value.append(c);
                continue;
            }
            char escaped = at < text.length() ? text.charAt(at++) : '\n';
            switch (escaped) {
                case 'n' -> value.append('\n');
                case 'r' -> value.append('\r');
                case 't' -> value.append('\t');
                case '"', '\\' -> value.append(escaped);
                case 'u' -> {
                    if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-f]{4}")) {
                        throw fault("four hexadecimal digits follow \\u", at - 2);
                    }
                    value.append((char) Integer.parseInt(text, at, at + 4, 16));
                    at += 4;
                }
                default -> throw fault("there is no escape like this", at - 2);
            }
        }
        if (at >= text.length() || text.charAt(at) != '"') {
            throw fault("the string does not end on its line", start);
        }
        at++;
        return value.toString();
    }

    /** A string in quotes, with quotes, backslashes and control characters escaped. */
    public static String quoted(String value) {
        return '"' + escaped(value).replace("\"", "\\\"") + '"';
    }

    /** A string with backslashes and control characters escaped, so that it stays on its line. */
    public static String escaped(String value) {
        var out = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || Character.isSurrogate(c)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    /** What {@link #escaped} was made from. */
    public String unescaped(String value) {
        return value.contains("\\")
                ? new Scanner('"' + value.replace("\"", "\\\"") + '"', source).string("text")
                : value;
    }

    /** Whole numbers in brackets, not more than anything has of a kind. */
    public List<Long> integers(String what) {
        int place = mark();
        expect("[");
        var list = new ArrayList<Long>();
        if (accept("]")) {
            return list;
        }
        do {
            if (list.size() == LONGEST_LIST) {
                throw fault("a list of more than " + LONGEST_LIST + " numbers", place);
            }
            list.add(integer(what));
        } while (accept(","));
        expect("]");
        return list;
    }

    /**
     * Enters something that can contain its like.
     *
     * @throws TextException if it is nested too deeply
     */
    public void enter() {
        if (++depth > DEEPEST) {
            throw fault("nested more than " + DEEPEST + " deep");
        }
    }

    /** Leaves what {@link #enter} entered. */
    public void leave() {
        depth--;
    }
}
