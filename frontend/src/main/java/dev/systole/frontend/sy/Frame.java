package dev.systole.frontend.sy;

import java.util.Optional;

/**
 * Where in the model statements are expanded, for names and for messages.
 *
 * @param path full name of the call that is expanded; empty in the model itself
 * @param iteration numbers of the loops around, each after a dot
 * @param caller of the function that is expanded
 * @param taken full names of calls, parameters and states of this path; grows
 */
record Frame(String path, String iteration, Optional<Caller> caller, FreeNames taken) {
    /** A call, and the function that it calls. */
    record Caller(Site site, String function) {}

    /** The full name of something that belongs here. */
    String full(String name) {
        return (path.isEmpty() ? "" : path + ".") + name + iteration;
    }

    /** The full name of a call, a parameter or a state; a second one of a name is numbered. */
    String unique(String name) {
        return taken.take((path.isEmpty() ? "" : path + ".") + name, iteration);
    }

    /** The name of a node of an operator. */
    String node(String operator) {
        return (path.isEmpty() ? "" : path + "/") + operator + iteration;
    }

    Frame iteration(long i) {
        return new Frame(path, iteration + "." + i, caller, taken);
    }

    Frame call(String fullName, Caller by) {
        return new Frame(fullName, "", Optional.of(by), new FreeNames());
    }
}
