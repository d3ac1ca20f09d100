package dev.systole.frontend.onnx;

import dev.systole.frontend.FrontendException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Makes the errors of a file, whose names stay on their line whatever they hold. */
record FileFaults(Path file) {
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]");

    FrontendException of(String code, String what) {
        return new FrontendException(code, file.getFileName() + ": " + what);
    }

    /** A name in quotes, on one line. */
    static String quoted(String name) {
        return '"' + oneLine(name) + '"';
    }

    static String oneLine(String text) {
        return CONTROL.matcher(text)
                .replaceAll(m -> "\\\\u%04x".formatted((int) m.group().charAt(0)));
    }
}
