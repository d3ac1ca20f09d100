package dev.systole.cli.conformance;

import java.util.Locale;

/**
 * How a case fared.
 *
 * @param reason why it was refused or failed; empty if it passed
 */
record CaseResult(Case test, Status status, String reason, long milliseconds) {
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
