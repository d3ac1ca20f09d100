package dev.systole.cli.bench;

import java.util.regex.Pattern;

/** Names of workloads. */
final class Names {
    private Names() {}

    /** True if a name contains what a filter says, in which {@code *} stands for any characters. */
    static boolean matches(String filter, String name) {
        var pattern = String.join(
                ".*",
                java.util.Arrays.stream(filter.split("\\*", -1))
                        .map(Pattern::quote)
                        .toList());
        return Pattern.compile(pattern).matcher(name).find();
    }
}
