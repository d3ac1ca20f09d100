package dev.systole.frontend.sy;

import dev.systole.frontend.FrontendException;
import dev.systole.ir.text.TextException;
import dev.systole.ir.text.Utf8;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A text and the file that it is from, as errors show them.
 *
 * @param path of the file; files that the text names lie beside it
 */
record SourceText(Path path, String text) {
    private static final int MOST_BYTES = 16 << 20;
    private static final int SHOWN = 120;

    /**
     * @throws FrontendException if the text is longer than 16 MiB
     * @throws SyException if it holds a NUL
     */
    SourceText {
        if (text.length() > MOST_BYTES) {
            throw tooLong(path, text.length());
        }
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw noText(path, text, nul, "a NUL stands here; the file is not a text in UTF-8");
        }
    }

    /**
     * Reads a file; a byte order mark at its beginning is no part of the text.
     *
     * @throws FrontendException if there is no such file, or it is longer than 16 MiB
     * @throws SyException if it is not a text in UTF-8
     */
    static SourceText read(Path path) {
        if (Files.isDirectory(path)) {
            throw new FrontendException("SYS1501", path + ": is a directory; name a file in it");
        }
        if (!Files.isRegularFile(path)) {
            throw new FrontendException("SYS1501", path + ": no such file");
        }
        try {
            if (Files.size(path) > MOST_BYTES) {
                throw tooLong(path, Files.size(path));
            }
            return new SourceText(path, decoded(path, Files.readAllBytes(path)));
        } catch (AccessDeniedException e) {
            throw new FrontendException("SYS1501", path + ": access denied");
        } catch (IOException e) {
            throw new FrontendException("SYS1501", path + ": cannot be read: " + e.getMessage());
        }
    }

    private static FrontendException tooLong(Path path, long length) {
        return new FrontendException(
                "SYS1501",
                "%s: has %d bytes; a model's text has at most %d, weights belong in a file of their own"
                        .formatted(path, length, MOST_BYTES));
    }

    private static String decoded(Path path, byte[] bytes) {
        try {
            return Utf8.decode(path.toString(), bytes);
        } catch (TextException e) {
            throw new SyException("%s:%d:%d: error SYS1501: %s".formatted(path, e.line(), e.column(), e.reason()));
        }
    }

    private static SyException noText(Path path, String text, int at, String why) {
        int begin = text.lastIndexOf('\n', at - 1) + 1;
        long line = 1 + text.chars().limit(begin).filter(c -> c == '\n').count();
        int column = 1 + text.codePointCount(begin, at);
        return new SyException("%s:%d:%d: error SYS1501: %s".formatted(path, line, column, why));
    }

    /** An error as it is shown: file, line and column, code, what is wrong, the line with a mark under the place, hints. */
    String describe(Fault fault) {
        var span = fault.span();
        var described = "%s:%d:%d: error %s: %s%s"
                .formatted(path, span.line(), span.column() + 1, fault.code(), fault.message(), excerpt(span));
        return fault.hints().isEmpty() ? described : described + "\n" + String.join("\n", fault.hints());
    }

    private String excerpt(Span span) {
        int[] line = line(span.line());
        if (span.column() > line.length) {
            return "";
        }
        int begin = 0;
        while (begin < span.column() && Character.isWhitespace(line[begin])) {
            begin++;
        }
        begin = Math.max(begin, span.column() - SHOWN / 2);
        int end = Math.min(line.length, begin + SHOWN);
        var shown = new StringBuilder();
        for (int i = begin; i < end; i++) {
            shown.appendCodePoint(line[i] == '\t' ? ' ' : Character.isISOControl(line[i]) ? '?' : line[i]);
        }
        int marks = Math.clamp(span.length(), 1, Math.max(1, end - span.column()));
        return shown.toString().isBlank()
                ? ""
                : "\n  " + shown.toString().stripTrailing() + "\n  " + " ".repeat(span.column() - begin) + "^"
                        + "~".repeat(marks - 1);
    }

    /** The characters of a line, without its end. */
    private int[] line(int number) {
        int begin = 0;
        for (int n = 1; n < number; n++) {
            begin = text.indexOf('\n', begin) + 1;
        }
        int end = text.indexOf('\n', begin);
        return text.substring(begin, end < 0 ? text.length() : end)
                .stripTrailing()
                .codePoints()
                .toArray();
    }
}
