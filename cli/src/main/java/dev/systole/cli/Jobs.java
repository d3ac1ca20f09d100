package dev.systole.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How many threads of the host a command uses. */
final class Jobs {
    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "threads of the host (default: one for each of its cores); results do not depend on it",
            converter = Positive.class)
    int count = Runtime.getRuntime().availableProcessors();

    /** Reads a whole number of at least 1. */
    static final class Positive implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            try {
                int n = Integer.parseInt(text);
                if (n >= 1) {
                    return n;
                }
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a whole number");
            }
            throw new TypeConversionException("'" + text + "' is not at least 1");
        }
    }
}
