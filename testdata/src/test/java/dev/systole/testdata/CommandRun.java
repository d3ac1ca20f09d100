package dev.systole.testdata;

import dev.systole.cli.Systole;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/**
 * What a command printed and how it ended.
 *
 * @param code the exit code
 */
record CommandRun(int code, String out, String err) {
    static CommandRun systole(Object... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Systole.execute(
                Arrays.stream(args).map(Object::toString).toArray(String[]::new),
                new PrintWriter(out),
                new PrintWriter(err));
        return new CommandRun(code, out.toString(), err.toString());
    }
}
