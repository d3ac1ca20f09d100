package dev.systole.cli.conformance;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a case fared.
 *
 * @param operator that it was refused for, if there is one
 * @param reason why it was refused or failed; empty if it passed
 * @param bound names of inputs that were bound
 */
record CaseResult(
        Case test, Status status, Optional<String> operator, String reason, List<String> bound, long milliseconds) {
    /** Passed, refused with an error that says why, or failed. */
    enum Status {
        PASSED,
        REFUSED,
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
